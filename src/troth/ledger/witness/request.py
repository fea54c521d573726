"""One connection to the witness: HTTP in, HTTP out, within the limits of bytes and seconds (C2SP tlog-witness)."""

from __future__ import annotations

import io
import re
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from troth.errors import TrothError
from troth.ledger.witness.protocol import TEXT, Answer

if TYPE_CHECKING:
    from troth.ledger.witness.server import WitnessServer

LARGEST_BODY = 1 << 19
"""Bytes of a request's body: 64 ML-DSA-44 signatures and a proof fit in."""

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile(r"[0-9]{1,15}")


class Handler(BaseHTTPRequestHandler):
    """Serves one connection, request after request, until it is closed or a limit is passed."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    # Who does not tell a version gets a status line all the same.
    default_request_version = "HTTP/1.0"
    server_version = "troth-witness"
    sys_version = ""
    error_message_format = "%(message)s\n"
    error_content_type = TEXT
    # Head and body of an answer leave together.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read the connection through its time limit."""
        super().setup()
        self.rfile.close()
        self._incoming = _Incoming(self.connection)
        self.rfile = io.BufferedReader(self._incoming)
        self._about = ""

    def handle_one_request(self) -> None:
        """Serve a request. Its time begins here."""
        self.requestline, self._about = "", ""
        self._incoming.until = time.monotonic() + self.server.patience
        super().handle_one_request()

    def do_POST(self) -> None:
        """``POST /add-checkpoint``."""
        body = self._body()
        if isinstance(body, Answer):
            # What is left of the body cannot be told from a next request.
            self.close_connection = True
            self._send(body)
        elif self.path == "/add-checkpoint":
            self._answer(lambda: self.server.witness.add_checkpoint(body))
        else:
            self._send(_NOT_FOUND)

    def do_GET(self) -> None:
        """``GET /<origin hash>/checkpoint``."""
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True
        found = _CHECKPOINT.fullmatch(self.path)
        if found:
            self._answer(lambda: self.server.witness.checkpoint(found[1]))
        elif self.path == "/add-checkpoint":
            self._send(_refuse(HTTPStatus.METHOD_NOT_ALLOWED, "checkpoints are sent by POST"), allow="POST")
        else:
            self._send(_NOT_FOUND)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer. The time to take it begins here."""
        self.connection.settimeout(self.server.patience)
        super().send_response(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        """Log one line for an answer."""
        status = int(code) if isinstance(code, int) else code
        self.server.tell(self.client_address[0], f'"{self.requestline}" {status} {self._about}'.rstrip())

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002 — the names of http.server
        """Log a connection whose time was up; every other error is logged with its answer."""
        if args and isinstance(args[0], TimeoutError):
            self.server.tell(self.client_address[0], f'"{self.requestline}" out of time')

    def _body(self) -> bytes | Answer:
        lengths = self.headers.get_all("Content-Length", [])
        if not lengths or "Transfer-Encoding" in self.headers:
            return _refuse(HTTPStatus.LENGTH_REQUIRED, "the request does not tell its length")
        if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]):
            return _refuse(HTTPStatus.BAD_REQUEST, "the length of the request is not a number")
        length = int(lengths[0])
        if length > LARGEST_BODY:
            return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {LARGEST_BODY} bytes")
        body = self.rfile.read(length)
        return body if len(body) == length else _refuse(HTTPStatus.BAD_REQUEST, "the request ends too early")

    def _answer(self, call: Callable[[], Answer]) -> None:
        try:
            answer = call()
        except TrothError as problem:
            body = b"the witness cannot answer; its operator finds the reason in its log\n"
            answer = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, body, about=str(problem))
        self._send(answer)

    def _send(self, answer: Answer, allow: str = "") -> None:
        self._about = answer.about
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        if allow:
            self.send_header("Allow", allow)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)


class _Incoming(io.RawIOBase):
    """What a client sends, until its time is up."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.until = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the request is up")
        self.connection.settimeout(left)
        return self.connection.recv_into(buffer)


def _refuse(status: HTTPStatus, what: str) -> Answer:
    return Answer(status, f"{what}\n".encode(), about=what)


_NOT_FOUND = _refuse(HTTPStatus.NOT_FOUND, "there is POST /add-checkpoint and GET /<origin hash>/checkpoint")

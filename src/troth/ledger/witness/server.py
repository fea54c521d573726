"""The witness's door to the network: plain HTTP, meant for loopback or a place behind a proxy that adds TLS.

Who sends it requests can take up its time, within limits: so many connections, so many bytes, so many seconds.
"""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any

from troth.errors import UsageError
from troth.ledger.witness.cosigner import Witness
from troth.ledger.witness.plain_line import plain_line
from troth.ledger.witness.request import Handler
from troth.types.moment import format_moment

MOST_CONNECTIONS = 64
"""Connections that are served at a time; who comes on top is turned away."""
PATIENCE = 20.0
"""Seconds that a client has for one whole request, and again to take the answer."""


class WitnessServer(ThreadingHTTPServer):
    """Serves a witness on one address, a thread for each connection. Raises `UsageError` where it cannot listen.

    ``log`` is given one plain line for each request. ``patience`` is in seconds.
    """

    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(
        self, witness: Witness, host: str, port: int, log: Callable[[str], None], patience: float = PATIENCE
    ) -> None:
        self.witness = witness
        self.patience = patience
        self._log = log
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        try:
            super().__init__((host, port), Handler)
        except (OSError, OverflowError) as problem:
            raise UsageError(
                f"cannot listen on {host}:{port}: {problem}", remedy="choose another address with --listen"
            ) from problem

    def server_bind(self) -> None:
        """Take the address. The name of the host is not looked up: nobody needs it, and it may take long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return (
            f"http://[{host!s}]:{port}"
            if self.address_family == socket.AF_INET6
            else f"http://{host!s}:{port}"
        )

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own, or close it where too many are open."""
        if not self._places.acquire(blocking=False):
            self.tell(client_address[0], f"turned away: {MOST_CONNECTIONS} connections are open")
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and give its place to another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say in one line that a client went away; what is a bug is told in full."""
        problem = sys.exc_info()[1]
        if isinstance(problem, OSError):
            self.tell(client_address[0], f"gone: {problem}")
        else:
            super().handle_error(request, client_address)

    def tell(self, client: str, what: str) -> None:
        """Log one line of what came from a client's address."""
        self._log(f"{format_moment(self.witness.clock())} {client} {plain_line(what)}")

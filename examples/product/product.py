"""A small chat product that embeds the question: sign-up, chats, incognito, coding sessions by folder, settings.

It answers with canned replies. What matters is where it asks the service, and what it tells it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from troth_client import Client, ProblemError, person_token

PAGE = Path(__file__).parent / "page"
MEDIA = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
CHOICE = "improve_models"
REPLIES = ("Tell me more.", "That can be done in three steps.", "Here is a first version.", "Good question!")
LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service is, and how the product shows who it is."""

    address: str
    key: str
    """The key itself, for the product's own calls."""
    number: str
    token_secret: str


@dataclass
class Product:
    """The product: who is signed in, and their chats. A real one has a database."""

    service: Service
    client: Client
    now: Callable[[], float]
    """Seconds since 1970 (UTC)."""
    sessions: dict[str, str] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    chats: dict[str, dict[str, Any]] = field(default_factory=dict)

    def token(self, account: str) -> str:
        """What the person's own page shows to the service."""
        told = self.service
        return person_token(
            account, key=told.number, secret=told.token_secret, audience=told.address, now=self.now
        )

    def sign_up(self, name: str) -> str:
        """Open an account, once, and sign in; the question is asked before or after it, and never with the terms."""
        if name not in self.people:
            self.people.add(name)
            self._record("account.opened", f"open-{name}", account=name, plan="free", age="adult")
        cookie = secrets.token_urlsafe(24)
        self.sessions[cookie] = name
        return cookie

    def state(self, account: str) -> dict[str, Any]:
        """What the page shows."""
        gate = self.client.continue_may(account=account)
        mine = [{"id": id_, **chat} for id_, chat in self.chats.items() if chat["account"] == account]
        return {
            "account": account,
            "service": self.service.address,
            "token": self.token(account),
            "may_continue": gate["may_continue"],
            "chats": mine,
        }

    def start(self, account: str, mode: str, project: str | None) -> str:
        """Begin a chat, or a coding session in a folder."""
        id_ = f"{account}-{secrets.token_hex(4)}"
        self.chats[id_] = {"account": account, "mode": mode, "project": project, "said": [], "no": False}
        more = {} if project is None else {"project": project}
        self._record("conversation.started", id_, conversation=id_, account=account, mode=mode, **more)
        return id_

    def say(self, account: str, chat: str, text: str) -> None:
        """Say something, and be answered. Whoever has to choose first is not answered before."""
        if not self.client.continue_may(account=account)["may_continue"]:
            raise PermissionError("choose first")
        said = self.own(account, chat)["said"]
        for role, words in (("user", text), ("assistant", REPLIES[len(said) // 2 % len(REPLIES)])):
            record = f"{chat}-{len(said)}"
            product = "code" if self.chats[chat]["project"] else "chat"
            self._record(
                "record.said",
                record,
                record=record,
                conversation=chat,
                account=account,
                role=role,
                product=product,
            )
            said.append({"role": role, "text": words, "at": self._at()})

    def refuse_project(self, account: str, project: str, value: str) -> None:
        """The switch of a folder: a no there holds for every session in it, whatever the person chose otherwise."""
        body = {
            "choice": CHOICE,
            "value": value,
            "account": account,
            "project": project,
            "mechanism": "settings",
        }
        self.client.choices_make(body)  # type: ignore[arg-type]

    def delete(self, account: str, chat: str) -> None:
        """Delete a chat, here and for every use."""
        self.own(account, chat)
        self.client.conversations_delete(chat, account=account)
        del self.chats[chat]

    def own(self, account: str, chat: str) -> dict[str, Any]:
        """A chat of somebody; anybody else's is not there."""
        found = self.chats.get(chat)
        if found is None or found["account"] != account:
            raise KeyError(chat)
        return found

    def _record(self, event: str, name: str, **fields: Any) -> None:
        told = {"event": event, "id": f"{event}-{name}", "at": self._at(), **fields}
        self.client.events_record({"events": [told]})

    def _at(self) -> str:
        at = datetime.fromtimestamp(self.now(), UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def serving(product: Product, port: int) -> ThreadingHTTPServer:
    """A server with the product's page; ``serve_forever`` runs it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/api/state":
                self._tell(product.state)
                return
            file = PAGE / {"/": "index.html", "/product.js": "product.js"}.get(path, "")
            if not file.is_file():
                self._send(404, b"not here", "text/plain")
                return
            data = file.read_bytes().replace(b"{service}", product.service.address.encode())
            self._send(200, data, MEDIA[file.suffix])

        def do_POST(self) -> None:
            # A JSON body and our own origin: no form of another site can send this.
            if self.headers.get("Origin") != f"http://{self.headers.get('Host')}":
                self._send(403, b"another site", "text/plain")
                return
            told = json.loads(
                self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LARGEST)) or b"{}"
            )
            if self.path == "/api/sign-up":
                cookie = product.sign_up(str(told["name"]))
                self._send(200, b"{}", "application/json", f"chat={cookie}; Path=/; HttpOnly; SameSite=Lax")
                return
            does: dict[str, Callable[[str], Any]] = {
                "/api/start": lambda who: {"id": product.start(who, told["mode"], told.get("project"))},
                "/api/say": lambda who: product.say(who, told["chat"], told["text"]),
                "/api/delete": lambda who: product.delete(who, told["chat"]),
                "/api/project": lambda who: product.refuse_project(who, told["project"], told["value"]),
            }
            self._tell(does.get(self.path, lambda _: {}))

        def _tell(self, what: Callable[[str], Any]) -> None:
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
            account = product.sessions.get(cookies["chat"].value) if "chat" in cookies else None
            if account is None:
                self._send(401, b'{"problem": "sign in"}', "application/json")
                return
            try:
                status, told = 200, what(account)
            except PermissionError as problem:
                status, told = 403, {"problem": str(problem)}
            except KeyError:
                status, told = 404, {"problem": "no such chat"}
            except ProblemError as problem:
                status, told = 502, {"problem": str(problem)}
            self._send(status, json.dumps(told).encode(), "application/json")

        def _send(self, status: int, data: bytes, media: str, cookie: str | None = None) -> None:
            service = product.service.address
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; script-src 'self' {service}; connect-src 'self' {service}; "
                f"style-src 'unsafe-inline'; img-src data:; form-action 'self' {service}; "
                "base-uri 'none'; frame-ancestors 'none'",
            )
            if cookie is not None:
                self.send_header("Set-Cookie", cookie)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Nothing: what people say is not for a log."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)

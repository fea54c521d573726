"""A served workspace: a real server on the loopback, with keys for every role and a clock that tests can move."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey

from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now
from troth.types.moment import Moment, format_moment
from troth.web.access.keys import NewKey, new_key
from troth.web.app import Application, create_app
from troth.web.keeping import opened_tables
from troth.web.pages.every import EVERY
from troth.web.settings import ServiceSettings
from waiting import awaited

ORIGIN = "http://127.0.0.1:1"
CHOICE = "improve_models"
JSON = {"Content-Type": "application/json"}


@dataclass
class Clock:
    """The machine's clock, or one that stands where a test puts it."""

    stands_at: Moment | None = None

    def __call__(self) -> Moment:
        return now() if self.stands_at is None else self.stands_at


@dataclass
class World:
    """A service that runs."""

    folder: Path
    address: str
    application: Application
    clock: Clock
    keys: Mapping[str, NewKey]
    settings: ServiceSettings
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def stands_on(self, at: Moment) -> None:
        """Put the clock of the service to a moment, as if the workspace were of that day: by itself it never goes back."""
        assert self.application.service is not None
        self.application.service.live.stamps._last = 0
        self.clock.stands_at = at

    def as_(self, role: str) -> httpx.Client:
        """A client with the key of a role; ``nobody`` has none."""
        if role not in self.clients:
            headers = {} if role == "nobody" else {"Authorization": f"Bearer {self.keys[role].text}"}
            self.clients[role] = httpx.Client(base_url=self.address, headers=headers, timeout=30)
        return self.clients[role]

    def token(self, account: str, **changed: Any) -> str:
        """A token of a person, as a product makes it."""
        key = self.keys["product"]
        seconds = self.clock() // 1_000_000
        claims = {
            "sub": account,
            "aud": self.settings.audience,
            "exp": seconds + 300,
            "jti": uuid.uuid4().hex,
        }
        secret = OctKey.import_key(key.token_secret or "")
        return jwt.encode({"alg": "HS256", "kid": key.key.id}, {**claims, **changed}, secret)

    def person(self, account: str) -> httpx.Client:
        """A client with a token of a person."""
        headers = {"Authorization": f"Bearer {self.token(account)}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=30)

    def open_account(
        self, account: str, plan: str = "pro", at: str = "2025-01-01T00:00:00Z", **more: str
    ) -> None:
        """An account, as the product records it."""
        self.record(
            {
                "event": "account.opened",
                "id": f"open-{account}",
                "at": at,
                "account": account,
                "plan": plan,
                **more,
            }
        )

    def talk(self, account: str, conversation: str, at: str = "2025-11-01T00:00:00Z", **more: str) -> None:
        """A conversation of an account, with one record in it."""
        started = {"event": "conversation.started", "id": f"start-{conversation}", "at": at}
        said = {"event": "record.said", "id": f"said-{conversation}", "at": at, "record": f"{conversation}-0"}
        both = {"conversation": conversation, "account": account}
        self.record({**started, **both, **more}, {**said, **both})

    def record(self, *events: Mapping[str, Any]) -> None:
        answer = self.as_("product").post("/v1/events", json={"events": list(events)})
        assert answer.status_code == 201, answer.text

    def choose(self, account: str, value: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        body = {"choice": CHOICE, "value": value, "account": account, **more}
        return self.as_("product").post("/v1/choices", json=body, headers=headers)

    def ask(self, account: str, **more: str) -> dict[str, Any]:
        answer = self.as_("product").get("/v1/question", params={"account": account, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def finished(self, job: Mapping[str, Any], role: str = "product") -> dict[str, Any]:
        """A job once it is done or failed."""
        return awaited(
            lambda: dict(self.as_(role).get(f"/v1/jobs/{job['id']}").json()),
            lambda found: found["state"] in ("done", "failed"),
        )

    def at(self) -> str:
        return format_moment(self.clock())


def acts_of(world: World) -> list[dict[str, Any]]:
    """Every act of an operator that is in the ledger, the newest first."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        page = world.as_("owner").get("/v1/acts", params=params).json()
        found += page["acts"]
        cursor = page.get("next")
        if cursor is None:
            return found


ROLES = ("product", "admin", "owner", "privacy", "engineer", "auditor")
LOOSE = {"limits": {"per-key": 1e6, "per-person": 1e6, "per-operator": 1e6, "unknown": 1e6}}


def settings_of(folder: Path, more: Mapping[str, Any]) -> None:
    """Write ``service.toml``."""
    lines = [
        "format = 1",
        f'terms = "{more.get("terms", "anthropic-consumer")}"',
        f'origin = "{more.get("origin", ORIGIN)}"',
    ]
    for name in ("allowed-origins", "audience", "law"):
        if name in more:
            lines.append(f"{name} = {json.dumps(more[name])}")
    for table in ("limits", "ask", "oidc", "style"):
        if table in more:
            lines += [f"[{table}]", *(f"{key} = {_toml(value)}" for key, value in more[table].items())]
    (folder / "service.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {json.dumps(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def make_keys(folder: Path) -> dict[str, NewKey]:
    """A key for each role."""
    made = {}
    with opened_tables(folder) as (tables, secret):
        for role in ROLES:
            organisation = "acme" if role == "admin" else None
            made[role] = new_key(
                tables, secret, role, role, now(), organisation=organisation, tokens=role == "product"
            )
    return made


@contextmanager
def served(folder: Path, store: str = "sqlite", **more: Any) -> Iterator[World]:
    """A new workspace, served until the end of the context."""
    workspace = folder / "shop"
    init_workspace(workspace, "example.org/shop", store)
    settings_of(workspace, {**LOOSE, **more})
    with serving(workspace, make_keys(workspace)) as world:
        yield world


@contextmanager
def serving(workspace: Path, keys: Mapping[str, NewKey]) -> Iterator[World]:
    """A workspace that is there already, served until the end of the context."""
    from troth.web.settings import read_service_settings

    clock = Clock()
    settings = read_service_settings(workspace)
    application = create_app(workspace, settings, EVERY, clock)
    with running(application) as address:
        world = World(workspace, address, application, clock, keys, settings)
        try:
            yield world
        finally:
            for client in world.clients.values():
                client.close()


@contextmanager
def running(application: Application, port: int = 0) -> Iterator[str]:
    """A server with an application; gives its address."""
    config = uvicorn.Config(application, log_config=None, access_log=False, ws="none", server_header=False)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            awaited(lambda: server.started or not thread.is_alive())
            assert server.started, "the service did not start"
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

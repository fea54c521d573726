"""A shop with a past, as operators look at it: people who chose, a vault, releases, a hold, and names that would be code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from chromium import free_port
from web_worlds import LOOSE, Clock, World, make_keys, running, settings_of

from troth.operations.build import BuildRequest, build_release
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.record import record
from troth.operations.workspace.releases.withdraw import withdraw_release
from troth.types.moment import parse_moment
from troth.web.access.callers import Caller
from troth.web.access.sessions import COOKIE, new_session
from troth.web.app import create_app
from troth.web.pages.every import EVERY
from troth.web.settings import read_service_settings

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
OIDC = {"issuer": "http://127.0.0.1:9", "client-id": "console"}
AT = "2025-12-01T00:00:00Z"
PURPOSE = "train.general"
ROLES = ("owner", "privacy", "engineer", "auditor")


def people(fifth: str) -> Mapping[str, str | None]:
    """Who is there, and what each chose in October."""
    return {"ada": "granted", "ben": "refused", "cleo": "granted", "dora": None, fifth: "granted"}


def events(fifth: str) -> Iterator[Mapping[str, Any]]:
    """What people did: one says nothing, and one takes their yes back."""
    for place, (account, value) in enumerate(people(fifth).items()):
        opened = f"2025-{3 + place:02}-01T00:00:00Z"
        yield {"event": "account.opened", "at": opened, "account": account, "plan": "pro"}
        if value is not None:
            yield _choice(account, value, "2025-10-01T00:00:00Z")
    yield _choice("cleo", "refused", "2025-11-20T00:00:00Z")
    yield {
        "event": "hold.placed",
        "at": "2025-11-21T00:00:00Z",
        "hold": fifth,
        "accounts": ["ben", fifth],
    }


def _choice(account: str, value: str, at: str) -> Mapping[str, Any]:
    told = {"event": "choice.made", "at": at, "account": account, "choice": "improve_models", "value": value}
    return {**told, "mechanism": "dialog", "initial_state": "none"}


def said(folder: Path, fifth: str) -> Path:
    """A log with two messages of each person."""
    lines = [
        {
            "conversation_id": f"of-{account}",
            "account": account,
            "messages": [
                {"role": "user", "content": f"Of pears, by {account}.", "timestamp": "2025-10-20T10:00:00Z"},
                {
                    "role": "assistant",
                    "content": "Pears are ripe in autumn.",
                    "timestamp": "2025-10-20T10:00:01Z",
                },
            ],
        }
        for account in people(fifth)
    ]
    path = folder / "chats.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def hostile_terms(folder: Path) -> Path:
    """Terms whose words would be code on a page that does not escape them."""
    made = folder / "terms"
    made.mkdir()
    for file in (files("troth") / "terms/profiles/anthropic-consumer").iterdir():
        if not file.name.endswith(".toml"):
            continue
        text = file.read_text(encoding="utf-8")
        head, _, rest = text.partition("\ntitle = ")
        _, _, rest = rest.partition("\n")
        (made / file.name).write_text(f"{head}\ntitle = {json.dumps(HOSTILE)}\n{rest}", encoding="utf-8")
    return made


def furnish(folder: Path, releases: tuple[str, ...], fifth: str = HOSTILE, store: str = "sqlite") -> Path:
    """A workspace with a past; the first of its releases is withdrawn. ``fifth``: the name of somebody, and of a hold."""
    workspace = folder / "shop"
    init_workspace(workspace, "example.org/shop", store)
    history = folder / "events.jsonl"
    history.write_text("".join(f"{json.dumps(event)}\n" for event in events(fifth)), encoding="utf-8")
    record(workspace, (str(history),))
    ingest(workspace, (str(said(folder, fifth)),))
    for seed, name in enumerate(releases):
        build_release(
            BuildRequest(
                terms="anthropic-consumer", options={}, history=(), records=(), purpose=PURPOSE,
                at=parse_moment(AT), seed=seed, out=folder / name, workspace=workspace,
            )
        )  # fmt: skip
    if releases:
        withdraw_release(workspace, str(folder / releases[0]), f"built by mistake {fifth}")
    return workspace


@contextmanager
def office(
    folder: Path,
    *,
    oidc: bool = True,
    furnished: bool = True,
    releases: tuple[str, ...] = (),
    store: str = "sqlite",
) -> Iterator[World]:
    """It, served under its own origin."""
    port = free_port()
    if furnished:
        workspace = furnish(folder, releases, store=store)
    else:
        workspace = folder / "shop"
        init_workspace(workspace, "example.org/shop", store)
    more = {"oidc": OIDC} if oidc else {}
    settings_of(
        workspace,
        {**LOOSE, "terms": str(hostile_terms(folder)), "origin": f"http://127.0.0.1:{port}", **more},
    )
    clock, settings, keys = Clock(), read_service_settings(workspace), make_keys(workspace)
    application = create_app(workspace, settings, EVERY, clock)
    with running(application, port) as address:
        world = World(workspace, address, application, clock, keys, settings)
        try:
            yield world
        finally:
            for client in world.clients.values():
                client.close()


class Operator:
    """An operator's browser, as far as HTTP goes: a cookie, and the forms of the pages."""

    def __init__(self, world: World, role: str) -> None:
        service = world.application.service
        assert service is not None
        made = new_session(service.tables, Caller(role, f"operator:{role}"), service.now(), 1800)
        self.role, self.origin, self.cookie, self.csrf = role, world.address, made.cookie, made.csrf
        self.client = httpx.Client(base_url=world.address, cookies={COOKIE: made.cookie}, timeout=30)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def see(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **form: str) -> httpx.Response:
        headers = {"Origin": self.origin}
        return self.client.post(path, data={"csrf": self.csrf, **form}, headers=headers)

    def upload(self, path: str, file: bytes | None = None, **form: str) -> httpx.Response:
        sent = {name: (None, value.encode()) for name, value in {"csrf": self.csrf, **form}.items()}
        if file is not None:
            sent["file"] = ("given.txt", file)  # type: ignore[assignment]
        return self.client.post(path, files=sent, headers={"Origin": self.origin})

"""However large a workspace is, an endpoint reads as much as in a small one: steps of the databases are counted, not time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pyarrow as pa
import pytest
from sqlalchemy import Table
from web_worlds import ROLES, World, make_keys, serving, settings_of

from troth.history.event import Event
from troth.operations.live.access import access_act
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.intake import intake_batch
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.sequencing import sequence_pending
from troth.store.event_items import event_items
from troth.store.salts import fresh_salts
from troth.types.moment import DAY
from troth.types.record import RECORD_SCHEMA
from troth.web.access.rights import RIGHTS
from troth.web.keeping import opened_tables
from troth.web.tables import schema

FEW, MANY = 40, 1_200
AT = 1_735_689_600_000_000
STEP = 10
"""Steps of SQLite's machine between two counts: a row that is looked at takes several."""
MAY_VARY = 1_500
"""Steps: a table of `MANY` rows that was read whole would take several times as many."""
ASIDE = ("troth-ledger", "troth-jobs", "troth-webhooks")
"""Threads whose work nobody waits for."""
LOOSE = {"limits": {"per-key": 1e6, "per-person": 1e6, "per-operator": 1e6, "unknown": 1e6}}


class Steps:
    """How many steps SQLite has taken for whoever asks."""

    def __init__(self) -> None:
        self.taken = 0

    def connecting(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        def counted(*given: Any, **more: Any) -> sqlite3.Connection:
            made = connect(*given, **more)
            made.set_progress_handler(self.count, STEP)
            return made

        return counted

    def count(self) -> int:
        if not threading.current_thread().name.startswith(ASIDE):
            self.taken += STEP
        return 0


def fill(folder: Path, people: int) -> None:
    """So many people, each with conversations, records, acts of operators about them, requests, jobs and deliveries."""
    with opened(folder) as workspace:
        events = []
        for n in range(people):
            who = {"account": f"p{n}"}
            events.append(Event("account.opened", AT, AT, id=f"o{n}", plan="pro", age="adult", **who))
            events += [
                Event("conversation.started", AT, AT, id=f"c{n}-{k}", conversation=f"t{n}-{k}", **who)
                for k in range(2)
            ]
        workspace.store.append(event_items(events, fresh_salts))
        acts = [access_act("holds.list", "key:abcdefghij", "auditor", allowed=True) for _ in range(people)]
        workspace.store.append(acts)
        rows = [
            {"record": f"t{n}-0-0", "conversation": f"t{n}-0", "account": f"p{n}", "at": AT, "role": "user", "kind": "text",
             "product": "chat", "channel": "first_party", "position": 0, "text": "words"}
            for n in range(people)
        ]  # fmt: skip
        for start in range(0, people, 400):  # segments of their own, as logs come in one by one
            workspace.vault.take(
                [pa.RecordBatch.from_pylist(rows[start : start + 400], schema=RECORD_SCHEMA)]
            )
        taken = ((f"t{n}-0", f"p{n}") for n in range(people))
        workspace.store.intake(taken, fresh_salts, intake_batch)
        sequence_pending(workspace)
    fill_tables(folder, people)


def fill_tables(folder: Path, people: int) -> None:
    at, range_ = now(), range(people)
    with opened_tables(folder) as (tables, secret), tables.writing() as connection:
        x = secret.seal("request", b"x")
        hook = {"id": "w0", "url": "https://hooks.example.org/x", "secret": secret.seal("webhook", b"x"),
                "events": "choice.made", "made": AT, "ended": AT}  # fmt: skip
        filled: Mapping[Table, list[dict[str, Any]]] = {
            schema.webhooks: [hook],
            schema.requests: [
                {"id": f"r{n}", "kind": "access", "account": x, "whose": secret.mac("account", b"p%d" % n), "due": AT + n,
                 "state": "open" if n % 3 else "answered", "made": AT} for n in range_
            ],
            schema.jobs: [
                {"id": f"j{n}", "kind": "export", "who": "x", "whose": b"x", "state": "done", "attempts": 1, "lease": 0,
                 "made": at, "changed": at} for n in range_
            ],
            schema.deliveries: [
                {"id": f"d{n}", "webhook": "w0", "event": f"e{n}", "type": "choice.made", "place": n, "state": "sent",
                 "attempts": 1, "next": at, "lease": 0, "made": at - DAY} for n in range_
            ],
            schema.idempotency: [
                {"who": "x", "key": b"%d" % n, "request": b"x", "status": 200, "answer": b"x", "made": at} for n in range_
            ],
            schema.sessions: [
                {"hash": b"%d" % n, "role": "person", "who": f"w{n}", "account": f"p{n}", "csrf": "x", "made": at,
                 "expires": at + DAY} for n in range_
            ],
            schema.tokens: [
                {"issuer": "x", "jti": b"%d" % n, "hash": b"x", "entered": 1, "expires": at + DAY} for n in range_
            ],
        }  # fmt: skip
        for table, rows in filled.items():
            connection.execute(table.insert(), rows)


def asked(n: int) -> Iterator[tuple[str, str, str, str, Any]]:
    """Each endpoint (act, role, method, address, body), about the person of a number. Holds come last."""
    who, talk = {"account": f"p{n}"}, f"t{n}-0"
    changed = {"event": "account.changed", "id": f"x{n}", "at": "2025-02-01T00:00:00Z", "plan": "pro", **who}
    record = {"conversation": talk, "record": f"{talk}-0"}
    yield "question.show", "product", "GET", f"/v1/question?account=p{n}", None
    yield "continue.may", "product", "GET", f"/v1/continue?account=p{n}", None
    yield (
        "choices.make",
        "product",
        "POST",
        "/v1/choices",
        {"choice": "improve_models", "value": "refused", **who},
    )
    yield "choices.standing", "auditor", "GET", f"/v1/choices?account=p{n}", None
    yield "choices.history", "product", "GET", f"/v1/choices/history?account=p{n}", None
    yield "terms.acknowledge", "product", "POST", "/v1/acknowledgements", {"version": "2025-09-27", **who}
    yield "terms.list", "product", "GET", "/v1/terms", None
    yield "terms.show", "product", "GET", "/v1/terms/2025-09-27", None
    yield "notices.list", "product", "GET", "/v1/notices", None
    yield "notices.show", "product", "GET", f"/v1/notices/sha256:{'0' * 64}", None
    yield "events.record", "product", "POST", "/v1/events", {"events": [changed]}
    yield "decisions.one", "product", "POST", "/v1/decisions", {"purpose": "serve", **record}
    yield (
        "decisions.many",
        "product",
        "POST",
        "/v1/decisions/batch",
        {"purpose": "serve", "records": [record]},
    )
    yield "conversations.list", "product", "GET", f"/v1/conversations?account=p{n}", None
    yield "conversations.delete", "product", "DELETE", f"/v1/conversations/t{n}-1?account=p{n}", None
    yield "receipts.show", "product", "GET", f"/v1/receipts?account=p{n}", None
    yield "receipts.show", "product", "GET", f"/v1/receipts?conversation={talk}", None
    yield "receipts.show", "product", "GET", f"/v1/receipts?conversation={talk}&lineage=true", None
    yield "uses.show", "product", "GET", f"/v1/uses?account=p{n}", None
    yield "requests.make", "product", "POST", "/v1/requests", {"kind": "access", **who}
    for more in ("", "?state=open", f"?account=p{n}", "?limit=5"):
        yield "requests.list", "privacy", "GET", f"/v1/requests{more}", None
    yield "requests.close", "privacy", "POST", f"/v1/requests/r{n}/close", {"state": "answered"}
    yield "exports.make", "product", "POST", "/v1/exports", who
    yield "erasures.make", "privacy", "POST", "/v1/erasures", {"conversation": "none", "why": "a test"}
    asked = {"name": f"b{n}", "purpose": "serve", "at": "2025-11-01T00:00:00Z", "seed": n}
    yield "builds.make", "engineer", "POST", "/v1/builds", asked
    yield "simulations.make", "engineer", "POST", "/v1/simulations", {"terms": "x", "purposes": ["serve"]}
    yield "verifications.make", "engineer", "POST", "/v1/verifications", {"release": f"sha256:{'0' * 64}"}
    yield "jobs.show", "privacy", "GET", f"/v1/jobs/j{n}", None
    yield "jobs.result", "privacy", "GET", f"/v1/jobs/j{n}/result", None
    yield "webhooks.list", "owner", "GET", "/v1/webhooks", None
    hook = {"url": "https://hooks.example.org/y", "events": ["choice.made"]}
    yield "webhooks.make", "owner", "POST", "/v1/webhooks", hook
    yield "webhooks.end", "owner", "DELETE", "/v1/webhooks/w0", None
    yield "deliveries.list", "owner", "GET", "/v1/webhooks/w0/deliveries", None
    yield "deliveries.replay", "owner", "POST", f"/v1/deliveries/d{n}/replay", None
    yield "keys.list", "owner", "GET", "/v1/keys", None
    yield "keys.revoke", "owner", "DELETE", "/v1/keys/none", None
    yield "acts.list", "owner", "GET", "/v1/acts", None


def holds_asked(n: int) -> Iterator[tuple[str, str, str, str, Any]]:
    yield "holds.list", "privacy", "GET", "/v1/holds?limit=20", None
    yield "holds.place", "privacy", "POST", "/v1/holds", {"hold": f"another-{n}", "accounts": ["nobody"]}
    yield "holds.release", "privacy", "DELETE", f"/v1/holds/h{n}", None


def send(client: httpx.Client, method: str, path: str, body: Any) -> None:
    answer = client.request(method, path, json=body) if body is not None else client.request(method, path)
    assert answer.status_code in (200, 201, 202, 404), (path, answer.text)


def measured(
    world: World, steps: Steps, cases: Callable[[int], Iterator[tuple[str, str, str, str, Any]]]
) -> dict[str, float]:
    """The median of the steps of each endpoint over some people, none of whom was asked about before."""
    for role in ROLES:
        world.as_(role).get("/v1/terms")
    found: dict[str, list[int]] = {}
    for n in (3, 19, 36):
        for place, (act, role, method, path, body) in enumerate(cases(n)):
            before = steps.taken
            send(world.as_(role), method, path, body)
            found.setdefault(f"{place}: {act}", []).append(steps.taken - before)
    return {what: median(taken) for what, taken in found.items()}


@contextmanager
def filled(folder: Path, people: int) -> Iterator[World]:
    init_workspace(folder, "example.org/shop")
    settings_of(folder, LOOSE)
    keys = make_keys(folder)
    fill(folder, people)
    with serving(folder, keys) as world:
        yield world


def placed(world: World, holds: int) -> None:
    with opened(world.folder) as workspace:
        made = [
            Event("hold.placed", AT, AT, id=f"h{n}", hold=f"h{n}", accounts=(f"p{n}",)) for n in range(holds)
        ]
        workspace.store.append(event_items(made, fresh_salts))
        sequence_pending(workspace)


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, float]]:
    """The steps of each endpoint in a small workspace, and in a large one."""
    folder, steps = tmp_path_factory.mktemp("bounded"), Steps()
    found: list[dict[str, float]] = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (sqlite3, sqlite3.dbapi2):
            patch.setattr(module, "connect", steps.connecting(sqlite3.Connection))
        for people in (FEW, MANY):
            with filled(folder / f"of-{people}", people) as world:
                told = measured(world, steps, asked)
                placed(world, people)
                found.append({**told, **measured(world, steps, holds_asked)})
    return found


def test_no_endpoint_reads_more_where_there_is_more(counts: list[dict[str, float]]) -> None:
    small, large = counts
    assert {
        what: (small[what], large[what]) for what in small if large[what] > 1.5 * small[what] + MAY_VARY
    } == {}
    assert sum(small.values()) > 5 * STEP * len(small), "something is counted"


def test_every_endpoint_is_measured() -> None:
    told = {case[0] for case in (*asked(1), *holds_asked(1))}
    assert told == set(RIGHTS)

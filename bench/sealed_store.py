"""Appending durable events to the sealed store of a workspace, against the same tables without sealing. Rounds alternate."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from results import Section
from store import BATCH, some_events
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.store.event_items import event_items
from troth.store.interface import Item
from troth.store.open import open_engine
from troth.store.salts import fresh_salts
from troth.store.tables import TableStore

ACCOUNTS = 1_000_003
"""After so many events the same accounts come again, as `some_events` has it."""
Append = Callable[[list[Item]], object]


@contextmanager
def plain() -> Iterator[Append]:
    """The tables alone."""
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder, closing(TableStore(open_engine("sqlite", Path(folder)))) as store:  # fmt: skip
        yield store.append


@contextmanager
def sealed() -> Iterator[Append]:
    """The store of a workspace: a key for each account, made at its first event."""
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder:
        init_workspace(Path(folder) / "shop", "example.org/bench")
        with opened(Path(folder) / "shop") as found:
            yield found.store.append


def rate(append: Append, items: list[Item], batch: int) -> float:
    """Events a second."""
    start = perf_counter()
    for at in range(0, len(items), batch):
        append(items[at : at + batch])
    return len(items) / (perf_counter() - start)


def sealed_store(events: int = 200_000, singles: int = 2_000, rounds: int = 3) -> Section:
    """In batches, of new accounts and of accounts that have a key; and one by one."""
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        rates: dict[str, list[float]] = {}
        for form in (plain, sealed):
            with form() as append:
                for turn, (name, many, batch) in enumerate(
                    (
                        (f"{BATCH:,} at once, each of a new account", events, BATCH),
                        ("one by one, of accounts that are known", singles, 1),
                        (f"{BATCH:,} at once, of accounts that are known", events, BATCH),
                    )
                ):
                    items = event_items(some_events(turn * ACCOUNTS, many), fresh_salts)
                    rates.setdefault(name, []).append(rate(append, items, batch))
        for name, (bare, ours) in rates.items():
            found.setdefault(name, []).append((bare, ours))
    rows = []
    for name, pairs in found.items():
        ratio = median(ours / bare for bare, ours in pairs)
        rates_of = [f"{median(side):,.0f}" for side in zip(*pairs, strict=True)]
        rows.append((name, *rates_of, f"{ratio:.2f}"))
    text = (
        f"SQLite, one writer, {events:,} events in batches and {singles:,} one by one; items are made beforehand. The plain store "
        "has the same tables and promises, and seals nothing. For a new account the sealed one makes a slot and a handle in the "
        f"key database, durably, before it writes the event. Medians of {rounds} rounds; a ratio is within one."
    )
    return Section("Sealed store", text, ("events", "plain, a second", "sealed, a second", "ratio"), rows)  # fmt: skip

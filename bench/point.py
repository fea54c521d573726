"""One decision at a time: Troth from a history in memory, against cedarpy and regopy with the facts ready-made.

``python bench/point.py [CONVERSATIONS]``; prints JSON. Rounds alternate between the forms, CPU seconds count.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from policies import cedar, facts_read, rego
from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.history.read import read_history
from troth.terms.archive import load
from troth.types.said import Said
from world import ASKED, make

PURPOSE = "train.general"
ROUNDS = 5
MONTH = 30 * 86_400_000_000


def records(path: Path) -> list[Said]:
    """Every second record of the made-up logs."""
    table = pq.read_table(path)
    table = table.take(pa.array(range(0, table.num_rows, 2)))
    at = table["at"].cast(pa.int64()).to_pylist()
    names = ("record", "conversation", "account", "role", "kind", "product", "channel", "plan")
    columns = [table[name].to_pylist() for name in names]
    return [
        Said(record, conversation, account, said, said, *rest)
        for said, (record, conversation, account, *rest) in zip(at, zip(*columns, strict=True), strict=True)
    ]


class World:
    """A history in memory, and the facts of some of its records."""

    def __init__(self, folder: Path, chosen: int) -> None:
        self.terms = load("anthropic-consumer")
        self.history = read_history([str(folder / "events.parquet")])
        said = records(folder / "records.parquet")
        self.point = Point(self.terms, Index(self.history.events, said, self.terms.newest.retention_minimum))
        self.records = [one.record for one in said]
        random.Random(1).shuffle(self.records)
        self.explained = [self.point.explain(record, PURPOSE, ASKED) for record in self.records[:chosen]]
        read = facts_read(self.terms.newest, PURPOSE)
        self.facts = [{fact: found.facts[fact] for fact in read} for found in self.explained]
        self.allowed = [found.decision.allow for found in self.explained]
        self._next = 0

    def unasked(self, count: int) -> list[str]:
        """Records that were not asked about before, in no order."""
        start = self._next
        self._next = (start + count) % len(self.records)
        return (self.records * 2)[start : start + count]


Form = tuple[int, Callable[[], list[bool] | None]]
"""How many decisions one round makes, and what makes them."""


def troth_forms(world: World) -> Iterator[tuple[str, Form]]:
    """Troth: first questions, questions again at other moments, and the table alone."""
    fresh = Point(world.terms, world.point.index)
    rng, count = random.Random(2), len(world.records) // ROUNDS
    asked: list[str] = []

    def first() -> None:
        asked[:] = world.unasked(count)
        for record in asked:
            fresh.decide(record, PURPOSE, ASKED)

    def again() -> None:
        for record in asked:
            fresh.decide(record, PURPOSE, ASKED - rng.randrange(MONTH))

    table = world.point.timetable.table(world.terms.newest)
    ready = [tuple(found.facts.values()) for found in world.explained]
    yield "troth, from the history", (count, first)
    yield "troth, asked again at another moment", (count, again)
    yield "troth, facts ready-made", (len(ready), lambda: [table.answer(f, PURPOSE).allow for f in ready])


def cedar_forms(world: World) -> Iterator[tuple[str, Form]]:
    """Cedar: the policies as text in each call, parsed once, and many requests in one call."""
    import cedarpy

    text = cedar(world.terms.newest, PURPOSE)
    parsed, nobody = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")
    requests: list[dict[str, Any]] = [
        {
            "principal": {"type": "Person", "id": "p"},
            "action": {"type": "Action", "id": PURPOSE},
            "resource": {"type": "Record", "id": "r"},
            "context": facts,
        }
        for facts in world.facts
    ]
    few = requests[: len(requests) // 5]
    yield "cedarpy, one call, policies as text", (
        len(few), lambda: [cedarpy.is_authorized(r, text, []).allowed for r in few],
    )  # fmt: skip
    yield "cedarpy, one call, policies parsed once", (
        len(requests), lambda: [cedarpy.is_authorized(r, parsed, nobody).allowed for r in requests],
    )  # fmt: skip
    yield "cedarpy, one batch, policies parsed once", (
        len(requests), lambda: [a.allowed for a in cedarpy.is_authorized_batch(requests, parsed, nobody)],
    )  # fmt: skip


def rego_forms(world: World) -> Iterator[tuple[str, Form]]:
    """Rego: one query for each decision."""
    from regopy import Interpreter

    rego_text = rego(world.terms.newest, PURPOSE)
    interpreter = Interpreter()
    interpreter.add_module("terms", rego_text)
    few = world.facts[: len(world.facts) // 5]

    def query() -> list[bool]:
        answers = []
        for facts in few:
            interpreter.set_input(facts)
            answers.append("true" in str(interpreter.query("data.terms.allow")))
        return answers

    yield "regopy, one query", (len(few), query)


def main() -> None:
    """Measure, and hold every answer against Troth's."""
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    folder = Path(__file__).parent / "data" / str(conversations)
    make(folder, conversations)
    world = World(folder, 2500)
    forms = dict([*troth_forms(world), *cedar_forms(world), *rego_forms(world)])
    rates: dict[str, list[float]] = {name: [] for name in forms}
    for _ in range(ROUNDS):
        for name, (count, run) in forms.items():
            start = time.process_time()
            answers = run()
            rates[name].append(count / (time.process_time() - start))
            assert answers is None or answers == world.allowed[: len(answers)], f"{name} permits otherwise"
    ours = next(iter(rates))
    print(json.dumps({
        "accounts": conversations // 10, "events": len(world.history.events), "records": len(world.records),
        "allowed": sum(world.allowed) / len(world.allowed),
        "rates": {name: round(statistics.median(found)) for name, found in rates.items()},
        "ratios": {
            name: round(statistics.median(a / b for a, b in zip(rates[ours], found, strict=True)), 1)
            for name, found in rates.items()
        },
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()

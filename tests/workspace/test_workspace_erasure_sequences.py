"""Random sequences of all that people and operators do, against a model in memory: readable is exactly what may be."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from shops import Shop
from test_workspace_erasure import TERMS, event, logged, talk

from troth.operations.workspace.erase import ErasureRequest, erase
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.operations.workspace.retain import RetainRequest, retain
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended
from troth.types.moment import DAY, format_moment, parse_moment

SEQUENCES = int(os.environ.get("TROTH_SEQUENCES", "6"))
"""How many are run: 300 take a quarter of an hour (``TROTH_SEQUENCES=300``)."""
STEPS = 12
ACCOUNTS = ("ada", "ben")
TALKS = {"one": ("ada",), "two": ("ben",), "both": ("ada", "ben"), "more": ("ada",)}
SAID = parse_moment("2026-09-01T00:00:00Z")
START = parse_moment("2026-09-10T00:00:00Z")
KEPT = 30 * DAY
"""What the terms give what was deleted."""


@dataclass
class Model:
    """What is stored, deleted and held, by the words of the terms: a deleted conversation goes after thirty days."""

    stored: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    deleted: dict[str, int] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    """Holds that stand, with the account they name."""

    def held(self, name: str) -> bool:
        return any(account in TALKS[name] for account in self.holds.values())

    def ingest(self, name: str) -> None:
        if name not in self.ever:
            self.stored.add(name)
            self.ever.add(name)

    def due(self, name: str, at: int) -> bool:
        return name in self.deleted and self.deleted[name] + KEPT <= at

    def erase(self, name: str) -> None:
        if not self.held(name):
            self.stored.discard(name)

    def erase_account(self, account: str, at: int) -> None:
        for name in list(self.stored):
            if account in TALKS[name] and (TALKS[name] == (account,) or self.due(name, at)):
                self.erase(name)

    def retain(self, at: int) -> None:
        for name in list(self.stored):
            if self.due(name, at):
                self.erase(name)


class World:
    """A workspace and the model of it, which do the same."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.shop, self.model, self.random = Shop(folder), Model(), random.Random(seed)
        self.time, self.number = START, 0
        init_workspace(self.shop.workspace, "example.org/shop")
        self.record(
            *(
                {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": one, "plan": "pro"}
                for one in ACCOUNTS
            )
        )

    def record(self, *events: dict[str, Any]) -> None:
        self.number += 1
        self.shop.record(*events, name=f"{self.number}.jsonl")

    def step(self) -> str:
        acts = (
            self.ingest,
            self.choose,
            self.delete,
            self.hold,
            self.release,
            self.erase,
            self.erase_account,
            self.retain,
        )
        self.time += self.random.choice((1, 5, 20)) * DAY // 12
        return self.random.choices(acts, (4, 1, 2, 2, 2, 3, 1, 2))[0]()

    def ingest(self) -> str:
        name = self.random.choice(list(TALKS))
        turns = [(who, f"{who} says something in {name}") for who in TALKS[name]]
        path = self.shop.folder / f"{name}.jsonl"
        path.write_text(json.dumps(talk(name, *turns, at=format_moment(SAID))) + "\n", encoding="utf-8")
        ingest(self.shop.workspace, [str(path)])
        self.model.ingest(name)
        return f"ingest {name}"

    def choose(self) -> str:
        who, value = self.random.choice(ACCOUNTS), self.random.choice(("granted", "refused"))
        self.record(
            event(
                "choice.made",
                self._now(),
                account=who,
                choice="improve_models",
                value=value,
                mechanism="settings",
            )
        )
        return f"{who} chooses {value}"

    def delete(self) -> str:
        name = self.random.choice(list(TALKS))
        # What is not stored has no record to be deleted: the model looks at what is.
        if name in self.model.stored:
            self.record(event("conversation.deleted", self._now(), conversation=name))
            self.model.deleted.setdefault(name, self.time)
        return f"delete {name}"

    def hold(self) -> str:
        name, who = f"h{self.number}", self.random.choice(ACCOUNTS)
        self.record(event("hold.placed", self._now(), hold=name, accounts=[who]))
        self.model.holds[name] = who
        return f"hold {name} on {who}"

    def release(self) -> str:
        if not self.model.holds:
            return "nothing to release"
        name = self.random.choice(sorted(self.model.holds))
        self.time += 1
        self.record(event("hold.released", self._now(), hold=name))
        del self.model.holds[name]
        return f"release {name}"

    def erase(self) -> str:
        name = self.random.choice(list(TALKS))
        if name in self.model.stored:
            # A hold on one person in it holds that person's records, and with them the whole.
            erase(ErasureRequest(self.shop.workspace, TERMS, "asked for", conversation=name))
            self.model.erase(name)
        return f"erase {name}"

    def erase_account(self) -> str:
        who = self.random.choice(ACCOUNTS)
        done = erase(ErasureRequest(self.shop.workspace, TERMS, "asked for", account=who))
        self.model.erase_account(who, done.at)
        return f"erase all of {who}"

    def retain(self) -> str:
        retain(RetainRequest(self.shop.workspace, TERMS, self.time, apply=True))
        self.model.retain(self.time)
        return f"retain at {self._now()}"

    def _now(self) -> str:
        return format_moment(self.time)

    def readable(self) -> set[str]:
        with opened(self.shop.workspace) as found:
            batches = list(found.vault.records())
        return {name for batch in batches for name in batch.column("conversation").to_pylist()}


def run(folder: Path, seed: int) -> None:
    folder.mkdir()
    world = World(folder, seed)
    told = []
    for _ in range(STEPS):
        told.append(world.step())
        assert world.readable() == world.model.stored, (seed, told)
    ends = [one for one in logged(world.shop) if isinstance(one, ErasureDone | ErasureAbandoned)]
    assert len(ends) == sum(isinstance(one, ErasureIntended) for one in logged(world.shop))


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_what_is_readable_is_exactly_what_may_be(tmp_path: Path, seed: int) -> None:
    run(tmp_path / "world", seed)

"""Random steps of people and operators, drawn from a number and written as words that can be done again."""

from __future__ import annotations

import random
from dataclasses import dataclass

HOUR = 3_600_000_000
STEPS = 13
PEOPLE = ("ada", "ben")
TALKS = {"one": ("ada",), "two": ("ben",), "both": ("ada", "ben"), "more": ("ada",), "zero": ("zoe",)}
"""Conversations, and who speaks in them by turns. Zoe's organisation has zero data retention."""
FIRST = 3
"""Conversations whose logs are taken in before anything else."""
TURNS = 3
"""As long as a conversation gets: its log may end earlier."""

WEIGHTS = {
    "ingest": 3, "choose": 2, "withdraw": 5, "delete": 8, "delete_record": 1, "flag": 5, "close": 2, "hold": 4,
    "release": 4, "again": 1, "erase": 7, "erase_account": 3, "erase_before": 1, "retain": 6, "show": 2, "build": 2,
    "read": 6, "copy": 2, "compact": 2, "backup": 2, "restore": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What is done, with what, and how long before the present what it tells of happened."""

    act: str
    what: tuple[str, ...]
    before: int
    """Microseconds."""

    def __str__(self) -> str:
        return f"{self.before // HOUR} hours ago: {' '.join((self.act, *self.what))}"


def step_in(line: str) -> Step:
    """A step from its words."""
    when, _, told = line.partition(" hours ago: ")
    act, *what = told.split()
    return Step(act, tuple(what), int(when) * HOUR)


def steps_of(seed: int) -> list[Step]:
    """The steps of a sequence: the same for the same number. It begins with logs of some conversations."""
    chosen = random.Random(seed)
    # Each sequence does much of some things and nothing of others: so more of what goes together is tried.
    weights = [weight * chosen.choice((0, 1, 1, 3)) for weight in WEIGHTS.values()]
    acts = chosen.choices([*WEIGHTS, "ingest"], [*weights, 3], k=STEPS - FIRST)
    _first_things_first(acts)
    talks = chosen.sample(list(TALKS), FIRST)
    people = [chosen.choice(PEOPLE), *PEOPLE]
    told = [("ingest", talk, chosen.choice("012")) for talk in talks]
    told += [(act, *_what(act, chosen, people, [*talks, *talks[:1] * 6, *TALKS])) for act in acts]
    pace = chosen.choice(((1, 2 * 24), (9 * 24, 31 * 24), (1, 2 * 24, 31 * 24)))
    before = [HOUR]
    for _ in told[1:]:
        before.append(before[-1] + chosen.choice(pace) * HOUR)
    return [Step(act, tuple(what), at) for (act, *what), at in zip(told, reversed(before), strict=True)]


def _first_things_first(acts: list[str]) -> None:
    """Nothing is read before it was built, no hold released before it was placed, no backup restored before it was made."""
    for later, earlier in (("read", "build"), ("release", "hold"), ("restore", "backup")):
        if later in acts and earlier not in acts[: acts.index(later)]:
            acts[acts.index(later)] = earlier


def _what(act: str, chosen: random.Random, people: list[str], talks: list[str]) -> tuple[str, ...]:
    person, talk, turn = chosen.choice(people), chosen.choice(talks), chosen.choice("012")
    if act == "ingest":
        return (talk, turn)
    if act == "delete_record":
        return (f"{talk}/{turn}",)
    if act in ("delete", "flag", "erase", "show"):
        return (talk,)
    if act in ("choose", "withdraw", "close", "hold", "erase_account"):
        return (person,)
    return (turn,) if act in ("release", "again", "read", "erase_before") else ()

"""Makes labelled conversations: ``python -m training.conversations.make training|testing OUT.jsonl [SEED] [ROUNDS]``.

The halves share no template and no name. The same seed and the same versions of the libraries give the same file.
A row is a turn, in the layout of the labelled corpora, with its ``conversation``, and with the special categories of
Art. 9 GDPR that the conversation tells of a person (``flags``).
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from faker import Faker

from training.conversations.values import ADDRESSED, HALVES, Pools, World

SEEDS = {"training": 11, "testing": 29}
ROUNDS = 12
SCOPE = [
    "PERSON",
    "LOCATION",
    "ADDRESS",
    "ORG",
    "EMAIL",
    "PHONE",
    "CREDIT_CARD",
    "IBAN",
    "SSN",
    "IP",
    "DATE",
    "AGE",
    "SECRET",
]
_SLOT = re.compile(r"\{([a-z]+(?:[.:][a-z0-9]+)?)\}")


def conversations(half: str, seed: int | None = None, rounds: int = ROUNDS) -> Iterator[dict[str, Any]]:
    """The rows of a half: every template so many times, each time with other names."""
    templates = import_module(f"training.conversations.{half}_half").TEMPLATES
    draw = random.Random(SEEDS[half] if seed is None else seed)
    pools = Pools.of(half)
    fake = {locale: Faker(locale) for locale in sorted(set(ADDRESSED))}
    for one in fake.values():
        one.seed_instance(draw.randrange(2**32))
    for number in range(rounds):
        for place, (flags, turns) in enumerate(templates):
            world, name = World(draw, pools, fake), f"{half}-{place}-{number}"
            for at, turn in enumerate(turns):
                text, spans = filled(turn, world)
                yield {
                    "id": f"{name}/{at}", "conversation": name, "text": text, "spans": spans, "scope": SCOPE,
                    "flags": flags.split(),
                }  # fmt: skip


def filled(template: str, world: World) -> tuple[str, list[tuple[int, int, str]]]:
    """A turn with its slots filled, and where what is labelled stands."""
    pieces: list[str] = []
    spans, length, done = [], 0, 0
    for slot in _SLOT.finditer(template):
        value, kind = world.value(slot[1])
        before = template[done : slot.start()]
        pieces += (before, value)
        start = length + len(before)
        length, done = start + len(value), slot.end()
        if kind:
            spans.append((start, length, kind))
    pieces.append(template[done:])
    return "".join(pieces), spans


def main() -> None:
    """Write a half."""
    half, out, *more = sys.argv[1:]
    if half not in HALVES:
        sys.exit(f"there is no half {half!r}: {' or '.join(HALVES)}")
    seed, rounds = (int(more[0]) if more else None), (int(more[1]) if len(more) > 1 else ROUNDS)
    lines = (json.dumps(row, ensure_ascii=False) for row in conversations(half, seed, rounds))
    Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

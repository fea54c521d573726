"""Tokens drawn at random from an expression, as a service would draw them."""

from __future__ import annotations

import random
import re
from typing import Any


def drawn_from(expression: str, seed: int) -> str:
    """A text that matches an expression of literals, classes, groups, alternatives and bounded repeats."""
    parts = re._parser.parse(expression)  # type: ignore[attr-defined]
    return _some(parts, random.Random(seed))


def _some(parts: Any, dice: random.Random) -> str:
    return "".join(_one(str(kind), value, dice) for kind, value in parts)


def _one(kind: str, value: Any, dice: random.Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        return dice.choice(_choices(value))
    if kind == "MAX_REPEAT":
        low, high, inner = value
        return "".join(_some(inner, dice) for _ in range(dice.randint(low, min(int(high), low + 40))))
    if kind == "SUBPATTERN":
        return _some(value[3], dice)
    if kind == "BRANCH":
        return _some(dice.choice(value[1]), dice)
    return ""  # what takes no characters: edges and lookaround


def _choices(value: Any) -> str:
    found = ""
    for kind, what in value:
        if str(kind) == "LITERAL":
            found += chr(what)
        elif str(kind) == "RANGE":
            found += "".join(map(chr, range(what[0], what[1] + 1)))
        else:  # \d
            found += "0123456789"
    return found

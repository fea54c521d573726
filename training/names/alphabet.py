"""Makes the tables of characters from this interpreter's Unicode data; they are then kept in the weights."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from troth.detect.names.letters import (
    CASELESS,
    DIGIT,
    IDEOGRAPH,
    LIMIT,
    LINE,
    LOWER,
    SPACE,
    SYMBOL,
    UPPER,
    Letters,
)

_ENDS = "\n\r\x0b\x0c\x85\u2028\u2029"
_IDEOGRAPHS = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))
_ALIKE = dict(zip(map(ord, "’‘“”–—"), map(ord, "''\"\"--"), strict=True))


@cache
def letters() -> Letters:
    """The tables."""
    kind = np.full(LIMIT + 1, SYMBOL, np.uint8)
    fold = np.arange(LIMIT + 1, dtype=np.uint32)
    for code in range(LIMIT):
        character = chr(code)
        category = unicodedata.category(character)
        kind[code] = _kind(character, category)
        plain = unicodedata.normalize("NFKD", character)[:1].lower()
        if category[0] in "LN" and len(plain) == 1:
            fold[code] = ord(plain)
    for code, plain_code in _ALIKE.items():
        fold[code] = plain_code
    return Letters(kind, fold)


def _kind(character: str, category: str) -> int:
    if character in _ENDS:
        return LINE
    if category in ("Zs", "Cc", "Cf"):
        return SPACE
    if category[0] == "L":
        if any(low <= ord(character) <= high for low, high in _IDEOGRAPHS):
            return IDEOGRAPH
        return {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER}.get(category, CASELESS)
    if category[0] == "M" or character == "_":
        return CASELESS
    return DIGIT if category[0] == "N" else SYMBOL

"""What kind of character each code point is, and which letter it counts as: tables, so that every machine agrees.

The tables stand in the weights file and not in the interpreter, whose Unicode data differ from version to version.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

SPACE, LINE, LOWER, UPPER, CASELESS, IDEOGRAPH, DIGIT, SYMBOL = range(8)
"""The kinds of characters. An ideograph is a word of its own; a run of one symbol is one word."""
EDGE_KIND = 8
"""The kind of `EDGE`."""
KINDS = 9

EDGE = 0x110000
"""Stands between two texts: no character has this code."""
LIMIT = 0x20000
"""Code points from here on count as one symbol (emoji lie below, rare ideographs above)."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The two tables, each `LIMIT` + 1 long; the last row serves everything from `LIMIT` on."""

    kind: npt.NDArray[np.uint8]
    fold: npt.NDArray[np.uint32]
    """The code point in small letters and without accents."""


def codes_of(text: str) -> Codes:
    """The code points of a text; lone surrogates are code points like others."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)

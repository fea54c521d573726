"""Which characters are read as which: digits and widths of other scripts, spaces, letters that look the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ZEROS: Final = (
    "660 6f0 7c0 966 9e6 a66 ae6 b66 be6 c66 ce6 d66 de6 e50 ed0 f20 1040 1090 17e0 1810 1946 19d0 1a80 1a90 1b50"
    " 1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10 104a0 10d30 11066 110f0 11136 111d0 112f0 11450"
    " 114d0 11650 116c0 11730 118e0 11950 11c50 11d50 11da0 16a60 16ac0 16b50 1d7ce 1d7d8 1d7e2 1d7ec 1d7f6"
    " 1e140 1e2f0 1e950 1fbf0"
)
"""The zero of every row of ten decimal digits (Unicode 14, general category Nd). Written out, so that what is
found does not depend on the version of Python."""

_FORMS: Final = ((0x2000, 0x2100), (0x2100, 0x2150), (0x2460, 0x2500), (0xFE50, 0xFE70), (0xFF00, 0xFF5F))
_LETTER_FORMS: Final = ((0x1D400, 0x1D800),)
_TAGS: Final = frozenset({"<wide>", "<small>", "<font>", "<circle>", "<noBreak>"})

_LOOKS: Final = (
    dict(zip("аеорсухіјѕԁԛԝһӏԍ", "aeopcyxijsdqwhlg", strict=True))
    | dict(zip("АВЕКМНОРСТУХІЈЅԚԜҮ", "ABEKMHOPCTYXIJSQWY", strict=True))
    | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονϲϳ", "ABEZHIKMNOPTYXovcj", strict=True))
)
"""Cyrillic and Greek letters that look like a Latin one."""

LIGATURES: Final = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}

_UNSEEN: Final = (
    "\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e01ef"
)
"""Soft hyphen, zero-width and joining characters, marks of direction, variation selectors, tags."""

_MARKS: Final = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
"""Combining marks of no script of their own: accents, strokes, keycaps."""


def _one_to_one() -> dict[int, str]:
    table = {int(zero, 16) + value: str(value) for zero in _ZEROS.split() for value in range(10)}
    for low, high in (*_FORMS, *_LETTER_FORMS):
        for code in range(low, high):
            plain = unicodedata.normalize("NFKC", chr(code))
            if unicodedata.decomposition(chr(code)).partition(" ")[0] in _TAGS and len(plain) == 1:
                table.setdefault(code, plain)
    table |= dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
    table |= dict.fromkeys((0x2010, 0x2011, 0x2212, 0xFE63), "-")
    table[0x2024] = "."
    return table


ONE_TO_ONE: Final = _one_to_one()
"""Characters that are always read as another one, by code point."""


def _ranges(codes: set[int]) -> str:
    """A class of an expression, in ranges: a search for it is fast."""
    firsts = sorted(code for code in codes if code - 1 not in codes)
    lasts = sorted(code for code in codes if code + 1 not in codes)
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in zip(firsts, lasts, strict=True))


TO_CHANGE: Final = re.compile(
    f"[{_ranges({code for code in ONE_TO_ONE if code <= 0xFFFF})}\U000104a0-\U0001e959\U0001fbf0-\U0001fbf9]"
)
"""Finds a character of `ONE_TO_ONE`, or a rare one near them: few ranges beyond the first plane are fast."""
_RUN: Final = f"[{_UNSEEN}{_MARKS}{''.join(LIGATURES)}]"
TO_SHORTEN: Final = re.compile(f"{_RUN}{_RUN}*")  # a class first: such a search is fast
"""Finds runs of characters that nobody sees or that sit on the one before, and of ligatures."""
MARK: Final = re.compile(f"[{_MARKS}]")
"""Finds one combining mark."""

_MIXED: Final = re.compile(f"[{''.join(_LOOKS)}](?:(?<=[A-Za-z0-9_].)|(?=[A-Za-z0-9_]))")
_WORD: Final = re.compile(rf"(?<!\w)(?=\w*?[A-Za-z])[A-Za-z0-9_{''.join(_LOOKS)}]+(?!\w)")
ANYTHING: Final = re.compile(f"{TO_CHANGE.pattern[:-1]}{_RUN[1:-1]}{''.join(_LOOKS)}]")
"""Finds a character that may be read as another one: where there is none, nothing has to be done."""
_LOOK: Final = str.maketrans(_LOOKS)


def latin(text: str) -> str:
    """The text with every word that mixes Latin letters with ones that only look so written in Latin letters.

    A word with another letter of Greek or Cyrillic in it stays: it is Greek or Russian. The length stays too.
    """
    if not _MIXED.search(text):
        return text
    return _WORD.sub(lambda match: match.group().translate(_LOOK), text)

"""What stands around a place: words before it, and whether the text there is prose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.detect.text.view import View

_LIKE_CODE = re.compile(r"[{}\[\]<>=;|\\`$_#*/\"]|\n[ \t]|\(\)")
_NEAR = 160


def words(*alternatives: str) -> re.Pattern[str]:
    """An expression for any of some words or phrases, each an expression itself, in any case."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])", re.IGNORECASE)


def said_before(said: re.Pattern[str], text: str, place: int, reach: int = 40) -> bool:
    """Whether a word stands in the characters before a place."""
    return said.search(text, max(0, place - reach), place) is not None


def said_after(said: re.Pattern[str], text: str, place: int, reach: int = 24) -> bool:
    """Whether a word stands in the characters after a place."""
    return said.search(text, place, place + reach) is not None


def in_prose(view: View, place: int) -> bool:
    """Whether a place is in what people write to one another: no code, no comment of it, no data, no path.

    Zones are dear. Where nothing nearby looks like code, nobody needs to ask for them.
    """
    near = _LIKE_CODE.search(view.folded, max(0, place - _NEAR), place + _NEAR)
    return near is None or view.zone_at(place) == "prose"

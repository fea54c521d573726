"""Where a value begins and ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SHORT: Final = 512
_LONG: Final = 16_000
_PREFIX: Final = re.compile(r"(?:[bBrRuUfFLN]{1,2}|@|str|String)?\(?(\\{0,4}[\"'`]|&quot;)")
_IN_QUOTES: Final = {
    '"': re.compile(r"(?:[^\"\\\n]|\\(?![\"\n]).)*"),
    "'": re.compile(r"(?:[^'\\\n]|\\(?!['\n]).)*"),
    "`": re.compile(r"[^`\n]*"),
}
_IN_ESCAPED: Final = {mark: re.compile(rf"[^{mark}\\\n]*") for mark in "\"'`"}
_BARE: Final = re.compile(r"[^\s\"'`<>,;(){}\[\]\\|]+")
_QUERY: Final = re.compile(r"[^\s\"'`<>,;(){}\[\]\\|&]+")
_TEXT: Final = re.compile(r"[^<>&\n]+")
_ENTITY: Final = re.compile(r"(?:(?!&quot;)[^<>\n])*")
_MORE: Final = re.compile(r"[A-Za-z0-9+/=_\-.%]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value begins and ends."""

    start: int
    end: int
    quoted: bool


def value_at(text: str, start: int, opened: str, sign: str) -> Value | None:
    """The value that begins at a place, after a quotation mark or none."""
    prefix = None if opened else _PREFIX.match(text, start, start + 12)
    if prefix:
        start, opened = prefix.end(), prefix.group(1)
    high = min(len(text), start + _SHORT)
    if opened:
        end = _quoted(text, start, high, opened)
        if end is not None:
            return Value(start, end, True) if end > start else None
    match = (_TEXT if sign == ">" else _QUERY).match(text, start, high)
    if not match:
        return None
    if sign == ">" and text[match.end() : match.end() + 1] != "<":  # no element that is closed
        return None
    end = match.end() if match.end() < high else _MORE.match(text, high, start + _LONG).end()  # type: ignore[union-attr]
    if text.startswith("...", end - 3) or text[end : end + 1] == "…":  # cut off by who wrote it
        return None
    while end > start and text[end - 1] in ".:?,* \t\r":
        end -= 1
    return Value(start, end, False) if end > start else None


def _quoted(text: str, start: int, high: int, opened: str) -> int | None:
    """Where the value before the closing quotation mark ends; None if there is none in this line."""
    if opened[0] == "&" or opened == "%22":
        match = _ENTITY.match(text, start, high)
        return match.end() if match and text.startswith("&quot;", match.end()) else None
    escaped = opened[0] == "\\" or text[start - len(opened) - 1 : start - len(opened)] == "\\"
    mark = opened.strip("\\")[:1]
    match = (_IN_ESCAPED if escaped else _IN_QUOTES)[mark].match(text, start, high)
    if not match:
        return None
    end = match.end()
    if end == high < len(text):  # a long one: what goes on without spaces is of it
        more = _MORE.match(text, high, start + _LONG)
        end = more.end() if more else high
        return end if text[end : end + 1] in (mark, "\\") else None
    return end if text[end : end + 1] in (mark, "\\") and end < len(text) else None

"""Where a value begins and ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

_SHORT: Final = 256
_LONG: Final = 16_000
_PREFIX: Final = re.compile(r"(?:[bBrRuUfFLN]{1,2}|@|str|String)?\(?(\\{0,4}[\"'`]|&quot;)")
_IN_QUOTES: Final = {
    '"': re.compile(r"(?:[^\"\\\n]|\\(?![\"\n]).)*"),
    "'": re.compile(r"(?:[^'\\\n]|\\(?!['\n]).)*"),
    "`": re.compile(r"[^`\n]*"),
}
_IN_ESCAPED: Final = {mark: re.compile(rf"[^{mark}\\\n]*") for mark in "\"'`"}
_BARE: Final = re.compile(
    r"(?:[^\s\"'`<>,;(){}\[\]\\|&=]|(?<!&)&(?=[^\s\"'`&<>])(?![A-Za-z_][\w.\-]{0,40}=|#?\w{2,6};))+={0,3}"
)
"""An ``&`` is of the value unless another field follows, as in an address, or another command."""
_TEXT: Final = re.compile(r"[^<>&\n]+")
_ENTITY: Final = re.compile(r"(?:(?!&quot;)[^<>\n])*")
_NEXT: Final = re.compile(r"%26(?=[\w.\-]{1,40}(?:=|%3[dD]))|%3[dD](?=\w)", re.ASCII)
"""The next field of an address that is URL-encoded."""
_MORE: Final = re.compile(r"[A-Za-z0-9+/=_\-.%]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value begins and ends."""

    start: int
    end: int
    quoted: bool


def value_at(text: str, start: int, opened: str, sign: str) -> Value | None:
    """The value that begins at a place, after a quotation mark or none. Of a long one, the first 256 characters."""
    prefix = None if opened else _PREFIX.match(text, start, start + 12)
    if prefix:
        start, opened = prefix.end(), prefix.group(1)
    high = min(len(text), start + _SHORT)
    if opened:
        end = _quoted(text, start, high, opened)
        if end is not None:
            return Value(start, end, True) if end > start else None
    match = (_TEXT if sign == ">" else _BARE).match(text, start, high)
    if not match:
        return None
    encoded = _NEXT.search(text, start, match.end())
    end = encoded.start() if encoded else match.end()
    if sign == ">" and text[end : end + 1] != "<":  # no element that is closed
        return None
    if text.startswith("...", end - 3) or text[end : end + 1] == "…":  # cut off by who wrote it
        return None
    while end > start and text[end - 1] in ".:?,* \t\r":
        end -= 1
    return Value(start, end, False) if end > start else None


def whole(text: str, value: Value) -> Value:
    """The same value with all that a long one goes on with."""
    if value.end - value.start < _SHORT:
        return value
    more = _MORE.match(text, value.end, value.end + _LONG)
    return replace(value, end=more.end()) if more else value


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
        return end
    return end if text[end : end + 1] in (mark, "\\") and end < len(text) else None

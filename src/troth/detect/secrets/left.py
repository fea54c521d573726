"""What stands to the left of a value: the name it is assigned to, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_REACH: Final = 160

# Expressions of this file match the text before the value, backwards.
_QUOTE: Final = r"[\"'`]{1,3}\\{0,8}|;touq&\\?|22%|;93#&|;43#&"
_OPEN: Final = re.compile(
    rf"(?P<quote>{_QUOTE})?(?P<type>[bBrRuUfFLNx@]{{1,2}}(?![\w]))?[\s\\]{{0,20}}", re.ASCII
)
_CALL: Final = re.compile(r"[(\[{][\w.<>:]{0,40}(?:[ ]wen)?[\s\\]{0,20}", re.ASCII)
_SIGN: Final = re.compile(
    r"(?P<sign>D3=|=:|=={1,2}|=!{1,2}|=\?{2}|>[=\-]|[=:,>(]|ro(?=[\s)\]])|\|\||\?\?|[Dd]3%|[Aa]3%"
    r"|[aAdD]300u\\)[ \t]{0,20}"
)
_CLOSE: Final = re.compile(r"(?:[\"'`\\\])\s]|\d{1,4}\[|\[(?=[\w\s])|;touq&|;93#&|;43#&){0,40}")
_NAME: Final = re.compile(r"[\w\-.$/]{1,80}")
_TYPE: Final = re.compile(r"\s{0,3}[\w.\[\]|?<>*]{1,40}\s{0,3}:\s{0,3}(?=[\w\"'])")
_TAG: Final = re.compile(
    r"<([\w:.\-]{1,60})((?:\s+[\w:.\-]{1,40}\s*=\s*(?:\"[^\"<>]{0,80}\"|'[^'<>]{0,80}'))*)\s*>\Z"
)
_NAMED: Final = re.compile(r"(?:key|name|id)\s*=\s*[\"']([^\"']{1,80})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Left:
    """What stands to the left of a value."""

    names: tuple[str, ...]
    """What it may be assigned to, the likeliest first."""
    sign: str
    """How: ``=``, ``:``, ``,``, ``>`` of an element of XML, ``(``, ``or``."""
    opened: str
    """The quotation mark before the value, or nothing."""
    spaced: bool
    """Whether a space stands before the value."""
    before: str
    """The character before the name, or nothing."""


def left_of(text: str, place: int) -> Left | None:
    """What stands to the left of a value that begins at a place; None if it is assigned to nothing."""
    before = text[max(0, place - _REACH) : place][::-1]
    opened = _OPEN.match(before)
    end = opened.end() if opened else 0
    sign = _SIGN.match(before, end)
    call = _CALL.match(before, end)
    if call and (sign is None or _SIGN.match(before, call.end())):  # password = String("...")
        end, sign = call.end(), _SIGN.match(before, call.end())
    if not sign:
        return None
    how = _HOW.get(sign["sign"], sign["sign"][::-1])
    quote = ((opened and opened["quote"]) or "")[::-1]
    if how == ":" and before[sign.end("sign") : sign.end("sign") + 1] == ":":
        return None
    if how == ">":
        names, behind = _of_element(before[end:]), sign.end()
    else:
        names, behind = _of_name(before, sign.end(), how)
    if not names or (how in ",(" and not quote):
        return None
    return Left(names, how, quote.lstrip("\\"), before[:1].isspace(), before[behind : behind + 1])


_HOW: Final = {"D3=": "=", "D3%": "=", "d3%": "=", "A3%": ":", "a3%": ":", "D300u\\": "=", "d300u\\": "=", "A300u\\": ":",
               "a300u\\": ":", "=:": "=", ">=": "=", ">-": "=", "ro": "or", "||": "or", "??": "or", "=??": "="}  # fmt: skip


def _of_name(before: str, end: int, how: str) -> tuple[tuple[str, ...], int]:
    names, behind = [], end
    closed = _CLOSE.match(before, end)
    name = _NAME.match(before, closed.end() if closed else end)
    if name:
        names.append(name.group()[::-1])
        behind = name.end()
    typed = _TYPE.match(before, end) if how == "=" else None
    if typed:
        closed = _CLOSE.match(before, typed.end())
        name = _NAME.match(before, closed.end() if closed else typed.end())
        names += [name.group()[::-1]] if name else []
    return tuple(names), behind


def _of_element(before: str) -> tuple[str, ...]:
    """The name of the element of XML that has just been opened, and the name that an attribute gives."""
    tag = _TAG.search(before[::-1])
    if not tag:
        return ()
    named = _NAMED.search(tag[2])
    return (tag[1], named[1]) if named else (tag[1],)

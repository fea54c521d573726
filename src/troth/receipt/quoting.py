"""Foreign names in one line of plain text: what could hide, reorder or fake what a person sees is escaped.

The set of escaped characters is written out, and not asked of a Unicode library, so that every version of every
program writes the same words.
"""

from __future__ import annotations

import re

import msgspec

from troth.errors import VerificationError

_UNSAFE = (
    "\x00-\x1f\x7f-\xa0\xad"  # controls, the space that does not break, the hyphen that is not seen
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # marks drawn over others
    "\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"  # fillers, and marks that turn the direction
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f"  # odd spaces, ends of lines, directions, joiners
    "\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"  # blanks that are letters, variants
    "\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\uffff"  # halves of characters, private ones, ones that are none
    "\U0001bca0-\U0001bca3\U0001d165-\U0001d182\U000e0000-\U0010ffff"  # formats, tags, private planes
)
_ESCAPED = re.compile(f'["\\\\{_UNSAFE}]')
_NOT_PLAIN = re.compile(f"[{_UNSAFE}]")
_SHORT = {'"': '\\"', "\\": "\\\\"}


def quoted(name: str) -> str:
    r"""A name as a JSON string with every unsafe character escaped.

    >>> print(quoted('Zoë "z"\n\u202e'))
    "Zoë \"z\"\n\u202e"
    """
    return f'"{_ESCAPED.sub(_escape, name)}"'


def _escape(found: re.Match[str]) -> str:
    letter = found.group()
    if letter in _SHORT:
        return _SHORT[letter]
    if letter == "\n":
        return "\\n"
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def read_quoted(text: str) -> str:
    """The name that was `quoted`. Raises `VerificationError` unless it is written in that one form."""
    try:
        name = msgspec.json.decode(text.encode(), type=str)
    except (msgspec.MsgspecError, ValueError):
        raise VerificationError("a name does not stand in quotation marks", remedy=_AGAIN) from None
    if quoted(name) != text:
        raise VerificationError("a name is not written in its one form", remedy=_AGAIN)
    return name


def is_plain(text: str) -> bool:
    """Whether a text is one line of characters that are all seen as they stand."""
    return not _NOT_PLAIN.search(text)


def plain(text: str) -> str:
    """The text with its unsafe characters escaped, for messages about files that somebody else wrote."""
    return _NOT_PLAIN.sub(_escape, text)


_AGAIN = "get the receipt again, or ask who gave it to you"

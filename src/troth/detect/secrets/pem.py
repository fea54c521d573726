"""Private keys, whole: over many lines, in logs and comments, in strings, with escaped line breaks, and cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.found import secret
from troth.detect.secrets.random_look import entropy

if TYPE_CHECKING:
    from troth.detect.text.view import View

_BEGIN: Final = re.compile(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{0,5}", re.ASCII)
_END: Final = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?: ?-{4,5})?", re.ASCII)
_LONGEST: Final = 24_000
"""Characters of one key with what stands around its lines: the longest in use have about 8,000."""
_BODY: Final = re.compile(r"[A-Za-z0-9+/=]{20,}", re.ASCII)
_LINE_BREAK: Final = re.compile(r"\r?\n|(?:\\{1,4}r)?\\{1,4}n|\\{1,4}r", re.ASCII)
_NEXT: Final = re.compile(r"[{}]|\\?\"\s{0,3}:")
"""What stands between the fields of data, and not between the lines of a key."""
_CUT: Final = 160
"""Characters without a piece of a key after which one that has no end is over."""


def _private_key(view: View, place: int) -> Iterator[Finding]:
    """The key that begins with the words which end at a place."""
    text = view.folded
    begin = next(
        (m for m in _BEGIN.finditer(text, max(0, place - 80), place + 6) if m.start() < place <= m.end()),
        None,
    )
    if begin is None:
        return
    high = min(len(text), begin.end() + _LONGEST)
    another = text.find("-BEGIN ", begin.end(), high)
    high = another if another >= 0 else high
    end = _END.search(text, begin.end(), high)
    body = text[begin.end() : end.start() if end else high]
    last = _last_piece(body)
    if last is None or (end and "..." in body[: end.start()]):
        return
    yield secret(begin.start(), end.end() if end else begin.end() + last, "secret/private-key")


def _last_piece(body: str) -> int | None:
    """Where the last piece of a key ends, if there is one; a piece far from the one before is no part of it."""
    reached, seen = 0, ""
    for piece in _BODY.finditer(body):
        between = body[reached : piece.start()]
        if len(between) > _CUT or _NEXT.search(between):
            break
        reached = piece.end()
        seen += piece.group() if len(seen) < 400 else ""
    if len(seen) < 32 or entropy(seen) < 3.0:
        return None
    tail = re.compile(r"(?:\r?\n|\\n)[A-Za-z0-9+/]{1,19}={0,2}(?=\s|\\|\"|$)", re.ASCII).match(body, reached)
    return tail.end() if tail else reached


_PUTTY: Final = re.compile(
    r"Private-Lines: ?\d{1,3}(?:\r?\n|\\n)((?:[A-Za-z0-9+/=]{4,80}(?:\r?\n|\\n|$)){1,120})", re.ASCII
)


def _putty(view: View, place: int) -> Iterator[Finding]:
    """The private lines of a key of PuTTY."""
    begin = view.folded.rfind("Private-Lines", max(0, place - 20), place)
    match = _PUTTY.match(view.folded, begin, begin + 10_000) if begin >= 0 else None
    if match:
        yield secret(*match.span(1), "secret/private-key")


PRIVATE_KEY: Final = Recogniser(
    "secret-private-key", ("SECRET",), (r"PRIVATE KEY(?: BLOCK)?-{4}",), _private_key
)
PUTTY: Final = Recogniser(
    "secret-putty", ("SECRET",), (r"\nPrivate-Lines: ?\d", r"\\nPrivate-Lines: ?\d"), _putty
)

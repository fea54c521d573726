r"""What a recogniser is: anchors that one engine looks for in many texts at once, and an exact answer where one ends.

An anchor is cheap and may be wrong; the answer looks at the text around it and decides. An example, complete:

    TICKET = Recogniser(
        name="ticket",
        kinds=("SECRET",),
        anchors=(r"\bTKT-[0-9]{6}",),
        confirm=Around(re.compile(r"(?<!\w)TKT-\d{6,12}(?!\w)", re.ASCII), "SECRET", 0.9, "ticket/form"),
    )
    Scanner((TICKET,)).find([view_of("it is TKT-123456.")])
    # [[Finding(start=6, end=16, kind='SECRET', confidence=0.9, why='ticket/form')]]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from troth.detect.finding import Finding

if TYPE_CHECKING:
    from troth.detect.text.view import View

Confirm = Callable[["View", int], Iterable[Finding]]
"""The exact answer: findings about one place of a view, in offsets of its folded text.

The place is the first character after an anchor. The answer reads ``view.folded`` in a bounded window around it
(a few hundred characters), so that time stays linear, and never raises, whatever the text is. It may be asked about
one place more than once and may give the same finding twice. It is a function of a module or a frozen object, so
that it can be sent to another process.
"""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Finds one kind of sensitive data, or several that share a form."""

    name: str
    """What its findings' ``why`` begins with."""
    kinds: tuple[str, ...]
    """The kinds that its findings bear."""
    anchors: tuple[str, ...]
    """Expressions over the bytes of the text in UTF-8; `check_anchor` says what they may hold."""
    confirm: Confirm
    """Asked about every place where an anchor ends, in their order, unless one of its findings reaches past it."""

    def __post_init__(self) -> None:
        for anchor in self.anchors:
            check_anchor(anchor)


@dataclass(frozen=True, slots=True)
class Around:
    """The plainest `Confirm`: matches of an expression that hold the character before the place."""

    pattern: re.Pattern[str]
    """What is found is its group ``it``, if it has one, or else the whole match."""
    kind: str
    confidence: float
    why: str
    check: Callable[[re.Match[str]], bool] | None = None
    """What else must hold of a match."""
    before: int = 64
    """How many characters before the place a match may begin; lookbehind may look further."""
    after: int = 64
    """How many characters after the place a match may end."""

    def __call__(self, view: View, place: int) -> Iterator[Finding]:
        """The matches around a place."""
        text = view.folded
        low, high = max(0, place - self.before), min(len(text), place + self.after)
        for match in self.pattern.finditer(text, low, high):
            if match.start() >= place:
                return
            if match.end() < place or (match.end() == high < len(text)):
                continue
            if self.check is None or self.check(match):
                start, end = match.span("it" if "it" in self.pattern.groupindex else 0)
                yield Finding(start, end, self.kind, self.confidence, self.why)


_ESCAPE = r"\\(?:x(?!00)[0-9A-Fa-f]{2}|[dbwnrt]|[^\w\s])"
_ALLOWED = re.compile(
    rf"(?:\(\?i\))?(?:{_ESCAPE}|\[(?!\^)(?:{_ESCAPE}|[^\]\\\[\0])+\]|\(\?:|\{{\d+(?:,\d+)?\}}|[)|?]|[^\\\[\](){{}}.^$*+?|\0])+",
    re.ASCII,
)


def check_anchor(expression: str) -> None:
    r"""Raise ``ValueError`` unless an expression can be an anchor.

    Allowed: ASCII characters, classes that name what they hold (no ``[^``), ``\d \w \b \t \n \r \xHH``, ``(?:)``,
    ``|``, ``?``, ``{n}``, ``{n,m}``, and ``(?i)`` at the beginning. Not allowed, because it may mean another text
    of the same pass, or is not the same in both engines: ``. ^ $ * + \s \D \W``, lookaround, NUL.

    An anchor is asked about at every place where it ends: it should be rare in ordinary text, and end in something
    that is (``\bpass(?:word)?[=:]``; not ``\bpass\w{0,20}``, which ends twenty times). ``\b`` and ``\w`` know ASCII
    only; bytes of other characters are ``[\x80-\xf4]``, and after ``(?i)`` they can be written in no other way.
    Before every text stands a ``\n`` for an anchor, so that ``[ \n]x`` also means an ``x`` at its beginning. A match
    is at most about 2,000 bytes long, alternatives counted.
    """
    high = expression.startswith("(?i)") and r"\x" in expression.replace(r"\x80-\xf4", "")
    if not expression.isascii() or not _ALLOWED.fullmatch(expression) or high:
        raise ValueError(f"this cannot be an anchor: {expression!r}")

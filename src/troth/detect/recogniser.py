"""A recogniser finds one kind of sensitive data: a cheap gate for whole columns, and exact spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]
"""Where something begins and where it is over, in characters."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind of sensitive data."""

    kind: str
    gate: str
    """An RE2 expression, linear by construction. A text without a match of it has no spans."""
    spans: Callable[[str], Iterator[Span]]
    """The places of a text, in order, none overlapping another. In time linear in the text."""
    definition: tuple[str, ...]
    """The expressions behind the spans, for the digest of the filter."""

    @property
    def tag(self) -> str:
        """What takes the place of a span."""
        return f"[{self.kind.upper()}]"

    def replace(self, text: str) -> tuple[str, int]:
        """The text with a tag for every span, and how many there were."""
        pieces, end, count = [], 0, 0
        for start, stop in self.spans(text):
            pieces.append(text[end:start])
            end = stop
            count += 1
        if not count:
            return text, 0
        return self.tag.join([*pieces, text[end:]]), count


def matches(pattern: re.Pattern[str], check: Callable[[re.Match[str]], bool] | None = None) -> _Spans:
    """Spans of a pattern (of its group 1, where it has one) that pass a check."""
    return _Spans(pattern, check)


@dataclass(frozen=True, slots=True)
class _Spans:
    pattern: re.Pattern[str]
    check: Callable[[re.Match[str]], bool] | None

    def __call__(self, text: str) -> Iterator[Span]:
        group = 1 if self.pattern.groups else 0
        for found in self.pattern.finditer(text):
            if self.check is None or self.check(found):
                yield found.span(group)

"""Edits that follow one another on a text, as edits of the text as it was in the beginning."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from troth.types.edit import Edit


def composed(first: Sequence[Edit], then: Sequence[Edit]) -> list[Edit]:
    """The edits of a text that do what ``first``, and after it ``then``, do.

    Where a later edit reaches into what an earlier one put, both become one, of the later one's kind.

    >>> one = [Edit(0, 3, "A", 1.0, "", "[A_1]")]
    >>> [(e.start, e.end, e.put) for e in composed(one, [Edit(6, 9, "B", 1.0, "", "[B_1]")])]
    [(0, 3, '[A_1]'), (4, 7, '[B_1]')]
    >>> [(e.start, e.end, e.put) for e in composed(one, [Edit(4, 9, "B", 1.0, "", "[B_1]")])]
    [(0, 7, '[A_1[B_1]')]
    """
    found: list[Edit] = []
    waiting = deque(first)
    grown = 0
    """By how much the text before the earlier edits that wait is longer now."""
    for edit in then:
        while waiting and waiting[0].start + grown + len(waiting[0].put) <= edit.start:
            grown += _growth(waiting[0])
            found.append(waiting.popleft())
        start, before, end, after = edit.start - grown, "", edit.end - grown, ""
        if waiting and waiting[0].start < start:
            before = waiting[0].put[: start - waiting[0].start]
            start = waiting[0].start
        while waiting and waiting[0].start + grown < edit.end:
            grown += _growth(waiting[0])
            last = waiting.popleft()
            rest = last.end + grown - edit.end
            end, after = (last.end, last.put[len(last.put) - rest :]) if rest > 0 else (edit.end - grown, "")
        found.append(replace(edit, start=start, end=end, put=f"{before}{edit.put}{after}"))
    return [*found, *waiting]


def _growth(edit: Edit) -> int:
    return len(edit.put) - (edit.end - edit.start)

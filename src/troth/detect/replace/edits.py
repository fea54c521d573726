"""Edits that follow one another on a text, as edits of the text as it was in the beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from troth.types.edit import Edit, edited


@dataclass(slots=True)
class _Cluster:
    """Edits of the first and of the second round that reach into one another, in places of the text between."""

    start: int
    end: int
    earlier: list[Edit] = field(default_factory=list)
    later: list[Edit] = field(default_factory=list)


def composed(between: str, first: Sequence[Edit], then: Sequence[Edit]) -> list[Edit]:
    """The edits of a text that do what ``first`` and, after it, ``then`` do. ``between`` is the text after ``first``.

    Where a later edit reaches into what an earlier one put, both become one, of the later one's kind.

    >>> one = [Edit(0, 3, "A", 1.0, "", "[A_1]")]
    >>> [(e.start, e.end, e.put) for e in composed("[A_1] ann", one, [Edit(6, 9, "B", 1.0, "", "[B_1]")])]
    [(0, 3, '[A_1]'), (4, 7, '[B_1]')]
    >>> [(e.start, e.end, e.put) for e in composed("[A_1] ann", one, [Edit(4, 9, "B", 1.0, "", "[B_1]")])]
    [(0, 7, '[A_1[B_1]')]
    """
    found: list[Edit] = []
    grown = 0
    """By how much the text between is longer than the text as it was, up to the cluster."""
    for cluster in _clusters(first, then):
        growth = sum(len(edit.put) - (edit.end - edit.start) for edit in cluster.earlier)
        start, end = cluster.start - grown, cluster.end - grown - growth
        grown += growth
        told = (cluster.later or cluster.earlier)[-1]
        moved = [
            replace(edit, start=edit.start - cluster.start, end=edit.end - cluster.start)
            for edit in cluster.later
        ]
        put = edited(between[cluster.start : cluster.end], moved)
        found.append(replace(told, start=start, end=end, put=put))
    return found


def _clusters(first: Sequence[Edit], then: Sequence[Edit]) -> Iterator[_Cluster]:
    open_: _Cluster | None = None
    for start, end, is_later, edit in sorted(_spans(first, then), key=lambda span: span[:3]):
        if open_ is None or start >= open_.end:
            if open_ is not None:
                yield open_
            open_ = _Cluster(start, end)
        open_.end = max(open_.end, end)
        (open_.later if is_later else open_.earlier).append(edit)
    if open_ is not None:
        yield open_


def _spans(first: Sequence[Edit], then: Sequence[Edit]) -> Iterator[tuple[int, int, bool, Edit]]:
    """Where the edits stand in the text between: what the earlier ones put, and what the later ones take."""
    grown = 0
    for edit in first:
        yield edit.start + grown, edit.start + grown + len(edit.put), False, edit
        grown += len(edit.put) - (edit.end - edit.start)
    for edit in then:
        yield edit.start, edit.end, True, edit

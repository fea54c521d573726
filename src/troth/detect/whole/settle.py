"""Settles findings that overlap, in an order that is written down, so that the same ones are always left."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from troth.detect.finding import Finding
from troth.detect.kinds import KINDS

_PLACE = {name: number for number, name in enumerate(KINDS)}
_PLACES = attrgetter("start", "end", "kind", "confidence", "why")
_FIRST, _FORM, _NAME = 0, 1, 2
_TIER = {"SECRET": _FIRST, "PERSON": _NAME, "LOCATION": _NAME, "ORG": _NAME}
"""A secret goes first, for what stands around it says nothing of it; a name, which is learned, goes last."""
_DIVISIBLE = frozenset(("PERSON", "LOCATION", "ORG", "ADDRESS", "URL", "PATH", "SECRET"))
"""Kinds of which a part is still worth hiding. A part of a number is no number, unless it is most of it."""
_LEAST_LEFT = 2
"""Letters and digits that a part must have."""


def settle(findings: Iterable[Finding], text: str) -> list[Finding]:
    """The findings of one text, sorted, none overlapping another, each with a letter, digit or more in it.

    Two of one kind that overlap become one that covers both, with the greater confidence. Of other kinds, this
    order decides, and who loses keeps what is left of it, if that is still worth hiding:

    1. a secret before all others; forms and addresses before the names of people, places and organisations;
    2. the product of length and confidence, the greater first;
    3. the kind's place in `troth.detect.kinds.KINDS`, kinds that the terms declare last, by name;
    4. the place in the text, the length, and ``why``.
    """
    settled: list[Finding] = []
    for cluster in _clusters(findings):
        settled += cluster if len(cluster) == 1 else _settled(_united(cluster), text)
    return settled


def _clusters(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings that overlap one another, directly or through others; empty ones are left out."""
    cluster: list[Finding] = []
    reached = -1
    last: Finding | None = None
    for finding in sorted(findings, key=_PLACES):
        if finding.end <= finding.start or finding == last:
            continue
        last = finding
        if cluster and finding.start >= reached:
            yield cluster
            cluster = []
        cluster.append(finding)
        reached = max(reached, finding.end)
    if cluster:
        yield cluster


def _united(cluster: Sequence[Finding]) -> list[Finding]:
    """Those of one kind that overlap, as one."""
    open_: dict[str, Finding] = {}
    done: list[Finding] = []
    for finding in cluster:
        last = open_.get(finding.kind)
        if last is None or finding.start >= last.end:
            if last is not None:
                done.append(last)
            open_[finding.kind] = finding
            continue
        surest = min(
            last, finding, key=lambda one: (-one.confidence, one.start - one.end, one.start, one.why)
        )
        end = max(last.end, finding.end)
        open_[finding.kind] = Finding(last.start, end, finding.kind, surest.confidence, surest.why)
    return [*done, *open_.values()]


def _order(finding: Finding) -> tuple[int, float, int, str, int, int, str]:
    weight = (finding.end - finding.start) * finding.confidence
    place = _PLACE.get(finding.kind, len(_PLACE))
    tier = _TIER.get(finding.kind, _FORM)
    return tier, -weight, place, finding.kind, finding.start, -finding.end, finding.why


def _settled(cluster: Iterable[Finding], text: str) -> list[Finding]:
    taken: list[tuple[int, int]] = []
    kept: list[Finding] = []
    for finding in sorted(cluster, key=_order):
        for start, end in _free(finding, taken, text):
            insort(taken, (start, end))
            kept.append(Finding(start, end, finding.kind, finding.confidence, finding.why))
    return sorted(kept, key=_PLACES)


def _free(finding: Finding, taken: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """What of a finding is not taken, and worth keeping."""
    number = bisect_right(taken, (finding.start, finding.start)) - 1
    if number < 0 or taken[number][1] <= finding.start:
        number += 1
    pieces, at = [], finding.start
    while number < len(taken) and taken[number][0] < finding.end:
        pieces.append((at, taken[number][0]))
        at = taken[number][1]
        number += 1
    if at == finding.start and not pieces:
        return [(finding.start, finding.end)]
    pieces.append((at, finding.end))
    trimmed = [_trimmed(text, start, end) for start, end in pieces]
    least = _LEAST_LEFT
    if finding.kind not in _DIVISIBLE:
        least = max(least, -(-_weight(text, finding.start, finding.end) // 2))
    return [(start, end) for start, end in trimmed if start < end and _weight(text, start, end) >= least]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def _weight(text: str, start: int, end: int) -> int:
    """Letters and digits in a part of a text."""
    return sum(map(str.isalnum, text[start:end]))

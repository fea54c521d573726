"""A second look: a sample of texts that were filtered is looked at again with nothing spared, and the risk is told."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.detect.detector import standard
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.redact import Finder
from troth.detect.replace.taken import is_surrogate, tags_of
from troth.types.interval import wilson

Stretch = tuple[int, int]
"""Where something stands in a text: its first character, and the first after it."""


@dataclass(frozen=True, slots=True)
class Risk:
    """How many texts of a sample still hold something, as far as stricter settings can tell."""

    texts: int
    """How many texts there are."""
    looked_at: int
    """How many were drawn."""
    holding: int
    """How many of those still hold something."""
    kinds: Mapping[str, int]
    """Findings by kind."""
    low: float
    """The share of all texts that hold something is at least this, and at most ``high`` (`troth.types.interval`)."""
    high: float


def residual_risk(
    texts: Sequence[str],
    seed: int,
    size: int,
    finder: Finder | None = None,
    kinds: frozenset[str] = frozenset(),
) -> Risk:
    """Draw ``size`` texts, or all if there are fewer, and look at them again with `Finder.strict`.

    The same seed draws the same texts. What already stands in the place of something, tag, pseudonym or surrogate,
    does not count; ``kinds`` are kinds that the terms declare, whose tags are known too. Stricter settings find more
    that is nothing, so the share is more likely too high than too low for what Troth knows to look for; it says
    nothing of what no setting of Troth finds. Raises ``ValueError`` where ``size`` is below 1.
    """
    if size < 1:
        raise ValueError("a sample has one text or more")
    count = min(size, len(texts))
    drawn = sorted(random.Random(seed).sample(range(len(texts)), count))  # noqa: S311 — a sample, not a secret
    left = left_in([texts[number] for number in drawn], finder or standard(), frozenset(KINDS) | kinds)
    holding = sum(map(bool, left))
    by_kind = Counter(one.kind for own in left for one in own)
    return Risk(len(texts), count, holding, dict(sorted(by_kind.items())), *wilson(holding, count))


def left_in(
    texts: Sequence[str],
    finder: Finder,
    kinds: frozenset[str],
    put: Sequence[Sequence[Stretch]] | None = None,
) -> list[list[Finding]]:
    """What `Finder.strict` finds in each text, each looked at by itself, beside what stands for something.

    ``kinds`` are those whose tags are known. ``put`` says where in each text something is known to have been put. Of a
    finding that reaches beyond such a place, or a tag, what is beyond counts from two letters or digits on.
    """
    found = finder.strict().find(texts)
    known = put or [()] * len(texts)
    return [
        list(_real(text, findings, _places(text, own, kinds))) if findings else []
        for text, findings, own in zip(texts, found, known, strict=True)
    ]


def _places(text: str, put: Sequence[Stretch], kinds: frozenset[str]) -> list[Stretch]:
    """Where something stands for something, in order, none overlapping."""
    places: list[Stretch] = []
    for start, end in sorted([*put, *((start, end) for start, end, _ in tags_of(text, kinds))]):
        if places and start < places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places


def _real(text: str, findings: Sequence[Finding], places: Sequence[Stretch]) -> Iterator[Finding]:
    starts, ends = [start for start, _ in places], [end for _, end in places]
    for one in findings:
        inside = places[bisect_right(ends, one.start) : bisect_left(starts, one.end)]
        if is_surrogate(one.kind, text[one.start : one.end]):
            continue
        if not inside or _beyond(text, one, inside) >= _LEAST:
            yield one


def _beyond(text: str, finding: Finding, places: Sequence[Stretch]) -> int:
    """Letters and digits of a finding outside of these places."""
    at, count = finding.start, 0
    for start, end in places:
        count += sum(map(str.isalnum, text[at:start]))
        at = end
    return count + sum(map(str.isalnum, text[at : finding.end]))


_LEAST = 2

"""A second look: a sample of texts that were filtered is looked at again with nothing spared, and the risk is told."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from troth.detect.detector import Detector, standard
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.taken import is_surrogate, tags_of

LEVEL = 0.95
"""How often an interval made in this way holds the true share."""
METHOD = "Wilson score interval"


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
    """The share of all texts that hold something is at least this, and at most ``high`` (`METHOD`, `LEVEL`)."""
    high: float


def residual_risk(
    texts: Sequence[str],
    seed: int,
    size: int,
    detector: Detector | None = None,
    kinds: frozenset[str] = frozenset(),
) -> Risk:
    """Draw ``size`` texts, or all if there are fewer, and look at them again with `Detector.strict`.

    The same seed draws the same texts. What already stands in the place of something, tag, pseudonym or surrogate,
    does not count; ``kinds`` are kinds that the terms declare, whose tags are known too. Stricter settings find more
    that is nothing, so the share is more likely too high than too low for what Troth knows to look for; it says
    nothing of what no setting of Troth finds. Raises ``ValueError`` where ``size`` is below 1.
    """
    if size < 1:
        raise ValueError("a sample has one text or more")
    strict = (detector or standard()).strict()
    count = min(size, len(texts))
    drawn = sorted(random.Random(seed).sample(range(len(texts)), count))  # noqa: S311 — a sample, not a secret
    some = [texts[number] for number in drawn]
    left: Counter[str] = Counter()
    holding = 0
    known = frozenset(KINDS) | kinds
    for text, findings in zip(some, strict.find(some), strict=True):
        real = [one for one in findings if not _stands_for_something(text, one, known)]
        left.update(one.kind for one in real)
        holding += bool(real)
    return Risk(len(texts), count, holding, dict(sorted(left.items())), *wilson(holding, count))


def wilson(hits: int, size: int, level: float = LEVEL) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927, doi:10.2307/2276774); 0 to 1 where nothing was drawn.

    >>> tuple(round(bound, 4) for bound in wilson(0, 100))
    (0.0, 0.037)
    """
    if size == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, wide = hits / size, 1 + z * z / size
    middle = (share + z * z / (2 * size)) / wide
    half = z / wide * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == size else middle + half
    return low, high


def _stands_for_something(text: str, finding: Finding, kinds: frozenset[str]) -> bool:
    if is_surrogate(finding.kind, text[finding.start : finding.end]):
        return True
    around = text[max(0, finding.start - 64) : finding.end + 64]
    shift = max(0, finding.start - 64)
    return any(
        start + shift < finding.end and end + shift > finding.start
        for start, end, _ in tags_of(around, kinds)
    )

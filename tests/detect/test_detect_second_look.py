"""A second look at what was filtered: what it counts, what it does not, and how sure it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.detector import Detector, standard
from troth.detect.second_look import residual_risk
from troth.types.interval import wilson

CLEAN = [
    "The sky is blue.",
    "Add salt and stir.",
    "[PERSON_1] called [PHONE_2] from [LOCATION_1].",
    "mail EMAIL_3 now",
]
DIRTY = ["write to ann.lee@gmail.com", "my card is 4111 1111 1111 1234 5"]
PATTERNS = Detector(standard().recognisers)
"""Patterns alone: what they find in these texts is plain."""


def test_nothing_left_still_leaves_a_doubt() -> None:
    risk = residual_risk(CLEAN * 50, seed=1, size=100, finder=PATTERNS)
    assert (risk.texts, risk.looked_at, risk.holding, dict(risk.kinds)) == (200, 100, 0, {})
    assert risk.low == 0.0
    assert risk.high == pytest.approx(0.037, abs=0.001)


def test_what_is_left_is_counted_by_text_and_kind() -> None:
    risk = residual_risk([*CLEAN * 9, DIRTY[0], DIRTY[0]], seed=1, size=1000, finder=PATTERNS)
    assert (risk.looked_at, risk.holding, dict(risk.kinds)) == (38, 2, {"EMAIL": 2})
    assert risk.low < 2 / 38 < risk.high


def test_the_seed_draws_the_sample() -> None:
    texts = [*CLEAN * 20, *DIRTY * 20]
    first, again, other = (residual_risk(texts, seed, 20, PATTERNS) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_an_empty_release_says_nothing() -> None:
    risk = residual_risk([], 1, 10, PATTERNS)
    assert (risk.looked_at, risk.low, risk.high) == (0, 0.0, 1.0)
    with pytest.raises(ValueError, match="one text or more"):
        residual_risk(CLEAN, 1, 0, PATTERNS)


@settings(deadline=None)
@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_share_and_narrows_with_the_sample(size: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, size))
    low, high = wilson(hits, size)
    assert 0 <= low <= hits / size <= high <= 1
    wide = wilson(hits * 4, size * 4)
    assert wide[1] - wide[0] < high - low


def test_known_intervals() -> None:
    """Brown, Cai, DasGupta 2001; the same as R's prop.test without correction."""
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-4)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-4)

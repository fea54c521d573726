"""The best tags of a run are those that a search over all of them finds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from troth.detect.names.spans import KINDS, LONGEST, TAGS, spans_of


def allowed(before: int | None, tag: int | None) -> bool:
    part = "O" if before is None or before == 0 else "BIES"[(before - 1) % 4]
    next_part = "O" if tag is None or tag == 0 else "BIES"[(tag - 1) % 4]
    if part in "BI":
        return (
            next_part in "IE"
            and tag is not None
            and before is not None
            and (before - 1) // 4 == (tag - 1) // 4
        )
    return next_part in "OBS"


def best(ahead: np.ndarray) -> float:
    """The highest sum over all sequences of tags that may follow one another."""
    score = {tag: float(ahead[0, tag]) for tag in range(TAGS) if allowed(None, tag)}
    for row in ahead[1:]:
        score = {
            tag: max((s for old, s in score.items() if allowed(old, tag)), default=-np.inf) + float(row[tag])
            for tag in range(TAGS)
        }
    return max(s for tag, s in score.items() if allowed(tag, None))


def worth(ahead: np.ndarray, places: np.ndarray) -> float:
    found = spans_of(ahead, places)
    tags = np.zeros(len(places), int)
    where = {place: row for row, place in enumerate(places.tolist())}
    for first, last, kind in zip(found.first.tolist(), found.last.tolist(), found.kind.tolist(), strict=True):
        rows = range(where[first], where[last] + 1)
        base = 1 + 4 * kind
        for row in rows:
            tags[row] = base + 1
        tags[rows[0]], tags[rows[-1]] = base, base + 2
        if len(rows) == 1:
            tags[rows[0]] = base + 3
    return float(ahead[np.arange(len(places)), tags].sum())


@pytest.mark.parametrize("seed", range(30))
def test_no_other_tags_are_worth_more(seed: int) -> None:
    draw = np.random.default_rng(seed)
    places = np.flatnonzero(draw.random(60) < 0.7)
    ahead = draw.integers(-50, 50, (len(places), TAGS)).astype(np.float32)
    runs = np.split(np.arange(len(places)), np.flatnonzero(np.diff(places) > 1) + 1)
    assert worth(ahead, places) == sum(best(ahead[run]) for run in runs)


def test_a_name_does_not_reach_over_words_that_were_not_asked_about() -> None:
    ahead = np.full((2, TAGS), -9, np.float32)
    ahead[0, 1], ahead[1, 3] = 50, 50
    together = spans_of(ahead, np.array([4, 5]))
    assert (together.first.tolist(), together.last.tolist(), together.kind.tolist()) == ([4], [5], [0])
    assert together.ahead.tolist() == [59]
    apart = spans_of(ahead, np.array([4, 6]))
    assert all(first == last for first, last in zip(apart.first.tolist(), apart.last.tolist(), strict=True))


def test_the_kinds_are_those_that_findings_bear() -> None:
    ahead = np.full((4, TAGS), -9, np.float32)
    for row, kind in itertools.product(range(4), range(4)):
        if row == kind:
            ahead[row, 4 + 4 * kind] = 9
    assert [KINDS[kind] for kind in spans_of(ahead, np.arange(4)).kind.tolist()] == [
        "PERSON",
        "LOCATION",
        "ORG",
        "ADDRESS",
    ]


def test_a_run_without_end_is_cut() -> None:
    ahead = np.zeros((3 * LONGEST, TAGS), np.float32)
    ahead[:, 0] = -5
    ahead[:, 2] = 50
    found = spans_of(ahead, np.arange(3 * LONGEST))
    assert len(found.first) == 3
    assert (found.last - found.first + 1).max() <= LONGEST


def test_nothing_asked_nothing_found() -> None:
    found = spans_of(np.zeros((0, TAGS), np.float32), np.zeros(0, np.int64))
    assert len(found.first) == len(found.last) == len(found.kind) == len(found.ahead) == 0

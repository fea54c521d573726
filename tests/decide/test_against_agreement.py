"""Noes for a conversation or project, and machine signals: both ways of deciding agree where there are many of them."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from decide.readings import MOST_APART
from decide.test_agreement import Several
from troth.terms.archive import load
from worlds import disputed

WORLDS = 25


@pytest.mark.parametrize(("name", "reading"), MOST_APART)
def test_disputed_worlds_are_decided_alike(name: str, reading: dict[str, str]) -> None:
    several = Several(load(name, reading), [f"disputed-{name}-{n}" for n in range(WORLDS)], disputed)
    assert len(several.columns) == len(several.point)
    assert not several.first_difference()


def test_the_disputed_worlds_have_teeth() -> None:
    """Every way in which something may stand against a record is met, and not everything is denied."""
    several = Several(load("anthropic-consumer"), [f"teeth-{number}" for number in range(60)], disputed)
    reasons = Counter(told["reason"] for told in several.point.values())
    assert not several.first_difference()
    for reason in ("conversation_refused", "project_refused", "signal_refused", "said_before_choice"):
        assert reasons[reason] > 10, reason
    assert reasons["choice_granted"] > 10

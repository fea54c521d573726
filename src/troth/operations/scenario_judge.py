"""Whether a question of a scenario was answered rightly in every way, and alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.decide.scenarios import Ask, Scenario, differences
from troth.types.decision import Decision
from troth.types.moment import format_moment

POINT, COLUMNS = "point", "columns"


@dataclass(frozen=True, slots=True)
class Failure:
    """One question that was not answered rightly in every way, or not alike."""

    file: str
    id: str
    asked: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.file} {self.id}: asked {self.asked} expected {self.expected} got {self.got}"


FIELDS = ("allow", "reason", "rule", "clause", "keep_until", "erasable", "conversation", "account")
"""What both ways must say alike, asked or not."""


def judged(scenario: Scenario, ask: Ask, answers: Mapping[str, Decision]) -> Failure | None:
    """What is wrong with the answers to one question; None where each is right, and all are the same."""
    wrong = {way: differences(ask, answer) for way, answer in answers.items()}
    fields = [
        field for field in FIELDS if any(field == name for found in wrong.values() for name, _, _ in found)
    ]
    expected = " ".join(f"{field}={_expected(ask, field)}" for field in fields)
    if not fields:
        fields = [f for f in FIELDS if len({getattr(answer, f) for answer in answers.values()}) > 1]
        expected = "the same in both ways"
    if not fields:
        return None
    told = {
        way: " ".join(f"{f}={_shown(f, getattr(answer, f))}" for f in fields)
        for way, answer in answers.items()
    }
    if len(set(told.values())) == 1:
        got = f"{next(iter(told.values()))} ({' and '.join(told)})"
    else:
        got = ", ".join(f"{words} ({way})" for way, words in told.items())
    asked = f"{ask.purpose} of {ask.record} at {format_moment(ask.at)}"
    return Failure(scenario.place.file, scenario.id, asked, expected, got)


def _expected(ask: Ask, field: str) -> str:
    value = getattr(ask, field)
    return value if isinstance(value, str) else _shown(field, value)


def _shown(field: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if field == "keep_until":
        return format_moment(value) if isinstance(value, int) else "indefinite"
    return str(value)

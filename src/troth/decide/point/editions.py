"""The versions of some terms with everything that is asked of them again and again, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from troth.decide.point.timelines import Timeline
from troth.decide.versions import Timetable
from troth.terms.model import Choice, Retention, Terms, Version
from troth.terms.table import Table
from troth.types.moment import Moment

T = TypeVar("T")


class Asked(NamedTuple):
    """One choice as one version words it."""

    number: int
    """The same for the same wording, whatever the version."""
    choice: Choice
    deadline: Timeline[str]
    """``none``, ``before`` or ``passed``."""


class Edition:
    """One version of the terms; or, without one, the time before the first is in force."""

    def __init__(self, version: Version | None, timetable: Timetable, asked: tuple[Asked, ...]) -> None:
        self.version, self.asked = version, asked
        self.table: Table | None = timetable.table(version) if version else None
        self.effective: Moment | None = version.effective if version else None
        self.retention: tuple[Retention, ...] = version.retention if version else ()
        self.plans = frozenset(version.plans if version else ())
        self.covered_plans = frozenset(version.covered_plans if version else ())
        self.regions = timetable.regions(version) if version else frozenset()
        self.sample_rate = version.sample_rate if version else 0.0
        signals = version.signals if version else {}
        self.flag, self.rating, self.review = (signals.get(name) for name in ("flag", "rating", "review"))
        self.by_name = {one.choice.name: one for one in asked}


class Editions:
    """All versions of a profile."""

    def __init__(self, terms: Terms, timetable: Timetable) -> None:
        self.timetable = timetable
        self._wordings: list[Choice] = []
        versions = (*terms.versions, None)
        self.all = [Edition(v, timetable, self._asked(v)) for v in versions]
        """The last, at the place -1, stands for no version."""
        self.begins = [version.effective for version in terms.versions]
        self._effective = _timeline(self.begins, timetable.effective)
        self.organisation_plans = frozenset(p for v in terms.versions for p in v.organisation_plans)
        self.covered_plans = frozenset(p for v in terms.versions for p in v.covered_plans)

    def in_force(self, acknowledged: int, moment: Moment) -> Edition:
        """The newest version that is effective, or that the person acknowledged earlier."""
        return self.all[max(self._effective.at(moment), acknowledged)]

    def _asked(self, version: Version | None) -> tuple[Asked, ...]:
        return tuple(
            Asked(self._number(choice), choice, self._deadline(version, choice))
            for choice in self.timetable.choices(version)
        )

    def _number(self, choice: Choice) -> int:
        if choice not in self._wordings:
            self._wordings.append(choice)
        return self._wordings.index(choice)

    def _deadline(self, version: Version | None, choice: Choice) -> Timeline[str]:
        deadlines = [c.deadline for v in self.timetable.versions for c in v.choices if c.deadline is not None]
        published = [v.published for v in self.timetable.versions]
        return _timeline([*deadlines, *published], lambda at: self.timetable.deadline(version, choice, at))


def _timeline(moments: Iterable[Moment], value: Callable[[Moment], T]) -> Timeline[T]:
    """A value that can change at some moments only."""
    steps = sorted(set(moments))
    return Timeline(value(steps[0] - 1), [(at, value(at)) for at in steps])

"""Timelines: what stood from which instant on. Each is read off the events of one subject, once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

from troth.history.event import Event
from troth.types.moment import Moment

T = TypeVar("T")


class Timeline(Generic[T]):
    """A value before the first of some instants, and a value from each of them on."""

    __slots__ = ("moments", "values")

    def __init__(self, before: T, steps: Iterable[tuple[Moment, T]]) -> None:
        """``steps`` are in order; of several at one instant the last stands."""
        self.moments: list[Moment] = []
        self.values: list[T] = [before]
        for moment, value in steps:
            self.moments.append(moment)
            self.values.append(value)

    def at(self, moment: Moment) -> T:
        """What stands at a moment, a step at that very instant included."""
        return self.values[bisect_right(self.moments, moment)]


class Latest:
    """The values of a field at the latest instant that set it; several where it contradicts itself."""

    __slots__ = ("at", "only", "values")

    def __init__(self, values: frozenset[object], at: Moment) -> None:
        self.values, self.at = values, at
        self.only: object | None = next(iter(values)) if len(values) == 1 else None
        """The one value; None where there is none, or more than one."""


NEVER_SET = Latest(frozenset(), 0)


_ACCOUNT = ("plan", "organisation", "region", "age")
SETS = {
    "account.opened": _ACCOUNT,
    "account.changed": _ACCOUNT,
    "organisation.changed": ("plan", "retention", "features", "zero_retention"),
}
"""The events that tell what an account or organisation is, and the fields that they may set."""


def told_at(at: Moment, events: Iterable[Event]) -> dict[str, Latest]:
    """The values of each field that some events of one instant set."""
    told: dict[str, set[object]] = {}
    for event in events:
        for field in SETS.get(event.event, ()):
            value = getattr(event, field)
            if value is not None:
                told.setdefault(field, set()).add(value)
    return {field: Latest(frozenset(values), at) for field, values in told.items()}


def plans_told(events: Iterable[Event]) -> Timeline[Latest]:
    """The plan as the latest instant that told of one has it."""
    instants: dict[Moment, set[object]] = {}
    for event in events:
        instants.setdefault(event.at, set()).add(event.plan)
    return Timeline(NEVER_SET, [(at, Latest(frozenset(plans), at)) for at, plans in instants.items()])

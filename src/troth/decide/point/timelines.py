"""Timelines: what stood from which instant on. Each is read off the events of one subject, once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Latest:
    """The values of a field at the latest instant that set it; several where that instant contradicts itself."""

    values: frozenset[object]
    at: Moment

    @property
    def only(self) -> object | None:
        """The one value; None where there is none, or more than one."""
        return next(iter(self.values)) if len(self.values) == 1 else None


NEVER_SET = Latest(frozenset(), 0)


def latest(events: Sequence[Event], field: str) -> Timeline[Latest]:
    """The values of a field as the latest instant that set it has them."""
    instants: dict[Moment, set[object]] = {}
    for event in events:
        value = getattr(event, field)
        if value is not None:
            instants.setdefault(event.at, set()).add(value)
    return Timeline(NEVER_SET, [(at, Latest(frozenset(values), at)) for at, values in instants.items()])

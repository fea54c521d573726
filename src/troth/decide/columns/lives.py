"""How long each record of a batch is kept: the retention rows of its facts, over arrays of clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.decide.columns.layout import Layout
from troth.terms.model import Retention
from troth.terms.table import Keep
from troth.types.moment import LAST, Moment, Period, parse_period

Moments = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
Places = npt.NDArray[np.int32]

NO_CLOCK = np.iinfo(np.int64).min
"""Stands for a clock that never started."""

FIXED_FACTS = ("time", "plan", "channel", "product", "kind", "role", "mode", "zero_retention", "sampled")
"""Facts that do not change in the life of a record; and every ``.at_said``."""


def add_period(moments: Moments, period: Period) -> Moments:
    """One period after each moment: calendar months clamp to the last day of a month; never later than `LAST`."""
    if period.months:
        when = moments.astype("datetime64[us]")
        day = when.astype("datetime64[D]")
        month = when.astype("datetime64[M]")
        target = month + np.timedelta64(period.months, "M")
        last_day = (
            (target + 1).astype("datetime64[D]") - target.astype("datetime64[D]") - np.timedelta64(1, "D")
        )
        days = np.minimum(day - month.astype("datetime64[D]"), last_day)
        moments = (
            (target.astype("datetime64[D]") + days + (when - day)).astype("datetime64[us]").astype(np.int64)
        )
    return np.minimum(moments + period.micros, LAST)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of a batch by name (`NO_CLOCK` where one never started), and the periods that are data."""

    moments: Mapping[str, Moments]
    periods: Mapping[str, Sequence[str | None]]

    def end(self, row: Retention, at: Indices) -> Moments:
        """When a row of the retention table ends, for the records at some indices of the batch."""
        clock = self.moments[row.clock][at]
        none = LAST if row.kind == "limit" else 0
        if row.length is not None:
            end = add_period(clock, row.length)
        elif row.period in self.periods:
            end = self._by_data(row.period, clock, at, none)
        else:
            return np.full(len(at), none, np.int64)
        return np.where(clock == NO_CLOCK, none, end)

    def _by_data(self, period: str, clock: Moments, at: Indices, none: int) -> Moments:
        texts = self.periods[period]
        end = np.full(len(at), none, np.int64)
        chosen = np.array([texts[i] or "" for i in at], dtype=object)
        for text in set(chosen) - {"", "indefinite"}:
            mine = np.flatnonzero(chosen == text)
            end[mine] = add_period(clock[mine], parse_period(text))
        return end


@dataclass(frozen=True, slots=True)
class Ends:
    """The ordinary end and the latest extension of each record of a batch, and the rows that set them."""

    ordinary: Moments
    extended: Moments
    limit: Places
    """The place of the row in a `RowBook`; -1 where none sets an end."""
    extension: Places

    @property
    def keep(self) -> Moments:
        """Until when each is kept."""
        return np.maximum(self.ordinary, self.extended)

    @property
    def row(self) -> Places:
        """The row that sets it."""
        return np.where(self.ordinary >= self.extended, self.limit, self.extension)


class RowBook:
    """Retention rows by number, so that arrays can name them."""

    def __init__(self) -> None:
        self.rows: list[Retention] = []
        self._places: dict[int, int] = {}

    def place(self, row: Retention) -> int:
        """The number of a row."""
        place = self._places.get(id(row))
        if place is None:
            place = self._places[id(row)] = len(self.rows)
            self.rows.append(row)
        return place


def ends(keeps: Sequence[Keep], which: Indices, clocks: Clocks, book: RowBook) -> Ends:
    """The ends of each record of a batch; ``which`` gives the place of its `Keep`."""
    ordinary = np.full(len(which), LAST, np.int64)
    extended = np.zeros(len(which), np.int64)
    limits, extensions = np.full(len(which), -1, np.int32), np.full(len(which), -1, np.int32)
    for place in np.unique(which):
        keep = keeps[place]
        if keep.limits or keep.extensions:
            at = np.flatnonzero(which == place)
            for row in keep.limits:
                if row.length is not None or row.period in clocks.periods:
                    _lower(ordinary, limits, at, clocks.end(row, at), book.place(row))
            for row in keep.extensions:
                end = clocks.end(row, at)
                later = end > extended[at]
                extended[at[later]], extensions[at[later]] = end[later], book.place(row)
    return Ends(ordinary, extended, limits, extensions)


def _lower(ordinary: Moments, limits: Places, at: Indices, end: Moments, place: int) -> None:
    """Take an end where it is earlier, or where none was set; of equal ends the first row counts."""
    earlier = (end < ordinary[at]) | (limits[at] < 0)
    ordinary[at[earlier]], limits[at[earlier]] = end[earlier], place


def _fixed(fact: str) -> bool:
    return fact in FIXED_FACTS or fact.endswith(".at_said")


class Bounds:
    """The earliest moment at which a record can have been gone, whatever else was true of it.

    A record whose last change lies before that moment needs no walk through its life: nothing that is
    gone can have come back.
    """

    def __init__(self, layout: Layout, shortest: Mapping[str, Period | None]) -> None:
        self._rows = tuple(
            row for version in layout.timetable.versions for row in version.retention if row.kind == "limit"
        )
        self._by_version = tuple(
            tuple(
                row
                for row in version.retention
                if row.kind == "limit" and row.length and not row.length.months
            )
            for version in layout.timetable.versions
        )
        self._names, self._shortest = layout.timetable.names, shortest

    def rows(self, facts: Sequence[str]) -> Keep:
        """The limits that could ever match a record with these facts, as they would count at the earliest."""
        known = dict(zip(self._names, facts, strict=True))
        return Keep(tuple(r for row in self._rows if (r := self._earliest(row, known)) is not None), ())

    def certain(self, facts: Sequence[str]) -> Keep:
        """The limits that match these facts at every moment under every version; none if some version has none."""
        known = dict(zip(self._names, facts, strict=True))
        always = [[row for row in rows if self._always(row, known)] for rows in self._by_version]
        return Keep(tuple(row for rows in always for row in rows) if all(always) else (), ())

    @staticmethod
    def _always(row: Retention, known: Mapping[str, str]) -> bool:
        return (
            row.clock == "said"
            and row.length is not None
            and all(_fixed(fact) and known[fact] in values for fact, values in row.when.items())
        )

    def _earliest(self, row: Retention, known: Mapping[str, str]) -> Retention | None:
        for fact, values in row.when.items():
            if _fixed(fact) and known[fact] not in values:
                return None
        length = row.length if row.length is not None else self._shortest.get(row.period)
        if length is None:
            return None
        length = Period(0, length.shortest)
        clock = row.clock if row.clock in ("said", "deleted") else "said"
        return Retention(row.id, "limit", row.period, length, clock, {}, "", "", "", row.place)


def retained(ordinary: Moments, keep: Moments, at: Moments) -> npt.NDArray[np.int8]:
    """0 for kept by the ordinary rule, 1 only by an exception, 2 for gone, at each moment."""
    return np.where(at >= keep, 2, np.where(at < ordinary, 0, 1)).astype(np.int8)


def shortest_of(texts: Sequence[str]) -> Period | None:
    """The shortest of some periods in a history, as a number of microseconds; None where none ends."""
    lengths: list[Moment] = [parse_period(text).shortest for text in texts if text != "indefinite"]
    return Period(0, min(lengths)) if lengths else None

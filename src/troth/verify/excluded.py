"""Step 5. The list of excluded records is in order, names each once, and none that is also released."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from troth.release.layout import EXCLUDED
from troth.release.manifest import Release
from troth.release.rows import EXCLUDED_SCHEMA
from troth.release.stages import DECIDE, DEDUPLICATE, INTAKE, SAMPLE
from troth.verify.form import known_reason
from troth.verify.marks import Flags, Lookup, Marker, Marks, as_marks, repeated
from troth.verify.parquet import UnreadableError, batches, values_at
from troth.verify.released import Released
from troth.verify.report import NAMED, Notes, Progress, plural, shown
from troth.verify.sample import Sample
from troth.verify.statement import ASK

_Row = tuple[str, str, str, str, str, str]
_WHOLE = (DEDUPLICATE, SAMPLE)
"""Stages that a conversation leaves as a whole."""


@dataclass(frozen=True, slots=True)
class Left:
    """Why and where a record left."""

    stage: str
    reason: str
    rule: str
    clause: str


@dataclass(slots=True)
class Excluded:
    """The rows of the list, in its order: marks and numbers. ``groups`` counts them by stage and reason."""

    marker: Marker
    path: Path
    complete: bool = True
    groups: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: list[Left] = field(default_factory=list)
    whole: dict[str, set[bytes]] = field(default_factory=dict)
    """Reason to the marks of the conversations that left as a whole for it."""
    _numbers: dict[Left, int] = field(default_factory=dict)
    _ids: bytearray = field(default_factory=bytearray)
    _conversations: bytearray = field(default_factory=bytearray)
    _codes: array[int] = field(default_factory=lambda: array("l"))

    def add(self, rows: list[_Row]) -> None:
        """Keep some rows."""
        conversations = self.marker.texts(row[1] for row in rows)
        self._ids += self.marker.texts(row[0] for row in rows)
        self._conversations += conversations
        for place, (_, _, stage, reason, rule, clause) in enumerate(rows):
            self.groups[stage, reason] += 1
            self._codes.append(self._number(Left(stage, reason, rule, clause)))
            if stage in _WHOLE:
                self.whole.setdefault(reason, set()).add(conversations[16 * place : 16 * place + 16])

    def _number(self, left: Left) -> int:
        number = self._numbers.get(left)
        if number is None:
            number = self._numbers[left] = len(self.kinds)
            self.kinds.append(left)
        return number

    @property
    def ids(self) -> Marks:
        """The mark of the record of each row."""
        return as_marks(self._ids)

    @property
    def conversations(self) -> Marks:
        """The mark of the conversation of each row."""
        return as_marks(self._conversations)

    @property
    def again(self) -> Flags:
        """Which rows stand for a record that came in again, and not for the record itself."""
        intake = np.array([kind.stage == INTAKE for kind in self.kinds], np.bool_)
        codes = np.array(self._codes, np.int64)
        return intake[codes] if len(codes) else np.zeros(0, np.bool_)

    def left(self, place: int) -> Left:
        """Why the record of a row left."""
        return self.kinds[self._codes[place]]

    def names(self, places: Iterable[int]) -> Iterator[str]:
        """The ids of the records of some rows, read again from the file."""
        return (str(record) for record in values_at([self], "record", sorted(places)))

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self._codes)

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows once more, from the file."""
        return batches(self.path, EXCLUDED_SCHEMA, columns)


class ExcludedCheck:
    """Step 5, row by row, and then against what was released."""

    def __init__(self, excluded: Excluded, manifest: Release, notes: Notes) -> None:
        self.excluded, self._notes = excluded, notes
        self._sample = Sample(manifest.seed, manifest.sample)
        self._last: _Row | None = None

    def run(self, released: Released, progress: Progress) -> None:
        """Read the list, and hold it against the released records."""
        count = 0
        try:
            for batch in batches(self.excluded.path, EXCLUDED_SCHEMA):
                self._rows(batch)
                count += batch.num_rows
                progress("excluded", count, None)
        except UnreadableError as problem:
            self.excluded.complete = False
            self._notes.found(EXCLUDED, str(problem), ASK)
        if released.complete:
            self._against(released)
        else:
            self._notes.not_checked(
                "whether a record is released too: not every shard could be read (step 4)"
            )
        self._notes.checked(
            f"{plural(count, 'row')}: schema, order, reasons; no record twice, none also released"
        )

    def _rows(self, batch: pa.RecordBatch) -> None:
        columns = (batch.column(name).to_pylist() for name in EXCLUDED_SCHEMA.names)
        rows: list[_Row] = list(zip(*columns, strict=True))
        for before, row in pairwise(rows if self._last is None else [self._last, *rows]):
            self._order(before, row)
        for left in {row[2:] for row in rows}:
            self._reason(Left(*left))
        drawn = {row[1] for row in rows if row[2] == SAMPLE}
        for conversation in self._sample.inside(sorted(drawn)):
            what = f"the conversation {shown(conversation)} was left out of the sample, and the seed draws it"
            self._found(what, "a conversation of the sample left out")
        self.excluded.add(rows)
        self._last = rows[-1] if rows else self._last

    def _order(self, before: _Row, row: _Row) -> None:
        """By record, stage and reason; the same row again only for a record that came in again and again."""
        one, other = (before[0], *before[2:4]), (row[0], *row[2:4])
        if one > other:
            what = f"the record {shown(row[0])} stands behind {shown(before[0])}, and belongs before it"
            self._found(what, "a record out of order")
        elif one == other and row[2] != INTAKE:
            self._found(f"the record {shown(row[0])} is excluded twice", "a record twice")

    def _reason(self, left: Left) -> None:
        if not known_reason(left.stage, left.reason):
            what = f"{shown(left.reason)} is not a reason of the stage {shown(left.stage)}"
            self._found(what, "a reason that no stage has")
        if left.stage != DECIDE and (left.rule or left.clause):
            what = f"the stage {shown(left.stage)} names the rule {shown(left.rule)}; only deciding has rules"
            self._found(what, "a rule outside of deciding")

    def _against(self, released: Released) -> None:
        """Each record is either released or excluded, and whole conversations stay whole."""
        ids, again = self.excluded.ids, self.excluded.again
        places = np.arange(len(ids))
        own = places[~again]
        self._name(own[repeated(ids[own])], "is excluded twice", "a record twice")
        found = Lookup(released.ids)
        self._name(own[found.find(ids[own]) >= 0], "is excluded and also released", "a record on both sides")
        twice = places[again]
        orphans = twice[(found.find(ids[twice]) < 0) & (Lookup(ids[own]).find(ids[twice]) < 0)]
        if len(np.unique(ids[orphans])) > released.removed:  # a removed row may be that of the record itself
            self._name(
                orphans,
                "came in again, and is neither released nor excluded itself",
                "a record that is nowhere",
            )
        stays = set(released.conversations.tolist())
        for reason, conversations in sorted(self.excluded.whole.items()):
            split = sum(mark.rstrip(b"\0") in stays for mark in conversations)
            if split:
                what = f"{plural(split, 'conversation')} left as {reason} and is released in part"
                self._found(what, "a conversation on both sides")

    def _name(self, places: Iterable[int], what: str, kind: str) -> None:
        wanted = list(places)
        for record in self.excluded.names(wanted[:NAMED]):
            self._found(f"the record {shown(record)} {what}", kind)
        for _ in wanted[NAMED:]:
            self._found(what, kind)

    def _found(self, what: str, kind: str) -> None:
        self._notes.found(EXCLUDED, what, ASK, kind=kind)

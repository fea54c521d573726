"""Step 8, first half. Every record of the logs is released or excluded, exactly once, and nothing else is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from troth.errors import LogError
from troth.release.layout import EXCLUDED, MANIFEST
from troth.release.manifest import Release
from troth.release.rows import RECORD_MEMBERS, canonical_rows
from troth.release.stages import SENSITIVE_RECORD, UNFILTERED_MEDIA
from troth.types.manner import DROP
from troth.types.record import DECIDING_COLUMNS, RECORD_SCHEMA
from troth.verify.excluded import Excluded
from troth.verify.kept import Explained
from troth.verify.marks import Flags, Lookup, Numbers, as_marks
from troth.verify.released import Released, hidden_marks, plain_marks, text_marks
from troth.verify.report import NAMED, Notes, Progress, plural, shown
from troth.verify.shards import wrong_media

LOGS = "logs"
SMUGGLED = "do not use this release: ask the publisher where this comes from"
DROPPED = "give all logs of the release and no others, or ask the publisher what became of it"
CHANGED = "do not use this release: what was said has been changed on the way"
_HELD = 64 << 20
_MOST_LEFT = 65_536
_FEW = ("role", "kind", "product", "channel", "plan")
"""Columns with few distinct values, kept as numbers."""

NOWHERE = -1


class LogCheck:
    """Reads the logs once. What it keeps of a record: its mark, its digest, and what deciding reads of it."""

    def __init__(
        self, manifest: Release, sides: tuple[Released, Excluded], explained: Explained, notes: Notes
    ) -> None:
        released, excluded = sides
        self._manifest, self._released, self._excluded, self._notes = manifest, released, excluded, notes
        self._ids, self._digests = bytearray(), bytearray()
        self._deciding: list[pa.RecordBatch] = []
        self._places: list[Numbers] = []
        self._in_shards = Lookup(released.ids)
        self._own = np.flatnonzero(~excluded.again)
        self._in_excluded = Lookup(excluded.ids[self._own])
        self._others, self._hidden, self._texts = released.others, released.hidden, released.texts
        self._known = released.known
        self._conversations = excluded.conversations
        self._explained = explained
        self._held: dict[int, tuple[str, str, str]] = {}
        self._sensitive: dict[str, str] = {}
        """Records that left for what is in them, and their conversations."""
        self._held_size = 0
        self.filtered = 0
        self.nowhere: dict[str, None] = {}
        """Where rows were removed, the records of the logs that are in no row; no more than it takes to tell."""

    def run(self, records: Iterable[pa.RecordBatch], progress: Progress) -> None:
        """Read all logs, and compare. Raises ``LogError`` where the batches are not records."""
        count = 0
        for batch in records:
            if not batch.schema.equals(RECORD_SCHEMA):
                raise LogError(
                    "these are not records: the columns are others", remedy="read the logs with troth"
                )
            try:
                self._batch(batch)
            except OverflowError as problem:
                raise LogError(f"these are not records: {problem}", remedy="mend the log") from problem
            count += batch.num_rows
            progress("logs", count, self._manifest.counts.input)
        self._compare_filtered()
        self._all_replaced()
        self._sets(count)

    def deciding(self) -> tuple[pa.Table, Numbers]:
        """What deciding reads of each distinct record, and its place: see `where`."""
        _, first = np.unique(as_marks(self._ids), return_index=True)
        first.sort()
        columns = RECORD_SCHEMA.empty_table().select(list(DECIDING_COLUMNS))
        table = pa.Table.from_batches(self._deciding) if self._deciding else columns
        places = np.concatenate([*self._places, np.zeros(0, np.int64)])
        return table.take(pa.array(first)), places[first]

    def where(self, place: int) -> tuple[bool, int]:
        """Whether a place is among the released, and which of them it is; else which row of the excluded."""
        return (True, place) if place >= 0 else (False, int(self._own[-2 - place]))

    def _batch(self, rows: pa.RecordBatch) -> None:
        for record, digest in wrong_media(rows):
            what = f"the media of the record {shown(record)} do not have the digest {shown(digest)}"
            self._notes.found(LOGS, what, "mend the log", kind="media with another digest")
        records = rows.column("record").to_pylist()
        marks = self._released.marker.texts(records)
        ids = as_marks(marks)
        shards, excluded = self._in_shards.find(ids), self._in_excluded.find(ids)
        places = np.where(shards >= 0, shards, np.where(excluded >= 0, -2 - excluded, NOWHERE))
        self._in_no_row(records, places == NOWHERE)
        self._compare_released(rows, records, places)
        self._compare_excluded(rows, records, places)
        self._ids += marks
        for content in canonical_rows(rows, RECORD_MEMBERS):
            self._digests += hashlib.sha256(content).digest()
        self._places.append(places)
        self._deciding.append(_compact(rows))

    def _in_no_row(self, records: list[str], wrong: Flags) -> None:
        """Records that are in no row were dropped, unless rows were removed since: then they may have been these."""
        for row in np.flatnonzero(wrong):
            if not self._released.removed:
                self._dropped(records[row])
            elif len(self.nowhere) <= self._released.removed + NAMED:
                self.nowhere[records[row]] = None

    def _dropped(self, record: str) -> None:
        what = f"the record {shown(record)} is neither released nor excluded"
        self._notes.found(LOGS, what, DROPPED, kind="a record that was dropped")

    def _removed(self) -> None:
        """The records in no row are those of the removed rows where there are no more of them."""
        removed = self._released.removed
        if len(self.nowhere) > removed:
            self._notes.found(
                LOGS, f"more records are in no row than the {removed:,} that were removed", DROPPED
            )
            for record in self.nowhere:
                self._dropped(record)
        elif removed:
            self._notes.checked(
                f"{plural(len(self.nowhere), 'record')} of the logs in no row, where {removed:,} were removed since"
            )

    def _compare_released(self, rows: pa.RecordBatch, records: list[str], places: Numbers) -> None:
        """The rows that were released, but for what only a release says of them."""
        marker, mine = self._released.marker, np.flatnonzero(places >= 0)
        theirs = places[mine]
        others = as_marks(plain_marks(marker, rows))[mine]
        hidden, texts = as_marks(hidden_marks(marker, rows))[mine], as_marks(text_marks(marker, rows))[mine]
        known = self._known[theirs]
        for row in mine[(others != self._others[theirs]) | (known & (hidden != self._hidden[theirs]))]:
            what = f"the record {shown(records[row])} is not the log's: something beside its text was changed"
            self._notes.found("shards", what, CHANGED, kind="a record changed")
        asked = set(self._manifest.filter.kinds)
        for row in mine[known & (texts != self._texts[theirs])]:
            text = rows.column("text")[row].as_py()
            if text is not None and rows.column("kind")[row].as_py() in asked:
                self._hold(int(places[row]), (records[row], rows.column("conversation")[row].as_py(), text))
            else:
                told = f"the record {shown(records[row])} has another text than the log"
                what = f"{told}, and nothing asked to filter it"
                self._notes.found("shards", what, CHANGED, kind="a text changed")

    def _hold(self, place: int, told: tuple[str, str, str]) -> None:
        """Keep record, conversation and text until the released ones are read again. All that is held has one bound."""
        self._held[place] = told
        self._held_size += len(told[2])
        if self._held_size > _HELD:
            self._compare_filtered()

    def _compare_filtered(self) -> None:
        places = sorted(self._held)
        self._explained.read({record: talk for record, talk, _ in self._held.values()} | self._sensitive)
        for place, after in zip(places, self._released.texts_at(places), strict=True):
            record, _, before = self._held[place]
            self.filtered += 1
            if after is None or (
                self._explained.possible and not self._explained.text(record, before, after)
            ):
                more = "what the findings say" if self._explained.exact else "filter tags"
                what = f"the text of the record {shown(record)} differs from the log's in more than {more}"
                self._notes.found("shards", what, CHANGED, kind="a text changed")
        for record in self._sensitive if self._explained.exact else ():
            if not self._explained.drops(record):
                what = f"the record {shown(record)} left for sensitive data, and the findings have none that leaves it out"
                self._notes.found(EXCLUDED, what, DROPPED, kind="no sensitive data to leave out")
        self._held.clear()
        self._sensitive.clear()
        self._held_size = 0

    def _all_replaced(self) -> None:
        """Every record that the findings speak of, and that is released, must have another text than the log."""
        released: set[int] = set()
        for records in self._explained.records():
            places = self._in_shards.find(as_marks(self._released.marker.texts(sorted(records))))
            released.update(places[places >= 0].tolist())
        told = sum(bool(self._known[place]) for place in released)
        if told > self.filtered:
            what = f"the findings say that {told:,} of the texts were changed, and {self.filtered:,} of them were"
            self._notes.found(
                "shards", what, "do not use this release: sensitive data was found, and is in it"
            )

    def _compare_excluded(self, rows: pa.RecordBatch, records: list[str], places: Numbers) -> None:
        """The rows that were excluded: their conversation, and whether there were media to leave out."""
        mine = np.flatnonzero(places < NOWHERE)
        theirs = self._own[-2 - places[mine]]
        named = as_marks(self._released.marker.texts(rows.column("conversation").to_pylist()))
        for row in mine[named[mine] != self._conversations[theirs]]:
            what = f"the record {shown(records[row])} is listed with another conversation than the log's"
            self._notes.found(EXCLUDED, what, CHANGED, kind="a record with another conversation")
        for row, place in zip(mine, theirs, strict=True):
            reason = self._excluded.left(place).reason
            if reason == UNFILTERED_MEDIA and not self._has_media(rows, int(row)):
                what = f"the record {shown(records[row])} left for media that no filter reads, and has none"
                self._notes.found(EXCLUDED, what, DROPPED, kind="no media to leave out")
            if reason == SENSITIVE_RECORD:
                self._left_sensitive(rows, int(row))

    def _left_sensitive(self, rows: pa.RecordBatch, row: int) -> None:
        """A record that left for what is in it: the manifest must say that such records are left out."""
        record = rows.column("record")[row].as_py()
        told = self._manifest.filter
        if DROP not in told.manners.values() or rows.column("kind")[row].as_py() not in told.kinds:
            what = f"the record {shown(record)} left for sensitive data, and nothing asked to leave it out"
            self._notes.found(EXCLUDED, what, DROPPED, kind="nothing to leave out")
        self._sensitive[record] = rows.column("conversation")[row].as_py()
        if len(self._sensitive) >= _MOST_LEFT:
            self._compare_filtered()

    def _has_media(self, rows: pa.RecordBatch, row: int) -> bool:
        asked = rows.column("kind")[row].as_py() in self._manifest.filter.kinds
        return asked and any(rows.column(name)[row].is_valid for name in ("bytes", "path", "digest"))

    def _sets(self, count: int) -> None:
        """What only all logs together tell: nothing smuggled in, repetitions, and the digest of the set."""
        ids, digests = as_marks(self._ids), as_marks(self._digests, 32)
        distinct, first, inverse, times = np.unique(
            ids, return_index=True, return_inverse=True, return_counts=True
        )
        seen = Lookup(distinct)
        self._removed()
        self._smuggled(seen)
        self._repeated(seen, times)
        contradicted = np.unique(first[inverse[digests != digests[first][inverse]]])
        if len(contradicted):
            what = f"{plural(len(contradicted), 'record')} came in twice with different content"
            self._notes.found(LOGS, what, "an id names one record: mend the logs")
        told = self._manifest.records.digest
        if f"sha256:{hashlib.sha256(np.unique(digests[first]).tobytes()).hexdigest()}" != told:
            what = "the logs given are not the records of the manifest: their digest is another"
            self._notes.found(LOGS, what, DROPPED)
        if count != self._manifest.counts.input:
            said = self._manifest.counts.input
            what = f"counts.input is {said:,}, and the logs have {plural(count, 'record')}"
            self._notes.found(MANIFEST, what, DROPPED)
        if self.filtered > self._manifest.filter.records:
            told = plural(self._manifest.filter.records, "record")
            what = f"the filter is said to have changed {told}, and changed {self.filtered:,} of the released"
            self._notes.found(MANIFEST, what, CHANGED)
        told = (
            f"{plural(count, 'record')} of the logs, each released or excluded exactly once, and nothing else"
        )
        sealed = int(np.count_nonzero(~self._known))
        if sealed < len(self._known) or not sealed:
            told += f"; texts as in the logs{self._told_filtered()}"
        self._notes.checked(told)
        if self.filtered and not self._explained.possible:
            changed = plural(self.filtered, "text")
            self._notes.not_checked(f"{changed} that the filter changed: the findings were not given")
        if sealed:
            self._notes.not_checked(
                f"the texts of {plural(sealed, 'record')}: they are sealed, and were not compared"
            )

    def _told_filtered(self) -> str:
        if not self._explained.possible:
            return f", but for {self.filtered:,} of them that the filter changed" if self.filtered else ""
        what = "what the findings say was replaced" if self._explained.exact else "filter tags"
        return f", {self.filtered:,} of them but for {what}"

    def _smuggled(self, seen: Lookup) -> None:
        shards = np.flatnonzero(seen.find(self._released.ids) < 0)
        for record in self._released.names(shards[:NAMED]):
            what = f"smuggled: the record {shown(record)} is released and is in no log"
            self._notes.found("shards", what, SMUGGLED, kind="a smuggled record")
        listed = self._own[seen.find(self._excluded.ids[self._own]) < 0]
        for record in self._excluded.names(listed[:NAMED]):
            what = f"the record {shown(record)} is excluded and is in no log"
            self._notes.found(EXCLUDED, what, SMUGGLED, kind="an excluded record of no log")
        for file, rest, kind in (
            ("shards", shards, "a smuggled record"),
            (EXCLUDED, listed, "an excluded record of no log"),
        ):
            for _ in rest[NAMED:]:
                self._notes.found(file, kind, SMUGGLED, kind=kind)

    def _repeated(self, seen: Lookup, times: Numbers) -> None:
        """Each further time that a record came in has a row of its own."""
        again = np.flatnonzero(self._excluded.again)
        rows = np.bincount(seen.find(self._excluded.ids[again]) + 1, minlength=len(times) + 1)
        wrong = int(np.count_nonzero(rows[1:] != times - 1)) + int(rows[0] > 0)
        if wrong:
            what = f"{plural(wrong, 'record')} came in more often, or less, than {EXCLUDED} tells"
            self._notes.found(EXCLUDED, what, DROPPED)


def _compact(rows: pa.RecordBatch) -> pa.RecordBatch:
    """What deciding reads, with numbers in the place of words that repeat."""
    columns = {name: rows.column(name) for name in DECIDING_COLUMNS}
    columns |= {name: columns[name].dictionary_encode() for name in _FEW}
    return pa.RecordBatch.from_pydict(columns)

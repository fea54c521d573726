"""The door of the room: paths in, record batches out, and a report of what became of every file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa

from troth.errors import LogError, Place
from troth.intake.content import ContentError
from troth.intake.formats import known_formats, reader_for
from troth.intake.joins import joined
from troth.intake.mapped import missing
from troth.intake.mapping import Mapping
from troth.intake.paths import Found, Skipped, expand
from troth.intake.readers.elements import MISSHAPEN
from troth.intake.records import Batches
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader

LISTED = 1000
"""Damaged pieces of one file that are listed one by one. All of them are counted."""

_REMEDY = "mend or remove it, or keep going to leave it out and have it counted"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file that was read as a log."""

    path: str
    format: str
    """The short name of the format."""
    conversations: int
    """Conversations, or parts of one that lie apart."""
    records: int
    damaged: tuple[tuple[int | None, str], ...] = ()
    """Line (or element, or row) and what is wrong with it: the first thousand of them."""
    damage_count: int = 0
    """How many pieces are damaged, listed or not."""


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What became of every file, in the order in which they were read."""

    files: tuple[FileReport, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def conversations(self) -> int:
        """Conversations read from all files."""
        return sum(file.conversations for file in self.files)

    @property
    def records(self) -> int:
        """Records read from all files."""
        return sum(file.records for file in self.files)

    @property
    def damage_count(self) -> int:
        """Damaged pieces of all files."""
        return sum(file.damage_count for file in self.files)


@dataclass(slots=True)
class _Tally:
    """The report of one file while it is being read."""

    path: str
    format: str
    conversations: int = 0
    records: int = 0
    damaged: list[tuple[int | None, str]] = field(default_factory=list)
    damage_count: int = 0
    last: str | None = None

    def count_records(self, batch: pa.RecordBatch) -> None:
        """Count a batch that came ready; a conversation may go on from one batch to the next."""
        names = batch.column("conversation").to_pylist()
        self.records += len(names)
        self.conversations += sum(name != before for before, name in pairwise([self.last, *names]))
        self.last = names[-1] if names else self.last

    def report(self) -> FileReport:
        """What is known so far."""
        damaged = tuple(self.damaged)
        return FileReport(
            self.path, self.format, self.conversations, self.records, damaged, self.damage_count
        )


class LogReading:
    """Record batches of a set of logs. Iterate over it once; `report` tells what has been read so far."""

    def __init__(self, paths: Sequence[str], mapping: Mapping | None, keep_going: bool) -> None:
        expansion = expand(paths)
        self._found = expansion.files
        self._folders = expansion.folders
        self._mapping = mapping
        self._keep_going = keep_going
        self._skipped = list(expansion.skipped)
        self._tallies = list[_Tally]()
        self._batches = Batches()

    @property
    def report(self) -> IntakeReport:
        """What became of every file so far."""
        return IntakeReport(tuple(tally.report() for tally in self._tallies), tuple(self._skipped))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Raise `LogError` at the first damage, unless it is to keep going, and where no log is found."""
        for batch in self._read():
            yield batch if self._mapping is None else joined(batch, self._mapping.joins)

    def _read(self) -> Iterator[pa.RecordBatch]:
        known = {folder for folder, again in self._folders.items() if again}
        for found in self._found:
            opened = self._open(found)
            if opened is not None:
                known.add(found.folder or "")
                yield from self._file(*opened)
        yield from self._batches.flush()
        self._refuse_folders_without_logs(known)

    def _refuse_folders_without_logs(self, known: set[str]) -> None:
        for folder in self._folders:
            if folder not in known:
                what = "the folder holds no log of a known format"
                raise LogError(what, place=Place(folder), remedy=_known_remedy())

    def _open(self, found: Found) -> tuple[Source, Reader] | None:
        """The source and its reader; None for what is skipped or damaged beyond telling what it is."""
        path = str(found.path)
        try:
            source = Source.at(found.path)
        except ContentError as problem:
            self._damage(_Tally(path, "unknown"), Damage(None, str(problem)), new=True)
            return None
        reader = self._reader(source)
        if reader is not None:
            return source, reader
        if source.sample.damaged:
            self._damage(_Tally(path, "unknown"), Damage(None, source.sample.why), new=True)
            return None
        why = (
            source.sample.why
            or f"is {_SHAPES[source.sample.shape]} of no known format{self._lacking(source)}"
        )
        if found.folder is None:
            raise LogError(f"the file {why}", place=Place(path), remedy=_known_remedy())
        self._skipped.append(Skipped(path, why))
        return None

    def _reader(self, source: Source) -> Reader | None:
        own = self._mapping.reader if self._mapping else None
        if own is not None and own.recognises(source.sample):
            return own
        return reader_for(source.sample)

    def _lacking(self, source: Source) -> str:
        """What a file lacks of the log that the mapping file describes."""
        lacking = missing(source.sample, self._mapping.names) if self._mapping else []
        return f", and lacks {', '.join(lacking)}, which the mapping file names" if lacking else ""

    def _file(self, source: Source, reader: Reader) -> Iterator[pa.RecordBatch]:
        tally = _Tally(str(source.path), reader.name)
        self._tallies.append(tally)
        for piece in reader.read(source):
            if isinstance(piece, Damage):
                self._damage(tally, piece)
            else:
                yield from self._take(piece, reader, tally)

    def _take(
        self, piece: Conversation | pa.RecordBatch, reader: Reader, tally: _Tally
    ) -> Iterator[pa.RecordBatch]:
        if isinstance(piece, pa.RecordBatch):
            yield from self._batches.flush()
            tally.count_records(piece)
            yield piece
            return
        try:
            batches = list(self._batches.add(piece, reader))
        except MISSHAPEN:
            self._damage(tally, Damage(piece.line, "an id or a text is not text"))
            return
        tally.conversations += 1
        tally.records += len(piece.turns)
        yield from batches

    def _damage(self, tally: _Tally, damage: Damage, *, new: bool = False) -> None:
        if not self._keep_going:
            raise LogError(damage.what, place=Place(tally.path, damage.line), remedy=_REMEDY)
        if new:
            self._tallies.append(tally)
        tally.damage_count += 1
        if len(tally.damaged) < LISTED:
            tally.damaged.append((damage.line, damage.what))


_SHAPES = {
    "jsonl": "JSON Lines",
    "array": "a JSON array",
    "object": "a JSON object",
    "csv": "a table of text",
    "parquet": "a Parquet file",
    "sqlite": "an SQLite database",
    "unknown": "a file",
}


def _known_remedy() -> str:
    return f"known are: {known_formats()}; describe any other in a mapping file (docs/formats/mapping.md)"


def read_logs(
    paths: Sequence[str], *, mapping: Mapping | None = None, keep_going: bool = False
) -> LogReading:
    """The records of the logs at ``paths``: files, folders and globs.

    ``mapping`` describes logs of no known format, and joins what logs do not tell. With ``keep_going``,
    damage is counted and listed in the report instead of ending the run. Raises `LogError`, here and while
    iterating.
    """
    return LogReading(paths, mapping, keep_going)

"""The texts of files that are to be scanned: JSON Lines of ``{"id", "text"}``, or any log that Troth reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from troth.errors import LogError, Place
from troth.intake import json_stream
from troth.intake.content import ContentError, pieces
from troth.intake.formats import reader_for
from troth.intake.json_text import Decoder
from troth.intake.mapping import Mapping
from troth.intake.paths import Found, expand
from troth.intake.read import read_logs
from troth.intake.sample import EMPTY, Sample, take_sample
from troth.intake.turns import Damage

AT_ONCE = 1 << 20
"""Characters of text that go into one column, if no conversation is longer."""
ROWS_AT_ONCE = 20_000
LISTED = 1000
"""Damaged lines and skipped files that are listed one by one. All are counted."""

Id = str | int


_REMEDY = (
    'a line is {"id": …, "text": …}: mend or remove it, or keep going to leave it out and have it counted'
)
_FORM = 'a file of texts has lines of {"id": …, "text": …}'


class _Row(msgspec.Struct):
    """A line as it stands there: what it holds is looked at afterwards, so that what is wrong can be named."""

    id: Any = None
    text: Any = msgspec.UNSET
    conversation: Any = None


@dataclass(frozen=True, slots=True)
class Column:
    """Texts whose conversations are whole: no conversation goes on in another column."""

    texts: list[str | None]
    conversations: list[str]
    """Of each text; neighbours with the same one belong together."""
    ids: list[Id]
    named: list[Id | None]
    """The conversation of each as its file names it; None where it names none."""


@dataclass(slots=True)
class Reading:
    """What became of the files so far."""

    damaged: list[tuple[Place, str]] = field(default_factory=list)
    damage_count: int = 0
    skipped: list[str] = field(default_factory=list)


def columns(
    paths: Sequence[str], mapping: Mapping | None, keep_going: bool, reading: Reading
) -> Iterator[Column]:
    """The texts of files in their order, in columns of whole conversations, each with the ids of its texts.

    Neighbours of one ``conversation`` are one conversation; a text without one stands for itself. An empty file has no
    texts. Raises `LogError` at the first damage, unless it is to keep going; then it is noted in ``reading``; and for a
    file that is neither texts nor a log, and a folder without any.
    """
    gathered = _Gathered()
    expansion = expand(paths)
    reading.skipped += [f"{one.path}: not read: it {one.why}" for one in expansion.skipped]
    empty = {folder for folder, reached_before in expansion.folders.items() if not reached_before}
    for found in expansion.files:
        rows = _rows(found, mapping, keep_going, reading)
        if rows is not None:
            empty.discard(found.folder or "")
            for row in rows:
                yield from gathered.add(row)
    for folder in sorted(empty):
        remedy = f"{_FORM}; `troth formats` lists the logs that are read"
        raise LogError("the folder holds no texts and no log", place=Place(folder), remedy=remedy)
    yield from gathered.flush()


@dataclass(frozen=True, slots=True)
class _Told:
    """One text."""

    id: Id
    text: str | None
    conversation: str | None
    named: Id | None


class _Gathered:
    """Texts on their way into a column."""

    def __init__(self) -> None:
        self._rows: list[_Told] = []
        self._size = 0

    def add(self, row: _Told) -> Iterator[Column]:
        """Take a text; a column comes out where it is full and a conversation is over."""
        new = row.conversation is None or not self._rows or row.conversation != self._rows[-1].conversation
        if new and (self._size >= AT_ONCE or len(self._rows) >= ROWS_AT_ONCE):
            yield from self.flush()
        self._rows.append(row)
        self._size += len(row.text or "")

    def flush(self) -> Iterator[Column]:
        """What is left."""
        if self._rows:
            number, names, last = 0, list[str](), None
            for row in self._rows:
                if row.conversation is None or row.conversation != last:
                    number += 1
                last = row.conversation
                names.append(str(number))
            texts, ids = [row.text for row in self._rows], [row.id for row in self._rows]
            yield Column(texts, names, ids, [row.named for row in self._rows])
            self._rows, self._size = [], 0


def _rows(
    found: Found, mapping: Mapping | None, keep_going: bool, reading: Reading
) -> Iterable[_Told] | None:
    """The texts of a file; None for a file of a folder that is passed over, being neither texts nor a log."""
    try:
        sample = take_sample(found.path)
    except ContentError as problem:
        _damage(found.path, Damage(None, str(problem)), keep_going, reading)
        return ()
    if sample.why == EMPTY and not sample.damaged:
        return ()
    if reader_for(sample) is not None or _is_mapped(sample, mapping):
        return _log(found.path, mapping, keep_going, reading)
    if _holds_texts(sample):
        return _texts(found.path, keep_going, reading)
    if found.folder is not None and not sample.damaged:
        reading.skipped.append(f"{found.path}: not read: it is of no known format")
        return None
    return _refused(found.path, mapping, keep_going, reading)


def _is_mapped(sample: Sample, mapping: Mapping | None) -> bool:
    return mapping is not None and mapping.reader is not None and mapping.reader.recognises(sample)


def _refused(path: Path, mapping: Mapping | None, keep_going: bool, reading: Reading) -> Iterator[_Told]:
    """What reading a file as a log says that is none. Raises `LogError`, unless damage is to be noted."""
    try:
        yield from _log(path, mapping, keep_going, reading)
    except LogError as problem:
        raise LogError(problem.what, place=problem.place, remedy=f"{_FORM}; {problem.remedy}") from None


def _holds_texts(sample: Sample) -> bool:
    return sample.shape in ("jsonl", "object") and any("text" in value for value in sample.objects[:1])


def _texts(path: Path, keep_going: bool, reading: Reading) -> Iterator[_Told]:
    for piece in json_stream.lines(pieces(path), Decoder(_Row)):
        if isinstance(piece, Damage):
            _damage(path, piece, keep_going, reading)
            continue
        number, row = piece
        if wrong := _wrong(row):
            _damage(path, Damage(number, f"the line has {wrong}"), keep_going, reading)
            continue
        talk = None if row.conversation is None else f"{type(row.conversation).__name__} {row.conversation}"
        yield _Told(row.id, row.text, talk, row.conversation)


def _wrong(row: _Row) -> str:
    """What a line lacks; empty where it is as it should be."""
    wrong = ""
    if type(row.id) not in (str, int):
        wrong = 'no "id" that is a string or a whole number'
    elif row.text is not None and type(row.text) is not str:
        wrong = 'no "text" that is a string or null'
    elif row.conversation is not None and type(row.conversation) not in (str, int):
        wrong = 'a "conversation" that is no string and no whole number'
    return wrong


def _log(path: Path, mapping: Mapping | None, keep_going: bool, reading: Reading) -> Iterator[_Told]:
    logs = read_logs([str(path)], mapping=mapping, keep_going=keep_going)
    for batch in logs:
        of = (batch.column(name).to_pylist() for name in ("record", "text", "conversation"))
        yield from (_Told(record, text, talk, talk) for record, text, talk in zip(*of, strict=True))
    for file in logs.report.files:
        reading.damage_count += file.damage_count
        room = LISTED - len(reading.damaged)
        reading.damaged += [(Place(file.path, line), what) for line, what in file.damaged[: max(room, 0)]]


def _damage(path: Path, damage: Damage, keep_going: bool, reading: Reading) -> None:
    place = Place(str(path), damage.line)
    if not keep_going:
        raise LogError(damage.what, place=place, remedy=_REMEDY)
    reading.damage_count += 1
    if len(reading.damaged) < LISTED:
        reading.damaged.append((place, damage.what))

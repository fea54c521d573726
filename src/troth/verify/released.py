"""What is kept of each released record while the release is verified: marks and numbers, no text."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from troth.release.rows import RECORD_MEMBERS, canonical_rows
from troth.release.sealed_rows import HIDDEN_COLUMNS
from troth.types.record import MOMENT_TYPE
from troth.verify.marks import SIZE, Flags, Marker, Marks, as_marks
from troth.verify.parquet import rows_at, values_at
from troth.verify.shard_files import ShardFile

Verdict = tuple[str, str, str]
"""Reason, rule and clause."""
NO_END = -(2**63)
"""In place of the moment from which a record must be gone, where there is none."""

_OTHERS = tuple(name for name in RECORD_MEMBERS if name not in HIDDEN_COLUMNS)
_HIDDEN = tuple(name for name in RECORD_MEMBERS if name in HIDDEN_COLUMNS and name != "text")


class Verdicts:
    """Numbers for the few verdicts that there are."""

    def __init__(self) -> None:
        self._numbers: dict[Verdict, int] = {}
        self._verdicts: list[Verdict] = []

    def numbers(self, rows: pa.RecordBatch) -> list[int]:
        """The number of the verdict of each row."""
        columns = (rows.column(name).to_pylist() for name in ("reason", "rule", "clause"))
        return [self._number(verdict) for verdict in zip(*columns, strict=True)]

    def _number(self, verdict: Verdict) -> int:
        number = self._numbers.get(verdict)
        if number is None:
            number = self._numbers[verdict] = len(self._verdicts)
            self._verdicts.append(verdict)
        return number

    def __getitem__(self, number: int) -> Verdict:
        return self._verdicts[number]


@dataclass(frozen=True, slots=True)
class Content:
    """Texts and media of some rows, in the columns of a plain shard."""

    rows: pa.RecordBatch
    places: Sequence[int]
    """Which rows these are: of a plain shard all, of a sealed one those that were opened."""


def plain_marks(marker: Marker, rows: pa.RecordBatch) -> bytes:
    """The marks of what is plain of records in a sealed shard too."""
    return marker.contents(canonical_rows(rows, _OTHERS))


def hidden_marks(marker: Marker, rows: pa.RecordBatch) -> bytes:
    """The marks of the rest, but for the text; whether a record carries bytes included."""
    carries = rows.column("bytes").is_valid().to_pylist()
    contents = canonical_rows(rows, _HIDDEN)
    return marker.contents(b"%d%b" % (has, row) for has, row in zip(carries, contents, strict=True))


def text_marks(marker: Marker, rows: pa.RecordBatch) -> bytes:
    """The marks of the texts; no text is not the empty text."""
    return marker.texts("" if text is None else f"={text}" for text in rows.column("text").to_pylist())


def _table(marks: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(marks, np.uint8).reshape(-1, SIZE)


@dataclass(slots=True)
class Released:
    """The released records that are there, in their order. ``shards`` are those that could be read."""

    marker: Marker
    opened_again: Callable[[pa.RecordBatch], Content] | None = None
    """Opens rows of a sealed shard once more; None where the shards are plain, or nothing can be opened."""
    verdicts: Verdicts = field(default_factory=Verdicts)
    shards: list[ShardFile] = field(default_factory=list)
    removed: int = 0
    """How many more have left only their leaf."""
    complete: bool = True
    """False where a shard could not be read."""
    _ids: bytearray = field(default_factory=bytearray)
    _conversations: bytearray = field(default_factory=bytearray)
    _others: bytearray = field(default_factory=bytearray)
    _hidden: bytearray = field(default_factory=bytearray)
    _texts: bytearray = field(default_factory=bytearray)
    _known: bytearray = field(default_factory=bytearray)
    _codes: array[int] = field(default_factory=lambda: array("l"))
    _ends: array[int] = field(default_factory=lambda: array("q"))

    def add(
        self, rows: pa.RecordBatch, conversations: Sequence[str], content: Content | None, *, for_logs: bool
    ) -> None:
        """Keep some rows. ``conversations`` are those that begin in them; ``content`` is what is known of their texts.

        With ``for_logs``, what logs are held against is kept too.
        """
        self._ids += self.marker.texts(rows.column("record").to_pylist())
        self._conversations += self.marker.texts(conversations)
        if for_logs:
            self._others += plain_marks(self.marker, rows)
            self._keep_content(rows.num_rows, content)
            self._codes.extend(self.verdicts.numbers(rows))
            ends = rows.column("keep_until").cast(MOMENT_TYPE).cast(pa.int64())
            self._ends.extend(ends.fill_null(NO_END).to_pylist())

    def _keep_content(self, count: int, content: Content | None) -> None:
        known = np.zeros(count, np.bool_)
        hidden, texts = np.zeros((2, count, SIZE), np.uint8)
        if content is not None:
            places = np.array(content.places, np.int64)
            known[places] = True
            hidden[places] = _table(hidden_marks(self.marker, content.rows))
            texts[places] = _table(text_marks(self.marker, content.rows))
        self._known += known.tobytes()
        self._hidden += hidden.tobytes()
        self._texts += texts.tobytes()

    @property
    def count(self) -> int:
        """How many there are and were."""
        return sum(shard.rows for shard in self.shards) + self.removed

    @property
    def ids(self) -> Marks:
        """The mark of each id."""
        return as_marks(self._ids)

    @property
    def conversations(self) -> Marks:
        """The mark of each conversation, once."""
        return as_marks(self._conversations)

    @property
    def others(self) -> Marks:
        """The mark of what is plain of each record."""
        return as_marks(self._others)

    @property
    def hidden(self) -> Marks:
        """The mark of the rest of each record, but for its text."""
        return as_marks(self._hidden)

    @property
    def known(self) -> Flags:
        """Of which records texts and media are known: of all in a plain release."""
        return np.frombuffer(bytes(self._known), np.bool_)

    @property
    def texts(self) -> Marks:
        """The mark of each text."""
        return as_marks(self._texts)

    def verdict(self, place: int) -> Verdict:
        """Why a record is said to be allowed."""
        return self.verdicts[self._codes[place]]

    def keep_until(self, place: int) -> int | None:
        """From when a record is said to have to be gone."""
        end = self._ends[place]
        return None if end == NO_END else end

    def names(self, places: Iterable[int]) -> Iterator[str]:
        """The ids of the records at some places, read again from the shards, in the order of the places."""
        found = values_at(self.shards, "record", sorted(places))
        return (str(record) for record in found)

    def texts_at(self, places: Iterable[int]) -> Iterator[str | None]:
        """The texts at some places, in the order of the places."""
        if self.opened_again is None:
            yield from values_at(self.shards, "text", sorted(places))
            return
        for rows in rows_at(self.shards, None, sorted(places)):
            content = self.opened_again(rows)
            found: list[str | None] = [None] * rows.num_rows
            for place, text in zip(content.places, content.rows.column("text").to_pylist(), strict=True):
                found[place] = text
            yield from found

"""Compaction: segments written anew without the rows whose keys are destroyed (``docs/compaction.md``).

It holds no key in mind longer than it needs to see that it is destroyed, and opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import pyarrow as pa

from troth.errors import VerificationError
from troth.vault.segments.files import SegmentFiles, Written, segment_name
from troth.vault.segments.index import Index, Rewriting, Segment
from troth.vault.segments.plan import Standing, pieces
from troth.vault.segments.reader import NAMED, Keys
from troth.vault.segments.readers import LOCKS, Readers
from troth.vault.segments.rewrite import Copying, grouped
from troth.vault.segments.writer import write_segment

Progress = Callable[[str, int, int | None], None]
"""Told the stage, how much is done, and how much there is in all."""

_SEEN_WITHOUT_BOTH: Final = 0b11


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did to the segments that were read when it began."""

    segments_before: int
    segments_after: int
    size_before: int
    """Bytes."""
    size_after: int
    """Bytes."""
    removed: int
    """Rows that went: their keys are destroyed."""
    waiting: int
    """Old files that somebody still reads: the next opening or compaction removes them."""


@dataclass(slots=True)
class _Less:
    """So much less than before there is, whatever others have added meanwhile."""

    segments: int = 0
    size: int = 0
    rows: int = 0

    def add(self, old: Sequence[Segment], new: tuple[int, str, Written] | None, rows: int) -> None:
        self.segments += len(old) - (new is not None)
        self.size += sum(one.size for one in old) - (new[2].size if new is not None else 0)
        self.rows += sum(one.rows for one in old) - rows


@dataclass(slots=True)
class Compaction:
    """A compaction under way. Who makes one lets nobody else compact meanwhile."""

    index: Index
    files: SegmentFiles
    keys: Keys
    readers: Readers
    alone: Callable[[], AbstractContextManager[None]]
    """In the place of the one writer, while the context is open."""
    _done: _Less = field(default_factory=_Less)
    _damaged: list[str] = field(default_factory=list)

    def run(self, progress: Progress) -> Compacted:
        """Write anew what is to be, and remove the old files that nobody reads.

        Raises `VerificationError` at the end where segments were damaged: they stay as they are, all others are
        compacted. Raises ``VaultError`` where something cannot be read or written; what was done stays done.
        """
        with self.alone():
            self.files.tidy(self.index.numbers(), self.index.newest())
        before = self.index.segments()
        plan = list(pieces(self._standing(before, progress)))
        total = sum(len(piece) for piece in plan)
        done = 0
        for piece in plan:
            self._rewrite([one.segment for one in piece])
            done += len(piece)
            progress("compact", done, total)
        self.sweep()
        self._complain()
        size = sum(one.size for one in before)
        return Compacted(
            segments_before=len(before),
            segments_after=len(before) - self._done.segments,
            size_before=size,
            size_after=size - self._done.size,
            removed=self._done.rows,
            waiting=len(self.index.retired()),
        )

    def rewritings(self, most: int) -> list[Rewriting]:
        """What was done and the ledger was not told yet, the first of it: also of a compaction that was killed."""
        return self.index.rewritings(most)

    def told(self, rewritings: Sequence[Rewriting]) -> None:
        """The ledger was told."""
        self.index.forget_rewritings(rewritings)

    def sweep(self) -> None:
        """Remove the old files that nobody reads; then their rows."""
        if not self.index.retired():
            return
        for which in LOCKS:
            with self.readers.nobody(which) as nobody:
                if nobody:
                    self.index.note_free(which)
        unread = [number for number, free in self.index.retired().items() if free == _SEEN_WITHOUT_BOTH]
        self.files.remove(unread)
        self.index.forget(unread)

    def _standing(self, segments: Sequence[Segment], progress: Progress) -> Iterator[Standing]:
        for number, segment in enumerate(segments, 1):
            places = self.index.places(segment.number)
            yield Standing(segment, sum(places[slot] for slot in self._dead(places)))
            progress("look", number, len(segments))

    def _dead(self, slots: Collection[int]) -> set[int]:
        wanted = sorted(slots)
        return {slot for slot, key in zip(wanted, self.keys(wanted), strict=True) if key is None}

    def _rewrite(self, segments: Sequence[Segment]) -> None:
        """One piece. What is damaged in it is named and left as it is; the rest of the piece is written anew."""
        left = list(segments)
        while left:
            copying = Copying(self.files)
            rows = grouped(chain.from_iterable(self._living(copying, segment) for segment in left))
            try:
                first = next(rows, None)
                new = None if first is None else self._write(chain([first], rows))
            except VerificationError as problem:
                self._damaged.append(f"{problem.place}: {problem.what}")
                left = [segment for segment in left if segment != copying.segment]
                continue
            with self.alone():
                self.index.replace(left, new, copying.counts)
            self._done.add(left, new, copying.counts.total())
            return

    def _living(self, copying: Copying, segment: Segment) -> Iterator[pa.RecordBatch]:
        places = self.index.places(segment.number)
        return copying.rows(segment, places, self._dead(places))

    def _write(self, rows: Iterator[pa.RecordBatch]) -> tuple[int, str, Written]:
        with self.alone():
            number = self.index.reserve()
        written = self.files.write(number, lambda path: write_segment(path, rows))
        return number, segment_name(number), written

    def _complain(self) -> None:
        if not self._damaged:
            return
        more = len(self._damaged) - NAMED
        beyond = f"; and {more:,} more" if more > 0 else ""
        raise VerificationError(
            f"segments are damaged, and were left as they are: {'; '.join(self._damaged[:NAMED])}{beyond}",
            remedy="put them back from a backup: segments are never changed. All others are compacted",
        )

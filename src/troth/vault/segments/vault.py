"""The vault of a workspace: records in, sealed; records out, opened. Ciphertext and an index are all that is written.

Whoever can write the folder can make records unreadable or leave them out; nothing else is taken for a record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from troth.disk.durable import locked
from troth.errors import Place, VaultError
from troth.vault.mac import Mac
from troth.vault.sealing import Sealer
from troth.vault.segments.chosen import open_files
from troth.vault.segments.compact import Compacted, Compaction, Progress
from troth.vault.segments.cut import cut
from troth.vault.segments.files import segment_name, told
from troth.vault.segments.index import Index, Segment
from troth.vault.segments.moving import Move, Staging
from troth.vault.segments.placing import Marked, Placing
from troth.vault.segments.reader import Reading
from troth.vault.segments.readers import Hold, Readers, alone_at_once, alone_soon
from troth.vault.segments.writer import Sealing, write_segment

if TYPE_CHECKING:
    from troth.vault.handles import Handles
    from troth.vault.keys.keyring import Keyring

SEGMENTS: Final = "segments"
_LOCK: Final = "vault.lock"
_COMPACTION: Final = "compaction.lock"
_PATIENCE: Final = 2.0
"""Seconds that a compaction waits for its place: openings hold it for as long as they remove an old file."""
_INDEX_SLOT: Final = 0
_MARK_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Added:
    """What became of some records. When it is returned, every new one is durable."""

    new: int = 0
    repeated: int = 0
    """Records that were stored before, with the same content."""
    gone: int = 0
    """Records that were not stored because the key of their conversation is destroyed."""
    segments: int = 0
    size: int = 0
    """Bytes of the new segments."""

    @property
    def total(self) -> int:
        """Every record that was looked at."""
        return self.new + self.repeated + self.gone

    def __add__(self, other: Added) -> Added:
        return Added(
            self.new + other.new,
            self.repeated + other.repeated,
            self.gone + other.gone,
            self.segments + other.segments,
            self.size + other.size,
        )


def create_vault(folder: Path) -> None:
    """Make the folder of the segments and their index, beside the keys. Raises `VaultError`.

    The folder is there as well where the segments lie elsewhere: each is written in it before it is sent.
    """
    try:
        (folder / SEGMENTS).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise VaultError(
            f"{folder} cannot be made: {problem.strerror}", remedy="choose another place"
        ) from None
    Index(folder, make=True).close()


class Vault:
    """An open vault; one thread uses it, and any number of processes may have it open."""

    def __init__(
        self, folder: Path, keyring: Keyring, handles: Handles, segments: str | Path | None = None
    ) -> None:
        """The vault in a folder; ``segments`` is the folder or URL of its segments where they lie elsewhere.

        What compactions had to leave because somebody read it is removed, if nobody does now. Raises `VaultError` where
        it cannot be opened.
        """
        self._folder, self._keyring, self._handles = folder, keyring, handles
        self._files = open_files(folder / SEGMENTS if segments is None else segments, folder / SEGMENTS)
        self._readers = Readers(folder)
        self._index = Index(folder)
        self._marks: Mac | None = None
        self._tidied = False
        try:
            self._sweep()
        except BaseException:
            self._index.close()
            raise

    def add(self, batches: Iterable[pa.RecordBatch]) -> Added:
        """Store records of ``RECORD_SCHEMA``, each once, in segments that are durable one by one.

        Raises `LogError` where a stored record comes with other content; segments before it stay, and adding the
        same records again adds the rest.
        """
        added = Added()
        for piece in cut(batches):
            added += self.take(piece)
        return added

    def take(self, piece: Sequence[pa.RecordBatch]) -> Added:
        """Store one piece of `cut` as at most one segment: durable when this returns, or not there at all.

        Raises `LogError` where a stored record comes with other content.
        """
        with self.still():
            self._tidy()
            marked = [Marked(batch, self._marks_of(batch)) for batch in piece]
            placed = Placing(self._index, self._handles, self._keyring).place(marked)
            sealing = Sealing(placed.sealers, placed.known)
            rows = (sealing.seal(one.batch, one.marks, one.slots) for one in placed.parts)
            filled = (batch for batch in rows if batch.num_rows)
            first = next(filled, None)
            if first is None:
                return Added(0, sealing.repeated, placed.gone)
            size = self._write(chain([first], filled), sealing)
            return Added(len(sealing.rows), sealing.repeated, placed.gone, 1, size)

    def _write(self, rows: Iterator[pa.RecordBatch], sealing: Sealing) -> int:
        """Write one segment and commit it; give its size in bytes."""
        number = self._index.reserve()
        written = self._files.write(number, lambda path: write_segment(path, rows))
        self._index.commit(number, segment_name(number), written, sealing.rows)
        return written.size

    def _tidy(self) -> None:
        """Once, in the writer's place. A compaction that is under way did it, and has files that nobody else knows."""
        if self._tidied:
            return
        with alone_at_once(self._folder / _COMPACTION) as alone:
            if alone:
                self._files.tidy(self._index.numbers(), self._index.newest())
        self._tidied = True

    def _marks_of(self, batch: pa.RecordBatch) -> list[bytes]:
        return self._marks_of_names(batch.column("record").to_pylist())

    def _marks_of_names(self, records: Sequence[str]) -> list[bytes]:
        """The marks under which the index knows records: it does not hold their ids."""
        if self._marks is None:
            (key,) = self._keyring.keys([_INDEX_SLOT])
            if key is None:
                raise VaultError("the index key is destroyed", remedy="restore the key state from a backup")
            self._marks = Mac(key)
        digest = self._marks.digest
        return [digest(b"record\x00" + record.encode())[:_MARK_BYTES] for record in records]

    def records(self, conversations: Collection[str] | None = None) -> Reading:
        """The stored records, opened: all of them, or those of some conversations."""
        slots: set[int] | None = None
        if conversations is not None:
            found = self._handles.slots("conversation", sorted(conversations), make=False)
            slots = {slot for slot in found.values() if slot is not None}
        return self._reading(slots, opens=True)

    def deciding(self) -> Reading:
        """All stored records with their deciding columns alone: nothing is opened, and what is sealed is null."""
        return self._reading(None, opens=False)

    def _reading(self, slots: set[int] | None, *, opens: bool) -> Reading:
        hold = self._hold()
        segments, index = self._index.segments(slots), self._index
        keys = self._keyring.keys
        return Reading(self._files, hold, segments, keys, index.slots_of, index.rows_in, slots, opens=opens)

    def _hold(self) -> Hold:
        """Nothing that is listed while this is held is removed before it is let go of."""
        return self._readers.enter(self._index.readers())

    def used_slots(self) -> int:
        """How many slots must have been given out, by what is stored: with fewer, the key database is an older one."""
        return self._index.used_slots()

    def stored(self, conversation: str) -> int:
        """How many records are stored of a conversation, whether they can be opened or not."""
        (slot,) = self._handles.slots("conversation", [conversation], make=False).values()
        return 0 if slot is None else self._index.rows_of(slot)

    def stored_in(self, slots: Collection[int]) -> dict[int, int]:
        """How many records are stored in each of some slots, whether they can be opened or not; 0 is left out."""
        return self._index.rows_of_each(slots)

    def placed(self) -> Iterator[list[tuple[int, int, float]]]:
        """Each slot that has records stored, ascending, in batches: how many, and their share of the segments' bytes."""
        return self._index.placed()

    def stage(self, moves: Mapping[str, Move], staying: Collection[str]) -> None:
        """Seal the records of some conversations that stay anew, for the slots to which these move. Nobody reads them yet.

        Belongs into `still`. Durable when this returns. Raises `VerificationError` where what stays cannot be read, and
        `VaultError`; then nothing is staged.
        """
        self._tidy()
        new = sorted(move.new for move in moves.values())
        keys = zip(new, self._keyring.keys(new), strict=True)
        sealers = {slot: Sealer(key) for slot, key in keys if key is not None}
        reading = self._reading({move.old for move in moves.values()}, opens=True)
        Staging(self._index, self._files, self._marks_of, sealers, moves).stage(reading, staying)

    def staged(self) -> dict[int, int]:
        """What was staged and is not read yet: the slots before and after."""
        return self._index.moving()

    def grown(self) -> bool:
        """Whether there may be records that were not there yet when others of their slots were staged."""
        return self._index.grown()

    def unstage(self) -> None:
        """Let go of what is staged: it is read from where it was."""
        self._index.unstage()

    def not_staying(self, records: Collection[str], slots: Collection[int]) -> set[str]:
        """Those of some records that are stored under one of some slots, and are not staged under another."""
        marks = dict(zip(self._marks_of_names(list(records)), records, strict=True))
        known, staged = self._index.find(marks), self._index.are_moving(marks)
        return {marks[mark] for mark, told in known.items() if told.slot in slots and mark not in staged}

    def switch(self) -> None:
        """Read what is staged in the place of what it was sealed from. A second time it does nothing."""
        self._index.switch()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody adds records, in whatever process, while the context is open. Raises `VaultError`."""
        path = self._folder / _LOCK
        with ExitStack() as stack:
            with told(str(path)):
                stack.enter_context(locked(path))
            yield

    def living(self, conversations: Sequence[str]) -> list[str]:
        """Those of some conversations that have a slot whose key is not destroyed, in the same order."""
        found = self._handles.slots("conversation", conversations, make=False)
        slots = {name: slot for name, slot in found.items() if slot is not None}
        keys = dict(zip(slots, self._keyring.keys(list(slots.values())), strict=True))
        return [name for name in conversations if keys.get(name) is not None]

    @contextmanager
    def plain_files(self) -> Iterator[list[Path]]:
        """Parquet files with the plain columns of the live segments, also of records that are gone. They stay meanwhile.

        Where the segments lie in an object store the plain columns are fetched into a folder of the run, which is removed.
        Nobody has compared a digest: what is decided on them has to be vouched for by what is sealed.
        """
        with self.standing() as segments, TemporaryDirectory(prefix="troth-plain-") as folder:
            yield self._files.plain([segment.number for segment in segments], Path(folder))

    @contextmanager
    def standing(self) -> Iterator[list[Segment]]:
        """The live segments, in the order of their numbers; none of them is removed while the context is open."""
        hold = self._hold()
        try:
            yield self._index.segments()
        finally:
            hold.close()

    def elsewhere(self) -> Iterator[tuple[str, Path]]:
        """Every file of the segments that does not lie in a folder: its URL, and a copy that is there for one step."""
        return self._files.elsewhere()

    @contextmanager
    def compacting(self) -> Iterator[Compaction]:
        """A compaction, and nobody else's meanwhile. Raises `VaultError` where another one is under way."""
        with alone_soon(self._folder / _COMPACTION, _PATIENCE) as alone:
            if not alone:
                raise VaultError(
                    "another compaction is under way",
                    place=Place(str(self._folder / _COMPACTION)),
                    remedy="wait until it ends",
                )
            yield self._compaction()

    def compact(self, progress: Progress) -> Compacted:
        """Write segments anew without the rows whose keys are destroyed (`Compaction.run`)."""
        with self.compacting() as compaction:
            return compaction.run(progress)

    def _compaction(self) -> Compaction:
        return Compaction(self._index, self._files, self._keyring.keys, self._readers, self.still)

    def _sweep(self) -> None:
        if self._index.retired():
            with alone_at_once(self._folder / _COMPACTION) as alone:
                if alone:
                    self._compaction().sweep()

    def close(self) -> None:
        """Close it. A second time it does nothing."""
        self._index.close()

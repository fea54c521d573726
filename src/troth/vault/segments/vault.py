"""The vault of a workspace: records in, sealed; records out, opened. Ciphertext and an index are all that is written.

Whoever can write the folder can make records unreadable or leave them out; nothing else is taken for a record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from troth.errors import VaultError
from troth.vault.mac import Mac
from troth.vault.segments.cut import cut
from troth.vault.segments.files import new_segment, segment_path, tidy, writer_lock, written
from troth.vault.segments.index import Index
from troth.vault.segments.placing import Marked, Placing
from troth.vault.segments.reader import Reading
from troth.vault.segments.writer import Sealing, write_segment

if TYPE_CHECKING:
    from troth.vault.handles import Handles
    from troth.vault.keys.keyring import Keyring

SEGMENTS: Final = "segments"
_LOCK: Final = "vault.lock"
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
    """Make the folder of the segments and their index, beside the keys. Raises `VaultError`."""
    try:
        (folder / SEGMENTS).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise VaultError(
            f"{folder} cannot be made: {problem.strerror}", remedy="choose another place"
        ) from None
    Index(folder, make=True).close()


class Vault:
    """An open vault; one thread uses it, and any number of processes may have it open."""

    def __init__(self, folder: Path, keyring: Keyring, handles: Handles) -> None:
        """The vault in a folder. Raises `VaultError` where it cannot be opened."""
        self._folder, self._keyring, self._handles = folder, keyring, handles
        self._segments = folder / SEGMENTS
        self._index = Index(folder)
        self._marks: Mac | None = None
        self._tidied = False

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
        with writer_lock(self._folder / _LOCK):
            if not self._tidied:
                tidy(self._segments, self._index.newest())
                self._tidied = True
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
        number = self._index.newest() + 1
        with new_segment(self._segments, number) as partial:
            write_segment(partial, rows)
        path = segment_path(self._segments, number)
        told = written(path)
        self._index.commit(number, path, told, sealing.rows)
        return told.size

    def _marks_of(self, batch: pa.RecordBatch) -> list[bytes]:
        """The marks under which the index knows records: it does not hold their ids."""
        if self._marks is None:
            (key,) = self._keyring.keys([_INDEX_SLOT])
            if key is None:
                raise VaultError("the index key is destroyed", remedy="restore the key state from a backup")
            self._marks = Mac(key)
        digest = self._marks.digest
        return [
            digest(b"record\x00" + record.encode())[:_MARK_BYTES]
            for record in batch.column("record").to_pylist()
        ]

    def records(self, conversations: Collection[str] | None = None) -> Reading:
        """The stored records, opened: all of them, or those of some conversations."""
        slots: set[int] | None = None
        if conversations is not None:
            found = self._handles.slots("conversation", sorted(conversations), make=False)
            slots = {slot for slot in found.values() if slot is not None}
        return Reading(
            self._segments, self._index.segments(slots), self._keyring.keys, self._index.slots_of, slots
        )

    def deciding(self) -> Reading:
        """All stored records with their deciding columns alone: nothing is opened, and what is sealed is null."""
        segments, keys = self._index.segments(), self._keyring.keys
        return Reading(self._segments, segments, keys, self._index.slots_of, opens=False)

    def stored(self, conversation: str) -> int:
        """How many records are stored of a conversation, whether they can be opened or not."""
        (slot,) = self._handles.slots("conversation", [conversation], make=False).values()
        return 0 if slot is None else self._index.rows_of(slot)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody adds records, in whatever process, while the context is open. Raises `VaultError`."""
        with writer_lock(self._folder / _LOCK):
            yield

    def living(self, conversations: Sequence[str]) -> list[str]:
        """Those of some conversations that have a slot whose key is not destroyed, in the same order."""
        found = self._handles.slots("conversation", conversations, make=False)
        slots = {name: slot for name, slot in found.items() if slot is not None}
        keys = dict(zip(slots, self._keyring.keys(list(slots.values())), strict=True))
        return [name for name in conversations if keys.get(name) is not None]

    def decidable(self) -> list[Path]:
        """The files of the live segments: their deciding columns are plain, also of records that are gone."""
        return [segment_path(self._segments, segment.number) for segment in self._index.segments()]

    def close(self) -> None:
        """Close it. A second time it does nothing."""
        self._index.close()

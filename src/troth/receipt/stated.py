"""The checkpoints under the proofs of a receipt, each read once: as they state themselves, no signature checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.proof.checkpoint_text import Checkpoint, read_checkpoint
from troth.proof.note import read_note
from troth.receipt.model import Receipt


@dataclass(frozen=True, slots=True)
class Stated:
    """A checkpoint, and the names on its signature lines, each once, as they stand."""

    checkpoint: Checkpoint
    lines: tuple[str, ...]

    @property
    def witnesses(self) -> tuple[str, ...]:
        """The names that are not the log's own."""
        return tuple(name for name in self.lines if name != self.checkpoint.origin)


def stated_checkpoints(receipt: Receipt) -> Mapping[bytes, Stated]:
    """Each signed checkpoint of the receipt by its bytes, smallest tree first. Raises `VerificationError`."""
    stated = {
        data: _read(data) for data in dict.fromkeys(opened.proof.checkpoint for opened in receipt.entries)
    }
    return dict(sorted(stated.items(), key=lambda item: item[1].checkpoint.size))


def _read(data: bytes) -> Stated:
    note = read_note(data)
    return Stated(read_checkpoint(note.text), tuple(dict.fromkeys(line.name for line in note.lines)))

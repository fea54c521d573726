"""Signed checkpoints: a log's statement of its size and root, signed by it and cosigned by witnesses.

Somebody who can write a checkpoint file can put an older or unsigned one there, and can drop cosignatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from troth.errors import VerificationError
from troth.proof.checkpoint_text import Checkpoint, read_checkpoint
from troth.proof.note import Note, Vkey, read_note
from troth.proof.signatures import check_line

__all__ = ["Checkpoint", "Signed", "check_known_lines", "check_signed", "read_checkpoint"]

_DENY = "do not rely on this checkpoint; get the log's key and the checkpoint again, each by a way of its own"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint whose signatures were checked.

    ``signers`` are the log's own keys that signed; ``cosigned`` other keys with the time that each gives (POSIX
    seconds, UTC); ``unchecked`` the names on lines for which no key was given. Each key stands once.
    """

    checkpoint: Checkpoint
    note: Note
    signers: tuple[Vkey, ...]
    cosigned: tuple[tuple[Vkey, int], ...]
    unchecked: tuple[str, ...]


def check_signed(data: bytes, keys: Sequence[Vkey]) -> Signed:
    """Check a checkpoint under the keys of its log and, where given, of cosigners.

    At least one key whose name is the origin signed, and every line of a known key holds (C2SP signed-note,
    "Signatures"). Raises `VerificationError`.
    """
    note = read_note(data)
    checkpoint = read_checkpoint(note.text)
    checked, unchecked = check_known_lines(note, keys)
    signers = tuple(key for key in checked if key.name == checkpoint.origin)
    if not signers:
        raise VerificationError(
            f"no given key of the log {checkpoint.origin!r} signed the checkpoint", remedy=_DENY
        )
    cosigned = tuple((key, time) for key, time in checked.items() if time is not None and key not in signers)
    return Signed(checkpoint, note, signers, cosigned, unchecked)


def check_known_lines(note: Note, keys: Iterable[Vkey]) -> tuple[dict[Vkey, int | None], tuple[str, ...]]:
    """Check every line whose name and key id are of a given key.

    Return the keys that signed, each with the first time it gives, and the names on the lines of other keys.
    Raises `VerificationError` where a line of a known key does not hold.
    """
    known: dict[tuple[str, bytes], Vkey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise VerificationError(
                f"two given keys have the name {key.name!r} and the same key id",
                remedy="leave one of them out",
            )
    checked: dict[Vkey, int | None] = {}
    unchecked: list[str] = []
    for line in note.lines:
        signer = known.get((line.name, line.key_id))
        if signer is None:
            unchecked.append(line.name)
        else:
            checked.setdefault(signer, check_line(signer, note.text, line))
    return checked, tuple(unchecked)

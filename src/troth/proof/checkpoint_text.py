"""The text of a checkpoint: the origin, size and root of a log (C2SP tlog-checkpoint, "Note text")."""

from __future__ import annotations

from dataclasses import dataclass

from troth.errors import VerificationError
from troth.proof.merkle import HASH_BYTES
from troth.proof.strict import check_characters, read_base64, read_number, to_base64

_ASK = "get the checkpoint again from the log; if it stays, ask the log's operator"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its origin, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed, with its final newline."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extension)
        return "".join(f"{line}\n" for line in lines)


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint. Raises `VerificationError` unless it is one, in its one form."""
    check_characters(text, "the checkpoint")
    lines = text.split("\n")
    if lines.pop() or len(lines) < 3 or not all(lines):
        raise VerificationError(
            "a checkpoint has an origin, a size and a root, each on a line that is not empty; this is not one",
            remedy=_ASK,
        )
    origin, size, root, *extension = lines
    hashed = read_base64(root, "the root of the checkpoint")
    if len(hashed) != HASH_BYTES:
        raise VerificationError("the root of the checkpoint does not have 32 bytes", remedy=_ASK)
    return Checkpoint(origin, read_number(size, "the size of the checkpoint"), hashed, tuple(extension))

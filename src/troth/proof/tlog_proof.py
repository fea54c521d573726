"""Offline proofs that a log holds an entry (C2SP tlog-proof, ``c2sp.org/tlog-proof@v1``).

Somebody who can write a proof can make the check fail; the extra data is not signed by anyone.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.errors import VerificationError
from troth.proof.checkpoint import Signed
from troth.proof.checkpoint_text import read_checkpoint
from troth.proof.merkle import HASH_BYTES, check_inclusion
from troth.proof.note import LARGEST_NOTE, read_note
from troth.proof.policy import Policy, check_policy
from troth.proof.strict import read_base64, read_number, to_base64, utf8

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63
"""Hashes of a proof in the largest tree that a checkpoint can name."""
LARGEST_EXTRA = 1 << 16
"""Bytes of extra data."""

_LARGEST_TEXT = LARGEST_NOTE + 2 * LARGEST_EXTRA
_ASK = "get the proof again from the log; if it stays, ask the log's operator"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The index of an entry (from 0), its inclusion proof, the signed checkpoint verbatim, and extra data, if any.

    Extra data is authenticated by nobody: check what it says by another way.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def text(self) -> str:
        """The proof as a file, in its one form (tlog-proof, "Format")."""
        extra = f"extra {to_base64(self.extra)}\n" if self.extra else ""
        hashes = "".join(f"{to_base64(hashed)}\n" for hashed in self.hashes)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint.decode()}"


def read_tlog_proof(text: str) -> TlogProof:
    """Read a proof; its ``text()`` is the same text again. Raises `VerificationError`; checks no signature."""
    if len(text) > _LARGEST_TEXT:
        raise VerificationError("the tlog-proof is too large", remedy=_ASK)
    head, _, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER:
        raise VerificationError(f"a tlog-proof starts with the line {HEADER}; this does not", remedy=_ASK)
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _read_extra(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise VerificationError("the tlog-proof has no index line in its place", remedy=_ASK)
    index = read_number(lines.pop(0).removeprefix("index "), "the index of the tlog-proof")
    if len(lines) > MOST_HASHES:
        raise VerificationError(f"the tlog-proof has more than {MOST_HASHES} hashes", remedy=_ASK)
    data = utf8(checkpoint, "the checkpoint of the tlog-proof")
    read_checkpoint(read_note(data).text)
    return TlogProof(index, tuple(map(_read_hash, lines)), data, extra)


def _read_extra(encoded: str) -> bytes:
    extra = read_base64(encoded, "the extra data of the tlog-proof")
    if not 0 < len(extra) <= LARGEST_EXTRA:
        raise VerificationError(
            f"the extra data of the tlog-proof has {len(extra)} bytes; 1 to {LARGEST_EXTRA} are allowed, "
            "and without any the line is left out",
            remedy=_ASK,
        )
    return extra


def _read_hash(line: str) -> bytes:
    hashed = read_base64(line, "a hash of the tlog-proof")
    if len(hashed) != HASH_BYTES:
        raise VerificationError("a hash of the tlog-proof does not have 32 bytes", remedy=_ASK)
    return hashed


def check_tlog_proof(proof: TlogProof, leaf: bytes, policy: Policy) -> Signed:
    """Check that a log of the policy holds the entry with this leaf hash at the proof's index.

    ``leaf`` is the leaf hash, `troth.proof.merkle.leaf_hash` of the entry's bytes. The checkpoint is checked as in
    `check_policy`, then the inclusion proof under its root. Raises `VerificationError`.
    """
    signed = check_policy(proof.checkpoint, policy)
    checkpoint = signed.checkpoint
    check_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return signed

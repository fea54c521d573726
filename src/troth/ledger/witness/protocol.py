"""The rules of ``add-checkpoint``, without disk, network or clock (C2SP tlog-witness, "add-checkpoint")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint, Signed, check_signed, read_checkpoint
from troth.proof.merkle import EMPTY_ROOT, HASH_BYTES, check_consistency
from troth.proof.note import SignatureLine, Vkey
from troth.proof.strict import read_base64

MOST_HASHES = 63
"""The lines that a consistency proof may have."""
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
"""The content type of a refusal that tells the size the witness knows."""

_OLD = re.compile(rb"old (0|[1-9][0-9]{0,19})")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness answers, and what its operator reads of it in the log."""

    status: HTTPStatus
    body: bytes
    kind: str = TEXT
    about: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A well-formed request whose checkpoint a known log has signed."""

    old_size: int
    proof: tuple[bytes, ...]
    signed: Signed

    @property
    def checkpoint(self) -> Checkpoint:
        """What is to be cosigned."""
        return self.signed.checkpoint


def read_submission(body: bytes, logs: Sequence[Vkey]) -> Submission | Answer:
    """Read the body of a request, and check who signed its checkpoint.

    ``logs`` are the keys of all known logs, each named by its origin. An answer is a refusal: 400 for what is not
    well formed, 404 for an unknown origin, 403 where no known key has signed or a signature is wrong, or is none.
    """
    head, blank, note = body.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    old = _OLD.fullmatch(first)
    proof = _hashes(lines)
    if not old or not blank or proof is None:
        return _refuse(HTTPStatus.BAD_REQUEST, "the request is not an old size, a proof and a checkpoint")
    text, _, _ = note.rpartition(b"\n\n")
    try:
        origin = read_checkpoint(f"{text.decode()}\n").origin
    except (VerificationError, UnicodeDecodeError) as problem:
        return _refuse(HTTPStatus.BAD_REQUEST, f"the checkpoint is not well formed: {problem}")
    keys = [key for key in logs if key.name == origin]
    if not keys:
        return _refuse(HTTPStatus.NOT_FOUND, "unknown log", origin)
    try:
        signed = check_signed(note, keys)
    except VerificationError as problem:
        return _refuse(HTTPStatus.FORBIDDEN, f"invalid signature: {problem.what}", origin)
    return _sized(Submission(int(old[1]), proof, signed))


def refusal(submission: Submission, known: Checkpoint | None) -> Answer | None:
    """Why a submission cannot be cosigned after ``known``, the newest checkpoint that was; None where it can.

    409 tells the size of ``known`` (0 for None) where the request builds on another one; 422 is for a proof that does not
    show that the checkpoint extends it.
    """
    size = known.size if known else 0
    root = known.root if known else EMPTY_ROOT
    new = submission.checkpoint
    if submission.old_size != size:
        told = f"{new.origin}: asked from {submission.old_size}, known is {size}"
        return Answer(HTTPStatus.CONFLICT, b"%d\n" % size, SIZE, told)
    try:
        check_consistency(size, new.size, root, new.root, submission.proof)
    except VerificationError as problem:
        what = f"the consistency proof from {size} to {new.size} does not hold: {problem.what}"
        return _refuse(HTTPStatus.UNPROCESSABLE_ENTITY, what, new.origin)
    return None


def cosigned(submission: Submission, lines: Sequence[SignatureLine]) -> Answer:
    """The answer with the cosignatures."""
    new = submission.checkpoint
    about = f"{new.origin}: cosigned {new.size}"
    return Answer(HTTPStatus.OK, "".join(f"{line}\n" for line in lines).encode(), about=about)


def _sized(submission: Submission) -> Submission | Answer:
    new = submission.checkpoint
    if submission.old_size <= new.size:
        return submission
    what = f"the old size {submission.old_size} is larger than the checkpoint's, {new.size}"
    return _refuse(HTTPStatus.BAD_REQUEST, what, new.origin)


def _hashes(lines: Sequence[bytes]) -> tuple[bytes, ...] | None:
    """The hashes of a proof; None where a line is not one in canonical base64, or there are too many."""
    if len(lines) > MOST_HASHES:
        return None
    try:
        proof = tuple(read_base64(line.decode("latin-1"), "a line of the proof") for line in lines)
    except VerificationError:
        return None
    return proof if all(len(hashed) == HASH_BYTES for hashed in proof) else None


def _refuse(status: HTTPStatus, what: str, origin: str = "") -> Answer:
    return Answer(status, f"{what}\n".encode(), about=f"{origin}: {what}" if origin else what)

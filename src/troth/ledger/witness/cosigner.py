"""One witness at work: its keys, the logs it knows, and what it cosigned last.

Who can write its files can make it cosign a fork. Who can only send it requests cannot: it cosigns nothing that does not
extend what it cosigned before, and what it cosigned is on the disk before the answer leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from troth.errors import LedgerError, Place, VerificationError
from troth.ledger.signers import Signer
from troth.ledger.witness.protocol import Answer, Submission, cosigned, read_submission, refusal
from troth.ledger.witness.state import Held, State
from troth.proof.checkpoint import Checkpoint, check_known_lines, read_checkpoint
from troth.proof.note import Note, SignatureLine, Vkey, read_note
from troth.proof.policy import read_policy
from troth.types.moment import Moment

SECOND: Moment = 1_000_000


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness. ``logs`` is a C2SP tlog-policy file; ``clock`` tells the time in microseconds, UTC."""

    signers: tuple[Signer, ...]
    logs: Path
    state: State
    clock: Callable[[], Moment]

    def known_logs(self) -> tuple[Vkey, ...]:
        """The keys of the logs that it cosigns for, read anew each time. Raises `LedgerError`."""
        try:
            return tuple(log.vkey for log in read_policy(self.logs.read_bytes()).logs)
        except OSError as problem:
            what = f"the list of logs cannot be read: {problem.strerror}"
            raise LedgerError(what, place=Place(str(self.logs)), remedy="put the file back") from problem
        except VerificationError as problem:
            raise LedgerError(problem.what, place=Place(str(self.logs)), remedy=problem.remedy) from problem

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign the checkpoint of a request, or say why not (C2SP tlog-witness, "add-checkpoint").

        Raises `LedgerError` where the state cannot be read or written; then nothing is cosigned.
        """
        submission = read_submission(body, self.known_logs())
        if isinstance(submission, Answer):
            return submission
        with self.state.hold(submission.checkpoint.origin) as held:
            return self._advance(submission, held)

    def checkpoint(self, hashed: str) -> Answer:
        """The newest cosigned checkpoint of the log with an origin hash, for monitors. Raises `LedgerError`."""
        note = self.state.published(hashed)
        if note is None:
            return Answer(HTTPStatus.NOT_FOUND, b"nothing was cosigned for that log\n")
        return Answer(HTTPStatus.OK, note)

    def _advance(self, submission: Submission, held: Held) -> Answer:
        refused = refusal(submission, self._known(held, submission.checkpoint.origin))
        if refused:
            return refused
        text = submission.signed.note.text
        seconds = self.clock() // SECOND
        lines = tuple(signer.sign(text, seconds) for signer in self.signers)
        held.advance(Note(text, _log_lines(submission) + lines).data())
        return cosigned(submission, lines)

    def _known(self, held: Held, origin: str) -> Checkpoint | None:
        """The checkpoint last cosigned, checked to be the witness's own, so that damage is not built upon."""
        data = held.newest()
        if data is None:
            return None
        try:
            note = read_note(data)
            checkpoint = read_checkpoint(note.text)
            signed, _ = check_known_lines(note, [signer.vkey for signer in self.signers])
        except VerificationError as problem:
            raise _foreign(held.file, problem.what) from problem
        if not signed or checkpoint.origin != origin:
            raise _foreign(held.file, "it is not what this witness cosigned for this log")
        return checkpoint


def _log_lines(submission: Submission) -> tuple[SignatureLine, ...]:
    keys = {(key.name, key.key_id) for key in submission.signed.signers}
    lines = (line for line in submission.signed.note.lines if (line.name, line.key_id) in keys)
    return tuple(dict.fromkeys(lines))


def _foreign(file: Path, what: str) -> LedgerError:
    return LedgerError(
        f"what was last cosigned is damaged: {what}",
        place=Place(str(file)),
        remedy="put the newest file back; without it the witness could cosign a fork",
    )

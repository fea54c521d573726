"""Whom an auditor trusts, and reading checkpoints under it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint, Signed, read_checkpoint
from troth.proof.note import Vkey, read_note, read_vkey
from troth.proof.policy import NO_QUORUM, Policy, check_policy, policy_of
from troth.verify.report import file_name

CLOCKS_APART = 5 * 60 * 1_000_000
"""Microseconds by which honest clocks may differ: a log's, a witness's and the auditor's."""

_AGAIN = "get it again from the log's operator; every line is one vkey, and ends"


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys of the log and of witnesses, and the quorum; whether the auditor brought the log's keys."""

    policy: Policy
    established: bool

    @property
    def logs(self) -> tuple[Vkey, ...]:
        """The log's keys."""
        return tuple(log.vkey for log in self.policy.logs)

    def with_logs(self, keys: tuple[Vkey, ...]) -> Trust:
        """The same witnesses and quorum with these keys of the log, which the ledger itself names."""
        return Trust(replace(self.policy, logs=policy_of(keys).logs), established=False)

    def check(self, data: bytes) -> Signed:
        """A checkpoint signed by the log and cosigned by a quorum. Raises `VerificationError`."""
        return check_policy(data, self.policy)

    def check_without_quorum(self, data: bytes) -> Signed:
        """A checkpoint signed by the log, whoever cosigned it. Raises `VerificationError`."""
        return check_policy(data, replace(self.policy, quorum=NO_QUORUM))


def read_unsigned(data: bytes) -> Checkpoint:
    """What a checkpoint says, whoever signed it. Raises `VerificationError` where it is none."""
    return read_checkpoint(read_note(data).text)


def read_vkeys(data: bytes) -> tuple[Vkey, ...]:
    """The keys of a ``log.vkey`` file, one on each line. Raises `VerificationError`."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        raise VerificationError("is not text", remedy=_AGAIN) from None
    if lines.pop() or not lines:
        raise VerificationError("is empty, or its last line does not end", remedy=_AGAIN)
    return tuple(map(read_vkey, lines))


def key_name(key: Vkey) -> str:
    """A key in short, in one line whatever its name is: the name and the id."""
    return f"{file_name(key.name)}+{key.key_id.hex()}"

"""``troth audit-log``: whether a ledger is what its log signed, by a stranger's own reading of its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from troth.errors import Place, UsageError, VerificationError
from troth.proof.note import LARGEST_NOTE, Vkey, read_vkey
from troth.proof.policy import Policy, policy_of, read_policy
from troth.proof.policy_text import LARGEST_POLICY
from troth.types.moment import Moment
from troth.verify.ledger.audit import audit
from troth.verify.ledger.head import LARGEST_KEYS
from troth.verify.ledger.place import open_source
from troth.verify.ledger.points import Kept
from troth.verify.ledger.report import LedgerReport
from troth.verify.ledger.trust import Trust, read_vkeys
from troth.verify.report import Progress


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """The ledger, and what its auditor has to hold against it."""

    ledger: str
    """A folder, an http(s) address, or a URL that fsspec knows."""
    log_key: str | None = None
    """The log's vkey, or a file with one on each line."""
    policy: Path | None = None
    """A trust policy (C2SP tlog-policy)."""
    older: tuple[Path, ...] = ()
    """Checkpoints kept from earlier."""


def audit_log(asked: AuditRequest, now: Moment, progress: Progress) -> LedgerReport:
    """Audit a ledger; ``now`` is the present (UTC).

    Raises `UsageError` for keys, policies and files that are none, and ``LedgerError`` where there is no ledger or
    it cannot be read; what is wrong with the ledger is in the report.
    """
    trust = trusted(asked.log_key, asked.policy)
    kept = [Kept(str(path), _read(path, LARGEST_NOTE)) for path in asked.older]
    return audit(open_source(asked.ledger), trust, kept, now, progress)


def trusted(log_key: str | None, policy: Path | None) -> Trust:
    """Whom the auditor trusts: the log of ``log_key``, else those of the policy. Raises `UsageError`."""
    keys = _log_keys(log_key) if log_key is not None else ()
    try:
        given = read_policy(_read(policy, LARGEST_POLICY)) if policy is not None else policy_of(())
        return Trust(_with_logs(given, keys), established=bool(keys or given.logs))
    except VerificationError as problem:
        where = Place(str(policy)) if policy else None
        raise UsageError(problem.what, place=where, remedy=problem.remedy) from problem


def _with_logs(policy: Policy, keys: tuple[Vkey, ...]) -> Policy:
    """The policy for the log of these keys alone."""
    if not keys:
        return policy
    listed = {log.vkey for log in policy.logs}
    if listed and not listed.issuperset(keys):
        raise VerificationError(
            "the policy does not list the log's key that is given by --log-key",
            remedy="give the policy for this log, or leave --log-key out",
        )
    return replace(policy, logs=policy_of(keys).logs)


def _log_keys(text: str) -> tuple[Vkey, ...]:
    """The keys in a file, or the one that the text itself is."""
    if not Path(text).is_file():
        try:
            return (read_vkey(text),)
        except VerificationError as problem:
            remedy = "give a vkey, NAME+ID+KEY, or a file with one on each line"
            raise UsageError(f"this is neither a vkey nor a file: {problem.what}", remedy=remedy) from problem
    try:
        return read_vkeys(_read(Path(text), LARGEST_KEYS))
    except VerificationError as problem:
        remedy = "give a file with a vkey, NAME+ID+KEY, on each line"
        raise UsageError(problem.what, place=Place(text), remedy=remedy) from problem


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as problem:
        remedy = "give a file that is there and may be read"
        raise UsageError(
            f"cannot be read: {problem.strerror}", place=Place(str(path)), remedy=remedy
        ) from problem
    if len(data) > limit:
        raise UsageError(
            f"is larger than {limit:,} bytes", place=Place(str(path)), remedy="give the file that was meant"
        )
    return data

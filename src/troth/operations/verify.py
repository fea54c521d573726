"""``troth verify``: whether a folder is the release, and files the receipts, that they say they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from troth.errors import UsageError
from troth.history.read import read_history
from troth.intake.mapping import load_mapping
from troth.intake.read import LogReading, read_logs
from troth.ledger.log import vkeys_of
from troth.operations.audit_log import trusted
from troth.operations.decide import Progress, silent
from troth.operations.workspace.history import write_history
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.receipts.receipts import read_bytes
from troth.proof.checkpoint import read_checkpoint
from troth.proof.note import read_note
from troth.proof.payloads import read_payload
from troth.proof.policy import policy_of
from troth.receipt.read import read_receipt
from troth.release.layout import FINDINGS
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.verify.again import VerifyInputs
from troth.verify.chain import LedgerInputs, Logged
from troth.verify.given_terms import check_terms
from troth.verify.ledger.place import open_source
from troth.verify.ledger.trust import Trust
from troth.verify.receipts.check import check_receipt
from troth.verify.receipts.report import ReceiptReport
from troth.verify.report import Notes, Report
from troth.verify.sealed import Unlocking
from troth.verify.statement import read_manifest
from troth.verify.verify import TITLES, Recorded, verify

TERMS_STEP = 7


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The release and receipts, and what their reader has to hold against them."""

    release: Path | None
    key: Path | None = None
    terms: str | None = None
    options: Mapping[str, str] | None = None
    history: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    mapping: Path | None = None
    keep_going: bool = False
    receipts: tuple[Path, ...] = ()
    log_key: str | None = None
    """The vkey of the ledger's log that the reader trusts, or a file of vkeys."""
    policy: Path | None = None
    """A trust policy (C2SP tlog-policy) with the log and witnesses."""
    ledger: str | None = None
    """Where the ledger lies: a folder or an address."""
    workspace: Path | None = None
    """The workspace of the release, for who has it: its history, ledger, keys and commitments."""
    findings: Path | None = None
    """What the filter found; None: the file beside the release, where there is one."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found, and what became of the logs."""

    release: Report | None
    receipts: tuple[ReceiptReport, ...]
    logs: LogReading | None

    @property
    def exit_code(self) -> int:
        """1 where anything has a finding, else 2 where a signer is not established, else 0."""
        codes = [report.exit_code for report in (self.release, *self.receipts) if report is not None]
        return 1 if 1 in codes else max(codes)


def verify_all(asked: VerifyRequest, progress: Progress = silent) -> Verified:
    """Verify a release, receipts, or a release with its receipts, with all that was given.

    Raises ``ReleaseError`` where there is no folder to read, `UsageError`, and the errors of terms, histories,
    logs and workspaces; what is wrong with the release or a receipt is in the reports.
    """
    _require_question(asked)
    with ExitStack() as stack:
        workspace = stack.enter_context(opened(asked.workspace)) if asked.workspace is not None else None
        trust = _trust(asked, workspace)
        policy = trust.policy if trust.established else None
        # Each file is read once: what was checked is what the release is held against.
        files = [(str(path), read_bytes(path)) for path in asked.receipts]
        receipts = tuple(check_receipt(data, policy, name) for name, data in files)
        if asked.release is None:
            return Verified(None, receipts, None)
        holding = [data for (_, data), told in zip(files, receipts, strict=True) if not told.exit_code]
        recorded = Recorded(
            _ledger(asked, workspace, trust),
            tuple(_logged(data) for data in holding),
            workspace.store.commitments if workspace is not None else None,
            unlocking_of(workspace) if workspace is not None else None,
            policy,
        )
        history = stack.enter_context(_history(asked, workspace))
        report, logs = _verify_release(asked, asked.release, history, recorded, progress)
        return Verified(report, receipts, logs)


def verify_release(asked: VerifyRequest, progress: Progress = silent) -> tuple[Report, LogReading | None]:
    """Verify a release alone. Raises as `verify_all` does."""
    found = verify_all(asked, progress)
    if found.release is None:
        raise UsageError("no release was given", remedy="name its folder")
    return found.release, found.logs


def unlocking_of(workspace: Workspace) -> Unlocking:
    """The slots of a workspace's conversations, and their keys."""

    def slots(conversations: Sequence[str]) -> Mapping[str, int]:
        known = workspace.handles.slots("conversation", conversations, make=False)
        return {name: slot for name, slot in known.items() if slot is not None}

    return Unlocking(slots, workspace.keyring.keys)


def _require_question(asked: VerifyRequest) -> None:
    if asked.release is None and not asked.receipts:
        raise UsageError("nothing to verify", remedy="name the folder of a release, or receipts")
    known = asked.history or asked.workspace is not None
    if (asked.history and not asked.records) or (asked.records and not known):
        raise UsageError("history and records go together", remedy="give --history and --records, or neither")
    if asked.records and asked.terms is None:
        raise UsageError("deciding again takes the terms", remedy="give --terms, as the manifest names them")


def _trust(asked: VerifyRequest, workspace: Workspace | None) -> Trust:
    """Whom the reader trusts; with a workspace and no key given, its own log."""
    trust = trusted(asked.log_key, asked.policy)
    if trust.established or workspace is None:
        return trust
    return Trust(policy_of(vkeys_of(workspace.signers)), established=True)


def _ledger(asked: VerifyRequest, workspace: Workspace | None, trust: Trust) -> LedgerInputs | None:
    place = asked.ledger
    if place is None and workspace is not None:
        place = str(workspace.settings.ledger_place)
    return None if place is None else LedgerInputs(open_source(place), trust)


def _logged(receipt: bytes) -> Logged:
    """What a receipt says that holds."""
    held = read_receipt(receipt).receipt
    payloads = tuple(read_payload(one.entry.kind, one.payload) for one in held.entries)
    return Logged(read_checkpoint(read_note(held.entries[0].proof.checkpoint).text).origin, payloads)


@contextmanager
def _history(asked: VerifyRequest, workspace: Workspace | None) -> Iterator[tuple[str, ...]]:
    """The history given; else, where there are records, the workspace's below the checkpoint of the manifest."""
    if asked.history or workspace is None or not asked.records or asked.release is None:
        yield asked.history
        return
    statement = read_manifest(asked.release, Notes(1, TITLES[1])).statement
    ledger = statement.predicate.ledger if statement is not None else None
    with tempfile.TemporaryDirectory(prefix="troth-history-") as folder:
        path = Path(folder) / "history.parquet"
        write_history(workspace.store, None if ledger is None else ledger.size, path)
        yield (str(path),)


def _verify_release(
    asked: VerifyRequest, release: Path, history: tuple[str, ...], recorded: Recorded, progress: Progress
) -> tuple[Report, LogReading | None]:
    terms = load(asked.terms, asked.options) if asked.terms is not None else None
    if terms is None or not history:
        report = verify(release, asked.key, None, progress, recorded)
        return (report if terms is None else _with_terms(report, release, terms)), None
    mapping = load_mapping(asked.mapping) if asked.mapping else None
    logs = read_logs(asked.records, mapping=mapping, keep_going=asked.keep_going)
    inputs = VerifyInputs(terms, read_history(history), logs, _findings(asked, release))
    return verify(release, asked.key, inputs, progress, recorded), logs


def _findings(asked: VerifyRequest, release: Path) -> Path | None:
    whole = release.resolve()
    beside = whole.with_name(whole.name + FINDINGS)
    return asked.findings or (beside if beside.is_file() else None)


def _with_terms(report: Report, release: Path, terms: Terms) -> Report:
    """The report with step 7 taken against the terms given, without deciding anything again."""
    statement = read_manifest(release, Notes(1, TITLES[1])).statement
    if statement is None:
        return report
    notes = Notes(TERMS_STEP, TITLES[TERMS_STEP])
    check_terms(statement.predicate.terms, terms, notes)
    steps = tuple(notes.step() if step.number == TERMS_STEP else step for step in report.steps)
    return replace(report, steps=steps)

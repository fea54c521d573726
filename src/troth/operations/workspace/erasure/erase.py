"""``troth erase``: destroy at once what no hold and no duty of the terms keeps, and say what stays and why."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from troth.errors import StoreError, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.checkpoints import checkpoint_at
from troth.operations.workspace.damage import damage_of
from troth.operations.workspace.erasure.erasing import AT_ONCE, Batch, destroy
from troth.operations.workspace.erasure.going import Going, Leaving, Staying
from troth.operations.workspace.erasure.holds_of import held_account
from troth.operations.workspace.erasure.judged import judged
from troth.operations.workspace.erasure.receipt import ErasureReceipts
from troth.operations.workspace.erasure.unfinished import erasing_alone
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.receipts.lineage import conversations_of
from troth.operations.workspace.sequencing import sequence_pending
from troth.proof.payloads import CitedCheckpoint, EventPayload, Kept, read_payload
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import Moment

TRIES = 20
"""How often what came in meanwhile may make an erasure start again."""
NAMED = 100
"""Conversations that stay and are listed one by one. All are counted."""


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """What is asked to go: one of a conversation, what an account said, or what was said before a time (UTC)."""

    workspace: Path
    terms: str
    why: str
    options: Mapping[str, str] = field(default_factory=dict)
    conversation: str | None = None
    account: str | None = None
    before: Moment | None = None
    dry_run: bool = False
    receipts: Path | None = None
    """A folder for receipts, one for each conversation that went; it is made.

    Where an earlier call with the same folder was interrupted, its receipts are written too.
    """


@dataclass(slots=True)
class Erased:
    """What went, or would go, and what stays."""

    at: Moment
    """The time for which it was decided: now, or the time of the ledger's newest entry where the clock is behind it."""
    conversations: int = 0
    records: int = 0
    account: bool = False
    """Whether what was recorded of the account itself went too: its choices and notices."""
    staying: list[Staying] = field(default_factory=list)
    stays: int = 0
    """Records that were asked for and stay."""
    entries: list[tuple[int, int]] = field(default_factory=list)
    """The numbers of the entries of the ledger: what was intended, and that it was done."""
    receipts: list[Path] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def erase(request: ErasureRequest, progress: Progress = silent) -> Erased:
    """Erase. When this returns, every key that was to go is destroyed, and the ledger says so.

    Raises `UsageError` where nothing of what is named is stored, ``VerificationError`` where the vault is damaged, and the
    errors of terms, histories, store, vault and ledger. What was destroyed before an error stays destroyed.
    """
    _check(request)
    terms = load(request.terms, request.options)
    with opened(request.workspace) as found, nullcontext() if request.dry_run else erasing_alone(found):
        return _Erasure(found, request, terms, progress).run()


def _check(request: ErasureRequest) -> None:
    given = [one for one in (request.conversation, request.account, request.before) if one is not None]
    if len(given) != 1:
        raise UsageError("what is to be erased?", remedy="give one of --conversation, --account and --before")
    if not request.why.strip():
        raise UsageError("an erasure says why", remedy="give --why TEXT; it is in every receipt of it")


class _Erasure:
    """One call. Judging and destroying go in turns until nothing came in between."""

    def __init__(
        self, workspace: Workspace, request: ErasureRequest, terms: Terms, progress: Progress
    ) -> None:
        self._workspace, self._request, self._terms, self._progress = workspace, request, terms, progress
        self._done = Erased(decided_at(workspace))
        self._receipts: ErasureReceipts | None = None
        if request.receipts is not None and not request.dry_run:
            self._receipts = ErasureReceipts(workspace, request.receipts, progress)

    def run(self) -> Erased:
        """Judge and destroy; then the receipts."""
        self._write_receipts()  # of a call that was interrupted
        if self._done.receipts and not self._stored():
            return self._done
        for _ in range(TRIES):
            if self._once():
                self._write_receipts()
                return self._done
        raise StoreError(
            "new events kept coming in, and nothing could be decided",
            remedy="erase again when it is quieter; what was destroyed stays destroyed",
        )

    def _once(self) -> bool:
        """True where all that may go is gone; False where something came in meanwhile."""
        self._progress("judge", 0, None)
        cited = cited_now(self._workspace, self._progress)
        self._done.at = decided_at(self._workspace)
        names = _candidates(self._workspace, self._request)
        with judged(self._workspace, self._terms, names, self._done.at, cited.size) as verdicts:
            going = Going(verdicts, *_condition(self._request))
            kept = () if self._request.before is not None else going.kept()
            self._done.staying = going.staying(NAMED)
            self._done.stays = going.stays()
            for leaving in going.leaving(AT_ONCE):
                if not self._take(going, leaving, cited, kept):
                    return False
        return self._account(cited, kept)

    def _take(
        self, going: Going, leaving: list[Leaving], cited: CitedCheckpoint, kept: tuple[Kept, ...]
    ) -> bool:
        records = {one.conversation: one.records for one in leaving}
        if not self._request.dry_run:
            begun = self._receipts.begin(records) if self._receipts is not None else None
            batch = Batch(records, going.records_of(leaving), (), cited, self._request.why, kept)
            destroyed = destroy(self._workspace, batch, self._progress)
            if destroyed is None:
                if self._receipts is not None:
                    self._receipts.let_go(begun)
                return False
            self._done.entries.append((destroyed.intent, destroyed.done))
        self._done.conversations += len(leaving)
        self._done.records += sum(records.values())
        self._progress("erase", self._done.conversations, None)
        return True

    def _account(self, cited: CitedCheckpoint, kept: tuple[Kept, ...]) -> bool:
        """What was recorded of a person goes when the account is closed, nothing it said stays, and no hold may need it."""
        account = self._request.account
        if account is None or self._done.stays or not _closed(self._workspace, account):
            return True
        recorded = self._workspace.handles.slots("account", [account], make=False)
        if recorded[account] is None or held_account(self._workspace, account):
            return True
        if not self._request.dry_run:
            batch = Batch({}, (), (account,), cited, self._request.why, kept)
            destroyed = destroy(self._workspace, batch, self._progress)
            if destroyed is None:
                return False
            self._done.entries.append((destroyed.intent, destroyed.done))
        self._done.account = True
        return True

    def _write_receipts(self) -> None:
        if self._receipts is not None:
            written, warnings = self._receipts.write()
            self._done.receipts += written
            self._done.warnings += [one for one in warnings if one not in self._done.warnings]

    def _stored(self) -> bool:
        """Whether there may be anything left of what is asked to go."""
        conversation = self._request.conversation
        return conversation is None or bool(self._workspace.vault.living([conversation]))


def decided_at(workspace: Workspace) -> Moment:
    """The clock's time, or that of the newest entry where the clock is behind it: a hold does not vanish by a clock."""
    head = workspace.store.head()
    return now() if head is None else max(now(), head.at)


def cited_now(workspace: Workspace, progress: Progress) -> CitedCheckpoint:
    """Everything that was accepted is logged; the state of the log after that."""
    sequence_pending(workspace, progress)
    found = checkpoint_at(workspace, None)
    return CitedCheckpoint(found.origin, found.root.hex(), found.size)


def _condition(request: ErasureRequest) -> tuple[str, list[object]]:
    if request.account is not None:
        return "account IS NULL OR account = ?", [request.account]
    if request.before is not None:
        return "said < ?", [request.before]
    return "true", []


def _candidates(workspace: Workspace, request: ErasureRequest) -> list[str] | None:
    """The conversations to be looked at; None for all."""
    if request.before is not None:
        return None
    if request.conversation is not None:
        names = [request.conversation]
        if not workspace.vault.living(names):
            remedy = "check the id; what was erased is not there any more"
            raise UsageError(f"the workspace holds nothing of the conversation {names[0]!r}", remedy=remedy)
    else:
        account = request.account or ""
        names = sorted({*conversations_of(workspace.store, account), *_said_by(workspace, account)})
    return workspace.vault.living(names)


def _said_by(workspace: Workspace, account: str) -> list[str]:
    """The conversations in which a log names an account. What they hold is judged after it was opened, and vouched for."""
    query = "SELECT DISTINCT conversation FROM read_parquet(?) WHERE account = ?"
    with workspace.vault.plain_files() as files, duckdb.connect() as connection:
        if not files:
            return []
        given = [[str(path) for path in files], account]
        try:
            return [name for (name,) in connection.execute(query, given).fetchall()]
        except duckdb.Error as problem:
            raise damage_of(workspace, problem) from None


def _closed(workspace: Workspace, account: str) -> bool:
    """Whether the account was closed, and not opened again."""
    closed = False
    for row in workspace.store.opened(account=account, kinds=("deletion", "event")):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, EventPayload) and told.event.event in ("account.opened", "account.closed"):
            closed = told.event.event == "account.closed"
    return closed

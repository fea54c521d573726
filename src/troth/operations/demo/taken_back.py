"""The demonstration's last part: one person withdraws, and is then erased, with the release long built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from troth.operations.decide import Progress
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.whole_file import whole_file
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.opened import now
from troth.operations.workspace.receipts.receipts import receipt_of_account
from troth.operations.workspace.record import record
from troth.operations.workspace.releases.read_release import ReadRequest, read_release
from troth.release.layout import SHARDS
from troth.types.moment import format_moment
from troth.verify.receipts.report import ReceiptReport

WHY = "the person asked for it"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a reader of the release gets: records opened, withheld because a choice says so, and gone for good."""

    opened: int
    withheld: int
    gone: int


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt that the person holds, and what checking it found."""

    file: Path
    report: ReceiptReport


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One person's withdrawal and erasure, and what each did to a release that was built before."""

    account: str
    conversations: int
    """Conversations of theirs in the release."""
    before: Counted
    withdrawn: Counted
    erased: Counted
    withdrawal: Proof
    erasure: Proof
    """The receipt of the first conversation that went; each that went has one."""
    stays: int
    """Records that the erasure had to leave: a hold or a duty of the terms keeps them."""


def taken_back(
    folder: Path, workspace: Path, release: Path, terms: str, purpose: str, progress: Progress
) -> TakenBack | None:
    """Let the person with most conversations in the release withdraw, then erase them. None where nobody is in it."""
    account, conversations = _most(release)
    if account is None:
        return None

    def counted() -> Counted:
        report = read_release(ReadRequest(workspace, str(release), purpose), progress=progress)
        return Counted(report.opened, report.withheld.total(), report.gone)

    before = counted()
    _record(folder, workspace, "withdrawal", account, event="choice.made", choice="improve_models",
            value="refused", mechanism="settings")  # fmt: skip
    withdrawn = counted()
    withdrawal = folder / "withdrawal.receipt"
    with whole_file(withdrawal) as partial:
        partial.write_bytes(receipt_of_account(workspace, account, progress).data)
    _record(folder, workspace, "closing", account, event="account.closed")
    done = erase(ErasureRequest(workspace, terms, WHY, account=account, receipts=folder / "erased"), progress)
    return TakenBack(
        account, conversations, before, withdrawn, counted(),
        _proof(folder, withdrawal), _proof(folder, done.receipts[0]), done.stays,
    )  # fmt: skip


def _record(folder: Path, workspace: Path, name: str, account: str, **told: Any) -> None:
    """Record an event of the person that happens now."""
    event: Mapping[str, Any] = {**told, "at": format_moment(now()), "account": account}
    file = folder / f"{name}.jsonl"
    file.write_bytes(msgspec.json.encode(event) + b"\n")
    record(workspace, (str(file),))


def _proof(folder: Path, receipt: Path) -> Proof:
    asked = VerifyRequest(None, receipts=(receipt,), log_key=str(folder / "log.vkey"))
    return Proof(receipt, verify_all(asked).receipts[0])


def _most(release: Path) -> tuple[str | None, int]:
    """Who has the most conversations in the release, and how many; of equals the first by name."""
    query = (
        "SELECT account, count(DISTINCT conversation) AS many FROM read_parquet(?) WHERE account IS NOT NULL"
        " GROUP BY account ORDER BY many DESC, account LIMIT 1"
    )
    with duckdb.connect() as connection:
        row = connection.execute(query, [f"{release}/{SHARDS}/*.parquet"]).fetchone()
    return (None, 0) if row is None else (str(row[0]), int(row[1]))

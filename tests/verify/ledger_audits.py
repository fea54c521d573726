"""Auditing the small ledgers of the tests."""

from __future__ import annotations

from collections.abc import Sequence

from small_ledger import LOG, NOW, W1, W2, SmallLedger

from troth.proof.policy import read_policy
from troth.verify.ledger.audit import audit
from troth.verify.ledger.place import open_source
from troth.verify.ledger.points import Kept
from troth.verify.ledger.report import LedgerReport
from troth.verify.ledger.trust import Trust

POLICY = read_policy(
    f"log {LOG.vkey}\nwitness w1 {W1.vkey}\nwitness w2 {W2.vkey}\ngroup both all w1 w2\nquorum both\n"
)
TRUST = Trust(POLICY, established=True)


def silent(stage: str, done: int, total: int | None) -> None:
    """No progress."""


def audited(
    ledger: SmallLedger | None,
    *,
    place: str = "",
    trust: Trust = TRUST,
    older: Sequence[bytes] = (),
    now: int = NOW,
) -> LedgerReport:
    source = open_source(place or str(ledger.folder if ledger else ""))
    return audit(
        source, trust, [Kept(f"kept-{number}", data) for number, data in enumerate(older)], now, silent
    )


def steps_with_findings(report: LedgerReport) -> set[int]:
    return {step.number for step in report.steps if step.findings}

"""Step 2. Salt and payload open each commitment, and each payload is what its kind of entry allows."""

from __future__ import annotations

from collections.abc import Sequence

from troth.proof.entry import check_opening
from troth.proof.payloads import Payload, read_payload
from troth.receipt.model import OpenedEntry, Receipt
from troth.receipt.phrases import counted
from troth.verify.receipts.concerns import check_concerns, check_subject
from troth.verify.receipts.noting import Noting


def check_openings(receipt: Receipt, notes: Noting) -> Sequence[Payload] | None:
    """Step 2. The payloads of all entries; ``None`` where one of them could not be opened or read."""
    payloads = [
        payload for opened in receipt.entries if (payload := _open(opened, receipt, notes)) is not None
    ]
    if len(payloads) < len(receipt.entries):
        return None
    with notes.catching("the receipt"):
        check_subject(payloads, receipt)
    notes.checked(f"{counted(len(payloads), 'entry')}: opened and read")
    return payloads


def _open(opened: OpenedEntry, receipt: Receipt, notes: Noting) -> Payload | None:
    with notes.catching(f"entry {opened.index}"):
        check_opening(opened.entry.commitment, opened.salt, opened.payload)
        payload = read_payload(opened.entry.kind, opened.payload)
        check_concerns(payload, receipt)
        return payload
    return None

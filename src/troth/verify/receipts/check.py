"""The door: is this receipt what it says it is? The steps have the numbers of ``docs/formats/receipts.md``.

Nothing but the file and the keys that the reader brings along is asked: no network, no clock, no store.
"""

from __future__ import annotations

from itertools import zip_longest

from troth.proof.policy import Policy
from troth.receipt.lines import GET_AGAIN
from troth.receipt.model import ReceiptFile
from troth.receipt.read import check_digest, read_form
from troth.receipt.stated import stated_checkpoints
from troth.receipt.words import Content, plain_words
from troth.verify.receipts.inclusion import check_entries
from troth.verify.receipts.membership import check_batch, check_memberships
from troth.verify.receipts.noting import Noting
from troth.verify.receipts.openings import check_openings
from troth.verify.receipts.report import ReceiptReport
from troth.verify.receipts.signers import Trust, check_signers

TITLES = {
    1: "The file has the form of a receipt, and its closing digest",
    2: "Each commitment opens, and what it opens to is of its kind",
    3: "Each entry is in the log",
    4: "A trusted log signed, and the witnesses asked for cosigned",
    5: "The conversation is in its batch",
    6: "The conversation is in the releases, or is not, as told",
    7: "The plain words are those of what was proved",
}


FIRST_WORDS = 4
"""The line on which the plain words begin."""


def check_receipt(data: bytes, policy: Policy | None, file: str = "receipt") -> ReceiptReport:
    """Check a receipt, all steps that can be taken, and report on each. ``file`` is its name in findings.

    ``policy`` says which log and witnesses the reader trusts; without one the report ends with "not established".
    What is wrong with the receipt is a finding in the report, and is not raised.
    """
    notes = {number: Noting(number, title, file) for number, title in TITLES.items()}
    read = _read(data, notes[1])
    trust, words = Trust(), tuple[str, ...]()
    if read is None:
        for number in range(2, len(TITLES) + 1):
            notes[number].not_checked("the file does not have the form of a receipt (step 1)")
    else:
        trust, words = _check_content(read, policy, notes)
    return _report(file, read, trust, words, notes)


def _read(data: bytes, notes: Noting) -> ReceiptFile | None:
    """Step 1."""
    with notes.catching():
        check_digest(data)
        notes.checked(f"{len(data):,} bytes, with their digest")
    with notes.catching():
        return read_form(data)
    return None


def _check_content(
    read: ReceiptFile, policy: Policy | None, notes: dict[int, Noting]
) -> tuple[Trust, tuple[str, ...]]:
    """Take steps 2 to 7, as far as the payloads can be read."""
    receipt, stated = read.receipt, stated_checkpoints(read.receipt)
    payloads = check_openings(receipt, notes[2])
    check_entries(receipt, stated, payloads, notes[3])
    trust = check_signers(stated, policy, notes[4])
    if payloads is None:
        for number in (5, 6, 7):
            notes[number].not_checked("not all payloads can be read (step 2)")
        return trust, ()
    check_batch(receipt, payloads, notes[5])
    check_memberships(receipt, payloads, notes[6])
    words = _check_words(read, Content(receipt, payloads, stated), notes[7])
    return trust, words


def _check_words(read: ReceiptFile, content: Content, notes: Noting) -> tuple[str, ...]:
    """Step 7."""
    words = plain_words(content)
    if words != read.words:
        pairs = enumerate(zip_longest(words, read.words), FIRST_WORDS)
        line = next(number for number, (ours, theirs) in pairs if ours != theirs)
        notes.refuse(f"line {line}: the plain words are not those of what the file proves", GET_AGAIN)
    else:
        notes.checked(f"{len(words)} lines, written again")
    return words


def _report(
    file: str, read: ReceiptFile | None, trust: Trust, words: tuple[str, ...], notes: dict[int, Noting]
) -> ReceiptReport:
    found = any(note.failed for note in notes.values())
    return ReceiptReport(
        file=file,
        subject=read.receipt.subject if read else "",
        name=read.receipt.name if read else "",
        origin=trust.origin,
        established=trust.established,
        signers=trust.signers,
        cosigned=trust.cosigned,
        unchecked=trust.unchecked,
        words=() if found else words,
        steps=tuple(note.step() for note in notes.values()),
    )

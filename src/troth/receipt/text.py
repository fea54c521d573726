"""The text of a receipt: plain words, the evidence in strict lines, and a closing digest over all of it.

Whoever can write a receipt can make it fail; without the log's private key they cannot make it say something else
and pass. The format is ``docs/formats/receipts.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.canon.canonical import digest_of_bytes
from troth.proof.entry import entry_bytes
from troth.proof.strict import to_base64
from troth.receipt.model import Membership, OpenedConversation, OpenedEntry, Receipt, ReceiptFile
from troth.receipt.quoting import is_plain, quoted

FIRST_LINE = "troth receipt 1"
EVIDENCE = "--- evidence ---"
"""The line between the words, for people, and the evidence, for programs."""
DIGEST = "digest "


def receipt_bytes(file: ReceiptFile) -> bytes:
    """The file of a receipt: its one form."""
    body = receipt_body(file)
    return body + closing_line(body)


def receipt_body(file: ReceiptFile) -> bytes:
    """All of a receipt before its closing line."""
    lines = [
        FIRST_LINE,
        f"about {file.receipt.subject} {quoted(file.receipt.name)}",
        "",
        *file.words,
        EVIDENCE,
    ]
    return ("\n".join(lines) + "\n\n" + "".join(_blocks(file.receipt))).encode()


def closing_line(body: bytes) -> bytes:
    """The last line of a receipt, for the bytes before it."""
    return f"{DIGEST}{digest_of_bytes(body)}\n".encode()


def _blocks(receipt: Receipt) -> Iterator[str]:
    for opened in receipt.entries:
        yield _entry(opened)
    if receipt.conversation is not None:
        yield _conversation(receipt.conversation, receipt)
    for membership in receipt.memberships:
        yield _membership(membership, receipt)


def _entry(opened: OpenedEntry) -> str:
    proof = opened.proof.text()
    return (
        f"entry {opened.index}\n"
        f"leaf {entry_bytes(opened.entry).decode()}\n"
        f"salt {opened.salt.hex()}\n"
        f"{payload_line(opened.payload)}\n"
        f"proof {proof.count(chr(10))}\n"
        f"{proof}\n"
    )


def payload_line(payload: bytes) -> str:
    """The payload as it is, where every character of it can be seen; else its base64."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = "\n"
    return f"payload {text}" if is_plain(text) else f"payload64 {to_base64(payload)}"


def _conversation(opened: OpenedConversation, receipt: Receipt) -> str:
    path = "".join(f"path {to_base64(hashed)}\n" for hashed in opened.path)
    return (
        f"conversation {quoted(opened.conversation)}\n"
        f"salt {opened.salt.hex()}\n"
        f"position {opened.position} of {opened.batch_size}\n"
        f"intake {receipt.entries[opened.intake].index}\n"
        f"{path}\n"
    )


def _membership(membership: Membership, receipt: Receipt) -> str:
    answer = "included" if membership.included else "excluded"
    return f"membership {answer}\nrelease {receipt.entries[membership.release].index}\n{membership.proof.text()}\n"

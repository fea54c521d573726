"""Reading a receipt: every line in its place, every value in its one form. No proof is checked here."""

from __future__ import annotations

import re

from troth.errors import VerificationError
from troth.proof.entry import read_entry
from troth.proof.membership import read_membership_text
from troth.proof.merkle import HASH_BYTES
from troth.proof.strict import read_base64, read_number
from troth.proof.tlog_proof import TlogProof, read_tlog_proof
from troth.receipt.lines import GET_AGAIN, Lines
from troth.receipt.model import (
    LARGEST_RECEIPT,
    Membership,
    OpenedConversation,
    OpenedEntry,
    Receipt,
    ReceiptFile,
)
from troth.receipt.quoting import is_plain, read_quoted
from troth.receipt.shape import check_shape
from troth.receipt.text import DIGEST, EVIDENCE, FIRST_LINE, closing_line, receipt_body

_SALT = re.compile(r"[0-9a-f]{64}")


def read_receipt(data: bytes) -> ReceiptFile:
    """Read a whole receipt, closing digest included. Raises `VerificationError` with the line.

    What comes back is what the file claims: check it with ``troth.verify.receipts``.
    """
    check_digest(data)
    return read_form(data)


def check_digest(data: bytes) -> None:
    """Raise `VerificationError` unless the last line is the digest of all bytes before it."""
    if len(data) > LARGEST_RECEIPT:
        raise VerificationError(
            f"the file has {len(data):,} bytes; no receipt is larger than {LARGEST_RECEIPT:,}",
            remedy=GET_AGAIN,
        )
    body = data[: _end_of_body(data)]
    if closing_line(body) != data[len(body) :]:
        raise VerificationError(
            "the closing digest is not that of the bytes before it: the file was cut or changed",
            remedy=GET_AGAIN,
        )


def read_form(data: bytes) -> ReceiptFile:
    """Read a receipt of at most 64 MiB, whatever its closing digest says. Raises `VerificationError` with the line."""
    _check_size(data)
    lines = Lines(_split(data))
    try:
        file = _read_file(lines)
    except VerificationError as problem:
        raise VerificationError(f"line {lines.number}: {problem.what}", remedy=problem.remedy) from None
    check_shape(file.receipt)
    if receipt_body(file) != data[: _end_of_body(data)]:
        raise VerificationError("the receipt is not in its one canonical form", remedy=GET_AGAIN)
    return file


def _check_size(data: bytes) -> None:
    if len(data) > LARGEST_RECEIPT:
        what = f"the file has {len(data):,} bytes; no receipt is larger than {LARGEST_RECEIPT:,}"
        raise VerificationError(what, remedy=GET_AGAIN)


def _end_of_body(data: bytes) -> int:
    """Where the last line begins."""
    return data.rfind(b"\n", 0, -1) + 1


def _read_file(lines: Lines) -> ReceiptFile:
    lines.exactly(FIRST_LINE)
    subject, _, name = lines.take("about ").partition(" ")
    name = read_quoted(name)
    lines.exactly("")
    words = tuple(lines.until(EVIDENCE))
    lines.exactly("")
    receipt = _read_blocks(subject, name, lines)
    lines.take(DIGEST)
    if not lines.ended:
        lines.refuse("something stands after the closing digest")
    return ReceiptFile(receipt, words)


def _split(data: bytes) -> list[str]:
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        raise VerificationError("the receipt is not UTF-8", remedy=GET_AGAIN) from None
    if lines.pop():
        raise VerificationError("the last line of the receipt has no end", remedy=GET_AGAIN)
    if not is_plain("".join(lines)):
        number = next(number for number, line in enumerate(lines, 1) if not is_plain(line))
        raise VerificationError(
            f"line {number}: a character that cannot be seen as it stands", remedy=GET_AGAIN
        )
    return lines


def _read_blocks(subject: str, name: str, lines: Lines) -> Receipt:
    entries: list[OpenedEntry] = []
    while lines.starts_with("entry "):
        entries.append(_read_opened(lines))
    numbers = {opened.index: number for number, opened in enumerate(entries)}
    conversation = None
    if lines.starts_with("conversation "):
        conversation = _read_conversation(lines, numbers)
    memberships: list[Membership] = []
    while lines.starts_with("membership "):
        memberships.append(_read_membership(lines, numbers))
    return Receipt(subject, name, tuple(entries), conversation, tuple(memberships))


def _read_opened(lines: Lines) -> OpenedEntry:
    index = read_number(lines.take("entry "), "the number of an entry")
    entry = read_entry(lines.take("leaf ").encode())
    salt = _read_salt(lines)
    payload = _read_payload(lines)
    count = read_number(lines.take("proof "), "the number of lines of a proof")
    proof = _read_proof("".join(f"{line}\n" for line in lines.many(count)), index, lines)
    lines.exactly("")
    return OpenedEntry(entry, salt, payload, proof)


def _read_proof(text: str, index: int, lines: Lines) -> TlogProof:
    proof = read_tlog_proof(text)
    if proof.extra is not None:
        lines.refuse("the proof has an extra line, which nobody signs; a receipt has none")
    if proof.index != index:
        lines.refuse(f"the proof of entry {index} is one of entry {proof.index}")
    return proof


def _read_payload(lines: Lines) -> bytes:
    if lines.starts_with("payload64 "):
        return read_base64(lines.take("payload64 "), "a payload")
    return lines.take("payload ").encode()


def _read_salt(lines: Lines) -> bytes:
    text = lines.take("salt ")
    if not _SALT.fullmatch(text):
        lines.refuse("a salt has 64 small hexadecimal digits")
    return bytes.fromhex(text)


def _read_conversation(lines: Lines, numbers: dict[int, int]) -> OpenedConversation:
    name = read_quoted(lines.take("conversation "))
    salt = _read_salt(lines)
    position, between, size = lines.take("position ").partition(" of ")
    if not between:
        lines.refuse("a position is `position NUMBER of NUMBER`")
    place, batch = read_number(position, "a position"), read_number(size, "the size of a batch")
    intake = _read_reference("intake ", lines, numbers)
    path = []
    while lines.starts_with("path "):
        path.append(read_base64(lines.take("path "), "a hash of the path"))
        if len(path[-1]) != HASH_BYTES:
            lines.refuse(f"a hash has {HASH_BYTES} bytes")
    lines.exactly("")
    return OpenedConversation(name, salt, place, batch, tuple(path), intake)


def _read_membership(lines: Lines, numbers: dict[int, int]) -> Membership:
    answer = lines.take("membership ")
    if answer not in ("included", "excluded"):
        lines.refuse("a membership is included or excluded")
    release = _read_reference("release ", lines, numbers)
    proof = read_membership_text("".join(f"{line}\n" for line in lines.until("")))
    return Membership(release, answer == "included", proof)


def _read_reference(word: str, lines: Lines, numbers: dict[int, int]) -> int:
    """Which of the receipt's entries is meant by its number in the log."""
    index = read_number(lines.take(word), "the number of an entry")
    if index not in numbers:
        lines.refuse(f"entry {index} is not in this receipt")
    return numbers[index]

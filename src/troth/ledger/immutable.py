"""The rule that a file of a ledger, once written, keeps its content."""

from __future__ import annotations

from troth.errors import LedgerError, Place


def same_or_refuse(place: Place, there: bytes, data: bytes) -> None:
    """Raise `LedgerError` unless the bytes that are there are those that were to be written."""
    if there != data:
        raise LedgerError(
            "the file is there with other content",
            place=place,
            remedy="files of a ledger are never rewritten: keep both, find out who wrote the other, restore the folder",
        )

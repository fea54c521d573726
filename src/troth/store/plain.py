"""Rows of conversations as they are, unsealed."""

from __future__ import annotations

from collections.abc import Sequence

from troth.store.engine import Row
from troth.store.names import bytes_of, name_bytes


class Plain:
    """A `troth.store.conversations.Form`."""

    def name(self, conversation: str) -> bytes:
        """The name in UTF-8."""
        return name_bytes(conversation)

    def rows(self, first: int, taken: Sequence[tuple[str, str | None]], salts: Sequence[bytes]) -> list[Row]:
        """Rows with names and salts in them."""
        return [
            (number, name_bytes(name), bytes_of(account), salt)
            for number, ((name, account), salt) in enumerate(zip(taken, salts, strict=True), first)
        ]

    def read(self, row: Row) -> tuple[str | None, bytes] | None:
        """The account and the salt."""
        return None if row[2] is None else row[2].decode(), row[3]


PLAIN = Plain()

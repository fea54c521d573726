"""How much of something there is in a vault: conversations, records, and bytes of the disk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """Conversations, records, and their share of the bytes of the segments in which they lie.

    The share follows from how many records a segment has, since the size of one record is not told by the index.
    """

    conversations: int = 0
    records: int = 0
    size: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.conversations + other.conversations, self.records + other.records, self.size + other.size
        )


NONE = Tally()

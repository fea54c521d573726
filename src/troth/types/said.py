"""What deciding knows of a record: who said what kind of thing, where and when. No text."""

from __future__ import annotations

from dataclasses import dataclass

from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Said:
    """One record as an act of saying. ``at`` is None where no log tells, ``account`` where none names anyone."""

    record: str
    conversation: str
    account: str | None
    at: Moment | None
    recorded_at: Moment
    """When we learned of it; the epoch's beginning for a record without a time."""
    role: str = "user"
    kind: str = "text"
    product: str = "chat"
    channel: str = "first_party"
    plan: str | None = None
    """The plan under which it was said, where the record itself tells; else the account's at that moment."""

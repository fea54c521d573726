"""What receivers are told: an event of the workspace as a CloudEvent (CloudEvents 1.0, JSON format)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from troth.store.interface import Opened

TYPES = (
    "choice.made", "terms.acknowledged", "signal.received", "account.opened", "account.changed", "account.closed",
    "organisation.changed", "conversation.deleted", "record.deleted", "hold.placed", "hold.released",
)  # fmt: skip
"""The events of a history that receivers can ask for. What was said is never among them."""


def event_number(row: Opened) -> str:
    """The id of the CloudEvent: the same for the same entry of the ledger, and it tells nothing of it."""
    return hashlib.sha256(b"cloudevent\x00" + row.commitment).hexdigest()[:32]


def cloud_event(origin: str, number: str, kind: str, event: Mapping[str, Any]) -> bytes:
    """The CloudEvent of an event. ``origin`` is the service's, its source."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": number,
            "source": origin,
            "type": f"troth.{kind}",
            "time": event["at"],
            "datacontenttype": "application/json",
            "data": event,
        }
    )

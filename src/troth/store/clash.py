"""What is said where one key comes with two contents."""

from __future__ import annotations

from typing import Any

import msgspec

from troth.errors import HistoryError
from troth.store.interface import Item

_KEPT = "nothing of this was kept; "


def key_clash(item: Item) -> HistoryError:
    """The item's key was used for another payload."""
    event = _event(item)
    if "id" in event:
        return HistoryError(
            f"event id {event['id']!r} is used again with other content",
            remedy=_KEPT + "give the event an id of its own, or the content that was recorded under this one",
        )
    return HistoryError(
        f"a {item.kind} is used again with other content: key {item.key.hex()[:16]}…",
        remedy=_KEPT + "give the content that was recorded first",
    )


def said_clash(item: Item) -> HistoryError:
    """What the item says of its record is not what was said of it before."""
    return HistoryError(
        f"record {_event(item).get('record')!r} is said again in another way",
        remedy=_KEPT + "give the record an id of its own, or the content that was recorded first",
    )


def _event(item: Item) -> dict[str, Any]:
    payload = msgspec.json.decode(item.payload if item.quoted is None else item.quoted)
    event = payload.get("event") if isinstance(payload, dict) else None
    return event if isinstance(event, dict) else {}

"""The tables of webhooks: who is told what, and what is still to be sent. What is sent is read from the store each time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, tuple_, update

from troth.errors import RefusedError
from troth.types.moment import DAY, Moment
from troth.web.access.secret import Secret
from troth.web.hooks.signing import new_secret
from troth.web.tables.open import Tables
from troth.web.tables.schema import deliveries, progress, webhooks

KEPT = 30 * DAY
"""For how long a delivery can be sent again."""
LEASE = 60_000_000
_SECOND = 1_000_000
WAITS = tuple(_SECOND * seconds for seconds in (5, 60, 300, 1_800, 7_200, 21_600, 86_400))
"""How long to wait after each attempt that failed; after the last there is none."""
_PURPOSE = "webhook"
_PLACE = "deliveries"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver."""

    id: str
    url: str
    events: tuple[str, ...]
    made: Moment
    ended: Moment | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one receiver. ``place`` is the index of the event in the ledger."""

    id: str
    webhook: str
    event: str
    type: str
    place: int
    state: str
    """``waiting``, ``sent``, ``failed`` or ``gone`` (what it is about was erased)."""
    attempts: int
    answer: int | None
    made: Moment


@dataclass(frozen=True, slots=True)
class ToTell:
    """An event that receivers may have asked for."""

    number: str
    type: str
    place: int


def add_webhook(
    tables: Tables, secret: Secret, number: str, url: str, events: Sequence[str], at: Moment
) -> tuple[Webhook, str]:
    """Add a receiver; gives it and its secret, which is shown once. The same number again is refused."""
    shown = new_secret()
    row = {
        "id": number, "url": url, "events": " ".join(events), "made": at,
        "secret": secret.seal(_PURPOSE, shown.encode()),
    }  # fmt: skip
    with tables.writing() as connection:
        connection.execute(webhooks.insert().values(**row))
    return Webhook(number, url, tuple(events), at, None), shown


def list_webhooks(tables: Tables) -> list[Webhook]:
    """Every receiver, those that were ended too."""
    with tables.reading() as connection:
        rows = connection.execute(select(webhooks).order_by(webhooks.c.made, webhooks.c.id)).all()
    return [_webhook(row) for row in rows]


def require_webhook(tables: Tables, number: str) -> None:
    """Raise `RefusedError` where there is no such receiver, and never was."""
    with tables.reading() as connection:
        if connection.execute(select(webhooks.c.id).where(webhooks.c.id == number)).first() is None:
            raise _no_webhook()


def end_webhook(tables: Tables, number: str, at: Moment) -> Webhook:
    """Send a receiver nothing more. Again, it changes nothing. Raises `RefusedError` where there is none."""
    with tables.writing() as connection:
        mine = webhooks.c.id == number
        connection.execute(update(webhooks).where(mine, webhooks.c.ended.is_(None)).values(ended=at))
        found = connection.execute(select(webhooks).where(mine)).first()
        if found is None:
            raise _no_webhook()
        waiting = (deliveries.c.webhook == number) & (deliveries.c.state == "waiting")
        connection.execute(update(deliveries).where(waiting).values(state="failed"))
    return _webhook(found)


def secret_of(tables: Tables, secret: Secret, number: str) -> tuple[str, str]:
    """The address and the secret of a receiver."""
    with tables.reading() as connection:
        row = connection.execute(select(webhooks).where(webhooks.c.id == number)).one()
    return row.url, secret.open(_PURPOSE, row.secret).decode()


def told_up_to(tables: Tables) -> int | None:
    """Up to which index of the ledger receivers were looked for; None at the very beginning."""
    with tables.reading() as connection:
        row = connection.execute(select(progress.c.place).where(progress.c.name == _PLACE)).first()
    return None if row is None else int(row.place)


def plan_deliveries(tables: Tables, events: Sequence[ToTell], place: int, at: Moment) -> None:
    """Plan what is to be sent of some events, and remember up to where; both or neither."""
    with tables.writing() as connection:
        receivers = [
            _webhook(row) for row in connection.execute(select(webhooks).where(webhooks.c.ended.is_(None)))
        ]
        same = deliveries.c.event.in_([one.number for one in events])
        asked = select(deliveries.c.webhook, deliveries.c.event).where(same)
        known = {(row.webhook, row.event) for row in connection.execute(asked)}
        rows = [
            {"id": secrets.token_hex(16), "webhook": receiver.id, "event": one.number, "type": one.type,
             "place": one.place, "state": "waiting", "attempts": 0, "next": at, "lease": 0, "made": at}
            for one in events for receiver in receivers
            if one.type in receiver.events and (receiver.id, one.number) not in known
        ]  # fmt: skip
        if rows:
            connection.execute(deliveries.insert(), rows)
        connection.execute(delete(progress).where(progress.c.name == _PLACE))
        connection.execute(progress.insert().values(name=_PLACE, place=place))
        old = (deliveries.c.made < at - KEPT) & (deliveries.c.state != "waiting")
        connection.execute(delete(deliveries).where(old))


def take_delivery(tables: Tables, at: Moment) -> Delivery | None:
    """Take one that is due, and hold it for a moment; None where none is."""
    due = (deliveries.c.state == "waiting") & (deliveries.c.next <= at) & (deliveries.c.lease < at)
    query = (
        select(deliveries).where(due).order_by(deliveries.c.next).limit(1).with_for_update(skip_locked=True)
    )
    with tables.writing() as connection:
        row = connection.execute(query).first()
        if row is None:
            return None
        mine = update(deliveries).where(deliveries.c.id == row.id)
        connection.execute(mine.values(lease=at + LEASE, attempts=row.attempts + 1))
        return _delivery(connection.execute(select(deliveries).where(deliveries.c.id == row.id)).one())


def end_delivery(
    tables: Tables, delivery: Delivery, answer: int | None, at: Moment, *, gone: bool = False
) -> None:
    """Say what came of an attempt, and when the next one is."""
    arrived = answer is not None and 200 <= answer < 300
    tried = delivery.attempts > len(WAITS)
    state = "gone" if gone else "sent" if arrived else "failed" if tried else "waiting"
    wait = WAITS[min(delivery.attempts, len(WAITS)) - 1]
    mine = update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.state == "waiting")
    with tables.writing() as connection:
        connection.execute(mine.values(state=state, answer=answer, lease=0, next=at + wait))


def list_deliveries(tables: Tables, number: str, after: tuple[int, str] | None, limit: int) -> list[Delivery]:
    """Deliveries to a receiver, the newest first."""
    query = select(deliveries).where(deliveries.c.webhook == number)
    query = query.order_by(deliveries.c.made.desc(), deliveries.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(deliveries.c.made, deliveries.c.id) < after)
    with tables.reading() as connection:
        return [_delivery(row) for row in connection.execute(query).all()]


def replay_delivery(tables: Tables, number: str, at: Moment) -> Delivery:
    """Send one again. Raises `RefusedError` where there is none, or none any more."""
    mine = deliveries.c.id == number
    with tables.writing() as connection:
        again = update(deliveries).where(mine).values(state="waiting", attempts=0, next=at, lease=0)
        connection.execute(again)
        found = connection.execute(select(deliveries).where(mine)).first()
    if found is None:
        raise RefusedError("not-found", "there is no such delivery", remedy="it is kept for thirty days")
    return _delivery(found)


def _no_webhook() -> RefusedError:
    return RefusedError("not-found", "there is no such webhook", remedy="/v1/webhooks has every one")


def _webhook(row: Any) -> Webhook:
    return Webhook(row.id, row.url, tuple(row.events.split()), row.made, row.ended)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.id, row.webhook, row.event, row.type, row.place, row.state, row.attempts, row.answer, row.made
    )

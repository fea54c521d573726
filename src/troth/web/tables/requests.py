"""Requests of people to see, get, correct or erase what is held of them, and by when the law wants an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_, update

from troth.errors import RefusedError
from troth.types.moment import Moment
from troth.web.access.secret import Secret
from troth.web.tables.open import Tables
from troth.web.tables.schema import requests

_PURPOSE = "request"


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Whose it is lies sealed until it is closed, and is forgotten then. Moments are in UTC."""

    id: str
    kind: str
    account: str | None
    state: str
    """``open``, ``answered`` or ``refused``."""
    made: Moment
    due: Moment
    closed: Moment | None


def add_request(
    tables: Tables, secret: Secret, number: str, kind: str, account: str, at: Moment, due: Moment
) -> Request:
    """Add a request. The same number again is the same request. Raises `RefusedError` where it was another one."""
    whose = secret.mac("account", account.encode())
    with tables.writing() as connection:
        found = connection.execute(select(requests).where(requests.c.id == number)).first()
        if found is None:
            row = {
                "id": number, "kind": kind, "account": secret.seal(_PURPOSE, account.encode()), "whose": whose,
                "state": "open", "made": at, "due": due,
            }  # fmt: skip
            connection.execute(requests.insert().values(**row))
            found = connection.execute(select(requests).where(requests.c.id == number)).one()
    if (found.kind, found.whose) != (kind, whose):
        raise RefusedError(
            "key-reused", "this Idempotency-Key was sent with another request", remedy="use a new key"
        )
    return _request(secret, found)


def list_requests(
    tables: Tables,
    secret: Secret,
    account: str | None,
    state: str | None,
    after: tuple[int, str] | None,
    limit: int,
) -> list[Request]:
    """Requests of an account, or of all; those that are due first come first."""
    query = select(requests).order_by(requests.c.due, requests.c.id).limit(limit)
    if account is not None:
        query = query.where(requests.c.whose == secret.mac("account", account.encode()))
    if state is not None:
        query = query.where(requests.c.state == state)
    if after is not None:
        query = query.where(tuple_(requests.c.due, requests.c.id) > after)
    with tables.reading() as connection:
        return [_request(secret, row) for row in connection.execute(query).all()]


def close_request(tables: Tables, secret: Secret, number: str, state: str, at: Moment) -> Request:
    """Close a request. To close it again in the same way changes nothing. Raises `RefusedError` where there is none."""
    with tables.writing() as connection:
        found = connection.execute(select(requests).where(requests.c.id == number)).first()
        if found is None:
            raise RefusedError("not-found", "there is no such request", remedy="check the address")
        if found.state not in ("open", state):
            raise RefusedError("conflict", f"the request is {found.state} already", remedy="look at it again")
        if found.state == "open":
            done = (
                update(requests).where(requests.c.id == number).values(state=state, closed=at, account=None)
            )
            connection.execute(done)
        return _request(secret, connection.execute(select(requests).where(requests.c.id == number)).one())


def _request(secret: Secret, row: Any) -> Request:
    account = None if row.account is None else secret.open(_PURPOSE, row.account).decode()
    return Request(row.id, row.kind, account, row.state, row.made, row.due, row.closed)

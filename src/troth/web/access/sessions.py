"""Sessions of operators and persons: a random cookie, of which the tables have a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select

from troth.errors import RefusedError
from troth.types.moment import Moment
from troth.web.access.callers import Caller
from troth.web.tables.open import Tables
from troth.web.tables.schema import sessions

COOKIE = "__Host-troth"
LASTS = 8 * 3600
"""Seconds for which an operator is signed in."""
PERSON_LASTS = 1800
"""Seconds for which a person's page stays open."""
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just made: the value of its cookie, and the token of its forms."""

    cookie: str
    csrf: str
    seconds: int


def new_session(
    tables: Tables, caller: Caller, at: Moment, seconds: int, old: str | None = None
) -> NewSession:
    """Sign somebody in. The cookie is a new one always, and ``old``, which the browser had before, is worth nothing more.

    Raises ``StoreError``.
    """
    made = NewSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32), seconds)
    row = {
        "hash": _hash(made.cookie),
        "role": caller.role,
        "who": caller.who,
        "account": caller.account,
        "csrf": made.csrf,
        "made": at,
        "expires": at + seconds * _SECOND,
    }
    with tables.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires <= at))
        if old is not None:
            connection.execute(delete(sessions).where(sessions.c.hash == _hash(old)))
        connection.execute(sessions.insert().values(**row))
    return made


def find_session(tables: Tables, cookie: str, at: Moment) -> Caller:
    """Who has a cookie. Raises `RefusedError` where it opens nothing, or not any more."""
    with tables.reading() as connection:
        row = connection.execute(select(sessions).where(sessions.c.hash == _hash(cookie))).first()
    if row is None or row.expires <= at:
        raise RefusedError("unauthenticated", "the session has ended", remedy="sign in again")
    return Caller(row.role, row.who, row.account, csrf=row.csrf)


def end_session(tables: Tables, cookie: str) -> None:
    """Sign out. Again, it changes nothing. Raises ``StoreError``."""
    with tables.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.hash == _hash(cookie)))


def end_sessions_of(tables: Tables, who: str, account: str | None) -> None:
    """End every session of an operator or a person. Raises ``StoreError``."""
    with tables.writing() as connection:
        mine = (sessions.c.who == who) if account is None else (sessions.c.account == account)
        connection.execute(delete(sessions).where(mine))


def check_csrf(caller: Caller, given: str | None, origin: str | None, own: str) -> None:
    """Raise `RefusedError` unless a request that changes something comes from a page of ours and has its token."""
    if origin != own or given is None or caller.csrf is None:
        raise _foreign()
    if not hmac.compare_digest(given.encode(), caller.csrf.encode()):
        raise _foreign()


def set_cookie(session: NewSession) -> str:
    """The value of ``Set-Cookie`` for a new session."""
    return f"{COOKIE}={session.cookie}; Path=/; Max-Age={session.seconds}; Secure; HttpOnly; SameSite=Lax"


def drop_cookie() -> str:
    """The value of ``Set-Cookie`` with which a browser forgets its session."""
    return f"{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


def _foreign() -> RefusedError:
    return RefusedError(
        "csrf", "the request does not come from a page of this service", remedy="open the page again"
    )

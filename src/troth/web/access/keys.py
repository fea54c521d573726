"""Keys of products and operators: random, shown once, stored as a keyed hash, revocable."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, update

from troth.errors import RefusedError, UsageError
from troth.proof.pem import public_key_in
from troth.types.moment import Moment
from troth.web.access.callers import ADMIN, PERSON, PRODUCT, ROLES
from troth.web.access.rights import SCOPES
from troth.web.access.secret import Secret
from troth.web.tables.open import Tables
from troth.web.tables.schema import keys

_FORM = re.compile(r"troth_([a-z0-9]{10})_([A-Za-z0-9_-]{43})\Z", re.ASCII)
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_HASH = "api key"
_TOKENS = "token secret"
REMEMBERED = 1.0
"""Seconds for which a key that was looked up is not looked up again: so long a revoked one may still be taken."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the tables have it. Nobody can tell the key itself from it."""

    id: str
    role: str
    organisation: str | None
    scopes: tuple[str, ...]
    """Empty: everything that the role may."""
    name: str
    made: Moment
    revoked: Moment | None
    token_secret: bytes | None
    """With what tokens of persons are signed (HS256); None where they are not, or with an Ed25519 key."""
    public_key: str | None
    """The Ed25519 key with which tokens of persons are signed, in PEM."""

    @property
    def prefix(self) -> str:
        """What is shown of the key."""
        return f"troth_{self.id}_…"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: what is shown once and never again."""

    key: Key
    text: str
    token_secret: str | None


def new_key(
    tables: Tables,
    secret: Secret,
    role: str,
    name: str,
    at: Moment,
    *,
    scopes: Sequence[str] = (),
    organisation: str | None = None,
    tokens: bool = False,
    public_key: str | None = None,
) -> NewKey:
    """Make a key. ``tokens``: it may vouch for persons with a secret of its own; ``public_key``: with an Ed25519 key.

    Raises `UsageError` for a role, scope or public key that is none, and ``StoreError``.
    """
    _check(role, scopes, organisation, public_key, vouches=tokens or public_key is not None)
    number = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    text = f"troth_{number}_{secrets.token_urlsafe(32)}"
    token_secret = secrets.token_urlsafe(32) if tokens else None
    sealed = None if token_secret is None else secret.seal(_TOKENS, token_secret.encode())
    row = {
        "id": number,
        "hash": secret.mac(_HASH, text.encode()),
        "role": role,
        "organisation": organisation,
        "scopes": " ".join(sorted(set(scopes))),
        "name": name,
        "token_secret": sealed,
        "public_key": public_key,
        "made": at,
    }
    with tables.writing() as connection:
        connection.execute(keys.insert().values(**row))
    made = Key(number, role, organisation, tuple(sorted(set(scopes))), name, at, None, None, public_key)
    return NewKey(made, text, token_secret)


def _check(
    role: str, scopes: Sequence[str], organisation: str | None, public_key: str | None, *, vouches: bool
) -> None:
    if role not in ROLES or role == PERSON:
        known = ", ".join(one for one in ROLES if one != PERSON)
        raise UsageError(f"no key has the role {role!r}", remedy=f"choose one of: {known}")
    for scope in scopes:
        if scope not in SCOPES:
            raise UsageError(f"there is no scope {scope!r}", remedy=f"choose from: {', '.join(SCOPES)}")
    if (role == ADMIN) != (organisation is not None):
        raise UsageError(
            "an administrator's key names its organisation, and no other does",
            remedy="give --organisation with --role admin",
        )
    if vouches and role != PRODUCT:
        raise UsageError("only a product's key vouches for persons", remedy="give --role product")
    if public_key is not None:
        read_public_key(public_key)


def read_public_key(text: str) -> Ed25519PublicKey:
    """An Ed25519 public key from PEM. Raises `UsageError`."""
    try:
        found = public_key_in(text.encode())
    except ValueError as problem:
        raise UsageError(f"this is no public key: {problem}", remedy="give one in PEM") from None
    if not isinstance(found, Ed25519PublicKey):
        raise UsageError("this is not an Ed25519 key", remedy="make one: openssl genpkey -algorithm ed25519")
    return found


def list_keys(tables: Tables) -> list[Key]:
    """Every key, in the order in which they were made; secrets are left out. Raises ``StoreError``."""
    with tables.reading() as connection:
        rows = connection.execute(select(keys).order_by(keys.c.made, keys.c.id)).all()
    return [_key(row._mapping, None) for row in rows]


def revoke_key(tables: Tables, number: str, at: Moment) -> None:
    """Revoke a key, by its number or by what is shown of it. Again, it changes nothing. Raises `UsageError` for none."""
    bare = number.removeprefix("troth_").partition("_")[0]
    with tables.writing() as connection:
        there = connection.execute(select(keys.c.revoked).where(keys.c.id == bare)).first()
        if there is None:
            raise UsageError(f"there is no key {bare!r}", remedy="troth key list shows every key")
        changed = update(keys).where(keys.c.id == bare, keys.c.revoked.is_(None)).values(revoked=at)
        connection.execute(changed)


def find_key(tables: Tables, secret: Secret, number: str) -> tuple[Key, bytes] | None:
    """The key with a number, and the hash of its text; None where there is none."""
    with tables.reading() as connection:
        row = connection.execute(select(keys).where(keys.c.id == number)).first()
    if row is None:
        return None
    sealed = row._mapping["token_secret"]
    opened = None if sealed is None else secret.open(_TOKENS, sealed)
    return _key(row._mapping, opened), row._mapping["hash"]


def _key(row: object, token_secret: bytes | None) -> Key:
    told = dict(row)  # type: ignore[call-overload]
    return Key(
        told["id"],
        told["role"],
        told["organisation"],
        tuple(told["scopes"].split()),
        told["name"],
        told["made"],
        told["revoked"],
        token_secret,
        told["public_key"],
    )


class KeyRing:
    """Looks keys up, and remembers them for a moment."""

    def __init__(self, tables: Tables, secret: Secret) -> None:
        self._tables = tables
        self._secret = secret
        self._known: dict[str, tuple[float, tuple[Key, bytes] | None]] = {}
        self._right: dict[str, tuple[str, bytes]] = {}
        """Keys that were found right, with the hash that they were held against."""

    def remembered(self, number: str) -> bool:
        """Whether `key` and `check` answer without the tables."""
        found = self._known.get(number)
        return found is not None and time.monotonic() - found[0] < REMEMBERED

    def key(self, number: str) -> Key:
        """The living key with a number. Raises `RefusedError` where there is none."""
        found = self._find(number)
        if found is None or found[0].revoked is not None:
            raise unknown_key()
        return found[0]

    def check(self, text: str) -> Key:
        """The living key that a text is. Raises `RefusedError`: whether the number or the rest is wrong is not told."""
        number = number_of(text)
        found = self._find(number)
        if found is not None and self._right.get(number) == (text, found[1]):
            return self.key(number)
        told = self._secret.mac(_HASH, text.encode())
        if not hmac.compare_digest(told, found[1] if found is not None else bytes(32)) or found is None:
            raise unknown_key()
        self._right[number] = (text, found[1])
        return self.key(number)

    def _find(self, number: str) -> tuple[Key, bytes] | None:
        if not self.remembered(number):
            if len(self._known) > 1_000:
                self._known.clear()
                self._right.clear()
            self._known[number] = (time.monotonic(), find_key(self._tables, self._secret, number))
        return self._known[number][1]


def number_of(text: str) -> str:
    """The number in the text of a key. Raises `RefusedError` where it is no key."""
    found = _FORM.match(text)
    if found is None:
        raise unknown_key()
    return found[1]


def unknown_key() -> RefusedError:
    """What is said of every key that is not taken."""
    return RefusedError("unauthenticated", "this key is not valid", remedy="use a living key: troth key list")

"""The keys of the service, and what operators did."""

from __future__ import annotations

import msgspec

from troth.errors import RefusedError, UsageError
from troth.operations.live.access import Access, accesses
from troth.types.moment import format_moment
from troth.web.access.keys import Key, list_keys, revoke_key
from troth.web.api.endpoint import Answer, Asked, Endpoint, Nothing, PageQuery

_ABOUT = "acts"


class KeyTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key of the service; not the key itself."""

    id: str
    role: str
    scopes: list[str]
    name: str
    made: str
    organisation: str | None = None
    revoked: str | None = None


class Keys(msgspec.Struct, frozen=True):
    """Every key."""

    keys: list[KeyTold]


class Revoked(msgspec.Struct, frozen=True):
    """A key that is revoked."""

    id: str


class ActTold(msgspec.Struct, frozen=True):
    """What an operator did, or was refused."""

    index: int
    at: str
    act: str
    by: str
    role: str
    allowed: bool


class Acts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Acts, the newest first."""

    acts: list[ActTold]
    next: str | None = None


async def keys(asked: Asked) -> Answer:
    """List keys."""
    return Answer(Keys([_key(one) for one in await asked.service.table(list_keys)]))


def _key(key: Key) -> KeyTold:
    revoked = None if key.revoked is None else format_moment(key.revoked)
    made = format_moment(key.made)
    return KeyTold(key.id, key.role, list(key.scopes), key.name, made, key.organisation, revoked)


async def revoke(asked: Asked) -> Answer:
    """Revoke a key."""
    number = asked.path["key"]
    try:
        await asked.service.table(revoke_key, number, asked.at)
    except UsageError as problem:
        raise RefusedError("not-found", problem.what, remedy="/v1/keys has every one") from None
    return Answer(Revoked(number))


async def acts(asked: Asked) -> Answer:
    """List acts."""
    below = asked.place(_ABOUT, int)
    most = asked.query.limit
    found, last = await asked.service.read(lambda workspace: accesses(workspace, most, below))
    return Answer(Acts([_act(one) for one in found], asked.cursor(_ABOUT, last)))


def _act(one: Access) -> ActTold:
    return ActTold(one.index or 0, format_moment(one.at or 0), one.act, one.by, one.role, one.allowed)


ENDPOINTS = (
    Endpoint(
        "keys.list", "GET", "/v1/keys", "The keys of the service", "Numbers, roles and scopes; never the keys.",
        keys, Keys,
    ),
    Endpoint(
        "keys.revoke", "DELETE", "/v1/keys/{key}", "Revoke a key",
        "Within a second it opens nothing. `troth key new` makes one.",
        revoke, Revoked, Nothing, others=("not-found",),
    ),
    Endpoint(
        "acts.list", "GET", "/v1/acts", "What operators did",
        "Every act of an operator that is in the ledger, allowed or denied, the newest first.",
        acts, Acts, PageQuery,
    ),
)  # fmt: skip

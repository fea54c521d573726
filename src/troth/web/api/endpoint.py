"""What an endpoint is: a row with its address, what it takes and gives, and the function that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from troth.errors import RefusedError
from troth.operations.live.talks import require_own
from troth.types.moment import Moment
from troth.web.access.callers import Caller
from troth.web.access.rights import whose
from troth.web.api.fields import Cursor, Limit, read_time
from troth.web.cursors import read_cursor, write_cursor

if TYPE_CHECKING:
    from troth.web.service import Service

T = TypeVar("T")
JSON = "application/json"


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where on, and how many."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was read and checked."""

    service: Service
    caller: Caller
    endpoint: Endpoint
    path: Mapping[str, str]
    query: Any
    """Of the type `Endpoint.query`."""
    body: Any
    """Of the type `Endpoint.body`."""
    headers: Mapping[str, str]
    key: str | None
    """The ``Idempotency-Key``."""
    at: Moment

    def account(self, named: str | None) -> str:
        """The account that it is about: the person's own, or the one that is named. Raises ``RefusedError``."""
        return whose(self.caller, self.endpoint.act, named)

    async def own_talk(self, named: str | None, conversation: str) -> str:
        """The account, once it is known that a conversation is its. Raises ``RefusedError``."""
        account = self.account(named)
        await self.service.read(lambda workspace: require_own(workspace, account, conversation))
        return account

    def past(self, told: str | None) -> Moment:
        """The moment that is asked for, or now. Raises ``RefusedError`` where it lies ahead."""
        at = self.at if told is None else read_time(told)
        if at > self.at:
            remedy = "ask for now, or for a time that has passed"
            raise RefusedError("invalid", "this time lies ahead", remedy=remedy)
        return at

    def place(self, about: str, form: type[T]) -> T | None:
        """Where a list goes on; None where it begins. Raises ``RefusedError`` for the cursor of another list."""
        told = self.query.cursor
        return None if told is None else read_cursor(self.service.secret, about, told, form)

    def cursor(self, about: str, place: object) -> str | None:
        """The cursor with which a list goes on from a place; None where there is none."""
        return None if place is None else write_cursor(self.service.secret, about, place)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a body of the type `Endpoint.gives`, or bytes."""

    body: Any = None
    status: int | None = None
    """Where it is another than that of the endpoint."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the interface."""

    act: str
    """Its name, as in `troth.web.access.rights.RIGHTS`; also the operation's in the OpenAPI document."""
    method: str
    path: str
    summary: str
    text: str
    call: Callable[[Asked], Awaitable[Answer]]
    gives: Any
    query: type = Nothing
    body: type | None = None
    status: int = 200
    others: tuple[str, ...] = ()
    """Kinds of problems that it has besides those that every endpoint has."""
    keyed: bool = False
    """Whether the answer to an ``Idempotency-Key`` is kept, and given again."""
    example: Any = None
    """A body that it takes."""
    media: str = JSON
    tagged: bool = False
    """Whether the answer has an ``ETag``, and ``If-None-Match`` is looked at."""

"""Who may do what: the one table. Routes are made from it, and a test asks every endpoint as every role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.errors import RefusedError
from troth.web.access.callers import ADMIN, PERSON, PRODUCT, Caller

OWNER, PRIVACY, ENGINEER, AUDITOR = "owner", "privacy", "engineer", "auditor"
_EVERYBODY = (PRODUCT, ADMIN, OWNER, PRIVACY, ENGINEER, AUDITOR)
_LOOK = (PRODUCT, PRIVACY, OWNER, AUDITOR)
_WORK = (PRODUCT, PRIVACY, OWNER)


@dataclass(frozen=True, slots=True)
class Right:
    """Who may use one endpoint."""

    scope: str
    """What a key needs where it was given scopes."""
    every: tuple[str, ...] = ()
    """Roles that may, for whomever they name."""
    own: tuple[str, ...] = ()
    """Roles that may, for themselves alone: a person for their account, an administrator for their organisation."""


RIGHTS: Mapping[str, Right] = {
    "question.show": Right("ask", (PRODUCT,), (PERSON,)),
    "continue.may": Right("ask", (PRODUCT,), (PERSON,)),
    "choices.make": Right("choose", (PRODUCT,), (PERSON, ADMIN)),
    "choices.standing": Right("choices", _LOOK, (PERSON,)),
    "choices.history": Right("choices", _LOOK, (PERSON,)),
    "terms.acknowledge": Right("choose", (PRODUCT,), (PERSON,)),
    "terms.list": Right("terms", _EVERYBODY, (PERSON,)),
    "terms.show": Right("terms", _EVERYBODY, (PERSON,)),
    "notices.list": Right("terms", _EVERYBODY, (PERSON,)),
    "notices.show": Right("terms", _EVERYBODY, (PERSON,)),
    "events.record": Right("record", (PRODUCT,)),
    "decisions.one": Right("decide", (PRODUCT, ENGINEER, OWNER)),
    "decisions.many": Right("decide", (PRODUCT, ENGINEER, OWNER)),
    "conversations.list": Right("conversations", _LOOK, (PERSON,)),
    "conversations.delete": Right("conversations", _WORK, (PERSON,)),
    "receipts.show": Right("receipts", _WORK, (PERSON,)),
    "uses.show": Right("uses", _LOOK, (PERSON,)),
    "requests.make": Right("requests", _WORK, (PERSON,)),
    "requests.list": Right("requests", _LOOK, (PERSON,)),
    "requests.close": Right("requests", (PRIVACY, OWNER)),
    "exports.make": Right("export", _WORK, (PERSON,)),
    "erasures.make": Right("erase", _WORK, (PERSON,)),
    "holds.list": Right("holds", (PRIVACY, OWNER, AUDITOR)),
    "holds.place": Right("holds", (PRIVACY, OWNER)),
    "holds.release": Right("holds", (PRIVACY, OWNER)),
    "builds.make": Right("build", (ENGINEER, OWNER)),
    "simulations.make": Right("simulate", (PRIVACY, ENGINEER, OWNER)),
    "verifications.make": Right("verify", (PRIVACY, ENGINEER, OWNER, AUDITOR)),
    "jobs.show": Right("jobs", (PRIVACY, OWNER, AUDITOR), (PRODUCT, PERSON, ENGINEER)),
    "jobs.result": Right("jobs", (PRIVACY, OWNER), (PRODUCT, PERSON, ENGINEER, AUDITOR)),
    "webhooks.list": Right("webhooks", (ENGINEER, OWNER, AUDITOR)),
    "webhooks.make": Right("webhooks", (ENGINEER, OWNER)),
    "webhooks.end": Right("webhooks", (ENGINEER, OWNER)),
    "deliveries.list": Right("webhooks", (ENGINEER, OWNER, AUDITOR)),
    "deliveries.replay": Right("webhooks", (ENGINEER, OWNER)),
    "keys.list": Right("keys", (OWNER, AUDITOR)),
    "keys.revoke": Right("keys", (OWNER,)),
    "acts.list": Right("acts", (OWNER, AUDITOR)),
}
"""By the name of the endpoint. What is not here, nobody may."""

SCOPES = tuple(sorted({right.scope for right in RIGHTS.values()}))


def require_right(caller: Caller, act: str, rights: Mapping[str, Right] = RIGHTS) -> None:
    """Raise `RefusedError` unless somebody may do something, to themselves at least, by a table of rights."""
    right = rights[act]
    if caller.role not in right.every and caller.role not in right.own:
        raise RefusedError(
            "forbidden", f"the role {caller.role} may not do this", remedy="ask with credentials that may"
        )
    if caller.scopes is not None and right.scope not in caller.scopes:
        raise RefusedError(
            "forbidden",
            f"the key has no scope {right.scope!r}",
            remedy="use a key with this scope: troth key new --scope …",
        )


def reaches_everybody(caller: Caller, act: str) -> bool:
    """Whether somebody who may do something may do it to others."""
    return caller.role in RIGHTS[act].every


def whose(caller: Caller, act: str, account: str | None) -> str:
    """The account that a request is about: the person's own, or the one that is named.

    Raises `RefusedError` where a person names another, whether there is such an account or not, and where none is named.
    """
    if not reaches_everybody(caller, act):
        if caller.account is None or (account is not None and account != caller.account):
            raise RefusedError("forbidden", "this is not your account", remedy="leave the account out")
        return caller.account
    if not account:
        raise RefusedError("invalid", "the request names no account", remedy="name the account")
    return account

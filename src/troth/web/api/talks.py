"""Conversations of a person: which, whether each may be used and why, deleting one; and what they were used for."""

from __future__ import annotations

import msgspec

from troth.errors import HistoryError, RefusedError, UsageError
from troth.operations.live.choosing import event_id
from troth.operations.live.deciding import Reach, reach
from troth.operations.live.talks import deleted, talks_of
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.receipts.lineage import Touched, touched_by_conversations
from troth.operations.workspace.receipts.receipts import (
    account_receipt_in,
    conversation_receipt_in,
    lineage_receipt_in,
)
from troth.types.moment import format_moment
from troth.web.access.callers import PERSON
from troth.web.access.rights import reaches_everybody
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import Account, Conversation, Cursor, Limit, Purpose

MOST_DECIDED = 20
"""Conversations that are decided for one page."""


class TalksQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose, for which purpose, from where on."""

    account: Account | None = None
    purpose: Purpose = "train.general"
    limit: Limit = MOST_DECIDED
    cursor: Cursor | None = None


class TalkTold(msgspec.Struct, frozen=True):
    """A conversation, and whether it may be used for the purpose now."""

    conversation: str
    in_reach: bool
    records: int
    allowed: int
    reason: str
    words: str
    erasable: bool


class Talks(msgspec.Struct, frozen=True, omit_defaults=True):
    """Conversations, in the order of their ids."""

    purpose: str
    conversations: list[TalkTold]
    next: str | None = None


class TalkQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose."""

    account: Account | None = None


class TalkDeleted(msgspec.Struct, frozen=True):
    """A deletion as it was recorded: from now on the conversation is used for nothing."""

    id: str
    at: str
    conversation: str


class UsesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose, or of which conversation."""

    account: Account | None = None
    conversation: Conversation | None = None


class ArtefactTold(msgspec.Struct, frozen=True):
    """Something that was made: weights, or what else."""

    digest: str
    made: str
    name: str
    made_from: list[str]


class Uses(msgspec.Struct, frozen=True):
    """What somebody's words went into. Models that were trained do not forget."""

    releases: list[str]
    made: list[ArtefactTold]


class ReceiptQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """About whom or what: an account, or a conversation; with `lineage`, with everything that it went into."""

    account: Account | None = None
    conversation: Conversation | None = None
    lineage: bool = False


async def show(asked: Asked) -> Answer:
    """The conversations of a person."""
    query: TalksQuery = asked.query
    account, service = asked.account(query.account), asked.service
    about = f"conversations\x00{account}\x00{query.purpose}"
    after = asked.place(about, str)
    most = min(query.limit, MOST_DECIDED)

    def find(workspace: Workspace) -> tuple[list[Reach], bool]:
        names = [name for name in talks_of(workspace, account) if after is None or name > after]
        page = names[:most]
        return reach(workspace, service.live.terms, page, query.purpose, asked.at), len(names) > most

    found, more = await service.read(find)
    place = found[-1].conversation if more else None
    return Answer(Talks(query.purpose, [_told(one) for one in found], asked.cursor(about, place)))


def _told(one: Reach) -> TalkTold:
    return TalkTold(
        one.conversation, one.allowed > 0, one.records, one.allowed, one.reason, one.words, one.erasable
    )


async def delete(asked: Asked) -> Answer:
    """Delete one."""
    talk, named = asked.path["conversation"], asked.query.account
    everybody = reaches_everybody(asked.caller, asked.endpoint.act)
    if not everybody or named is not None:
        await asked.own_talk(named, talk)
    name = event_id(asked.caller.counted_as, asked.key or f"delete\x00{talk}")
    event = deleted(talk, asked.at, name)
    try:
        await asked.service.record(event)
    except HistoryError:
        raise RefusedError(
            "conflict",
            "it was deleted before, or the key was used for something else",
            remedy="look at it again",
        ) from None
    return Answer(TalkDeleted(name, format_moment(event.at), talk))


async def uses(asked: Asked) -> Answer:
    """What it was used for."""
    names = await _own_names(asked)

    def find(workspace: Workspace) -> Touched:
        return touched_by_conversations(
            workspace, names if names is not None else talks_of(workspace, account)
        )

    account = "" if names is not None else asked.account(asked.query.account)
    found = await asked.service.read(find)
    made = [ArtefactTold(one.digest, one.made, one.name, list(one.parents)) for one in found.artefacts]
    return Answer(Uses(list(found.releases), made))


async def receipt(asked: Asked) -> Answer:
    """A receipt, in the form of its file."""
    names, blocks = await _own_names(asked), asked.service.blocks
    account = None if names is not None else asked.account(asked.query.account)

    def make(workspace: Workspace) -> bytes:
        if account is not None:
            return account_receipt_in(workspace, account).data
        talk = (names or [""])[0]
        if asked.query.lineage:
            return lineage_receipt_in(workspace, talk, blocks).data
        return conversation_receipt_in(workspace, talk, (), blocks).data

    try:
        data = await asked.service.read(make)
    except UsageError as problem:
        raise RefusedError(
            "not-found", "there is nothing to give a receipt for", remedy=problem.remedy
        ) from None
    name = "receipt.txt"
    return Answer(data, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _own_names(asked: Asked) -> list[str] | None:
    """The conversation that is asked for, once it is known to be the caller's to ask for; None where none is."""
    talk, named = asked.query.conversation, asked.query.account
    if talk is None:
        return None
    if asked.caller.role == PERSON or named is not None:
        await asked.own_talk(named, talk)
    return [talk]


ENDPOINTS = (
    Endpoint(
        "conversations.list", "GET", "/v1/conversations", "A person's conversations, and whether each is in reach",
        "Each with a sentence that says why it may be used for the purpose now, or may not. Choices for one conversation or"
        " project are made with POST /v1/choices.",
        show, Talks, TalksQuery,
    ),
    Endpoint(
        "conversations.delete", "DELETE", "/v1/conversations/{conversation}", "Delete a conversation",
        "Records that it was deleted: it is used for nothing from now on, and its keys go as the terms say, or at once with"
        " POST /v1/erasures. One of somebody else is as if it were not there.",
        delete, TalkDeleted, TalkQuery, others=("not-found", "conflict"),
    ),
    Endpoint(
        "uses.show", "GET", "/v1/uses", "What somebody's words were used for",
        "The releases that hold conversations of an account, or one conversation, and everything that was made from these.",
        uses, Uses, UsesQuery, others=("not-found",),
    ),
    Endpoint(
        "receipts.show", "GET", "/v1/receipts", "A receipt",
        "A file that anyone checks offline, with no help of ours: what was chosen, deleted and taken in, and its uses.",
        receipt, None, ReceiptQuery, others=("not-found",), media="text/plain; charset=utf-8",
    ),
)  # fmt: skip

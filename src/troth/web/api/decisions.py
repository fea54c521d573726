"""Decisions for enforcement points in other systems: may this record be used for this purpose now, and why."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from troth.errors import HistoryError, RefusedError
from troth.operations.live.deciding import MOST, Wanted, decide
from troth.types.decision import Decision
from troth.types.moment import Moment, format_moment
from troth.types.reasons import REASONS
from troth.types.said import Said
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import Account, Conversation, Name, Purpose, Time, Word, read_time


class SaidBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What whoever asks knows of a record that the workspace does not hold."""

    at: Time
    account: Account | None = None
    role: Word = "user"
    kind: Word = "text"
    product: Word = "chat"
    channel: Word = "first_party"
    plan: Word | None = None


class RecordAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record in its conversation."""

    conversation: Conversation
    record: Name
    said: SaidBody | None = None


class DecisionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """May this record be used for this purpose? `at` is a moment that has passed; without it, now."""

    purpose: Purpose
    conversation: Conversation
    record: Name
    said: SaidBody | None = None
    at: Time | None = None


class DecisionsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same for many records."""

    purpose: Purpose
    records: Annotated[list[RecordAsked], Meta(min_length=1, max_length=MOST)]
    at: Time | None = None


class DecisionTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision with its reason, and how long the record may be kept."""

    conversation: str
    record: str
    allow: bool
    reason: str
    words: str
    erasable: bool
    rule: str = ""
    clause: str = ""
    keep_until: str | None = None


class Decisions(msgspec.Struct, frozen=True):
    """Decisions, in the order in which they were asked for."""

    at: str
    decisions: list[DecisionTold]


async def one(asked: Asked) -> Answer:
    """Decide one record."""
    body: DecisionBody = asked.body
    wanted = RecordAsked(body.conversation, body.record, body.said)
    at = asked.past(body.at)
    (found,) = await _decide(asked, [wanted], body.purpose, at)
    return Answer(found)


async def many(asked: Asked) -> Answer:
    """Decide many."""
    body: DecisionsBody = asked.body
    at = asked.past(body.at)
    found = await _decide(asked, body.records, body.purpose, at)
    return Answer(Decisions(format_moment(at), found))


async def _decide(asked: Asked, records: list[RecordAsked], purpose: str, at: Moment) -> list[DecisionTold]:
    wanted = [Wanted(one.conversation, one.record, _said(one)) for one in records]
    terms = asked.service.live.terms
    try:
        found = await asked.service.read(lambda workspace: decide(workspace, terms, wanted, purpose, at))
    except HistoryError as problem:
        raise RefusedError("conflict", problem.what, remedy=problem.remedy) from None
    return [_told(decision, one) for decision, one in zip(found, records, strict=True)]


def _said(asked: RecordAsked) -> Said | None:
    told = asked.said
    if told is None:
        return None
    at = read_time(told.at)
    return Said(
        asked.record,
        asked.conversation,
        told.account,
        at,
        at,
        told.role,
        told.kind,
        told.product,
        told.channel,
        told.plan,
    )


def _told(decision: Decision, asked: RecordAsked) -> DecisionTold:
    return DecisionTold(
        conversation=asked.conversation,
        record=asked.record,
        allow=decision.allow,
        reason=decision.reason,
        words=REASONS[decision.reason].text,
        erasable=decision.erasable,
        rule=decision.rule,
        clause=decision.clause,
        keep_until=None if decision.keep_until is None else format_moment(decision.keep_until),
    )


_EXAMPLE = {
    "purpose": "train.general",
    "conversation": "c1",
    "record": "c1-0",
    "said": {"at": "2025-10-02T10:00:00Z", "account": "ada"},
}

ENDPOINTS = (
    Endpoint(
        "decisions.one", "POST", "/v1/decisions", "Decide one record",
        "Whether a record may be used for a purpose, with the reason, the rule and its clause. What was withdrawn a moment"
        " ago is denied already. A record that the workspace does not hold is described in `said`.",
        one, DecisionTold, body=DecisionBody, others=("conflict",), example=_EXAMPLE,
    ),
    Endpoint(
        "decisions.many", "POST", "/v1/decisions/batch", "Decide many records",
        "The same for at most 1,000 records, all as of one moment.",
        many, Decisions, body=DecisionsBody, others=("conflict",),
    ),
)  # fmt: skip

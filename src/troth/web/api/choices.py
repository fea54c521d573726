"""Choices: making one, how they stand, and their history."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from troth.errors import HistoryError, RefusedError, UsageError
from troth.history.event import Event
from troth.operations.live.choosing import (
    ADMIN,
    Choosing,
    asked_choice,
    check_layout,
    check_notice,
    check_own,
    check_same,
    choice_event,
    event_id,
    recorded_under,
)
from troth.operations.live.people import read_organisation
from troth.operations.live.question import check_deferral
from troth.operations.live.standpoint import Stand, Stands
from troth.types.moment import format_moment
from troth.web.access.callers import ADMIN as ADMIN_ROLE
from troth.web.access.callers import PERSON
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import (
    Account,
    Conversation,
    Cursor,
    Digest,
    Limit,
    Locale,
    Name,
    Time,
    Word,
    read_time,
)

DEFERRED = "deferred"


class ChoiceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A choice. Who is asked by a person's token leaves `account` out."""

    choice: Word
    value: Literal["granted", "refused", "deferred"]
    account: Account | None = None
    conversation: Conversation | None = None
    project: Name | None = None
    mechanism: Literal["signup", "dialog", "settings"] = "dialog"
    initial_state: Literal["none", "on", "off"] = "none"
    period: Annotated[str, Meta(max_length=32, pattern=r"^(P[0-9YMWDTHS]+|indefinite)$")] | None = None
    notice: Annotated[str, Meta(max_length=128)] | None = None
    notice_digest: Digest | None = None
    layout_digest: Digest | None = None
    locale: Locale | None = None
    shown_at: Time | None = None


class ChoiceMade(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice as it was recorded. It is durable, and bites with the next decision."""

    id: str
    at: str
    choice: str
    value: str
    account: str | None = None
    organisation: str | None = None
    conversation: str | None = None
    project: str | None = None
    mechanism: str | None = None
    initial_state: str | None = None
    period: str | None = None
    notice: str | None = None
    notice_digest: str | None = None
    layout_digest: str | None = None
    locale: str | None = None
    shown_at: str | None = None


class AccountQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose."""

    account: Account | None = None


class HistoryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose, and from where on."""

    account: Account | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class ChoiceStands(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one choice stands."""

    choice: str
    state: Literal["undecided", "granted", "refused", "withdrawn"]
    by: Literal["account", "organisation"]
    fixed: bool
    on_unless_refused: bool
    question: str
    since: str | None = None
    deadline: str | None = None


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How everything stands for a person."""

    account: str
    state: str
    plan: str
    choices: list[ChoiceStands]
    terms: str
    version: str | None = None
    in_force: str | None = None
    organisation: str | None = None


class ChoiceHistory(msgspec.Struct, frozen=True, omit_defaults=True):
    """Choices, the newest first."""

    choices: list[ChoiceMade]
    next: str | None = None


async def make(asked: Asked) -> Answer:
    """Record a choice, once."""
    choosing = _choosing(asked, asked.body)
    await _check(asked, choosing)
    event = choice_event(choosing, asked.at, event_id(asked.caller.counted_as, asked.key))
    try:
        await asked.service.record(event)
    except HistoryError:
        # Something was recorded under this key before: what was recorded first is what counts.
        known = await _recorded(asked, choosing, event.id or "")
        if known is None:
            raise
        _require_same(known, choosing)
        event = known
    return Answer(made(event), headers={"Location": f"/v1/choices/history#{event.id}"})


def _choosing(asked: Asked, body: ChoiceBody) -> Choosing:
    if body.conversation is not None and body.project is not None:
        raise UsageError("a choice is for a conversation or a project", remedy="leave one of the two out")
    organisation = asked.caller.organisation if asked.caller.role == ADMIN_ROLE else None
    if organisation is not None and (body.account or body.conversation or body.project):
        raise RefusedError(
            "forbidden",
            "an administrator chooses for the organisation alone",
            remedy="leave account, conversation and project out",
        )
    return Choosing(
        choice=body.choice,
        value=body.value,
        account=asked.account(body.account) if organisation is None else None,
        organisation=organisation,
        conversation=body.conversation,
        project=body.project,
        mechanism=ADMIN if organisation is not None else body.mechanism,
        initial_state=body.initial_state,
        period=body.period,
        notice=body.notice,
        notice_digest=body.notice_digest,
        layout_digest=body.layout_digest,
        locale=body.locale,
        shown_at=body.shown_at,
    )


async def _check(asked: Asked, choosing: Choosing) -> None:
    """Whether this choice can be made by who asks. The person is read only where something depends on them."""
    laid = asked.service.live.laid
    choice = asked_choice(laid.standpoint, choosing.choice, asked.at)
    check_notice(laid.digests, choosing)
    check_layout(asked.service.layouts.digests, choosing)
    if choosing.organisation is not None:
        return
    account = choosing.account or ""
    if choosing.value == DEFERRED and choosing.conversation is None and choosing.project is None:
        await _check_deferral(asked, choosing)
    if choosing.conversation is not None:
        if asked.caller.role == PERSON:
            await asked.own_talk(account, choosing.conversation)
    elif choosing.project is None and choice.by != "account":
        check_own(choosing, laid.standpoint.stands(await asked.service.told(account), asked.at))


async def _check_deferral(asked: Asked, choosing: Choosing) -> None:
    """Raise `RefusedError` where the question cannot be put off, and was not when it was shown; once recorded, it was."""
    person = await asked.service.told(choosing.account or "")
    if recorded_under(person, event_id(asked.caller.counted_as, asked.key)) is None:
        shown = asked.at if choosing.shown_at is None else min(read_time(choosing.shown_at), asked.at)
        live = asked.service.live
        check_deferral(live.laid.standpoint, live.deferral, person, choosing.choice, shown)


async def _recorded(asked: Asked, choosing: Choosing, name: str) -> Event | None:
    """What was recorded under an id before, of the same person or organisation."""
    organisation = choosing.organisation
    if organisation is None:
        return recorded_under(await asked.service.told(choosing.account or ""), name)
    events = await asked.service.read(lambda workspace: read_organisation(workspace.store, organisation))
    return next((event for event in events if event.id == name), None)


def _require_same(known: Event, choosing: Choosing) -> None:
    """Raise `RefusedError` where a key was used for another choice before."""
    try:
        check_same(known, choosing)
    except HistoryError as problem:
        raise RefusedError("key-reused", problem.what, remedy=problem.remedy) from None


async def standing(asked: Asked) -> Answer:
    """How choices stand."""
    account = asked.account(asked.query.account)
    person = await asked.service.told(account)
    laid = asked.service.live.laid
    return Answer(_standing(laid.terms.name, laid.standpoint.stands(person, asked.at)))


def _standing(terms: str, stands: Stands) -> Standing:
    return Standing(
        account=stands.account,
        state=stands.state,
        plan=stands.plan,
        choices=[_stands(one) for one in stands.choices],
        terms=terms,
        version=None if stands.published is None else stands.published.version,
        in_force=None if stands.in_force is None else stands.in_force.version,
        organisation=stands.organisation,
    )


def _stands(stand: Stand) -> ChoiceStands:
    return ChoiceStands(
        choice=stand.choice.name,
        state=stand.state,  # type: ignore[arg-type]
        by=stand.by,  # type: ignore[arg-type]
        fixed=stand.by == "organisation",
        on_unless_refused=stand.on_unless_refused,
        question=stand.choice.notice,
        since=None if stand.since is None else format_moment(stand.since),
        deadline=None if stand.deadline is None else format_moment(stand.deadline),
    )


async def history(asked: Asked) -> Answer:
    """Every choice that was made."""
    account = asked.account(asked.query.account)
    person = await asked.service.told(account)
    chosen = [event for event in (*person.events, *person.talks) if event.event == "choice.made"]
    chosen.sort(key=lambda event: (event.at, event.id or ""), reverse=True)
    about = f"choices\x00{account}"
    after = asked.place(about, tuple[int, str])
    if after is not None:
        chosen = [event for event in chosen if (event.at, event.id or "") < after]
    page, rest = chosen[: asked.query.limit], chosen[asked.query.limit :]
    place = (page[-1].at, page[-1].id or "") if rest else None
    return Answer(ChoiceHistory([made(event) for event in page], asked.cursor(about, place)))


def made(event: Event) -> ChoiceMade:
    """A choice as it is told."""
    told = {
        name: getattr(event, name, None)
        for name in ChoiceMade.__struct_fields__
        if name not in ("at", "shown_at", "id")
    }
    shown = getattr(event, "shown_at", None)
    return ChoiceMade(
        id=event.id or "",
        at=format_moment(event.at),
        shown_at=format_moment(shown) if isinstance(shown, int) else shown,
        **told,  # type: ignore[arg-type]
    )


ENDPOINTS = (
    Endpoint(
        "choices.make",
        "POST",
        "/v1/choices",
        "Record a choice",
        "Records what a person chose: for everything, for one conversation, or for one project. When it is answered it is"
        " durable and bites. Send an Idempotency-Key, and send the same again where no answer came: it is recorded once."
        " An administrator chooses for their organisation. Of two choices with one stamp the protective one stands.",
        make,
        ChoiceMade,
        body=ChoiceBody,
        status=201,
        others=("key-reused", "conflict"),
        example={"choice": "improve_models", "value": "refused", "account": "ada", "mechanism": "settings"},
    ),
    Endpoint(
        "choices.standing",
        "GET",
        "/v1/choices",
        "How choices stand",
        "Each choice of the newest published terms: its state, since when, who decides it, and by when."
        " What an organisation decides is `fixed`.",
        standing,
        Standing,
        AccountQuery,
        tagged=True,
    ),
    Endpoint(
        "choices.history",
        "GET",
        "/v1/choices/history",
        "The history of choices",
        "Every choice that was recorded of a person, also those that were put off, the newest first.",
        history,
        ChoiceHistory,
        HistoryQuery,
        tagged=True,
    ),
)

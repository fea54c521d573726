"""Terms and notices by version and locale, and acknowledging terms."""

from __future__ import annotations

import msgspec

from troth.errors import HistoryError, RefusedError, UsageError
from troth.history.event import Event
from troth.operations.live.choosing import event_id, recorded_under
from troth.operations.live.notices import every_notice
from troth.operations.live.running import Live
from troth.terms.model import Choice, Version
from troth.types.moment import format_moment
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import Account, Locale
from troth.web.api.question import NoticeShown, notice_told


class VersionTold(msgspec.Struct, frozen=True):
    """One version of the terms, in short."""

    version: str
    title: str
    published: str
    effective: str
    digest: str


class TermsTold(msgspec.Struct, frozen=True):
    """The terms that are served, the oldest version first."""

    terms: str
    digest: str
    versions: list[VersionTold]


class ChoiceTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a version asks."""

    choice: str
    question: str
    by: str
    after_deadline: str
    deadline: str | None = None


class RuleTold(msgspec.Struct, frozen=True):
    """What a version says of some purposes."""

    id: str
    effect: str
    purposes: list[str]
    reason: str
    clause: str
    text: str


class KeepingTold(msgspec.Struct, frozen=True):
    """How long a version keeps things."""

    id: str
    kind: str
    period: str
    clock: str
    clause: str
    text: str


class VersionShown(msgspec.Struct, frozen=True):
    """One version of the terms, with all that it says."""

    terms: str
    version: str
    title: str
    controller: str
    published: str
    effective: str
    digest: str
    plans: list[str]
    choices: list[ChoiceTold]
    rules: list[RuleTold]
    retention: list[KeepingTold]


class NoticesTold(msgspec.Struct, frozen=True):
    """Every notice, by version, choice and locale."""

    notices: list[NoticeShown]


class NoticesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which notices."""

    version: str | None = None
    locale: Locale | None = None


class AcknowledgeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a person acknowledged a version of the terms. It is no choice, and never a yes to one."""

    version: str
    account: Account | None = None


class Acknowledged(msgspec.Struct, frozen=True):
    """An acknowledgement as it was recorded."""

    id: str
    at: str
    account: str
    version: str


async def list_terms(asked: Asked) -> Answer:
    """The versions."""
    return Answer(terms_told(asked.service.live))


async def show_terms(asked: Asked) -> Answer:
    """One version."""
    return Answer(version_shown(asked.service.live, asked.path["version"]))


async def list_notices(asked: Asked) -> Answer:
    """The notices."""
    query: NoticesQuery = asked.query
    return Answer(notices_told(asked.service.live, query.version, query.locale))


async def show_notice(asked: Asked) -> Answer:
    """One notice."""
    return Answer(notice_shown(asked.service.live, asked.path["digest"]))


async def acknowledge(asked: Asked) -> Answer:
    """Record an acknowledgement, once."""
    body: AcknowledgeBody = asked.body
    account, version = asked.account(body.account), _version(asked.service.live, body.version)
    if version.published > asked.at:
        raise UsageError("this version is not published yet", remedy="acknowledge one that is published")
    name = event_id(asked.caller.counted_as, asked.key)
    event = Event("terms.acknowledged", asked.at, asked.at, id=name, account=account, version=version.version)
    known = recorded_under(await asked.service.told(account), name)
    if known is None:
        try:
            await asked.service.record(event)
            known = event
        except HistoryError:
            known = recorded_under(await asked.service.told(account), name)
    if known is None or (known.event, known.version) != (event.event, event.version):
        raise RefusedError(
            "key-reused", "this key was used for something else before", remedy="use a new key"
        )
    return Answer(Acknowledged(name, format_moment(known.at), account, version.version))


def terms_told(live: Live) -> TermsTold:
    """The terms in short."""
    terms = live.terms
    return TermsTold(terms.name, terms.digest, [_version_told(one) for one in terms.versions])


def _version_told(version: Version) -> VersionTold:
    published, effective = format_moment(version.published), format_moment(version.effective)
    return VersionTold(version.version, version.title, published, effective, version.digest)


def version_shown(live: Live, name: str) -> VersionShown:
    """One version in full. Raises `RefusedError` where there is none of this name."""
    version = _version(live, name)
    return VersionShown(
        terms=version.name,
        version=version.version,
        title=version.title,
        controller=version.controller,
        published=format_moment(version.published),
        effective=format_moment(version.effective),
        digest=version.digest,
        plans=list(version.plans),
        choices=[_choice_told(one) for one in version.choices],
        rules=[
            RuleTold(one.id, one.effect, list(one.purposes), one.reason, one.clause, one.text)
            for one in version.rules
        ],
        retention=[
            KeepingTold(one.id, one.kind, one.period, one.clock, one.clause, one.text)
            for one in version.retention
        ],
    )


def _choice_told(choice: Choice) -> ChoiceTold:
    deadline = None if choice.deadline is None else format_moment(choice.deadline)
    return ChoiceTold(choice.name, choice.notice, choice.by, choice.after_deadline, deadline)


def notices_told(live: Live, version: str | None, locale: str | None) -> NoticesTold:
    """The notices of a version, or of all; in one locale, or in all."""
    laid = live.laid
    return NoticesTold(
        [
            notice_told(one)
            for one in every_notice(laid.terms, laid.notices)
            if version in (None, one.version) and locale in (None, one.locale)
        ]
    )


def notice_shown(live: Live, digest: str) -> NoticeShown:
    """The notice with a digest. Raises `RefusedError` where there is none."""
    laid = live.laid
    for one in every_notice(laid.terms, laid.notices):
        if one.digest == digest:
            return notice_told(one)
    raise RefusedError("not-found", "there is no such notice", remedy="/v1/notices has every one")


def _version(live: Live, name: str) -> Version:
    for version in live.terms.versions:
        if version.version == name:
            return version
    raise RefusedError("not-found", "there is no such version", remedy="/v1/terms has every one")


ENDPOINTS = (
    Endpoint(
        "terms.list",
        "GET",
        "/v1/terms",
        "The terms that are served",
        "Every version, with the days on which it was published and takes effect, and its digest.",
        list_terms,
        TermsTold,
        tagged=True,
    ),
    Endpoint(
        "terms.show",
        "GET",
        "/v1/terms/{version}",
        "One version of the terms",
        "What it asks, allows, denies and keeps, each with its clause.",
        show_terms,
        VersionShown,
        others=("not-found",),
        tagged=True,
    ),
    Endpoint(
        "notices.list",
        "GET",
        "/v1/notices",
        "Notices by version and locale",
        "The words in which people are asked. A recorded choice names the digest of the notice that was shown.",
        list_notices,
        NoticesTold,
        NoticesQuery,
        tagged=True,
    ),
    Endpoint(
        "notices.show",
        "GET",
        "/v1/notices/{digest}",
        "One notice",
        "The notice that a recorded choice names by its digest.",
        show_notice,
        NoticeShown,
        others=("not-found",),
        tagged=True,
    ),
    Endpoint(
        "terms.acknowledge",
        "POST",
        "/v1/acknowledgements",
        "Acknowledge terms",
        "Records that a person acknowledged a version. That is a step of its own: it never answers a question.",
        acknowledge,
        Acknowledged,
        body=AcknowledgeBody,
        status=201,
        others=("not-found", "key-reused"),
        example={"version": "2025-08-28", "account": "ada"},
    ),
)

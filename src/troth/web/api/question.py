"""The question to show a person now, and whether they may go on without an answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import msgspec

from troth.operations.live.notices import Notice
from troth.operations.live.question import WHY, Asking, question
from troth.operations.live.watch import Kept, Said
from troth.terms.model import Terms
from troth.types.moment import LAST, format_moment
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import Account, Locale
from troth.web.api.signals import note_gpc

_ENCODER = msgspec.json.Encoder()


class QuestionQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to ask, and in which language."""

    account: Account | None = None
    locale: Locale = "en"


class NoticeShown(msgspec.Struct, frozen=True):
    """A notice: the words of a question."""

    terms: str
    version: str
    choice: str
    locale: str
    title: str
    digest: str
    question: str = ""
    words: dict[str, str] = {}


class StyleShown(msgspec.Struct, frozen=True):
    """How the question looks: what a product may choose. Both answers have one look."""

    light: dict[str, str]
    dark: dict[str, str]
    font: str
    font_size: int
    radius: int


class LayoutShown(msgspec.Struct, frozen=True):
    """In which order the answers stand for this person, how they look, and the digest of it all."""

    order: Literal["yes-first", "no-first"]
    style: StyleShown
    digest: str


class QuestionShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """The question to show, or none, and why."""

    show: bool
    why: str
    words: str
    may_continue: bool
    deferrals_left: int
    stage: Literal["existing", "signup", "renewal"] | None = None
    notice: NoticeShown | None = None
    layout: LayoutShown | None = None
    effective: str | None = None
    deadline: str | None = None
    after_deadline: str | None = None
    again_at: str | None = None


class MayContinue(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a person may go on."""

    may_continue: bool
    why: str
    words: str
    deadline: str | None = None


async def show(asked: Asked) -> Answer:
    """The question."""
    return Answer(await _answer(asked, "question", _question))


async def may_continue(asked: Asked) -> Answer:
    """The gate."""
    return Answer(await _answer(asked, "continue", _continue))


async def _answer(asked: Asked, what: str, form: object) -> bytes:
    """The answer in JSON. It is kept until something is recorded of the person, or a date of the terms passes."""
    account = asked.account(asked.query.account)
    kept = await asked.service.person(account)
    if "sec-gpc" in asked.headers:
        kept = await note_gpc(asked, kept)
    place = (what, asked.query.locale)
    said = kept.answers.get(place)
    if said is None or asked.at >= said.until:
        said = _ask(asked, kept, form)
        kept.answers[place] = said
    data: bytes = said.answer
    return data


def _ask(asked: Asked, kept: Kept, form: object) -> Said:
    live = asked.service.live
    laid = live.laid
    found = question(laid.standpoint, laid.notices, live.deferral, kept.person, asked.at, asked.query.locale)
    told = form(asked, laid.terms, kept.person.account, found)  # type: ignore[operator]
    return Said(LAST if found.until is None else found.until, _ENCODER.encode(told))


def notice_told(notice: Notice) -> NoticeShown:
    """A notice with all its words."""
    return NoticeShown(
        notice.terms, notice.version, notice.choice, notice.locale, notice.title, notice.digest, notice.question,
        dict(notice.words),
    )  # fmt: skip


def _layout(asked: Asked, account: str, notice: Notice) -> LayoutShown:
    layout = asked.service.layouts.component(notice.question, account)
    return LayoutShown(layout.order, msgspec.convert(asdict(layout.style), StyleShown), layout.digest)


def _effective(terms: Terms, notice: Notice) -> str:
    """When the version of the terms takes effect that a notice belongs to."""
    return format_moment(next(one.effective for one in terms.versions if one.version == notice.version))


def _question(asked: Asked, terms: Terms, account: str, found: Asking) -> QuestionShown:
    notice = found.notice
    return QuestionShown(
        show=found.show,
        why=found.why,
        words=WHY[found.why],
        may_continue=found.may_continue,
        deferrals_left=found.deferrals_left,
        stage=found.stage,  # type: ignore[arg-type]
        notice=None if notice is None else notice_told(notice),
        layout=None if notice is None else _layout(asked, account, notice),
        effective=None if notice is None else _effective(terms, notice),
        deadline=None if found.deadline is None else format_moment(found.deadline),
        after_deadline=found.after_deadline or None,
        again_at=None if found.again_at is None else format_moment(found.again_at),
    )


def _continue(_asked: Asked, _terms: Terms, _account: str, found: Asking) -> MayContinue:
    deadline = None if found.deadline is None else format_moment(found.deadline)
    return MayContinue(found.may_continue, found.why, WHY[found.why], deadline)


ENDPOINTS = (
    Endpoint(
        "question.show",
        "GET",
        "/v1/question",
        "The question to show a person now",
        "Whether a question is to be shown to this person now, which, in which words, until when it may be put off and how"
        " often still; or that none is, and why. A no is never asked again for the same question.",
        show,
        QuestionShown,
        QuestionQuery,
        tagged=True,
    ),
    Endpoint(
        "continue.may",
        "GET",
        "/v1/continue",
        "Whether a person may go on",
        "False only where the time to choose is over and the person has not chosen: the product then shows the question"
        " before it goes on. It never infers a yes.",
        may_continue,
        MayContinue,
        QuestionQuery,
    ),
)

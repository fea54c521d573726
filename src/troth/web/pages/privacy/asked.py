"""The question as a page of its own: plain HTML, for somebody whose browser runs no JavaScript.

A product sends its signed-in person to ``POST /enter`` with ``back`` = ``/ask``; ``return`` says where they go afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response

from troth.ask.form import Shown, form_html
from troth.ask.notice import Notice
from troth.errors import RefusedError
from troth.types.moment import format_moment, parse_moment
from troth.web.api.choices import ChoiceBody
from troth.web.api.question import NoticeShown, QuestionQuery, QuestionShown
from troth.web.pages.page import HEADERS, Answering, Pages, Visit, sent_to
from troth.web.pages.privacy.language import languages

PATH: Final = "/ask"
CENTRE: Final = "/privacy"


def routes(pages: Pages) -> Iterator[tuple[str, str, Answering]]:  # noqa: ARG001 - the form of every part
    """The addresses of this part."""
    yield "GET", PATH, _show
    yield "POST", PATH, _answer


async def _show(visit: Visit) -> Response:
    """The form, or on to where the person wanted to go, where there is nothing to ask."""
    told = await visit.ask("question.show", query=_query(visit))
    asked = msgspec.json.decode(told, type=QuestionShown)
    if not asked.show or asked.notice is None or asked.stage is None or not asked.notice.words:
        return sent_to(_return(visit) or CENTRE)
    notice = msgspec.convert(asked.notice.words, Notice)
    layout = visit.service.layouts.form(asked.notice.question, visit.account)
    shown = Shown(
        asked.stage,
        notice,
        layout,
        _last_day(asked.deadline),
        _moment(asked.effective),
        may_defer=asked.deferrals_left > 0,
        gated=not asked.may_continue,
    )
    page = form_html(
        shown, PATH, _hidden(visit, asked.stage, asked.notice, layout.digest), "/static/form.css"
    )
    return Response(page, headers=_headers(visit), media_type="text/html; charset=utf-8")


async def _answer(visit: Visit) -> Response:
    """Record the answer, and go on."""
    form = dict(visit.form)
    value = form.get("value", "")
    told = {name: form[name] for name in ChoiceBody.__struct_fields__ if name in form}
    body = _checked({**told, "initial_state": "none"})
    # A form that is sent again is one choice; going back and giving the other answer is another one.
    once = replace(visit, form={**form, "key": f"{form.get('key', '')}-{value}"})
    await once.ask("choices.make", body=body)
    return sent_to(_return(visit) or (CENTRE if value == "deferred" else f"{CENTRE}?told={value}"))


def _hidden(visit: Visit, stage: str, notice: NoticeShown, layout: str) -> dict[str, str]:
    """What goes along with the answer: what was shown, and when."""
    return {
        "csrf": visit.caller.csrf or "",
        "key": secrets.token_hex(16),
        "choice": notice.choice,
        "mechanism": "signup" if stage == "signup" else "dialog",
        "notice": notice.version,
        "notice_digest": notice.digest,
        "layout_digest": layout,
        "locale": notice.locale,
        "shown_at": format_moment(visit.at),
        "return": _return(visit) or "",
    }


def _checked(told: dict[str, Any]) -> ChoiceBody:
    try:
        return msgspec.convert(told, ChoiceBody)
    except msgspec.ValidationError as problem:
        raise RefusedError("invalid", f"this is no answer: {problem}", remedy="open the page again") from None


def _query(visit: Visit) -> QuestionQuery:
    """The language that the address names, else the first that the browser names; English where none is one."""
    return QuestionQuery(locale=next(languages(visit), "en"))


def _return(visit: Visit) -> str | None:
    """Where the person goes afterwards: a page of a product that may embed the service, and nowhere else."""
    told = visit.form.get("return") or visit.request.query_params.get("return", "")
    if not told.isascii() or not told.isprintable() or "\\" in told:
        return None
    try:
        parts = urlsplit(told)
    except ValueError:  # half of an IPv6 address
        return None
    return told if f"{parts.scheme}://{parts.netloc}" in visit.service.settings.allowed_origins else None


def _headers(visit: Visit) -> dict[str, str]:
    """Those of every page; a browser follows a form to another origin only where the policy names it."""
    after = _return(visit)
    if after is None:
        return HEADERS
    parts = urlsplit(after)
    policy = HEADERS["Content-Security-Policy"]
    own = f"form-action 'self' {parts.scheme}://{parts.netloc}"
    return {**HEADERS, "Content-Security-Policy": policy.replace("form-action 'self'", own)}


def _moment(told: str | None) -> int | None:
    return None if told is None else parse_moment(told)


def _last_day(deadline: str | None) -> int | None:
    """The last day on which one may choose: a deadline is the first moment at which the time is over."""
    return None if deadline is None else parse_moment(deadline) - 1

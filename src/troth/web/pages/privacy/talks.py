"""Conversations: whether each may be used and why, in one sentence; deleting one, or keeping it out of training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from troth.operations.live.keeping import keeping
from troth.operations.live.question import is_asked
from troth.terms.laws import governs
from troth.types.moment import parse_moment
from troth.web.api.choices import ChoiceBody, HistoryQuery
from troth.web.api.talks import TalksQuery, UsesQuery
from troth.web.pages.page import Answering, Pages, Visit, sent_to
from troth.web.pages.privacy.chosen import PURPOSE
from troth.web.pages.timeline import Bar, timeline

TOLD = {
    "deleted": "Deleted. It is used for nothing that starts from now on.",
    "refused": "This conversation is kept out of training from now on.",
    "granted": "The no for this conversation is lifted. Your other choices stand as they were.",
}


def routes(pages: Pages) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        cursor = visit.request.query_params.get("cursor")
        found = await visit.ask("conversations.list", query=TalksQuery(purpose=PURPOSE, cursor=cursor))
        names = [one.conversation for one in found.conversations]
        kept = await visit.service.read(
            lambda workspace: keeping(workspace, visit.service.live.terms, names, PURPOSE, visit.at)
        )
        bars = [
            Bar(one.conversation, visit.at if one.said is None else one.said, one.until, one.held)
            for one in kept
        ]
        return pages.draw(
            visit, "privacy/conversations.html",
            talks=found.conversations, next=found.next, kept={one.conversation: one for one in kept},
            picture=timeline(bars, visit.at) if bars else None, refused=await _refused(visit),
            may_refuse=bool(_about(visit)),
            told=TOLD.get(visit.request.query_params.get("told", ""), ""),
        )  # fmt: skip

    async def change(visit: Visit) -> Response:
        talk, what = visit.form.get("conversation", ""), visit.form.get("do", "")
        if what == "delete":
            await visit.ask("conversations.delete", conversation=talk)
            return sent_to("/privacy/conversations?told=deleted")
        value: Any = "granted" if what == "lift" else "refused"
        for choice in _about(visit):
            body = ChoiceBody(choice, value, conversation=talk, mechanism="settings")
            await visit.ask("choices.make", body=body)
        return sent_to(f"/privacy/conversations?told={value}")

    async def uses(visit: Visit) -> Response:
        talk = visit.request.query_params.get("conversation")
        return pages.draw(
            visit, "privacy/uses.html",
            uses=await visit.ask("uses.show", query=UsesQuery(conversation=talk)), talk=talk,
        )  # fmt: skip

    yield "GET", "/privacy/conversations", show
    yield "POST", "/privacy/conversations", change
    yield "GET", "/privacy/uses", uses


def _about(visit: Visit) -> list[str]:
    """The choices that people are asked and that decide about what these pages speak of."""
    laid = visit.service.live.laid
    place = laid.standpoint.timetable.published(visit.at)
    if place < 0:
        return []
    version = laid.terms.versions[place]
    return [one.name for one in version.choices if is_asked(one) and governs(one, PURPOSE, version.rules)]


async def _refused(visit: Visit) -> set[str]:
    """The conversations that are kept out by a choice of their own."""
    history = await visit.ask("choices.history", query=HistoryQuery(limit=200))
    newest: dict[str, str] = {}
    for one in sorted(history.choices, key=lambda told: parse_moment(told.at)):
        if one.conversation is not None:
            newest[one.conversation] = one.value
    return {name for name, value in newest.items() if value == "refused"}

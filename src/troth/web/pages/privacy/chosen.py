"""The first page: each choice with its switch, how it stands in words, and what a change would do."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from troth.operations.live.choosing import Choosing, choice_event
from troth.operations.live.notices import OWN_LOCALE
from troth.operations.live.preview import Preview, preview
from troth.operations.live.talks import talks_of
from troth.types.moment import parse_moment
from troth.web.api.choices import ChoiceBody, ChoiceMade, ChoiceStands, HistoryQuery
from troth.web.pages.page import Answering, Pages, Visit, day, minute, sent_to
from troth.web.pages.privacy.language import titles

PURPOSE: Final = "train.general"
MOST_LOOKED_AT = 100
"""Conversations that a preview decides."""
STATES = {
    "undecided": "You have not decided. Nothing of yours is used until you say yes.",
    "granted": "You said yes. What you say may be used.",
    "refused": "You said no. Nothing of yours is used.",
    "withdrawn": "You took your yes back. Nothing of yours is used from then on.",
}
"""How a choice stands, in words."""
ANSWERS = {"granted": "yes", "refused": "no", "deferred": "later"}
HOW = {
    "signup": "at sign-up",
    "dialog": "when asked",
    "settings": "in the settings",
    "default": "set beforehand",
    "admin": "by the organisation",
    "import": "taken over from before",
}
"""How a choice was made, in words."""
Titles = Mapping[str, tuple[str, str]]
"""Of each choice the question and its language."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice as the page shows it."""

    name: str
    question: str
    locale: str
    """The language of the question."""
    on: bool
    words: str
    since: str
    fixed: bool
    """Whether the organisation decides, and nothing can be switched here."""
    turned: str
    """What the switch would record."""


@dataclass(frozen=True, slots=True)
class Made:
    """A choice that was made, as the page tells it."""

    at: str
    question: str
    locale: str
    answer: str
    about: str
    how: str


def routes(pages: Pages) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        standing = await visit.ask("choices.standing")
        history = await visit.ask("choices.history", query=HistoryQuery(limit=20))
        asked = visit.request.query_params.get("preview")
        asked_as = titles(visit, visit.service.live.laid, visit.at)
        switches = [switch(one, asked_as) for one in standing.choices]
        looked = next((one for one in switches if one.name == asked and not one.fixed), None)
        return pages.draw(
            visit, "privacy/choices.html",
            switches=switches, history=[told(one, asked_as) for one in history.choices],
            terms=standing.terms, version=standing.version,
            organisation=standing.organisation, looked=looked,
            preview=None if looked is None else await _preview(visit, looked), key=secrets.token_hex(16),
            told=TOLD.get(visit.request.query_params.get("told", ""), ""),
        )  # fmt: skip

    async def turn(visit: Visit) -> Response:
        form = visit.form
        body = ChoiceBody(form.get("choice", ""), _value(form), mechanism="settings", initial_state="none")
        await visit.ask("choices.make", body=body)
        return sent_to(f"/privacy?told={body.value}")

    yield "GET", "/privacy", show
    yield "POST", "/privacy/choices", turn


TOLD = {
    "granted": "Saved: from now on what you say may be used.",
    "refused": "Saved: nothing of yours is used from now on.",
}


def switch(told: ChoiceStands, asked_as: Titles) -> Switch:
    """A choice as the page shows it."""
    question, locale = asked_as.get(told.choice, (told.question, OWN_LOCALE))
    on = told.state == "granted"
    since = "" if told.since is None else day(parse_moment(told.since))
    words = STATES[told.state]
    if told.state == "undecided" and told.on_unless_refused:
        words = "You have not decided. The published terms take that as a yes for your plan."
    turned = "refused" if on else "granted"
    return Switch(told.choice, question, locale, on, words, since, told.fixed, turned)


def told(made: ChoiceMade, asked_as: Titles) -> Made:
    """A choice that was made, in words."""
    question, locale = asked_as.get(made.choice, (made.choice, OWN_LOCALE))
    where = "everything"
    if made.conversation is not None:
        where = f"the conversation “{made.conversation}”"
    elif made.project is not None:
        where = f"the project “{made.project}”"
    how = HOW.get(made.mechanism or "dialog", made.mechanism or "")
    return Made(minute(parse_moment(made.at)), question, locale, ANSWERS[made.value], where, how)


def _value(form: Any) -> Any:
    return "granted" if form.get("value") == "granted" else "refused"


async def _preview(visit: Visit, one: Switch) -> Preview:
    account = visit.account
    change = choice_event(
        Choosing(one.name, one.turned, account=account, mechanism="settings"), visit.at, "preview"
    )

    def look(workspace: Any) -> Preview:
        names = talks_of(workspace, account)[:MOST_LOOKED_AT]
        return preview(workspace, visit.service.live.terms, names, PURPOSE, change)

    return await visit.service.read(look)

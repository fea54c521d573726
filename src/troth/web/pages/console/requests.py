"""Requests of people: those that are overdue first, each with the day by which the law wants an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from troth.errors import RefusedError
from troth.types.moment import DAY, parse_moment
from troth.web.api.requests import CloseBody, RequestsQuery
from troth.web.pages.console.desk import Desk, param
from troth.web.pages.page import Answering, Visit, sent_to

STATES = ("open", "answered", "refused")
SAID = {
    "answered": "The request is closed as answered. Whose it was is forgotten.",
    "refused": "The request is closed as refused. Whose it was is forgotten.",
}
KINDS = {
    "access": "to see what is held",
    "export": "to get a copy",
    "correct": "to correct something",
    "erase": "to erase",
    "object": "an objection",
}


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        state = param(visit, "state") or "open"
        if state not in STATES:
            raise RefusedError("invalid", "there is no such state", remedy="choose one of the list")
        query = RequestsQuery(state=state, cursor=param(visit, "cursor"))  # type: ignore[arg-type]
        found = await visit.ask("requests.list", query=query)
        rows = [
            (one, parse_moment(one.due), (parse_moment(one.due) - visit.at) // DAY) for one in found.requests
        ]
        return desk.draw(
            visit, "requests.html", SAID, rows=rows, state=state, states=STATES, next=found.next, kinds=KINDS
        )

    async def close(visit: Visit) -> Response:
        state: Any = visit.form.get("state", "")
        if state not in ("answered", "refused"):
            raise RefusedError("invalid", "a request is answered or refused", remedy="choose one")
        await visit.ask("requests.close", body=CloseBody(state), request=visit.form.get("request", ""))
        return sent_to(f"/console/requests?told={state}")

    yield "GET", "/console/requests", show
    yield "POST", "/console/requests", close

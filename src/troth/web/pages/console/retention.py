"""What is past its date or held: the queue of erasure, legal holds, and what a retention run would destroy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response

from troth.errors import RefusedError
from troth.operations.workspace.erasure.going import Due, Staying
from troth.types.moment import Moment
from troth.web.api.endpoint import PageQuery
from troth.web.api.holds import HoldBody
from troth.web.pages.console.desk import Desk, param
from troth.web.pages.console.figures import count, known_figure
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import Answering, Visit, sent_to

DUE = ("retain", "")
"""The figure of the queue."""
WHY = {
    "hold": "a legal hold",
    "duty": "a duty of the terms",
    "others": "the rest of its conversation",
    "unknown": "its time is not known",
}
SAID = {
    "placed": "The hold is placed. Nothing that it covers is erased from now on.",
    "released": "The hold is released.",
    "looking": "The vault is being held against the terms. Nothing is destroyed by that.",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """What a retention run at a time (UTC) would destroy, and what stays past its date."""

    at: Moment
    due: tuple[Due, ...]
    records: int
    conversations: int
    overdue: tuple[Staying, ...]
    stays: int


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        await visit.require("console.retention", CONSOLE)
        held = await visit.ask("holds.list", query=PageQuery(cursor=param(visit, "cursor")))
        return desk.draw(
            visit, "retention.html", SAID,
            queue=await known_figure(visit, *DUE, Queue), holds=held.holds, next=held.next, why=WHY,
        )  # fmt: skip

    async def look(visit: Visit) -> Response:
        await visit.require("console.retention.look", CONSOLE)
        await count(visit, *DUE, {})
        return sent_to("/console/retention?told=looking")

    async def place(visit: Visit) -> Response:
        await visit.ask("holds.place", body=_hold(visit))
        return sent_to("/console/retention?told=placed")

    async def release(visit: Visit) -> Response:
        await visit.ask("holds.release", hold=visit.form.get("hold", ""))
        return sent_to("/console/retention?told=released")

    yield "GET", "/console/retention", show
    yield "POST", "/console/retention/look", look
    yield "POST", "/console/holds", place
    yield "POST", "/console/holds/release", release


def _hold(visit: Visit) -> HoldBody:
    form = visit.form
    told: dict[str, Any] = {"hold": form.get("hold", "").strip()}
    for name in ("accounts", "conversations"):
        lines = [line.strip() for line in form.get(name, "").splitlines() if line.strip()]
        if lines:
            told[name] = lines
    for name in ("since", "until"):
        if form.get(name):
            told[name] = f"{form[name]}T00:00:00Z"
    covers = len(told) > 1
    if form.get("why", "").strip():
        told["why"] = form["why"].strip()
    if form.get("everything") is None and not covers:
        raise RefusedError(
            "invalid",
            "the hold covers nothing in particular",
            remedy="say what it covers, or that it covers everything",
        )
    try:
        return msgspec.convert(told, HoldBody)
    except msgspec.ValidationError as problem:
        raise RefusedError(
            "invalid", f"the hold is not as it should be: {problem}", remedy="mend the form"
        ) from None

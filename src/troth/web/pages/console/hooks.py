"""Webhooks: who is told what, what was sent, and sending it again."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from troth.web.api.endpoint import PageQuery
from troth.web.pages.console.desk import Desk, param, placed
from troth.web.pages.page import Answering, Visit, sent_to

SAID = {"ended": "The webhook is ended. It is told nothing more.", "again": "The event is sent again."}


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        return desk.draw(visit, "webhooks.html", SAID, webhooks=(await visit.ask("webhooks.list")).webhooks)

    async def end(visit: Visit) -> Response:
        await visit.ask("webhooks.end", webhook=visit.form.get("webhook", ""))
        return sent_to("/console/webhooks?told=ended")

    async def sent(visit: Visit) -> Response:
        number = placed(visit, "webhook")
        query = PageQuery(cursor=param(visit, "cursor"))
        found = await visit.ask("deliveries.list", query=query, webhook=number)
        return desk.draw(
            visit, "deliveries.html", SAID, webhook=number, deliveries=found.deliveries, next=found.next
        )

    async def replay(visit: Visit) -> Response:
        await visit.ask("deliveries.replay", delivery=visit.form.get("delivery", ""))
        return sent_to(f"/console/webhooks/{placed(visit, 'webhook')}?told=again")

    yield "GET", "/console/webhooks", show
    yield "POST", "/console/webhooks", end
    yield "GET", "/console/webhooks/{webhook}", sent
    yield "POST", "/console/webhooks/{webhook}", replay

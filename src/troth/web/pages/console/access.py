"""The keys of the service, and what operators did."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from troth.web.api.endpoint import PageQuery
from troth.web.pages.console.desk import Desk, param
from troth.web.pages.page import Answering, Visit, sent_to

SAID = {"revoked": "The key is revoked: within a second it opens nothing."}


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def keys(visit: Visit) -> Response:
        return desk.draw(visit, "keys.html", SAID, keys=(await visit.ask("keys.list")).keys)

    async def revoke(visit: Visit) -> Response:
        await visit.ask("keys.revoke", key=visit.form.get("number", ""))
        return sent_to("/console/keys?told=revoked")

    async def acts(visit: Visit) -> Response:
        found = await visit.ask("acts.list", query=PageQuery(cursor=param(visit, "cursor")))
        return desk.draw(visit, "acts.html", acts=found.acts, next=found.next)

    yield "GET", "/console/keys", keys
    yield "POST", "/console/keys", revoke
    yield "GET", "/console/acts", acts

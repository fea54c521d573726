"""What of the vault may be used for a purpose now, and why not the rest."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from troth.errors import RefusedError
from troth.operations.live.reached import Reached
from troth.types.vocabulary import PURPOSE_WORDS, PURPOSES
from troth.web.pages.console.desk import Desk, param
from troth.web.pages.console.figures import count, figure
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import Answering, Visit, sent_to
from troth.web.pages.pictures import Row, rows_picture


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        await visit.require("console.reach", CONSOLE)
        purpose = _purpose(param(visit, "purpose") or PURPOSES[0])
        found = await figure(visit, "reach", purpose, Reached, {"purpose": purpose})
        rows = [] if found.value is None else [
            Row(one.reason, one.records, "granted" if one.allow else "refused") for one in found.value.reasons
        ]  # fmt: skip
        return desk.draw(
            visit, "reach.html",
            found=found, purpose=purpose, purposes=PURPOSE_WORDS, picture=rows_picture(rows, "records"),
        )  # fmt: skip

    async def again(visit: Visit) -> Response:
        await visit.require("console.reach.count", CONSOLE)
        purpose = _purpose(visit.form.get("purpose", ""))
        await count(visit, "reach", purpose, {"purpose": purpose})
        return sent_to(f"/console/reach?purpose={purpose}")

    yield "GET", "/console/reach", show
    yield "POST", "/console/reach", again


def _purpose(name: str) -> str:
    if name not in PURPOSES:
        raise RefusedError("invalid", "there is no such purpose", remedy="choose one of the list")
    return name

"""Search by receipt: whether what somebody shows holds, whether it is of this ledger, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from troth.errors import RefusedError
from troth.operations.live.receipt_check import shown_receipt
from troth.web.pages.console.desk import Desk
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import Answering, Visit


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        await visit.require("console.receipt", CONSOLE)
        return desk.draw(visit, "receipt.html", found=None)

    async def check(visit: Visit) -> Response:
        await visit.require("console.receipt", CONSOLE)
        data = _data(visit)
        found = await visit.service.read(lambda workspace: shown_receipt(workspace, data))
        return desk.draw(visit, "receipt.html", found=found)

    yield "GET", "/console/receipt", show
    yield "POST", "/console/receipt", check


def _data(visit: Visit) -> bytes:
    """The file, or what was pasted: browsers send lines with two signs at the end, and a paste may lack the last one."""
    if visit.form.get("file"):
        return visit.form["file"].encode()
    text = visit.form.get("text", "").replace("\r\n", "\n").strip("\n")
    if not text:
        raise RefusedError("invalid", "there is no receipt", remedy="paste one, or choose a file")
    return f"{text}\n".encode()

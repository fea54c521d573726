"""What is held of a person: receipts and data to take along, requests with their deadlines, and erasing everything."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from troth.errors import RefusedError
from troth.types.moment import parse_moment
from troth.web.api.requests import RequestBody, RequestsQuery
from troth.web.api.talks import ReceiptQuery
from troth.web.api.work import ErasureBody, ExportBody
from troth.web.pages.page import HEADERS, Answering, Pages, Visit, day, sent_to

SURE = "erase"
WHY = "asked for by the person, in the privacy centre"
TOLD = {"request": "Your request was taken in. It stands below with the day by which it is to be answered."}


def routes(pages: Pages) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        found = await visit.ask("requests.list", query=RequestsQuery())
        return pages.draw(
            visit, "privacy/data.html",
            requests=[(one, day(parse_moment(one.due))) for one in found.requests], sure=SURE,
            key=secrets.token_hex(16), told=TOLD.get(visit.request.query_params.get("told", ""), ""),
        )  # fmt: skip

    async def receipt(visit: Visit) -> Response:
        talk = visit.request.query_params.get("conversation")
        data = await visit.ask(
            "receipts.show", query=ReceiptQuery(conversation=talk, lineage=talk is not None)
        )
        return _file(data, "troth.receipt", "text/plain; charset=utf-8")

    async def request(visit: Visit) -> Response:
        await visit.ask("requests.make", body=RequestBody(_kind(visit)))
        return sent_to("/privacy/data?told=request")

    async def export(visit: Visit) -> Response:
        job = await visit.ask("exports.make", body=ExportBody())
        return sent_to(f"/privacy/work/{job.id}")

    async def erase(visit: Visit) -> Response:
        if visit.form.get("sure", "").strip().lower() != SURE:
            raise RefusedError(
                "invalid",
                f"nothing was erased: the word {SURE!r} was not there",
                remedy="write it into the field",
            )
        talk = visit.form.get("conversation") or None
        job = await visit.ask("erasures.make", body=ErasureBody(WHY, conversation=talk))
        return sent_to(f"/privacy/work/{job.id}")

    async def work(visit: Visit) -> Response:
        return pages.draw(visit, "privacy/work.html", job=await visit.ask("jobs.show", job=_job(visit)))

    async def result(visit: Visit) -> Response:
        data = await visit.ask("jobs.result", job=_job(visit))
        return _file(data, "your-data.json", "application/json")

    async def check(visit: Visit) -> Response:
        return pages.draw(visit, "check.html")

    yield "GET", "/privacy/data", show
    yield "GET", "/privacy/receipt", receipt
    yield "POST", "/privacy/requests", request
    yield "POST", "/privacy/export", export
    yield "POST", "/privacy/erase", erase
    yield "GET", "/privacy/work/{job}", work
    yield "GET", "/privacy/work/{job}/result", result
    yield "GET", "/privacy/check", check


def _job(visit: Visit) -> str:
    return str(visit.request.path_params["job"])


def _kind(visit: Visit) -> Any:
    told = visit.form.get("kind", "")
    return told if told in ("access", "correct", "object") else "access"


def _file(data: bytes, name: str, media: str) -> Response:
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, headers=headers, media_type=media)

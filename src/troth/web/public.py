"""What everybody may read without credentials: terms, notices, the ledger, and what the service says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from troth.errors import RefusedError
from troth.ledger.published import CHECKPOINT, VKEYS
from troth.operations.workspace.opened import Workspace
from troth.types.moment import as_datetime
from troth.web.api.terms import notice_shown, notices_told, terms_told, version_shown
from troth.web.problems import KINDS, PREFIX

if TYPE_CHECKING:
    from troth.web.service import Service

_TILE = re.compile(
    r"tile/(?:[0-5]|entries)/(?:x\d{3}/)*\d{3}(?:\.p/\d{1,3})?\Z|checkpoints/(?:x\d{3}/)*\d{3}\Z"
)
_SHORT, _FOREVER = "public, max-age=5", "public, max-age=31536000, immutable"
JSON = "application/json"


def public_routes(app: FastAPI, service: Service, document: dict[str, Any]) -> None:
    """Add the addresses."""
    told = msgspec.json.encode(document)

    async def interface() -> Response:
        return _public(told, JSON)

    async def terms() -> Response:
        return _json(terms_told(service.live))

    async def version(version: str) -> Response:
        return _json(version_shown(service.live, version))

    async def notices() -> Response:
        return _json(notices_told(service.live, None, None))

    async def notice(digest: str) -> Response:
        return _json(notice_shown(service.live, digest))

    async def gpc() -> Response:
        newest = as_datetime(service.live.terms.newest.published).date().isoformat()
        return _json({"gpc": True, "lastUpdate": newest})

    async def problem(kind: str) -> Response:
        found = KINDS.get(kind)
        if found is None:
            raise RefusedError("not-found", "there is no such problem", remedy="see /openapi.json")
        form = {"type": PREFIX + kind, "title": found.title, "status": found.status, "meaning": found.meaning}
        return _json(form)

    async def ledger(request: Request) -> Response:
        return await _ledger(service, request.path_params["path"])

    routes: dict[str, Callable[..., Any]] = {
        "/openapi.json": interface,
        "/terms.json": terms,
        "/terms/{version}.json": version,
        "/notices.json": notices,
        "/notices/{digest}.json": notice,
        "/.well-known/gpc.json": gpc,
        "/problems/{kind}": problem,
        "/ledger/{path:path}": ledger,
    }
    for path, answer in routes.items():
        app.add_api_route(path, answer, methods=["GET"], include_in_schema=False)


async def _ledger(service: Service, path: str) -> Response:
    """A file of the ledger: the checkpoint and the log's keys change, tiles never do."""
    if path not in (CHECKPOINT, VKEYS) and not _TILE.match(path):
        raise _no_file()

    def read(workspace: Workspace) -> bytes | None:
        return workspace.storage.read(path)

    data = await service.read(read)
    if data is None:
        raise _no_file()
    text = path in (CHECKPOINT, VKEYS) or path.startswith("checkpoints/")
    media = "text/plain; charset=utf-8" if text else "application/octet-stream"
    return _public(data, media, _SHORT if text else _FOREVER)


def _json(form: Any) -> Response:
    return _public(msgspec.json.encode(form), JSON)


def _public(data: bytes, media: str, caching: str = _SHORT) -> Response:
    return Response(
        data, headers={"Content-Type": media, "Cache-Control": caching, "Access-Control-Allow-Origin": "*"}
    )


def _no_file() -> RefusedError:
    return RefusedError("not-found", "the ledger has no such file", remedy="begin with /ledger/checkpoint")

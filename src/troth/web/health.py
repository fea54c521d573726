"""Whether the service lives, whether it can be used, and its figures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from troth.errors import RefusedError, StoreError, TrothError
from troth.ledger.published import CHECKPOINT
from troth.operations.workspace.opened import Workspace
from troth.vault.keys.keyring import INDEX_SLOT
from troth.web.access.sessions import COOKIE
from troth.web.metrics import MEDIA_TYPE
from troth.web.tables.open import Tables

if TYPE_CHECKING:
    from troth.web.dispatch import Dispatch
    from troth.web.service import Service

PATIENCE = 5.0
"""Seconds within which store, ledger and keeper must answer."""


REFUSED = "other terms were refused, and those before are served: the log says why"


class Health(msgspec.Struct, frozen=True):
    """That the service lives, and whether the files of its terms are what is served."""

    status: str
    terms: str


class Ready(msgspec.Struct, frozen=True):
    """Each part: ``ok``, or what is wrong with it."""

    ready: bool
    store: str
    ledger: str
    keeper: str
    tables: str


def add(app: FastAPI, service: Service, dispatch: Dispatch) -> None:
    """Add the addresses."""

    async def health() -> Response:
        told = Health("ok", "ok" if service.live.terms_refused is None else REFUSED)
        return Response(msgspec.json.encode(told), media_type="application/json")

    async def ready() -> Response:
        told = await _ready(service)
        return Response(msgspec.json.encode(told), 200 if told.ready else 503, media_type="application/json")

    async def metrics(request: Request) -> Response:
        if COOKIE in request.cookies or not (await dispatch.credentials.caller(request)).is_operator:
            raise RefusedError("forbidden", "the figures are for operators' keys", remedy="use such a key")
        return Response(
            service.metrics.text(
                ledger_follows=service.live.trouble is None,
                terms_refused=service.live.terms_refused is not None,
            ),
            headers={"Content-Type": MEDIA_TYPE},
        )

    for path, answer in (("/health", health), ("/ready", ready), ("/metrics", metrics)):
        app.add_api_route(path, answer, methods=["GET"], include_in_schema=False)


async def _ready(service: Service) -> Ready:
    if service.stopping:
        return Ready(False, *["the service is stopping"] * 4)
    found = await asyncio.gather(
        _state(service.read(_store)),
        _state(service.read(_ledger)),
        _state(service.read(_keeper)),
        _state(service.table(_tables)),
    )
    store, ledger, keeper, tables = found
    if ledger == "ok" and service.live.trouble is not None:
        ledger = "it does not follow the store"
    return Ready(all(one == "ok" for one in (store, ledger, keeper, tables)), store, ledger, keeper, tables)


async def _state(asking: object) -> str:
    try:
        await asyncio.wait_for(asking, PATIENCE)  # type: ignore[arg-type]
    except (TrothError, TimeoutError):
        return "it does not answer"
    return "ok"


def _store(workspace: Workspace) -> None:
    if workspace.store.head() is None:
        raise StoreError("the ledger was never started", remedy="make the workspace again")


def _ledger(workspace: Workspace) -> None:
    if workspace.storage.read(CHECKPOINT) is None:
        raise StoreError("there is no checkpoint", remedy="call troth sequence")


def _keeper(workspace: Workspace) -> None:
    workspace.keyring.keys([INDEX_SLOT])


def _tables(tables: Tables) -> None:
    with tables.reading() as connection:
        connection.exec_driver_sql("SELECT 1")

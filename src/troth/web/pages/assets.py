"""The files that pages ask for: ours alone, named one by one, each with its digest as its tag."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from troth.ask.form import style_sheet
from troth.web.dispatch import Dispatch
from troth.web.guard import ROUTE
from troth.web.service import Service

STATIC = Path(__file__).parents[1] / "static"
_MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
COMPONENT = "troth-ask.js"
"""It is asked for by the pages of the product: any page may load it."""


def add_assets(app: FastAPI, service: Service, dispatch: Dispatch) -> None:  # noqa: ARG001 - the form of all pages
    """Add the addresses of the static files, and of the form's style sheet."""
    for file in sorted(STATIC.iterdir()):
        app.add_route(f"/static/{file.name}", _giving(file.read_bytes(), _MEDIA[file.suffix], file.name))
    sheet = style_sheet(service.settings.style).encode()
    app.add_route("/static/form.css", _giving(sheet, _MEDIA[".css"], "form.css"))


def _giving(data: bytes, media: str, name: str):  # type: ignore[no-untyped-def]
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"Content-Type": media, "Cache-Control": "public, max-age=300", "ETag": tag}
    if name == COMPONENT:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    async def give(request: Request) -> Response:
        request.scope[ROUTE] = f"/static/{name}"
        if request.headers.get("if-none-match") == tag:
            return Response(None, 304, headers)
        return Response(data, headers=headers)

    return give

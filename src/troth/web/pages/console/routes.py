"""The addresses of the console."""

from __future__ import annotations

from fastapi import FastAPI

from troth.web.dispatch import Dispatch
from troth.web.pages.console import (
    access,
    hooks,
    overview,
    reach,
    receipts,
    releases,
    requests,
    retention,
    terms,
    work,
)
from troth.web.pages.console.desk import desk_of
from troth.web.service import Service

UPLOADS = ("/console/simulate", "/console/receipt")
"""Addresses whose forms bring a file."""


def add_console(app: FastAPI, service: Service, dispatch: Dispatch) -> None:  # noqa: ARG001 - the form of all pages
    """Add the console."""
    desk = desk_of(service)
    parts = (overview, terms, reach, releases, retention, requests, receipts, access, hooks, work)
    for part in parts:
        for method, path, answer in part.routes(desk):
            handler = desk.pages.handler(path, answer, uploads=path in UPLOADS)
            app.add_route(path, handler, methods=[method])

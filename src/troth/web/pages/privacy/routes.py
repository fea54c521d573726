"""The addresses of the privacy centre."""

from __future__ import annotations

from fastapi import FastAPI

from troth.web.access.callers import PERSON
from troth.web.dispatch import Dispatch
from troth.web.pages.page import Pages, Shell
from troth.web.pages.privacy import asked, chosen, held, talks
from troth.web.service import Service

SHELL = Shell(
    "Your privacy",
    (
        ("Choices", "/privacy"),
        ("Conversations", "/privacy/conversations"),
        ("What was used", "/privacy/uses"),
        ("Your data", "/privacy/data"),
        ("Check a receipt", "/privacy/check"),
    ),
    "open these pages from the settings of the product that you use",
)


def add_privacy(app: FastAPI, service: Service, dispatch: Dispatch) -> None:  # noqa: ARG001 - the form of all pages
    """Add the privacy centre."""
    pages = Pages(service, SHELL, (PERSON,))
    routes = (
        *asked.routes(pages),
        *chosen.routes(pages),
        *talks.routes(pages),
        *held.routes(pages),
    )
    for method, path, answer in routes:
        app.add_route(path, pages.handler(path, answer), methods=[method])

"""What every page of the console has: the other pages that this operator may open, and what they may do on it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from troth.errors import RefusedError
from troth.web.access.callers import OPERATORS, Caller
from troth.web.access.rights import RIGHTS, Right
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import Pages, Shell, Visit
from troth.web.service import Service

ALL: Mapping[str, Right] = {**RIGHTS, **CONSOLE}
_PAGES = (
    ("Overview", "/console", "console.overview"),
    ("Terms", "/console/terms", "terms.list"),
    ("Reach", "/console/reach", "console.reach"),
    ("Releases", "/console/releases", "console.releases"),
    ("Retention", "/console/retention", "console.retention"),
    ("Requests", "/console/requests", "requests.list"),
    ("Receipt", "/console/receipt", "console.receipt"),
    ("Keys", "/console/keys", "keys.list"),
    ("Webhooks", "/console/webhooks", "webhooks.list"),
    ("Acts", "/console/acts", "acts.list"),
)
SHELL = Shell(
    "Console",
    tuple((name, address) for name, address, _ in _PAGES),
    "The console is for operators.",
    "/sign-in",
)
CLOSED = RefusedError(
    "closed",
    "the console is closed: service.toml says nothing of how operators sign in",
    remedy="add [oidc] to service.toml (docs/service.md)",
)


def offered(caller: Caller, act: str) -> bool:
    """Whether a link or a form is shown. What is sent all the same is checked, and logged, when it comes."""
    return caller.role in ALL[act].every or caller.role in ALL[act].own


@dataclass(frozen=True, slots=True)
class Desk:
    """Draws the pages of the console."""

    pages: Pages

    def draw(
        self, visit: Visit, template: str, said: Mapping[str, str] | None = None, **told: Any
    ) -> Response:
        """A page. ``said``: what each ``?told=`` of its address says when it comes back from a form."""
        caller = visit.caller
        name = visit.request.query_params.get("told", "")
        return self.pages.draw(
            visit, f"console/{template}", role=caller.role, may=lambda act: offered(caller, act),
            pages=[(name, address) for name, address, act in _PAGES if offered(caller, act)],
            told=(said or {}).get(name, ""), key=secrets.token_hex(16), **told,
        )  # fmt: skip


def desk_of(service: Service) -> Desk:
    """The console of a service: closed where it does not say how operators sign in."""
    closed = CLOSED if service.settings.oidc is None else None
    return Desk(Pages(service, SHELL, OPERATORS, closed))


def param(visit: Visit, name: str) -> str | None:
    """A parameter of the address; None where it is not there, or empty."""
    return visit.request.query_params.get(name) or None


def placed(visit: Visit, name: str) -> str:
    """A part of the address."""
    return str(visit.request.path_params[name])

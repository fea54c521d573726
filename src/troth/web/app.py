"""The application: routes, in front of them the guard, and the service that opens and closes with it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from troth import __version__
from troth.errors import TrothError
from troth.operations.workspace.opened import now
from troth.types.moment import Moment
from troth.web import health
from troth.web.api.interface import ENDPOINTS
from troth.web.dispatch import Dispatch
from troth.web.entering import Entering
from troth.web.guard import Guard, Receive, Scope, Send
from troth.web.metrics import Metrics
from troth.web.openapi import openapi
from troth.web.problems import problem_response, refused
from troth.web.public import public_routes
from troth.web.service import Service, open_service
from troth.web.settings import ServiceSettings

Pages = Callable[[FastAPI, Service, Dispatch], None]
"""Adds pages to an application whose service is open."""


class Application:
    """An ASGI application. The service opens with the server's lifespan, and closes after the last answer."""

    def __init__(
        self,
        folder: Path,
        settings: ServiceSettings,
        pages: tuple[Pages, ...] = (),
        clock: Callable[[], Moment] = now,
    ) -> None:
        self._folder, self._settings, self._pages, self._clock = folder, settings, pages, clock
        self.service: Service | None = None
        self.problem: TrothError | None = None
        """Why the workspace could not be opened; None where it could."""
        self.inner = FastAPI(
            title="Troth", version=__version__, openapi_url=None, docs_url=None, redoc_url=None,
            lifespan=self._lifespan, redirect_slashes=False,
        )  # fmt: skip
        self.inner.add_exception_handler(HTTPException, _not_routed)
        for sort in (TrothError, Exception):
            self.inner.add_exception_handler(sort, _failed)
        self._guard = Guard(self.inner, settings.origin, settings.allowed_origins, self._metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._guard(scope, receive, send)

    def look_at_terms(self) -> None:
        """Look at the files of the terms soon; nothing while the service is not open."""
        if self.service is not None:
            self.service.live.look_at_terms()

    def _metrics(self) -> Metrics | None:
        return None if self.service is None else self.service.metrics

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        with self._opened() as service:
            self.service = service
            dispatch = Dispatch(service)
            for endpoint in ENDPOINTS:
                # A plain route: reading, checking and writing are ours, and FastAPI's cost a third of a quick answer.
                app.add_route(_routed(endpoint.path), dispatch.route(endpoint), methods=[endpoint.method])
            health.add(app, service, dispatch)
            Entering(service).add(app)
            public_routes(app, service, openapi(ENDPOINTS))
            for add in self._pages:
                add(app, service, dispatch)
            try:
                yield
            finally:
                service.stopping = True
                self.service = None

    @contextmanager
    def _opened(self) -> Iterator[Service]:
        try:
            with open_service(self._folder, self._settings, self._clock) as service:
                yield service
        except TrothError as problem:
            self.problem = problem
            raise


def create_app(
    folder: Path,
    settings: ServiceSettings,
    pages: tuple[Pages, ...] = (),
    clock: Callable[[], Moment] = now,
) -> Application:
    """The application for the workspace in a folder. ``clock`` tells microseconds (UTC)."""
    return Application(folder, settings, pages, clock)


def _routed(path: str) -> str:
    """An address for the router. Ids of the product's own may hold a slash, which arrives as one, however it was sent."""
    return re.sub(r"\{(conversation|hold)\}", r"{\1:path}", path)


async def _failed(request: Request, problem: Exception) -> Response:
    """What went wrong, as a problem."""
    return problem_response(problem, request.scope["troth.request"])


async def _not_routed(request: Request, problem: Exception) -> Response:
    """What the routing refuses: no such address, or not with this method."""
    number = request.scope["troth.request"]
    if getattr(problem, "status_code", 0) != 405:
        return problem_response(refused("not-found", "there is no such address", "see /openapi.json"), number)
    response = problem_response(
        refused("method", "the address does not have this method", "see Allow"), number
    )
    response.headers["Allow"] = ", ".join(_methods(request))
    return response


def _methods(request: Request) -> list[str]:
    """The methods that this address has."""
    scope = dict(request.scope)
    fitting = [route for route in request.app.router.routes if route.matches(scope)[0] is not Match.NONE]
    return sorted({method for route in fitting for method in getattr(route, "methods", None) or ()})

"""One page: who may see it, what goes wrong on it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from troth.errors import RefusedError, TrothError
from troth.operations.live.access import access_act
from troth.types.moment import Moment, as_datetime, parse_moment
from troth.web.access.callers import Caller
from troth.web.access.rights import RIGHTS, Right
from troth.web.access.sessions import COOKIE, check_csrf, find_session
from troth.web.api.endpoint import Asked
from troth.web.api.interface import ENDPOINTS
from troth.web.dispatch import admit, count_request
from troth.web.entering import read_form
from troth.web.guard import ROUTE
from troth.web.pages.upload import read_upload
from troth.web.problems import problem_of, problem_response
from troth.web.service import Service

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What a page may load: what is ours."""
OF_PEOPLE = "people.pages"
"""The act of an operator who opens a page that is a person's, and is refused it."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    # Without a referrer a browser would send no origin with our own forms (Fetch, "append a request Origin").
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page of one kind."""

    place: str
    """What the pages are, in two words."""
    pages: tuple[tuple[str, str], ...]
    """The name and address of each."""
    enter: str
    """What somebody without a session is told."""
    sign_in: str = ""
    """Where they sign in, if these pages can send them there; the page that they wanted follows."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page by somebody who is signed in."""

    service: Service
    request: Request
    caller: Caller
    at: Moment
    form: Mapping[str, str]
    """The fields of a form that was sent; its token has been checked."""
    admitted: set[str] = field(default_factory=set)
    """What was looked up in the table of rights, and logged if it is an operator's: once a visit."""

    @property
    def account(self) -> str:
        """Whose pages these are. Raises `RefusedError` where it is nobody's."""
        if self.caller.account is None:
            raise RefusedError("forbidden", "these pages are a person's", remedy="sign in as a person")
        return self.caller.account

    async def ask(self, act: str, body: Any = None, query: Any = None, **path: str) -> Any:
        """What an endpoint answers: by the rights that hold over the interface, and logged like there."""
        await self.require(act)
        endpoint = _BY_ACT[act]
        told = endpoint.query() if query is None else query
        key = self.form.get("key")
        asked = Asked(
            self.service, self.caller, endpoint, path, told, body, self.request.headers, key, self.at
        )
        return (await endpoint.call(asked)).body

    async def require(self, act: str, rights: Mapping[str, Right] = RIGHTS) -> None:
        """Raise `RefusedError` unless they may; what an operator does, or is refused, is logged before it is done."""
        if act not in self.admitted:
            await admit(self.service, self.caller, act, rights)
            self.admitted.add(act)


_BY_ACT = {endpoint.act: endpoint for endpoint in ENDPOINTS}
Answering = Callable[[Visit], Awaitable[Response]]


class Pages:
    """Makes handlers out of functions that answer visits."""

    def __init__(
        self, service: Service, shell: Shell, roles: tuple[str, ...], closed: RefusedError | None = None
    ) -> None:
        """``closed`` says why nobody reaches these pages; None where they are open."""
        self._service, self._shell, self._roles, self._closed = service, shell, roles, closed

    def handler(
        self, path: str, answer: Answering, *, uploads: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """The handler of an address. What goes wrong is told on a page. ``uploads``: its forms bring files."""

        async def handle(request: Request) -> Response:
            request.scope[ROUTE] = path
            try:
                return await answer(await self._visit(request, uploads=uploads))
            except RefusedError as problem:
                if problem.kind == "unauthenticated":
                    return self._entrance(request)
                return self._failed(request, problem)
            except TrothError as problem:
                return self._failed(request, problem)

        handle.__name__ = path.strip("/").replace("/", "_") or "page"
        return handle

    def draw(self, visit: Visit, template: str, **told: Any) -> Response:
        """A page for a visit."""
        return self._drawn(template, 200, csrf=visit.caller.csrf, here=visit.request.url.path, **told)

    async def _visit(self, request: Request, *, uploads: bool) -> Visit:
        service = self._service
        if self._closed is not None:
            raise RefusedError(self._closed.kind, self._closed.what, remedy=self._closed.remedy)
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            raise RefusedError("unauthenticated", "you are not signed in", remedy=self._shell.enter)
        caller = await service.table(find_session, cookie, service.now())
        if caller.role not in self._roles:
            if caller.is_operator:
                await service.write([access_act(OF_PEOPLE, caller.who, caller.role, allowed=False)])
            raise RefusedError(
                "forbidden", f"these pages are not for the role {caller.role}", remedy=self._shell.enter
            )
        count_request(service, caller)
        form: Mapping[str, str] = {}
        if request.method == "POST":
            form = await (read_upload(request, service.settings.limits) if uploads else read_form(request))
            check_csrf(caller, form.get("csrf"), request.headers.get("origin"), service.settings.origin)
        return Visit(service, request, caller, service.now(), form)

    def _entrance(self, request: Request) -> Response:
        sign_in = self._shell.sign_in and f"{self._shell.sign_in}?back={quote(request.url.path)}"
        return self._drawn(
            "entrance.html", 401, here="", problem=None, enter=self._shell.enter, sign_in=sign_in
        )

    def _failed(self, request: Request, problem: TrothError) -> Response:
        """A page for what went wrong; status and log are those of the interface."""
        number = request.scope["troth.request"]
        plain, shown = problem_response(problem, number), problem_of(problem, number)
        told = {"title": shown.detail, "remedy": shown.remedy}
        return self._drawn("failed.html", plain.status_code, here="", failed=told)

    def _drawn(self, template: str, status: int, **told: Any) -> Response:
        shell = self._shell
        around: dict[str, Any] = {
            "place": shell.place,
            "pages": shell.pages,
            "told": "",
            "problem": None,
            "csrf": "",
        }
        page = environment().get_template(template).render(**{**around, **told})
        return Response(page, status, HEADERS, "text/html; charset=utf-8")


def sent_to(address: str) -> Response:
    """After a form: the page to look at, so that loading it again sends nothing again."""
    return Response(None, 303, {"Location": address, **HEADERS})


@cache
def environment() -> jinja2.Environment:
    """The templates. Everything that is put into one is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = day
    made.filters["minute"] = minute
    made.filters["when"] = lambda text: minute(parse_moment(text))
    made.filters["sentence"] = sentence
    made.filters["thousands"] = lambda number: f"{number:,}"
    return made


def sentence(text: str) -> str:
    """Words as a sentence of their own: with a capital letter at the beginning, and a full stop.

    >>> sentence("look at the list of releases")
    'Look at the list of releases.'
    """
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else ""


def minute(moment: Moment | None) -> str:
    """A moment (UTC) to the minute, in English; empty for none.

    >>> minute(1_759_881_600_000_000)
    '8 October 2025, 00:00 UTC'
    """
    return "" if moment is None else f"{day(moment)}, {as_datetime(moment):%H:%M} UTC"


def day(moment: Moment | None) -> str:
    """The day of a moment (UTC) in English; empty for none.

    >>> day(1_759_881_600_000_000)
    '8 October 2025'
    """
    if moment is None:
        return ""
    told = as_datetime(moment)
    return f"{told.day} {told:%B} {told.year}"

"""Every address outside of /v1: who is let in, role by role. An address that is not in a table here fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from consoles import ROLES, Operator, office
from web_worlds import World, acts_of

import troth.web
from troth.web.access.callers import PERSON, Caller
from troth.web.access.rights import RIGHTS
from troth.web.access.sessions import COOKIE, new_session
from troth.web.entering import SIGN_OUT
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import OF_PEOPLE
from waiting import awaited

STATIC = Path(troth.web.__file__).parent / "static"
ANYBODY = {
    "/health", "/ready", "/openapi.json", "/terms.json", "/terms/{version}.json", "/notices.json", "/notices/{digest}.json",
    "/.well-known/gpc.json", "/problems/{kind}", "/ledger/{path:path}", "/static/form.css",
    *(f"/static/{file.name}" for file in STATIC.iterdir()),
}  # fmt: skip
"""What is published, and whether the service lives."""
ENTRANCES = {
    ("GET", "/sign-in"),
    ("GET", "/sign-in/return"),
    ("POST", "/sign-out"),
    ("POST", "/enter"),
    ("GET", "/metrics"),
}
"""Where credentials are shown in a way of their own; each has tests of its own."""
PERSONS = {
    ("GET", "/ask"), ("POST", "/ask"), ("GET", "/privacy"), ("POST", "/privacy/choices"), ("GET", "/privacy/conversations"),
    ("POST", "/privacy/conversations"), ("GET", "/privacy/uses"), ("GET", "/privacy/data"), ("GET", "/privacy/receipt"),
    ("POST", "/privacy/requests"), ("POST", "/privacy/export"), ("POST", "/privacy/erase"), ("GET", "/privacy/work/{job}"),
    ("GET", "/privacy/work/{job}/result"), ("GET", "/privacy/check"),
}  # fmt: skip
"""Pages of one person about themselves."""
OPERATORS = {
    ("GET", "/console"): "console.overview",
    ("GET", "/console/terms"): "terms.list",
    ("GET", "/console/terms/{version}"): "terms.show",
    ("POST", "/console/simulate"): "simulations.make",
    ("GET", "/console/reach"): "console.reach",
    ("POST", "/console/reach"): "console.reach.count",
    ("GET", "/console/releases"): "console.releases",
    ("POST", "/console/releases"): "builds.make",
    ("GET", "/console/releases/{release}"): "console.releases",
    ("POST", "/console/releases/{release}/verify"): "verifications.make",
    ("GET", "/console/retention"): "console.retention",
    ("POST", "/console/retention/look"): "console.retention.look",
    ("POST", "/console/holds"): "holds.place",
    ("POST", "/console/holds/release"): "holds.release",
    ("GET", "/console/requests"): "requests.list",
    ("POST", "/console/requests"): "requests.close",
    ("GET", "/console/receipt"): "console.receipt",
    ("POST", "/console/receipt"): "console.receipt",
    ("GET", "/console/keys"): "keys.list",
    ("POST", "/console/keys"): "keys.revoke",
    ("GET", "/console/acts"): "acts.list",
    ("GET", "/console/webhooks"): "webhooks.list",
    ("POST", "/console/webhooks"): "webhooks.end",
    ("GET", "/console/webhooks/{webhook}"): "deliveries.list",
    ("POST", "/console/webhooks/{webhook}"): "deliveries.replay",
    ("GET", "/console/work/{job}"): "jobs.show",
}
"""Pages and forms of operators, and the act that each is."""
UPLOADS = ("/console/simulate", "/console/receipt")
FORM = {
    "terms": "x", "purpose-train.general": "1", "purpose": "train.general", "hold": "no-such-hold", "accounts": "nobody",
    "request": "none", "state": "answered", "text": "none", "number": "none", "webhook": "none", "delivery": "none",
}  # fmt: skip
"""What every form is sent: each finds in it what it needs, and nothing that is there."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with office(tmp_path_factory.mktemp("addresses"), furnished=False) as found:
        yield found


def session(shop: World, account: str) -> httpx.Client:
    """The browser of a person who entered."""
    service = shop.application.service
    assert service is not None
    made = new_session(service.tables, Caller(PERSON, "person:1", account, key="1"), service.now(), 1800)
    return httpx.Client(base_url=shop.address, cookies={COOKIE: made.cookie}, timeout=30)


@dataclass(frozen=True)
class Visitors:
    """Browsers of somebody without anything, of a person, and of an operator in each role."""

    nobody: httpx.Client
    ada: httpx.Client
    operators: Mapping[str, Operator]


@pytest.fixture(scope="module")
def visitors(shop: World) -> Iterator[Visitors]:
    with httpx.Client(base_url=shop.address) as nobody, session(shop, "ada") as ada:
        made = Visitors(nobody, ada, {role: Operator(shop, role) for role in ROLES})
        yield made
        for one in made.operators.values():
            one.client.close()


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "none", path)


def test_every_address_has_a_row_here(shop: World) -> None:
    there = {
        (method, route.path)
        for route in shop.application.inner.routes
        for method in (getattr(route, "methods", None) or {"GET"}) - {"HEAD"}
        if not route.path.startswith("/v1/")  # type: ignore[attr-defined]
    }
    assert there == {*(("GET", path) for path in ANYBODY), *ENTRANCES, *PERSONS, *OPERATORS}


@pytest.mark.parametrize("path", sorted(ANYBODY))
def test_what_is_published_needs_nothing_and_takes_nothing(visitors: Visitors, path: str) -> None:
    assert visitors.nobody.get(filled(path)).status_code in (200, 404)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert visitors.nobody.request(method, filled(path)).status_code == 405


@pytest.mark.parametrize(("method", "path"), sorted(PERSONS), ids=str)
def test_the_pages_of_a_person_open_for_a_person_alone(
    shop: World, visitors: Visitors, method: str, path: str
) -> None:
    by_key = {"Authorization": f"Bearer {shop.keys['owner'].text}"}  # a key is for no page
    for headers in ({}, {"Cookie": f"{COOKIE}=guess"}, by_key):
        assert visitors.nobody.request(method, filled(path), headers=headers).status_code == 401
    assert sent(visitors.operators["owner"], method, filled(path)).status_code == 403


@pytest.mark.parametrize(("method", "path"), sorted(OPERATORS), ids=str)
def test_the_console_opens_for_the_roles_that_may_and_for_nobody_else(
    visitors: Visitors, method: str, path: str
) -> None:
    right = {**RIGHTS, **CONSOLE}[OPERATORS[method, path]]
    assert visitors.nobody.request(method, filled(path)).status_code == 401
    assert visitors.ada.request(method, filled(path)).status_code == 403
    for role, operator in visitors.operators.items():
        answer = sent(operator, method, filled(path))
        if role in (*right.every, *right.own):
            assert answer.status_code in (200, 303, 404, 409, 422), f"{role}: {answer.text}"
        else:
            assert answer.status_code == 403, role


def sent(operator: Operator, method: str, address: str) -> httpx.Response:
    """What they are answered: for a page, or for a form that has everything but something that is there."""
    if method == "GET":
        return operator.get(address)
    return (operator.upload if address in UPLOADS else operator.send)(address, **FORM)


def test_whatever_is_done_there_or_refused_is_in_the_ledger(shop: World) -> None:
    wanted = set()
    for role in ROLES:
        operator = Operator(shop, role)
        for (method, path), act in OPERATORS.items():
            sent(operator, method, filled(path))
            right = {**RIGHTS, **CONSOLE}[act]
            wanted.add((f"operator:{role}", act, role in (*right.every, *right.own)))
        sent(operator, "GET", "/privacy")
        sent(operator, "POST", "/sign-out")
        operator.client.close()
        wanted |= {(f"operator:{role}", OF_PEOPLE, False), (f"operator:{role}", SIGN_OUT, True)}
    awaited(
        lambda: wanted - {(one["by"], one["act"], one["allowed"]) for one in acts_of(shop)},
        lambda missing: not missing,
    )


def test_a_page_about_somebody_else_s_work_is_as_if_it_were_not_there(
    shop: World, visitors: Visitors
) -> None:
    for account in ("ada", "ben"):
        shop.open_account(account)
    job = shop.as_("product").post("/v1/exports", json={"account": "ben"}).json()["id"]
    for path in ("/privacy/work/{}", "/privacy/work/{}/result"):
        pages = [visitors.ada.get(path.format(one)) for one in (job, "0" * 32)]
        assert [one.status_code for one in pages] == [404, 404]
        assert pages[0].text == pages[1].text

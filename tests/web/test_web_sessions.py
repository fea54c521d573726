"""Entering as a person: a token opens one session, which is nobody else's, in this browser, from a page that may."""

from __future__ import annotations

import httpx
import pytest
from browsers import Browser
from web_worlds import ORIGIN, World

from troth.web.access.oidc import local_path
from troth.web.access.sessions import COOKIE, find_session
from troth.web.keeping import opened_tables

PRODUCT = "https://product.example.org"


def enter(world: World, browser: Browser, token: str, origin: str = PRODUCT, **more: str) -> httpx.Response:
    return browser.post(f"{world.address}/enter", {"token": token, **more}, Origin=origin)


def csrf(world: World, browser: Browser) -> str:
    """The token that the forms of a browser's pages carry."""
    with opened_tables(world.folder) as (tables, _):
        caller = find_session(tables, browser.cookies[world.address][COOKIE], world.clock())
    assert caller.csrf is not None
    return caller.csrf


def test_a_token_opens_one_session_and_is_worth_nothing_after_that(world: World) -> None:
    token, browser = world.token("sven"), Browser()
    first = enter(world, browser, token)
    assert (first.status_code, first.headers["location"]) == (303, "/privacy")
    assert "Secure; HttpOnly; SameSite=Lax" in browser.marks[COOKIE]
    assert COOKIE.startswith("__Host-")
    again = enter(world, Browser(), token)
    assert (again.status_code, "used before" in again.json()["detail"]) == (401, True)
    mine = browser.get(f"{world.address}/v1/choices")
    assert mine.json()["account"] == "sven"


def test_a_session_reaches_its_own_person_alone(world: World) -> None:
    browser = Browser()
    enter(world, browser, world.token("sven"))
    assert browser.get(f"{world.address}/v1/choices?account=tess").status_code == 403
    assert browser.get(f"{world.address}/v1/holds").status_code == 403


def test_a_request_of_another_site_changes_nothing(world: World) -> None:
    browser = Browser()
    enter(world, browser, world.token("cecil"))
    body = {"choice": "improve_models", "value": "granted"}
    cookie = {"Cookie": f"{COOKIE}={browser.cookies[world.address][COOKIE]}"}
    right = csrf(world, browser)
    for headers in (
        {},
        {"Origin": "https://evil.example.org"},
        {"Origin": ORIGIN},
        {"Origin": "https://evil.example.org", "X-CSRF-Token": right},
        {"X-CSRF-Token": right},
        {"Origin": ORIGIN, "X-CSRF-Token": right[:-1]},
        {"Origin": "null", "X-CSRF-Token": right},
    ):
        answer = httpx.post(f"{world.address}/v1/choices", json=body, headers={**cookie, **headers})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/csrf")
    own = httpx.post(
        f"{world.address}/v1/choices", json=body, headers={**cookie, "Origin": ORIGIN, "X-CSRF-Token": right}
    )
    assert own.status_code == 201
    assert len(world.as_("product").get("/v1/choices/history?account=cecil").json()["choices"]) == 1


def test_a_page_of_nobody_we_know_signs_nobody_in(world: World) -> None:
    for origin in (
        "https://evil.example.org",
        "null",
        f"{PRODUCT}.evil.example.org",
        PRODUCT.replace("https", "http"),
    ):
        assert enter(world, Browser(), world.token("sven"), origin).status_code == 403
    assert httpx.post(f"{world.address}/enter", data={"token": world.token("sven")}).status_code == 403


def test_a_session_that_was_put_upon_somebody_is_not_the_one_they_get(world: World) -> None:
    victim = Browser()
    victim.cookies[world.address] = {COOKIE: "chosen-by-the-attacker"}
    enter(world, victim, world.token("vera"))
    assert victim.cookies[world.address][COOKIE] != "chosen-by-the-attacker"
    known = Browser()
    enter(world, known, world.token("mallory"))
    planted = known.cookies[world.address][COOKIE]
    victim.cookies[world.address] = {COOKIE: planted}
    enter(world, victim, world.token("vera"))
    assert victim.cookies[world.address][COOKIE] != planted
    known.cookies[world.address] = {COOKIE: planted}
    assert known.get(f"{world.address}/v1/choices").status_code == 401


def test_signing_out_ends_the_session_and_needs_the_form_of_the_page(world: World) -> None:
    browser = Browser()
    enter(world, browser, world.token("otto"))
    cookie = browser.cookies[world.address][COOKIE]
    assert browser.post(f"{world.address}/sign-out", {"csrf": "guess"}, Origin=ORIGIN).status_code == 403
    assert (
        browser.post(f"{world.address}/sign-out", {"csrf": csrf(world, browser)}, Origin=ORIGIN).status_code
        == 303
    )
    browser.cookies[world.address] = {COOKIE: cookie}
    assert browser.get(f"{world.address}/v1/choices").status_code == 401


ELSEWHERE = [
    "https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "\\\\evil", "javascript:alert(1)", "", "privacy",
    "/a b", "/\tb", "/é", "/" + "a" * 2_000, "http:/evil", "/x\r\nSet-Cookie: a=b",
]  # fmt: skip


@pytest.mark.parametrize("back", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_signing_in(world: World, back: str) -> None:
    assert local_path(back) == "/console"
    answer = enter(world, Browser(), world.token("sven"), back=back)
    assert answer.headers["location"] == "/privacy"
    assert "a=b" not in str(answer.headers)


def test_one_s_own_pages_are_come_back_to(world: World) -> None:
    answer = enter(world, Browser(), world.token("sven"), back="/privacy/conversations?page=2")
    assert answer.headers["location"] == "/privacy/conversations?page=2"


def test_without_a_provider_the_console_is_closed_and_says_why(world: World) -> None:
    answer = httpx.get(f"{world.address}/sign-in")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/closed")
    assert "[oidc]" in answer.json()["remedy"]

"""The privacy centre over HTTP: a person sees and changes what is theirs, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from web_worlds import ORIGIN, World

from troth.web.access.callers import Caller
from troth.web.access.sessions import COOKIE, new_session

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
PAGES = ("/privacy", "/privacy/conversations", "/privacy/uses", "/privacy/data", "/privacy/check")


class Visitor:
    """A person's browser, as far as HTTP goes: a cookie, and the forms of the pages."""

    def __init__(self, world: World, account: str, role: str = "person") -> None:
        service = world.application.service
        assert service is not None
        caller = Caller(role, f"{role}:1", account if role == "person" else None, key="1")
        made = new_session(service.tables, caller, service.now(), 1800)
        self.csrf = made.csrf
        self.client = httpx.Client(base_url=world.address, cookies={COOKIE: made.cookie}, timeout=30)

    def see(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def send(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **form}, headers={"Origin": ORIGIN})


@pytest.fixture
def ada(world: World) -> Iterator[Visitor]:
    world.open_account("ada-of-pages")
    world.talk("ada-of-pages", "pears-of-ada")
    world.talk("ada-of-pages", f"talk {HOSTILE}")
    visitor = Visitor(world, "ada-of-pages")
    yield visitor
    visitor.client.close()


def told(world: World, account: str, path: str) -> httpx.Response:
    return world.as_("product").get(path, params={"account": account})


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_there_is_an_entrance_and_nothing_else(world: World, path: str) -> None:
    answer = httpx.get(world.address + path)
    assert answer.status_code == 401
    assert "You are not signed in" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(ada: Visitor, path: str) -> None:
    answer = ada.client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=\"/static/)", answer.text)
    assert not re.search(r"\son\w+=|style=|https?://", answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_what_somebody_else_wrote_is_text_on_every_page(ada: Visitor) -> None:
    for path in ("/privacy", "/privacy/conversations", "/privacy/uses?conversation=" + HOSTILE):
        answer = ada.client.get(path)
        assert "<script>alert" not in answer.text
    assert HOSTILE in ada.see("/privacy/conversations")


def test_a_yes_and_a_no_take_one_click_each_and_are_said_at_once(world: World, ada: Visitor) -> None:
    for value, state, said in (
        ("granted", "On", "You said yes"),
        ("refused", "Off", "You took your yes back"),
    ):
        answer = ada.send("/privacy/choices", choice="improve_models", value=value)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/privacy?told={value}")
        page = words(ada.see("/privacy"))
        assert said in page
        assert f" {state} What would a change do?" in page
    history = told(world, "ada-of-pages", "/v1/choices/history").json()["choices"]
    assert [(one["value"], one["mechanism"]) for one in history[:2]] == [
        ("refused", "settings"),
        ("granted", "settings"),
    ]


def test_what_is_neither_yes_nor_no_is_recorded_as_a_no(world: World, ada: Visitor) -> None:
    ada.send("/privacy/choices", choice="improve_models", value="whatever")
    assert told(world, "ada-of-pages", "/v1/choices").json()["choices"][0]["state"] in (
        "refused",
        "withdrawn",
    )


def test_a_preview_counts_what_a_change_would_do_and_changes_nothing(world: World, ada: Visitor) -> None:
    ada.send("/privacy/choices", choice="improve_models", value="granted")
    world.talk("ada-of-pages", "said-after-the-yes", at=world.at())
    page = words(ada.see("/privacy?preview=improve_models"))
    assert "1 may be used today, and 0 afterwards" in page
    assert told(world, "ada-of-pages", "/v1/choices").json()["choices"][0]["state"] == "granted"


def test_one_conversation_is_kept_out_and_the_no_is_lifted_again(ada: Visitor) -> None:
    ada.send("/privacy/conversations", conversation="pears-of-ada", do="refuse")
    assert "Lift the no for it" in ada.see("/privacy/conversations")
    ada.send("/privacy/conversations", conversation="pears-of-ada", do="lift")
    assert "Lift the no for it" not in ada.see("/privacy/conversations")


def test_nobody_reaches_a_conversation_of_somebody_else(world: World, ada: Visitor) -> None:
    world.open_account("ben-of-pages")
    world.talk("ben-of-pages", "of-ben-alone")
    for talk in ("of-ben-alone", "of-nobody"):
        answers = [
            ada.send("/privacy/conversations", conversation=talk, do=do) for do in ("delete", "refuse")
        ] + [
            ada.client.get("/privacy/uses", params={"conversation": talk}),
            ada.client.get("/privacy/receipt", params={"conversation": talk}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
    pages = {
        ada.client.get("/privacy/uses", params={"conversation": talk}).text.replace(talk, "")
        for talk in ("of-ben-alone", "of-nobody")
    }
    assert len(pages) == 1, "the page tells a conversation of somebody else from one that is not there"
    assert (
        told(world, "ben-of-pages", "/v1/conversations").json()["conversations"][0]["conversation"]
        == "of-ben-alone"
    )


@pytest.mark.parametrize(
    ("origin", "csrf"), [("https://evil.example", None), (None, None), (ORIGIN, "wrong"), (ORIGIN, "")]
)
def test_a_form_of_another_page_changes_nothing(
    world: World, ada: Visitor, origin: str | None, csrf: str | None
) -> None:
    before = told(world, "ada-of-pages", "/v1/choices/history").json()
    form = {"csrf": ada.csrf if csrf is None else csrf, "choice": "improve_models", "value": "granted"}
    headers = {} if origin is None else {"Origin": origin}
    answer = ada.client.post("/privacy/choices", data=form, headers=headers)
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert told(world, "ada-of-pages", "/v1/choices/history").json() == before


def test_everything_is_erased_only_where_the_word_is_there(ada: Visitor) -> None:
    answer = ada.send("/privacy/erase", sure="yes")
    assert answer.status_code == 422
    assert "Nothing was erased" in answer.text


def test_an_operator_does_not_see_the_pages_of_people(world: World) -> None:
    owner = Visitor(world, "", "owner")
    with owner.client:
        assert [owner.client.get(path).status_code for path in PAGES] == [403] * len(PAGES)


def test_a_receipt_is_a_file_and_no_page(ada: Visitor) -> None:
    ada.send("/privacy/choices", choice="improve_models", value="refused")
    answer = ada.client.get("/privacy/receipt")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.text.startswith('troth receipt 1\nabout account "ada-of-pages"')


def test_every_static_file_has_a_tag_and_only_named_files_are_given(world: World) -> None:
    for name in ("pages.css", "troth-ask.js", "receipt.js", "check.js", "form.css"):
        answer = httpx.get(f"{world.address}/static/{name}")
        assert answer.status_code == 200
        again = httpx.get(f"{world.address}/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    for path in ("/static/", "/static/../settings.py", "/static/%2e%2e/app.py", "/static/nothing.js"):
        assert httpx.get(world.address + path).status_code == 404


def test_the_component_is_small_and_may_be_loaded_by_the_product(world: World) -> None:
    answer = httpx.get(f"{world.address}/static/troth-ask.js")
    assert len(answer.content) < 15_000
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"

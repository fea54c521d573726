"""The question without JavaScript: a page of plain HTML between the product's settings and the privacy centre."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from browsers import Browser as Client
from chromium import Shop, opened_shop, violations
from playwright.sync_api import Browser, Page

from troth.types.moment import parse_moment

BEFORE = parse_moment("2025-09-10T12:00:00Z")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened_shop(tmp_path_factory.mktemp("plain")) as found:
        found.world.stands_on(BEFORE)
        yield found


@pytest.fixture
def page(shop: Shop, browser: Browser) -> Iterator[Page]:
    made = shop.page(browser, 320, java_script_enabled=False)
    yield made
    made.context.close()


def enter(shop: Shop, page: Page, account: str, back: str) -> None:
    """The person presses the product's own button."""
    shop.document[0] = f"""<!doctype html><html lang="en"><title>Chat</title><h1>Chat</h1>
<form method="post" action="{shop.service}/enter"><input type="hidden" name="token" value="{shop.world.token(account)}">
<input type="hidden" name="back" value="{back}"><button>Choose</button></form></html>""".encode()
    page.goto(shop.product)
    page.click("text=Choose")


def test_without_javascript_the_same_is_asked_answered_recorded_and_one_is_brought_back(
    shop: Shop, page: Page
) -> None:
    shop.world.open_account("plain")
    enter(shop, page, "plain", f"/ask?locale=de&amp;return={quote(shop.product)}/after")
    asked = shop.world.ask("plain", locale="de")
    words = asked["notice"]["words"]
    assert page.inner_text("h1") == words["title"]
    assert "28. September 2025" in page.inner_text("form > p")
    text = page.inner_text("main")
    assert all(
        words[name] in text for name in ("what", "kept_yes", "kept_no", "deletion", "trained", "settings")
    )
    boxes = [one.bounding_box() for one in page.locator(".answer").all()]
    assert (boxes[0]["width"], boxes[0]["height"]) == (boxes[1]["width"], boxes[1]["height"])  # type: ignore[index]
    labels = [one.inner_text() for one in page.locator(".answer").all()]
    order = ["yes", "no"] if asked["layout"]["order"] == "yes-first" else ["no", "yes"]
    assert labels == [words[name] for name in order]
    page.click(f"text={words['no']}")
    page.wait_for_url(f"{shop.product}/after")
    (made,) = shop.history("plain")
    assert (made["value"], made["locale"], made["notice_digest"]) == (
        "refused",
        "de",
        asked["notice"]["digest"],
    )
    assert made["layout_digest"] not in ("", asked["layout"]["digest"]), (
        "the form is another layout than the component"
    )
    assert parse_moment(made["shown_at"]) <= parse_moment(made["at"])
    enter(shop, page, "plain", "/ask")
    assert page.url == f"{shop.service}/privacy", "whoever has answered is asked nothing"


def test_giving_and_taking_back_are_one_click_each(shop: Shop, browser: Browser) -> None:
    page = shop.page(browser)  # with JavaScript, for axe
    shop.world.open_account("clicks")
    enter(shop, page, "clicks", "/ask")
    assert violations(page) == []
    page.click("button[value=granted]")
    page.wait_for_url("**/privacy?told=granted")
    page.click("button[role=switch]")
    page.wait_for_url("**/privacy?told=refused")
    # The clock of this shop stands still, so that the order of the two is not told by their stamps.
    assert sorted(one["value"] for one in shop.history("clicks")) == ["granted", "refused"]
    page.context.close()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "https://evil.example\\@127.0.0.1/",
        "\t//evil.example",
    ],
)
def test_nobody_is_brought_to_a_place_that_may_not_embed_the_service(shop: Shop, elsewhere: str) -> None:
    account = f"astray-{elsewhere.encode().hex()}"
    shop.world.open_account(account)
    client = Client()
    answer = client.post(
        f"{shop.service}/enter",
        {"token": shop.world.token(account), "back": f"/ask?return={quote(elsewhere)}"},
        Origin=shop.product,
    )
    page = client.follow(answer)
    assert page.status_code == 200
    assert "evil" not in page.headers["content-security-policy"]
    assert "evil" not in unescape(page.text)
    sent = client.submit(page, value="refused", **{"return": elsewhere})
    assert sent.status_code == 403, "without an origin it is no form of ours"
    client.address = f"{shop.service}/ask"
    hidden = page.text.split('name="csrf" value="')[1].split('"')[0]
    sent = client.post(
        f"{shop.service}/ask",
        {"csrf": hidden, "choice": "improve_models", "value": "refused", "return": elsewhere},
        Origin=shop.service,
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/privacy?told=refused")


@pytest.mark.parametrize(
    "changed",
    [{"value": "maybe"}, {"value": ""}, {"choice": "sell_everything"}, {"layout_digest": f"sha256:{'0' * 64}"},
     {"account": "somebody-else"}, {"mechanism": "import"}, {"initial_state": "on", "csrf": "wrong"}],
)  # fmt: skip
def test_a_form_that_was_tampered_with_records_nothing(shop: Shop, changed: dict[str, str]) -> None:
    account = f"tampered-{sorted(changed)}"
    shop.world.open_account(account)
    client = Client()
    answer = client.post(
        f"{shop.service}/enter", {"token": shop.world.token(account), "back": "/ask"}, Origin=shop.product
    )
    page = client.follow(answer)
    hidden = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": hidden, "choice": "improve_models", "value": "granted", **changed}
    sent = client.post(f"{shop.service}/ask", form, Origin=shop.service)
    assert sent.status_code in (403, 422)
    assert shop.history(account) == []


def test_going_back_and_answering_otherwise_is_a_new_answer_and_sending_again_is_none(shop: Shop) -> None:
    shop.world.open_account("twice")
    client = Client()
    entered = client.post(
        f"{shop.service}/enter", {"token": shop.world.token("twice"), "back": "/ask"}, Origin=shop.product
    )
    page = client.follow(entered)
    for value in ("granted", "granted", "refused"):
        client.address = f"{shop.service}/ask"
        fields = dict(
            part.split('"')[0::2][:2] for part in page.text.split('<input type="hidden" name="')[1:]
        )
        answer = client.post(f"{shop.service}/ask", {**fields, "value": value}, Origin=shop.service)
        assert answer.status_code == 303, answer.text
    assert sorted(one["value"] for one in shop.history("twice")) == ["granted", "refused"]

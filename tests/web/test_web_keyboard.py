"""Every flow of a person with the keyboard alone, from its beginning to its end, and as many presses to give as to take back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from chromium import Shop, opened_shop, tab_to, until
from playwright.sync_api import Browser, Page
from renewed import renewed_terms

import troth.terms
from troth.operations.workspace.ingest import ingest
from troth.types.moment import parse_moment

TERMS = Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer"
SAID_YES, AT = parse_moment("2025-10-20T12:00:00Z"), parse_moment("2025-12-01T12:00:00Z")
STAGES = ("existing", "signup", "renewal")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Terms were renewed in substance: whoever said yes before is asked again."""
    folder = tmp_path_factory.mktemp("keyboard")
    terms = Path(copytree(TERMS, folder / "terms"))
    renewed_terms(terms)
    with opened_shop(folder, terms=str(terms)) as found:
        found.world.stands_on(SAID_YES)
        for stage in STAGES:
            for way in ("escape", "yes", "no"):
                if stage != "signup":
                    found.world.open_account(f"{stage}-{way}", age="adult")
                if stage == "renewal":
                    found.world.choose(f"{stage}-{way}", "granted").raise_for_status()
        found.world.clock.stands_at = AT
        yield found
        assert found.problems == []


@pytest.fixture
def page(shop: Shop, browser: Browser) -> Iterator[Page]:
    made = shop.page(browser)
    yield made
    made.context.close()


def newest(shop: Shop, account: str) -> str:
    return str(shop.history(account)[0]["value"])


@pytest.mark.parametrize("stage", STAGES)
def test_escape_defers_in_every_stage_and_never_consents(shop: Shop, page: Page, stage: str) -> None:
    account = f"{stage}-escape"
    assert shop.world.ask(account)["stage"] == stage
    shop.asked(page, account)
    page.keyboard.press("Escape")
    until(page, "window.told.length === 1")
    assert page.evaluate("window.told[0][1].value") == "deferred"
    assert newest(shop, account) == "deferred"
    assert page.evaluate("document.activeElement.id") == "own", "the focus returns to where it was"


@pytest.mark.parametrize("stage", STAGES)
def test_a_yes_takes_one_press_in_every_stage_and_taking_it_back_one_more(
    shop: Shop, page: Page, stage: str
) -> None:
    account = f"{stage}-yes"
    shop.asked(page, account)
    tab_to(page, "[data-answer=yes]")
    page.keyboard.press("Enter")
    page.wait_for_selector("troth-ask [role=status]")
    assert newest(shop, account) == "granted"
    page.keyboard.press("Enter")  # the focus is on the button that closes
    until(page, "document.activeElement.id === 'own'")
    to_privacy(shop, page, account)
    tab_to(page, "button[role=switch]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/privacy?told=refused")
    stands = shop.world.as_("product").get("/v1/choices", params={"account": account}).json()
    assert stands["choices"][0]["state"] in ("withdrawn", "refused")


@pytest.mark.parametrize("stage", STAGES)
def test_a_no_takes_one_press_in_every_stage_and_ends_the_question(
    shop: Shop, page: Page, stage: str
) -> None:
    account = f"{stage}-no"
    shop.asked(page, account)
    tab_to(page, "[data-answer=no]")
    page.keyboard.press("Space")
    page.wait_for_selector("troth-ask [role=status]")
    page.keyboard.press("Escape")
    until(page, "document.activeElement.id === 'own'")
    assert newest(shop, account) == "refused"
    if stage != "signup":
        assert shop.world.ask(account)["why"] == "answered"


@pytest.mark.parametrize("value", ["granted", "refused", "deferred"])
def test_the_question_without_javascript_is_answered_with_the_keyboard(
    shop: Shop, browser: Browser, value: str
) -> None:
    account = f"plain-{value}"
    shop.world.open_account(account, age="adult")
    page = shop.page(browser, java_script_enabled=False)
    enter(shop, page, account, "/ask")
    for _ in range(4):  # what stands before the answers is words
        page.keyboard.press("Tab")
        if page.locator(f"button[value={value}]:focus").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/privacy**")
    assert newest(shop, account) == value
    page.context.close()


def test_a_person_keeps_out_deletes_takes_along_and_erases_with_the_keyboard(
    shop: Shop, page: Page, tmp_path: Path
) -> None:
    shop.world.open_account("nina", age="adult")
    told = [{"role": "user", "content": "Of pears.", "timestamp": "2025-11-20T10:00:00Z"}]
    for talk in ("one", "two"):
        shop.world.talk("nina", talk)
        (tmp_path / f"{talk}.jsonl").write_text(
            json.dumps({"conversation_id": talk, "account": "nina", "messages": told}) + "\n",
            encoding="utf-8",
        )
    ingest(shop.world.folder, (str(tmp_path / "*.jsonl"),))
    to_privacy(shop, page, "nina")
    press(page, "a[href='/privacy/conversations']", "**/privacy/conversations")
    press(page, "button[value=refuse]", "**/privacy/conversations?told=refused")
    press(page, "button[value=lift]", "**/privacy/conversations?told=granted")
    press(page, "button[value=delete]", "**/privacy/conversations?told=deleted")
    press(page, "a[href='/privacy/data']", "**/privacy/data")
    press(page, "form[action='/privacy/export'] button", "**/privacy/work/*")
    page.wait_for_selector("a.button.main")
    with page.expect_download() as download:
        tab_to(page, "a.button.main")
        page.keyboard.press("Enter")
    assert json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["records"]
    press(page, "a[href='/privacy/data']", "**/privacy/data")
    tab_to(page, "#sure")
    page.keyboard.type("erase")
    press(page, "button.danger", "**/privacy/work/*")
    until(page, "document.querySelector('[data-again]') === null")
    assert page.inner_text("h1") == "Erasing"
    assert "Done." in page.inner_text("main")


def test_what_is_under_way_has_a_link_where_no_script_looks_again(shop: Shop, browser: Browser) -> None:
    shop.world.open_account("olga", age="adult")
    page = shop.page(browser, java_script_enabled=False)
    enter(shop, page, "olga", "/privacy/data")
    page.click("text=Make a copy of my data")
    page.wait_for_url("**/privacy/work/*")
    assert page.locator("meta[http-equiv]").count() == 0
    for _ in range(100):
        again = page.locator("text=Look again")
        if not again.count():
            break
        again.click()
        page.wait_for_timeout(50)
    assert page.locator("a.button.main").count() == 1
    page.context.close()


def press(page: Page, what: str, address: str) -> None:
    tab_to(page, what)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def to_privacy(shop: Shop, page: Page, account: str) -> None:
    enter(shop, page, account, "/privacy")


def enter(shop: Shop, page: Page, account: str, back: str) -> None:
    """The person presses the product's own button."""
    shop.document[0] = f"""<!doctype html><html lang="en"><title>Chat</title><h1>Chat</h1>
<form method="post" action="{shop.service}/enter"><input type="hidden" name="token" value="{shop.world.token(account)}">
<input type="hidden" name="back" value="{back}"><button>Choose</button></form></html>""".encode()
    page.goto(shop.product)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{back}")

"""The console in a real browser: what it waits for appears by itself, and the keyboard reaches everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from chromium import started_chromium, tab_to
from consoles import Operator, office
from playwright.sync_api import Browser, Page
from web_worlds import World

from troth.web.access.sessions import COOKIE
from waiting import PATIENCE


@dataclass
class Screen:
    """A browser in front of a furnished console."""

    browser: Browser
    world: World
    owner: Operator
    problems: list[str]

    def page(self, width: int, scheme: str) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        cookie = {
            "name": COOKIE,
            "value": self.owner.cookie,
            "url": self.world.address.replace("http:", "https:"),
            "secure": True,
        }
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        page.on("console", lambda told: self.problems.append(told.text))
        return page


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with office(tmp_path_factory.mktemp("screen"), releases=("one",)) as world, started_chromium() as browser:
        owner = Operator(world, "owner")
        world.as_("privacy").post(
            "/v1/requests", json={"kind": "access", "account": "ada"}
        ).raise_for_status()
        yield Screen(browser, world, owner, [])
        owner.client.close()


def test_what_a_page_waits_for_appears_by_itself(screen: Screen) -> None:
    page = screen.page(1280, "light")
    page.goto(f"{screen.world.address}/console")
    page.wait_for_selector("svg[aria-label*='Yes 2']")
    assert page.url.endswith("/console")
    page.context.close()


def test_a_release_is_verified_with_the_keyboard_alone(screen: Screen) -> None:
    page = screen.page(768, "dark")
    page.goto(f"{screen.world.address}/console/releases")
    tab_to(page, "table a")
    page.keyboard.press("Enter")
    page.wait_for_selector("button.main")
    tab_to(page, "button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector("ol.steps")
    assert "Signer not established" in page.inner_text("main")
    assert not screen.problems
    page.context.close()

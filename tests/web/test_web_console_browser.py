"""The console in a real browser: no violation of WCAG 2.2 at any width, and what it waits for appears by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from chromium import started_chromium, violations
from consoles import Operator, office
from playwright.sync_api import Browser, Page
from web_worlds import World

from troth.web.access.sessions import COOKIE

VIEWS = ((320, "dark"), (768, "light"), (1280, "dark"), (320, "light"))
PAGES = (
    "/console", "/console/terms", "/console/terms/2025-09-27", "/console/reach", "/console/releases", "release",
    "/console/retention", "/console/requests", "/console/receipt", "/console/keys", "/console/webhooks", "/console/acts",
)  # fmt: skip


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
        page.set_default_timeout(8_000)
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


@pytest.mark.parametrize("place", range(len(PAGES)), ids=PAGES)
def test_a_page_can_be_read_by_everybody_and_fits_its_screen(screen: Screen, place: int) -> None:
    path = PAGES[place]
    if path == "release":
        found = re.search(r"/console/releases/sha256[^\"]+", screen.owner.see("/console/releases"))
        assert found is not None
        path = found[0]
    page = screen.page(*VIEWS[place % len(VIEWS)])
    page.goto(screen.world.address + path)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not screen.problems
    page.context.close()


def test_a_release_is_verified_with_the_keyboard_alone(screen: Screen) -> None:
    page = screen.page(768, "dark")
    page.goto(f"{screen.world.address}/console/releases")
    page.focus("table a")
    page.keyboard.press("Enter")
    page.wait_for_selector("button.main")
    page.focus("button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector("ol.steps")
    assert "Signer not established" in page.inner_text("main")
    assert not screen.problems
    page.context.close()

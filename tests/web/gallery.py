"""Every page that people and operators see, of one workspace whose data, names and time are always the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
from chromium import free_port, served_page, until
from consoles import OIDC, PURPOSE, Operator, furnish
from pictures import VIEWS, shown
from playwright.sync_api import Browser, BrowserContext, Page
from renewed import renewed_terms
from web_worlds import LOOSE, Clock, World, make_keys, running, settings_of

import troth.terms
from troth.operations.terms_publish import publish_terms
from troth.operations.workspace.opened import now
from troth.types.moment import DAY, as_datetime, parse_moment
from troth.web.access.callers import Caller
from troth.web.access.sessions import COOKIE, new_session
from troth.web.app import create_app
from troth.web.pages.every import EVERY
from troth.web.pages.page import day
from troth.web.settings import read_service_settings
from waiting import PATIENCE

AT = parse_moment("2025-12-01T12:00:00Z")
TERMS = Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer"
LOCALES = ("en", "de", "fr", "es", "ja", "ar")
PICTURED = ("en", "de", "ar", "ja")
STAGES = {"existing": "dora", "signup": "somebody-new", "renewal": "ada"}
"""Of each stage of the question, somebody who is asked it."""
ERIC = "eric"


ROWS = 6
"""So many rows of each table are looked at, the others are like them; of what operators did the first, since looking adds one."""
_STEADY = r"""(days) => {
  const hex = "0123456789abcdef".repeat(8), plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const steady = (text) => days.reduce((told, day) => told
      .replace(new RegExp(`${day}, \\d\\d:\\d\\d`, "g"), "1 December 2025, 12:00").replaceAll(day, "1 December 2025"), text)
    .replace(/[A-Za-z0-9+/]{43}=/g, plain.slice(0, 43) + "=")
    .replace(/[0-9a-f]{10,}/g, (one) => hex.slice(0, one.length))
    .replace(/(troth_|key:)[a-z0-9]{10}/g, "$1a2b3c4d5e6");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) walk.currentNode.data = steady(walk.currentNode.data);
  for (const one of document.querySelectorAll("#ledger .figure, [data-name=Entry]")) one.textContent = "40";
  const acts = location.pathname === "/console/acts";
  for (const one of document.querySelectorAll("tbody"))
    [...one.rows].slice(...(acts ? [0, -ROWS] : [ROWS])).forEach((row) => row.remove());
}""".replace("ROWS", str(ROWS))
"""What is made by chance, by the day of the test or by who looked before is written over, with something as long."""


@dataclass(frozen=True)
class Scene:
    """Something that is looked at."""

    name: str
    address: str = ""
    """Of a page of the service; empty for the question, which stands on a page of the product."""
    who: str = ""
    """Whose session shows it: an account, or ``owner``."""
    locale: str = "en"
    pictured: bool = True
    """Whether a golden picture of it is kept."""
    ruled: bool = True
    """Whether it is held against the rules: not where another stage says all but one sentence of it in the same language."""


@dataclass
class Gallery:
    """A workspace that is served, a product beside it, and a browser."""

    world: World
    product: str
    document: list[bytes]
    context: BrowserContext
    owner: Operator
    made: Mapping[str, str]
    """Addresses that are known only when the data are there: of a release, a job, a receiver."""
    sessions: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def open(self, page: Page, scene: Scene) -> None:
        """Go to what a scene shows, and wait until it stands there."""
        shown(page, VIEWS[0])
        if not scene.address:
            self._ask(page, scene)
            return
        self.context.clear_cookies()
        if scene.who:
            self.context.add_cookies([self._cookie(scene.who)])
        page.goto(self.world.address + self.made.get(scene.address, scene.address))
        until(page, "document.querySelector('[data-again]') === null")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        page.evaluate(_STEADY, _days())

    def page(self) -> Page:
        made = self.context.new_page()
        made.set_default_timeout(PATIENCE * 1000)
        made.clock.set_fixed_time(as_datetime(AT))
        made.on("pageerror", lambda problem: self.problems.append(str(problem)))
        return made

    def _ask(self, page: Page, scene: Scene) -> None:
        self.document[0] = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Chat</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{self.world.address}/static/troth-ask.js"></script></head>
<body><main><h1>A chat</h1></main><troth-ask src="{self.world.address}" locale="{scene.locale}"></troth-ask>
<script>document.querySelector("troth-ask").token = {json.dumps(self.world.token(scene.who))};</script></body></html>""".encode()
        page.goto(self.product)
        page.wait_for_selector("troth-ask dialog[open]")

    def _cookie(self, who: str) -> Any:
        if who not in self.sessions:
            self.sessions[who] = self.owner.cookie if who == "owner" else person(self.world, who).cookie
        address = self.world.address.replace("http:", "https:")
        return {"name": COOKIE, "value": self.sessions[who], "url": address, "secure": True}


def scenes() -> tuple[Scene, ...]:
    """All of them."""
    asked = [
        Scene(
            f"question-{stage}-{locale}",
            "",
            who,
            locale,
            locale in PICTURED,
            stage == "existing" or locale in ("en", "ar"),
        )
        for stage, who in STAGES.items()
        for locale in (LOCALES if stage == "existing" else PICTURED)
    ]
    forms = [
        Scene(f"form-{locale}", f"/ask?locale={locale}", "dora", locale, locale in PICTURED)
        for locale in LOCALES
    ]
    centre = [
        Scene("privacy-choices", "/privacy?preview=improve_models", ERIC),
        Scene("privacy-conversations", "/privacy/conversations", ERIC),
        Scene("privacy-uses", "/privacy/uses", ERIC),
        Scene("privacy-data", "/privacy/data?told=request", ERIC),
        Scene("privacy-check", "/privacy/check", ERIC),
        Scene("privacy-work", "export", ERIC),
        Scene("privacy-entrance", "/privacy"),
    ]
    console = [
        Scene("console-overview", "/console", "owner"),
        Scene("console-terms", "/console/terms?old=2025-09-27&new=2025-11-10", "owner"),
        Scene("console-version", "/console/terms/2025-09-27", "owner"),
        Scene("console-simulation", "simulation", "owner"),
        Scene("console-reach", "/console/reach", "owner"),
        Scene("console-releases", "/console/releases", "owner"),
        Scene("console-release", "release", "owner"),
        Scene("console-verification", "verification", "owner"),
        Scene("console-retention", "/console/retention", "owner"),
        Scene("console-requests", "/console/requests", "owner"),
        Scene("console-receipt", "/console/receipt", "owner"),
        Scene("console-keys", "/console/keys", "owner"),
        Scene("console-webhooks", "/console/webhooks", "owner"),
        Scene("console-deliveries", "receiver", "owner"),
        Scene("console-acts", "/console/acts", "owner"),
        Scene("console-entrance", "/console"),
        Scene("console-failed", "/console/releases/none", "owner"),
    ]
    return (*asked, *forms, *centre, *console)


def _days() -> list[str]:
    """Today, as the pages write it, and the days beside it."""
    return [day(now() + days * DAY) for days in (-1, 0, 1)]


def person(world: World, account: str) -> Any:
    """A session of somebody."""
    service = world.application.service
    assert service is not None
    return new_session(service.tables, Caller("person", "person:1", account, key="1"), AT, 1800)


@contextmanager
def opened_gallery(folder: Path, browser: Browser) -> Iterator[Gallery]:
    """It, with everything in it that the scenes show."""
    workspace, port = furnish(folder, ("first", "second"), ERIC), free_port()
    service = f"http://127.0.0.1:{port}"
    copytree(TERMS, workspace / "terms")
    renewed_terms(workspace / "terms")
    publish_terms(workspace / "terms", workspace)
    document = [b""]
    with served_page(document, service) as product:
        origins = {"origin": service, "allowed-origins": [product], "oidc": OIDC}
        settings_of(workspace, {**LOOSE, "terms": "terms", **origins})
        clock, settings, keys = Clock(AT - DAY // 144), read_service_settings(workspace), make_keys(workspace)
        application = create_app(workspace, settings, EVERY, clock)
        with running(application, port) as address:
            world = World(workspace, address, application, clock, keys, settings)
            world.stands_on(clock())
            owner = Operator(world, "owner")
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            try:
                yield Gallery(world, product, document, context, owner, _filled(world, owner))
            finally:
                context.close()
                owner.client.close()
                for client in world.clients.values():
                    client.close()


def _filled(world: World, owner: Operator) -> dict[str, str]:
    """What people and operators ask for; gives the addresses of what came of it."""
    made = {}
    for kind in ("access", "correct"):
        world.as_("product").post("/v1/requests", json={"kind": kind, "account": ERIC}).raise_for_status()
        world.clock.stands_at = AT  # the second is due later
    hook = {"url": "http://127.0.0.1:9/hooks", "events": ["choice.made"]}
    receiver = world.as_("engineer").post("/v1/webhooks", json=hook)
    made["receiver"] = f"/console/webhooks/{receiver.raise_for_status().json()['id']}"
    for talk, at in (
        ("Recipes for pears", "2025-10-12T09:00:00Z"),
        ("A letter to my landlord", "2025-11-03T18:30:00Z"),
    ):
        world.talk(ERIC, talk, at)
    world.choose(
        ERIC, "refused", conversation="A letter to my landlord", mechanism="settings"
    ).raise_for_status()
    mine = person(world, ERIC)
    asked = {
        "data": {"csrf": mine.csrf, "key": "once"},
        "cookies": {COOKIE: mine.cookie},
        "headers": {"Origin": world.address},
    }
    made["export"] = _sent(httpx.post(f"{world.address}/privacy/export", **asked))
    found = re.search(r"/console/releases/sha256[^\"]+", owner.see("/console/releases"))
    assert found is not None
    made["release"] = unescape(found[0])
    made["verification"] = _sent(owner.send(f"{made['release']}/verify"))
    text = (world.folder / "terms" / "2025-11-10.toml").read_text(encoding="utf-8")
    stricter = text.replace('"pro", ', "")
    made["simulation"] = _sent(
        owner.upload("/console/simulate", terms=stricter, **{f"purpose-{PURPOSE}": "1"})
    )
    _sent(owner.send("/console/retention/look"))
    _sent(owner.send("/console/reach", purpose=PURPOSE))
    return made


def _sent(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]

"""A service for a real browser: it is reached under its own origin, and a product's page asks the question."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright
from web_worlds import LOOSE, Clock, World, make_keys, running, settings_of

from troth.operations.workspace.init import init_workspace
from troth.types.moment import as_datetime
from troth.web.app import create_app
from troth.web.pages.every import EVERY
from troth.web.settings import read_service_settings
from waiting import PATIENCE

FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
_LOOK = (
    "(options) => axe.run(options).then((told) => told.violations.map((one) => [one.id, one.nodes[0].html]))"
)
_FOCUS = """(wanted) => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (!one?.matches(wanted)) return null;
  const look = getComputedStyle(one);
  return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
}"""
POLICY = "default-src 'none'; script-src 'self' {service} 'unsafe-inline'; connect-src {service}; style-src 'unsafe-inline'"


@contextmanager
def started_chromium() -> Iterator[Browser]:
    """Chromium as it is installed; nothing is downloaded."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("there is no Chromium here: install the package chromium")
    # Its own sandbox needs a user other than root.
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Shop:
    """A service and a product that embeds it."""

    world: World
    service: str
    product: str
    document: list[bytes]
    """The page that the product shows."""
    problems: list[str] = field(default_factory=list)
    """What browsers complained about."""

    def page(self, browser: Browser, width: int = 1280, **more: Any) -> Page:
        """A new browser of somebody."""
        context = browser.new_context(viewport={"width": width, "height": 800}, **more)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        if self.world.clock.stands_at is not None:  # the clocks of people go with the service's
            page.clock.set_fixed_time(as_datetime(self.world.clock()))
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        return page

    def product_page(
        self, page: Page, account: str, locale: str = "en", style: str = "", body: str = ""
    ) -> None:
        """Open a page of the product, on which the question is asked of its signed-in person."""
        document = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Chat</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style>
<script src="{self.service}/static/troth-ask.js"></script></head>
<body><main><h1>A chat</h1><button id="own">Say something</button>{body}</main>
<troth-ask src="{self.service}" locale="{locale}"></troth-ask>
<script>
window.told = [];
for (const name of ["troth-choice", "troth-none", "troth-refused", "troth-failed"])
  document.addEventListener(name, (event) => window.told.push([name, event.detail]));
document.getElementById("own").focus();
document.querySelector("troth-ask").token = {json.dumps(self.world.token(account))};
</script></body></html>"""
        self.document[0] = document.encode()
        page.goto(self.product)

    def asked(self, page: Page, account: str, locale: str = "en", **more: str) -> None:
        """Open it, and wait for the question."""
        self.product_page(page, account, locale, **more)
        page.wait_for_selector("troth-ask dialog[open]")

    def history(self, account: str) -> list[dict[str, Any]]:
        answer = self.world.as_("product").get("/v1/choices/history", params={"account": account})
        return list(answer.json()["choices"])


@contextmanager
def opened_shop(folder: Path, terms: str = "anthropic-consumer", **more: Any) -> Iterator[Shop]:
    """A new workspace, served with its pages under the origin that people reach it by."""
    port = free_port()
    service = f"http://127.0.0.1:{port}"
    workspace = folder / "shop"
    init_workspace(workspace, "example.org/shop")
    document = [b""]
    with served_page(document, service) as product:
        told = {**LOOSE, "terms": terms, "origin": service, "allowed-origins": [product], **more}
        settings_of(workspace, told)
        with served_again(workspace, make_keys(workspace), port) as world:
            yield Shop(world, service, product, document)


@contextmanager
def served_page(document: list[bytes], service: str) -> Iterator[str]:
    """A server with one page: a browser treats a page that no server gave as one from anywhere."""
    policy = POLICY.format(service=service)

    class Giving(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(document[0])

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Giving) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def served_again(workspace: Path, keys: Mapping[str, Any], port: int) -> Iterator[World]:
    """A workspace that is there already, served again under the same origin."""
    clock, settings = Clock(), read_service_settings(workspace)
    application = create_app(workspace, settings, EVERY, clock=clock)
    with running(application, port) as address:
        world = World(workspace, address, application, clock, keys, settings)
        try:
            yield world
        finally:
            for client in world.clients.values():
                client.close()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2, A and AA. It is brought into a page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_LOOK, WCAG)
    return [f"{rule}: {where[:120]}" for rule, where in found]


def tab_to(page: Page, wanted: str) -> None:
    """Go on with the key Tab until what a selector names has the focus, and one can see that it has."""
    for _ in range(90):
        page.keyboard.press("Tab")
        told = page.evaluate(_FOCUS, wanted)
        if told is not None:
            assert told, f"nothing shows that {wanted} has the focus"
            return
    raise AssertionError(f"the key Tab never comes to {wanted}")


def until(page: Page, told: str) -> None:
    """Wait until something holds in a page whose policy runs no strings."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(told):
        assert time.monotonic() < end, f"it never holds: {told}"
        page.wait_for_timeout(50)

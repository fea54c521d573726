"""The pages of the service in Chromium, as somebody opens them for the first time: how soon, how heavy, how still.

Chromium, the service and its store share the machine. The question stands on an empty page of a product.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from results import Section, Target
from troth.operations.workspace.opened import now
from troth.web.access.callers import Caller
from troth.web.access.keys import new_key
from troth.web.access.sessions import COOKIE, new_session
from troth.web.keeping import opened_tables

PEOPLE, EVENTS = 1_000, 4
SERVICE = "http://127.0.0.1:1"
SETTINGS = f"""format = 1
terms = "anthropic-consumer"
origin = "{SERVICE}"
allowed-origins = ["PRODUCT"]
[limits]
per-key = 1e9
per-person = 1e9
per-operator = 1e9
[oidc]
issuer = "http://127.0.0.1:3"
client-id = "console"
"""
PERSON = "person-7"
FLAGS = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")
WATCH = """window.seen = { paint: 0, largest: 0, shift: 0, long: 0 };
const watch = (type, see) => new PerformanceObserver((all) => all.getEntries().forEach(see)).observe({ type, buffered: true });
watch("paint", (one) => { if (one.name === "first-contentful-paint") seen.paint = one.startTime });
watch("largest-contentful-paint", (one) => { seen.largest = one.startTime });
watch("layout-shift", (one) => { seen.shift += one.value });
watch("longtask", (one) => { seen.long += one.duration });"""
COUNT = """() => { let all = 0; const count = (root) => { for (const one of root.querySelectorAll("*")) {
  all += 1; if (one.shadowRoot) count(one.shadowRoot); } }; count(document); return { ...window.seen, elements: all }; }"""
PAGES = {
    "the question": ("question", ""),
    "without JavaScript": ("person", "/ask"),
    "privacy: choices": ("person", "/privacy"),
    "privacy: conversations": ("person", "/privacy/conversations"),
    "privacy: what was used": ("person", "/privacy/uses"),
    "privacy: your data": ("person", "/privacy/data"),
    "privacy: check a receipt": ("person", "/privacy/check"),
    "console: overview": ("owner", "/console"),
    "console: terms": ("owner", "/console/terms"),
    "console: reach": ("owner", "/console/reach"),
    "console: releases": ("owner", "/console/releases"),
    "console: retention": ("owner", "/console/retention"),
    "console: requests": ("owner", "/console/requests"),
    "console: acts": ("owner", "/console/acts"),
}
"""Who opens what."""


@dataclass(frozen=True, slots=True)
class Way:
    """A service that runs, and what lets one in: a session of a person and of an owner, and a key that makes tokens."""

    address: str
    cookies: Mapping[str, str]
    key: Any
    product: str
    """Where the empty page of a product is."""
    document: list[bytes]


def service_pages(rounds: int) -> Section:
    """Every page, each opened ``rounds`` times with nothing kept from before; medians."""
    found = dict(measured(rounds)) if _chromium() and find_spec("playwright") else {}
    rows = [
        (what, f"{one['paint']:.0f}", f"{one['largest']:.0f}", f"{one['bytes'] / 1000:.1f}", f"{one['requests']:.0f}",
         f"{one['shift']:.3f}", f"{one['long']:.0f}", f"{one['elements']:.0f}")
        for what, one in found.items()
    ]  # fmt: skip
    return Section(
        "Pages of the service",
        f"In Chromium, opened with an empty cache, {PEOPLE:,} people in the store; medians of {rounds}. `kB`: over the wire,"
        " headers included. `shift`: cumulative layout shift. `blocked`: all tasks of more than 50 ms together."
        + ("" if found else " Not measured: there is no Chromium, or no playwright."),
        ("page", "first paint ms", "largest paint ms", "kB", "requests", "shift", "blocked ms", "elements"),
        rows,
        list(targets(found)),
    )


def targets(found: Mapping[str, Mapping[str, float]]) -> Iterator[Target]:
    """What Lighthouse calls good on a desktop, and no shift at all."""
    if found:
        slow, worst = (
            max(found, key=lambda what: found[what]["largest"]),
            max(one["shift"] for one in found.values()),
        )
        reached = found[slow]["largest"]
        yield Target(
            f"largest paint of a page, the slowest ({slow})",
            "under 1,200 ms",
            f"{reached:.0f} ms",
            reached < 1_200,
        )
        yield Target("layout shift of a page, the worst", "under 0.01", f"{worst:.3f}", worst < 0.01)
        heavy = max(found, key=lambda what: found[what]["bytes"])
        size = found[heavy]["bytes"] / 1000
        yield Target(
            f"transfer of a page, the heaviest ({heavy})", "under 60 kB", f"{size:.1f} kB", size < 60
        )


def measured(rounds: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Of each page the medians."""
    from playwright.sync_api import sync_playwright

    from service import served

    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    document: list[bytes] = []
    with (
        tempfile.TemporaryDirectory(prefix="troth-bench-") as made,
        giving(document) as product,
        served(Path(made) / "shop", "sqlite", PEOPLE, EVENTS, SETTINGS.replace("PRODUCT", product)) as (
            address,
            _,
        ),
        sync_playwright() as playwright,
    ):
        way = way_in(Path(made) / "shop", address, product, document)
        browser = playwright.chromium.launch(executable_path=_chromium(), args=flags)
        for who, path in PAGES.values():  # the service has made every page once, as after a minute of any day
            opened(browser, way, who, path)
        for what, (who, path) in PAGES.items():
            all_of = [opened(browser, way, who, path) for _ in range(rounds)]
            yield what, {name: statistics.median(one[name] for one in all_of) for name in all_of[0]}
        browser.close()


@contextmanager
def giving(document: list[bytes]) -> Iterator[str]:
    """A server with the newest of some documents at every address: a browser lets no other page ask this machine."""

    class Giving(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(document[-1])

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Giving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def way_in(folder: Path, address: str, product: str, document: list[bytes]) -> Way:
    """Sessions and a key, made beside the service that runs."""
    with opened_tables(folder) as (tables, secret):
        key = new_key(tables, secret, "product", "pages", now(), tokens=True)
        who = {
            "person": Caller("person", "person:1", PERSON, key="1"),
            "owner": Caller("owner", "operator:bench"),
        }
        cookies = {name: new_session(tables, caller, now(), 3600).cookie for name, caller in who.items()}
    return Way(address, cookies, key, product, document)


def opened(browser: Any, way: Way, who: str, path: str) -> dict[str, float]:
    """One page in a browser that has seen nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    page, sizes = context.new_page(), []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    if who == "question":
        way.document.append(product_page(way).encode())
        page.goto(way.product)
        page.wait_for_selector("troth-ask dialog[open]")
    else:
        address = way.address.replace("http:", "https:")
        context.add_cookies([{"name": COOKIE, "value": way.cookies[who], "url": address, "secure": True}])
        answer = page.goto(way.address + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
    page.wait_for_load_state("networkidle")
    told: dict[str, float] = page.evaluate(COUNT)
    context.close()
    return {**told, "bytes": sum(sizes), "requests": len(sizes)}


def product_page(way: Way) -> str:
    """An empty page of a product with the question."""
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Chat</title>
<script src="{way.address}/static/troth-ask.js"></script><troth-ask src="{way.address}" locale="en"></troth-ask>
<script>document.querySelector("troth-ask").token = "{token(way)}"</script></html>"""


def token(way: Way) -> str:
    """A token of the person, as a product makes it."""
    from joserfc import jwt
    from joserfc.jwk import OctKey

    claims = {"sub": PERSON, "aud": SERVICE, "exp": now() // 1_000_000 + 300, "jti": uuid.uuid4().hex}
    secret = OctKey.import_key(way.key.token_secret or "")
    return jwt.encode({"alg": "HS256", "kid": way.key.key.id}, claims, secret)


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


if __name__ == "__main__":
    from results import table

    section = service_pages(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    print(table(section.head, section.rows))
    for target in section.targets:
        print(target)

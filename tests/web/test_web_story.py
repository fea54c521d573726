"""The whole story in a real browser: the example product, the question, the privacy centre, a build, and new terms."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from chromium import free_port, served_again, until, violations
from playwright.sync_api import Browser, Page
from renewed import renewed_terms
from web_worlds import LOOSE, World, make_keys, settings_of

import troth.terms
from troth.operations.terms_publish import publish_terms
from troth.operations.workspace.init import init_workspace
from troth.types.moment import as_datetime, parse_moment
from waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
TERMS = Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer"
TROTH = Path(sys.executable).with_name("troth")
SIGN_UP, BEFORE, AFTER = "2025-09-10T12:00:00Z", "2025-09-12T12:00:00Z", "2025-10-10T12:00:00Z"
OFF, RENEWED = "2025-10-20T12:00:00Z", "2025-11-20T12:00:00Z"
ANSWER = "troth-ask .answer[data-answer={}]"


@dataclass
class Stage:
    """A workspace that is served, and the example product beside it."""

    workspace: Path
    port: int
    own: int
    keys: Any
    module: Any
    world: World | None = None
    product: Any = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.own}"

    @property
    def now(self) -> World:
        assert self.world is not None
        return self.world

    @contextmanager
    def open(self, at: str) -> Iterator[None]:
        """Service and product, at a time; the product keeps its people and chats."""
        with served_again(self.workspace, self.keys, self.port) as world:
            self.world = world
            self.move(at)
            key = world.keys["product"]
            service = self.module.Service(world.address, key.text, key.key.id, key.token_secret)
            with self.module.Client(world.address, key.text) as client:
                before = self.product
                self.product = self.module.Product(service, client, lambda: world.clock() / 1_000_000)
                if before is not None:
                    self.product.people, self.product.chats = before.people, before.chats
                with self.module.serving(self.product, self.own) as server:
                    thread = threading.Thread(target=server.serve_forever)
                    thread.start()
                    try:
                        yield
                    finally:
                        server.shutdown()
                        thread.join()

    def move(self, at: str) -> None:
        self.now.stands_on(parse_moment(at))

    def page(self, browser: Browser, name: str) -> Page:
        """Somebody signs in at the product."""
        page = browser.new_context(viewport={"width": 1100, "height": 800}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.clock.set_fixed_time(as_datetime(self.now.clock()))
        page.goto(self.address)
        page.fill("#name", name)
        page.click("text=Sign up")
        page.wait_for_selector("#new")
        return page

    def history(self, account: str) -> list[str]:
        told = self.now.as_("product").get("/v1/choices/history", params={"account": account}).json()
        return [f"{one['value']} by {one.get('mechanism', 'dialog')}" for one in reversed(told["choices"])]

    def talks(self, account: str) -> dict[str, tuple[int, int]]:
        """Of each conversation: records, and how many may be used."""
        told = self.now.as_("product").get("/v1/conversations", params={"account": account}).json()
        return {one["conversation"]: (one["records"], one["allowed"]) for one in told["conversations"]}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.syspath_prepend(str(ROOT / "clients" / "python" / "src"))
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "product"))
    workspace, port, own = tmp_path / "shop", free_port(), free_port()
    init_workspace(workspace, "example.org/shop")
    copytree(TERMS, workspace / "terms")
    origins = {"origin": f"http://127.0.0.1:{port}", "allowed-origins": [f"http://127.0.0.1:{own}"]}
    settings_of(workspace, {**LOOSE, "terms": "terms", **origins})
    return Stage(workspace, port, own, make_keys(workspace), importlib.import_module("product"))


def answer(page: Page, value: str) -> None:
    page.click(ANSWER.format(value))
    page.wait_for_selector("troth-ask [role=status]")
    page.click("troth-ask .close")


def say(page: Page, text: str, nth: int = 0) -> None:
    page.locator("#list form input").nth(nth).fill(text)
    page.locator("#list form button").nth(nth).click()


def to_privacy(page: Page) -> None:
    page.click("text=Settings: privacy")
    page.wait_for_url("**/privacy")


def build(stage: Stage, name: str, at: str) -> subprocess.Popen[str]:
    logs = stage.workspace.parent / "chats.jsonl"
    told = [
        {
            "conversation_id": chat,
            "account": one["account"],
            "messages": [
                {"role": said["role"], "content": said["text"], "timestamp": said["at"]}
                for said in one["said"]
            ],
        }
        for chat, one in sorted(stage.product.chats.items())
        if one["said"]
    ]
    logs.write_text("".join(json.dumps(one) + "\n" for one in told), encoding="utf-8")
    command = [TROTH, "build", "--workspace", stage.workspace, "--terms", stage.workspace / "terms", "--records", logs,
               "--purpose", "train.general", "--at", at, "--seed", "7", "--out", stage.workspace.parent / name, "--json"]  # fmt: skip
    return subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_the_whole_story(stage: Stage, browser: Browser) -> None:
    with stage.open(SIGN_UP):
        # Somebody new signs up, and chooses apart from the terms.
        new = stage.page(browser, "sigrid")
        new.wait_for_selector("troth-ask dialog[open]")
        assert violations(new) == []
        assert "Either answer opens your account" in new.inner_text("troth-ask #intro")
        answer(new, "yes")
        assert stage.history("sigrid") == ["granted by signup"]
        stage.move("2025-09-10T13:00:00Z")
        new.click("#new")
        say(new, "Help me with my essay")
        until(new, "document.querySelectorAll('.said').length === 2")
        new.click("#incognito")
        until(new, "document.querySelectorAll('#list li').length === 2")
        say(new, "Nobody is to know this", nth=1)
        until(new, "document.querySelectorAll('.said').length === 4")
        new.click("#code")
        new.wait_for_selector("text=Keep atlas out of training")
        say(new, "Refactor this", nth=2)
        until(new, "document.querySelectorAll('.said').length === 6")
        assert violations(new) == []
        kinds = [(one["mode"], one["project"]) for one in stage.product.chats.values()]
        assert kinds == [("normal", None), ("incognito", None), ("normal", "atlas")]
        chat, secret, code = stage.product.chats
        assert {talk: allowed for talk, (_, allowed) in stage.talks("sigrid").items()} == {
            chat: 2,
            secret: 0,
            code: 2,
        }
        new.click("text=Keep atlas out of training")
        new.wait_for_selector("text=Sessions in atlas are kept out of training.")
        assert stage.talks("sigrid")[code] == (2, 0)

        # Somebody else says no at sign-up.
        nora = stage.page(browser, "nora")
        answer(nora, "no")
        assert stage.history("nora") == ["refused by signup"]

        # Somebody who is there already has until the deadline, and puts it off.
        stage.now.open_account("edda", age="adult")
        stage.product.people.add("edda")
        stage.move(BEFORE)
        edda = stage.page(browser, "edda")
        edda.wait_for_selector("troth-ask dialog[open]")
        assert "until September 28, 2025" in edda.inner_text("troth-ask #intro")
        edda.click("troth-ask .later")
        until(edda, "document.querySelector('troth-ask').shadowRoot.childElementCount === 0")
        edda.click("#new")
        say(edda, "My first question")
        until(edda, "document.querySelectorAll('.said').length === 2")
        (old,) = (talk for talk, one in stage.product.chats.items() if one["account"] == "edda")
        assert stage.talks("edda") == {old: (2, 0)}
        edda.context.close()

        # The deadline passes: nothing goes on before there is an answer, and none is inferred.
        stage.move(AFTER)
        edda = stage.page(browser, "edda")
        edda.wait_for_selector("troth-ask dialog[open]")
        assert edda.query_selector("troth-ask .later") is None
        assert "The deadline was" in edda.inner_text("troth-ask #intro")
        with pytest.raises(PermissionError):
            stage.product.say("edda", old, "and now?")
        assert stage.history("edda") == ["deferred by dialog"]
        answer(edda, "yes")
        stage.move("2025-10-10T13:00:00Z")
        say(edda, "I come back to it")
        until(edda, "document.querySelectorAll('.said').length === 4")
        assert stage.talks("edda") == {old: (4, 2)}, "what was said before the yes stays out"

        # She turns it off while a build runs: one click there, as it was one click in the question.
        stage.move(OFF)
        edda.clock.set_fixed_time(as_datetime(stage.now.clock()))
        edda.reload()
        edda.wait_for_selector("#settings:not([hidden])")
        to_privacy(edda)
        assert violations(edda) == []
        with build(stage, "october", "2025-10-20") as running:
            assert running.poll() is None
            edda.click("button[role=switch]")
            edda.wait_for_selector("text=Saved: nothing of yours")
            released, problem = running.communicate(timeout=60)
        assert running.returncode == 0, problem
        assert stage.history("edda")[-1] == "refused by settings"
        assert stage.talks("edda") == {old: (4, 0)}
        assert json.loads(released)["released"] == 4, (
            "two of sigrid's chat, two of what edda said after her yes"
        )
        with build(stage, "later", "2025-10-21") as running:
            released, problem = running.communicate(timeout=60)
        assert json.loads(released)["released"] == 2, "what is left is the one chat of sigrid's"

        # She checks the receipt of it, against the key that she pins, in the page itself.
        with edda.expect_download() as download:
            edda.click("text=Download a receipt")
        log_key = (stage.workspace / "ledger" / "log.vkey").read_text(encoding="utf-8").split("\n")[0]
        edda.goto(f"{stage.now.address}/privacy/check")
        edda.set_input_files("#receipt", download.value.path())
        edda.fill("#key", log_key)
        edda.click("#check button.main")
        edda.wait_for_selector("#result h2")
        assert "was logged" in edda.inner_text("#result h2 >> nth=0")
        assert violations(edda) == []

        # She deletes the chat, at the product.
        edda.goto(stage.address)
        edda.click("#list >> text=Delete")
        until(edda, "document.querySelectorAll('#list li').length === 0")
        told = stage.now.as_("product").get("/v1/conversations", params={"account": "edda"}).json()
        assert [one["reason"] for one in told["conversations"]] in (["deleted"], [])

    # The operator publishes terms that keep things for another time: whoever said yes is asked again, and nobody else.
    folder = stage.workspace / "terms"
    renewed_terms(folder)
    assert "2025-11-10" in publish_terms(folder, stage.workspace).added
    with stage.open(RENEWED):
        asked = {name: stage.now.ask(name) for name in ("sigrid", "nora", "edda")}
        assert {name: told.get("stage") for name, told in asked.items()} == {
            "sigrid": "renewal",
            "nora": None,
            "edda": None,
        }
        new = stage.page(browser, "sigrid")
        new.wait_for_selector("troth-ask dialog[open]")
        assert "change on December 10, 2025" in new.inner_text("troth-ask #intro")
        answer(new, "no")
        assert stage.history("sigrid")[-1] == "refused by dialog"
        assert set(stage.talks("sigrid").values()) == {(2, 0)}

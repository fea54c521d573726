"""New terms while the service runs: taken up where they hold, refused loudly where they do not, and seen by everybody at once."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from web_worlds import CHOICE, World, make_keys, serving, settings_of

import troth.terms
from troth.errors import TermsError
from troth.operations.live.laid import TermsFiles
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.types.moment import parse_moment

PROFILE = Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer"
NEWEST, NEXT = "2025-09-27", "2026-02-10"
AT = parse_moment("2026-02-09T23:58:00Z")


def published(folder: Path, version: str = NEXT, **more: str) -> Path:
    """The newest shipped version as another one, published and in force on a day, with a last day far ahead."""
    told = {"version": f'"{version}"', "published": version, "effective": version, "last_day": "2027-01-01",
            "replaces_deadline_of": f'["{NEWEST}"]', **more}  # fmt: skip
    text = (PROFILE / f"{NEWEST}.toml").read_text(encoding="utf-8")
    for name, value in told.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
    file = folder / f"{version}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def in_substance(file: Path) -> None:
    """What a yes opens is less now."""
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"chat", "code", "voice"', '"chat", "code"'), encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path, log: list[str]) -> Iterator[World]:
    workspace = tmp_path / "shop"
    init_workspace(workspace, "example.org/shop")
    shutil.copytree(PROFILE, workspace / "terms")
    settings_of(workspace, {"terms": "terms"})
    with serving(workspace, make_keys(workspace)) as world:
        world.stands_on(AT)
        yield world


def within(seconds: float, what: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it does not come to be"
        time.sleep(0.05)


def health(world: World) -> str:
    return str(world.as_("nobody").get("/health").json()["terms"])


def versions(world: World) -> list[str]:
    return [one["version"] for one in world.as_("nobody").get("/terms.json").json()["versions"]]


def logged(world: World) -> int:
    """How many times the ledger was told which terms are served."""
    with opened(world.folder) as workspace:
        return sum(1 for _ in workspace.store.opened(kinds=("terms",)))


def test_who_said_yes_is_asked_again_at_once_when_the_operator_publishes_new_terms(shop: World) -> None:
    shop.open_account("ada", at="2025-01-01T00:00:00Z", age="adult")
    assert shop.choose("ada", "granted").status_code == 201
    shop.open_account("ben", at="2025-01-01T00:00:00Z", age="adult")
    assert shop.choose("ben", "refused").status_code == 201
    with shop.person("ada") as ada:  # a page that stays open
        before = ada.get("/v1/question")
        assert (before.json()["show"], before.json()["why"]) == (False, "answered")
        same = {"If-None-Match": before.headers["etag"]}
        assert ada.get("/v1/question", headers=same).status_code == 304
        in_substance(published(shop.folder / "terms"))
        shop.clock.stands_at = parse_moment(f"{NEXT}T00:00:00Z")
        within(20, lambda: ada.get("/v1/question", headers=same).status_code == 200)
        asked = ada.get("/v1/question").json()
        assert (asked["show"], asked["stage"], asked["notice"]["version"]) == (True, "renewal", NEXT)
        assert health(shop) == "ok"
        answer = ada.post("/v1/choices", json={"choice": CHOICE, "value": "refused",
                                               "notice_digest": asked["notice"]["digest"]})  # fmt: skip
        assert answer.status_code == 201
        assert ada.get("/v1/question").json()["why"] == "answered"
    assert shop.ask("ben")["why"] == "answered", "a no is never asked again"
    assert versions(shop)[-2:] == [NEWEST, NEXT]
    assert logged(shop) == 2


def test_terms_that_do_not_hold_are_refused_loudly_and_those_before_stay(shop: World, log: list[str]) -> None:
    shop.open_account("ada", age="adult")
    log.clear()
    broken = shop.folder / "terms" / f"{NEXT}.toml"
    broken.write_text("format = 'troth", encoding="utf-8")
    within(20, lambda: health(shop).startswith("other terms were refused"))
    (line,) = [json.loads(one) for one in log if "terms refused" in one]
    assert str(broken) in line["why"], "it names the operator's own file"
    assert (line["level"], versions(shop)[-1]) == ("error", NEWEST)
    assert "troth_terms_refused 1.0" in shop.as_("owner").get("/metrics").text
    assert shop.ask("ada")["notice"]["version"] == NEWEST, "people are asked as before"
    assert shop.as_("nobody").get("/ready").status_code == 200
    broken.unlink()
    within(20, lambda: health(shop) == "ok")
    assert logged(shop) == 1


@pytest.fixture
def files(tmp_path: Path) -> TermsFiles:
    shutil.copytree(PROFILE, tmp_path / "terms")
    (tmp_path / "copies").mkdir()
    return TermsFiles(str(tmp_path / "terms"), {}, tmp_path / "copies")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: [file.unlink() for file in folder.glob("*.toml")], "no terms files in this folder"),
        (shutil.rmtree, "no terms named"),
        (lambda folder: published(folder, NEWEST), "has changed since it was published"),
        (lambda folder: published(folder, name='"other-terms"'), "one folder"),
        (lambda folder: published(folder, after_deadline='""'), "after_deadline"),
    ],
    ids=["no file", "no folder", "another text", "other terms", "an error of troth terms check"],
)
def test_what_troth_terms_check_finds_keeps_terms_from_being_served(
    tmp_path: Path, files: TermsFiles, spoil: Callable[[Path], object], told: str
) -> None:
    served = files.first()
    spoil(tmp_path / "terms")
    with pytest.raises(TermsError, match=told) as refused:
        files.again(served, AT)
    assert "copies" not in str(refused.value), "it speaks of the operator's own files"


def test_without_a_lock_too_what_was_published_is_served_as_it_was(tmp_path: Path, files: TermsFiles) -> None:
    (tmp_path / "terms" / "terms.lock").unlink()
    one = published(tmp_path / "terms")
    served = files.first()
    one.write_text(one.read_text(encoding="utf-8").replace("2027-01-01", "2027-01-02"), encoding="utf-8")
    with pytest.raises(TermsError, match=f"version {NEXT} is published and served"):
        files.again(served, parse_moment(f"{NEXT}T00:00:00Z"))
    assert files.again(served, AT) is not None, "before that day nobody was told of it"


def test_work_that_is_under_way_keeps_the_terms_that_it_began_with(tmp_path: Path, files: TermsFiles) -> None:
    first = files.first()
    held = {file.name: file.read_bytes() for file in Path(first.source).iterdir()}
    published(tmp_path / "terms", "2026-03-01")
    assert not files.have_changed(), "somebody may still be writing them"
    assert files.have_changed()
    second = files.again(first, AT)
    assert second is not None
    assert len(second.terms.versions) == len(first.terms.versions) + 1
    assert {file.name: file.read_bytes() for file in Path(first.source).iterdir()} == held
    assert not files.have_changed()


def test_a_hang_up_has_the_running_server_look_at_its_terms(tmp_path: Path) -> None:
    workspace = tmp_path / "shop"
    init_workspace(workspace, "example.org/shop")
    shutil.copytree(PROFILE, workspace / "terms")
    settings_of(workspace, {"terms": "terms"})
    troth_command = Path(sys.executable).with_name("troth")
    command = [troth_command, "serve", "--workspace", workspace, "--port", "0", "--log-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        published(workspace / "terms")
        process.send_signal(signal.SIGHUP)
        for line in process.stderr:
            if json.loads(line)["event"] == "terms":
                break
        told = httpx.get(f"{found[0]}/terms.json").json()
        process.terminate()
        process.communicate(timeout=30)
    assert (process.returncode, told["versions"][-1]["version"]) == (0, NEXT)

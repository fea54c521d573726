"""A release that is built as a job: what `troth build` makes, whoever stops it, and nothing half-made."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from web_worlds import World, served, serving

from troth.operations.live.building import Building, StoppedError, build_apart, newest_checkpoint
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import now, opened
from troth.types.moment import parse_moment
from troth.web.keeping import opened_tables
from troth.web.work.jobs import LEASE, add_job, find_job, note_progress, take_job
from troth.web.work.kinds import BUILD

BUILT = {"november", "november.findings", "november.receipt", "november.report.html"}
BODY = {"name": "november", "purpose": "train.general", "at": "2025-11-05T00:00:00Z", "seed": 7}
CHOSEN = parse_moment("2025-11-01T00:00:00Z")


@pytest.fixture
def shop(tmp_path: Path, log: list[str]) -> Iterator[World]:
    """Ada said yes and Ben no before both said something; it is in the vault."""
    with served(tmp_path) as world:
        world.stands_on(CHOSEN)
        for account, value in (("ada", "granted"), ("ben", "refused")):
            world.open_account(account, age="adult")
            assert world.choose(account, value).status_code == 201
        world.clock.stands_at = None
        fill(world.folder, 3)
        yield world


def fill(workspace: Path, talks: int) -> None:
    lines = [
        {"conversation_id": f"{account}-{n}", "account": account,
         "messages": [{"role": "user", "content": f"words {n} of {account}", "timestamp": "2025-11-02T10:00:00Z"}]}
        for account in ("ada", "ben") for n in range(talks)
    ]  # fmt: skip
    file = workspace.parent / "talks.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    ingest(workspace, (str(file),))


def asked(world: World, **more: Any) -> dict[str, Any]:
    answer = world.as_("engineer").post(
        "/v1/builds", json={**BODY, **more}, headers={"Idempotency-Key": "one"}
    )
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def result(world: World, job: Mapping[str, Any]) -> dict[str, Any]:
    ended = world.finished(job, "engineer")
    assert ended["state"] == "done", ended
    found: dict[str, Any] = world.as_("engineer").get(ended["result"]).json()
    return found


def is_sound(workspace: Path, name: str) -> bool:
    report = verify_all(VerifyRequest(workspace / "releases" / name, workspace=workspace)).release
    assert report is not None
    return not [found for step in report.steps for found in step.findings]


def left(workspace: Path) -> set[str]:
    return {path.name for path in (workspace / "releases").iterdir()}


def test_a_build_releases_what_may_be_used_and_nothing_else(shop: World) -> None:
    job = asked(shop)
    made = result(shop, job)
    assert (made["name"], made["input"], made["released"]) == ("november", 6, 3)
    assert sum(sum(reasons.values()) for reasons in made["excluded"].values()) == 3
    assert is_sound(shop.folder, "november")
    assert left(shop.folder) == BUILT
    with opened(shop.folder) as workspace:
        assert dict(workspace.store.releases())[made["release"]] == str(shop.folder / "releases" / "november")
    assert asked(shop)["id"] == job["id"], "asked for twice it is built once"
    again = shop.as_("owner").post("/v1/builds", json=BODY)
    refused = shop.finished(again.json(), "owner")
    assert (refused["state"], "exists" in refused["problem"]) == ("failed", True)


@pytest.mark.parametrize(
    "more",
    [{"name": "../out"}, {"name": ".hidden"}, {"name": "a/b"}, {"name": ""}, {"name": "a..b"}, {"sample": 0},
     {"sample": 1.1}, {"seed": -1}, {"purpose": "spy"}, {"at": "2999-01-01T00:00:00Z"}, {"out": "/etc"}],
)  # fmt: skip
def test_a_build_goes_nowhere_but_into_the_folder_of_releases(world: World, more: dict[str, Any]) -> None:
    answer = world.as_("engineer").post("/v1/builds", json={**BODY, **more})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


def test_a_build_that_the_end_of_the_service_stops_is_made_by_the_next(
    tmp_path: Path, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()
    with served(tmp_path) as first, monkeypatch.context() as patched:
        fill(first.folder, 1)

        def ends(*told: Any) -> None:  # a build is done half a second later, and closing takes about as long
            note_progress(*told)
            first.application.service.runner._stop.set()  # type: ignore[union-attr]
            began.set()

        patched.setattr("troth.web.work.runner.note_progress", ends)
        job = asked(first)
        assert began.wait(30)
    with opened_tables(first.folder) as (tables, _):
        waiting = find_job(tables, job["id"])
        assert waiting is not None
        assert (waiting.state, waiting.attempts) == ("queued", 0)
    assert left(first.folder) == set()
    with serving(first.folder, first.keys) as second:
        assert second.finished(job, "engineer")["state"] == "done"
    assert left(first.folder) == BUILT


def building(world: World) -> Building:
    with opened(world.folder) as workspace:
        size = newest_checkpoint(workspace)
    return Building(
        world.folder,
        "anthropic-consumer",
        {},
        "november",
        "train.general",
        parse_moment(BODY["at"]),
        7,
        1.0,
        size,
    )


@pytest.fixture
def opened_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a build puts what it opens."""
    folder = tmp_path / "opened"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_stopped_in_the_middle_it_leaves_nothing_and_begun_again_it_is_the_same(
    shop: World, opened_there: Path
) -> None:
    one, stop, seen = building(shop), threading.Event(), []

    def stopping(stage: str, done: int, total: int | None) -> None:
        seen.append(stage)
        stop.set()

    with pytest.raises(StoppedError):
        build_apart(one, stopping, stop)
    assert seen
    assert left(shop.folder) == set()
    assert list(opened_there.iterdir()) == [], "what was opened is cleared away"
    made = build_apart(one, lambda *_: None, threading.Event())
    # The service fell before it could say so: asked again, it says what there is, and mends the receipt.
    (shop.folder / "releases" / "november.receipt").unlink()
    assert build_apart(one, lambda *_: None, threading.Event()) == made
    assert left(shop.folder) >= {"november", "november.receipt"}


RUN = """
import sys, threading
from pathlib import Path
from troth.operations.live.building import Building, build_apart
if __name__ == "__main__":
    folder, at, size = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    one = Building(folder, "anthropic-consumer", {}, "november", "train.general", at, 7, 1.0, size)
    build_apart(one, lambda *told: print(told[0], flush=True), threading.Event())
"""


def test_when_the_service_is_killed_its_build_ends_and_clears_away_what_it_has_opened(
    shop: World, tmp_path: Path, opened_there: Path
) -> None:
    one = building(shop)
    (tmp_path / "run.py").write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "run.py"), str(shop.folder), str(one.at), str(one.checkpoint)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.kill()
        process.stdout.read()  # until the build, which holds the same pipe, has ended too
    assert list(opened_there.iterdir()) == []
    assert "november" not in left(shop.folder)
    assert build_apart(one, lambda *_: None, threading.Event()).released == 3
    assert left(shop.folder) == BUILT


def test_nobody_s_other_work_waits_for_a_build(shop: World) -> None:
    with opened_tables(shop.folder) as (tables, secret):
        add_job(tables, secret, "long", BUILD, "nobody", None, {}, now())
        assert take_job(tables, "somebody", now() + LEASE, (BUILD,)) is not None
        taken = find_job(tables, "long")
        assert taken is not None
        assert taken.state == "running"
    export = shop.as_("product").post("/v1/exports", json={"account": "ada"}).json()
    assert shop.finished(export)["state"] == "done"

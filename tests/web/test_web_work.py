"""Long work, requests and holds: what is asked for is done, also when what did it was stopped in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from web_worlds import World, served, serving

from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import now
from troth.web.access.secret import Secret
from troth.web.tables.open import Tables, open_tables
from troth.web.work.jobs import LEASE, add_job, end_job, find_job, input_of, renew_job, result_of, take_job
from troth.web.work.kinds import KINDS
from waiting import awaited


def log_of(world: World, talk: str, account: str, text: str) -> None:
    """A conversation in the vault."""
    file = world.folder.parent / f"{talk}.jsonl"
    line = {"conversation_id": talk, "account": account,
            "messages": [{"role": "user", "content": text, "timestamp": "2025-11-02T10:00:00Z"}]}  # fmt: skip
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    ingest(world.folder, (str(file),))


def test_an_export_holds_what_a_person_said_and_chose_and_nothing_of_others(world: World) -> None:
    world.open_account("erin")
    world.choose("erin", "refused")
    log_of(world, "erin-talk", "erin", "my own words")
    log_of(world, "fred-talk", "fred", "words of somebody else")
    with world.person("erin") as erin:
        job = erin.post("/v1/exports", json={})
        assert (job.status_code, job.headers["location"]) == (202, f"/v1/jobs/{job.json()['id']}")
        told = awaited(
            lambda: erin.get(job.headers["location"]).json(), lambda found: found["state"] == "done"
        )
        found = erin.get(told["result"]).json()
    assert [record["text"] for record in found["records"]] == ["my own words"]
    assert {event["event"] for event in found["events"]} == {"account.opened", "choice.made"}
    assert "fred" not in json.dumps(found)


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    """A service of its own: nobody has moved its clock, or holds anything in it."""
    with served(tmp_path) as found:
        yield found


def test_an_erasure_takes_words_away_and_says_what_stays(own_world: World) -> None:
    world = own_world
    world.open_account("gina")
    log_of(world, "gina-talk", "gina", "to be forgotten")
    held = world.as_("privacy").post("/v1/holds", json={"hold": "case-gina", "accounts": ["gina"]})
    assert held.status_code == 201
    body = {"account": "gina", "why": "asked for"}
    kept = world.finished(world.as_("privacy").post("/v1/erasures", json=body).json(), "privacy")
    result = world.as_("privacy").get(kept["result"]).json()
    assert (result["conversations"], [one["why"] for one in result["staying"]]) == (0, ["hold"])
    assert world.as_("privacy").delete("/v1/holds/case-gina").json()["stands"] is False
    done = world.finished(world.as_("product").post("/v1/erasures", json=body).json())
    assert world.as_("product").get(done["result"]).json()["conversations"] == 1
    assert (
        world.as_("product").get("/v1/conversations", params={"account": "gina"}).json()["conversations"]
        == []
    )


def test_the_same_work_asked_for_twice_is_done_once(world: World) -> None:
    world.open_account("hugo")
    headers = {"Idempotency-Key": "export-hugo"}
    first = world.as_("product").post("/v1/exports", json={"account": "hugo"}, headers=headers).json()
    second = world.as_("product").post("/v1/exports", json={"account": "hugo"}, headers=headers).json()
    assert first["id"] == second["id"]
    other = world.as_("product").post("/v1/erasures", json={"account": "hugo", "why": "x"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


def test_work_that_cannot_be_done_says_why(world: World) -> None:
    body = {"terms": "this is no terms file", "purposes": ["serve"]}
    done = world.finished(world.as_("engineer").post("/v1/simulations", json=body).json(), "privacy")
    assert done["state"] == "failed"
    assert "proposed.toml" in done["problem"]


def test_a_change_of_terms_is_simulated_on_real_history(world: World) -> None:
    from troth.terms.archive import shipped

    newer = (shipped() / "anthropic-consumer" / "2025-09-27.toml").read_text(encoding="utf-8")
    stricter = newer.replace("share.third_party", "share.third_party")
    body = {"terms": stricter, "purposes": ["train.general"]}
    job = world.as_("privacy").post("/v1/simulations", json=body).json()
    done = world.finished(job, "privacy")
    assert done["state"] == "done", done
    result = world.as_("privacy").get(done["result"]).json()
    assert [one["purpose"] for one in result["purposes"]] == ["train.general"]


def test_requests_are_due_when_the_law_wants_an_answer_and_then_forget_whose_they_were(
    elsewhen: World,
) -> None:
    with elsewhen.person("rita") as rita:
        made = rita.post("/v1/requests", json={"kind": "access"}, headers={"Idempotency-Key": "r1"}).json()
        assert (
            rita.post("/v1/requests", json={"kind": "access"}, headers={"Idempotency-Key": "r1"}).json()
            == made
        )
        assert made["account"] == "rita"
        assert made["due"][:10] > made["made"][:10]
        assert [one["id"] for one in rita.get("/v1/requests").json()["requests"]] == [made["id"]]
    elsewhen.clock.stands_at = now() + 40 * 86_400_000_000
    try:
        (late,) = elsewhen.as_("privacy").get("/v1/requests", params={"account": "rita"}).json()["requests"]
        assert late["overdue"]
    finally:
        elsewhen.clock.stands_at = None
    closed = (
        elsewhen.as_("privacy").post(f"/v1/requests/{made['id']}/close", json={"state": "answered"}).json()
    )
    assert (closed["state"], "account" in closed) == ("answered", False)
    other = elsewhen.as_("privacy").post(f"/v1/requests/{made['id']}/close", json={"state": "refused"})
    assert other.status_code == 409


def test_decisions_bite_with_the_withdrawal_and_describe_what_is_not_held(world: World) -> None:
    world.open_account("dana")
    world.choose("dana", "granted")
    said = {
        "account": "dana",
        "at": world.as_("product").get("/v1/choices/history?account=dana").json()["choices"][0]["at"],
    }
    later = {"account": "dana", "at": said["at"].replace("Z", "")[:19] + "Z"}
    body = {"purpose": "serve", "conversation": "dana-1", "record": "r", "said": later}
    allowed = world.as_("product").post("/v1/decisions", json=body)
    assert (allowed.status_code, allowed.json()["allow"]) == (200, True)
    unknown = (
        world.as_("product").post("/v1/decisions", json={**body, "said": None, "record": "other"}).json()
    )
    assert (unknown["allow"], unknown["reason"]) == (False, "record_unknown")
    world.choose("dana", "refused")
    train = world.as_("product").post("/v1/decisions", json={**body, "purpose": "train.general"}).json()
    assert not train["allow"]
    many = {"purpose": "serve", "records": [{"conversation": "dana-1", "record": "r", "said": later}] * 3}
    assert len(world.as_("product").post("/v1/decisions/batch", json=many).json()["decisions"]) == 3
    ahead = {**body, "at": "2999-01-01T00:00:00Z"}
    assert world.as_("product").post("/v1/decisions", json=ahead).status_code == 422


def test_a_receipt_is_a_file_that_can_be_checked(world: World) -> None:
    world.open_account("rosa")
    world.choose("rosa", "refused")
    answer = awaited(
        lambda: world.as_("product").get("/v1/receipts", params={"account": "rosa"}),
        lambda found: found.status_code == 200,
    )
    assert "This is a receipt about the account" in answer.text
    assert world.as_("product").get("/v1/receipts", params={"account": "never"}).status_code == 404


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return open_tables("sqlite", tmp_path)


SECRET = Secret(bytes(range(32)))


def test_a_job_is_one_worker_s_until_its_lease_ends(tables: Tables) -> None:
    add_job(tables, SECRET, "j1", "export", "me", None, {"account": "ada"}, 1)
    taken = take_job(tables, "first", 10, KINDS)
    assert taken is not None
    assert input_of(SECRET, taken) == {"account": "ada"}
    assert take_job(tables, "second", 10 + LEASE - 1, KINDS) is None
    renew_job(tables, "j1", "first", 20)
    assert take_job(tables, "second", 11 + LEASE, KINDS) is None
    again = take_job(tables, "second", 21 + LEASE, KINDS)
    assert again is not None
    assert (again.id, again.attempts) == ("j1", 2)
    end_job(tables, SECRET, "j1", "first", 30, b"too late", done=True)
    end_job(tables, SECRET, "j1", "second", 31, b"in time", done=True)
    ended = find_job(tables, "j1")
    assert ended is not None
    assert (ended.state, result_of(SECRET, ended), ended.sealed_input) == ("done", b"in time", None)
    tables.close()


def test_no_name_stands_in_the_service_s_tables(world: World) -> None:
    world.open_account("unmistakable-name")
    with world.person("unmistakable-name") as person:
        person.post("/v1/requests", json={"kind": "access"}, headers={"Idempotency-Key": "unmistakable-key"})
        person.post("/v1/exports", json={})
    files = b"".join(path.read_bytes() for path in world.folder.glob("service.db*"))
    assert b"unmistakable" not in files


def test_work_that_was_under_way_when_the_service_was_killed_is_done_by_the_next(tmp_path: Path) -> None:
    with served(tmp_path) as world:
        world.open_account("ida")
        keys, folder = world.keys, world.folder
    tables, secret = open_tables("sqlite", folder), Secret((folder / "keys" / "service.key").read_bytes())
    add_job(tables, secret, "left", "export", "nobody", None, {"account": "ida"}, 1)
    assert take_job(tables, "a worker that died", now() - LEASE - 1_000_000, KINDS) is not None
    tables.close()
    with serving(folder, keys) as world:
        assert world.finished({"id": "left"}, "privacy")["state"] == "done"


def test_what_was_acknowledged_before_an_orderly_end_is_in_the_ledger_after_it(tmp_path: Path) -> None:
    with served(tmp_path) as world:
        made = [world.choose("end", "refused").json()["id"] for _ in range(5)]
        keys, folder = world.keys, world.folder
    with serving(folder, keys) as world:
        history = world.as_("product").get("/v1/choices/history", params={"account": "end"}).json()["choices"]
        assert sorted(one["id"] for one in history) == sorted(made)
        size = int(httpx.get(f"{world.address}/ledger/checkpoint").text.splitlines()[1])
        assert size >= 5


def test_nothing_is_erased_while_the_machine_s_clock_is_behind_what_was_recorded(elsewhen: World) -> None:
    elsewhen.open_account("gus")
    log_of(elsewhen, "gus-talk", "gus", "under a hold that the clock has not come to")
    elsewhen.clock.stands_at = now() + 3_600_000_000
    try:
        elsewhen.as_("privacy").post("/v1/holds", json={"hold": "case-gus", "accounts": ["gus"]})
    finally:
        elsewhen.clock.stands_at = None
    body = {"account": "gus", "why": "asked for"}
    ended = elsewhen.finished(elsewhen.as_("privacy").post("/v1/erasures", json=body).json(), "privacy")
    assert (ended["state"], "clock" in ended["problem"]) == ("failed", True)

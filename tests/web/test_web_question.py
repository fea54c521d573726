"""The question to show a person, choices, and whether they may go on: over HTTP, against a real server."""

from __future__ import annotations

import pytest
from web_worlds import CHOICE, World, served

from troth.operations.workspace.record import record
from troth.types.moment import parse_moment


def test_somebody_of_whom_nothing_is_recorded_is_asked_at_sign_up(world: World) -> None:
    asked = world.ask("newcomer")
    assert (asked["show"], asked["stage"], asked["may_continue"]) == (True, "signup", True)
    assert asked["notice"]["choice"] == CHOICE
    assert asked["notice"]["digest"].startswith("sha256:")


def test_a_no_bites_at_once_and_is_never_asked_again(world: World) -> None:
    world.open_account("nora")
    assert world.ask("nora")["show"]
    assert world.choose("nora", "refused").status_code == 201
    asked = world.ask("nora")
    assert (asked["show"], asked["why"]) == (False, "answered")


def test_after_the_deadline_who_has_not_chosen_may_not_go_on_until_they_choose(world: World) -> None:
    world.open_account("late")
    gate = world.as_("product").get("/v1/continue", params={"account": "late"}).json()
    assert (gate["may_continue"], gate["deadline"]) == (False, "2025-10-09T00:00:00Z")
    assert world.ask("late")["deferrals_left"] == 0
    world.choose("late", "deferred")
    assert not world.ask("late")["may_continue"]
    world.choose("late", "granted")
    assert world.as_("product").get("/v1/continue", params={"account": "late"}).json()["may_continue"]


def test_what_another_process_records_bites_with_the_next_question(world: World) -> None:
    world.open_account("elsewhere")
    assert world.ask("elsewhere")["show"]
    file = world.folder.parent / "elsewhere.jsonl"
    file.write_text(
        '{"event": "choice.made", "at": "2025-09-01T00:00:00Z", "account": "elsewhere", "choice": "improve_models",'
        ' "value": "refused"}\n',
        encoding="utf-8",
    )
    record(world.folder, (str(file),))
    assert world.ask("elsewhere")["why"] == "answered"


def test_an_organisation_decides_for_its_members_and_they_see_that(world: World) -> None:
    world.open_account("worker", plan="team", organisation="acme")
    assert world.ask("worker")["why"] == "organisation_decides"


def test_the_standing_of_choices_says_since_when_and_has_a_tag(world: World) -> None:
    world.open_account("stan")
    world.choose("stan", "refused")
    first = world.as_("product").get("/v1/choices", params={"account": "stan"})
    (stands,) = first.json()["choices"]
    assert (stands["state"], stands["by"], stands["fixed"]) == ("refused", "account", False)
    again = world.as_("product").get(
        "/v1/choices", params={"account": "stan"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    world.choose("stan", "granted")
    changed = world.as_("product").get(
        "/v1/choices", params={"account": "stan"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert changed.json()["choices"][0]["state"] == "granted"


def test_the_history_goes_on_page_by_page_and_leaves_nothing_out(world: World) -> None:
    made = [world.choose("pages", "granted" if n % 2 else "refused").json()["id"] for n in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"account": "pages", "limit": "3", **({"cursor": cursor} if cursor else {})}
        page = world.as_("product").get("/v1/choices/history", params=params).json()
        seen += [one["id"] for one in page["choices"]]
        cursor = page.get("next")
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


def test_a_cursor_of_one_person_opens_no_page_of_another(world: World) -> None:
    for number in range(3):
        world.choose("cora", "refused", key=f"cora-{number}")
        world.choose("dora", "refused", key=f"dora-{number}")
    page = world.as_("product").get("/v1/choices/history", params={"account": "cora", "limit": "1"}).json()
    for cursor in (page["next"], page["next"][:-2] + "AA", "AAAA", "!"):
        answer = world.as_("product").get("/v1/choices/history", params={"account": "dora", "cursor": cursor})
        assert answer.status_code == 422


def test_two_opposite_choices_with_one_stamp_leave_the_protective_one(elsewhen: World) -> None:
    elsewhen.open_account("twins")
    elsewhen.clock.stands_at = elsewhen.clock() + 60_000_000
    try:
        yes = elsewhen.choose("twins", "granted").json()
        no = elsewhen.choose("twins", "refused").json()
        again = elsewhen.choose("twins", "granted").json()
    finally:
        elsewhen.clock.stands_at = None
    assert yes["at"] == no["at"] == again["at"]
    (stands,) = elsewhen.as_("product").get("/v1/choices", params={"account": "twins"}).json()["choices"]
    assert stands["state"] in ("refused", "withdrawn")


def test_a_clock_that_is_set_back_stamps_nothing_before_what_was_recorded(elsewhen: World) -> None:
    elsewhen.open_account("skewed")
    first = elsewhen.choose("skewed", "granted").json()
    elsewhen.clock.stands_at = parse_moment("2025-09-01T00:00:00Z")
    try:
        second = elsewhen.choose("skewed", "refused").json()
    finally:
        elsewhen.clock.stands_at = None
    assert second["at"] >= first["at"]
    (stands,) = elsewhen.as_("product").get("/v1/choices", params={"account": "skewed"}).json()["choices"]
    assert stands["state"] in ("refused", "withdrawn")


def test_the_same_choice_sent_again_is_recorded_once(world: World) -> None:
    first = world.choose("once", "granted", key="k-once")
    second = world.choose("once", "granted", key="k-once")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = world.choose("once", "refused", key="k-once")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    history = world.as_("product").get("/v1/choices/history", params={"account": "once"}).json()
    assert len(history["choices"]) == 1


def test_a_choice_for_one_conversation_or_project_is_no_choice_of_the_account(world: World) -> None:
    world.open_account("petra")
    world.choose("petra", "granted")
    world.talk("petra", "petra-1", at="2026-11-22T00:00:00Z", project="secret")
    assert world.choose("petra", "refused", project="secret").status_code == 201
    assert world.choose("petra", "refused", conversation="petra-1").status_code == 201
    (stands,) = world.as_("product").get("/v1/choices", params={"account": "petra"}).json()["choices"]
    assert stands["state"] == "granted"
    talks = world.as_("product").get("/v1/conversations", params={"account": "petra"}).json()["conversations"]
    assert [(one["conversation"], one["in_reach"]) for one in talks] == [("petra-1", False)]


def test_a_choice_names_a_notice_that_was_shown_or_none(world: World) -> None:
    world.open_account("nils")
    digest = world.ask("nils")["notice"]["digest"]
    made = world.choose("nils", "refused", notice_digest=digest, locale="en", shown_at="2026-01-01T00:00:00Z")
    assert made.status_code == 201
    assert made.json()["notice_digest"] == digest
    assert world.choose("nils", "refused", notice_digest=f"sha256:{'0' * 64}").status_code == 422
    assert world.choose("nils", "refused", shown_at="2999-01-01T00:00:00Z").status_code == 422


def test_terms_and_notices_are_found_by_version_and_digest(world: World) -> None:
    client = world.as_("product")
    versions = [one["version"] for one in client.get("/v1/terms").json()["versions"]]
    assert versions == ["2025-05-01", "2025-08-28", "2025-09-27"]
    shown = client.get("/v1/terms/2025-08-28").json()
    assert shown["choices"][0]["deadline"] == "2025-09-29T00:00:00Z"
    notices = client.get("/v1/notices", params={"version": "2025-08-28"}).json()["notices"]
    assert client.get(f"/v1/notices/{notices[0]['digest']}").json()["digest"] == notices[0]["digest"]
    assert client.get("/v1/terms/2031-01-01").status_code == 404


def test_acknowledging_terms_is_no_answer_to_the_question(world: World) -> None:
    world.open_account("acker")
    body = {"version": "2025-09-27", "account": "acker"}
    first = world.as_("product").post("/v1/acknowledgements", json=body, headers={"Idempotency-Key": "a1"})
    again = world.as_("product").post("/v1/acknowledgements", json=body, headers={"Idempotency-Key": "a1"})
    assert first.status_code == 201
    assert first.json() == again.json()
    assert world.ask("acker")["show"]


@pytest.mark.parametrize(
    ("at", "show", "why"),
    [
        ("2025-09-28T23:59:59Z", True, "existing"),
        ("2025-10-08T23:59:59Z", True, "existing"),
        ("2025-10-09T00:00:00Z", True, "existing"),
    ],
)
def test_the_deadline_passes_at_midnight_utc_and_not_a_second_before(
    tmp_path_factory: pytest.TempPathFactory, at: str, show: bool, why: str
) -> None:
    with served(tmp_path_factory.mktemp("deadline")) as found:
        found.stands_on(parse_moment(at))
        found.open_account("early")
        asked = found.ask("early")
        assert (asked["show"], asked["why"]) == (show, why)
        assert asked["may_continue"] == (at < "2025-10-09")


def test_putting_off_is_taken_where_it_was_offered_and_refused_where_it_was_not(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with served(tmp_path_factory.mktemp("later"), ask={"deferrals": 1, "wait": "PT1H"}) as found:
        found.stands_on(parse_moment("2025-10-08T22:00:00Z"))
        found.open_account("lena")
        assert found.ask("lena")["deferrals_left"] == 1
        assert found.choose("lena", "deferred", key="once").status_code == 201
        asked = found.ask("lena")
        assert (asked["why"], asked["again_at"]) == ("deferred_often", "2025-10-09T00:00:00Z")
        # The same again is the same; another one is one too many, unless it was on the screen before the first.
        assert found.choose("lena", "deferred", key="once").status_code == 201
        refused = found.choose("lena", "deferred", key="twice")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
        other_tab = found.choose("lena", "deferred", key="tab", shown_at="2025-10-08T21:59:59Z")
        assert other_tab.status_code == 201
        found.clock.stands_at = parse_moment("2025-10-09T00:00:00Z")
        asked = found.ask("lena")
        assert (asked["show"], asked["may_continue"], asked["deferrals_left"]) == (True, False, 0)
        assert found.choose("lena", "deferred").status_code == 409
        assert found.choose("lena", "refused").status_code == 201
        assert found.ask("lena")["may_continue"]

"""Borders of time: the deadline, the wait, the month of the law and the life of a token, wherever a machine or a person is."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from chromium import opened_shop, started_chromium
from web_worlds import World, served

import troth.terms
from troth.types.moment import parse_moment

PROFILE = Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer"
ZONES = ("Europe/Berlin", "America/New_York", "UTC", "Pacific/Kiritimati", "Pacific/Niue")
"""A change of the clock in October, one in November, none, and the first and the last place where a day ends."""
DEADLINES = {"2025-10-26": "2025-10-27T00:00:00Z", "2025-11-02": "2025-11-03T00:00:00Z"}
"""The last day on which one may choose, on which Berlin and New York set their clocks back; and when it is over."""


def terms_until(folder: Path, last_day: str) -> Path:
    """The shipped terms with another last day."""
    copytree(PROFILE, folder)
    newest = max(folder.glob("*.toml"))
    text = re.sub(
        r"^last_day = .*$", f"last_day = {last_day}", newest.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    newest.write_text(text, encoding="utf-8")
    return folder


@contextmanager
def served_in(monkeypatch: pytest.MonkeyPatch, folder: Path, zone: str, last_day: str) -> Iterator[World]:
    """A service on a machine that is set to a time zone."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with served(folder, terms=str(terms_until(folder / "terms", last_day))) as world:
            yield world
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(("zone", "last_day"), [*zip(ZONES, [*DEADLINES] * 3, strict=False)])
def test_the_deadline_is_the_end_of_the_day_in_utc_whatever_the_machine_is_set_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, last_day: str
) -> None:
    over = DEADLINES[last_day]
    with served_in(monkeypatch, tmp_path, zone, last_day) as world:
        world.stands_on(parse_moment(f"{last_day}T23:59:59.999999Z"))
        world.open_account("late")
        gate = world.as_("product").get("/v1/continue", params={"account": "late"}).json()
        assert (gate["may_continue"], gate["deadline"]) == (True, over)
        world.stands_on(parse_moment(over))
        assert not world.ask("late")["may_continue"]
        assert parse_moment(world.choose("late", "granted").json()["at"]) == parse_moment(over)
        assert world.ask("late")["may_continue"]


@pytest.mark.parametrize("zone", ZONES[:2])
def test_a_question_that_was_put_off_comes_again_after_a_day_of_24_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Also over the night in which that machine's clock is set back."""
    with served_in(monkeypatch, tmp_path, zone, "2025-12-01") as world:
        for day, next_day in (("2025-10-25", "2025-10-26"), ("2025-11-01", "2025-11-02")):
            account = f"waits-{day}"
            world.stands_on(parse_moment(f"{day}T12:00:00Z"))
            world.open_account(account)
            world.choose(account, "deferred").raise_for_status()
            world.stands_on(parse_moment(f"{next_day}T11:59:59Z"))
            assert not world.ask(account)["show"]
            world.stands_on(parse_moment(f"{next_day}T12:00:00Z"))
            assert world.ask(account)["show"]


DUE = {
    "2025-10-01T00:30:00Z": "2025-11-01T00:30:00Z",
    "2026-01-31T23:30:00Z": "2026-02-28T23:30:00Z",
    "2026-03-28T23:30:00Z": "2026-04-28T23:30:00Z",
    "2028-01-31T00:00:00Z": "2028-02-29T00:00:00Z",
}


@pytest.mark.parametrize("zone", ZONES[:2])
def test_a_request_is_due_a_month_later_at_the_same_time_in_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with served_in(monkeypatch, tmp_path, zone, "2025-12-01") as world:
        for asked, due in DUE.items():
            world.stands_on(parse_moment(asked))
            body = {"kind": "access", "account": "ada"}
            assert world.as_("product").post("/v1/requests", json=body).json()["due"] == due


@pytest.mark.parametrize(
    ("changed", "taken"),
    [({"exp": -25}, True), ({"exp": -35}, False), ({"nbf": 25}, True), ({"nbf": 35}, False), ({"iat": 25, "exp": 300}, True),
     ({"iat": 35, "exp": 300}, False), ({"exp": 625}, True), ({"exp": 640}, False)],
    ids=str,
)  # fmt: skip
def test_clocks_of_product_and_service_may_differ_by_half_a_minute(
    world: World, changed: dict[str, int], taken: bool
) -> None:
    now = world.clock() // 1_000_000
    token = world.token("skewed", **{name: now + seconds for name, seconds in changed.items()})
    answer = httpx.get(f"{world.address}/v1/choices", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (200 if taken else 401)


def test_people_in_every_time_zone_are_told_the_same_last_day(tmp_path: Path) -> None:
    """In the component and on the plain page: a day that ends earlier where one lives would be a choice withheld."""
    with (
        opened_shop(tmp_path, str(terms_until(tmp_path / "terms", "2025-10-26"))) as shop,
        started_chromium() as browser,
    ):
        shop.world.stands_on(parse_moment("2025-10-20T12:00:00Z"))
        shop.world.open_account("abroad")
        told = set()
        for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Europe/Berlin"):
            page = shop.page(browser, timezone_id=zone)
            shop.asked(page, "abroad")
            told.add(page.inner_text("troth-ask #intro"))
            page.context.close()
        (words,) = told
        assert "until October 26, 2025" in words

"""What the vault is said to hold is what it holds; and the picture of it shows that, at any size."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import Shop
from test_workspace_erasure import TERMS, event, taken, talk

from troth.errors import UsageError
from troth.operations.workspace.compact import compact
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.roots.keeper import hand_over
from troth.operations.workspace.stats.ahead import Ahead, Coming
from troth.operations.workspace.stats.axes import counts, month_start, times
from troth.operations.workspace.stats.past import Past, Step
from troth.operations.workspace.stats.picture import LEFT, RIGHT, TALL, TOP, WIDTH, picture
from troth.operations.workspace.stats.stats import StatsRequest, VaultStats, vault_stats
from troth.operations.workspace.stats.tally import NONE, Tally
from troth.types.moment import DAY, LAST, Moment, parse_moment
from troth.vault.keys.keyring import KeyStats

LATER = parse_moment("2026-11-05T00:00:00Z")


def stats(shop: Shop, at: Moment | None = None, *, terms: str | None = TERMS) -> VaultStats:
    return vault_stats(StatsRequest(shop.workspace, terms, {}, at))


def ahead(shop: Shop, at: Moment) -> Ahead:
    found = stats(shop, at).ahead
    assert found is not None
    return found


def held(done: Ahead) -> dict[str, int]:
    return {standing: tally.records for standing, tally in done.in_all.items()}


# --- what is stored --------------------------------------------------------------------------------------


def test_an_empty_vault_has_nothing(shop: Shop) -> None:
    done = stats(shop)
    assert (done.live, done.dead, done.segments, done.size) == (NONE, NONE, 0, 0)
    assert done.past == Past((), None)
    assert done.ahead is not None
    assert done.ahead.standings == ()


def test_live_becomes_dead_by_an_erasure_and_nothing_by_compaction(shop: Shop) -> None:
    taken(shop)
    before = stats(shop, terms=None)
    assert (before.live.conversations, before.live.records) == (3, 6)
    assert before.live.size == before.size > 0
    erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation="of-ada"))
    after = stats(shop, terms=None)
    assert (after.live.records, after.dead.conversations, after.dead.records) == (4, 1, 2)
    assert after.live.size + after.dead.size == pytest.approx(after.size, abs=2)
    assert after.keys.destroyed > before.keys.destroyed
    compact(shop.workspace)
    assert (stats(shop, terms=None).dead, stats(shop, terms=None).live.records) == (NONE, 4)


def test_the_past_has_a_step_for_each_intake_and_erasure_and_the_age_of_the_root(shop: Shop) -> None:
    taken(shop)
    assert stats(shop, terms=None).past.root_since is None
    erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation="of-ada"))
    taken(shop, talk("new", ("ada", "again")))
    past = stats(shop, terms=None).past
    assert [(one.taken_in, one.erased) for one in past.steps] == [(3, 0), (3, 1), (4, 1)]
    assert [one.at for one in past.steps] == sorted(one.at for one in past.steps)
    assert past.root_since == past.steps[1].at
    (shop.folder / "new.toml").write_text('[root]\nkind = "file"\nfolder = "../safe"\n')
    hand_over(shop.workspace, shop.folder / "new.toml")
    later = stats(shop, terms=None).past.root_since
    assert later is not None
    assert later > past.steps[-1].at


# --- what the terms say ----------------------------------------------------------------------------------


def test_due_and_held_are_what_retain_says(shop: Shop) -> None:
    taken(shop)
    shop.record(
        event("conversation.deleted", conversation="of-ada"),
        event("conversation.deleted", conversation="of-ben"),
        event("hold.placed", hold="case-7", accounts=["ben"]),
    )
    done = ahead(shop, LATER)
    assert held(done) == {"due": 2, "overdue": 2, "kept": 2}
    listed = retain(RetainRequest(shop.workspace, TERMS, LATER))
    (due,) = [one for one in done.standings if one.standing == "due"]
    assert (due.rule, due.clause, due.tally.records) == (
        listed.due[0].rule,
        listed.due[0].clause,
        listed.records,
    )
    assert done.in_all["overdue"].records == listed.stays
    assert (done.due, done.held) == (1, 1)


def test_every_live_record_stands_somewhere_and_only_once(shop: Shop) -> None:
    taken(shop)
    shop.record(event("conversation.deleted", conversation="of-ada"))
    erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation="of-ben"))
    for at in (parse_moment("2025-01-01T00:00:00Z"), LATER, parse_moment("2040-01-01T00:00:00Z")):
        done = stats(shop, at)
        assert done.ahead is not None
        assert sum(held(done.ahead).values()) == done.live.records == 4
        assert sum(one.tally.records for one in done.ahead.standings) == 4
        sizes = sum(one.tally.size for one in done.ahead.standings)
        assert sizes == pytest.approx(done.live.size, abs=4)
        coming = sum(one.tally.conversations for one in done.ahead.coming)
        assert coming + done.ahead.held + done.ahead.endless + done.ahead.due == done.live.conversations == 2


def test_a_conversation_comes_when_the_last_of_its_records_may_go(shop: Shop) -> None:
    taken(shop, talk("shared", ("ada", "a"), ("ada", "b"), at="2025-10-20T00:00:00Z"))
    shop.record(event("conversation.deleted", "2026-10-10T00:00:00Z", conversation="shared"))
    done = ahead(shop, parse_moment("2026-10-15T00:00:00Z"))
    assert [(one.month, one.tally.conversations, one.tally.records) for one in done.coming] == [
        (parse_moment("2026-11-01T00:00:00Z"), 1, 2)
    ]
    (kept,) = [one for one in done.standings if one.standing == "kept"]
    assert kept.rule == "deleted"


# --- the picture -----------------------------------------------------------------------------------------


def test_the_picture_is_written_as_svg_and_as_nothing_else(shop: Shop) -> None:
    taken(shop)
    file = shop.folder / "vault.svg"
    vault_stats(StatsRequest(shop.workspace, TERMS, picture=file))
    ET.fromstring(file.read_text())  # noqa: S314 — we wrote it
    with pytest.raises(UsageError, match="drawn as SVG"):
        vault_stats(StatsRequest(shop.workspace, TERMS, picture=Path("vault.png")))


AT = parse_moment("2026-11-22T00:00:00Z")


def drawn(taken_in: list[int], erased: list[int], months: list[int], held: int, endless: int) -> VaultStats:
    steps, whole, gone = [], 0, 0
    for number, (more, fewer) in enumerate(zip(taken_in, erased, strict=True)):
        whole += more
        gone = min(whole, gone + fewer)
        steps.append(Step(AT - (len(taken_in) - number) * DAY, whole, gone))
    coming = tuple(
        Coming(month_start(2026 * 12 + 11 + at), Tally(n, n, n)) for at, n in enumerate(months) if n
    )
    live = sum(months) + held + endless
    told = Ahead(
        "terms",
        (),
        {"held": Tally(held, held, held), "kept": Tally(live, live, live)},
        coming,
        held,
        endless,
        0,
    )
    return VaultStats("example.org/shop", AT, 3, 10**6, Tally(live, live, live), Tally(gone, gone, gone),
                      KeyStats(whole + 1, gone, 1, 4096, 7), Past(tuple(steps), AT), told)  # fmt: skip


AMOUNTS = st.integers(0, 3 * 10**9)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=12),
    st.lists(AMOUNTS, max_size=30),
    AMOUNTS,
    AMOUNTS,
    st.booleans(),
)
def test_whatever_the_figures_the_areas_lie_within_the_chart(
    steps: list[tuple[int, int]], months: list[int], held: int, endless: int, foretold: bool
) -> None:
    done = drawn([one for one, _ in steps], [one for _, one in steps], months, held, endless)
    text = picture(done if foretold else dataclasses.replace(done, ahead=None))
    svg = ET.fromstring(text)  # noqa: S314 — we wrote it
    assert "nan" not in text
    assert "inf" not in text.split("</style>")[1].replace("infinite", "")
    for shape in svg.iter("{http://www.w3.org/2000/svg}path"):
        if shape.get("class") in ("live", "erased", "held", "endless", "due"):
            points = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", shape.get("d") or "")
            assert all(LEFT - 1 <= float(x) <= RIGHT + 1 for x, _ in points)
            assert all(TOP - 1 <= float(y) <= TOP + TALL + 1 for _, y in points)
    for word in svg.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(word.get("x") or "nan") <= WIDTH


def test_names_in_the_picture_are_escaped_and_it_loads_nothing() -> None:
    done = drawn([3], [1], [1], 1, 0)
    assert done.ahead is not None
    hostile = '<script>alert(1)</script>"&'
    text = picture(
        dataclasses.replace(done, origin=hostile, ahead=dataclasses.replace(done.ahead, terms=hostile))
    )
    ET.fromstring(text)  # noqa: S314 — we wrote it
    assert "<script" not in text
    assert set(re.findall(r"https?://[^\"]*", text)) == {"http://www.w3.org/2000/svg"}


def test_a_past_of_many_steps_is_drawn_with_few_points() -> None:
    done = drawn([1] * 50_000, [0] * 50_000, [], 0, 0)
    assert len(picture(done)) < 60_000


@given(st.integers(0, 10**12))
def test_round_numbers_reach_the_largest_and_are_few(largest: int) -> None:
    ticks = counts(largest)
    assert 2 <= len(ticks) <= 6
    assert ticks[-1].value >= largest
    assert len({tick.label for tick in ticks}) == len(ticks)


@given(st.integers(0, LAST - 2), st.integers(1, 10**17))
def test_round_times_lie_within_their_span_and_are_few(start: Moment, span: int) -> None:
    end = min(start + span, LAST)
    ticks = times(start, end)
    assert len(ticks) <= 6
    assert all(start <= tick.value < end for tick in ticks)

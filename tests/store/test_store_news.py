"""What a store has accepted since somebody looked: nothing is missed, whoever wrote it and in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from store_worlds import NOON, World, choice, choices, event, items, log_all, started

from troth.store.news import GAP_SECONDS, MOST, Seen, look
from troth.store.subjects import Subject


def test_who_looks_for_the_first_time_takes_everything_to_have_changed(world: World) -> None:
    store = world.open()
    store.append(choices(range(5)))
    news = store.news(None, 0.0)
    assert news.everything
    again = store.news(news.seen, 1.0)
    assert (again.everything, again.about, again.kinds) == (False, frozenset(), frozenset())


def test_what_others_write_is_news_under_the_mark_of_whom_it_is_about(world: World) -> None:
    store, other = world.open(), world.open()
    seen = store.news(None, 0.0).seen
    other.append(
        items(choice(1, "ada"), choice(2, "ben"), event(event="conversation.deleted", conversation="c1"))
    )
    news = store.news(seen, 1.0)
    assert news.about == {
        store.mark(Subject("account", "ada")),
        store.mark(Subject("account", "ben")),
        store.mark(Subject("conversation", "c1")),
    }
    assert news.kinds == {"choice", "deletion"}
    assert not store.news(news.seen, 2.0).about


def test_the_stamp_of_sqlite_changes_with_what_others_write_and_postgres_has_none(world: World) -> None:
    store, other = world.open(), world.open()
    before = store.stamp()
    if before is None:
        assert world.url.startswith("postgres")
        return
    assert store.stamp() == before
    other.append(choices(range(1)))
    assert store.stamp() != before


def test_too_much_to_name_is_everything(world: World) -> None:
    store = world.open()
    seen = store.news(None, 0.0).seen
    for start in range(0, MOST + 1, 2_001):
        store.append(choices(range(start, start + 2_001)))
    news = store.news(seen, 1.0)
    assert news.everything
    assert not store.news(news.seen, 2.0).everything


class Rows:
    """A database whose rows become visible in an order of the test's."""

    def __init__(self) -> None:
        self.visible: dict[int, bytes] = {}

    def among(self, _: str, values: Sequence[int]) -> tuple[str, Sequence[Any]]:
        return "these", list(values)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        known = sorted(self.visible)
        if "max(seq)" in sql:
            return [(max(known, default=0),)]
        if "these" in sql:
            return [(one, "choice", self.visible[one], None) for one in known if one in parameters]
        if sql.startswith("SELECT seq FROM"):
            return [(one,) for one in known if parameters[0] < one <= parameters[1]]
        return [(one, "choice", self.visible[one], None) for one in known if one > parameters[0]][
            : parameters[1]
        ]


def test_a_lower_row_that_is_committed_after_a_higher_one_is_not_missed() -> None:
    database = Rows()
    database.visible = {1: b"a", 3: b"c"}
    first = look(database, None, 0.0)  # type: ignore[arg-type]
    assert set(first.seen.gaps) == {2}
    database.visible |= {6: b"f"}
    second = look(database, first.seen, 1.0)  # type: ignore[arg-type]
    assert (second.about, set(second.seen.gaps)) == ({b"f"}, {2, 4, 5})
    database.visible |= {2: b"b", 5: b"e"}
    third = look(database, second.seen, 2.0)  # type: ignore[arg-type]
    assert (third.about, set(third.seen.gaps)) == ({b"b", b"e"}, {4})
    given_up = look(database, third.seen, 2.0 + GAP_SECONDS)  # type: ignore[arg-type]
    assert given_up.seen == Seen(6, {})


def test_rows_of_an_organisation_and_from_an_index_on_are_found(sealed: World) -> None:
    store = started(sealed)
    hired = event(event="account.opened", account="ada", organisation="acme")
    changed = event(event="organisation.changed", organisation="acme", plan="team")
    store.append(items(hired, changed, choice(1), choice(2)))
    log_all(store, NOON + 1)
    owned = [row.payload for row in store.opened(owner=Subject("organisation", "acme"))]
    assert len(owned) == 1
    assert b"organisation.changed" in owned[0]
    assert [row.index for row in store.opened(since=2)] == [2, 3]
    assert [row.index for row in store.opened(kinds=("choice",), since=3, below=4)] == [3]
    assert [row.index for row in store.opened(account="ada", since=3)] == [3]
    assert list(store.opened(owner=Subject("organisation", "other"))) == []


@pytest.mark.parametrize("name", ["zoe", "x" * 500, "é\u0301"])
def test_a_mark_tells_a_name_only_to_who_has_the_keys(sealed: World, name: str) -> None:
    mark = sealed.open().mark(Subject("account", name))
    assert len(mark) == 32
    assert name.encode() not in mark
    assert mark != sealed.open().mark(Subject("organisation", name))

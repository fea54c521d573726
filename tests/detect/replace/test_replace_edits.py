"""Edits after edits are edits of the text as it was; and a column is filtered as its conversations are."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import KEY, OTHER_KEY, SLOW_MACHINE, VALUES, Planted

from troth.detect.filter import EDITS, Filter, SensitiveFilter, Talks
from troth.detect.replace.edits import composed
from troth.detect.replace.manner import Manners
from troth.types.edit import Edit, edited

TEXT = st.lists(st.sampled_from([*VALUES, " ", "hello"]), max_size=5).map(" ".join)


@st.composite
def edits_of(draw: st.DrawFn, length: int) -> list[Edit]:
    cuts = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
    return [
        Edit(start, end, "A", 1.0, "", draw(st.text("xyz[]", max_size=6)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]


@settings(deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.data(), st.text("abcdefgh", max_size=20))
def test_two_rounds_are_one(data: st.DataObject, text: str) -> None:
    first = data.draw(edits_of(len(text)))
    between = edited(text, first)
    then = data.draw(edits_of(len(between)))
    both = composed(between, first, then)
    assert edited(text, both) == edited(between, then)
    assert all(one.end <= other.start for one, other in pairwise(both))


@pytest.mark.parametrize(
    "edits", [[(0, 0)], [(2, 1)], [(-1, 2)], [(0, 9)], [(0, 2), (1, 3)], [(2, 3), (0, 1)]]
)
def test_edits_that_do_not_fit_are_refused(edits: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        edited("text", [Edit(start, end, "A", 1.0, "", "x") for start, end in edits])


def column(rows: list[tuple[str, str | None]], keys: dict[str, bytes] | None = None) -> Talks:
    known = keys or {name: KEY if name == "a" else OTHER_KEY for name, _ in rows}
    return Talks(
        pa.array([text for _, text in rows], pa.string()),
        pa.array([name for name, _ in rows], pa.string()),
        known,
    )


def test_a_column_is_filtered_by_conversation() -> None:
    sensitive = SensitiveFilter(Planted())
    found = sensitive.replace(
        column([("a", "I am John Smith"), ("b", "I am 张伟"), ("a", None), ("a", "John Smith again")])
    )
    assert found.texts.to_pylist() == ["I am [PERSON_1]", "I am [PERSON_1]", None, "[PERSON_1] again"]
    assert (found.changed, found.replaced) == (3, {"PERSON": 3})
    assert found.edits.schema == EDITS
    assert found.edits.column("row").to_pylist() == [0, 1, 3]


@settings(deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.one_of(st.none(), TEXT)), max_size=5))
def test_each_conversation_has_its_own_answer(rows: list[tuple[str, str | None]]) -> None:
    sensitive = SensitiveFilter(Planted(), Manners("surrogate"))
    together = sensitive.replace(column(rows)).texts.to_pylist()
    for name in "ab":
        own = [row for row in rows if row[0] == name]
        alone = sensitive.replace(column(own)).texts.to_pylist()
        assert alone == [text for text, (other, _) in zip(together, rows, strict=True) if other == name]


def test_it_keeps_the_contract_of_the_door() -> None:
    sensitive: Filter = SensitiveFilter(Planted(), Manners.of_kinds({"SECRET": "drop"}))
    again = pickle.loads(pickle.dumps(sensitive))  # noqa: S301 — our own bytes
    assert (again.digest, again.manners) == (sensitive.digest, {"*": "tag", "SECRET": "drop"})
    assert not any(sensitive.reads(kind) for kind in (None, "text/plain", "image/png"))
    empty = sensitive.replace(column([]))
    assert (len(empty.texts), empty.changed, empty.replaced, empty.edits.num_rows) == (0, 0, {}, 0)


def test_a_record_that_is_dropped_has_no_text() -> None:
    sensitive = SensitiveFilter(Planted(), Manners.of_kinds({"SECRET": "drop"}))
    found = sensitive.replace(column([("a", "it is hunter2"), ("a", "John Smith")]))
    assert found.texts.to_pylist() == [None, "[PERSON_1]"]
    assert found.dropped.to_pylist() == [True, False]
    assert found.changed == 1


def test_a_manner_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no manner of replacing called 'burn'"):
        Manners("burn")
    with pytest.raises(ValueError, match="'burn'"):
        Manners.of_kinds({"PERSON": "burn"})

"""The algebra of boxes equals brute force over small spaces."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.terms.boxes import (
    Box,
    Effort,
    Space,
    TooMuchEffort,
    covered,
    hull,
    inside,
    left_over,
    meet,
    relax,
    size,
    without,
)

WIDTHS = (2, 3, 2, 4)
FULL: Box = tuple((1 << width) - 1 for width in WIDTHS)

boxes = st.tuples(*(st.integers(1, mask) for mask in FULL))
lists = st.lists(boxes, max_size=6)
Points = set[tuple[int, ...]]


def points(box: Box) -> Points:
    return set(product(*([place for place in range(8) if mask >> place & 1] for mask in box)))


def union(many: list[Box]) -> Points:
    return set().union(*(points(box) for box in many)) if many else set()


@given(boxes, boxes)
def test_meet_inside_and_size_are_those_of_sets(one: Box, other: Box) -> None:
    both = meet(one, other)
    assert (points(both) if both else set()) == points(one) & points(other)
    assert inside(one, other) == (points(one) <= points(other))
    assert size(one) == len(points(one))


@given(boxes, boxes)
def test_without_is_the_difference_in_pieces_that_do_not_overlap(one: Box, other: Box) -> None:
    pieces = list(without(one, other))
    assert union(pieces) == points(one) - points(other)
    assert sum(map(size, pieces)) == len(union(pieces))


@given(boxes, lists)
def test_what_is_left_over_is_the_difference_of_many(one: Box, taken: list[Box]) -> None:
    pieces = list(left_over(one, taken))
    assert union(pieces) == points(one) - union(taken)
    assert sum(map(size, pieces)) == len(union(pieces))
    assert covered(one, taken) == (points(one) <= union(taken))


@given(st.lists(boxes, min_size=1, max_size=5))
def test_the_hull_is_the_smallest_box_around(many: list[Box]) -> None:
    around = hull(many)
    assert all(inside(box, around) for box in many)
    for place, mask in enumerate(around):
        for bit in (1 << n for n in range(4) if mask >> n & 1):
            smaller = (*around[:place], mask & ~bit, *around[place + 1 :])
            assert not all(inside(box, smaller) for box in many)


@given(boxes, lists)
def test_relaxing_adds_nothing_possible(box: Box, never: list[Box]) -> None:
    wider = relax(box, FULL, never)
    assert inside(box, wider)
    assert points(wider) - points(box) <= union(never)


def test_nothing_covers_something_and_anything_covers_nothing() -> None:
    assert not covered(FULL, [])
    assert covered((0, *FULL[1:]), [])


def test_effort_is_bounded() -> None:
    with pytest.raises(TooMuchEffort):
        list(left_over(FULL, [(1, 1, 1, 1), (2, 2, 2, 2)], Effort(2)))


def test_a_space_turns_conditions_into_boxes_and_back() -> None:
    space = Space.of({"colour": ("red", "green", "blue"), "size": ("small", "large")})
    box = space.box({"colour": frozenset({"blue", "red"})})
    assert space.when(box) == {"colour": ("red", "blue")}
    assert space.when(space.full) == {}
    never = [
        space.box({"colour": frozenset({"green"})}),
        space.box({"colour": frozenset({"red"}), "size": frozenset({"small"})}),
    ]
    assert space.when(space.possible(never)) == {"colour": ("red", "blue")}
    assert space.when(box, space.possible(never)) == {}

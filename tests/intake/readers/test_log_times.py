"""Times as logs write them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_logs import at

from troth.intake.readers.log_times import time_of, time_of_epoch, time_of_text

NOON = "2026-01-05T12:00:00Z"
SECONDS = 1_767_614_400


@pytest.mark.parametrize(
    "text", [NOON, "2026-01-05T13:00:00+01:00", "2026-01-05 12:00:00+00", "2026-01-05T12:00:00.000000000Z"]
)
def test_text_with_an_offset(text: str) -> None:
    assert at(time_of_text(text)) == NOON


def test_text_without_an_offset_is_a_time_only_where_the_format_says_utc() -> None:
    assert time_of_text("2026-01-05 12:00:00") is None
    assert at(time_of_text("2026-01-05 12:00:00", utc=True)) == NOON
    assert at(time_of_text(datetime(2026, 1, 5, 12), utc=True)) == NOON  # noqa: DTZ001 - without one on purpose


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-01-05", "2026-13-05T12:00:00Z", "0001-01-01T00:00:00+23:00", None, 3]
)
def test_text_that_is_no_time(text: object) -> None:
    assert time_of_text(text) is None


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
def test_the_magnitude_of_a_number_tells_its_unit(unit: int) -> None:
    assert at(time_of_epoch(SECONDS * unit)) == NOON


def test_fractions_of_a_second_are_kept() -> None:
    assert at(time_of_epoch(SECONDS + 0.25)) == "2026-01-05T12:00:00.250000Z"


@pytest.mark.parametrize("number", [0, -1, True, None, "1767614400", float("nan"), float("inf"), 10**30])
def test_numbers_that_are_no_time(number: object) -> None:
    assert time_of_epoch(number) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.datetimes()))
def test_nothing_that_a_log_may_hold_is_an_error(value: object) -> None:
    found = time_of(value)
    assert found is None or isinstance(found, int)

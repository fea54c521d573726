"""Moments and periods: UTC only, calendar months clamp, nothing is guessed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.decide.columns.lives import add_period
from troth.types.moment import (
    DAY,
    LAST,
    MomentError,
    Period,
    format_moment,
    format_period,
    moment_of,
    parse_moment,
    parse_period,
)

moments = st.integers(parse_moment("1970-01-01T00:00:00Z"), parse_moment("2200-01-01T00:00:00Z"))
periods = st.builds(Period, st.integers(0, 240), st.integers(0, 4000 * DAY))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2025-09-10T14:00:00", "no zone"),
        ("2025-09-10T14:00:00+02:00", "not in UTC"),
        ("2025-09-10T14:00:00+00:00", "not in UTC"),
        ("2025-02-30T14:00:00Z", "not a time"),
        ("2025-09-10", "not a time"),
        ("2025-09-10T14:00:00.1234567Z", "finer than a microsecond"),
        ("2025-09-10T14:00:00Z\n", "not a time"),
        ("٢٠٢٥-09-10T14:00:00Z", "not a time"),
    ],
)
def test_a_time_that_is_not_utc_is_refused_in_words(text: str, problem: str) -> None:
    with pytest.raises(MomentError, match=problem):
        parse_moment(text)


def test_a_datetime_must_be_in_utc() -> None:
    with pytest.raises(MomentError, match="no zone"):
        moment_of(datetime(2025, 9, 10))  # noqa: DTZ001
    with pytest.raises(MomentError, match="not in UTC"):
        moment_of(datetime(2025, 9, 10, tzinfo=timezone(timedelta(hours=2))))


@given(moments)
def test_a_moment_survives_writing_and_reading(moment: int) -> None:
    assert parse_moment(format_moment(moment)) == moment


@given(periods)
def test_a_period_survives_writing_and_reading(period: Period) -> None:
    whole = Period(period.months, period.micros // 1_000_000 * 1_000_000)
    assert parse_period(format_period(whole)) == whole


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2025-01-31T12:00:00Z", "P1M", "2025-02-28T12:00:00Z"),
        ("2024-01-31T12:00:00Z", "P1M", "2024-02-29T12:00:00Z"),
        ("2024-02-29T12:00:00Z", "P5Y", "2029-02-28T12:00:00Z"),
        ("2025-08-31T00:00:00Z", "P18M", "2027-02-28T00:00:00Z"),
        ("2025-09-10T14:00:00Z", "P30D", "2025-10-10T14:00:00Z"),
        ("2025-09-10T14:00:00Z", "PT72H", "2025-09-13T14:00:00Z"),
        ("9990-01-01T00:00:00Z", "P100Y", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_months_and_years_are_calendar_ones(start: str, period: str, end: str) -> None:
    assert format_moment(parse_period(period).after(parse_moment(start))) == end


@given(moments, periods)
def test_arrays_add_periods_as_single_moments_do(moment: int, period: Period) -> None:
    assert int(add_period(np.array([moment], np.int64), period)[0]) == period.after(moment)


@given(moments, periods)
def test_no_period_is_shorter_than_its_shortest(moment: int, period: Period) -> None:
    assert period.after(moment) == LAST or period.after(moment) - moment >= period.shortest


@pytest.mark.parametrize("text", ["", "P", "PT", "30D", "P30", "P-1D", "P1.5D", "P1DT", "indefinite"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(MomentError):
        parse_period(text)

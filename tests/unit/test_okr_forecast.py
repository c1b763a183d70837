from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.forecast import find_point, make_change, make_forecast, make_series, render_trend
from okr.model import Point
from tests.unit.okr_rows import TODAY

DUE = date(2026, 12, 31)
ONE = Decimal(1)
SCORES = st.decimals(0, 1, places=4)


def weekly(*scores, last=date(2026, 11, 16)):
    """Points on Mondays, the last of them on ``last``."""
    days = [last - timedelta(weeks=n) for n in range(len(scores))]
    return [Point(day, Decimal(str(score))) for day, score in zip(reversed(days), scores, strict=True)]


def test_a_series_is_the_last_quarter_in_order_and_the_present():
    points = weekly(*[n / 100 for n in range(20)])
    series = make_series([*reversed(points), Point(TODAY, ONE)], TODAY, Decimal("0.5"))
    assert series == [*points[-13:], Point(TODAY, Decimal("0.5"))]
    assert make_series(points[-2:], TODAY, None) == points[-2:]
    assert make_series([points[0], Point(points[0].day, ONE)], TODAY, None) == [Point(points[0].day, ONE)]


def test_a_steady_climb_goes_on():
    points = weekly(0, 0.07, 0.14)
    assert make_forecast(points, date(2026, 11, 17), date(2026, 11, 30), ONE) == Decimal("0.28")
    assert make_forecast(
        make_series(points, date(2026, 11, 23), Decimal("0.21")), date(2026, 11, 23), DUE, ONE
    ) == Decimal("0.59")


def test_one_odd_week_does_not_turn_the_line():
    points = weekly(0.1, 0.2, 0.9, 0.4, 0.5)
    assert make_forecast(points, TODAY, date(2026, 11, 30), ONE) == Decimal("0.7")


def test_a_forecast_stays_within_zero_and_the_cap():
    assert make_forecast(weekly(0.9, 0.5, 0.1), TODAY, DUE, ONE) == 0
    assert make_forecast(weekly(0.1, 0.5, 0.9), TODAY, DUE, ONE) == 1
    assert make_forecast(weekly(0.1, 0.5, 0.9), TODAY, DUE, Decimal("1.2")) == Decimal("1.2")


def test_there_is_no_forecast_from_two_weeks_nor_of_the_past():
    assert make_forecast(make_series(weekly(0.1, 0.2), TODAY, ONE), TODAY, DUE, ONE) is None
    assert make_forecast([], TODAY, DUE, ONE) is None
    assert make_forecast(weekly(0.1, 0.2, 0.3), DUE, DUE, ONE) is None
    assert make_forecast(weekly(0.1, 0.2, 0.3), DUE - timedelta(days=1), DUE, ONE) is not None


@given(st.lists(SCORES, min_size=3, max_size=13), SCORES, st.integers(1, 300))
def test_a_forecast_is_always_a_score(scores, present, ahead):
    series = make_series(weekly(*scores), TODAY, present)
    forecast = make_forecast(series, TODAY, TODAY + timedelta(days=ahead), ONE)
    assert 0 <= forecast <= 1
    assert forecast == round(forecast, 4)


@given(SCORES, st.integers(3, 13), st.integers(1, 300))
def test_what_stands_still_stays(score, weeks, ahead):
    series = make_series(weekly(*[score] * weeks), TODAY, score)
    assert make_forecast(series, TODAY, TODAY + timedelta(days=ahead), ONE) == score


@pytest.mark.parametrize(
    ("ages", "found"),
    [([14], 14), ([11, 22], None), ([12], 12), ([21], 21), ([12, 17], 12), ([13, 15], 13), ([21, 16], 16)],
)
def test_change_looks_back_fourteen_days_or_nearly(ages, found):
    series = sorted(Point(TODAY - timedelta(days=age), Decimal(age) / 100) for age in ages)
    change = make_change(series, TODAY, ONE)
    assert change == (None if found is None else ONE - Decimal(found) / 100)


def test_a_point_of_an_age_that_nobody_has_is_none():
    assert find_point([], TODAY, nearest=7, youngest=4, oldest=10) is None


def test_a_trend_is_drawn_from_zero_to_one():
    drawn = weekly(0, 0.07, 0.08, 0.15, 0.3, 0.43, 0.57, 0.72, 0.86, 0.99, 1, 1.2)
    assert render_trend(drawn) == "▁▁▂▂▃▄▅▆▇███"
    assert render_trend([]) == ""

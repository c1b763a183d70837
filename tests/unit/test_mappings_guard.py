"""Guards: what is doubted, and when a doubt is believed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mappings.guard import DEFAULT_GUARD, Guard, check_guard
from mappings.model import GapKind, Measure, Reading
from tests.unit.test_mappings_measure import outcome, rows

D = Decimal


def reading(value, counted=None):
    return Reading(D(value), datetime(2026, 11, 22, tzinfo=UTC), counted=counted)


@pytest.mark.parametrize(
    ("guard", "value", "last", "said"),
    [
        (Guard(), "0", "1000", None),
        (Guard(min=D(1)), "1", None, None),
        (Guard(min=D(1)), "0.99", None, "below 1"),
        (Guard(max=D(1)), "1", None, None),
        (Guard(max=D(1)), "1.01", None, "above 1"),
        (Guard(max_change=D(10)), "110", "100", None),
        (Guard(max_change=D(10)), "110.1", "100", "from 100 to 110.1"),
        (Guard(max_change=D(10)), "89", "100", "from 100 to 89"),
        (Guard(max_change=D(10)), "1000", None, None),
        (Guard(max_change_share=D("0.2")), "120", "100", None),
        (Guard(max_change_share=D("0.2")), "121", "100", "more than 20 %"),
        (Guard(max_change_share=D("0.2")), "-121", "-100", "more than 20 %"),
        (Guard(max_change_share=D("0.2")), "5", "0", None),
        (Guard(zero=True), "0", "3", "0 all of a sudden, after 3"),
        (Guard(zero=True), "0", "0", None),
        (Guard(zero=True), "0", None, None),
        (Guard(zero=True), "1", "3", None),
        (DEFAULT_GUARD, "0", "3", "0 all of a sudden, after 3"),
        (DEFAULT_GUARD, "0", None, None),
        (DEFAULT_GUARD, "3", "1000", None),
    ],
)
def test_doubts(guard, value, last, said):
    gap = check_guard(guard, reading(value), None if last is None else D(last), 1)
    if said is None:
        assert gap is None
    else:
        assert gap.kind is GapKind.DOUBT
        assert said in gap.reason
        assert gap.doubted == D(value)
        assert gap.fix


@pytest.mark.parametrize(("counted", "doubted"), [(29, True), (30, False), (None, False)])
def test_a_number_from_too_few_records(counted, doubted):
    gap = check_guard(Guard(min_records=30), reading("5", counted), None, 1)
    assert (gap is not None) is doubted


def test_a_survey_counts_once_enough_have_answered():
    measure = Measure("nps", "F")
    answers = [D(10)] * 20 + [D(0)] * 9
    few, enough = outcome(measure, rows(*answers)), outcome(measure, rows(*answers, D(10)))
    guard = Guard(min_records=30)
    assert "29" in check_guard(guard, few, None, 1).reason
    assert check_guard(guard, enough, None, 1) is None
    assert (enough.value, enough.counted) == (40, 30)


@pytest.mark.parametrize(("days", "believed"), [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_the_same_doubt_on_three_days_is_believed(days, believed):
    gap = check_guard(Guard(zero=True, confirm=3), reading("0"), D(3), days)
    assert (gap is None) is believed


def test_a_doubt_says_how_long_it_stands():
    gap = check_guard(Guard(zero=True, confirm=3), reading("0"), D(3), 1)
    assert "2 more days" in gap.fix
    assert "1 more day." in check_guard(Guard(zero=True, confirm=3), reading("0"), D(3), 2).fix


@pytest.mark.parametrize(
    ("guard", "value", "believed_on"),
    [
        (DEFAULT_GUARD, "0", 3),
        (Guard(zero=True, zero_confirm=2, confirm=5), "0", 2),
        (Guard(zero=True, confirm=2), "0", 2),
        (Guard(zero=True), "0", None),
        (Guard(zero=True, zero_confirm=2, max_change=D(1)), "5", None),
        (Guard(zero=True, zero_confirm=2, max_change=D(1)), "0", None),  # the other guard doubts it too
    ],
)
def test_a_sudden_zero_has_a_day_of_its_own_on_which_it_is_believed(guard, value, believed_on):
    believed = [day for day in range(1, 9) if check_guard(guard, reading(value), D(9), day) is None]
    assert (believed[0] if believed else None) == believed_on

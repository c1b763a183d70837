from datetime import date, timedelta
from decimal import ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Kind
from okr.pace import make_pace
from tests.unit.okr_rows import CYCLE, TODAY, key_result, step

START, DUE = CYCLE.start, CYCLE.end


def pace(kr, today=TODAY, **rest):
    return make_pace(kr, START, DUE, today, **rest)


def test_the_pace_is_the_share_of_the_days():
    days = [date(2026, 9, 30), START, date(2026, 11, 15), TODAY, DUE, date(2027, 2, 1)]
    expected = ["0", "0.0109", "0.5", "0.5761", "1", "1"]
    assert [pace(key_result(), day) for day in days] == [Decimal(share) for share in expected]


def test_a_linear_pace_leads_to_what_counts_as_achieved():
    assert pace(key_result(), date(2026, 11, 15), aim=Decimal("0.7")) == Decimal("0.35")


def test_a_ceiling_is_to_hold_from_the_first_day_unless_it_starts_outside():
    assert pace(key_result(kind=Kind.AT_MOST), START) == 1
    assert pace(key_result(kind=Kind.AT_MOST, baseline=8), START) == 1
    assert pace(key_result(kind=Kind.AT_MOST, baseline=20), date(2026, 11, 15)) == Decimal("0.5")
    assert pace(key_result(kind=Kind.AT_MOST), date(2026, 9, 30)) == 0


PLAN = (
    step("pilot", due=date(2026, 11, 10), expected=2),
    step("half", due=date(2026, 11, 20), expected=6),
    step("no point", due=date(2026, 11, 21)),
    step("no day", expected=9),
)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 9, 30), "0"),
        (START, "0.0049"),  # the first of 41 days to the pilot
        (date(2026, 11, 10), "0.2"),
        (date(2026, 11, 15), "0.4"),
        (date(2026, 11, 20), "0.6"),
        (date(2026, 12, 31), "1"),
        (date(2027, 3, 1), "1"),
    ],
)
def test_a_dated_plan_is_interpolated_between_its_points(today, expected):
    assert pace(key_result(steps=PLAN), today) == Decimal(expected)
    assert pace(key_result(steps=PLAN), today, aim=Decimal("0.7")) == Decimal(expected)


def test_a_plan_of_a_decrease_is_written_in_its_own_values():
    kr = key_result(kind=Kind.DECREASE, baseline=80, target=40, steps=(step("half", due=TODAY, expected=60),))
    assert pace(kr) == Decimal("0.5")


def test_the_plans_own_ends_stand():
    early = step("head start", due=date(2026, 9, 1), expected=4)
    late = step("less will do", due=DUE, expected=8)
    kr = key_result(steps=(late, early))
    assert pace(kr, DUE) == Decimal("0.8")
    assert Decimal("0.4") < pace(kr, START) < Decimal("0.8")
    overshoot = key_result(steps=(step("more", due=TODAY, expected=20), step("worse", due=START, expected=-5)))
    assert pace(overshoot) == 1
    assert pace(overshoot, START) == 0


def test_dated_milestones_plan_themselves():
    steps = (step("a", due=date(2026, 11, 1)), step("b", due=TODAY, weight=2), step("c", due=DUE))
    kr = key_result(kind=Kind.MILESTONES, steps=steps)
    assert [pace(kr, TODAY - timedelta(days=1)), pace(kr), pace(kr, DUE)] == [Decimal("0.25"), Decimal("0.75"), 1]
    undated = key_result(kind=Kind.MILESTONES, steps=(*steps, step("d")))
    assert pace(undated) == Decimal("0.5761")


@given(
    st.dates(date(2026, 9, 1), date(2027, 2, 1)),
    st.lists(st.tuples(st.integers(0, 91), st.integers(0, 10)), max_size=5),
)
def test_what_is_expected_of_a_growing_plan_never_falls(today, points):
    days = sorted(day for day, _ in points)
    values = sorted(value for _, value in points)
    plan = tuple(
        step(str(n), due=START + timedelta(days=day), expected=value)
        for n, (day, value) in enumerate(zip(days, values, strict=True))
    )
    kr = key_result(steps=plan)
    assert 0 <= pace(kr, today) <= pace(kr, today + timedelta(days=1)) <= 1


def test_a_plan_that_ends_on_the_due_day_with_less_ends_with_less():
    plan = (step("a", due=date(2026, 11, 1), expected=3), step("b", due=DUE, expected=8))
    assert pace(key_result(steps=plan), DUE) == Decimal("0.8")


def test_a_pace_is_rounded_half_even_whatever_the_caller_s_context():
    day = date(2026, 10, 8)  # 8 of 92 days
    plan = (step("a", due=START, expected="0.0005"), step("b", due=DUE, expected="0.0005"))
    with localcontext() as context:
        context.rounding = ROUND_UP
        assert pace(key_result(), day) == Decimal("0.0870")
        assert pace(key_result(steps=plan), day) == 0
        assert pace(key_result(), date(2026, 11, 15), aim=Decimal("0.0001")) == 0

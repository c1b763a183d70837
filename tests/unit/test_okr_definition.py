from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.definition import check_key_result, check_kpi, check_objective, find_span
from okr.model import Key, Kind, Kpi
from okr.problem import CellPlace, Severity
from okr.score import make_progress, make_score
from tests.unit.okr_rows import CYCLE, key_result, number, objective, step

NAN, INFINITE = Decimal("NaN"), Decimal("Infinity")


def codes(kr, cycle=CYCLE, **rest):
    return [problem.code.removeprefix("okr.") for problem in check_key_result(kr, cycle, **rest)]


@pytest.mark.parametrize(
    "kr",
    [
        key_result(),
        key_result(kind=Kind.DECREASE, baseline=10, target=5),
        key_result(kind=Kind.AT_LEAST),
        key_result(kind=Kind.AT_MOST, baseline=10, target=10),
        key_result(kind=Kind.BETWEEN, target=5, target_to=5),
        key_result(kind=Kind.BOOLEAN, target=None),
        key_result(kind=Kind.BOOLEAN, target=1),
        key_result(kind=Kind.BOOLEAN, target=0),
        key_result(kind=Kind.MILESTONES, target=None, steps=(step("a", "0.5"), step("b", weight=0))),
        key_result(weight=0),
    ],
)
def test_sound_definitions_have_no_problem(kr):
    assert codes(kr) == []


@pytest.mark.parametrize(
    ("kr", "code"),
    [
        (key_result(target=None), ["no-target"]),
        (key_result(target=0), ["baseline-is-target"]),
        (key_result(baseline=10), ["baseline-is-target"]),
        (key_result(baseline=20), ["direction"]),
        (key_result(target=NAN), ["not-a-number"]),
        (key_result(baseline=INFINITE), ["not-a-number"]),
        (key_result(target_to=NAN), ["not-a-number"]),
        (key_result(weight=-1), ["weight"]),
        (key_result(weight=NAN), ["weight"]),
        (key_result(kind=Kind.DECREASE, target=None), ["no-target", "no-baseline"]),
        (key_result(kind=Kind.DECREASE, baseline=5, target=None), ["no-target"]),
        (key_result(kind=Kind.DECREASE), ["no-baseline"]),
        (key_result(kind=Kind.DECREASE, baseline=10), ["baseline-is-target"]),
        (key_result(kind=Kind.DECREASE, baseline=5), ["direction"]),
        (key_result(kind=Kind.AT_LEAST, target=None), ["no-target"]),
        (key_result(kind=Kind.AT_MOST, target=None), ["no-target"]),
        (key_result(kind=Kind.BETWEEN), ["no-band"]),
        (key_result(kind=Kind.BETWEEN, target=None, target_to=4), ["no-band"]),
        (key_result(kind=Kind.BETWEEN, target=9, target_to=4), ["band-reversed"]),
        (key_result(kind=Kind.BOOLEAN, target=100), ["yes-no"]),
        (key_result(kind=Kind.MILESTONES), ["no-steps"]),
        (key_result(kind=Kind.MILESTONES, steps=(step("a", 1, weight=0),)), ["zero-weight"]),
        (key_result(kind=Kind.MILESTONES, steps=(step("a", 50),)), ["step-share"]),
        (key_result(kind=Kind.MILESTONES, steps=(step("a", NAN, weight=-1),)), ["weight", "step-share"]),
        (key_result(steps=(step("a", expected=NAN), step("b", expected=4))), ["not-a-number"]),
        (key_result(start=date(2026, 12, 2), due=date(2026, 12, 1)), ["dates-reversed"]),
        (key_result(due=date(2026, 9, 1)), ["dates-reversed"]),
    ],
)
def test_what_is_wrong_is_a_problem_by_name(kr, code):
    assert codes(kr) == code


def test_milestones_that_a_source_measures_need_no_steps():
    assert codes(key_result(kind=Kind.MILESTONES), measured=True) == []


def test_a_wrong_direction_is_only_a_warning_everything_else_an_error():
    (warning,) = check_key_result(key_result(baseline=20, is_share=True), CYCLE)
    assert warning.severity is Severity.WARNING
    (error,) = check_key_result(key_result(target=None, place=CellPlace("Key Results", "E7")), CYCLE)
    assert error.severity is Severity.ERROR
    assert (error.subject, str(error.place)) == ("K", "Key Results!E7")
    assert error.message == "K: it has no target."
    assert error.fix == "Type a number in Target."


def test_a_key_result_needs_days_from_somewhere():
    own = {"start": date(2026, 10, 1), "due": date(2026, 11, 1)}
    (unknown,) = check_key_result(key_result(), None)
    assert "no cycle is called “2026-Q4”" in unknown.message
    (homeless,) = check_key_result(replace(key_result(), key=Key("", "K")), None)
    assert "belongs to no cycle" in homeless.message
    assert codes(key_result(**own), None) == []
    assert codes(key_result(due=own["due"]), None) == ["unknown-cycle"]
    assert find_span(key_result(due=own["due"]), CYCLE) == (CYCLE.start, own["due"])
    assert find_span(key_result(), CYCLE) == (CYCLE.start, CYCLE.end)
    assert find_span(key_result(), None) is None


def test_an_objectives_weight_is_a_weight():
    assert check_objective(objective()) == ()
    assert check_objective(objective(weight=Decimal(0))) == ()
    assert [problem.code for problem in check_objective(objective(weight=Decimal(-1)))] == ["okr.weight"]
    assert check_objective(objective(weight=NAN))


@pytest.mark.parametrize(
    ("low", "high", "code"),
    [
        (None, None, "okr.no-band"),
        (5, 3, "okr.band-reversed"),
        (NAN, 3, "okr.not-a-number"),
        (3, 5, None),
        (3, 3, None),
        (3, None, None),
        (None, 3, None),
    ],
)
def test_a_kpi_needs_a_band(low, high, code):
    kpi = Kpi("churn", "Churn", healthy_from=number(low), healthy_to=number(high))
    assert [problem.code for problem in check_kpi(kpi)] == ([code] if code else [])


NUMBERS = st.none() | st.decimals(-100, 100, places=1) | st.just(NAN)
STEPS = st.lists(
    st.builds(step, st.sampled_from("abc"), NUMBERS, st.decimals(-1, 3, places=0), st.none(), NUMBERS), max_size=3
).map(tuple)


@given(st.sampled_from(Kind), NUMBERS, NUMBERS, NUMBERS, STEPS, st.decimals(-200, 200, places=2))
def test_whatever_passes_has_a_score(kind, baseline, target, target_to, steps, value):
    kr = key_result(kind=kind, baseline=baseline, target=target, target_to=target_to, steps=steps)
    problems = check_key_result(kr, CYCLE, measured=True)
    if all(problem.severity is Severity.WARNING for problem in problems):
        assert 0 <= make_score(make_progress(kr, value), Decimal(1)) <= 1

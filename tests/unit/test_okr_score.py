from decimal import ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Kind, Origin, Standing
from okr.score import can_break, find_current, has_slope, make_progress, make_score, make_share_done, weighted_mean
from tests.unit.okr_rows import key_result, reading, step

NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, places=3)
WEIGHTS = st.decimals(0, 1000, allow_nan=False, places=2)
SCORES = st.decimals(0, 1, allow_nan=False, places=4)
ONE = Decimal(1)


@pytest.mark.parametrize(
    ("kind", "baseline", "target", "target_to", "value", "progress"),
    [
        (Kind.INCREASE, None, 10, None, "4", "0.4"),
        (Kind.INCREASE, 20, 60, None, "20", "0"),
        (Kind.INCREASE, 20, 60, None, "10", "-0.25"),
        (Kind.INCREASE, 20, 60, None, "70", "1.25"),
        (Kind.DECREASE, 80, 40, None, "60", "0.5"),
        (Kind.DECREASE, 80, 40, None, "90", "-0.25"),
        (Kind.DECREASE, 80, 0, None, "0", "1"),
        (Kind.AT_LEAST, None, "99.9", None, "99.9", "1"),
        (Kind.AT_LEAST, None, "99.9", None, "99.89", "0"),
        (Kind.AT_LEAST, 90, 100, None, "95", "0.5"),
        (Kind.AT_LEAST, 90, 100, None, "120", "1"),
        (Kind.AT_LEAST, 90, 100, None, "85", "-0.5"),
        (Kind.AT_LEAST, 110, 100, None, "99", "0"),
        (Kind.AT_MOST, None, 5, None, "5", "1"),
        (Kind.AT_MOST, None, 5, None, "5.01", "0"),
        (Kind.AT_MOST, 20, 5, None, "14", "0.4"),
        (Kind.AT_MOST, 5, 5, None, "6", "0"),
        (Kind.BETWEEN, None, 5, 8, "5", "1"),
        (Kind.BETWEEN, None, 5, 8, "8", "1"),
        (Kind.BETWEEN, None, 5, 8, "8.1", "0"),
        (Kind.BETWEEN, 1, 5, 8, "3", "0.5"),
        (Kind.BETWEEN, 1, 5, 8, "10", "0.5"),
        (Kind.BETWEEN, 6, 5, 8, "10", "0"),
        (Kind.BOOLEAN, None, None, None, "1", "1"),
        (Kind.BOOLEAN, None, 1, None, "0", "0"),
        (Kind.BOOLEAN, None, 1, None, "0.9", "0"),
        (Kind.BOOLEAN, None, 1, None, "3", "1"),
        (Kind.BOOLEAN, None, 0, None, "0", "1"),
        (Kind.BOOLEAN, None, 0, None, "2", "0"),
        (Kind.MILESTONES, None, None, None, "0.25", "0.25"),
    ],
)
def test_progress_of_every_kind(kind, baseline, target, target_to, value, progress):
    kr = key_result(kind=kind, baseline=baseline, target=target, target_to=target_to)
    assert make_progress(kr, Decimal(value)) == Decimal(progress)


@pytest.mark.parametrize(
    ("progress", "cap", "score"),
    [
        ("-0.5", 1, "0"),
        ("0.42", 1, "0.42"),
        ("1.3", 1, "1"),
        ("1.3", "1.2", "1.2"),
        ("0.00005", 1, "0"),
        ("0.00015", 1, "0.0002"),
    ],
)
def test_a_score_is_progress_within_zero_and_the_cap(progress, cap, score):
    assert make_score(Decimal(progress), Decimal(cap)) == Decimal(score)


@given(baseline=NUMBERS, target=NUMBERS, value=NUMBERS, more=st.decimals(0, 10**6, places=3))
def test_nearer_the_target_is_never_less(baseline, target, value, more):
    if baseline == target:
        return
    kr = key_result(baseline=baseline, target=target)
    further = value + more if target > baseline else value - more
    assert make_progress(kr, further) >= make_progress(kr, value)


@given(baseline=NUMBERS, target=NUMBERS, value=NUMBERS)
def test_a_decrease_is_an_increase_in_the_mirror(baseline, target, value):
    if baseline == target:
        return
    up = key_result(baseline=baseline, target=target)
    down = key_result(kind=Kind.DECREASE, baseline=-baseline, target=-target)
    assert make_progress(up, value) == make_progress(down, -value)


@given(low=NUMBERS, width=st.decimals(0, 1000, places=3), baseline=st.none() | NUMBERS, value=NUMBERS)
def test_a_band_is_one_exactly_inside(low, width, baseline, value):
    kr = key_result(kind=Kind.BETWEEN, baseline=baseline, target=low, target_to=low + width)
    progress = make_progress(kr, value)
    assert (progress == 1) == (low <= value <= low + width)
    assert progress <= 1
    assert make_progress(kr, low) == make_progress(kr, low + width) == 1
    if baseline is not None and has_slope(kr):
        assert make_progress(kr, baseline) == 0


@given(target=NUMBERS, baseline=st.none() | NUMBERS, value=NUMBERS)
def test_a_ceiling_is_a_floor_in_the_mirror(target, baseline, value):
    ceiling = key_result(kind=Kind.AT_MOST, baseline=baseline, target=target)
    floor = key_result(kind=Kind.AT_LEAST, baseline=None if baseline is None else -baseline, target=-target)
    assert make_progress(ceiling, value) == make_progress(floor, -value)


@given(progress=st.decimals(-(10**30), 10**30, allow_nan=False), cap=st.decimals(1, 2, places=1))
def test_a_score_is_never_outside_nor_no_number(progress, cap):
    score = make_score(progress, cap)
    assert 0 <= score <= cap
    assert score == round(score, 4)


def test_milestones_weigh_what_is_done_and_a_source_goes_before_a_person():
    steps = (step("a", 1), step("b", "0.5", weight=2), step("c", weight=1))
    assert make_share_done(steps, {}) == Decimal("0.5")
    assert make_share_done(steps, {"b": Decimal(1)}) == Decimal("0.75")
    assert make_share_done(steps, {"b": Decimal(7), "a": Decimal(-3)}) == Decimal("0.5")


def test_nothing_is_known_of_milestones_until_one_step_is():
    assert make_share_done((step("a"), step("b")), {}) is None
    assert make_share_done((), {"a": ONE}) is None
    assert make_share_done((step("a", weight=0), step("b", 1, weight=0)), {}) is None
    assert make_share_done((step("a", 0), step("b")), {}) == 0


def test_current_is_the_share_done_unless_a_person_typed_over_it():
    kr = key_result(kind=Kind.MILESTONES, target=None, steps=(step("a", 1), step("b")))
    assert find_current(kr, Standing()) == Decimal("0.5")
    assert find_current(kr, reading("0.9")) == Decimal("0.5")
    assert find_current(kr, reading("0.9", origin=Origin.HELD)) == Decimal("0.9")
    assert find_current(key_result(kind=Kind.MILESTONES), reading("0.9")) == Decimal("0.9")
    assert find_current(key_result(), reading(3)) == 3
    assert find_current(key_result(), Standing()) is None


def test_what_can_break_and_what_has_a_way_to_go():
    bands = {Kind.AT_LEAST, Kind.AT_MOST, Kind.BETWEEN}
    assert {kind for kind in Kind if can_break(key_result(kind=kind))} == bands
    assert can_break(key_result(kind=Kind.BOOLEAN, target=0))
    assert not has_slope(key_result(kind=Kind.AT_MOST, target=5))
    assert not has_slope(key_result(kind=Kind.AT_MOST, target=5, baseline=4))
    assert has_slope(key_result(kind=Kind.AT_MOST, target=5, baseline=9))
    assert has_slope(key_result())


@given(parts=st.lists(st.tuples(WEIGHTS, SCORES), max_size=8), factor=st.integers(1, 50))
def test_a_mean_lies_between_and_weights_scale_out(parts, factor):
    mean = weighted_mean(parts)
    counted = [score for weight, score in parts if weight]
    if not counted:
        assert mean is None
        return
    assert min(counted) <= mean <= max(counted)
    assert weighted_mean([(weight * factor, score) for weight, score in parts]) == mean


def test_a_mean_is_weighted():
    assert weighted_mean([(Decimal(3), ONE), (ONE, Decimal(0))]) == Decimal("0.75")
    assert weighted_mean([]) is None


def test_a_score_on_a_cap_of_many_places_is_the_cap():
    cap = Decimal("1.23456")
    assert str(make_score(cap, cap)) == "1.23456"


def test_a_score_of_nothing_is_a_plain_0():
    assert str(make_score(Decimal(0), ONE)) == "0"


def test_numbers_are_rounded_half_even_whatever_the_caller_s_context():
    """0.00005 lies half-way: half-even keeps the even 0.0000, another rounding would not."""
    tie = Decimal("0.00005")
    with localcontext() as context:
        context.rounding = ROUND_UP
        assert make_score(tie, ONE) == 0
        assert weighted_mean([(ONE, tie)]) == 0
        assert make_share_done([step("a", done=str(tie))], {}) == 0


@given(st.lists(st.tuples(WEIGHTS, SCORES), min_size=1), st.decimals("0.01", 100, places=2))
def test_weights_scale_out(parts, factor):
    scaled = weighted_mean([(weight * factor, score) for weight, score in parts])
    plain = weighted_mean(parts)
    assert (scaled is None) is (plain is None)
    assert plain is None or scaled is None or abs(scaled - plain) <= Decimal("0.0001")


@given(st.sampled_from(Kind), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_score_is_never_nan_and_always_between_0_and_the_cap(kind, baseline, target, width, value):
    kr = key_result(kind=kind, baseline=baseline, target=target, target_to=target + abs(width))
    if kind in (Kind.INCREASE, Kind.DECREASE) and baseline == target:
        return
    score = make_score(make_progress(kr, value), ONE)
    assert score.is_finite()
    assert 0 <= score <= 1


@given(NUMBERS, NUMBERS, NUMBERS)
def test_down_is_up_in_the_mirror(baseline, target, value):
    if baseline == target:
        return
    up = make_progress(key_result(kind=Kind.INCREASE, baseline=baseline, target=target), value)
    down = make_progress(key_result(kind=Kind.DECREASE, baseline=-baseline, target=-target), -value)
    assert up == down

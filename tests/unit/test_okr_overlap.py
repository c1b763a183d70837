"""Work that is done twice or against each other."""

from dataclasses import replace

import pytest

from okr.model import Cycle, Key, Kind, Okrs
from okr.overlap import check_overlap
from okr.problem import Severity
from tests.unit.okr_rows import CYCLE, key_result, objective


def named(own_id, name, **rest):
    return replace(key_result(own_id, **rest), name=name)


def codes(*key_results, objectives=(), metrics=None, cycles=None):
    okrs = Okrs(cycles or {CYCLE.name: CYCLE}, objectives, key_results)
    found = check_overlap(okrs, {Key(CYCLE.name, name): metric for name, metric in (metrics or {}).items()})
    return [(problem.code, problem.subject) for problem in found]


A, B = named("A", "Fewer bugs in production"), named("B", "Quicker answers to customers")


def test_two_key_results_that_read_the_same_metric_count_progress_twice():
    assert codes(A, B, metrics={"A": "m", "B": "m"}) == [("okr.same-metric", "B")]
    assert codes(A, B, metrics={"A": "m", "B": "n"}) == []
    assert codes(A, B, metrics={"A": "m"}) == []


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (Kind.INCREASE, Kind.DECREASE, "okr.conflict"),
        (Kind.AT_MOST, Kind.AT_LEAST, "okr.conflict"),
        (Kind.AT_MOST, Kind.DECREASE, "okr.same-metric"),
        (Kind.INCREASE, Kind.BETWEEN, "okr.same-metric"),
    ],
)
def test_opposite_directions_are_a_conflict(one, other, code):
    pair = (replace(A, kind=one), replace(B, kind=other))
    assert codes(*pair, metrics={"A": "m", "B": "m"}) == [(code, "B")]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Close 12 deals", "Close 14 deals", True),
        ("Win ten hospitals", "ten hospitals win", True),
        ("Win Ten Hospitals", "win ten  hospitals", True),
        ("Fewer bugs in production", "Fewer bugs in development", False),
        ("Quicker answers", "Quicker answers", False),
        ("Fewer bugs in production", "Quicker answers to customers", False),
    ],
)
def test_similar_wording_is_a_hint(one, other, alike):
    rows = (named("A", one), named("B", other))
    assert codes(*rows) == ([("okr.alike", "B")] if alike else [])
    tops = (replace(objective("A"), name=one), replace(objective("B"), name=other))
    assert codes(objectives=tops) == ([("okr.alike", "B")] if alike else [])


def test_one_pair_is_told_once_and_a_hint_stops_nothing():
    same = (A, replace(A, key=Key(CYCLE.name, "B")))
    assert codes(*same, metrics={"A": "m", "B": "m"}) == [("okr.same-metric", "B")]
    (hint,) = check_overlap(Okrs({CYCLE.name: CYCLE}, (), same), {})
    assert (hint.severity, hint.place) == (Severity.HINT, None)


def test_other_cycles_and_closed_ones_are_left_alone():
    later = replace(A, key=Key("2027-Q1", "A"))
    assert codes(A, later) == []
    closed = {CYCLE.name: Cycle(CYCLE.name, CYCLE.start, CYCLE.end, closed=True)}
    assert codes(A, replace(A, key=Key(CYCLE.name, "B")), cycles=closed) == []
    assert codes(A, A) == []

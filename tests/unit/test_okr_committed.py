"""Scores as committed: what moves in one row changes the objectives above it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.committed import commit
from okr.goalposts import Move
from okr.model import Key, Okrs, ScoringRules
from okr.scorecard import make_scorecard
from tests.unit.okr_rows import CYCLE, TODAY, key_result, known, objective

D = Decimal
LATER = date(2026, 11, 1)
OKRS = Okrs(
    {CYCLE.name: CYCLE},
    (objective("C"), objective("O", parent="C"), objective("P", parent="C")),
    (
        key_result("A", baseline=0, objective="O"),
        key_result("B", baseline=0, objective="O"),
        key_result("X", baseline=0, objective="P"),
    ),
)
VALUES = known(A=5, B=1, X=8)  # O 0.3, P 0.8, C 0.55


def key(name):
    return Key(CYCLE.name, name)


def score(okrs, name):
    return make_scorecard(okrs, VALUES, ScoringRules(), TODAY).objectives[key(name)].score


def test_where_nothing_moved_all_is_as_committed():
    assert commit(OKRS, {}) == OKRS
    assert (score(OKRS, "O"), score(OKRS, "C")) == (D("0.3"), D("0.55"))


@pytest.mark.parametrize(
    ("key_results", "objectives", "own", "company"),
    [
        ({"A": Move(LATER, "Target", "20", "10")}, {}, "0.175", "0.4875"),
        ({"A": Move(LATER, "Weight", "3", "1")}, {}, "0.4", "0.6"),
        ({}, {"P": Move(LATER, "Weight", "4", "1")}, "0.3", "0.7"),
        ({}, {"P": Move(LATER, "Parent", "", "C")}, "0.3", "0.3"),
        ({"A": Move(LATER, "Owner", "Ada", "")}, {}, "0.3", "0.55"),
        ({"A": Move(CYCLE.start, "Target", "20", "10")}, {}, "0.3", "0.55"),  # a draft
        ({"A": Move(LATER, "Target", "many", "10")}, {}, "0.1", "0.45"),  # not known any more: left out
    ],
)
def test_what_moved_in_one_row_changes_all_above_it(key_results, objectives, own, company):
    committed = commit(
        OKRS,
        {key(name): (move,) for name, move in key_results.items()},
        {key(name): (move,) for name, move in objectives.items()},
    )
    assert (score(committed, "O"), score(committed, "C")) == (D(own), D(company))


@given(st.lists(st.sampled_from(["A", "B", "X"]), max_size=3, unique=True), st.integers(11, 40))
def test_a_lowered_target_never_makes_the_grade_as_committed_higher(names, target):
    moves = {key(name): (Move(LATER, "Target", str(target), "10"),) for name in names}
    committed = commit(OKRS, moves)
    for name in ("C", "O", "P"):
        assert score(committed, name) <= score(OKRS, name)
    assert commit(replace(OKRS, key_results=()), moves).key_results == ()


def test_a_key_result_with_a_start_of_its_own_is_a_draft_until_then():
    late = replace(OKRS.key_results[0], start=date(2026, 11, 10))
    okrs = replace(OKRS, key_results=(late, *OKRS.key_results[1:]))
    moves = {key("A"): (Move(LATER, "Target", "20", "10"),)}
    assert commit(okrs, moves) == okrs
    assert commit(OKRS, moves) != OKRS

"""What a key result adds to the objectives above it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.contribution import find_contributions
from okr.model import Cycle, Key, Level, Okrs, ScoringRules
from okr.scorecard import make_scorecard
from tests.unit.okr_rows import CYCLE, TODAY, key_result, known, objective

D = Decimal


def moved(own_id, objectives, key_results, **values):
    okrs = Okrs({CYCLE.name: CYCLE}, tuple(objectives), tuple(key_results))
    card = make_scorecard(okrs, known(**values), ScoringRules(), TODAY)
    found = find_contributions(Key(CYCLE.name, own_id), okrs, card)
    return [(each.objective.id, each.share, each.points) for each in found], card


COMPANY = objective("C", level=Level.COMPANY)
TEAMS = (objective("T", parent="C", weight=D(3)), objective("U", parent="C"))
ROWS = (
    key_result("T.1", objective="T", weight=2),
    key_result("T.2", objective="T"),
    key_result("U.1", objective="U"),
)


def test_shares_follow_weights_all_the_way_up():
    found, _ = moved("T.1", (COMPANY, *TEAMS), ROWS, **{"T.1": 6, "T.2": 3, "U.1": 10})
    assert found == [("T", D("0.6667"), D("0.4000")), ("C", D("0.5000"), D("0.3000"))]


def test_what_has_no_data_leaves_its_share_to_the_others():
    found, _ = moved("T.1", (COMPANY, *TEAMS), ROWS, **{"T.1": 6})
    assert found == [("T", D(1), D("0.6")), ("C", D(1), D("0.6"))]


def test_an_objective_with_key_results_of_its_own_takes_nothing_from_below():
    rows = (*ROWS, key_result("C.1", objective="C"))
    found, _ = moved("T.1", (COMPANY, *TEAMS), rows, **{"T.1": 6, "C.1": 1})
    assert found[1] == ("C", 0, 0)


@pytest.mark.parametrize(
    ("row", "values"),
    [
        (key_result("K"), {"K": 1}),
        (key_result("K", objective="C"), {}),
        (key_result("K", objective="C", approved=False), {"K": 1}),
        (key_result("K", objective="nowhere"), {"K": 1}),
    ],
)
def test_without_objective_score_or_approval_nothing_is_moved(row, values):
    assert moved("K", (COMPANY,), (row,), **values)[0] == []
    assert moved("other", (COMPANY,), (row,), **values)[0] == []


def test_what_is_loose_or_not_approved_counts_nowhere():
    rows = (key_result("K", objective="C"), key_result("L"), key_result("M", objective="C", approved=False))
    assert moved("K", (COMPANY,), rows, K=5, L=5, M=5)[0] == [("C", 1, D("0.5"))]


def test_a_weight_of_0_moves_nothing():
    rows = (key_result("K", objective="C", weight=0), key_result("L", objective="C"))
    assert moved("K", (COMPANY,), rows, K=5, L=5)[0] == [("C", 0, 0)]


def test_a_circle_has_no_top():
    round_and_round = (objective("A", parent="B"), objective("B", parent="A"))
    assert moved("K", round_and_round, (key_result("K", objective="A"),), K=5)[0] == []


@given(
    weights=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    tops=st.lists(st.integers(0, 5), min_size=2, max_size=2),
    values=st.lists(st.none() | st.integers(0, 10), min_size=3, max_size=3),
)
def test_the_points_of_all_add_up_to_the_company_s_score(weights, tops, values):
    objectives = (COMPANY, objective("T", parent="C", weight=D(tops[0])), objective("U", parent="C", weight=D(tops[1])))
    homes = ("T", "T", "U")
    rows = [key_result(f"K{at}", objective=homes[at], weight=weights[at]) for at in range(3)]
    numbers = {f"K{at}": value for at, value in enumerate(values) if value is not None}
    total = D(0)
    for at in range(3):
        found, card = moved(f"K{at}", objectives, rows, **numbers)
        total += sum(points for owner, _, points in found if owner == "C")
    score = card.objectives[COMPANY.key].score
    assert abs(total - (score or 0)) <= D("0.0005")


def test_the_line_of_sight_goes_on_into_a_longer_cycle_whose_score_is_its_own():
    year = Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))
    lead = replace(COMPANY, key=Key("2026", "C"), name="Lead")
    okrs = Okrs({CYCLE.name: CYCLE, "2026": year}, (TEAMS[0], lead), ROWS[:2])
    card = make_scorecard(okrs, known(**{"T.1": 6, "T.2": 3}), ScoringRules(), TODAY)
    found = find_contributions(ROWS[0].key, okrs, card)
    assert [(each.objective, each.name, each.share) for each in found][1:] == [(lead.key, "Lead", 0)]
    assert card.objectives[lead.key].score is None

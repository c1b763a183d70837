from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import CheckIn, Key, Kind, Kpi, Okrs, Origin, ScoringRules, Standing, Status, StatusRule
from okr.problem import CellPlace, Problem, Severity
from okr.scorecard import find_problems, make_scorecard
from tests.unit.okr_rows import CYCLE, TODAY, key_result, known, number, objective, reading, step

RULES = ScoringRules()
BY_SCORE = ScoringRules(objective_status="score")


def key(name):
    return Key("2026-Q4", name)


def score(objectives=(), key_results=(), standings=None, *, held=None, rules=RULES, today=TODAY, cycle=CYCLE, **rest):
    okrs = Okrs({cycle.name: cycle}, tuple(objectives), tuple(key_results), **rest)
    return make_scorecard(okrs, standings or {}, rules, today, held or {})


def under(owner, *values, weights=None):
    """Key results of one objective with targets of 10, and standings with these values."""
    names = [f"{owner}.{n}" for n in range(1, len(values) + 1)]
    weights = weights or [1] * len(values)
    rows = [key_result(name, objective=owner, weight=weight) for name, weight in zip(names, weights, strict=True)]
    pairs = zip(names, values, strict=True)
    return rows, known(**{name: value for name, value in pairs if value is not None})


def test_scores_roll_up_by_weight_and_coverage_counts_those_with_data():
    rows, standings = under("O", 8, 5, None, weights=[3, 1, 5])
    result = score([objective("O")], rows, standings).objectives[key("O")]
    assert (result.score, result.coverage, result.status) == (Decimal("0.725"), "2 of 3", Status.AT_RISK)
    assert result.pace == Decimal("0.5761")
    assert result.why == ("At risk: O.2; no data: O.3; 0.73 of 0.58 expected by 22 Nov; 2 of 3 key results have data.")


def test_a_key_result_carries_everything_that_is_known_of_it():
    points = [(date(2026, 10, 26), "0.2"), (date(2026, 11, 2), "0.3"), (date(2026, 11, 9), "0.4")]
    standing = reading(-5, points=points, confidence=7)
    result = score(key_results=[key_result("K", unit="deals")], standings=known(K=standing)).key_results[key("K")]
    assert (result.current, result.progress, result.score) == (Decimal(-5), Decimal("-0.5"), Decimal(0))
    assert (result.pace, result.change, result.confidence) == (Decimal("0.5761"), Decimal("-0.4"), 7)
    assert (result.trend, result.status) == ("▂▃▄▁", Status.OFF_TRACK)
    assert result.forecast is not None
    assert result.problems == ()


def test_an_objective_without_key_results_takes_its_childrens_scores_and_never_pools():
    rows, standings = under("C1", 10)
    more, others = under("C2", 5, None)
    children = [objective("C1", parent="P"), objective("C2", parent="P", weight=Decimal(3))]
    card = score([objective("P"), *children], [*rows, *more], {**standings, **others})
    parent = card.objectives[key("P")]
    assert (parent.score, parent.coverage, parent.status) == (Decimal("0.625"), "2 of 3", Status.AT_RISK)
    own, known_of_own = under("P", 2)
    card = score([objective("P"), *children], [*rows, *more, *own], {**standings, **others, **known_of_own})
    assert (card.objectives[key("P")].score, card.objectives[key("P")].coverage) == (Decimal("0.2"), "1 of 1")


def test_silence_is_never_green():
    rows, standings = under("O", 9, None)
    for rules in (RULES, BY_SCORE):
        result = score([objective("O")], rows, standings, rules=rules).objectives[key("O")]
        assert (result.status, result.score) == (Status.NO_DATA, Decimal("0.9"))
    empty = score([objective("O")]).objectives[key("O")]
    assert (empty.status, empty.score, empty.coverage, empty.why) == (
        Status.NO_DATA,
        None,
        "0 of 0",
        "No key results yet.",
    )
    unknown = score([objective("O")], under("O", None, None)[0]).objectives[key("O")]
    assert (unknown.status, unknown.score) == (Status.NO_DATA, None)
    assert unknown.why == "No data: O.1, O.2; 0 of 2 key results have data."


def test_by_score_the_mean_is_judged_while_anything_runs():
    rows, standings = under("O", 10, 5)
    assert score([objective("O")], rows, standings).objectives[key("O")].status is Status.AT_RISK
    assert score([objective("O")], rows, standings, rules=BY_SCORE).objectives[key("O")].status is Status.ON_TRACK
    over = score([objective("O")], rows, standings, rules=BY_SCORE, today=date(2027, 1, 5)).objectives[key("O")]
    assert over.status is Status.MISSED
    homeless = [replace(row, start=date(2026, 10, 1), due=date(2026, 12, 31)) for row in rows]
    okrs = Okrs({}, (objective("O"),), tuple(homeless))
    result = make_scorecard(okrs, standings, BY_SCORE, TODAY).objectives[key("O")]
    assert result.status is Status.ON_TRACK


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((10, 10), "Both key results achieved; 1.00 of 0.58 expected by 22 Nov."),
        ((6,), "The key result on track; 0.60 of 0.58 expected by 22 Nov."),
        ((6, 7, 8), "All 3 key results on track; 0.70 of 0.58 expected by 22 Nov."),
        ((6, 10), "Both key results well; 0.80 of 0.58 expected by 22 Nov."),
        ((0,) * 5, "Off track: O.1, O.2, O.3 and 2 more; 0.00 of 0.58 expected by 22 Nov."),
    ],
)
def test_an_objective_says_who_is_in_trouble(values, why):
    rows, standings = under("O", *values)
    assert score([objective("O")], rows, standings).objectives[key("O")].why == why


def test_closed_cycles_are_closed_throughout():
    closed = replace(CYCLE, closed=True)
    rows, standings = under("O", 5, 10)
    card = score([objective("O"), objective("Empty")], rows, standings, cycle=closed)
    assert {result.status for result in card.key_results.values()} == {Status.CLOSED}
    assert card.objectives[key("O")].status is Status.CLOSED
    assert card.objectives[key("O")].why == "Both key results closed; 0.75."
    assert card.objectives[key("Empty")].why == "Closed without key results."


def test_what_people_typed_over_rolls_up():
    rows, standings = under("C", 2, 2)
    standings[key("C.1")] = replace(standings[key("C.1")], held_score=Decimal("0.8"), held_status=Status.ON_TRACK)
    standings[key("C.2")] = replace(standings[key("C.2")], held_status=Status.ON_TRACK)
    objectives = [objective("P"), objective("C", parent="P")]
    card = score(objectives, rows, standings)
    assert card.objectives[key("C")].score == card.objectives[key("P")].score == Decimal("0.5")
    assert card.objectives[key("P")].status is Status.ON_TRACK
    held = {key("C"): Standing(held_score=Decimal("0.33333"), held_status=Status.AT_RISK)}
    card = score(objectives, rows, standings, held=held)
    child, parent = card.objectives[key("C")], card.objectives[key("P")]
    assert (child.score, child.status, parent.score, parent.status) == (
        Decimal("0.3333"),
        Status.AT_RISK,
        Decimal("0.3333"),
        Status.AT_RISK,
    )
    assert child.why == (
        "Typed over by a person; the rule says On track: both key results on track; "
        "0.33 of 0.58 expected by 22 Nov, score typed over by a person."
    )


@pytest.mark.parametrize("typed", ["70", "-0.1", "NaN", "Infinity"])
def test_a_typed_score_that_no_score_can_be_is_a_problem_not_a_score(typed):
    rows, standings = under("O", 5)
    standings[key("O.1")] = replace(standings[key("O.1")], held_score=Decimal(typed))
    card = score([objective("O")], rows, standings)
    result = card.key_results[key("O.1")]
    assert (result.score, result.status, result.problems[0].code) == (None, Status.NO_DATA, "okr.held-score")
    assert result.why.startswith("The score typed over is ")
    card = score([objective("O")], rows, {}, held={key("O"): Standing(held_score=Decimal(typed))})
    assert card.objectives[key("O")].problems[0].code == "okr.held-score"
    assert card.objectives[key("O")].score is None


@pytest.mark.parametrize(
    "standing", [reading("NaN"), reading("Infinity"), reading(1, steps_done={"a": Decimal("NaN")})]
)
def test_a_value_that_is_no_number_is_a_problem(standing):
    result = score(key_results=[key_result("K")], standings=known(K=standing)).key_results[key("K")]
    assert (result.status, result.score, result.why) == (
        Status.NO_DATA,
        None,
        "Its current value is not a number. Type a number in Current, or empty the cell.",
    )
    assert result.current in (None, Decimal(1))


def test_a_broken_definition_never_stops_the_others():
    place = CellPlace("Key Results", "A3")
    told = Problem("sheet.target-is-text", "The target “lots” is not a number.", place, "Type a number.", "B")
    rows = [
        key_result("A", objective="O"),
        key_result("B", objective="O", problems=(told,)),
        key_result("D", target=None),
    ]
    card = score([objective("O")], rows, known(A=6, B=6, D=6))
    assert card.key_results[key("A")].status is Status.ON_TRACK
    broken = card.key_results[key("B")]
    assert (broken.status, broken.score, broken.progress, broken.current) == (Status.NO_DATA, None, None, Decimal(6))
    assert broken.why == "The target “lots” is not a number. Type a number."
    assert card.key_results[key("D")].why == "It has no target. Type a number in Target."
    assert (card.objectives[key("O")].coverage, card.objectives[key("O")].status) == ("1 of 2", Status.NO_DATA)
    assert {problem.code for problem in find_problems(card)} == {"sheet.target-is-text", "okr.no-target", "okr.loose"}


def test_a_warning_stands_beside_the_sentence_and_stops_nothing():
    hint = Problem("sheet.hint", "Its unit is odd", severity=Severity.WARNING)
    result = score(key_results=[key_result("K", problems=(hint,))], standings=known(K=6)).key_results[key("K")]
    assert result.why == "0.60 of 0.58 expected by 22 Nov; 6 of 10. Its unit is odd."


def test_an_unknown_objective_leaves_the_key_result_its_score():
    card = score([objective("O")], [key_result("K", objective="Oh no")], known(K=6))
    result = card.key_results[key("K")]
    assert (result.score, result.problems[0].code) == (Decimal("0.6"), "okr.unknown-objective")
    assert "“Oh no”" in result.why


def test_drafts_are_left_out():
    rows, standings = under("O", 10, 0)
    rows[1] = replace(rows[1], approved=False)
    card = score([objective("O")], rows, standings)
    assert (card.objectives[key("O")].score, card.objectives[key("O")].coverage) == (Decimal(1), "1 of 1")
    assert card.key_results[key("O.2")].status is Status.NOT_STARTED
    assert card.key_results[key("O.2")].score is None


def test_an_id_used_twice_is_no_data_for_each_of_its_rows():
    first, second = (
        key_result("K", place=CellPlace("Key Results", "A2")),
        key_result("K", place=CellPlace("Key Results", "A9")),
    )
    said = Problem("sheet.doubled", "id used twice", CellPlace("Key Results", "A5"))
    card = score(key_results=[first, second, key_result("L")], standings=known(K=6, L=6))
    doubled = card.key_results[key("K")]
    assert (doubled.status, doubled.score) == (Status.NO_DATA, None)
    assert doubled.why.startswith("Id used twice in cycle 2026-Q4. Give each row an id of its own.")
    assert [str(problem.place) for problem in doubled.problems] == ["Key Results!A2", "Key Results!A9"]
    assert card.key_results[key("L")].status is Status.ON_TRACK
    card = score(key_results=[replace(first, problems=(said,)), replace(second, problems=(said,))])
    assert {problem.code for problem in card.key_results[key("K")].problems} == {"sheet.doubled"}


def test_objectives_and_kpis_may_not_be_doubled_either():
    kpi = Kpi("churn", "Churn", healthy_to=Decimal(5))
    card = score([objective("O"), objective("O")], kpis=(kpi, kpi))
    assert (card.objectives[key("O")].status, card.objectives[key("O")].problems[0].code) == (
        Status.NO_DATA,
        "okr.doubled-id",
    )
    assert card.kpis[kpi.key].why.startswith("Id used twice. ")


def test_circles_stop_neither_the_run_nor_their_members_own_key_results():
    rows, standings = under("A", 6)
    card = score([objective("A", parent="B"), objective("B", parent="A"), objective("C", parent="A")], rows, standings)
    assert card.objectives[key("A")].score == Decimal("0.6")
    assert card.objectives[key("B")].score is None
    assert [problem.code for problem in card.problems] == ["okr.circle"]
    assert list(card.objectives) == [key("A"), key("B"), key("C")]


def test_weights_of_nothing_are_a_problem_and_one_weight_of_nothing_leaves_out():
    rows, standings = under("O", 5, 6, weights=[0, 0])
    result = score([objective("O")], rows, standings).objectives[key("O")]
    assert (result.score, result.status, result.problems[0].code) == (None, Status.NO_DATA, "okr.zero-weight")
    rows, standings = under("O", 0, 6, weights=[0, 1])
    result = score([objective("O")], rows, standings).objectives[key("O")]
    assert (result.score, result.status, result.coverage) == (Decimal("0.6"), Status.ON_TRACK, "1 of 1")
    heavy = score([objective("O", weight=Decimal(-1))], rows, standings).objectives[key("O")]
    assert heavy.status is Status.NO_DATA


def test_the_latest_check_in_gives_the_confidence_unless_it_is_known_already():
    check_ins = [
        CheckIn(key("K"), date(2026, 11, 9), confidence=3),
        CheckIn(key("K"), date(2026, 11, 16), confidence=8),
        CheckIn(key("K"), date(2026, 11, 16), confidence=6),
        CheckIn(key("K"), date(2026, 11, 2), confidence=1),
        CheckIn(key("K"), date(2026, 11, 20), comment="no number"),
    ]
    rows = [key_result("K"), key_result("L")]
    card = score(key_results=rows, standings=known(L=5), check_ins=tuple(check_ins))
    assert [card.key_results[key(name)].confidence for name in "KL"] == [6, None]
    card = score(key_results=rows, standings=known(K=reading(confidence=2)), check_ins=tuple(check_ins))
    assert card.key_results[key("K")].confidence == 2


@pytest.mark.parametrize(
    ("low", "high", "standing", "status", "why"),
    [
        (3, 5, reading(3), Status.ON_TRACK, "3 % is healthy (3 % to 5 %)."),
        (3, 5, reading(5), Status.ON_TRACK, "5 % is healthy (3 % to 5 %)."),
        (3, 5, reading("5.1"), Status.OFF_TRACK, "5.1 % is not healthy (3 % to 5 %)."),
        (None, 5, reading("-2"), Status.ON_TRACK, "-2 % is healthy (up to 5 %)."),
        (3, None, reading(2), Status.OFF_TRACK, "2 % is not healthy (from 3 %)."),
        (3, None, reading(), Status.NO_DATA, "No value typed yet."),
        (3, None, reading("NaN"), Status.NO_DATA, "No value typed yet."),
        (3, None, reading(gap="Jira was down"), Status.NO_DATA, "No value yet: Jira was down."),
        (None, None, reading(2), Status.NO_DATA, "It has no healthy band. Type Healthy from, Healthy to, or both."),
        (
            3,
            5,
            reading(4, origin=Origin.HELD),
            Status.ON_TRACK,
            "4 %, typed over by a person, is healthy (3 % to 5 %).",
        ),
        (
            3,
            5,
            reading(4, held_status=Status.AT_RISK),
            Status.AT_RISK,
            "Typed over by a person; the rule says On track: 4 % is healthy (3 % to 5 %).",
        ),
        (
            3,
            5,
            reading(4, origin=Origin.LAST_GOOD, gap="Jira was down", as_of=datetime(2026, 11, 19, tzinfo=UTC)),
            Status.ON_TRACK,
            "4 % is healthy (3 % to 5 %). Last good value of 19 Nov: Jira was down.",
        ),
    ],
)
def test_a_kpi_is_healthy_inside_its_band(low, high, standing, status, why):
    kpi = Kpi("churn", "Churn", unit="%", healthy_from=number(low), healthy_to=number(high))
    result = score(standings={kpi.key: standing}, kpis=(kpi,)).kpis[kpi.key]
    assert (result.status, result.why) == (status, why)


VALUES = st.lists(st.none() | st.decimals(-20, 30, places=2), min_size=1, max_size=6)
WHOLE = st.lists(st.integers(0, 9), min_size=6, max_size=6)
RULE_NAMES = st.sampled_from(["pace_ratio", "pace_gap", "absolute", "forecast"])


@given(VALUES, WHOLE, st.integers(1, 9), RULE_NAMES, st.sampled_from(["weakest", "score"]), st.integers(-5, 100))
def test_a_roll_up_lies_between_and_weights_scale_out(values, weights, factor, name, by, offset):
    rules = ScoringRules(status=StatusRule(name), objective_status=by)
    today = date.fromordinal(CYCLE.start.toordinal() + offset)
    weights = weights[: len(values)]
    rows, standings = under("O", *values, weights=weights)
    card = score([objective("O")], rows, standings, rules=rules, today=today)
    result = card.objectives[key("O")]
    scores = [each.score for each in card.key_results.values() if each.score is not None]
    counted = [
        card.key_results[row.key].score
        for row, weight in zip(rows, weights, strict=True)
        if weight and card.key_results[row.key].score is not None
    ]
    assert all(0 <= each <= 1 and each == round(each, 4) for each in scores)
    if counted:
        assert min(counted) <= result.score <= max(counted)
    else:
        assert result.score is None
    scaled, _ = under("O", *values, weights=[weight * factor for weight in weights])
    assert score([objective("O")], scaled, standings, rules=rules, today=today).objectives[key("O")] == result


@given(st.permutations(range(6)))
def test_the_order_of_rows_changes_no_number(order):
    rows, standings = under("C", 3, 9, None)
    steps = (step("a", 1), step("b"))
    rows += [
        key_result("M", objective="P", kind=Kind.MILESTONES, steps=steps),
        key_result("N", objective="P"),
        key_result("X"),
    ]
    objectives = [objective("P"), objective("C", parent="P")]
    usual = score(objectives, rows, standings)
    shuffled = score(objectives[::-1], [rows[n] for n in order], standings)
    assert shuffled.key_results == usual.key_results
    for name in "PC":
        ours, theirs = usual.objectives[key(name)], shuffled.objectives[key(name)]
        assert (ours.score, ours.status, ours.coverage) == (theirs.score, theirs.status, theirs.coverage)

"""Key results of which nobody has said anything for two cadences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from okr.model import CheckIn, Key, Okrs, ScoringRules
from okr.scorecard import make_scorecard
from okr.silence import check_silence, find_kept
from tests.unit.okr_rows import CYCLE, TODAY, key_result, objective

WEEKLY = {"": 7, "sales": 14}


def check_in(name, days_ago):
    return CheckIn(Key(CYCLE.name, name), TODAY - timedelta(days=days_ago), 7)


def silent(*check_ins, rows=(), today=TODAY, cadence=WEEKLY, cycles=None):
    okrs = Okrs({CYCLE.name: CYCLE}, (objective("S", team="Sales"),), rows or (key_result("A"),), check_ins=check_ins)
    card = make_scorecard(okrs, {}, ScoringRules(), today)
    kept = find_kept(okrs, card, okrs.cycles if cycles is None else cycles, cadence, today)
    return check_silence(kept, today)


def subjects(*check_ins, **rest):
    return [problem.subject for problem in silent(*check_ins, **rest)]


@pytest.mark.parametrize(("days", "is_silent"), [(0, False), (14, False), (15, True), (40, True)])
def test_two_cadences_without_a_check_in_are_silence(days, is_silent):
    assert subjects(check_in("A", days)) == (["A"] if is_silent else [])


def test_it_says_since_when_how_often_one_is_due_and_gives_an_example():
    (problem,) = silent(check_in("A", 20))
    assert problem.message == "A has had no check-in since 2 Nov; one is due every 7 days."
    assert problem.fix.startswith("Say in a line how confident you are: “7:")
    assert (problem.code, problem.severity.value) == ("okr.silent", "hint")


def test_where_there_never_was_a_habit_it_is_said_once_for_all():
    rows = tuple(key_result(f"K{number}") for number in range(12))
    found = silent(check_in("K0", 20), check_in("K11", -3), rows=rows)
    assert [problem.subject for problem in found] == [CYCLE.name, "K0"]
    assert found[0].message.startswith(
        "Nobody has checked in yet in 2026-Q4 on K1, K2, K3, K4, K5, K6, K7, K8 and 3 more:"
    )
    assert (found[0].code, found[0].place) == ("okr.no-check-ins", None)
    assert " and " not in silent(rows=rows[:2])[0].message.partition(":")[0]


def test_one_that_never_had_any_counts_from_its_start():
    late = key_result("A", start=TODAY - timedelta(days=14))
    assert subjects(rows=(late,)) == []
    assert subjects(rows=(late,), today=TODAY + timedelta(days=1)) == [CYCLE.name]


def test_each_team_has_its_own_cadence():
    rows = key_result("A"), key_result("B", objective="S")
    assert subjects(check_in("A", 20), check_in("B", 20), rows=rows) == ["A"]
    assert subjects(check_in("A", 1), check_in("B", 29), rows=rows) == ["B"]


@pytest.mark.parametrize(
    "row",
    [
        key_result("A", approved=False),
        key_result("A", paused="moving house"),
        key_result("A", start=TODAY + timedelta(days=1)),
        key_result("A", due=TODAY - timedelta(days=1)),
        replace(key_result("A"), key=Key("2026-Q3", "A")),
    ],
)
def test_nobody_is_asked_for_what_does_not_run(row):
    assert subjects(check_in("A", 40), rows=(row,)) == []


def test_of_a_closed_cycle_nothing_is_said_and_a_doubled_id_counts_once():
    assert subjects(check_in("A", 40), cycles={}) == []
    assert subjects(check_in("A", 40), rows=(key_result("A"), key_result("A"))) == ["A"]
    closed = replace(CYCLE, closed=True)
    okrs = Okrs({CYCLE.name: closed}, (), (key_result("A"),))
    card = make_scorecard(okrs, {}, ScoringRules(), TODAY)
    assert list(find_kept(okrs, card, okrs.cycles, WEEKLY, TODAY)) == [], "its status is Closed"


def test_one_row_that_is_passed_over_hides_none_after_it():
    rows = key_result("X", approved=False), key_result("A", objective="S")
    okrs = Okrs({CYCLE.name: CYCLE}, (objective("S", team="Sales"),), rows)
    card = make_scorecard(okrs, {}, ScoringRules(), TODAY)
    (kept,) = find_kept(okrs, card, okrs.cycles, WEEKLY, TODAY)
    assert (kept.kr.key.id, kept.team, kept.cadence) == ("A", "Sales", 14)
    assert list(find_kept(okrs, replace(card, key_results={}), okrs.cycles, WEEKLY, TODAY)) == [], "not scored"


@pytest.mark.parametrize(("day", "is_asked"), [(-1, False), (0, True), (91, True), (92, False)])
def test_check_ins_are_asked_for_from_its_first_day_to_its_last(day, is_asked):
    today = CYCLE.start + timedelta(days=day)
    okrs = Okrs({CYCLE.name: CYCLE}, (), (key_result("A"),))
    card = make_scorecard(okrs, {}, ScoringRules(), today)
    assert bool(list(find_kept(okrs, card, okrs.cycles, WEEKLY, today))) is is_asked

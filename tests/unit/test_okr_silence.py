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
    return check_silence(kept, okrs, today)


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


def test_one_that_never_had_any_counts_from_its_start():
    other, late = check_in("B", 1), key_result("A", start=TODAY - timedelta(days=14))
    assert [problem.message for problem in silent(other, rows=(key_result("A"),))] == [
        "A has had no check-in yet; one is due every 7 days."
    ]
    assert subjects(other, rows=(late,)) == []
    assert subjects(other, rows=(late,), today=TODAY + timedelta(days=1)) == ["A"]


def test_each_team_has_its_own_cadence():
    rows = key_result("A"), key_result("B", objective="S")
    assert subjects(check_in("A", 20), check_in("B", 20), rows=rows) == ["A"]
    assert subjects(check_in("A", 1), check_in("B", 29), rows=rows) == ["B"]


def test_a_company_without_the_habit_is_told_once():
    rows = key_result("A"), key_result("B")
    assert [problem.code for problem in silent(rows=rows)] == ["okr.no-check-ins"]
    assert silent(rows=rows)[0].message.startswith("Nobody has checked in in 2026-Q4 yet")
    assert silent(rows=rows, today=CYCLE.start + timedelta(days=14)) == ()
    assert [problem.code for problem in silent(check_in("A", -3), rows=rows)] == ["okr.no-check-ins"], "a day to come"


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
    assert subjects(check_in("B", 1), rows=(row,)) == []


def test_of_a_closed_cycle_nothing_is_said_and_a_doubled_id_counts_once():
    assert subjects(check_in("B", 1), cycles={}) == []
    assert subjects(check_in("B", 1), rows=(key_result("A"), key_result("A"))) == ["A"]
    closed = replace(CYCLE, closed=True)
    okrs = Okrs({CYCLE.name: closed}, (), (key_result("A"),))
    card = make_scorecard(okrs, {}, ScoringRules(), TODAY)
    assert list(find_kept(okrs, card, okrs.cycles, WEEKLY, TODAY)) == [], "its status is Closed"

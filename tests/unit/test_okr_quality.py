"""Hints for better OKRs: each says why and how, and none says more than that."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from okr.model import Commitment, Cycle, Key, Kind, Level, Okrs, ScoringRules
from okr.problem import Severity
from okr.quality import check_quality
from okr.scorecard import make_scorecard
from tests.unit.okr_rows import CYCLE, TODAY, key_result, objective, reading

D = Decimal
GOOD = "New customers are live within 14 days"
FINE = replace(key_result("K", unit="days"), name=GOOD, owner="Ada Byron")


def hints(*key_results, objectives=(), today=TODAY, cycles=None, **values):
    okrs = Okrs(cycles or {CYCLE.name: CYCLE}, objectives, key_results)
    standings = {Key(CYCLE.name, name): value for name, value in values.items()}
    card = make_scorecard(okrs, standings, ScoringRules(), today)
    return check_quality(okrs, card, standings, ScoringRules())


def codes(*key_results, **rest):
    return [problem.code.removeprefix("okr.") for problem in hints(*key_results, **rest)]


def test_a_good_key_result_gets_no_hint():
    assert codes(FINE, K=reading(5)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "Launch the new portal by 1 May"}, "output"),
        ({"name": "roll out 3 new tools to all"}, "output"),
        ({"name": "Launch the new portal by 1 May", "kind": Kind.MILESTONES}, None),
        ({"name": "Launches that fail in the first week"}, None),
        ({"name": "Building permits in 10 days"}, None),
        ({"name": "Significantly fewer complaints of 3 customers"}, "vague"),
        ({"name": "Answer tickets as soon as possible, 4 h"}, "vague"),
        ({"name": "A world-class support of 90 %"}, "vague"),
        ({"name": "Fewer complaints"}, "unspecific"),
        ({"name": "Hospitals that order by themselves", "unit": ""}, "no-unit"),
        ({"name": "Hospitals that order by themselves", "unit": "", "is_share": True}, None),
        ({"name": "Half of 12 hospitals order by themselves", "unit": ""}, None),
        ({"name": "The audit is passed", "kind": Kind.BOOLEAN, "target": D(1)}, "yes-no"),
        ({"owner": "Ada, Bob"}, "shared-owner"),
        ({"owner": "Ada and Bob"}, "shared-owner"),
        ({"owner": "team"}, "shared-owner"),
        ({"owner": "Sandra Brand"}, None),
        ({"owner": ""}, None),
        ({"due": date(2027, 1, 5)}, "late-due"),
        ({"due": date(2026, 12, 31)}, None),
        ({"start": date(2026, 9, 1)}, "early-start"),
        ({"start": date(2026, 10, 1)}, None),
    ],
)
def test_each_rule_by_its_examples(changes, code):
    assert codes(replace(FINE, **changes)) == ([code] if code else [])


def test_without_a_cycle_nothing_is_said_of_its_days():
    assert codes(replace(FINE, due=date(2027, 1, 5)), cycles={"other": CYCLE}) == []


FIRST = (date(2026, 10, 4), 0)


@pytest.mark.parametrize(
    ("value", "points", "changes", "code"),
    [
        (1, [FIRST], {}, "unachievable"),  # 0.9 in 39 days, after 0.1 in 49
        (5, [FIRST], {}, None),
        ("0.5", [(date(2026, 11, 15), 0)], {}, None),  # a week tells nothing yet
        ("0.5", [(date(2026, 9, 1), 0)], {}, None),  # from before it began
        (0, [(date(2026, 10, 4), "0.5")], {}, "unachievable"),
        (7, [FIRST], {"commitment": Commitment.ASPIRATIONAL}, None),
        ("9.99", [(date(2026, 10, 4), "0.999")], {}, None),  # next to nothing is missing
        (1, [], {}, None),
    ],
)
def test_the_speed_that_is_needed_is_held_against_the_speed_so_far(value, points, changes, code):
    assert codes(replace(FINE, **changes), K=reading(value, points=points)) == ([code] if code else [])


def test_after_the_due_day_there_is_no_speed_to_ask_for():
    assert codes(FINE, today=date(2026, 12, 31), K=reading(1, points=[FIRST])) == []


def test_the_numbers_of_the_speed_are_said():
    (hint,) = hints(FINE, K=reading(1, points=[FIRST]))
    assert hint.message == "K needs 0.16 a week until it is due, and made 0.01 a week since 4 Oct."


@pytest.mark.parametrize(
    ("today", "kind", "code"),
    [
        (date(2026, 10, 20), Kind.INCREASE, "easy"),
        (date(2026, 11, 20), Kind.INCREASE, None),
        (date(2026, 9, 20), Kind.INCREASE, None),
        (date(2026, 10, 20), Kind.AT_LEAST, None),
    ],
)
def test_a_target_that_was_reached_too_soon_was_easy(today, kind, code):
    assert codes(replace(FINE, kind=kind), today=today, K=reading(10)) == ([code] if code else [])


def test_too_many_objectives_of_one_team():
    team = tuple(objective(f"O{number}", team="Web") for number in range(6))
    assert codes(objectives=team) == ["many-objectives"]
    assert codes(objectives=team[:5]) == []
    people = tuple(objective(f"P{number}", level=Level.PERSON, team="Web", owner=f"{number}") for number in range(6))
    assert codes(objectives=people) == []
    company = tuple(objective(f"C{number}", level=Level.COMPANY) for number in range(6))
    (hint,) = hints(objectives=company)
    assert hint.message == "Company has 6 objectives in 2026-Q4; more than 5 lose focus."


def test_one_key_result_alone_can_be_gamed():
    (top,) = (objective("O"),)
    assert codes(replace(FINE, objective="O"), objectives=(top,)) == ["one-key-result"]
    two = (replace(FINE, objective="O"), replace(FINE, objective="O", key=Key(CYCLE.name, "L")))
    assert codes(*two, objectives=(top,)) == []


def test_objectives_are_read_for_vague_words_too():
    vague = replace(objective("O"), name="Be good to customers")
    assert codes(objectives=(vague,)) == ["vague"]


def test_closed_cycles_are_left_alone():
    closed = {CYCLE.name: Cycle(CYCLE.name, CYCLE.start, CYCLE.end, closed=True)}
    vague = replace(objective("O"), name="Be good to customers")
    assert codes(replace(FINE, name="Good"), objectives=(vague,), cycles=closed) == []


def test_every_hint_says_how_and_stops_nothing():
    bad = replace(FINE, name="Build good", unit="", owner="everyone", due=date(2027, 1, 5), start=date(2026, 9, 1))
    found = hints(bad)
    assert len(found) == 7
    assert all(hint.severity is Severity.HINT and hint.fix and hint.subject == "K" for hint in found)

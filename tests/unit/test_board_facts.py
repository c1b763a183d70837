"""What the Dashboard has to say of a plan."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind
from okr.model import CheckIn, Cycle, Key, Point, ScoringRules, Status
from sync.board_facts import CHECK_IN_DAYS, make_facts
from sync.run_rows import RunStamp
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Good, Hold, RowKey
from tests.unit.sync_plans import asked_of, plan_of
from tests.unit.sync_sheets import HEAD, NOW, Q4, TODAY, entry_of, kr, ledger_tab, objective_row, row_key

D = Decimal
A, B, O = row_key("A"), row_key("B"), RowKey(Tab.OBJECTIVES, Q4.name, "O")  # noqa: E741
STAMP = RunStamp("20261122-093000-beef", NOW, NOW)


def facts_of(*rows, asked=None, entries=None, check_ins=()):
    """Facts of key results that go from 0 to 10."""
    sheet = {Tab.KEY_RESULTS: rows, Tab.OBJECTIVES: [objective_row()]}
    ledger = ledger_tab(entries or {}, HEAD)
    plan = plan_of(sheet, asked or asked_of(), ledger=ledger)
    okrs = replace(plan.snapshot.okrs, check_ins=tuple(check_ins))
    plan = replace(plan, snapshot=replace(plan.snapshot, okrs=okrs))
    return make_facts(plan, STAMP, Q4, 3, ScoringRules())


def ago(days, score):
    return Point(TODAY - timedelta(days=days), D(str(score)))


def past(*points, **rest):
    return replace(NO_ENTRY, points=tuple(sorted(points)), **rest)


def reasons(facts, own_id="A"):
    return facts.reasons.get(Key(Q4.name, own_id), ())


# Who is needed, and why


def test_nothing_to_say_of_a_key_result_that_is_well():
    assert facts_of(kr("A", current=5, owner="Mira")).reasons == {}


def test_without_an_owner():
    assert reasons(facts_of(kr("A", current=5, owner=" "))) == ("no owner",)


def test_a_doubtful_reading():
    doubt = Gap(GapKind.DOUBT, "9 is twice the last value.")
    assert reasons(facts_of(kr("A", owner="Mira"), asked=asked_of(A=doubt))) == ("doubtful: 9 is twice the last value",)


def test_a_stale_value_says_since_when():
    entry = replace(NO_ENTRY, good=Good(D(5), NOW - timedelta(days=9)))
    down = Gap(GapKind.UNAVAILABLE, "503", source="jira")
    facts = facts_of(kr("A", current=5, owner="Mira"), asked=asked_of(A=down), entries={A: entry})
    assert reasons(facts) == ("stale since 13 Nov",)


def test_a_held_cell():
    entry = replace(entry_of(current=D(5), score=D("0.5")), good=Good(D(5), None))
    entry = replace(entry, holds={Field.CURRENT: Hold(TODAY, D(8))})
    facts = facts_of(kr("A", current=8, owner="Mira"), asked=asked_of(A=5), entries={A: entry})
    assert reasons(facts) == ("typed over by hand",)


@pytest.mark.parametrize(("days", "said"), [(CHECK_IN_DAYS, ()), (CHECK_IN_DAYS + 1, ("no check-in since 7 Nov",))])
def test_a_check_in_is_overdue_where_there_is_a_habit(days, said):
    old = CheckIn(Key(Q4.name, "A"), TODAY - timedelta(days=40), 7)
    last = CheckIn(Key(Q4.name, "A"), TODAY - timedelta(days=days), 7)
    rows = kr("A", current=5, owner="Mira"), kr("B", current=5, owner="Mira")
    facts = facts_of(*rows, check_ins=(last, old))
    assert reasons(facts) == said
    assert reasons(facts, "B") == (), "who has never written one isn't told so daily"


def test_what_is_over_needs_nobody():
    facts = facts_of(kr("A", current=10))
    assert facts.card.key_results[Key(Q4.name, "A")].status is Status.ACHIEVED
    assert reasons(facts) == ()


# What moved and was won this week


@pytest.mark.parametrize(
    ("points", "moved"),
    [
        ((ago(7, "0.3"),), D("0.2")),
        ((ago(14, "0.1"), ago(7, "0.6")), D("-0.1")),
        ((ago(13, "0.4"),), D("0.1")),
        ((ago(7, "0.5"),), None),
        ((ago(4, "0.1"),), None),
        ((ago(14, "0.1"),), None),
        ((), None),
    ],
)
def test_movers_are_measured_from_the_weekly_point_nearest_to_a_week_ago(points, moved):
    facts = facts_of(kr("A", current=5), entries={A: past(*points)})
    assert facts.week == ({} if moved is None else {Key(Q4.name, "A"): moved})


@pytest.mark.parametrize(
    ("current", "points", "won"),
    [
        (10, (ago(14, "0.8"), ago(7, "0.9")), True),
        (10, (ago(14, 1), ago(7, "0.9")), False),
        (10, (ago(7, 1),), False),
        (10, (ago(3, 1), ago(10, "0.9")), True),
        (10, (), False),
        (9, (ago(7, "0.5"),), False),
    ],
)
def test_a_win_is_the_first_time_within_the_week(current, points, won):
    facts = facts_of(kr("A", current=current, objective="O"), entries={A: past(*points), O: past(*points)})
    assert facts.won == ({Key(Q4.name, "A")} if won else set())
    assert facts.won_objectives == ({Key(Q4.name, "O")} if won else set())


def test_an_objective_isnt_won_while_another_key_result_is_not():
    rows = kr("A", current=10, objective="O"), kr("B", current=5, objective="O")
    facts = facts_of(*rows, entries={A: past(ago(7, "0.9")), O: past(ago(7, "0.7"))})
    assert facts.won
    assert facts.won_objectives == set()


def test_an_objective_is_won_on_the_day_that_its_own_memory_says():
    """Also where the last step was somebody else's: another weight, or a key result that was dropped."""
    points = past(ago(14, "0.9"), ago(7, "0.9"))
    row = kr("A", current=10, objective="O")
    for days, is_won in ((0, True), (6, True), (7, False)):
        day = TODAY - timedelta(days=days)
        facts = facts_of(row, entries={A: past(ago(14, 1)), O: replace(points, won=day)})
        assert facts.won == set()
        assert (facts.won_objectives == {Key(Q4.name, "O")}) is is_won


def test_an_objective_is_stale_when_everything_below_it_is():
    old = replace(NO_ENTRY, good=Good(D(5), NOW - timedelta(days=9)))
    down = Gap(GapKind.UNAVAILABLE, "503", source="jira")
    rows = kr("A", current=5, objective="O"), kr("B", current=5, objective="O")
    both = facts_of(*rows, asked=asked_of(A=down, B=down), entries={A: old, B: old})
    assert both.stale_objectives == {Key(Q4.name, "O")}
    one = facts_of(*rows, asked=asked_of(A=down, B=5), entries={A: old, B: old})
    assert one.stale_objectives == set()


# How the cycle goes


def test_the_course_has_a_week_for_every_week_and_no_score_for_those_to_come():
    facts = facts_of(kr("A", current=5))
    weeks = [point.day for point in facts.course]
    assert weeks == [Q4.start + timedelta(days=7 * at) for at in range(14)]
    present = max(point.day for point in facts.course if point.day <= TODAY)
    assert [point.score for point in facts.course if point.day > present] == [None] * 6
    assert [point.score for point in facts.course if point.day < present] == [None] * 7, "no past is no zero"
    assert next(point for point in facts.course if point.day == present).score == D("0.5")
    assert [point.expected for point in facts.course] == sorted(point.expected for point in facts.course)
    assert facts.course[-1].expected == 1


def test_the_course_averages_what_was_known_by_each_weeks_end():
    entries = {A: past(ago(14, "0.2"), ago(7, "0.4")), B: past(ago(7, "0.1"))}
    facts = facts_of(kr("A", current=5), kr("B", current=3), entries=entries)
    assert [point.score for point in facts.course if point.score is not None] == [D("0.2"), D("0.25"), D("0.4")]


def test_this_weeks_pace_is_todays():
    facts = facts_of(kr("A", current=5))
    present = max((point for point in facts.course if point.day <= TODAY), key=lambda point: point.day)
    assert present.expected == facts.card.key_results[Key(Q4.name, "A")].pace


def test_without_scores_there_is_no_course():
    assert facts_of(kr("A")).course == ()


def test_an_aspirational_pace_leads_where_success_begins():
    facts = facts_of(kr("A", current=5, commitment="Aspirational"))
    assert facts.course[-1].expected == D("0.7")


def test_a_cycle_of_a_year_has_a_year_of_weeks():
    plan = plan_of({Tab.KEY_RESULTS: [kr("A", current=5)], Tab.OBJECTIVES: [objective_row()]}, asked_of())
    year = Cycle(Q4.name, date(2026, 1, 1), date(2026, 12, 31))
    assert len(make_facts(plan, STAMP, year, 3, ScoringRules()).course) == 53


def test_how_the_last_sync_went_is_counted_in_rows():
    assert facts_of(kr("A", current=5), kr("B")).how == "3 rows moved, 0 refreshed"

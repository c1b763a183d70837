"""The parts of a plan: a row's task, what the ledger learns of it, rows that share an id, problems behind gaps."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Gap, GapKind, Reading
from okr.model import Key, Point, Status
from okr.problem import Problem, Severity, TextPlace
from sync.plan import make_plan
from sync.plan_duplicate import plan_duplicates
from sync.plan_gaps import LOCKED, check_gaps
from sync.plan_learn import WEEKS_KEPT, add_point, count_doubt, gap_reason, learn_row
from sync.plan_task import PlanRules, find_released, make_tasks
from sync.scores import make_scores
from sync.sheet.cell import Cell
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Good, Hold, parse_entry
from sync.sheet.merge import Verdict
from sync.standings import Asked, RowStanding, make_standings
from tests.unit.sync_sheets import (
    HEAD,
    NOW,
    Q4,
    TODAY,
    entry_of,
    formula,
    kpi_row,
    kr,
    ledger_tab,
    objective_row,
    percent,
    row_key,
    snapshot_of,
)

D = Decimal
KR, KPI, OBJECTIVE = Tab.KEY_RESULTS, Tab.KPIS, Tab.OBJECTIVES
A, B, K, TOP = row_key("A"), row_key("B"), row_key("K", KPI), row_key("O", OBJECTIVE)
RULES = PlanRules(cycles=frozenset({Q4.name}))


def asked_of(**values):
    """What came back by id: numbers are readings."""
    keys = {own_id: K if own_id == "K" else row_key(own_id) for own_id in values}
    outcomes = {
        keys[own_id]: value if isinstance(value, Gap) else Reading(D(str(value)), NOW)
        for own_id, value in values.items()
        if value is not None
    }
    return Asked(dict.fromkeys(keys.values(), "desk: a number"), outcomes)


def plan_of(rows, asked=None, rules=RULES, *, ledger=None, now=NOW, problems=(), **rest):
    snapshot = snapshot_of(rows, ledger=ledger, **rest)
    return make_plan(snapshot, asked or asked_of(), rules, now, problems)


def tasks_of(rows, asked=None, rules=RULES, **rest):
    """The tasks by key, and the key results' scorecard that they follow from."""
    asked = asked or asked_of()
    snapshot = snapshot_of(rows, **rest)
    standings = make_standings(snapshot, asked, NOW)
    key_results = {key.key: item.standing for key, item in standings.items() if key.tab is KR}
    kpis = {key.key: item.standing for key, item in standings.items() if key.tab is KPI}
    scores = make_scores(snapshot.okrs, key_results, {}, kpis, rules.scoring, TODAY)
    return {task.key: task for task in make_tasks(snapshot, asked, standings, scores, rules, TODAY)}


SHEET = {KR: [kr("A"), kr("B")], OBJECTIVE: [objective_row()], KPI: [kpi_row(healthy_from=1)]}


# Tasks


def test_every_row_has_its_task():
    tasks = tasks_of(SHEET, asked_of(A=5, K=2))
    assert set(tasks) == {A, B, TOP, K}
    assert tasks[A].wants[Field.CURRENT] == D(5)
    assert tasks[A].wants[Field.SOURCE] == "desk: a number"
    assert Field.CURRENT not in tasks[B].wants  # manual
    assert (tasks[A].bar, tasks[TOP].bar, tasks[K].bar) == ("█████░░░░░ 50 %", None, None)
    assert (tasks[TOP].found, tasks[TOP].definition) == (None, "")
    assert tasks[K].wants[Field.CURRENT] == D(2)


def test_only_asked_for_rows():
    rules = replace(RULES, only=frozenset({"A"}))
    assert set(tasks_of(SHEET, asked_of(A=5), rules)) == {A, TOP}


def test_rows_of_other_cycles_are_left_alone():
    rows = {KR: [kr("A"), kr("B", cycle="2026-Q3")], OBJECTIVE: [objective_row("P", cycle="2026-Q3")]}
    assert set(tasks_of(rows)) == {A}


def test_rows_that_share_an_id_are_no_tasks():
    assert set(tasks_of({KR: [kr("A"), kr("B"), kr("A")]})) == {B}


@pytest.mark.parametrize(("target", "is_percent"), [(percent(60), True), (60, False)])
def test_current_is_written_in_the_targets_scale(target, is_percent):
    assert tasks_of({KR: [kr("A", baseline=None, target=target)]})[A].is_percent is is_percent


@pytest.mark.parametrize("field", ["healthy_from", "healthy_to"])
def test_a_kpi_is_written_in_its_bands_scale(field):
    assert tasks_of({KPI: [kpi_row(**{field: percent(99)})]})[K].is_percent


def test_adopted_columns_are_those_of_their_tab():
    head = replace(HEAD, adopted=frozenset({"Key Results/status", "Objectives/why"}))
    tasks = tasks_of(SHEET, ledger=ledger_tab(head=head))
    assert tasks[A].adopted == {Field.STATUS}
    assert tasks[TOP].adopted == {Field.WHY}
    assert tasks[K].adopted == frozenset()


@pytest.mark.parametrize(
    ("entry", "is_mapped", "adopted"),
    [
        (entry_of(score=D(1)), True, {Field.CURRENT}),  # it was manual
        (entry_of(score=D(1)), False, set()),  # it still is
        (entry_of(score=D(1), current=D(5)), True, set()),  # it was mapped before
        (NO_ENTRY, True, set()),  # a new row
    ],
)
def test_a_newly_mapped_rows_current_was_peoples(entry, is_mapped, adopted):
    ledger = ledger_tab({A: entry} if entry != NO_ENTRY else {})
    asked = asked_of(A=5) if is_mapped else asked_of()
    assert tasks_of({KR: [kr("A", current=4)]}, asked, ledger=ledger)[A].adopted == adopted


def test_where_the_ledgers_line_is_damaged_every_machine_cell_waits():
    """Nothing is known of who wrote what: a person's values are listed and nothing is written over them."""
    stands = {"current": 4, "score": D("0.9"), "status": "On track", "why": "because", "source": "mine", "trend": "up"}
    rows = {KR: [kr("A", **stands), kr("B", current=1)]}
    ledger = ledger_tab({A: "{damaged", B: entry_of(score=D(1))})
    assert tasks_of(rows, asked_of(A=5), ledger=ledger)[A].adopted == set(MACHINE_FIELDS[KR])
    plan = plan_of(rows, asked_of(A=5), ledger=ledger)
    row = next(row for row in plan.rows if row.key == A)
    assert {item.field.value for item in row.takeovers} == set(stands)
    columns = {row.view.columns[Field(name)] for name in stands}
    assert not columns & {write.column for write in row.cells}
    assert "sheet.ledger-line" in {problem.code for problem in plan.problems}


def test_accepting_ends_the_wait():
    rows = {KR: [kr("A", current=4, status="On track")]}
    plan = plan_of(rows, asked_of(A=5), replace(RULES, takeover=True), ledger=ledger_tab({A: "{damaged"}))
    (row,) = [row for row in plan.rows if row.key == A]
    assert row.takeovers == ()
    assert {write.field: write.value for write in row.cells}[Field.CURRENT] == D(5)
    assert (D(4), D(5)) in {(item.old, item.new) for item in row.history}


def test_released_fields_are_those_of_the_row():
    rules = replace(RULES, release=frozenset({(A, Field.SCORE), (A, Field.STATUS), (B, Field.CURRENT)}))
    assert find_released(A, rules) == {Field.SCORE, Field.STATUS}
    assert find_released(K, rules) == frozenset()


# What the ledger learns


def learned(entry=NO_ENTRY, asked=None, today=TODAY, verdicts=None):
    task = tasks_of({KR: [kr("A")]}, asked or asked_of(A=5), ledger=ledger_tab({A: entry}))[A]
    task = replace(task, entry=entry)
    verdicts = verdicts or dict.fromkeys(task.wants, Verdict.CHANGE)
    return learn_row(task, verdicts, dict.fromkeys(task.wants), today)


def test_a_reading_is_kept_apart_from_what_was_written():
    entry = learned()
    assert entry.bases[Field.CURRENT] == D(5)
    assert entry.good == Good(D(5), None)
    assert (entry.gap, entry.updated, entry.doubt_days) == ("", TODAY, 0)
    assert entry.points == (Point(TODAY, D("0.5")),)
    assert entry.rule == "pace_ratio"
    assert entry.definition.startswith("Increase|0|10|")


def test_an_unchanged_value_keeps_its_day():
    before = replace(NO_ENTRY, good=Good(D(5), None), updated=date(2026, 10, 9))
    assert learned(before).updated == date(2026, 10, 9)
    assert learned(replace(before, good=Good(D(4), None))).updated == TODAY


def test_a_row_that_became_manual_forgets_what_it_wrote_into_current():
    before = replace(entry_of(current=D(5)), holds={Field.CURRENT: Hold(TODAY, D(6))})
    entry = learned(before, asked_of())
    assert Field.CURRENT not in entry.bases
    assert Field.CURRENT not in entry.holds


def test_a_gap_keeps_the_good_reading_and_says_why():
    before = replace(NO_ENTRY, good=Good(D(5), None), updated=date(2026, 10, 9))
    entry = learned(before, asked_of(A=Gap(GapKind.UNAVAILABLE, "504 after 3 tries", source="jira")))
    assert entry.good.value == D(5)
    assert entry.gap == "jira could not be reached"
    assert entry.updated == date(2026, 10, 9)


def test_what_was_not_asked_stays_as_the_last_run_knew_it():
    before = replace(NO_ENTRY, good=Good(D(5), None), gap="jira refused to answer", doubt_days=2, doubted=TODAY)
    entry = learned(before, asked_of(A=None))
    assert (entry.gap, entry.doubt_days, entry.doubted) == ("jira refused to answer", 2, TODAY)


def test_a_doubt_is_counted_and_an_end_of_it_too():
    doubt = Gap(GapKind.DOUBT, "it fell by half")
    before = replace(NO_ENTRY, good=Good(D(9), None), doubt_days=1, doubted=TODAY - timedelta(days=1))
    entry = learned(before, asked_of(A=doubt))
    assert (entry.doubt_days, entry.doubted) == (2, TODAY)
    assert (learned(entry).doubt_days, learned(entry).doubted) == (0, None)


@pytest.mark.parametrize(
    ("days", "doubted", "count"),
    [(0, None, 1), (1, TODAY, 1), (3, TODAY, 3), (1, TODAY - timedelta(days=1), 2), (3, TODAY - timedelta(days=5), 4)],
)
def test_doubts_count_days_not_runs(days, doubted, count):
    assert count_doubt(replace(NO_ENTRY, doubt_days=days, doubted=doubted), TODAY) == count


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (RowStanding(None, was_asked=False), "before"),
        (RowStanding(None), ""),
        (RowStanding(None, gap=Gap(GapKind.MISREAD, "no field Amount.")), "no field Amount"),
        (RowStanding(None, gap=Gap(GapKind.REFUSED, "401", source="crm")), "crm refused to answer"),
    ],
)
def test_reasons(found, reason):
    assert gap_reason(found, replace(NO_ENTRY, gap="before")) == reason


@given(days=st.lists(st.integers(0, 20), max_size=40))
def test_points_are_weekly_and_thirteen_at_most(days):
    points, day = (), TODAY
    for step in days:
        day += timedelta(days=step)
        points = add_point(points, day, D("0.123456"))
    assert len(points) <= WEEKS_KEPT
    assert all(late.day - early.day >= timedelta(days=7) for early, late in pairwise(points))
    assert all(point.score == D("0.1235") for point in points)
    if days:
        assert day - points[-1].day < timedelta(days=7)


def test_without_a_score_there_is_no_point():
    assert add_point((), TODAY, None) == ()


# Rows that share an id


def duplicates_of(rows, entry=NO_ENTRY, tab=KR, key=A):
    snapshot = snapshot_of({tab: rows}, ledger=ledger_tab({key: entry} if entry != NO_ENTRY else {}))
    card = make_plan(snapshot, asked_of(), RULES, NOW, ()).scorecard
    return plan_duplicates(snapshot, card)


SAID = "The id A is used twice: rows 2, 4. Give each row its own id."


def written(plan):
    return {write.field: write.value for write in plan.cells}


def test_rows_that_share_an_id_say_so_and_nothing_else():
    plans = duplicates_of([kr("A"), kr("B"), kr("A")])
    assert [plan.row.index for plan in plans] == [1, 3]
    assert [written(plan) for plan in plans] == [{Field.STATUS: "No data", Field.WHY: SAID}] * 2
    assert plans[1].line is None  # one line of the ledger for both
    assert parse_entry(plans[0].line).bases == {Field.STATUS: "No data", Field.WHY: SAID}


def test_a_second_run_writes_nothing():
    said = {"status": "No data", "why": SAID}
    plans = duplicates_of([kr("A", **said), kr("B"), kr("A", **said)], entry_of(**said))
    assert all(plan.cells == () and plan.line is None for plan in plans)


def test_what_the_machine_wrote_before_is_replaced():
    plans = duplicates_of(
        [kr("A", status="On track"), kr("B"), kr("A", status="At risk")], entry_of(status="On track", why="x")
    )
    assert Field.STATUS in written(plans[0])
    assert Field.STATUS not in written(plans[1])  # a person typed it


@pytest.mark.parametrize("cell", ["Off track", formula("=B2", "No more")])
def test_what_a_person_typed_into_such_a_row_stays(cell):
    plans = duplicates_of([kr("A", status=cell), kr("B"), kr("A")])
    assert Field.STATUS not in written(plans[0])
    assert Field.STATUS in written(plans[1])


def test_a_hold_stays_a_hold():
    entry = replace(entry_of(status="On track"), holds={Field.STATUS: Hold(TODAY, "Off track")})
    plans = duplicates_of([kr("A"), kr("B"), kr("A")], entry)
    assert all(Field.STATUS not in written(plan) for plan in plans)
    assert parse_entry(plans[0].line).bases[Field.STATUS] == "On track"


def test_kpis_and_objectives_that_share_an_id():
    (one, two) = duplicates_of([kpi_row(), kpi_row()], tab=KPI, key=K)
    assert (
        written(one)
        == written(two)
        == {
            Field.STATUS: "No data",
            Field.WHY: "The id K is used twice: rows 2, 3. Give each row its own id.",
        }
    )
    assert len(duplicates_of([objective_row(), objective_row()], tab=OBJECTIVE, key=TOP)) == 2


def test_a_plan_with_a_shared_id_scores_neither():
    plan = plan_of({KR: [kr("A", current=9), kr("A", current=1)]})
    assert plan.scorecard.key_results[Key(Q4.name, "A")].status is Status.NO_DATA
    assert {write.field for row in plan.rows for write in row.cells} == {Field.STATUS, Field.WHY}


# Problems behind gaps


def gaps_of(outcomes, said=()):
    keys = {own_id: row_key(own_id) for own_id in outcomes}
    return list(check_gaps({keys[own_id]: outcome for own_id, outcome in outcomes.items()}, said))


DOWN = Gap(GapKind.UNAVAILABLE, "504 after 3 tries.", "Try later.", "jira")


def test_a_source_that_is_down_is_one_problem():
    (problem,) = gaps_of({f"A{at}": DOWN for at in range(8)})
    assert (problem.code, problem.subject, problem.fix) == ("source.unavailable", "jira", "Try later.")
    assert problem.message == "504 after 3 tries. Last good values stay: A0, A1, A2, A3, A4, A5 and 2 more"


def test_two_sources_are_two():
    refused = Gap(GapKind.REFUSED, "401", source="crm")
    assert [item.code for item in gaps_of({"A": DOWN, "B": refused, "C": DOWN})] == [
        "source.unavailable",
        "source.refused",
    ]


@pytest.mark.parametrize(("count", "subjects"), [(1, ["A0"]), (2, ["A0", "A1"]), (3, ["jira"]), (4, ["jira"])])
def test_the_same_reason_three_times_is_the_sources(count, subjects):
    gap = Gap(GapKind.MISREAD, "no field Amount", source="jira")
    assert [item.subject for item in gaps_of({f"A{at}": gap for at in range(count)})] == subjects


def test_a_rows_own_reason_has_its_place():
    place = TextPlace("mappings.yaml", 3)
    (problem,) = gaps_of({"A": Gap(GapKind.MISREAD, "no field Amount.", "Name it.", "jira", place=place)})
    assert problem.message == "A: no field Amount. The last good value stays"
    assert (problem.place, problem.severity) == (place, Severity.ERROR)


@pytest.mark.parametrize(("fix", "severities"), [(None, []), ("Widen the query.", [Severity.WARNING])])
def test_nothing_to_measure_is_no_mistake(fix, severities):
    found = gaps_of({"A": Gap(GapKind.EMPTY, "there is nothing to measure", fix, "jira")})
    assert [item.severity for item in found] == severities


@pytest.mark.parametrize(
    ("subject", "severity", "count"),
    [("jira", Severity.ERROR, 0), ("A", Severity.ERROR, 0), ("jira", Severity.WARNING, 1), ("crm", Severity.ERROR, 1)],
)
def test_what_is_said_already_is_not_said_again(subject, severity, count):
    said = Problem(LOCKED, "the secret is missing", subject=subject, severity=severity)
    assert len(gaps_of({"A": DOWN}, [said])) == count


def test_readings_are_no_problems():
    assert gaps_of({"A": Reading(D(1), datetime.now(NOW.tzinfo))}) == []


def test_a_cell_that_is_no_number_is_told_with_its_place():
    plan = plan_of({KR: [kr("A", current=Cell("lots", "lots"))]})
    (problem,) = [item for item in plan.problems if item.code == "sheet.not-a-number"]
    assert str(problem.place) == "Key Results!D2"

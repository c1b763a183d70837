from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind
from okr.model import Cycle, Key, ScoringRules
from sync.board_facts import make_facts
from sync.drawings import draw_tabs
from sync.plan import make_plan
from sync.plan_task import PlanRules
from sync.run_rows import RunStamp
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Good, Hold
from sync.sheet.rules import MANUAL_DAYS
from tests.unit.sync_plans import asked_of
from tests.unit.sync_sheets import HEAD, NOW, Q4, TODAY, entry_of, kr, ledger_tab, objective_row, row_key, snapshot_of

D = Decimal
KR = Tab.KEY_RESULTS
STAMP = RunStamp("20261122-093000-beef", NOW, NOW)
A = row_key("A")
STALE_DAYS = 3


def plan_of(rows, asked=None, *, cycles=None, now=NOW, **rest):
    cycles = cycles or {Q4.name: Q4}
    snapshot = snapshot_of({KR: rows, Tab.OBJECTIVES: [objective_row()]}, cycles=cycles, **rest)
    return make_plan(snapshot, asked or asked_of(), PlanRules(cycles=frozenset({Q4.name})), now, ())


def facts_of(plan, stale_days=STALE_DAYS):
    return make_facts(plan, STAMP, Q4, stale_days, ScoringRules())


def texts(drawing):
    return [str(draw.value) for row in drawing.rows for draw in row if draw is not None and draw.value is not None]


def test_the_dashboard_is_drawn_into_its_tab():
    ((tab_id, drawing),) = draw_tabs(plan_of([kr("A", current=5)]), STAMP, STALE_DAYS)
    assert tab_id == 50
    assert texts(drawing)[0] == "OKRs"
    assert {"A", "Result A"} <= {text.strip() for text in texts(drawing)}


def test_a_sheet_without_a_dashboard_gets_none():
    plan = plan_of([kr("A")])
    without = replace(plan, snapshot=replace(plan.snapshot, dashboard=None))
    assert draw_tabs(without, STAMP, STALE_DAYS) == ()


def test_outside_of_all_cycles_nothing_is_drawn():
    plan = plan_of([kr("A")])
    assert draw_tabs(replace(plan, now=NOW + timedelta(days=365)), STAMP, STALE_DAYS) == ()


def test_the_shortest_open_cycle_is_shown():
    year = Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))
    plan = plan_of([kr("A", current=5)], cycles={year.name: year, Q4.name: Q4})
    ((_, drawing),) = draw_tabs(plan, STAMP, STALE_DAYS)
    assert any(str(text).startswith("2026-Q4: ") for text in texts(drawing))


def test_holds_say_what_stands_and_what_would():
    ledger = ledger_tab({A: replace(entry_of(current=D(5), score=D("0.5")), good=Good(D(5), None))}, HEAD)
    plan = plan_of([kr("A", current=8, score=D("0.5"))], asked_of(A=5), ledger=ledger)
    assert facts_of(plan).held == ["A: Current is 8 since 22 Nov; okr-sync would write 5."]


def test_a_held_score_reads_as_scores_do():
    ledger = ledger_tab({A: replace(entry_of(current=D(5), score=D("0.5")), good=Good(D(5), None))}, HEAD)
    plan = plan_of([kr("A", current=5, score=D("0.8"))], asked_of(A=D("4.9382")), ledger=ledger)
    assert facts_of(plan).held == ["A: Score is 0.80 since 22 Nov; okr-sync would write 0.49."]


def test_a_hold_over_nothing_known():
    entry = replace(NO_ENTRY, holds={Field.CURRENT: Hold(TODAY, D(8))})
    plan = plan_of([kr("A", current=8)], asked_of(A=Gap(GapKind.EMPTY, "nothing")), ledger=ledger_tab({A: entry}))
    assert facts_of(plan).held == ["A: Current is 8 since 22 Nov; okr-sync would write nothing yet."]


def test_what_waits_says_where_it_is():
    head = replace(HEAD, adopted=frozenset({"Key Results/current"}))
    plan = plan_of([kr("A", current=8)], asked_of(A=5), ledger=ledger_tab(head=head))
    (text,) = facts_of(plan).waiting
    assert text == "A: Current says 8, from before okr-sync; it would write 5 (Key Results!D2)."


def test_gaps_are_gathered_by_what_a_manager_is_told():
    down = Gap(GapKind.UNAVAILABLE, "504 after 3 tries", source="jira")
    slow = Gap(GapKind.UNAVAILABLE, "no answer in 5 min", source="jira")
    plan = plan_of([kr("A"), kr("B"), kr("C")], asked_of(A=down, B=slow, C=Gap(GapKind.EMPTY, "no records.")))
    assert facts_of(plan).gaps == {"jira could not be reached": ["A", "B"], "no records": ["C"]}


@pytest.mark.parametrize(
    ("is_mapped", "days", "stale"),
    [
        (True, STALE_DAYS, False),
        (True, STALE_DAYS + 1, True),
        (False, MANUAL_DAYS, False),
        (False, MANUAL_DAYS + 1, True),
    ],
)
def test_stale_by_the_same_days_as_the_sheets_own_rules(is_mapped, days, stale):
    seen = NOW - timedelta(days=days)
    entry = replace(NO_ENTRY, good=Good(D(5), seen), updated=seen.date())
    asked = asked_of(A=Gap(GapKind.UNAVAILABLE, "down", source="jira")) if is_mapped else asked_of()
    plan = plan_of([kr("A", current=5)], asked, ledger=ledger_tab({A: entry}))
    assert (plan.standings[A].standing.as_of.date(), plan.standings[A].is_mapped) == (seen.date(), is_mapped)
    assert facts_of(plan).stale == (frozenset({Key(Q4.name, "A")}) if stale else frozenset())
    assert TODAY - seen.date() == timedelta(days=days)


def test_more_patience_than_fourteen_days_is_everybodys():
    seen = NOW - timedelta(days=20)
    entry = replace(NO_ENTRY, good=Good(D(5), seen), updated=seen.date())
    plan = plan_of([kr("A", current=5)], ledger=ledger_tab({A: entry}))
    assert facts_of(plan, 20).stale == frozenset()
    assert facts_of(plan, 19).stale == {Key(Q4.name, "A")}

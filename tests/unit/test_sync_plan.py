"""The plan of a sheet: what moves, what only ages, what waits, what people hold, and what History is told."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind, Reading
from okr.goalposts import Move
from okr.model import Status
from okr.problem import Problem
from sync.plan import Plan, is_refresh_due, make_plan
from sync.plan_task import PlanRules
from sync.row_plan import HOLD_NOTE
from sync.sheet.cell import Cell
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Entry, Hold, OpenProblem, RowKey
from sync.sheet.ledger_text import parse_entry
from sync.sheet.merge import ShuffleError, Verdict
from sync.sheet.snapshot import SheetNames, make_snapshot, remember_columns
from sync.standings import Asked
from tests.unit.sync_sheets import (
    CYCLES,
    HEAD,
    NOW,
    Q4,
    TODAY,
    cell,
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

A, B, K = row_key("A"), row_key("B"), row_key("K", Tab.KPIS)
RULES = PlanRules(cycles=frozenset({Q4.name}))
YESTERDAY = TODAY - timedelta(days=1)
GAP = Gap(GapKind.UNAVAILABLE, "Jira doesn't answer", source="jira")


class Sheet:
    """A sheet in memory that plans are carried out on, cell by cell, as a store would."""

    def __init__(self, *rows, objectives=(), kpis=(), **numbers):
        self.rows = {Tab.KEY_RESULTS: list(rows), Tab.OBJECTIVES: list(objectives), Tab.KPIS: list(kpis)}
        self.entries: dict[RowKey, Entry] = {}
        self.head = replace(HEAD, refreshed=TODAY)
        self.now = NOW
        self.numbers = numbers
        self.gaps: dict[str, Gap] = {}
        self.heartbeat = NOW - timedelta(hours=1)

    def asked(self) -> Asked:
        keys = {name: row_key(name, Tab.KPIS if name.startswith("K") else Tab.KEY_RESULTS) for name in self.numbers}
        outcomes = {
            keys[name]: self.gaps.get(name) or Reading(Decimal(value), self.now) for name, value in self.numbers.items()
        }
        return Asked(dict.fromkeys(keys.values(), "jira"), outcomes)

    def snapshot(self):
        ledger = ledger_tab(self.entries, self.head, heartbeat=self.heartbeat)
        return snapshot_of(self.rows, ledger=ledger)

    def plan(self, *problems: Problem, **rules) -> Plan:
        return make_plan(self.snapshot(), self.asked(), replace(RULES, **rules), self.now, problems)

    def apply(self, **rules) -> Plan:
        """Plan, and carry it out."""
        plan = self.plan(**rules)
        for row in plan.rows:
            for write in row.cells:
                cells = self.rows[row.key.tab][write.row - 1]
                value = cells.get(write.field) if write.note_only else write.value
                old = cells.get(write.field)
                note = write.note if write.note is not None else old.note if isinstance(old, Cell) else None
                found = value if isinstance(value, Cell) else cell(value)
                cells[write.field] = replace(found, note=note or None)
            if row.line is not None:
                self.entries[row.key] = parse_entry(row.line)
        self.heartbeat = self.now
        self.head = replace(
            self.head,
            refreshed=plan.day if plan.refreshes else self.head.refreshed,
            columns=remember_columns(plan.snapshot),
            problems=plan.life.open,
        )
        return plan

    def value(self, name: Field, row: int = 0, tab: Tab = Tab.KEY_RESULTS):
        found = self.rows[tab][row].get(name)
        return found.value if isinstance(found, Cell) else found


def told(plan: Plan):
    return [(item.key.id, item.field, item.old, item.new) for row in plan.rows for item in row.history]


def ids(rows) -> list[str]:
    return [row.key.id for row in rows]


def settled(*rows, **more) -> Sheet:
    """A sheet that was synced today."""
    sheet = Sheet(*(rows or (kr("A"),)), **(more or {"A": 3}))
    sheet.apply()
    return sheet


# Moved and aged


def test_a_first_plan_writes_everything_and_the_second_nothing():
    sheet = Sheet(kr("A"), objectives=[objective_row("O")], kpis=[kpi_row("K", healthy_from=1)], A=3, K=2)
    first = sheet.apply()
    assert ids(first.moved) == ["A", "O", "K"]
    assert (sheet.value(Field.CURRENT), sheet.value(Field.SCORE)) == (3, Decimal("0.3"))
    assert sheet.value(Field.SCORE, tab=Tab.OBJECTIVES) == Decimal("0.3")
    assert sheet.value(Field.CURRENT, tab=Tab.KPIS) == 2
    assert sheet.plan().is_quiet


def test_what_moves_with_time_waits_for_the_day():
    sheet = settled()
    why = sheet.value(Field.WHY)
    sheet.now += timedelta(hours=3)
    assert sheet.plan().is_quiet
    sheet.now += timedelta(days=1)
    plan = sheet.apply()
    assert plan.refreshes
    assert (ids(plan.moved), ids(plan.aged)) == ([], ["A"])
    assert sheet.value(Field.WHY) != why
    assert told(plan) == []
    assert sheet.plan().is_quiet


@pytest.mark.parametrize(
    ("refresh", "days", "due"),
    [
        ("daily", 0, False), ("daily", 1, True),
        ("weekly", 1, False), ("weekly", 6, False), ("weekly", 7, True),
        ("change", 1, False), ("change", 99, False),
    ],
)  # fmt: skip
def test_how_often_the_sheet_is_refreshed(refresh, days, due):
    assert is_refresh_due(TODAY, TODAY + timedelta(days=days), refresh) is due


@pytest.mark.parametrize("refresh", ["daily", "weekly", "change"])
def test_the_first_time_everything_is_fresh(refresh):
    assert is_refresh_due(None, TODAY, refresh)


def test_without_a_refresh_only_freshness_ages():
    sheet = settled()
    why = sheet.value(Field.WHY)
    sheet.now += timedelta(days=1)
    plan = sheet.apply(refresh="change")
    assert {write.field for row in plan.rows for write in row.cells} == {Field.FRESHNESS}
    assert (sheet.value(Field.WHY), sheet.value(Field.FRESHNESS)) == (why, sheet.now.date())


def test_a_change_takes_its_rows_moving_fields_along():
    sheet = settled(kr("A"), kr("B"), A=3, B=3)
    sheet.now += timedelta(days=1)
    sheet.head = replace(sheet.head, refreshed=sheet.now.date())
    sheet.numbers["A"] = 4
    plan = sheet.apply()
    assert Field.WHY in {write.field for write in plan.rows[0].cells}
    assert (sheet.value(Field.UPDATED), sheet.value(Field.UPDATED, 1)) == (sheet.now.date(), TODAY)


def test_history_gets_each_significant_change_once():
    sheet = settled()
    sheet.numbers["A"] = 4
    plan = sheet.apply()
    assert told(plan) == [
        ("A", Field.SCORE, Decimal("0.3"), Decimal("0.4")),
        *[item for item in told(plan) if item[1] is Field.STATUS],
        ("A", Field.CURRENT, 3, 4),
    ]
    assert told(sheet.plan()) == []


def test_an_edited_definition_is_told_once():
    sheet = settled()
    sheet.rows[Tab.KEY_RESULTS][0][Field.OWNER] = "Maya"
    plan = sheet.apply()
    assert [item[1] for item in told(plan)] == [Field.OWNER]
    assert told(sheet.plan()) == []


def test_each_edited_field_is_told_with_its_old_and_new_value_and_kept_in_the_ledger():
    sheet = settled()
    own = sheet.rows[Tab.KEY_RESULTS][0]
    own[Field.TARGET], own[Field.DUE] = Decimal(20), date(2026, 12, 1)
    plan = sheet.apply()
    edits = [change for row in plan.rows for change in row.history if change.reason == "the definition was edited"]
    assert [(change.field, change.old, change.new) for change in edits] == [
        (Field.TARGET, "10", "20"),
        (Field.DUE, None, "2026-12-01"),
    ]
    assert sheet.entries[A].moves == (Move(TODAY, "Target", "10", "20"), Move(TODAY, "Due", "", "2026-12-01"))
    own[Field.DUE] = None
    sheet.now += timedelta(days=1)
    sheet.apply()
    assert [move.field for move in sheet.entries[A].moves] == ["Target", "Due", "Due"]


def test_a_column_that_is_missing_stirs_nothing():
    sheet = settled()
    sheet.now += timedelta(hours=1)
    view = sheet.snapshot().views[Tab.KEY_RESULTS]
    assert view is not None
    fields = [name for name in view.columns if name is not Field.STATUS]
    ledger = ledger_tab(sheet.entries, sheet.head)
    snapshot = snapshot_of(sheet.rows, ledger=ledger, fields={Tab.KEY_RESULTS: fields})
    plan = make_plan(snapshot, sheet.asked(), RULES, sheet.now, ())
    assert [row.cells for row in plan.rows] == []


# Holds


def test_a_typed_value_is_held_noted_scored_and_told():
    sheet = settled()
    sheet.rows[Tab.KEY_RESULTS][0][Field.CURRENT] = cell(7)
    plan = sheet.apply()
    (row,) = [row for row in plan.rows if row.key == A]
    (held,) = row.holds
    assert (held.field, held.value, held.want, held.since, held.is_new) == (Field.CURRENT, 7, 3, TODAY, True)
    (note,) = [write for write in row.cells if write.field is Field.CURRENT]
    assert (note.note, note.note_only) == (HOLD_NOTE, True)
    assert ("A", Field.CURRENT, 3, 7) in told(plan)
    assert (sheet.value(Field.CURRENT), sheet.value(Field.SCORE)) == (7, Decimal("0.7"))
    again = sheet.plan()
    assert again.is_quiet
    assert [item.is_new for row in again.rows for item in row.holds] == [False]


def test_a_held_score_rolls_up_and_the_machine_wants_its_own():
    sheet = settled(kr("A"), kr("B"), A=3, B=3)
    sheet.rows[Tab.OBJECTIVES] = [objective_row("O")]
    sheet.rows[Tab.KEY_RESULTS][0][Field.SCORE] = cell(Decimal("0.9"))
    sheet.apply()
    assert sheet.value(Field.SCORE, tab=Tab.OBJECTIVES) == Decimal("0.6")
    (held,) = [item for row in sheet.plan().rows for item in row.holds]
    assert held.want == Decimal("0.3")
    sheet.rows[Tab.KEY_RESULTS][0][Field.SCORE] = None
    plan = sheet.apply()
    assert sheet.value(Field.SCORE) == Decimal("0.3")
    assert sheet.value(Field.SCORE, tab=Tab.OBJECTIVES) == Decimal("0.3")
    assert next(item.verdict for row in plan.moved for item in row.changes if item.key == A) is Verdict.HANDED_BACK


def test_a_kpis_held_status_stays_and_its_current_moves_on():
    sheet = Sheet(kpis=[kpi_row("K", healthy_from=1)], K=2)
    sheet.apply()
    sheet.rows[Tab.KPIS][0][Field.STATUS] = cell(Status.PAUSED.value)
    sheet.apply()
    sheet.numbers["K"] = 0
    sheet.apply()
    assert sheet.value(Field.STATUS, tab=Tab.KPIS) == Status.PAUSED.value
    assert sheet.value(Field.CURRENT, tab=Tab.KPIS) == 0


def test_a_pasted_row_keeps_three_cells_and_tells_history_the_rest():
    sheet = settled()
    pasted = {
        Field.CURRENT: 7, Field.SCORE: Decimal("0.2"), Field.STATUS: "Achieved", Field.WHY: "copied",
        Field.SOURCE: "elsewhere",
    }  # fmt: skip
    sheet.rows[Tab.KEY_RESULTS][0] |= {name: cell(value) for name, value in pasted.items()}
    plan = sheet.apply()
    assert {item.field for row in plan.rows for item in row.holds} == {Field.CURRENT, Field.SCORE, Field.STATUS}
    assert {item[1]: item[2] for item in told(plan) if item[1] in (Field.WHY, Field.SOURCE)} == {
        Field.WHY: "copied",
        Field.SOURCE: "elsewhere",
    }
    assert sheet.value(Field.SOURCE) == "jira"


def test_a_paste_of_what_only_moves_is_given_back_at_once():
    sheet = settled()
    names = (Field.WHY, Field.SOURCE, Field.TREND, Field.PACE)
    sheet.rows[Tab.KEY_RESULTS][0] |= dict.fromkeys(names, cell("copied"))
    plan = sheet.apply()
    assert {item[1] for item in told(plan)} == set(names)
    assert sheet.value(Field.SOURCE) == "jira"
    assert sheet.plan().is_quiet


def test_a_shuffle_refuses_the_whole_plan():
    sheet = settled(kr("A"), kr("B"), kr("C"), A=1, B=2, C=3)
    machine = (Field.CURRENT, Field.SCORE, Field.WHY, Field.PACE)
    rows = sheet.rows[Tab.KEY_RESULTS]
    values = [{name: row.get(name) for name in machine} for row in rows]
    for row, others in zip(rows, (values[1], values[2], values[0]), strict=True):
        row |= others
    with pytest.raises(ShuffleError) as caught:
        sheet.plan()
    assert {row.id for row in caught.value.rows} == {"A", "B", "C"}


# Takeovers


def test_a_copied_row_is_taken_over_at_once_and_history_has_its_values():
    sheet = settled()
    copy = dict(sheet.rows[Tab.KEY_RESULTS][0]) | {Field.KR_ID: "N", Field.CURRENT: cell(9)}
    sheet.rows[Tab.KEY_RESULTS].append(copy)
    sheet.numbers["N"] = 5
    plan = sheet.apply()
    assert ("N", Field.CURRENT, 9, 5) in told(plan)
    assert sheet.value(Field.CURRENT, 1) == 5
    assert sheet.plan().is_quiet


def test_in_an_adopted_column_it_waits_until_accepted():
    sheet = Sheet(kr("A", score=Decimal("0.8"), status="On track"), A=3)
    sheet.head = replace(sheet.head, adopted=frozenset({"Key Results/score", "Key Results/status"}))
    plan = sheet.apply()
    waiting = {item.field: (item.value, item.want) for row in plan.rows for item in row.takeovers}
    assert waiting[Field.SCORE] == (Decimal("0.8"), Decimal("0.3"))
    assert sheet.value(Field.SCORE) == Decimal("0.8")
    assert next(item.place for row in plan.rows for item in row.takeovers).startswith("Key Results!")
    plan = sheet.apply(takeover=True)
    assert sheet.value(Field.SCORE) == Decimal("0.3")
    assert ("A", Field.SCORE, Decimal("0.8"), Decimal("0.3")) in told(plan)


@pytest.mark.parametrize("tab", [Tab.KEY_RESULTS, Tab.KPIS])
def test_the_current_of_a_row_that_was_manual_waits_until_accepted(tab):
    name = "A" if tab is Tab.KEY_RESULTS else "K"
    sheet = Sheet(kr("A", current=5)) if name == "A" else Sheet(kpis=[kpi_row("K", current=5, healthy_from=1)])
    sheet.apply()
    assert Field.CURRENT not in sheet.entries[A if name == "A" else K].bases
    sheet.numbers[name] = 8
    plan = sheet.apply()
    assert [(item.field, item.value, item.want) for row in plan.rows for item in row.takeovers] == [
        (Field.CURRENT, 5, 8)
    ]
    assert sheet.value(Field.CURRENT, tab=tab) == 5
    sheet.apply(takeover=True)
    assert sheet.value(Field.CURRENT, tab=tab) == 8


def test_a_key_result_whose_mapping_is_taken_away_is_the_persons_again():
    sheet = settled()
    del sheet.numbers["A"]
    sheet.apply()
    assert Field.CURRENT not in sheet.entries[A].bases
    sheet.rows[Tab.KEY_RESULTS][0][Field.CURRENT] = cell(9)
    plan = sheet.apply()
    assert [row.holds for row in plan.rows] == [()] * len(plan.rows)
    assert sheet.value(Field.SCORE) == Decimal("0.9")


# Formulas


def test_a_formula_in_score_stays_and_history_has_its_text_when_it_goes():
    sheet = settled()
    sheet.rows[Tab.KEY_RESULTS][0][Field.SCORE] = formula("=D2/E2", Decimal("0.3"))
    sheet.apply()
    sheet.numbers["A"] = 4
    sheet.apply()
    found = sheet.rows[Tab.KEY_RESULTS][0][Field.SCORE]
    assert found.formula == "=D2/E2"
    assert sheet.entries[A].holds[Field.SCORE].value == Decimal("0.3")


@pytest.mark.parametrize("gives", ["", None])
@pytest.mark.parametrize("field", [Field.CURRENT, Field.SCORE, Field.STATUS, Field.WHY])
@pytest.mark.parametrize("first", ["7", ""])
def test_a_formula_stays_also_on_days_on_which_it_gives_nothing(field, first, gives):
    sheet = settled()
    sheet.rows[Tab.KEY_RESULTS][0][field] = formula('=IF(Z1="","",Z1)', first)
    sheet.apply()
    sheet.rows[Tab.KEY_RESULTS][0][field] = formula('=IF(Z1="","",Z1)', gives)
    sheet.numbers["A"] = 4
    sheet.now += timedelta(days=1)
    sheet.apply()
    assert sheet.rows[Tab.KEY_RESULTS][0][field].formula == '=IF(Z1="","",Z1)'
    assert field in sheet.entries[A].holds
    assert sheet.apply().rows[0].cells == ()


def test_an_accepted_formula_goes_to_history_as_it_was_written():
    sheet = Sheet(kr("A", score=formula("=D2/E2", Decimal("0.3"))), A=3)
    sheet.head = replace(sheet.head, adopted=frozenset({"Key Results/score"}))
    assert [item.field for row in sheet.apply().rows for item in row.takeovers] == [Field.SCORE]
    assert ("A", Field.SCORE, "=D2/E2", Decimal("0.3")) in told(sheet.apply(takeover=True))
    assert sheet.value(Field.SCORE) == Decimal("0.3")


# Gaps


def test_a_gap_leaves_value_and_day_and_says_why():
    sheet = settled()
    sheet.gaps["A"] = GAP
    sheet.now += timedelta(days=2)
    plan = sheet.apply()
    assert ids(plan.moved) == []
    assert sheet.value(Field.CURRENT) == 3
    assert sheet.value(Field.FRESHNESS) < sheet.now.date()
    assert "could not be reached" in sheet.value(Field.WHY)
    assert list(plan.gaps) == [A]


def test_the_same_day_a_gap_that_begins_and_ends_is_said_at_once():
    sheet = settled()
    sheet.gaps["A"] = GAP
    sheet.apply()
    assert "could not be reached" in sheet.value(Field.WHY)
    sheet.gaps.clear()
    sheet.apply()
    assert "could not be reached" not in sheet.value(Field.WHY)


def test_without_any_reading_ever_current_stays_empty_and_free():
    sheet = Sheet(kr("A"), A=3)
    sheet.gaps["A"] = GAP
    sheet.apply()
    assert sheet.value(Field.CURRENT) is None
    assert sheet.value(Field.SCORE) is None
    sheet.gaps.clear()
    sheet.apply()
    assert sheet.value(Field.CURRENT) == 3


# Some only, duplicates, problems


def test_only_these():
    sheet = settled(kr("A"), kr("B"), A=3, B=3)
    sheet.numbers |= {"A": 4, "B": 4}
    sheet.now += timedelta(days=1)
    plan = sheet.apply(only=frozenset({"A"}), confirms=False)
    assert ids(plan.rows) == ["A"]
    assert not plan.refreshes


def test_rows_that_share_an_id_say_so_and_keep_everything_else():
    sheet = settled(kr("A"), kr("B"), A=3, B=3)
    sheet.rows[Tab.KEY_RESULTS].append(dict(sheet.rows[Tab.KEY_RESULTS][0]))
    sheet.numbers["A"] = 9
    sheet.apply()
    for row in (0, 2):
        assert sheet.value(Field.STATUS, row) == Status.NO_DATA.value
        assert "used twice: rows 2, 4" in sheet.value(Field.WHY, row)
        assert (sheet.value(Field.CURRENT, row), sheet.value(Field.SCORE, row)) == (3, Decimal("0.3"))
    assert sheet.plan().is_quiet
    del sheet.rows[Tab.KEY_RESULTS][2]
    sheet.apply()
    assert (sheet.value(Field.CURRENT), sheet.value(Field.STATUS)) != (3, Status.NO_DATA.value)
    assert sheet.entries[A].holds == {}


def test_a_problem_is_new_once_and_written_down():
    sheet = settled()
    problem = Problem("config.odd", "odd", subject="A")
    plan = sheet.plan(problem)
    assert plan.new_problems == (problem,)
    assert not plan.is_quiet
    sheet.head = replace(sheet.head, problems=plan.life.open)
    again = sheet.plan(problem)
    assert (again.new_problems, again.is_quiet) == ((), True)
    assert not sheet.plan().is_quiet  # it is over


def test_a_source_that_was_not_asked_still_has_its_problem():
    sheet = settled()
    names = ("config.secret|jira|sources.jira", "source.unavailable|jira|")
    sheet.head = replace(sheet.head, problems=dict.fromkeys(names, OpenProblem()))
    assert sheet.plan(confirms=False).is_quiet
    assert not sheet.plan().is_quiet


def test_columns_that_were_moved_are_remembered_at_once():
    sheet = settled()
    sheet.head = replace(sheet.head, columns={})
    assert not sheet.plan().is_quiet


def test_an_old_hold_is_no_part_of_a_paste():
    sheet = settled()
    sheet.entries[A] = replace(sheet.entries[A], holds={Field.WHY: Hold(YESTERDAY, "mine")})
    sheet.rows[Tab.KEY_RESULTS][0] |= {
        Field.WHY: cell("mine"), Field.SOURCE: cell("x"), Field.TREND: cell("y"), Field.PACE: cell(Decimal("0.9")),
    }  # fmt: skip
    sheet.apply()
    assert set(sheet.entries[A].holds) == {Field.WHY, Field.SOURCE, Field.TREND, Field.PACE}


def test_a_new_row_of_a_known_key_is_judged_by_its_old_entry():
    sheet = settled()
    sheet.entries[B] = entry_of(current=Decimal(1), score=Decimal("0.1"))
    sheet.rows[Tab.KEY_RESULTS].append(kr("B"))
    sheet.numbers["B"] = 2
    sheet.apply()
    assert sheet.value(Field.CURRENT, 1) == 2


# What is written


def test_a_row_that_ends_before_a_column_has_an_empty_cell_there():
    sheet = Sheet(kr("A"), A=3)
    raw = sheet.snapshot().raw
    for width in range(3, 32):
        tabs = tuple(
            replace(tab, cells=(tab.cells[0], *(row[:width] for row in tab.cells[1:])))
            if tab.title == Tab.KEY_RESULTS.value
            else tab
            for tab in raw.tabs
        )
        snapshot = make_snapshot(replace(raw, tabs=tabs), SheetNames(), CYCLES, (Q4.name,))
        plan = make_plan(snapshot, sheet.asked(), RULES, sheet.now, ())
        assert Field.CURRENT in {write.field for row in plan.rows for write in row.cells}


@pytest.mark.parametrize(
    ("typed", "verdict"), [(cell(7), Verdict.NEW_HOLD), (None, Verdict.CHANGE), (cell(3), Verdict.QUIET)]
)
def test_what_people_do_in_a_row_takes_its_reason_along(typed, verdict):
    sheet = settled()
    row = sheet.rows[Tab.KEY_RESULTS][0]
    row |= {Field.CURRENT: typed, Field.TREND: cell("old")}
    sheet.entries[A] = replace(sheet.entries[A], bases={**sheet.entries[A].bases, Field.TREND: "old"})
    written = {write.field for found in sheet.plan().rows for write in found.cells}
    assert (Field.TREND in written) is (verdict is not Verdict.QUIET)


def test_a_hold_that_is_handed_back_takes_its_reason_along():
    sheet = settled()
    sheet.entries[A] = replace(sheet.entries[A], holds={Field.CURRENT: Hold(YESTERDAY, Decimal(3))})
    sheet.rows[Tab.KEY_RESULTS][0] |= {Field.CURRENT: None, Field.SOURCE: cell("old")}
    sheet.entries[A] = replace(sheet.entries[A], bases={**sheet.entries[A].bases, Field.SOURCE: "old"})
    assert Field.SOURCE in {write.field for row in sheet.plan().rows for write in row.cells}


@pytest.mark.parametrize(("target", "is_percent"), [(10, False), (percent(60), True)])
def test_current_is_written_in_the_targets_form_and_the_rest_as_it_is(target, is_percent):
    sheet = Sheet(kr("A", target=target), A=0)
    forms = {write.field: write.is_percent for row in sheet.plan().rows for write in row.cells}
    assert forms.pop(Field.CURRENT) is is_percent
    assert set(forms.values()) == {None}


def test_progress_follows_the_score_in_force_whatever_stands_there():
    sheet = settled()
    assert sheet.value(Field.PROGRESS) == "███░░░░░░░ 30 %"
    sheet.rows[Tab.KEY_RESULTS][0][Field.PROGRESS] = cell("typed over")
    plan = sheet.apply()
    assert [(write.field, write.value) for row in plan.rows for write in row.cells] == [
        (Field.PROGRESS, "███░░░░░░░ 30 %")
    ]
    assert told(plan) == []
    sheet.rows[Tab.KEY_RESULTS][0][Field.SCORE] = cell(Decimal("0.9"))
    sheet.apply()
    assert sheet.value(Field.PROGRESS) == "█████████░ 90 %"
    assert sheet.plan().is_quiet


def test_progress_that_was_peoples_before_us_stays_theirs():
    sheet = Sheet(kr("A", progress=percent(45)), A=3)
    sheet.head = replace(sheet.head, adopted=frozenset({"Key Results/progress"}))
    sheet.apply()
    assert sheet.value(Field.PROGRESS) == Decimal("0.45")
    assert sheet.value(Field.SCORE) == Decimal("0.3")


def test_without_a_score_progress_is_empty():
    sheet = settled()
    sheet.rows[Tab.KEY_RESULTS][0][Field.TARGET] = None
    sheet.apply()
    assert sheet.value(Field.PROGRESS) is None


@pytest.mark.parametrize("name", [Field.CURRENT, Field.WHY])
def test_a_released_cell_is_written_and_told_and_its_note_goes(name):
    sheet = settled()
    value = cell(7) if name is Field.CURRENT else cell("mine")
    sheet.rows[Tab.KEY_RESULTS][0][name] = value
    sheet.apply()
    assert sheet.rows[Tab.KEY_RESULTS][0][name].note == HOLD_NOTE or name is not Field.CURRENT
    plan = sheet.apply(release=frozenset({(A, name)}))
    assert [item[2] for item in told(plan) if item[1] is name] == [value.value]
    assert sheet.entries[A].holds == {}
    assert sheet.value(name) != value.value
    assert sheet.plan().is_quiet

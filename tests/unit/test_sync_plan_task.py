from dataclasses import replace
from decimal import Decimal

import pytest

from sync.plan_task import find_released
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY
from tests.unit.sync_plans import KPI, KR, OBJECTIVE, RULES, TOP, A, B, K, asked_of, plan_of, tasks_of
from tests.unit.sync_sheets import (
    HEAD,
    entry_of,
    kpi_row,
    kr,
    ledger_tab,
    objective_row,
    percent,
)

D = Decimal


SHEET = {KR: [kr("A"), kr("B")], OBJECTIVE: [objective_row()], KPI: [kpi_row(healthy_from=1)]}


def test_every_row_has_its_task():
    tasks = tasks_of(SHEET, asked_of(A=5, K=2))
    assert set(tasks) == {A, B, TOP, K}
    assert tasks[A].wants[Field.CURRENT] == D(5)
    assert tasks[A].wants[Field.SOURCE] == "desk: a number"
    assert Field.CURRENT not in tasks[B].wants  # manual
    assert (tasks[A].bar, tasks[TOP].bar, tasks[K].bar) == ("█████░░░░░ 50 %", None, None)
    assert (tasks[TOP].found, tasks[TOP].definition) == (None, "1|||")
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

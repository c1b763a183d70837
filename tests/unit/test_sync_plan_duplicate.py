from dataclasses import replace
from decimal import Decimal

import pytest

from okr.model import Key, Status
from sync.plan import make_plan
from sync.plan_duplicate import plan_duplicates
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Entry, Hold
from sync.sheet.ledger_text import parse_entry
from tests.unit.sync_plans import KPI, KR, OBJECTIVE, RULES, TOP, A, K, asked_of, plan_of
from tests.unit.sync_sheets import (
    NOW,
    Q4,
    TODAY,
    entry_of,
    formula,
    kpi_row,
    kr,
    ledger_tab,
    objective_row,
    snapshot_of,
)

D = Decimal


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
    assert parse_entry(plans[0].line) == Entry(doubled=True)


def test_a_second_run_writes_nothing():
    said = {"status": "No data", "why": SAID}
    plans = duplicates_of([kr("A", **said), kr("B"), kr("A", **said)], Entry(doubled=True))
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


def test_rows_that_moved_since_say_their_new_numbers():
    said = {"status": "No data", "why": "The id A is used twice: rows 2, 3. Give each row its own id."}
    plans = duplicates_of([kr("A", **said), kr("B"), kr("A", **said)], Entry(doubled=True))
    assert [written(plan) for plan in plans] == [{Field.WHY: SAID}] * 2


@pytest.mark.parametrize("status", ["No data", "On track", None])
def test_the_row_that_keeps_the_id_is_the_machines_whatever_it_was_left_with(status):
    """It may have got what a doubled id gets, or have been missed by it."""
    entry = replace(entry_of(status="On track", why="x"), doubled=True)
    why = SAID if status == "No data" else "x"
    plan = plan_of({KR: [kr("A", current=1, status=status, why=why)]}, ledger=ledger_tab({A: entry}))
    (row,) = (row for row in plan.rows if row.key == A)
    assert row.holds == ()
    assert not parse_entry(row.line).doubled


def test_what_a_person_typed_into_the_row_that_keeps_the_id_is_held():
    entry = replace(entry_of(status="On track", why="x"), doubled=True)
    plan = plan_of({KR: [kr("A", current=1, status="At risk", why=SAID)]}, ledger=ledger_tab({A: entry}))
    assert [hold.field for row in plan.rows if row.key == A for hold in row.holds] == [Field.STATUS]

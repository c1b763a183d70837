"""A day's refresh that hit rows on the move: it is made good by the same run, or by the one that mends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from sync.plan import Plan
from sync.run import RunWishes, apply_run, find_out, plan_run
from sync.sheet.layout import Tab
from tests.support.faulty_store import Crash
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore

KR = Tab.KEY_RESULTS
ALL = RunWishes()

MOVES: Mapping[str, Callable[[LivedSheet], None]] = {
    "sort": lambda sheet: sheet.sort(KR, [1, 0, 2, 3]),
    "insert": lambda sheet: sheet.insert(KR, 1),
}


def open_sheet(*, is_shared: bool = False) -> LivedSheet:
    """A sheet that was synced yesterday; by a config that has it alone, or by one that declares its rows."""
    store = MemoryStore(has_before=True)
    sheet = open_lived_sheet(store, MemoryPeople(store))
    if is_shared:
        project = sheet.engine.project
        config = replace(project.config, name="web", sheet=replace(project.config.sheet, rows=("*",)))
        sheet.engine = replace(sheet.engine, project=replace(project, config=config))
    sheet.world.numbers |= {"b": Decimal(2), "c": Decimal(3)}
    apply_run(sheet.engine, ALL)
    sheet.world.pass_days(1)
    return sheet


def make_refresh(sheet: LivedSheet) -> Plan:
    """What a refresh would write now."""
    found = find_out(sheet.engine, ALL, sheet.engine.now())
    head = found.snapshot.ledger.head
    parts = {name: part._replace(refreshed=None) for name, part in head.parts.items()}
    head = replace(head, refreshed=None, parts=parts)
    snapshot = replace(found.snapshot, ledger=replace(found.snapshot.ledger, head=head))
    return plan_run(sheet.engine, ALL, replace(found, snapshot=snapshot), snapshot, sheet.engine.now())


@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("move", MOVES)
def test_what_was_put_back_is_refreshed_by_the_plan_that_follows(move: str, *, is_shared: bool) -> None:
    sheet = open_sheet(is_shared=is_shared)
    sheet.store.act = lambda: MOVES[move](sheet)
    assert apply_run(sheet.engine, ALL).attempts == 2
    plan = make_refresh(sheet)
    assert plan.refreshes
    assert [row.cells for row in plan.rows] == [()] * len(plan.rows)


@pytest.mark.parametrize("move", MOVES)
def test_what_a_dead_run_missed_is_refreshed_by_the_one_that_mends(move: str) -> None:
    sheet = open_sheet()
    sheet.store.act, sheet.store.faults = lambda: MOVES[move](sheet), ["dies_after"]
    with pytest.raises(Crash):
        apply_run(sheet.engine, ALL)
    apply_run(sheet.engine, ALL)
    plan = make_refresh(sheet)
    assert [row.cells for row in plan.rows] == [()] * len(plan.rows)
    assert apply_run(sheet.engine, ALL).plan.is_quiet

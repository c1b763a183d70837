"""A partial sort, shown and undone: on both manners of store, with held and freshly typed cells among them."""

from decimal import Decimal as D

import pytest

from sync.care.repair import apply_repair, find_repair
from sync.cli.repair import render_repair, repair_json
from sync.run import RunWishes, preview
from sync.sheet.layout import Field, Tab
from sync.sheet.merge import ShuffleError
from sync.sheet.store_error import SheetBusy
from tests.support.fake_source import World
from tests.support.lived_sheet import open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore

KR = Tab.KEY_RESULTS
ORDER = (3, 1, 2, 0)


@pytest.fixture(params=[True, False], ids=["like Google", "like a workbook"])
def lived(request):
    store = MemoryStore(has_before=request.param)
    numbers = {name: D(at) for at, name in enumerate("abck")}
    sheet = open_lived_sheet(store, MemoryPeople(store), World(numbers=numbers))
    sheet.run_cleanly()
    return sheet


def cells(sheet):
    return [[cell.value for cell in row] for row in sheet.look().rows(KR)]


def notes(sheet, row, field):
    return sheet.look().cell(KR, row, sheet.at(KR, field)).note


def test_nothing_sorted_apart_is_nothing_to_repair(lived):
    assert find_repair(lived.engine) is None


def test_the_machines_cells_go_back_and_the_next_run_is_quiet(lived):
    before = cells(lived)
    lived.sort_apart(KR, ORDER)
    assert cells(lived) != before
    with pytest.raises(ShuffleError, match="okr-sync repair"):
        preview(lived.engine, RunWishes())
    snapshot, repair = find_repair(lived.engine)
    assert {cell.key.id for cell in repair.cells} == {"A", "B", "C"}
    assert repair.typed == ()
    apply_repair(lived.engine, snapshot, repair)
    assert cells(lived) == before
    assert find_repair(lived.engine) is None
    assert not any(row.holds for row in preview(lived.engine, RunWishes()).rows)
    lived.run_cleanly()
    assert any(row[3].value == "repaired" for row in lived.store.inner.fetch_sheet(["Runs"]).tabs[0].cells[1:])


def test_a_held_value_goes_home_with_our_note(lived):
    lived.type(KR, 1, Field.SCORE, D("0.8"))
    lived.run_cleanly()
    held = notes(lived, 1, Field.SCORE)
    assert held
    lived.seen.clear()
    lived.sort_apart(KR, ORDER)
    snapshot, repair = find_repair(lived.engine)
    apply_repair(lived.engine, snapshot, repair)
    assert lived.look().cell(KR, 1, lived.at(KR, Field.SCORE)).value == D("0.8")
    plan = preview(lived.engine, RunWishes())
    assert [(item.key.id, item.field) for row in plan.rows for item in row.holds] == [("A", Field.SCORE)]


def test_what_somebody_typed_after_the_sort_stays_and_becomes_a_hold(lived):
    lived.sort_apart(KR, ORDER)
    lived.type(KR, 2, Field.STATUS, "At risk")
    snapshot, repair = find_repair(lived.engine)
    assert [(key.id, field, value) for key, field, value in repair.typed] == [("B", Field.STATUS, "At risk")]
    apply_repair(lived.engine, snapshot, repair)
    report = lived.run()
    held = [(item.key.id, item.field, item.value) for row in report.plan.rows for item in row.holds]
    assert held == [("B", Field.STATUS, "At risk")]


def test_rows_that_are_sorted_while_we_repair_get_their_cells_all_the_same(lived):
    before = sorted(map(str, cells(lived)))
    lived.sort_apart(KR, ORDER)
    snapshot, repair = find_repair(lived.engine)
    lived.store.inner.act = lambda: lived.sort(KR, (3, 2, 1, 0))
    if snapshot.raw.revision:
        with pytest.raises(SheetBusy):  # a workbook sees that somebody saved it
            apply_repair(lived.engine, snapshot, repair)
        snapshot, repair = find_repair(lived.engine)
    apply_repair(lived.engine, snapshot, repair)
    assert find_repair(lived.engine) is None
    assert sorted(map(str, cells(lived))) == before


def test_it_reads_as_a_person_says_it(lived):
    lived.sort_apart(KR, ORDER)
    snapshot, repair = find_repair(lived.engine)
    lines = list(render_repair(snapshot, repair))
    assert lines[0] == "okr-sync's columns of 3 rows were sorted apart from their ids."
    assert "    Current: 1 → 0  (stands in C)" in lines or "    Current: 2 → 0  (stands in B)" in lines
    found = repair_json(repair)
    assert {each["id"] for each in found["cells"]} == {"A", "B", "C"}

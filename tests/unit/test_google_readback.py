"""People edit between the read and the write. After write and put-back every cell must be as people left it,
but for the cells that were rightly meant and that nobody had touched."""

import copy
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.layout import Field, Tab
from sync.sheet.readback import check_receipt, make_expected, make_put_back, same_content
from sync.sheet.store import Batch, CellWrite, GuardSwap, Receipt, TabChanges

TAB = 5
HEADERS = ("id", "note", "current", "score")
MACHINE = {"current": Field.CURRENT, "score": Field.SCORE}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def text(value):
    return Cell(value, str(value))


def fresh():
    rows = [[text(f"K{n}"), text(f"n{n}"), Cell(Decimal(n)), Cell(Decimal(n * 10))] for n in range(1, 6)]
    rows[2][1] = Cell(Decimal(6), "6", formula="=C4*2")
    return [[text(name) for name in HEADERS], *rows]


def batch_of(snapshot, writes):
    used = (len(snapshot), max(map(len, snapshot)))
    change = TabChanges(Tab.KEY_RESULTS, TAB, id_column=0, header_row=0, used=used, cells=tuple(writes))
    return Batch(9, NOW, guard=GuardSwap((1,), (2,)), changes=(change,))


def cells_of(grid):
    return {(row, at): cell for row, line in enumerate(grid) for at, cell in enumerate(line) if cell != EMPTY}


def marks_of(grid):
    return {(row, at): cell for (row, at), cell in cells_of(grid).items() if row == 0 or at == 0}


def apply(grid, writes):
    for write in writes:
        grid[write.row][write.column] = Cell(write.value, formula=write.formula)


def sync(grid, snapshot, writes):
    """Write, read the receipt, put back. Returns what was misplaced; None where Google refuses the batch."""
    if any(write.row >= len(grid) for write in writes):
        return None
    batch = batch_of(snapshot, writes)
    receipt = Receipt(before={TAB: cells_of(grid)}, after={TAB: marks_of(grid)})
    apply(grid, writes)
    misplaced = check_receipt(batch, receipt, {TAB: snapshot})
    apply(grid, make_put_back(misplaced).get(TAB, ()))
    return misplaced


def person(grid, rnd):
    row = rnd.randrange(1, len(grid))
    wide = len(grid[0])
    match rnd.choice(["edit", "clear", "insert", "insert typed", "delete", "sort", "column", "move", "formula"]):
        case "edit":
            grid[row][rnd.randrange(1, wide)] = text(f"P{rnd.random():.3f}")
        case "clear":
            grid[row][rnd.randrange(0, wide)] = EMPTY
        case "formula":
            grid[row][rnd.randrange(1, wide)] = Cell(Decimal(2), "2", formula="=1+1")
        case "insert":
            grid.insert(row, [EMPTY] * wide)
        case "insert typed":
            grid.insert(row, [text(f"N{rnd.random():.2f}"), *(text(f"T{rnd.random():.3f}") for _ in range(wide - 1))])
        case "delete" if len(grid) > 3:
            del grid[row]
        case "sort":
            grid[1:] = sorted(grid[1:], key=lambda line: str(line[-1].value), reverse=True)
        case "column":
            at = rnd.randrange(1, wide)
            for line in grid:
                line.insert(at, EMPTY)
            grid[0][at] = text("Extra")
        case "move":
            here, there = rnd.sample(range(1, wide), 2)
            for line in grid:
                line.insert(there, line.pop(here))


def find(grid, key, header):
    row = next((line for line in grid[1:] if line[0].value == key), None)
    at = next((at for at, cell in enumerate(grid[0]) if cell.value == header), None)
    return None if row is None or at is None else row[at]


@settings(max_examples=600)
@given(st.integers(0, 2**32), st.integers(0, 3))
def test_nothing_is_lost_between_read_and_write(seed, edits):
    rnd = random.Random(seed)
    snapshot = fresh()
    grid = copy.deepcopy(snapshot)
    ledger = {(f"K{n}", name): snapshot[n][HEADERS.index(name)] for n in range(1, 6) for name in MACHINE}
    meant = [key for key in ledger if rnd.random() < 0.5]
    writes = [
        CellWrite(int(key[1]), HEADERS.index(name), f"W{key}{name}", field=MACHINE[name], row_id=key)
        for key, name in meant
    ]
    for _ in range(edits):
        person(grid, rnd)
    left = copy.deepcopy(grid)
    misplaced = sync(grid, snapshot, writes)
    if misplaced is None:
        return
    missed = {(miss.write.row_id, miss.write.field) for miss in misplaced}
    ledger |= {(key, name): text(f"W{key}{name}") for key, name in meant if (key, MACHINE[name]) not in missed}
    keys = [line[0].value for line in left]
    for row, line in enumerate(left):
        for at, cell in enumerate(line):
            key, name = line[0].value, left[0][at].value
            untouched = (key, name) in meant and same_content(cell, snapshot[int(key[1])][HEADERS.index(name)])
            if not same_content(grid[row][at], cell):
                assert untouched, f"a cell was lost at {row},{at}"
                assert grid[row][at].value == f"W{key}{name}"
    for (key, name), base in ledger.items():
        live = find(grid, key, name)
        if live is not None and keys.count(key) == 1 and not same_content(live, base):
            assert not str(live.value).startswith("W"), "our own miss would look like a hold"


def test_a_quiet_window_misplaces_nothing():
    grid = fresh()
    snapshot = copy.deepcopy(grid)
    assert sync(grid, snapshot, [CellWrite(2, 3, Decimal(7))]) == ()
    assert grid[2][3].value == Decimal(7)


def test_a_day_in_the_pre_image_is_its_serial():
    snapshot = fresh()
    snapshot[1][3] = Cell(date(2026, 11, 21), "21 Nov 2026")
    batch = batch_of(snapshot, [CellWrite(1, 3, date(2026, 11, 22))])
    before = cells_of(snapshot) | {(1, 3): Cell(Decimal(46347), "46347")}
    assert check_receipt(batch, Receipt({TAB: before}), {TAB: snapshot}) == ()


def test_what_is_put_back_gets_its_form_back():
    snapshot = fresh()
    snapshot[1][3] = Cell(date(2026, 11, 21), "21 Nov 2026")
    snapshot[2][3] = Cell(Decimal("0.4"), "40%", is_percent=True, note="theirs")
    writes = [
        CellWrite(1, 3, Decimal("0.9"), is_percent=True, note="held"),
        CellWrite(2, 3, date(2026, 11, 22)),
    ]
    swapped = [snapshot[0], snapshot[2], snapshot[1], *snapshot[3:]]
    before = cells_of(swapped) | {(2, 3): Cell(Decimal(46347))}
    misplaced = check_receipt(batch_of(snapshot, writes), Receipt({TAB: before}), {TAB: snapshot})
    assert [miss.has_moved for miss in misplaced] == [True, True]
    percent, day = make_put_back(misplaced)[TAB]
    assert (percent.value, percent.is_percent, percent.note) == (Decimal("0.4"), True, "theirs")
    assert (day.value, day.is_percent, day.note) == (date(2026, 11, 21), None, None)


def test_a_formula_of_a_person_comes_back_as_a_formula():
    grid, snapshot = fresh(), fresh()
    grid[3], grid[4] = grid[4], grid[3]
    batch = batch_of(snapshot, [CellWrite(4, 1, "W")])
    (miss,) = check_receipt(batch, Receipt({TAB: cells_of(grid)}), {TAB: snapshot})
    (back,) = make_put_back([miss])[TAB]
    assert back.formula == "=C4*2"


@pytest.mark.parametrize("moved", [False, True])
def test_a_pre_image_of_other_rows_is_not_trusted(moved):
    """A filter hid rows from the copy: its rows are not the tab's. The tab's own ids decide."""
    snapshot = fresh()
    live = copy.deepcopy(snapshot)
    if moved:
        live[1], live[2] = live[2], live[1]
    shifted = [live[0], *live[2:]]
    receipt = Receipt({TAB: cells_of(shifted)}, {TAB: marks_of(live)})
    misplaced = check_receipt(batch_of(snapshot, [CellWrite(1, 3, "W")]), receipt, {TAB: snapshot})
    if not moved:
        assert misplaced == ()
        return
    (miss,) = misplaced
    assert not miss.is_certain
    assert miss.before == snapshot[2][3]


def test_what_nobody_can_tell_is_left():
    snapshot = fresh()
    live = copy.deepcopy(snapshot)
    live[1][0] = text("new")
    receipt = Receipt({TAB: {}}, {TAB: marks_of(live)})
    misplaced = check_receipt(batch_of(snapshot, [CellWrite(1, 3, "W")]), receipt, {TAB: snapshot})
    assert [miss.before for miss in misplaced] == [None]
    assert make_put_back(misplaced) == {}


def test_a_store_that_guarantees_needs_no_check():
    assert check_receipt(batch_of(fresh(), [CellWrite(1, 3, "W")]), Receipt(), {}) == ()


def test_a_put_back_is_checked_like_any_write():
    """Two people move rows: one before our write, one before its put-back. The sheet ends as they left it."""
    snapshot, grid = fresh(), fresh()
    grid[1], grid[2] = grid[2], grid[1]
    batch = batch_of(snapshot, [CellWrite(1, 3, "W")])
    receipt = Receipt({TAB: cells_of(grid)})
    apply(grid, batch.changes[0].cells)
    back = make_put_back(check_receipt(batch, receipt, {TAB: snapshot}))[TAB]
    grid.insert(1, [text("new"), text("by"), text("a"), text("person")])
    second = batch_of(snapshot, back)
    again = Receipt({TAB: cells_of(grid)})
    apply(grid, back)
    (miss,) = check_receipt(second, again, make_expected(batch, receipt))
    apply(grid, make_put_back([miss])[TAB])
    assert [cell.value for cell in grid[1]] == ["new", "by", "a", "person"]


def test_a_put_back_that_hits_is_good():
    snapshot, grid = fresh(), fresh()
    grid[1], grid[2] = grid[2], grid[1]
    left = copy.deepcopy(grid)
    batch = batch_of(snapshot, [CellWrite(1, 3, "W"), CellWrite(1, 1, None, note="n", note_only=True)])
    receipt = Receipt({TAB: cells_of(grid)})
    apply(grid, batch.changes[0].cells[:1])
    back = make_put_back(check_receipt(batch, receipt, {TAB: snapshot}))[TAB]
    assert [write.note_only for write in back] == [False, True]
    assert check_receipt(batch_of(snapshot, back), Receipt({TAB: cells_of(grid)}), make_expected(batch, receipt)) == ()
    apply(grid, back[:1])
    assert grid == left


def test_a_formula_with_the_same_value_is_a_change():
    snapshot = fresh()
    batch = batch_of(snapshot, [CellWrite(1, 3, "W")])
    typed = cells_of(snapshot) | {(1, 3): replace(snapshot[1][3], formula="=5*2")}
    (miss,) = check_receipt(batch, Receipt({TAB: typed}), {TAB: snapshot})
    assert (miss.has_moved, miss.before.formula) == (False, "=5*2")


def test_a_renamed_header_is_another_column():
    snapshot = fresh()
    batch = batch_of(snapshot, [CellWrite(1, 3, "W")])
    renamed = cells_of(snapshot) | {(0, 3): text("budget")}
    (miss,) = check_receipt(batch, Receipt({TAB: renamed}), {TAB: snapshot})
    assert (miss.has_moved, miss.before) == (True, snapshot[1][3])

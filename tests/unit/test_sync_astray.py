"""What a run that died hit by mistake: the record of its batch, and what the next run makes of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.astray import check_astray, find_astray
from sync.batches import make_batches
from sync.restoring import make_mend_batch
from sync.row_plan import HOLD_NOTE
from sync.run_rows import RunStamp
from sync.sheet.cell import EMPTY, Cell
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import Hold
from sync.sheet.ledger_text import parse_entry, parse_head
from sync.sheet.record import PIECE, RECORD_COLUMN, mark_cell, parse_record, render_record
from sync.sheet.snapshot import GUARD_TITLES, SheetNames, make_snapshot
from sync.sheet.store import CellWrite, RawTab, TabChanges
from tests.unit.sync_plans import asked_of, plan_of
from tests.unit.sync_sheets import (
    CYCLES,
    NOW,
    Q4,
    cell,
    entry_of,
    kr,
    ledger_tab,
    make_tab,
    raw_sheet,
    row_key,
    snapshot_of,
)

KR = Tab.KEY_RESULTS
FIELDS = (Field.KR_ID, Field.KEY_RESULT, Field.OBJECTIVE_ID, Field.BASELINE, Field.TARGET, Field.CURRENT)
CURRENT = FIELDS.index(Field.CURRENT)
OLD = {row_key("A"): entry_of(current=D(1)), row_key("B"): entry_of(current=D(2))}
"""What the ledger knew before the batch."""
ROWS = [kr("A", current=1), kr("B", current=2)]
"""What the batch's plan saw; it writes A's Current 5 and B's 6."""


def record_of(*writes, rows=ROWS, restores=False, revision=7):
    grid = make_tab(KR, rows, fields=FIELDS).cells
    change = TabChanges(KR, 1, id_column=0, header_row=0, used=(9, 9), cells=writes)
    return render_record(revision, [change], {1: grid}, restores=restores)


def current(row, value, **more):
    return CellWrite(row, CURRENT, None if value is None else D(value), field=Field.CURRENT, **more)


BOTH = (current(1, 5), current(2, 6))
LEARNED = {row_key("A"): entry_of(current=D(5)), row_key("B"): entry_of(current=D(6))}


def sheet(now, image, *, record=None, entries=LEARNED):
    """A sheet with the batch's record and pre-image: rows as they are now, and as they were when it wrote."""
    ledger = ledger_tab(entries)
    pieces = record if record is not None else record_of(*BOTH)
    head = (*ledger.cells[0], *map(cell, pieces))
    assert len(ledger.cells[0]) == RECORD_COLUMN
    ledger = replace(ledger, cells=(head, *ledger.cells[1:]))
    raw = raw_sheet({KR: now}, ledger=ledger, fields={KR: FIELDS})
    before = RawTab(902, GUARD_TITLES[MERGED.index(KR)], hidden=True, cells=make_tab(KR, image, fields=FIELDS).cells)
    tabs = tuple(before if tab.title == before.title else tab for tab in raw.tabs)
    return make_snapshot(replace(raw, tabs=tabs), SheetNames(), CYCLES, (Q4.name,))


def restored(snapshot):
    return {(write.row_id, write.value) for cells in find_astray(snapshot).restores.values() for write in cells}


def learned(snapshot):
    return {key.id: entry.bases[Field.CURRENT] for key, entry in find_astray(snapshot).entries.items()}


GOOD = [kr("A", current=5), kr("B", current=6)]


@pytest.mark.parametrize(
    "now",
    [
        GOOD,
        [kr("B", current=6), kr("A", current=5)],  # sorted since
        [kr("A", current=9), kr("B", current=6)],  # typed over since
        [kr("B", current=6)],  # a row deleted since
        [kr("A", current=5), kr("A", current=5), kr("B", current=6)],  # a row copied since
    ],
)
def test_a_batch_that_hit_what_it_meant_is_found_good_whatever_people_did_since(now):
    found = find_astray(sheet(now, ROWS))
    assert found.is_nothing
    assert found.lost == 0
    assert check_astray(sheet(now, ROWS)) == ()


def test_a_value_typed_just_before_the_write_comes_back():
    snapshot = sheet(GOOD, [kr("A", current=77), kr("B", current=2)])
    assert restored(snapshot) == {("A", D(77))}
    assert learned(snapshot) == {}  # the base is the machine's: the plan will see the typed value as a hold
    (problem,) = check_astray(snapshot)
    assert "1 cells" in problem.message


def test_a_typed_value_that_was_typed_over_again_since_is_left():
    assert find_astray(
        sheet([kr("A", current=8), kr("B", current=6)], [kr("A", current=77), kr("B", current=2)])
    ).is_nothing


def test_rows_sorted_before_the_write_get_their_values_back_and_their_writes_are_unlearned():
    snapshot = sheet([kr("B", current=5), kr("A", current=6)], [kr("B", current=2), kr("A", current=1)])
    assert restored(snapshot) == {("B", D(2)), ("A", D(1))}
    assert learned(snapshot) == {"A": D(1), "B": D(2)}


def test_rows_sorted_before_the_write_and_again_after_it():
    snapshot = sheet([kr("A", current=6), kr("B", current=5)], [kr("B", current=2), kr("A", current=1)])
    assert restored(snapshot) == {("B", D(2)), ("A", D(1))}
    assert learned(snapshot) == {"A": D(1), "B": D(2)}


def test_a_row_inserted_before_the_write_is_emptied_again():
    blank = {}
    snapshot = sheet(
        [blank, kr("A", current=5), kr("B", current=6)],
        [blank, kr("A", current=1), kr("B", current=2)],
        record=record_of(current(1, 5), current(2, 6)),
    )
    # row 1 is blank and has nothing to say, A's row has the value meant for A's old place
    assert find_astray(snapshot).lost == 0
    snapshot = sheet(
        [{Field.CURRENT: 5}, kr("A", current=6), kr("B", current=2)],
        [blank, kr("A", current=1), kr("B", current=2)],
    )
    assert restored(snapshot) == {("", None), ("A", D(1))}
    assert learned(snapshot) == {"A": D(1), "B": D(2)}


def test_a_blank_row_is_found_by_what_the_write_left_in_it():
    """Two blank rows: one came before the write, the other one after it."""
    now = [{}, {Field.CURRENT: 5}, kr("A", current=6), kr("B", current=2)]
    snapshot = sheet(now, [{}, kr("A", current=1), kr("B", current=2)])
    (emptied,) = (write for write in find_astray(snapshot).restores[KR] if write.value is None)
    assert emptied.row == 2


def test_of_rows_that_share_an_id_the_one_with_the_machines_value_is_meant():
    image = [kr("A", current=8), kr("A", current=1), kr("B", current=2)]  # a copy of A came before the write
    snapshot = sheet([kr("A", current=5), kr("A", current=6), kr("B", current=2)], image)
    assert [(write.row, write.value) for write in find_astray(snapshot).restores[KR]] == [(1, D(8)), (2, D(1))]


def test_a_row_deleted_before_the_write():
    snapshot = sheet([kr("B", current=5), {Field.CURRENT: 6}], [kr("B", current=2)])
    assert restored(snapshot) == {("B", D(2)), ("", None)}
    assert learned(snapshot) == {"B": D(2)}


def test_a_row_that_was_hit_and_deleted_since_is_lost_and_counted():
    found = find_astray(sheet([kr("A", current=1), kr("B", current=6)], [kr("X", current=3), kr("A", current=1)]))
    assert found.lost == 1


def test_a_column_moved_before_the_write():
    moved = (*FIELDS[:4], Field.CURRENT, Field.TARGET)
    image = RawTab(902, GUARD_TITLES[MERGED.index(KR)], hidden=True, cells=make_tab(KR, ROWS, fields=moved).cells)
    now = [kr("A", current=1, target=5), kr("B", current=2, target=6)]
    snapshot = sheet(now, ROWS)
    tabs = tuple(
        image
        if tab.title == image.title
        else replace(tab, cells=make_tab(KR, now, fields=moved).cells)
        if tab.title == KR.value
        else tab
        for tab in snapshot.raw.tabs
    )
    snapshot = make_snapshot(replace(snapshot.raw, tabs=tabs), SheetNames(), CYCLES, (Q4.name,))
    assert restored(snapshot) == {("A", D(10)), ("B", D(10))}  # the targets
    assert learned(snapshot) == {"A": D(1), "B": D(2)}


def test_a_pre_image_that_lacks_rows_is_no_reason_to_touch_cells_that_got_their_own_value():
    """If a filter hid row A, its copy would lack it (nobody has seen how the service does it)."""
    assert find_astray(sheet(GOOD, [kr("B", current=2)])).is_nothing
    same = record_of(current(1, 5), current(2, 5))
    fives = [kr("A", current=5), kr("B", current=5)]
    both = {row_key("A"): entry_of(current=D(5)), row_key("B"): entry_of(current=D(5))}
    assert find_astray(sheet(fives, [kr("B", current=2)], record=same, entries=both)).is_nothing


def test_a_put_back_that_went_astray_is_done_again():
    """A put-back was to restore A's 77; rows were sorted before it, and the run died."""
    record = record_of(current(1, 77), rows=GOOD, restores=True)
    snapshot = sheet([kr("B", current=77), kr("A", current=5)], [kr("B", current=6), kr("A", current=5)], record=record)
    assert restored(snapshot) == {("B", D(6)), ("A", D(77))}
    assert learned(snapshot) == {}


@pytest.mark.parametrize("value", [True, False, "text", date(2026, 11, 22), None, D("0.25")])
def test_what_a_put_back_was_to_restore_is_kept_whole(value):
    write = CellWrite(1, CURRENT, value, formula="=1+1" if value is True else None)
    (found,) = parse_record(ledger_with(record_of(write, restores=True))).tabs[KR].writes
    assert found.redo == (value, write.formula)


def ledger_with(pieces):
    ledger = ledger_tab()
    return replace(ledger, cells=((*ledger.cells[0], *map(cell, pieces), EMPTY, cell("left over")),))


def test_a_note_of_a_hold_on_the_wrong_row_is_taken_back():
    note = CellWrite(1, CURRENT, None, note=HOLD_NOTE, note_only=True, field=Field.CURRENT, row_id="A")
    noted = Cell(D(2), "2", note=HOLD_NOTE)
    snapshot = sheet(
        [kr("B", current=noted), kr("A", current=1)], [kr("B", current=2), kr("A", current=1)], record=record_of(note)
    )
    (write,) = find_astray(snapshot).restores[KR]
    assert (write.row, write.note, write.note_only) == (1, "", True)


def test_a_hold_whose_value_was_gone_before_the_write_is_none():
    """A's 9 was typed, read, and moved away before the write that noted its hold; the machine's 1 is back there."""
    note = CellWrite(1, CURRENT, None, note=HOLD_NOTE, note_only=True, field=Field.CURRENT, row_id="A")
    record = record_of(note, rows=[kr("A", current=9), kr("B", current=2)])
    held = replace(entry_of(current=D(1)), holds={Field.CURRENT: Hold(NOW.date(), D(9))})
    one = Cell(D(1), "1", note=HOLD_NOTE)
    snapshot = sheet([kr("A", current=one), kr("B", current=9)], ROWS, record=record, entries={row_key("A"): held})
    found = find_astray(snapshot)
    assert found.entries[row_key("A")].holds == {}
    assert [(write.row, write.note) for write in found.restores[KR]] == [(1, "")]
    still = [kr("A", current=replace(cell(9), note=HOLD_NOTE)), kr("B", current=2)]
    assert find_astray(sheet(still, still, record=record, entries={row_key("A"): held})).is_nothing


@pytest.mark.parametrize(
    "record", [(), ("{damaged",), ('{"r":7}',), ('{"r":7,"t":{"Nonsense":{}}}',), record_of(*BOTH, revision=6)]
)
def test_without_a_record_of_the_last_batch_nothing_is_said(record):
    image = [kr("A", current=77), kr("B", current=2)]
    assert find_astray(sheet(GOOD, image, record=record)).is_nothing
    assert not find_astray(sheet(GOOD, image)).is_nothing


def test_an_empty_guard_tab_that_layout_made_anew_says_nothing():
    assert find_astray(snapshot_of({KR: GOOD}, ledger=ledger_tab(LEARNED))).is_nothing
    snapshot = sheet(GOOD, ROWS)
    tabs = tuple(replace(tab, cells=()) if tab.title in GUARD_TITLES else tab for tab in snapshot.raw.tabs)
    assert find_astray(replace(snapshot, raw=replace(snapshot.raw, tabs=tabs))).is_nothing


def test_the_mending_is_one_guarded_batch_that_says_so():
    snapshot = sheet([kr("B", current=5), kr("A", current=6)], [kr("B", current=2), kr("A", current=1)])
    batch = make_mend_batch(snapshot, find_astray(snapshot), RunStamp("run-2", NOW, NOW))
    head = parse_head(batch.head)
    assert head.revision == snapshot.ledger.head.revision + 1
    assert batch.guard.old == snapshot.guard
    assert {parse_entry(line.text).bases[Field.CURRENT] for line in batch.ledger} == {D(1), D(2)}
    history = [row for append in batch.appends for row in append.rows if len(row) == 9 and row[5] == "Current"]
    assert {(row[4], row[6], row[7]) for row in history} == {("A", D(5), D(1)), ("B", D(6), D(2))}
    runs = [row for append in batch.appends for row in append.rows if row[3] == "mended"]
    assert len(runs) == 1
    assert parse_record(ledger_with(batch.record)).revision == head.revision


def test_a_plans_batch_carries_its_record_but_not_where_writes_cannot_miss():
    plan = plan_of({KR: [kr("A", current=1)]}, asked_of(A=5), ledger=ledger_tab({row_key("A"): entry_of(current=D(1))}))
    stamp = RunStamp("run-2", NOW, NOW)
    (batch,) = make_batches(plan, stamp, (), None)
    record = parse_record(ledger_with(batch.record))
    assert record.revision == parse_head(batch.head).revision
    written = {(write.row, write.column) for write in record.tabs[KR].writes}
    assert written == {
        (write.row, write.column) for change in batch.changes if change.tab is KR for write in change.cells
    }
    workbook = replace(plan, snapshot=replace(plan.snapshot, raw=replace(plan.snapshot.raw, revision="hash")))
    assert make_batches(workbook, stamp, (), None)[0].record == ()


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40)), unique=True, min_size=1, max_size=60))
def test_a_record_reads_back_as_it_was_written(places):
    cells = tuple(CellWrite(row, column, D(row)) for row, column in places)
    change = TabChanges(KR, 1, 0, 0, (9, 9), cells)
    record = parse_record(ledger_with(render_record(3, [change], {})))
    nothing = mark_cell(EMPTY)
    assert {(write.row, write.column, write.after) for write in record.tabs[KR].writes} == {
        (row, column, mark_cell(Cell(D(row)))) for row, column in places
    }
    assert {(write.own_id, write.header, write.before) for write in record.tabs[KR].writes} == {(nothing,) * 3}


def test_a_long_record_goes_into_several_cells():
    cells = tuple(CellWrite(row, column, D(row)) for row in range(2000) for column in range(8))
    pieces = render_record(3, [TabChanges(KR, 1, 0, 0, (9, 9), cells)], {})
    assert len(pieces) > 1
    assert all(len(piece) <= PIECE for piece in pieces)
    assert len(parse_record(ledger_with(pieces)).tabs[KR].writes) == len(cells)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Cell(D("0.50"), "50%", is_percent=True), Cell(D("0.5"), "0.5"), True),
        (Cell(date(2026, 1, 1), "x"), Cell(D(46023), "46023"), True),
        (Cell("5", "5"), Cell(D(5), "5"), False),
        (Cell(True, "TRUE"), Cell("TRUE", "TRUE"), False),
        (Cell(D(2), "2", formula="=1+1"), Cell(D(2), "2"), False),
        (EMPTY, Cell("", ""), False),
    ],
)
def test_marks_are_of_contents_not_of_formats(one, other, same):
    assert (mark_cell(one) == mark_cell(other)) is same

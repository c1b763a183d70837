"""A batch as changes to a workbook's parts. Nothing touches the disk here: it is all or nothing by nature."""

from __future__ import annotations

from sync.sheet.ledger import HEAD_ROW, HEARTBEAT_COLUMN, KEY_COLUMN, MOMENT_COLUMN, SENTENCE, TEXT_COLUMN
from sync.sheet.store import Append, Batch, TabChanges
from sync.sheet.store_error import LayoutError
from sync.sheet.style import Style
from sync.sheet.workbook_blank import add_sheet, furnish_view
from sync.sheet.workbook_draw import draw_tab
from sync.sheet.workbook_formula import ask_for_calculation, forget_order
from sync.sheet.workbook_leave import drop_sheet
from sync.sheet.workbook_links import apply_links
from sync.sheet.workbook_notes import apply_notes
from sync.sheet.workbook_palette import read_palette
from sync.sheet.workbook_patch import Grid
from sync.sheet.workbook_read import Book, Sheet
from sync.sheet.workbook_value import make_moment_serial

_LINK_LOOKS = (Style.WRAPPED, Style.LINK)
"""How a text looks that leads nowhere, and one that leads somewhere."""


def change_workbook(book: Book, batch: Batch) -> None:
    """Put everything that a batch holds into the workbook's parts. Raises LayoutError where a tab is gone."""
    book = _add_tabs(book, batch)
    book.styles.learn(read_palette(book, _find_sheet(book, batch.ledger_tab_id)))
    lost_formulas = [_change_tab(book, changes) for changes in batch.changes]
    lost_formulas += [_append_rows(book, append) for append in batch.appends]
    _write_ledger(book, batch)
    for tab_id, drawing in batch.drawings:
        draw_tab(book, _find_sheet(book, tab_id), drawing)
    for spot in batch.unticked:
        grid = Grid(book, _find_sheet(book, spot.tab_id))
        grid.write(spot.row, spot.column, value=False)
        grid.finish()
    for dropped in batch.dropped:
        drop_sheet(book, _find_titled(book, dropped.title))
    for added in batch.added:
        draw_tab(book, _find_titled(book, added.title), added.drawing)
    if any(lost_formulas):
        forget_order(book.package, book.part)
    if batch.changes:
        ask_for_calculation(book.package, book.part)


def _add_tabs(book: Book, batch: Batch) -> Book:
    """The book with the batch's own tabs in it; it is read anew, as its list of sheets has grown."""
    for added in batch.added:
        part = add_sheet(book, added.title, hidden=False)
        furnish_view(book.package, part, colour=None, grid_lines=False)
    return Book(book.package) if batch.added else book


def _find_sheet(book: Book, tab_id: int) -> Sheet:
    found = next((sheet for sheet in book.sheets if sheet.sheet_id == tab_id), None)
    if found is None:
        raise LayoutError("A tab that was there when the workbook was read is gone.", fix="Run: okr-sync layout")
    return found


def _find_titled(book: Book, title: str) -> Sheet:
    found = book.find_sheet(title)
    if found is None:
        raise LayoutError(f"The tab “{title}” is gone.", fix="Run it again.")
    return found


def _change_tab(book: Book, changes: TabChanges) -> bool:
    sheet = _find_sheet(book, changes.tab_id)
    grid = Grid(book, sheet)
    for write in changes.cells:
        if write.formula:
            grid.write_formula(write.row, write.column, write.formula, write.value)
        elif not write.note_only:
            grid.write(write.row, write.column, write.value, is_percent=write.is_percent, code=write.code)
    links = {(write.row, write.column): write.link for write in changes.cells if write.link is not None}
    for at, link in links.items():
        grid.restyle(*at, *(book.styles.look(each) for each in (_LINK_LOOKS if link else reversed(_LINK_LOOKS))))
    grid.finish()
    apply_links(book.package, sheet, links)
    notes = {(write.row, write.column): write.note for write in changes.cells if write.note is not None}
    apply_notes(book.package, sheet.part, notes)
    return grid.lost_formulas


def _append_rows(book: Book, append: Append) -> bool:
    grid = Grid(book, _find_sheet(book, append.tab_id))
    for row, values in enumerate(append.rows, start=grid.last_row() + 1):
        for column, value in enumerate(values):
            grid.write(row, column, value)
    grid.finish()
    return grid.lost_formulas


def _write_ledger(book: Book, batch: Batch) -> None:
    grid = Grid(book, _find_sheet(book, batch.ledger_tab_id))
    if batch.head is not None:
        grid.write(HEAD_ROW, KEY_COLUMN, SENTENCE)
        grid.write(HEAD_ROW, TEXT_COLUMN, batch.head)
    serial = make_moment_serial(batch.heartbeat, book.epoch)
    grid.write_moment(HEAD_ROW, HEARTBEAT_COLUMN, serial, book.styles.look(Style.MOMENT))
    grid.write(HEAD_ROW, MOMENT_COLUMN, batch.heartbeat.isoformat())
    for line in batch.ledger:
        grid.write(line.row, KEY_COLUMN, line.key)
        grid.write(line.row, TEXT_COLUMN, line.text)
    grid.finish()

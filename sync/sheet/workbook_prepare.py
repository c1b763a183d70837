"""What ``layout`` does to a workbook: everything missing is added, nothing that is there changes or moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.sheet.cell import column_letters
from sync.sheet.columns import COLUMNS, FROZEN_COLUMNS, TAB_COLOURS, find_column
from sync.sheet.growth import LOST, Gift, find_gifts, find_given, is_added
from sync.sheet.layout import LAYOUT_VERSION, MERGED, Field, Tab
from sync.sheet.ledger import HEAD_ROW, KEY_COLUMN, SENTENCE, TEXT_COLUMN
from sync.sheet.locate import find_columns, find_header_row
from sync.sheet.store import RawTab
from sync.sheet.store_error import SheetBusy
from sync.sheet.wish import LayoutWish, NewTab, Prepared
from sync.sheet.wording import reword
from sync.sheet.workbook_blank import add_sheet, furnish_view, make_package, name_area
from sync.sheet.workbook_chart import add_missing_charts
from sync.sheet.workbook_columns import HEADER_HEIGHT, Placed, furnish_columns, reword_dropdown
from sync.sheet.workbook_draw import draw_tab, render_width
from sync.sheet.workbook_migrate import give, read_worn
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_palette import paint_palette
from sync.sheet.workbook_patch import Grid
from sync.sheet.workbook_read import Book, Sheet
from sync.sheet.workbook_rules import LAST_ROW, mend_board_rules, mend_rules
from sync.sheet.workbook_xml import WORKSHEET_ORDER, add, make, place

__all__ = ["make_package", "prepare_workbook"]

_LEDGER_WIDTHS = (380, 700, 120, 220)


@dataclass(slots=True)
class _Work:
    """What has been done so far, in words."""

    tabs: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


def prepare_workbook(package: Package, wish: LayoutWish) -> Prepared:
    """Add to a workbook what is missing of the layout; says what that was."""
    tabs = wish.tabs
    if not any(new.tab is Tab.LEDGER for new in tabs):
        tabs = (*tabs, NewTab(Tab.LEDGER, Tab.LEDGER.value))
    work = _Work()
    book = _add_tabs(package, tabs, work)
    sheets = {new.title: sheet for new in tabs if (sheet := book.find_sheet(new.title)) is not None}
    for new in tabs:
        if new.tab is Tab.LEDGER:
            _mend_ledger(book, sheets[new.title], wish, work)
    for new in tabs:
        _furnish(book, sheets[new.title], new, wish, work)
    return Prepared(tuple(work.tabs), tuple(work.columns), tuple(work.repairs))


def _add_tabs(package: Package, tabs: Sequence[NewTab], work: _Work) -> Book:
    """Add the missing sheets; the book is read anew, as its list of sheets has grown."""
    book = Book(package)
    for new in tabs:
        if book.find_sheet(new.title) is None:
            part = add_sheet(book, new.title, hidden=new.tab is Tab.LEDGER)
            is_table = new.tab in COLUMNS
            frozen = (1, FROZEN_COLUMNS.get(new.tab, 1)) if is_table else (0, 0)
            furnish_view(
                package,
                part,
                colour=TAB_COLOURS.get(new.tab),
                frozen=frozen,
                grid_lines=is_table or new.tab is Tab.LEDGER,
            )
            work.tabs.append(new.title)
    return Book(package)


def _mend_ledger(book: Book, sheet: Sheet, wish: LayoutWish, work: _Work) -> None:
    """Give the ledger its first line and the palette, where they are missing."""
    is_new = sheet.title in work.tabs
    rows = book.read_tab(sheet).cells
    has_head = bool(rows) and len(rows[HEAD_ROW]) > TEXT_COLUMN and bool(rows[HEAD_ROW][TEXT_COLUMN].shown)
    if has_head and wish.migration:
        if rows[HEAD_ROW][TEXT_COLUMN].value != wish.migration.head:
            raise SheetBusy("Another run wrote to the workbook meanwhile. Nothing was written.", fix="Run it again.")
        work.repairs.append(f"the layout, from version {wish.migration.version} to {LAYOUT_VERSION}")
    if not has_head or wish.migration:
        grid = Grid(book, sheet)
        grid.write(HEAD_ROW, KEY_COLUMN, SENTENCE)
        grid.write(HEAD_ROW, TEXT_COLUMN, wish.head)
        for line in wish.lines:
            grid.write(line.row, KEY_COLUMN, line.key)
            grid.write(line.row, TEXT_COLUMN, line.text)
        grid.finish()
    if is_new:
        columns = place(book.package.touch(sheet.part), make("cols"), WORKSHEET_ORDER)
        for at, pixels in enumerate(_LEDGER_WIDTHS, start=1):
            add(columns, "col", {"min": str(at), "max": str(at), "width": render_width(pixels), "customWidth": "1"})
    is_painted = paint_palette(book, sheet)
    if not is_new and not has_head:
        work.repairs.append(f"the first line of {sheet.title}")
    if not is_new and is_painted:
        work.repairs.append(f"the palette in {sheet.title}")


def _furnish(book: Book, sheet: Sheet, new: NewTab, wish: LayoutWish, work: _Work) -> None:
    is_new = sheet.title in work.tabs
    if new.drawing is not None and is_new:
        draw_tab(book, sheet, new.drawing)
    if (
        new.drawing is not None
        and add_missing_charts(book.package, sheet.part, sheet.title, new.drawing)
        and not is_new
    ):
        work.repairs.append(f"charts of {sheet.title}")
    if new.tab is Tab.DASHBOARD and mend_board_rules(book, sheet, wish.stale_days, wish.ledger) and not is_new:
        work.repairs.append(f"colours of {sheet.title}")
    if new.tab not in COLUMNS:
        return
    headers = (wish.headers or {}).get(new.tab, {})
    raw = book.read_tab(sheet)
    header_row = find_header_row(new.tab, raw, headers)
    found, added = _place_columns(new.tab, raw, header_row, wish)
    if added:
        furnish_columns(book, sheet, header_row, added, _find_names(book, wish))
    gifts = find_gifts(wish.migration.version) if wish.migration else LOST if wish.ledger in work.tabs else frozenset()
    if gifts and raw.cells:
        is_given = _give(book, sheet, new.tab, raw, header_row, gifts, wish)
        work.repairs += [f"notes of {sheet.title}"] if is_given and not wish.migration else []
    if is_new:
        _finish_table(book, sheet, len(added))
    else:
        work.columns += [each.header for each in added]
    columns = found | {each.column.field: each.at for each in added}
    if mend_rules(book, sheet, new.tab, header_row, columns, wish.stale_days, wish.words, wish.ledger) and not is_new:
        _reword(book, sheet, new.tab, header_row, raw, found, wish)
        work.repairs.append(f"colours of {sheet.title}")


def _give(
    book: Book, sheet: Sheet, tab: Tab, raw: RawTab, header_row: int, gifts: frozenset[Gift], wish: LayoutWish
) -> bool:
    """What the columns that were there get; nothing takes the place of what somebody has. Whether there was any."""
    columns = find_columns(tab, raw, header_row, (wish.headers or {}).get(tab, {}), {})[0]
    given = find_given(tab, columns, raw.cells[header_row], read_worn(book, sheet, header_row), gifts)
    words = [each._replace(column=reword(each.column, wish.words)) for each in given]
    give(book, sheet, header_row, words, _find_names(book, wish))
    return bool(words)


def _find_names(book: Book, wish: LayoutWish) -> str:
    """Where the names of people stand, as a formula; "" where no tab holds any."""
    title = next((new.title for new in wish.tabs if new.tab is Tab.PEOPLE), "")
    sheet = book.find_sheet(title)
    if sheet is None:
        return ""
    headers = (wish.headers or {}).get(Tab.PEOPLE, {})
    raw = book.read_tab(sheet)
    header_row = find_header_row(Tab.PEOPLE, raw, headers)
    columns = _place_columns(Tab.PEOPLE, raw, header_row, wish)
    at = columns[0].get(Field.NAME, next((each.at for each in columns[1] if each.column.field is Field.NAME), 0))
    letters = column_letters(at)
    quoted = title.replace("'", "''")
    return f"'{quoted}'!${letters}${header_row + 2}:${letters}${LAST_ROW}"


def _reword(
    book: Book, sheet: Sheet, tab: Tab, header_row: int, raw: RawTab, found: Mapping[Field, int], wish: LayoutWish
) -> None:
    """The words of the rule in the list under Status, where they have changed with the colours."""
    at = found.get(Field.STATUS)
    if at is None or tab not in MERGED:
        return
    column = reword(find_column(tab, Field.STATUS), wish.words)
    reword_dropdown(book.package.touch(sheet.part), header_row, Placed(at, raw.cells[header_row][at].shown, column))


def _place_columns(tab: Tab, raw: RawTab, header_row: int, wish: LayoutWish) -> tuple[dict[Field, int], list[Placed]]:
    """The columns that a tab has, and those that it lacks, placed at its right edge."""
    headers = (wish.headers or {}).get(tab, {})
    found = find_columns(tab, raw, header_row, headers, {})[0] if raw.cells else {}
    edge = max((len(row) for row in raw.cells), default=0)
    missing = [
        column
        for column in COLUMNS[tab]
        if column.field not in found and is_added(column, wish, tab, is_empty=not raw.cells)
    ]
    added = [
        Placed(edge + at, headers.get(column.field, column.header), reword(column, wish.words))
        for at, column in enumerate(missing)
    ]
    return dict(found), added


def _finish_table(book: Book, sheet: Sheet, width: int) -> None:
    """A new table's header height, its filter buttons (whole rows are sorted, never parts), its print titles."""
    grid = Grid(book, sheet)
    grid.set_height(0, HEADER_HEIGHT)
    last = column_letters(width - 1)
    area = f"A1:{last}{LAST_ROW}"
    place(book.package.touch(sheet.part), make("autoFilter", {"ref": area}), WORKSHEET_ORDER)
    name_area(book, sheet.title, "_xlnm._FilterDatabase", f"$A$1:${last}${LAST_ROW}", hidden=True)
    name_area(book, sheet.title, "_xlnm.Print_Titles", "$1:$1")

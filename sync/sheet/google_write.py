"""A batch as one ``spreadsheets.batchUpdate``: guard and pre-image first, then cells, ledger, rows, drawings. Pure.

The order is the law (design: compare and swap). Google applies the requests of one call together and in order, and
refuses all of them when one is refused (discovery document, batchUpdate).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from sync.sheet.cell import CellValue, column_letters
from sync.sheet.chart import ChartName
from sync.sheet.google_cell import CELL_MASK, Json, make_data, make_moment_serial
from sync.sheet.google_draw import make_drawing, resolve_links
from sync.sheet.google_read import quote_title
from sync.sheet.google_style import DATE_FORMAT, make_plain_format, make_share_format
from sync.sheet.google_updates import PlacedCell, make_updates
from sync.sheet.layout import MERGED, guard_title
from sync.sheet.ledger import HEAD_ROW, HEARTBEAT_COLUMN, KEY_COLUMN, SENTENCE
from sync.sheet.number_format import plain_code
from sync.sheet.record import RECORD_COLUMN
from sync.sheet.store import Append, Batch, CellWrite, GuardSwap, LedgerLine, Spot, TabChanges

VALUE_MASK = "userEnteredValue"
NUMBER_MASK = "userEnteredFormat.numberFormat"
RECEIPT_MASK = f"updatedSpreadsheet.sheets(properties.sheetId,data(startRow,startColumn,rowData.values({CELL_MASK})))"
LINK_MASK = "textFormatRuns"
_SPARE_LINES = 50
_LARGE = 200_000  # cells


class Grid(NamedTuple):
    """What the last read said of a tab: its title, the size of its grid, our charts that stand on it."""

    title: str
    rows: int
    columns: int
    charts: frozenset[ChartName] = frozenset()


def make_requests(batch: Batch, grids: Mapping[int, Grid]) -> list[Json]:
    """All requests of a batch, in the order of the law. ``grids`` is what the last read said of each tab."""
    requests: list[Json] = []
    if batch.guard:
        requests += _guard_requests(batch, batch.guard, grids, find_kept(batch, grids))
    for change in batch.changes:
        requests += _cell_requests(change)
    requests += _ledger_requests(batch, grids.get(batch.ledger_tab_id))
    requests += [_append_request(append) for append in batch.appends if append.rows]
    requests += [_keep_request(kept, batch.guard) for kept in find_kept(batch, grids) if batch.guard]
    for tab_id, drawing in batch.drawings:
        placed = resolve_links(drawing, {grid.title: each for each, grid in grids.items()})
        requests += make_drawing(tab_id, placed, grids[tab_id].charts if tab_id in grids else ())
    requests += [_untick(spot) for spot in batch.unticked]
    requests += [{"deleteSheet": {"sheetId": added.tab_id}} for added in batch.dropped]
    for added in batch.added:
        requests.append({"addSheet": {"properties": {"sheetId": added.tab_id, "title": added.title}}})
        requests += make_drawing(added.tab_id, added.drawing)
    return requests


def _untick(spot: Spot) -> Json:
    start = {"sheetId": spot.tab_id, "rowIndex": spot.row, "columnIndex": spot.column}
    rows = [{"values": [{"userEnteredValue": {"boolValue": False}}]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": VALUE_MASK}}


class Kept(NamedTuple):
    """What stands on a tab before it is drawn anew, beside the pre-image in the last guard tab: which tab, how large,
    and from which column on.
    """

    tab_id: int
    rows: int
    columns: int
    at: int


def find_kept(batch: Batch, grids: Mapping[int, Grid]) -> tuple[Kept, ...]:
    """Where a batch puts what it is about to draw over. One tab at most is drawn in a batch with a guard."""
    if batch.guard is None or not batch.drawings or batch.drawings[0][0] not in grids:
        return ()
    tab_id = batch.drawings[0][0]
    beside = [_guard_size(each, grids.get(each.tab_id))[1] for each in batch.changes if each.tab is MERGED[-1]]
    return (Kept(tab_id, grids[tab_id].rows, grids[tab_id].columns, max(beside, default=1)),)


def _keep_request(kept: Kept, guard: GuardSwap) -> Json:
    """With formats: without them a day would come back as a number, and look like something that a person typed."""
    area = {"startRowIndex": 0, "endRowIndex": kept.rows}
    source = {"sheetId": kept.tab_id, **area, "startColumnIndex": 0, "endColumnIndex": kept.columns}
    columns = {"startColumnIndex": kept.at, "endColumnIndex": kept.at + kept.columns}
    destination = {"sheetId": guard.new[-1], **area, **columns}
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_NORMAL"}}


def find_guard(batch: Batch, grids: Mapping[int, Grid], number: int) -> str:
    """The title of a guard tab: it is called after the ledger, of which a sheet may have one a team."""
    ledger = grids.get(batch.ledger_tab_id)
    return guard_title(number, ledger.title) if ledger else guard_title(number)


def make_response_ranges(batch: Batch, grids: Mapping[int, Grid]) -> list[str]:
    """What the answer has to bring: of each pre-image the header row, the ids and the written columns.

    Of each target the header row and the ids as well: they show whether the pre-image's rows are the target's rows.
    """
    ranges: list[str] = []
    for change in batch.changes:
        before = quote_title(find_guard(batch, grids, MERGED.index(change.tab) + 1))
        rows = change.used[0]
        columns = sorted({change.id_column, *(write.column for write in change.cells)})
        ranges += _ranges(before, change.header_row, columns, rows)
        if change.tab_id in grids:
            ranges += _ranges(quote_title(grids[change.tab_id].title), change.header_row, [change.id_column], rows)
    for kept in find_kept(batch, grids):
        first, last = column_letters(kept.at), column_letters(kept.at + kept.columns - 1)
        ranges.append(f"{quote_title(find_guard(batch, grids, len(MERGED)))}!{first}1:{last}{kept.rows}")
    return ranges


def _ranges(title: str, header_row: int, columns: Sequence[int], rows: int) -> Iterator[str]:
    yield f"{title}!{header_row + 1}:{header_row + 1}"
    for first, last in _stretches(columns):
        yield f"{title}!{column_letters(first)}1:{column_letters(last)}{max(rows, 1)}"


def _stretches(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Stretches of numbers that follow each other, as first and last."""
    for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        members = [number for _, number in group]
        yield members[0], members[-1]


def _guard_requests(batch: Batch, guard: GuardSwap, grids: Mapping[int, Grid], kept: Sequence[Kept]) -> Iterator[Json]:
    changes = batch.changes
    sizes = {MERGED.index(change.tab): _guard_size(change, grids.get(change.tab_id)) for change in changes}
    for each in kept:
        rows, _ = sizes.get(len(MERGED) - 1, (1, 1))
        sizes[len(MERGED) - 1] = (max(rows, each.rows), each.at + each.columns)
    for tab_id in guard.old:
        yield {"deleteSheet": {"sheetId": tab_id}}
    for number, tab_id in enumerate(guard.new):
        rows, columns = sizes.get(number, (1, 1))
        yield make_guard(tab_id, find_guard(batch, grids, number + 1), rows, columns)
    for change in changes:
        before_id = guard.new[MERGED.index(change.tab)]
        yield from _add_rows(change, grids.get(change.tab_id))
        yield _pre_image(change, before_id)
        yield from _note_images(change, before_id)


def _add_rows(change: TabChanges, grid: Grid | None) -> Iterator[Json]:
    """Room for writes below the grid's last row. Added rows look like the last one."""
    last = max((write.row for write in change.cells), default=-1)
    if grid is not None and last >= grid.rows:
        length = last + 1 + _SPARE_LINES - grid.rows
        yield {"appendDimension": {"sheetId": change.tab_id, "dimension": "ROWS", "length": length}}


def _guard_size(change: TabChanges, grid: Grid | None) -> tuple[int, int]:
    """As large as the target, so that a formula that points at its empty rows stays the same in the copy.

    A huge target is copied as far as it is used: a spreadsheet holds 10 million cells in all.
    """
    rows, columns = change.used
    if grid is None or grid.rows * grid.columns > _LARGE:
        return rows, columns
    return max(rows, grid.rows), max(columns, grid.columns)


def make_guard(tab_id: int, title: str, rows: int = 1, columns: int = 1) -> Json:
    """The request that adds a hidden guard tab of this size."""
    size = {"rowCount": max(rows, 1), "columnCount": max(columns, 1)}
    properties = {"sheetId": tab_id, "title": title, "hidden": True, "gridProperties": size}
    return {"addSheet": {"properties": properties}}


def _pre_image(change: TabChanges, before_id: int) -> Json:
    rows, columns = change.used
    area = {"startRowIndex": 0, "endRowIndex": max(rows, 1), "startColumnIndex": 0, "endColumnIndex": max(columns, 1)}
    return {
        "copyPaste": {
            "source": {"sheetId": change.tab_id, **area},
            "destination": {"sheetId": before_id, **area},
            "pasteType": "PASTE_FORMULA",
        }
    }


def _note_images(change: TabChanges, before_id: int) -> Iterator[Json]:
    """Copies of the cells whose note is written, with their notes: somebody may write one of their own meanwhile.

    Google's page on paste types names "values, formulas, formats, and merges" for PASTE_NORMAL and is silent on notes;
    the sandbox guesses that they come along, as in the browser. Where they don't, nothing else is lost by it.
    """
    for write in change.cells:
        if write.note is not None:
            area = {
                "startRowIndex": write.row,
                "endRowIndex": write.row + 1,
                "startColumnIndex": write.column,
                "endColumnIndex": write.column + 1,
            }
            yield {
                "copyPaste": {
                    "source": {"sheetId": change.tab_id, **area},
                    "destination": {"sheetId": before_id, **area},
                    "pasteType": "PASTE_NORMAL",
                }
            }


def _cell_requests(change: TabChanges) -> Iterator[Json]:
    return make_updates(change.tab_id, [_place(write) for write in change.cells])


def _place(write: CellWrite) -> PlacedCell:
    if write.note_only:
        return PlacedCell("note", write.row, write.column, {"note": write.note} if write.note else {})
    mask, data = [VALUE_MASK], make_data(write.value, write.formula)
    number_format = _number_format(write)
    if number_format is not None:
        mask.append(NUMBER_MASK)
        data["userEnteredFormat"] = {"numberFormat": number_format}
    if write.note is not None:
        mask.append("note")
        if write.note:
            data["note"] = write.note
    if write.link is not None:
        mask.append(LINK_MASK)
        if write.link and data:
            data["textFormatRuns"] = [{"format": {"link": {"uri": write.link}}}]
    return PlacedCell(",".join(mask), write.row, write.column, data)


def _number_format(write: CellWrite) -> Json | None:
    """The number format that a write sets; ``None`` leaves the cell's own."""
    value = write.value
    if isinstance(value, date):
        return DATE_FORMAT
    if write.is_percent is None or not isinstance(value, Decimal) or not value.is_finite():
        return None
    return make_share_format(value) if write.is_percent else make_plain_format(write.code or plain_code(value))


def _ledger_requests(batch: Batch, grid: Grid | None) -> Iterator[Json]:
    last = max((line.row for line in batch.ledger), default=HEAD_ROW)
    if grid is not None and last >= grid.rows:
        length = last + 1 + _SPARE_LINES - grid.rows
        yield {"appendDimension": {"sheetId": batch.ledger_tab_id, "dimension": "ROWS", "length": length}}
    width = RECORD_COLUMN + len(batch.record) + 1
    if grid is not None and batch.record and width > grid.columns:
        length = width - grid.columns
        yield {"appendDimension": {"sheetId": batch.ledger_tab_id, "dimension": "COLUMNS", "length": length}}
    yield from make_updates(batch.ledger_tab_id, [*_head_cells(batch), *_line_cells(batch.ledger)])


def _head_cells(batch: Batch) -> Iterator[PlacedCell]:
    serial = Decimal(repr(make_moment_serial(batch.heartbeat)))
    moment = (serial, batch.heartbeat.isoformat())
    if batch.head is None:
        return _texts(HEAD_ROW, HEARTBEAT_COLUMN, moment)
    record = (*batch.record, None) if batch.record else ()  # the empty cell ends it, whatever a longer one left behind
    return _texts(HEAD_ROW, KEY_COLUMN, (SENTENCE, batch.head, *moment, *record))


def _line_cells(lines: Sequence[LedgerLine]) -> Iterator[PlacedCell]:
    for line in lines:
        yield from _texts(line.row, KEY_COLUMN, (line.key, line.text))


def _texts(row: int, column: int, values: Sequence[CellValue]) -> Iterator[PlacedCell]:
    return (PlacedCell(VALUE_MASK, row, at, make_data(value)) for at, value in enumerate(values, column))


def _append_request(append: Append) -> Json:
    has_days = any(isinstance(value, date) for row in append.rows for value in row)
    fields = f"{VALUE_MASK},{NUMBER_MASK}" if has_days else VALUE_MASK
    rows = [{"values": [_appended(value) for value in row]} for row in append.rows]
    return {"appendCells": {"sheetId": append.tab_id, "rows": rows, "fields": fields}}


def _appended(value: CellValue) -> Json:
    data = make_data(value)
    if isinstance(value, date):
        data["userEnteredFormat"] = {"numberFormat": DATE_FORMAT}
    return data

"""Requests that write cells: updateCells, repeatCell, appendCells, copyPaste, cutPaste, sort, find, merge, borders."""

from __future__ import annotations

from sandbox.google_a1 import check_inside
from sandbox.google_batch import Edit, request
from sandbox.google_cell import EMPTY, Cell, Formula, update_cell
from sandbox.google_document import Tab
from sandbox.google_error import invalid
from sandbox.google_mask import parse_update_mask
from sandbox.google_move import resize_grid
from sandbox.google_range import Area, read_area
from sandbox.google_reference import offset_references
from sandbox.google_schema import Json


@request("updateCells")
def update_cells(edit: Edit, body: Json) -> None:
    """Write rows of cells at ``start``, or over ``range``, whose other cells are cleared of the fields in the mask."""
    mask = parse_update_mask(body.get("fields"), "CellData")
    rows = [row.get("values", []) for row in body.get("rows", [])]
    if "range" in body:
        tab, area = edit.area(body["range"])
    elif "start" in body:
        tab, area = _start(edit, body["start"], rows)
    else:
        raise invalid("Must specify either range or start.")
    edit.check_protection(area)
    _check_fits(area, rows)
    for down in range(len(rows) if "start" in body else area.bottom - area.top):
        values = rows[down] if down < len(rows) else []
        for across in range(len(values) if "start" in body else area.right - area.left):
            data = values[across] if across < len(values) else {}
            row, column = area.top + down, area.left + across
            tab.put(row, column, _compact(update_cell(tab.cell(row, column), data, mask)))


def _compact(cell: Cell) -> Cell:
    return EMPTY if cell == EMPTY else cell


def _start(edit: Edit, start: Json, rows: list[list[Json]]) -> tuple[Tab, Area]:
    tab = edit.tab(start.get("sheetId", 0))
    row, column = start.get("rowIndex", 0), start.get("columnIndex", 0)
    if row >= tab.row_count:
        raise invalid(f"GridCoordinate.rowIndex[{row}] is after last row in grid[{tab.row_count - 1}]")
    if column >= tab.column_count:
        raise invalid(f"GridCoordinate.columnIndex[{column}] is after last column in grid[{tab.column_count - 1}]")
    bottom, right = row + len(rows), column + max(map(len, rows), default=0)
    _check_fits(Area(tab.id, row, column, tab.row_count, tab.column_count), rows)
    return tab, Area(tab.id, row, column, bottom, right)


def _check_fits(area: Area, rows: list[list[Json]]) -> None:
    if len(rows) > area.bottom - area.top:
        raise invalid(f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}")
    if max(map(len, rows), default=0) > area.right - area.left:
        raise invalid(
            f"Attempting to write column: {area.right}, beyond the last requested column of: {area.right - 1}"
        )


@request("repeatCell")
def repeat_cell(edit: Edit, body: Json) -> None:
    """Give every cell of a range what one cell has; formulas move along with their cells."""
    mask = parse_update_mask(body.get("fields"), "CellData")
    tab, area = edit.area(body.get("range"))
    edit.check_protection(area)
    data = body.get("cell", {})
    formula = data.get("userEnteredValue", {}).get("formulaValue")
    known: dict[int, Cell] = {}
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            old = tab.cell(row, column)
            new = known.get(id(old)) or known.setdefault(id(old), _compact(update_cell(old, data, mask)))
            if formula and (mask is None or "userEnteredValue" in mask):
                text = offset_references(str(formula), row - area.top, column - area.left)
                new = new._replace(value=Formula(text))
            tab.put(row, column, new)


@request("appendCells")
def append_cells(edit: Edit, body: Json) -> None:
    """Write rows of cells after the last row that holds data, making the grid longer where needed."""
    mask = parse_update_mask(body.get("fields"), "CellData")
    tab = edit.tab(body.get("sheetId", 0))
    rows = [row.get("values", []) for row in body.get("rows", [])]
    top = tab.used(lambda cell: cell.value is not None)[0]
    wide = max(map(len, rows), default=0)
    resize_grid(edit.document, tab, max(tab.row_count, top + len(rows)), max(tab.column_count, wide))
    edit.check_protection(Area(tab.id, top, 0, top + len(rows), wide))
    for down, values in enumerate(rows):
        for column, data in enumerate(values):
            tab.put(top + down, column, _compact(update_cell(tab.cell(top + down, column), data, mask)))


@request("copyPaste")
def copy_paste(edit: Edit, body: Json) -> None:
    """Copy cells to another place, repeated to fill it; relative references move by the way of the copy."""
    source_tab, source = edit.area(body.get("source"))
    target_area = read_area(body.get("destination", {}))
    target = edit.tab(target_area.tab)
    check_inside(target, target_area)
    if body.get("pasteOrientation", "NORMAL") == "TRANSPOSE":
        raise invalid("The sandbox does not serve pasteOrientation TRANSPOSE.")
    target_area = _fill(source, target_area, target)
    edit.check_protection(target_area)
    kind = body.get("pasteType", "PASTE_NORMAL")
    block = [
        [source_tab.cell(row, column) for column in range(source.left, source.right)]
        for row in range(source.top, source.bottom)
    ]
    worth = edit.document.calculator()
    for row in range(target_area.top, target_area.bottom):
        down = (row - target_area.top) % len(block)
        for column in range(target_area.left, target_area.right):
            across = (column - target_area.left) % len(block[0])
            cell = block[down][across]
            if kind == "PASTE_VALUES" and isinstance(cell.value, Formula):
                value = worth.value(source_tab.id, source.top + down, source.left + across)
                cell = cell._replace(value=value if not isinstance(value, tuple) else None)
            way = (row - source.top - down, column - source.left - across)
            target.put(row, column, _compact(_pasted(cell, target.cell(row, column), kind, way)))
    if kind == "PASTE_NORMAL":
        _copy_merges(source_tab, source, target, target_area)


def _fill(source: Area, target: Area, tab: Tab) -> Area:
    """Return where a copy lands: once, or as often as it fits wholly into a larger target."""
    high, wide = source.bottom - source.top, source.right - source.left
    clipped = target.clipped(tab.row_count, tab.column_count)
    rows = max(high, (clipped.bottom - clipped.top) // high * high)
    columns = max(wide, (clipped.right - clipped.left) // wide * wide)
    landed = Area(target.tab, target.top, target.left, target.top + rows, target.left + columns)
    return landed.clipped(tab.row_count, tab.column_count)


def _pasted(cell: Cell, old: Cell, kind: str, way: tuple[int, int]) -> Cell:
    value = cell.value
    if isinstance(value, Formula) and way != (0, 0):
        value = Formula(offset_references(value.text, *way))
    match kind:
        case "PASTE_NORMAL":
            return cell._replace(value=value)
        case "PASTE_FORMULA" | "PASTE_VALUES":
            return old._replace(value=value, runs=None)
        case "PASTE_FORMAT":
            return old._replace(form=cell.form)
        case "PASTE_DATA_VALIDATION":
            return old._replace(rule=cell.rule)
        case "PASTE_NO_BORDERS":
            form = {name: each for name, each in (cell.form or {}).items() if name != "borders"}
            return cell._replace(value=value, form=form or None)
        case _:
            raise invalid(f"The sandbox does not serve {kind}.")


def _copy_merges(source_tab: Tab, source: Area, target: Tab, area: Area) -> None:
    down, across = area.top - source.top, area.left - source.left
    for each in list(source_tab.merges):
        if source.covers(each):
            moved = Area(target.id, each.top + down, each.left + across, each.bottom + down, each.right + across)
            if moved.bottom <= target.row_count and moved.right <= target.column_count:
                target.merges = [old for old in target.merges if not old.meets(moved)]
                target.merges.append(moved)


@request("cutPaste")
def cut_paste(edit: Edit, body: Json) -> None:
    """Move cells to another place; what they held before is empty."""
    tab, source = edit.area(body.get("source"))
    place = body.get("destination", {})
    target = edit.tab(place.get("sheetId", 0))
    top, left = place.get("rowIndex", 0), place.get("columnIndex", 0)
    area = Area(target.id, top, left, top + source.bottom - source.top, left + source.right - source.left)
    check_inside(target, area)
    edit.check_protection(source)
    edit.check_protection(area)
    block = [
        [tab.cell(row, column) for column in range(source.left, source.right)]
        for row in range(source.top, source.bottom)
    ]
    for row in range(source.top, source.bottom):
        for column in range(source.left, source.right):
            tab.put(row, column, EMPTY)
    for down, line in enumerate(block):
        for across, cell in enumerate(line):
            if top + down < target.row_count and left + across < target.column_count:
                target.put(top + down, left + across, cell)


@request("mergeCells")
def merge_cells(edit: Edit, body: Json) -> None:
    """Merge a range into one cell, or each of its rows or columns; only the first cell of each keeps its value."""
    tab, area = edit.area(body.get("range"))
    edit.check_protection(area)
    for each in tab.merges:
        if each.meets(area) and not area.covers(each):
            raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    tab.merges = [each for each in tab.merges if not each.meets(area)]
    for part in _merged(area, body.get("mergeType", "MERGE_ALL")):
        if (part.bottom - part.top) * (part.right - part.left) > 1:
            tab.merges.append(part)
            for row in range(part.top, part.bottom):
                for column in range(part.left, part.right):
                    if (row, column) != (part.top, part.left):
                        cell = tab.cell(row, column)
                        tab.put(row, column, _compact(cell._replace(value=None, note=None, runs=None)))


def _merged(area: Area, kind: str) -> list[Area]:
    if kind == "MERGE_COLUMNS":
        return [area._replace(left=at, right=at + 1) for at in range(area.left, area.right)]
    if kind == "MERGE_ROWS":
        return [area._replace(top=at, bottom=at + 1) for at in range(area.top, area.bottom)]
    return [area]


@request("unmergeCells")
def unmerge_cells(edit: Edit, body: Json) -> None:
    """Part the merges that lie in a range."""
    tab, area = edit.area(body.get("range"))
    edit.check_protection(area)
    if any(each.meets(area) and not area.covers(each) for each in tab.merges):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    tab.merges = [each for each in tab.merges if not each.meets(area)]


@request("setDataValidation")
def set_data_validation(edit: Edit, body: Json) -> None:
    """Set or clear the rule of a range's cells."""
    tab, area = edit.area(body.get("range"))
    edit.check_protection(area)
    rule = body.get("rule") or None
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            tab.put(row, column, _compact(tab.cell(row, column)._replace(rule=rule)))


@request("updateBorders")
def update_borders(edit: Edit, body: Json) -> None:
    """Draw the outer and inner lines of a range; a side that isn't named stays as it is."""
    tab, area = edit.area(body.get("range"))
    edit.check_protection(area)
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            sides = {
                "top": body.get("top" if row == area.top else "innerHorizontal"),
                "bottom": body.get("bottom" if row == area.bottom - 1 else "innerHorizontal"),
                "left": body.get("left" if column == area.left else "innerVertical"),
                "right": body.get("right" if column == area.right - 1 else "innerVertical"),
            }
            cell = tab.cell(row, column)
            drawn = dict((cell.form or {}).get("borders", {}))
            for side, border in sides.items():
                if border is not None:
                    drawn.pop(side, None)
                    if border.get("style", "NONE") != "NONE":
                        drawn[side] = border
            form = {name: each for name, each in (cell.form or {}).items() if name != "borders"}
            form |= {"borders": drawn} if drawn else {}
            tab.put(row, column, _compact(cell._replace(form=form or None)))

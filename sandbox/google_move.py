"""Rows and columns come, go and move; everything that points at them follows, as in Google Sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.google_cell import EMPTY, Cell, Formula
from sandbox.google_document import COLUMNS, ROWS, Document, Tab
from sandbox.google_range import Area, Shift, read_area, write_area
from sandbox.google_reference import shift_references
from sandbox.google_schema import Json


def insert_lines(document: Document, tab: Tab, dimension: str, start: int, count: int) -> None:
    """Insert empty rows or columns before ``start``."""
    if dimension == ROWS:
        if start < len(tab.rows):
            tab.rows[start:start] = [[] for _ in range(count)]
    else:
        for line in tab.rows:
            if start < len(line):
                line[start:start] = [EMPTY] * count
    _resize(tab, dimension, count)
    _follow(document, tab, Shift(tab.id, dimension, "insert", start, count))


def delete_lines(document: Document, tab: Tab, dimension: str, start: int, count: int) -> None:
    """Delete rows or columns from ``start``."""
    if dimension == ROWS:
        del tab.rows[start : start + count]
    else:
        for line in tab.rows:
            del line[start : start + count]
    _shrink_frozen(tab, dimension, start, count)
    _resize(tab, dimension, -count)
    _follow(document, tab, Shift(tab.id, dimension, "delete", start, count))


def move_lines(document: Document, tab: Tab, dimension: str, start: int, count: int, to: int) -> None:
    """Move rows or columns so that they come before what is at ``to`` now."""
    shift = Shift(tab.id, dimension, "move", start, count, to)
    size = tab.count(dimension)
    order = sorted(range(size), key=lambda at: shift.place(at) or 0)
    if dimension == ROWS:
        lines = tab.rows + [[] for _ in range(size - len(tab.rows))]
        tab.rows = [lines[at] for at in order]
    else:
        for row, line in enumerate(tab.rows):
            full = line + [EMPTY] * (size - len(line))
            tab.rows[row] = [full[at] for at in order]
            while tab.rows[row] and tab.rows[row][-1] is EMPTY:
                tab.rows[row].pop()
    _follow(document, tab, shift)


def resize_grid(document: Document, tab: Tab, rows: int, columns: int) -> None:
    """Make the grid larger or smaller at its end."""
    for dimension, size in ((ROWS, rows), (COLUMNS, columns)):
        extra = tab.count(dimension) - size
        if extra > 0:
            delete_lines(document, tab, dimension, size, extra)
        elif extra < 0:
            _resize(tab, dimension, -extra)
    document.check_size()


def _resize(tab: Tab, dimension: str, by: int) -> None:
    tab.grid["rowCount" if dimension == ROWS else "columnCount"] += by


def _shrink_frozen(tab: Tab, dimension: str, start: int, count: int) -> None:
    name = "frozenRowCount" if dimension == ROWS else "frozenColumnCount"
    frozen = tab.grid.get(name, 0)
    left = frozen - max(0, min(frozen, start + count) - start)
    tab.grid.pop(name, None)
    if left:
        tab.grid[name] = left


def _follow(document: Document, tab: Tab, shift: Shift) -> None:
    lines = [(shift.place(at), line) for at, line in tab.lines[shift.dimension].items()]
    tab.lines[shift.dimension] = {at: line for at, line in lines if at is not None}
    tab.merges = [now for each in tab.merges if (now := shift.area(each)) and _is_merge(now)]
    map_ranges(document, shift.area)
    _follow_groups(tab, shift)
    _follow_metadata(document, shift)
    if shift.kind != "insert" or shift.start <= tab.count(shift.dimension):
        _follow_formulas(document, shift)


def _is_merge(area: Area) -> bool:
    return (area.bottom - area.top) * (area.right - area.left) > 1


def _follow_groups(tab: Tab, shift: Shift) -> None:
    kept = []
    for group in tab.groups[shift.dimension]:
        span = shift.span(group["range"]["startIndex"], group["range"]["endIndex"])
        if span:
            kept.append({**group, "range": {**group["range"], "startIndex": span[0], "endIndex": span[1]}})
    tab.groups[shift.dimension] = kept


def _follow_metadata(document: Document, shift: Shift) -> None:
    for number, each in list(document.metadata.items()):
        span = each["location"].get("dimensionRange")
        if not span or span.get("sheetId", 0) != shift.tab or span["dimension"] != shift.dimension:
            continue
        now = shift.place(span["startIndex"])
        if now is None:
            del document.metadata[number]
        else:
            span |= {"startIndex": now, "endIndex": now + 1}


def _follow_formulas(document: Document, shift: Shift) -> None:
    tabs = {tab.title.lower(): tab.id for tab in document.tabs}

    def tab_of(title: str) -> int | None:
        return tabs.get(title.lower())

    rewrite_formulas(document, lambda text, home: shift_references(text, home, shift, tab_of))
    for tab in document.tabs:
        for rule in tab.lists["conditionalFormats"]:
            for value in rule.get("booleanRule", {}).get("condition", {}).get("values", []):
                text = value.get("userEnteredValue", "")
                if text.startswith("="):
                    value["userEnteredValue"] = shift_references(text, tab.id, shift, tab_of)


def rewrite_formulas(document: Document, change: Callable[[str, int], str]) -> None:
    """Change the text of every formula; ``change`` gets the text and the tab it stands in."""
    for tab, row, column, cell in list(document.cells()):
        if isinstance(cell.value, Formula):
            text = change(cell.value.text, tab.id)
            if text != cell.value.text:
                tab.put(row, column, cell._replace(value=Formula(text)))


def map_ranges(document: Document, change: Callable[[Area], Area | None]) -> None:
    """Let everything that has a range follow; what has none left goes, but a named range keeps its name."""
    for tab in document.tabs:
        for name in ("protectedRanges", "conditionalFormats", "bandedRanges"):
            tab.lists[name] = [each for each in tab.lists[name] if _map_one(each, change)]
        if tab.filter is not None and not _map_one(tab.filter, change):
            tab.filter = None
        for chart in tab.lists["charts"]:
            _map_chart(chart, change)
    for named in document.named.values():
        if "range" in named and not _map_one(named, change):
            del named["range"]


def _map_one(thing: Json, change: Callable[[Area], Area | None]) -> bool:
    for name in ("ranges", "unprotectedRanges"):
        if name in thing:
            areas = [change(read_area(each)) for each in thing[name]]
            thing[name] = [write_area(each) for each in areas if each]
    if "range" in thing:
        area = change(read_area(thing["range"]))
        if area is None:
            return False
        thing["range"] = write_area(area)
    return bool(thing.get("ranges", True))


def _map_chart(part: Any, change: Callable[[Area], Area | None]) -> None:
    """Let a chart's data and its corner follow; what was deleted under the corner leaves it where it is."""
    if isinstance(part, list):
        for each in part:
            _map_chart(each, change)
    if not isinstance(part, dict):
        return
    if "sources" in part:
        part["sources"] = [write_area(now) for each in part["sources"] if (now := change(read_area(each)))]
    corner = part.get("anchorCell")
    if corner is not None:
        row, column = corner.get("rowIndex", 0), corner.get("columnIndex", 0)
        now = change(Area(corner.get("sheetId", 0), row, column, row + 1, column + 1))
        if now is not None:
            part["anchorCell"] = {**corner, "rowIndex": now.top, "columnIndex": now.left}
    for name, each in part.items():
        if name not in ("sources", "anchorCell"):
            _map_chart(each, change)


def metadata_at(document: Document, tab: int, dimension: str) -> dict[int, list[Json]]:
    """Return the developer metadata on a tab's rows or columns, by index."""
    found: dict[int, list[Any]] = {}
    for each in document.metadata.values():
        span = each["location"].get("dimensionRange")
        if span and span.get("sheetId", 0) == tab and span["dimension"] == dimension:
            found.setdefault(span["startIndex"], []).append(each)
    return found


def clear_area(tab: Tab, area: Area, change: Callable[[Cell], Cell]) -> None:
    """Change every used cell of an area."""
    for row in range(area.top, min(area.bottom, len(tab.rows))):
        line = tab.rows[row]
        for column in range(area.left, min(area.right, len(line))):
            if line[column] is not EMPTY:
                line[column] = change(line[column])

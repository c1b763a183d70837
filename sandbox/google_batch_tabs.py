"""Requests on tabs and on the spreadsheet: add, delete, update, duplicate a sheet; the spreadsheet's properties."""

from __future__ import annotations

import copy

from sandbox.google_batch import Edit, request
from sandbox.google_document import LISTS, Tab
from sandbox.google_error import invalid
from sandbox.google_mask import ALL, below, merge, parse_update_mask
from sandbox.google_move import resize_grid, rewrite_formulas
from sandbox.google_reference import break_references, rename_references
from sandbox.google_render import render_properties
from sandbox.google_schema import Json

APART = ("sheetId", "title", "index", "sheetType", "gridProperties")
GRID = ("rowCount", "columnCount")


@request("addSheet")
def add_sheet(edit: Edit, body: Json) -> Json:
    """Add a tab; its id and title must be new."""
    document, asked = edit.document, body.get("properties", {})
    if asked.get("sheetType", "GRID") != "GRID":
        raise invalid(f"The sandbox does not serve sheetType {asked['sheetType']}.")
    number = asked["sheetId"] if "sheetId" in asked else document.new_id()
    if number < 0:
        raise invalid("sheetId must be non-negative.")
    if any(tab.id == number for tab in document.tabs):
        raise invalid(f"Sheet with id {number} already exists.")
    title = asked.get("title") or _new_title(edit, "Sheet")
    check_title(edit, title)
    grid = asked.get("gridProperties", {})
    tab = Tab(number, title, grid.get("rowCount", 1000), grid.get("columnCount", 26))
    tab.grid |= {name: value for name, value in grid.items() if name not in GRID}
    tab.properties = {name: value for name, value in asked.items() if name not in APART}
    _check_frozen(tab)
    document.tabs.insert(min(asked.get("index", len(document.tabs)), len(document.tabs)), tab)
    document.check_size()
    return copy.deepcopy({"properties": render_properties(document, tab)})


def _new_title(edit: Edit, stem: str) -> str:
    number = len(edit.document.tabs) + 1
    while edit.document.titled(f"{stem}{number}"):
        number += 1
    return f"{stem}{number}"


def check_title(edit: Edit, title: str, tab: Tab | None = None) -> None:
    """Refuse a title that another tab has, in whatever case, or that is too long."""
    other = edit.document.titled(title)
    if other is not None and other is not tab:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')
    if len(title) > 100:
        raise invalid("Sheet names cannot be longer than 100 characters.")


@request("deleteSheet")
def delete_sheet(edit: Edit, body: Json) -> None:
    """Delete a tab; one visible tab has to stay."""
    document = edit.document
    tab = edit.tab(body.get("sheetId", 0), "sheet")
    if len(document.tabs) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    if not tab.hidden and all(other.hidden for other in document.tabs if other is not tab):
        raise invalid("You can't remove all the visible sheets in a document.")
    edit.check_tab_protection(tab)
    document.tabs.remove(tab)
    for number, each in list(document.metadata.items()):
        place = each["location"]
        if place["locationType"] != "SPREADSHEET" and place.get("dimensionRange", place).get("sheetId", 0) == tab.id:
            del document.metadata[number]
    for named in document.named.values():
        if named.get("range", {}).get("sheetId", 0) == tab.id:
            named.pop("range", None)
    rewrite_formulas(document, lambda text, home: break_references(text, tab.title))


@request("updateSheetProperties")
def update_sheet_properties(edit: Edit, body: Json) -> None:
    """Rename, move, hide, colour, resize or freeze a tab."""
    document, asked = edit.document, body.get("properties", {})
    mask = parse_update_mask(body.get("fields"), "SheetProperties")
    tab = edit.tab(asked.get("sheetId", 0), "sheet")
    edit.check_tab_protection(tab)
    if below(mask, "title") is not False:
        _rename(edit, tab, asked.get("title", ""))
    under = below(mask, "gridProperties")
    if under is not False:
        _update_grid(edit, tab, asked.get("gridProperties", {}), under)
    rest = {name: under for name, under in mask.items() if name not in APART} if mask is not None else ALL
    tab.properties = merge(tab.properties, {n: v for n, v in asked.items() if n not in APART}, rest)
    if tab.hidden and all(other.hidden for other in document.tabs):
        raise invalid("You can't hide all the sheets in a document.")
    if below(mask, "index") is not False and "index" in asked:
        _move(edit, tab, asked["index"])


def _rename(edit: Edit, tab: Tab, title: str) -> None:
    if not title:
        raise invalid("Sheet name cannot be empty.")
    check_title(edit, title, tab)
    old, tab.title = tab.title, title
    rewrite_formulas(edit.document, lambda text, home: rename_references(text, old, title))


def _update_grid(edit: Edit, tab: Tab, asked: Json, mask: Json | None) -> None:
    merged = merge(tab.grid, asked, mask)
    rows, columns = (int(merged.get(name) or tab.grid[name]) for name in GRID)
    frozen = tab.grid.get("frozenRowCount", 0)
    if rows < tab.row_count and rows <= frozen:
        raise invalid("Sorry, it is not possible to delete all non-frozen rows.")
    if columns < tab.column_count and columns <= tab.grid.get("frozenColumnCount", 0):
        raise invalid("Sorry, it is not possible to delete all non-frozen columns.")
    resize_grid(edit.document, tab, rows, columns)
    tab.grid = {"rowCount": rows, "columnCount": columns} | {n: v for n, v in merged.items() if n not in GRID}
    _check_frozen(tab)


def _check_frozen(tab: Tab) -> None:
    if tab.row_count < 1 or tab.column_count < 1:
        raise invalid("gridProperties.rowCount and columnCount must be at least 1.")
    if tab.grid.get("frozenRowCount", 0) >= tab.row_count:
        raise invalid("You can't freeze all visible rows on the sheet.")
    if tab.grid.get("frozenColumnCount", 0) >= tab.column_count:
        raise invalid("You can't freeze all visible columns on the sheet.")


def _move(edit: Edit, tab: Tab, index: int) -> None:
    """Move a tab; its index counts in the order before it moved, as Google's guide says."""
    tabs = edit.document.tabs
    old = tabs.index(tab)
    tabs.remove(tab)
    tabs.insert(index - 1 if index > old else index, tab)


@request("duplicateSheet")
def duplicate_sheet(edit: Edit, body: Json) -> Json:
    """Copy a tab within the spreadsheet, with new ids for what hangs on it."""
    document = edit.document
    source = edit.tab(body.get("sourceSheetId", 0), "sheet")
    title = body.get("newSheetName") or _copy_title(edit, source.title)
    check_title(edit, title)
    number = body.get("newSheetId") or document.new_id()
    if any(tab.id == number for tab in document.tabs):
        raise invalid(f"Sheet with id {number} already exists.")
    tab = copy_tab(edit, source, number, title)
    document.tabs.insert(body.get("insertSheetIndex", 0), tab)
    document.check_size()
    return copy.deepcopy({"properties": render_properties(document, tab)})


def receive_tab(edit: Edit, source: Tab) -> Json:
    """Take a copy of another spreadsheet's tab as the last one, and return its properties.

    Its formulas keep their text: what they call by name must be here, too. Tags stay behind (not documented).
    """
    document = edit.document
    tab = copy_tab(edit, source, document.new_id(), _copy_title(edit, source.title))
    document.tabs.append(tab)
    document.check_size()
    document.touched()
    return copy.deepcopy(render_properties(document, tab))


def _copy_title(edit: Edit, title: str) -> str:
    name, number = f"Copy of {title}", 1
    while edit.document.titled(name):
        number += 1
        name = f"Copy of {title} {number}"
    return name


def copy_tab(edit: Edit, source: Tab, number: int, title: str) -> Tab:
    """Return a copy of a tab under a new id; protections and bandings on it get new ids as well."""
    tab = source.copy()
    tab.id, tab.title = number, title
    tab.merges = [each._replace(tab=number) for each in tab.merges]
    ids = {"protectedRanges": "protectedRangeId", "bandedRanges": "bandedRangeId", "charts": "chartId"}
    for name in LISTS:
        for each in tab.lists[name]:
            if name in ids:
                each[ids[name]] = edit.document.new_id()
            for area in [*each.get("ranges", []), *([each["range"]] if "range" in each else [])]:
                area["sheetId"] = number
    _move_charts(tab.lists["charts"], source.id, number)
    if tab.filter is not None and "range" in tab.filter:
        tab.filter["range"]["sheetId"] = number
    for groups in tab.groups.values():
        for group in groups:
            group["range"]["sheetId"] = number
    return tab


def _move_charts(part: object, old: int, new: int) -> None:
    """Let a copied tab's charts look at the copy where they looked at the tab."""
    if isinstance(part, list):
        for each in part:
            _move_charts(each, old, new)
    elif isinstance(part, dict):
        for each in [*part.get("sources", []), *([part["anchorCell"]] if "anchorCell" in part else [])]:
            if each.get("sheetId", 0) == old:
                each["sheetId"] = new
        for each in part.values():
            _move_charts(each, old, new)


@request("updateSpreadsheetProperties")
def update_spreadsheet_properties(edit: Edit, body: Json) -> None:
    """Change the title, locale or time zone."""
    document, asked = edit.document, body.get("properties", {})
    mask = parse_update_mask(body.get("fields"), "SpreadsheetProperties")
    if below(mask, "title") is not False and asked.get("title"):
        document.title = asked["title"]
    if below(mask, "locale") is not False and asked.get("locale"):
        document.locale = asked["locale"]
    if below(mask, "timeZone") is not False and asked.get("timeZone"):
        document.timezone = asked["timeZone"]

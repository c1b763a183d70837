"""A new workbook without sheets, and new sheets in any workbook: the parts, their names, their relations."""

from __future__ import annotations

from sync.sheet.store_error import SheetRefused
from sync.sheet.workbook_height import ROW_POINTS
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_read import Book, render_address
from sync.sheet.workbook_style import FONT
from sync.sheet.workbook_xml import (
    CONTENT_TYPE,
    MAIN,
    PACKAGE_RELATION,
    R_ID,
    RELATION,
    WORKBOOK_ORDER,
    WORKSHEET_ORDER,
    Element,
    add,
    find_or_place,
    make,
    name,
    place,
)

_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = (
    f'{_HEAD}<Types xmlns="{CONTENT_TYPE}">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_WORKBOOK = (
    f'{_HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><bookViews><workbookView xWindow="0" yWindow="0"'
    ' windowWidth="28800" windowHeight="16200" tabRatio="800"/></bookViews><sheets/>'
    '<calcPr calcId="191029"/></workbook>'
)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{MAIN}">'
    f'<fonts count="1"><font><sz val="10"/><name val="{FONT}"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_SHEET = (
    f'{_HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{RELATION}"><sheetViews><sheetView workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15"/><sheetData/></worksheet>'
)
_RELATIONS = f'{_HEAD}<Relationships xmlns="{PACKAGE_RELATION}"/>'


def make_package() -> Package:
    """A workbook without sheets, in memory."""
    package = Package()
    package.put("[Content_Types].xml", _TYPES.encode())
    package.put("_rels/.rels", _RELATIONS.encode())
    package.put("xl/workbook.xml", _WORKBOOK.encode(), f"{_SPREADSHEET}.sheet.main+xml")
    package.put("xl/styles.xml", _STYLES.encode(), f"{_SPREADSHEET}.styles+xml")
    package.relate("", "officeDocument", "xl/workbook.xml")
    package.relate("xl/workbook.xml", "styles", "xl/styles.xml")
    return package


def add_sheet(book: Book, title: str, *, hidden: bool) -> str:
    """Add an empty sheet behind all others; returns its part's name."""
    package = book.package
    root = package.touch(book.part)
    sheets = find_or_place(root, "sheets", WORKBOOK_ORDER)
    if any(line.get("name", "").casefold() == title.casefold() for line in sheets):
        raise SheetRefused(
            f"The workbook has a sheet whose name differs from “{title}” only by its capitals, or that holds a chart.",
            fix="Rename it, or name it under sheet.tabs in the config.",
        )
    part = package.new_name("xl/worksheets/sheet{}.xml")
    package.put(part, _SHEET.encode(), f"{_SPREADSHEET}.worksheet+xml")
    relation = package.relate(book.part, "worksheet", part)
    number = max((int(line.get("sheetId", "0")) for line in sheets), default=0) + 1
    attributes = {"name": title, "sheetId": str(number), R_ID: relation}
    if hidden:
        attributes["state"] = "hidden"
    add(sheets, "sheet", attributes)
    if len(sheets) == 1:
        _select(package, part)
    return part


def _select(package: Package, part: str) -> None:
    view = next(package.touch(part).iter(name("sheetView")))
    view.set("tabSelected", "1")


def name_area(book: Book, title: str, area_name: str, area: str, *, hidden: bool = False) -> None:
    """Define a name that belongs to one sheet, such as its print titles, unless it has it."""
    root = book.package.touch(book.part)
    sheets = find_or_place(root, "sheets", WORKBOOK_ORDER)
    index = next(str(at) for at, line in enumerate(sheets) if line.get("name") == title)
    names = find_or_place(root, "definedNames", WORKBOOK_ORDER)
    if any(line.get("name") == area_name and line.get("localSheetId") == index for line in names):
        return
    quoted = "'" + title.replace("'", "''") + "'"
    attributes = {"name": area_name, "localSheetId": index}
    if hidden:
        attributes["hidden"] = "1"
    add(names, "definedName", attributes, f"{quoted}!{area}")


def furnish_view(
    package: Package, part: str, *, colour: str | None, frozen: tuple[int, int] = (0, 0), grid_lines: bool = True
) -> None:
    """Set a new sheet's tab colour, frozen rows and columns, grid lines, and how it prints: A4, landscape."""
    root = package.touch(part)
    properties = place(root, make("sheetPr"), WORKSHEET_ORDER)
    if colour:
        add(properties, "tabColor", {"rgb": "FF" + colour})
    add(properties, "outlinePr", {"summaryRight": "0"})
    add(properties, "pageSetUpPr", {"fitToPage": "1"})
    view = next(root.iter(name("sheetView")))
    if not grid_lines:
        view.set("showGridLines", "0")
    form = find_or_place(root, "sheetFormatPr", WORKSHEET_ORDER)
    form.set("defaultRowHeight", f"{ROW_POINTS:g}")
    form.set("customHeight", "1")
    rows, columns = frozen
    if rows or columns:
        _freeze(view, rows, columns)
    margins = {"left": "0.4", "right": "0.4", "top": "0.5", "bottom": "0.6", "header": "0.3", "footer": "0.3"}
    place(root, make("pageMargins", margins), WORKSHEET_ORDER)
    setup = {"paperSize": "9", "orientation": "landscape", "fitToWidth": "1", "fitToHeight": "0"}
    place(root, make("pageSetup", setup), WORKSHEET_ORDER)
    footer = place(root, make("headerFooter"), WORKSHEET_ORDER)
    add(footer, "oddFooter", None, "&L&8&A&R&8&P / &N")


def _freeze(view: Element, rows: int, columns: int) -> None:
    corner = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
    pane = {"topLeftCell": render_address(rows, columns), "activePane": corner, "state": "frozen"}
    if columns:
        pane["xSplit"] = str(columns)
    if rows:
        pane["ySplit"] = str(rows)
    add(view, "pane", pane)
    add(view, "selection", {"pane": corner})

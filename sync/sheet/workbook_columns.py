"""Columns of ours in a workbook's tab: headers with notes, widths, formats, dropdowns, folded groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sync.sheet.cell import Form, column_letters
from sync.sheet.layout import Column, Role
from sync.sheet.style import LOOKS, Style
from sync.sheet.workbook_draw import render_width
from sync.sheet.workbook_notes import apply_notes
from sync.sheet.workbook_patch import Grid
from sync.sheet.workbook_read import Book, Sheet
from sync.sheet.workbook_rules import LAST_ROW
from sync.sheet.workbook_style import TEXT_CODE, Styles
from sync.sheet.workbook_xml import WORKSHEET_ORDER, Element, add, find, find_or_place, make, place

HEADER_HEIGHT = 30.0
"""Points: two lines of a header."""

MAX_LIST = 255
"""Characters of a dropdown whose choices stand in the rule itself (Excel specifications and limits)."""


class Placed(NamedTuple):
    """A column of ours in a tab: where it stands, and what its header says."""

    at: int
    header: str
    column: Column


def furnish_columns(book: Book, sheet: Sheet, header_row: int, placed: Sequence[Placed], names: str = "") -> None:
    """Make these columns ours. Cells below their headers stay as they are.

    ``names`` is where the names of people stand, as a formula; "" where there are none to choose from.
    """
    root = book.package.touch(sheet.part)
    levels = _levels(placed)
    for each in placed:
        _set_column(root, each, _column_style(book.styles, each.column), levels.get(each.at, 0))
    _mark_folds(root, levels)
    if any(levels.values()):
        form = find_or_place(root, "sheetFormatPr", WORKSHEET_ORDER)
        form.set("outlineLevelCol", str(max(levels.values())))
    grid = Grid(book, sheet)
    for each in placed:
        look = Style.HEADER if each.column.role is Role.PERSON else Style.HEADER_MACHINE
        grid.style(header_row, each.at, book.styles.header(look, LOOKS[each.column.style].align))
        grid.write(header_row, each.at, each.header)
    grid.finish()
    for each in placed:
        add_dropdown(root, header_row, each, names)
    apply_notes(book.package, sheet.part, {(header_row, each.at): each.column.note for each in placed})


def dress_column(book: Book, sheet: Sheet, header_row: int, placed: Placed) -> None:
    """Give the cells below a header the look of their column; its width and whether it is folded stay."""
    root, style = book.package.touch(sheet.part), _column_style(book.styles, placed.column)
    columns = find_or_place(root, "cols", WORKSHEET_ORDER)
    number = placed.at + 1
    own = next((each for each in columns if int(each.get("min", "0")) <= number <= int(each.get("max", "0"))), None)
    attributes = {str(key): str(value) for key, value in own.items()} if own is not None else {}
    attributes.setdefault("width", render_width(placed.column.width))
    _put_column(columns, number, attributes | {"style": str(style)})
    grid = Grid(book, sheet)
    for row in grid.filled_rows(placed.at):
        if row > header_row:
            grid.style(row, placed.at, style)


def _column_style(styles: Styles, column: Column) -> int:
    if column.form is Form.ID:
        return styles.look(column.style, TEXT_CODE)
    return styles.look(column.style)


def _levels(placed: Sequence[Placed]) -> Mapping[int, int]:
    """How deep each column is folded: the first group at level 1, the next at level 2.

    Two groups at one level side by side would be one group to Excel.
    """
    groups: list[str] = []
    for each in placed:
        if each.column.group and each.column.group not in groups:
            groups.append(each.column.group)
    return {each.at: groups.index(each.column.group) + 1 for each in placed if each.column.group}


def _mark_folds(root: Element, levels: Mapping[int, int]) -> None:
    """Say on the column before each folded group that it is folded: there Excel shows the plus."""
    columns = find(root, "cols")
    starts = {at for at, level in levels.items() if levels.get(at - 1, 0) < level}
    for stretch in columns if columns is not None else ():
        if int(stretch.get("max", "0")) in starts:
            stretch.set("collapsed", "1")


def _set_column(root: Element, each: Placed, style: int, level: int) -> None:
    columns = find(root, "cols")
    if columns is None:
        columns = place(root, make("cols"), WORKSHEET_ORDER)
    attributes = {
        "width": render_width(each.column.width),
        "style": str(style),
        "customWidth": "1",
    }
    if level:
        attributes |= {"hidden": "1", "outlineLevel": str(level)}
    _put_column(columns, each.at + 1, attributes)


def _put_column(columns: Element, number: int, attributes: Mapping[str, str]) -> None:
    """Put one column in where it belongs, in the place of what was said of it."""
    _carve_out(columns, number)
    made = make("col", {**attributes, "min": str(number), "max": str(number)})
    following = next((col for col in columns if int(col.get("min", "0")) > number), None)
    if following is not None:
        following.addprevious(made)
    else:
        columns.append(made)


def _carve_out(columns: Element, number: int) -> None:
    """Take one column out of the stretch of equal columns that it belongs to."""
    for stretch in list(columns):
        first, last = int(stretch.get("min", "0")), int(stretch.get("max", "0"))
        if not first <= number <= last:
            continue
        for start, end in ((first, number - 1), (number + 1, last)):
            if start <= end:
                part = make("col", {str(key): str(value) for key, value in stretch.items()})
                part.set("min", str(start))
                part.set("max", str(end))
                stretch.addprevious(part)
        columns.remove(stretch)


def reword_dropdown(root: Element, header_row: int, each: Placed) -> None:
    """Put a list of ours in the place of the one that is there; people's own lists have other titles and stay."""
    rules = find(root, "dataValidations")
    for rule in list(rules) if rules is not None else ():
        area = rule.get("sqref", "").split(":")[0]
        ours = rule.get("error", "").startswith(_SAID) and rule.get("errorTitle") == each.header[:32]
        if rules is not None and ours and area == f"{column_letters(each.at)}{header_row + 2}":
            rules.remove(rule)
    add_dropdown(root, header_row, each, "")


_SAID = "One of: "


def add_dropdown(root: Element, header_row: int, each: Placed, names: str) -> None:
    """What a column takes. It warns and never forbids: what people write is theirs."""
    column = each.column
    listed = ",".join(column.choices)
    if column.choices and len(listed) <= MAX_LIST:
        words = f"{_SAID}{', '.join(column.choices)}"
        _add_validation(
            root, header_row, each, {"type": "list", "error": words}, ['"' + listed.replace('"', '""') + '"']
        )
    elif column.between:
        first, last = column.between
        words = f"A number from {first} to {last}."
        rule = {"type": "decimal", "operator": "between", "error": words}
        _add_validation(root, header_row, each, rule, [str(first), str(last)])
    elif column.is_person and names:
        _add_validation(root, header_row, each, {"type": "list", "error": "This name is not in People."}, [names])


def _add_validation(
    root: Element, header_row: int, each: Placed, rule: Mapping[str, str], formulas: Sequence[str]
) -> None:
    rules = find(root, "dataValidations")
    if rules is None:
        rules = place(root, make("dataValidations"), WORKSHEET_ORDER)
    letters = column_letters(each.at)
    attributes = {
        "errorStyle": "warning",
        "allowBlank": "1",
        "showErrorMessage": "1",
        "errorTitle": each.header[:32],
        "sqref": f"{letters}{header_row + 2}:{letters}{LAST_ROW}",
        **rule,
    }
    made = add(rules, "dataValidation", attributes | {"error": rule["error"][:255]})
    for number, formula in enumerate(formulas, 1):
        add(made, f"formula{number}", None, formula)
    rules.set("count", str(len(rules)))

"""Rows that look like key results and have no id, so that nothing syncs them: said, never passed over in silence."""

from __future__ import annotations

from okr.problem import CellPlace, Problem, Severity
from sync.sheet.cell import EMPTY, Address, Cell, is_formula
from sync.sheet.layout import Field
from sync.sheet.locate import TabView, id_text

_NAMED = 5


def check_nameless(view: TabView) -> list[Problem]:
    """Key results (a text and a target that somebody typed) without an id, as one problem. Totals are formulas."""
    known = {row.index for row in view.rows}
    below = range(view.header_row + 1, len(view.raw.cells))
    found = [row for row in below if row not in known and _is_key_result(view, row)]
    if not found:
        return []
    rows = ", ".join(str(row + 1) for row in found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
    one = len(found) == 1
    return [
        Problem(
            code="sheet.no-id",
            message=f"row{'' if one else 's'} {rows} look{'s' if one else ''} like a key result and "
            f"ha{'s' if one else 've'} no id: nothing syncs {'it' if one else 'them'}",
            place=CellPlace(view.raw.title, str(Address(found[0], view.columns.get(Field.KR_ID, 0)))),
            fix="Give each an id of its own, or run: okr-sync adopt --apply.",
            severity=Severity.WARNING,
        )
    ]


def _is_key_result(view: TabView, row: int) -> bool:
    target = _cell(view, row, Field.TARGET)
    if target.value is None or is_formula(target) or id_text(_cell(view, row, Field.KR_ID)):
        return False
    name = _cell(view, row, Field.KEY_RESULT)
    return bool(id_text(name)) and name.value != _cell(view, view.header_row, Field.KEY_RESULT).value


def _cell(view: TabView, row: int, field: Field) -> Cell:
    at = view.columns.get(field)
    cells = view.raw.cells[row]
    return cells[at] if at is not None and at < len(cells) else EMPTY

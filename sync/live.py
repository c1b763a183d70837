"""What stands in a machine cell now, and whether a person put it there. Pure."""

from __future__ import annotations

from sync.sheet.cell import Canon, Cell, canon_cell, is_formula
from sync.sheet.columns import FORMS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Entry
from sync.sheet.locate import Row, TabView
from sync.sheet.merge import is_foreign


def live_cell(view: TabView, row: Row, field: Field) -> Canon:
    """The canonical value of a row's cell."""
    return live_canon(view.tab, field, view.cell(row, field))


def live_canon(tab: Tab, field: Field, cell: Cell) -> Canon:
    """The canonical value of a cell as it was read."""
    return canon_cell(FORMS[tab][field], cell)


def is_persons(entry: Entry, view: TabView, row: Row, field: Field) -> bool:
    """Whether a person's value stands in a cell that the ledger knows."""
    if field not in entry.bases and field not in entry.holds:
        return False
    cell = view.cell(row, field)
    live = canon_cell(FORMS[view.tab][field], cell, entry.bases.get(field))
    return is_foreign(entry, field, live, is_formula=is_formula(cell))

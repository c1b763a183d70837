"""What a proposal is made from: the sheet, their table in it, what the caller knows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sync.care.adopt_table import Table
from sync.sheet.cell import Cell
from sync.sheet.columns import COLUMNS, find_column
from sync.sheet.dashboard_head import ENGINE_NOTE
from sync.sheet.guide import draw_guide
from sync.sheet.layout import Field, Tab
from sync.sheet.locate import HEADER_SEARCH
from sync.sheet.snapshot import SheetNames
from sync.sheet.store import RawSheet, RawTab

NOT_THERE: frozenset[str] = frozenset()
NO_NAMES = SheetNames()


@dataclass(frozen=True, slots=True)
class AdoptWishes:
    """What the caller knows: the tab, the config's names, the current quarter, ids that were taken once.

    ``team`` is whose table it is, where that was found out before; "" for nobody's in particular.
    """

    tab: str | None = None
    names: SheetNames = NO_NAMES
    quarter: int = 1
    taken: Collection[str] = NOT_THERE
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal is made from. ``table`` is theirs alone: columns of ours are blanked out of it."""

    raw: RawSheet
    table: Table
    wishes: AdoptWishes
    is_prepared: bool

    @property
    def tab(self) -> RawTab:
        """Their tab with everything in it."""
        found = self.raw.find_tab(self.table.raw.title)
        assert found is not None
        return found

    @property
    def configured(self) -> Mapping[Field, str]:
        """The headers that the config names."""
        return self.wishes.names.columns.get(Tab.KEY_RESULTS, {})


_OUR_NOTES = frozenset(column.note for columns in COLUMNS.values() for column in columns if len(column.note) > 20)


_GUIDE = tuple(row[0].value for row in draw_guide().rows[:3] if row and row[0])


def _beginning(tab: RawTab) -> tuple[object, ...]:
    """What the first rows of a tab begin with: the Guide bears no note, and is known by this."""
    return tuple(row[0].value for row in tab.cells[:3] if row and row[0].value is not None)


def is_kept(tab: RawTab) -> bool:
    """Whether okr-sync has made a tab or added to it: hidden, drawn, or with a header that bears a note of ours."""
    if _beginning(tab) == _GUIDE:
        return True
    notes = [cell.note for row in tab.cells[:HEADER_SEARCH] for cell in row if cell.note]
    return tab.hidden or any(note in _OUR_NOTES or note.startswith(ENGINE_NOTE) for note in notes)


def find_ours(tab: RawTab, header_row: int, columns: Mapping[Field, int]) -> dict[Field, int]:
    """Those of the key results' columns that are okr-sync's own: their headers bear the notes that it writes."""
    header: Sequence[Cell] = tab.cells[header_row] if header_row < len(tab.cells) else ()
    return {
        field: at
        for field, at in columns.items()
        if at < len(header) and (note := find_column(Tab.KEY_RESULTS, field).note) and header[at].note == note
    }

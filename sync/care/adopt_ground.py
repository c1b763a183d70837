"""What a proposal is made from: the sheet, their table in it, what the caller knows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sync.care.adopt_table import Table
from sync.sheet.cell import Cell
from sync.sheet.columns import find_column
from sync.sheet.layout import Field, Tab
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


def find_ours(tab: RawTab, header_row: int, columns: Mapping[Field, int]) -> dict[Field, int]:
    """Those of the key results' columns that are okr-sync's own: their headers bear the notes that it writes."""
    header: Sequence[Cell] = tab.cells[header_row] if header_row < len(tab.cells) else ()
    return {
        field: at
        for field, at in columns.items()
        if at < len(header) and (note := find_column(Tab.KEY_RESULTS, field).note) and header[at].note == note
    }

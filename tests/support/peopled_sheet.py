"""A sheet with people who edit it, by other means than the engine's; where everything stands is kept here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sync.engine import Engine
from sync.sheet.cell import EMPTY, Canon, Cell, CellValue, canon
from sync.sheet.columns import FORMS, MACHINE_FIELDS
from sync.sheet.layout import MERGED, PER_CYCLE, Field, Tab
from sync.sheet.ledger import Ledger, RowKey
from sync.sheet.ledger_tab import parse_ledger
from sync.sheet.store import RawSheet, Store
from tests.support.fake_source import World
from tests.support.faulty_store import FaultyStore

CYCLE = "2026-Q4"
MAPPED = {"A": "a", "B": "b", "C": "c"}
KPI = "K"
ID_FIELDS = {Tab.KEY_RESULTS: Field.KR_ID, Tab.OBJECTIVES: Field.OBJECTIVE_ID, Tab.KPIS: Field.KPI_ID}


class People(Protocol):
    """What people do to a sheet, by other means than the store's."""

    def put(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None: ...

    def permute_rows(self, title: str, order: Sequence[int]) -> None: ...

    def insert_row(self, title: str, row: int) -> None: ...

    def delete_row(self, title: str, row: int) -> None: ...

    def move_column(self, title: str, column: int, to: int) -> None: ...

    def insert_column(self, title: str, column: int) -> None: ...

    def delete_column(self, title: str, column: int) -> None: ...

    def note(self, title: str, row: int, column: int, text: str) -> None: ...

    def delete_tab(self, title: str) -> None: ...

    def save(self) -> object:
        """A version of the whole sheet, to go back to."""

    def restore(self, version: Any) -> None: ...


TITLES = tuple(f"{tab.value} {CYCLE}" if tab in PER_CYCLE else tab.value for tab in Tab)
SHARED = (*MERGED, Tab.STEPS, Tab.PEOPLE)


@dataclass(frozen=True)
class Look:
    """The whole sheet at one moment."""

    raw: RawSheet
    ledger: Ledger
    history: tuple[tuple[CellValue, ...], ...]

    def rows(self, tab: Tab) -> Sequence[Sequence[Cell]]:
        found = self.raw.find_tab(tab.value)
        return found.cells if found else ()

    def cell(self, tab: Tab, row: int, column: int) -> Cell:
        rows = self.rows(tab)
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else EMPTY


@dataclass
class PeopledSheet:
    """A sheet with three mapped key results, a manual one, an objective and a KPI.

    ``columns`` says where each field stands now: kept by this class, not found by the engine. ``seen`` are the
    values that the ledger once called held. ``unsettled``: a header or column changed since the last run;
    ``renamed``: a header ever was.
    """

    store: FaultyStore
    people: People
    world: World
    engine: Engine
    columns: dict[Tab, list[Field | None]] = field(default_factory=dict)
    seen: dict[RowKey, dict[Field, Canon]] = field(default_factory=dict)
    unsettled: bool = False
    renamed: bool = False
    observer: Store | None = None
    version: tuple[object, dict[Tab, list[Field | None]], dict[RowKey, dict[Field, Canon]], bool, bool] | None = None

    # Looking

    def look(self) -> Look:
        raw = (self.observer or self.store.inner).fetch_sheet(TITLES, ())
        ledger_tab = raw.find_tab(Tab.LEDGER.value)
        history = raw.find_tab(f"{Tab.HISTORY.value} {CYCLE}")
        assert ledger_tab is not None
        assert history is not None
        lines = tuple(tuple(cell.value for cell in row) for row in history.cells[1:])
        return Look(raw, parse_ledger(ledger_tab)[0], lines)

    def has_ledger(self) -> bool:
        raw = (self.observer or self.store.inner).fetch_sheet((Tab.LEDGER.value,))
        return raw.find_tab(Tab.LEDGER.value) is not None

    def at(self, tab: Tab, name: Field) -> int:
        return self.columns[tab].index(name)

    def row_key(self, look: Look, tab: Tab, row: int) -> RowKey | None:
        id_cell = look.cell(tab, row, self.at(tab, ID_FIELDS[tab]))
        cycle = "" if tab is Tab.KPIS else CYCLE
        text = id_cell.shown.strip()
        return RowKey(tab, cycle, text) if row > 0 and text else None

    def keys(self, look: Look) -> dict[RowKey, list[int]]:
        found: dict[RowKey, list[int]] = {}
        for tab in MERGED:
            for row in range(1, len(look.rows(tab))):
                if key := self.row_key(look, tab, row):
                    found.setdefault(key, []).append(row)
        return found

    def live(self, look: Look, key: RowKey, row: int, name: Field) -> Canon:
        if name not in self.columns[key.tab]:
            return None
        cell = look.cell(key.tab, row, self.at(key.tab, name))
        return canon(FORMS[key.tab][name], cell.error or cell.value)

    def has_formula(self, look: Look, key: RowKey, row: int, name: Field) -> bool:
        return name in self.columns[key.tab] and look.cell(key.tab, row, self.at(key.tab, name)).formula is not None

    # What people do

    def note(self, tab: Tab, row: int, name: Field, text: str) -> None:
        """Leave a note on a cell."""
        if 1 <= row <= self.last_row(tab) and name in self.columns[tab]:
            self.people.note(tab.value, row, self.at(tab, name), text)

    def delete_tab(self, title: str) -> None:
        """Delete a tab, if it is there."""
        if self.look_for(title):
            self.people.delete_tab(title)

    def look_for(self, title: str) -> bool:
        return (self.observer or self.store.inner).fetch_sheet([title]).find_tab(title) is not None

    def keep_version(self) -> None:
        """The sheet as it is now becomes a version that one can go back to."""
        columns = {tab: list(fields) for tab, fields in self.columns.items()}
        seen = {key: dict(fields) for key, fields in self.seen.items()}
        self.version = (self.people.save(), columns, seen, self.unsettled, self.renamed)

    def restore_version(self) -> None:
        """Go back to that version: what is hidden comes back with it."""
        if self.version is not None:
            saved, columns, seen, self.unsettled, self.renamed = self.version
            self.people.restore(saved)
            self.columns = {tab: list(fields) for tab, fields in columns.items()}
            self.seen = {key: dict(fields) for key, fields in seen.items()}

    def last_row(self, tab: Tab) -> int:
        return len(self.look().rows(tab)) - 1

    def type(self, tab: Tab, row: int, name: Field, value: CellValue, *, formula: str | None = None) -> None:
        """Type into a cell, or clear it."""
        look = self.look()
        if not 1 <= row < len(look.rows(tab)):
            return
        key = self.row_key(look, tab, row)
        if name not in self.columns[tab]:
            return
        self.people.put(tab.value, row, self.at(tab, name), value, formula=formula)
        if key is None:
            return
        fields = self.seen.get(key, {})
        if name in fields:
            fields[name] = canon(FORMS[tab][name], value)
            if fields[name] is None:
                del fields[name]

    def rename_row(self, tab: Tab, row: int, own_id: str | None) -> None:
        """Give a row another id."""
        look = self.look()
        if 1 <= row < len(look.rows(tab)):
            self._forget(look, tab, row)
            if own_id:
                self.seen.pop(RowKey(tab, "" if tab is Tab.KPIS else CYCLE, own_id), None)
            self.people.put(tab.value, row, self.at(tab, ID_FIELDS[tab]), own_id)

    def _forget(self, look: Look, tab: Tab, row: int) -> None:
        if key := self.row_key(look, tab, row):
            self.seen.pop(key, None)

    def sort(self, tab: Tab, order: Sequence[int]) -> None:
        """Sort whole rows."""
        rows = range(self.last_row(tab))
        self.people.permute_rows(tab.value, [1 + at for at in sorted(rows, key=lambda at: order[at % len(order)])])

    def insert(self, tab: Tab, row: int) -> None:
        self.people.insert_row(tab.value, 1 + row % (self.last_row(tab) + 1))

    def delete(self, tab: Tab, row: int) -> None:
        look = self.look()
        if 1 <= row < len(look.rows(tab)):
            self._forget(look, tab, row)
            self.people.delete_row(tab.value, row)

    def copy_row(self, tab: Tab, row: int, own_id: str | None) -> None:
        """Duplicate a row to the end; with an id, the copy gets it."""
        look = self.look()
        if not 1 <= row < len(look.rows(tab)):
            return
        self._forget(look, tab, row)
        to = len(look.rows(tab))
        for column, cell in enumerate(look.rows(tab)[row]):
            self.people.put(tab.value, to, column, cell.value)
        if own_id is not None:
            self.rename_row(tab, to, own_id)

    def paste(self, tab: Tab, row: int, to: int) -> None:
        """Copy a row's machine cells over those of another."""
        look = self.look()
        if not (1 <= row < len(look.rows(tab)) and 1 <= to < len(look.rows(tab))):
            return
        for name in set(MACHINE_FIELDS[tab]) & set(self.columns[tab]):
            self.type(tab, to, name, look.cell(tab, row, self.at(tab, name)).value)

    def sort_apart(self, tab: Tab, order: Sequence[int]) -> None:
        """Sort the machine's columns and leave the ids where they are."""
        look = self.look()
        rows = list(range(1, len(look.rows(tab))))
        for to, at in zip(rows, sorted(rows, key=lambda at: order[at % len(order)]), strict=True):
            for name in set(MACHINE_FIELDS[tab]) & set(self.columns[tab]):
                self.type(tab, to, name, look.cell(tab, at, self.at(tab, name)).value)

    def rename_header(self, tab: Tab, name: Field, text: str) -> None:
        if name not in self.columns[tab]:
            return
        self.people.put(tab.value, 0, self.at(tab, name), text)
        self.unsettled = self.renamed = True

    def move_column(self, tab: Tab, column: int, to: int) -> None:
        """Move a column; not while a renamed header has not been seen yet, which nobody could follow."""
        if not self.unsettled:
            columns = self.columns[tab]
            column, to = column % len(columns), to % len(columns)
            self.people.move_column(tab.value, column, to)
            columns.insert(to, columns.pop(column))
            self.unsettled = True

    def add_column(self, tab: Tab, column: int) -> None:
        """Insert a column of one's own, and write something into it."""
        if not self.unsettled:
            column %= len(self.columns[tab])
            self.people.insert_column(tab.value, column)
            self.columns[tab].insert(column, None)
            for row, text in enumerate(("Ours", "own", "", "own")):
                self.people.put(tab.value, row, column, text or None)
            self.unsettled = True

    def delete_column(self, tab: Tab, name: Field) -> None:
        """Delete a column that only shows something."""
        if not self.unsettled and name in self.columns[tab]:
            self.people.delete_column(tab.value, self.at(tab, name))
            self.columns[tab].remove(name)
            for key, fields in self.seen.items():
                if key.tab is tab:
                    fields.pop(name, None)
            self.unsettled = True

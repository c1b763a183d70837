"""A sheet with people who edit it, by other means than the engine's; where everything stands is kept here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sync.engine import Engine
from sync.sheet.cell import EMPTY, Canon, Cell, CellValue, canon
from sync.sheet.columns import FORMS, MACHINE_FIELDS
from sync.sheet.layout import MERGED, PER_CYCLE, Field, Tab
from sync.sheet.ledger import Ledger, RowKey
from sync.sheet.ledger_tab import parse_ledger
from sync.sheet.store import CellRange, RawSheet, Store
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

    def merge(self, title: str, area: CellRange) -> None: ...

    def unmerge(self, title: str) -> None: ...

    def hide(self, title: str, rows: Collection[int], columns: Collection[int]) -> None: ...

    def filter(self, title: str, rows: Collection[int], *, skips: bool = False) -> None:
        """Let a filter hide these rows; none: no filter."""

    def protect(self, title: str, columns: Collection[int]) -> None:
        """Keep the account out of these columns; none: out of the tab."""

    def unprotect(self) -> None: ...

    def paint(self, title: str, row: int, column: int) -> None: ...

    def shape(self, title: str) -> object:
        """What a tab has of all this besides its cells, comparable."""

    def rename_tab(self, title: str, new: str) -> None: ...

    def delete_tab(self, title: str) -> None: ...

    def save(self) -> object:
        """A version of the whole sheet, to go back to."""

    def restore(self, version: Any) -> None: ...


TITLES = {tab: f"{tab.value} {CYCLE}" if tab in PER_CYCLE else tab.value for tab in Tab}
SHARED = (*MERGED, Tab.STEPS, Tab.PEOPLE)


@dataclass(frozen=True)
class Look:
    """The whole sheet at one moment."""

    raw: RawSheet
    ledger: Ledger
    history: tuple[tuple[CellValue, ...], ...]
    titles: Mapping[Tab, str] = field(default_factory=lambda: TITLES)
    shapes: Mapping[Tab, object] = field(default_factory=dict)

    def rows(self, tab: Tab) -> Sequence[Sequence[Cell]]:
        found = self.raw.find_tab(self.titles[tab])
        return found.cells if found else ()

    def cell(self, tab: Tab, row: int, column: int) -> Cell:
        rows = self.rows(tab)
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else EMPTY


@dataclass(frozen=True)
class Version:
    """A version of the sheet that one can go back to, and what is known of it here."""

    saved: object
    columns: dict[Tab, list[Field | None]]
    seen: dict[RowKey, dict[Field, Canon]]
    titles: dict[Tab, str]
    unsettled: bool
    renamed: bool


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
    titles: dict[Tab, str] = field(default_factory=lambda: dict(TITLES))
    version: Version | None = None

    # Looking

    def look(self) -> Look:
        raw = (self.observer or self.store.inner).fetch_sheet(tuple(self.titles.values()), ())
        ledger_tab = raw.find_tab(Tab.LEDGER.value)
        history = raw.find_tab(self.titles[Tab.HISTORY])
        assert ledger_tab is not None
        lines = tuple(tuple(cell.value for cell in row) for row in history.cells[1:]) if history else ()
        shapes = {tab: self.people.shape(self.titles[tab]) for tab in SHARED}
        return Look(raw, parse_ledger(ledger_tab)[0], lines, dict(self.titles), shapes)

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
            self.people.note(self.titles[tab], row, self.at(tab, name), text)

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
        self.version = Version(self.people.save(), columns, seen, dict(self.titles), self.unsettled, self.renamed)

    def restore_version(self) -> None:
        """Go back to that version: what is hidden comes back with it."""
        version = self.version
        if version is not None:
            self.people.restore(version.saved)
            self.unsettled, self.renamed, self.titles = version.unsettled, version.renamed, dict(version.titles)
            self.columns = {tab: list(fields) for tab, fields in version.columns.items()}
            self.seen = {key: dict(fields) for key, fields in version.seen.items()}

    def merges(self, look: Look, tab: Tab) -> tuple[CellRange, ...]:
        """What is merged on a tab."""
        found = look.raw.find_tab(self.titles[tab])
        return found.merges if found else ()

    def is_hidden(self, look: Look, tab: Tab, row: int, column: int) -> bool:
        """Whether a cell lies inside a merge and isn't its first: nobody can type there."""
        inside = (area for area in self.merges(look, tab) if area.top <= row <= area.bottom)
        return any(area.left <= column <= area.right and (row, column) != area[:2] for area in inside)

    def _put(
        self, look: Look, tab: Tab, row: int, column: int, value: CellValue, *, formula: str | None = None
    ) -> None:
        if not self.is_hidden(look, tab, row, column):
            self.people.put(self.titles[tab], row, column, value, formula=formula)

    def last_row(self, tab: Tab) -> int:
        return len(self.look().rows(tab)) - 1

    def type(self, tab: Tab, row: int, name: Field, value: CellValue, *, formula: str | None = None) -> None:
        """Type into a cell, or clear it."""
        look = self.look()
        if not 1 <= row < len(look.rows(tab)):
            return
        key = self.row_key(look, tab, row)
        if name not in self.columns[tab] or self.is_hidden(look, tab, row, self.at(tab, name)):
            return
        self._put(look, tab, row, self.at(tab, name), value, formula=formula)
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
            self._put(look, tab, row, self.at(tab, ID_FIELDS[tab]), own_id)

    def _forget(self, look: Look, tab: Tab, row: int) -> None:
        if key := self.row_key(look, tab, row):
            self.seen.pop(key, None)

    def sort(self, tab: Tab, order: Sequence[int]) -> None:
        """Sort whole rows; no program does where a merge spans several."""
        if self.is_stuck(tab) or any(area.top != area.bottom for area in self.merges(self.look(), tab)):
            return
        rows = range(self.last_row(tab))
        self.people.permute_rows(
            self.titles[tab], [1 + at for at in sorted(rows, key=lambda at: order[at % len(order)])]
        )

    def is_stuck(self, tab: Tab) -> bool:
        """Whether these people can't move rows and columns, because cells are merged."""
        return not getattr(self.people, "moves_merges", True) and bool(self.merges(self.look(), tab))

    def insert(self, tab: Tab, row: int) -> None:
        if self.is_stuck(tab):
            return
        self.people.insert_row(self.titles[tab], 1 + row % (self.last_row(tab) + 1))

    def delete(self, tab: Tab, row: int) -> None:
        look = self.look()
        if 1 <= row < len(look.rows(tab)) and not self.is_stuck(tab):
            self._forget(look, tab, row)
            self.people.delete_row(self.titles[tab], row)

    def copy_row(self, tab: Tab, row: int, own_id: str | None) -> None:
        """Duplicate a row to the end; with an id, the copy gets it."""
        look = self.look()
        if not 1 <= row < len(look.rows(tab)):
            return
        self._forget(look, tab, row)
        to = len(look.rows(tab))
        for column, cell in enumerate(look.rows(tab)[row]):
            self._put(look, tab, to, column, cell.value)
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
        self.people.put(self.titles[tab], 0, self.at(tab, name), text)
        self.unsettled = self.renamed = True

    def move_column(self, tab: Tab, column: int, to: int) -> None:
        """Move a column; not while a renamed header has not been seen yet, which nobody could follow.

        No program parts a merge by it.
        """
        if (
            not self.unsettled
            and not self.is_stuck(tab)
            and all(area.left == area.right for area in self.merges(self.look(), tab))
        ):
            columns = self.columns[tab]
            column, to = column % len(columns), to % len(columns)
            self.people.move_column(self.titles[tab], column, to)
            columns.insert(to, columns.pop(column))
            self.unsettled = True

    def add_column(self, tab: Tab, column: int) -> None:
        """Insert a column of one's own, and write something into it."""
        if not self.unsettled and not self.is_stuck(tab):
            column %= len(self.columns[tab])
            self.people.insert_column(self.titles[tab], column)
            self.columns[tab].insert(column, None)
            for row, text in enumerate(("Ours", "own", "", "own")):
                self.people.put(self.titles[tab], row, column, text or None)
            self.unsettled = True

    def delete_column(self, tab: Tab, name: Field) -> None:
        """Delete a column that only shows something."""
        if not self.unsettled and name in self.columns[tab] and not self.is_stuck(tab):
            self.people.delete_column(self.titles[tab], self.at(tab, name))
            self.columns[tab].remove(name)
            for key, fields in self.seen.items():
                if key.tab is tab:
                    fields.pop(name, None)
            self.unsettled = True

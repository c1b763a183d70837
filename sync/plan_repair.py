"""A partial sort undone: which cells of the machine's columns stand in another row than their own. Pure.

The ledger knows what belongs into each row: what the machine wrote last, or what a person holds there. A cell that
holds another row's own value goes back; what belongs to no row was typed since, and stays where it was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sync.row_plan import OUR_NOTES
from sync.sheet.cell import Canon, Cell, canon_cell
from sync.sheet.columns import FORMS, MACHINE_FIELDS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.merge import shorten
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import CellWrite


@dataclass(frozen=True, slots=True)
class Returned:
    """One cell that goes back: what stands there now, what belongs there, and the row where that was found.

    ``source`` is ``None`` where it is the machine's own last value, which stands nowhere any more.
    """

    key: RowKey
    field: Field
    now: Canon
    own: Canon
    source: RowKey | None
    write: CellWrite


@dataclass(frozen=True, slots=True)
class Repair:
    """What undoes a partial sort. ``typed`` are cells whose value belongs to no row: they stay, and become holds."""

    rows: tuple[RowKey, ...]
    cells: tuple[Returned, ...]
    typed: tuple[tuple[RowKey, Field, Canon], ...]


def make_repair(snapshot: Snapshot, rows: Sequence[RowKey]) -> Repair:
    """How the machine's columns of these rows of Key Results go back to their ids."""
    view = snapshot.views[Tab.KEY_RESULTS]
    wanted = set(rows)
    found = {key: row for row in view.rows if (key := RowKey(view.tab, *row.key)) in wanted}
    cells: list[Returned] = []
    typed: list[tuple[RowKey, Field, Canon]] = []
    for field in MACHINE_FIELDS[view.tab]:
        if field not in view.columns:
            continue
        column = _Column(view, field, found, snapshot.ledger.entries)
        cells += column.make_returns()
        typed += ((key, field, column.live[key]) for key in column.typed)
    return Repair(tuple(rows), tuple(cells), tuple(typed))


class _Column:
    """One machine column of the rows that were sorted: what is there, and what belongs there."""

    def __init__(
        self, view: TabView, field: Field, rows: Mapping[RowKey, Row], entries: Mapping[RowKey, Entry]
    ) -> None:
        self.view, self.field, self.rows = view, field, rows
        self.entries = {key: entries.get(key, NO_ENTRY) for key in rows}
        form = FORMS[view.tab][field]
        self.live = {key: shorten(canon_cell(form, view.cell(row, field))) for key, row in rows.items()}
        self.own = {
            key: entry.holds[field].value if field in entry.holds else entry.bases[field]
            for key, entry in self.entries.items()
            if field in entry.holds or field in entry.bases
        }
        self.typed: list[RowKey] = []

    def make_returns(self) -> Iterator[Returned]:
        for key, own in self.own.items():
            if self.live[key] == own:
                continue
            if any(other != key and self.live[key] == value for other, value in self.own.items()):
                yield self._return(key, own)
            elif self.live[key] is not None:
                self.typed.append(key)

    def _return(self, key: RowKey, own: Canon) -> Returned:
        away = (other for other in self.rows if other != key and self.live[other] == own != self.own.get(other))
        source = next(away, None)
        cell = self.view.cell(self.rows[source], self.field) if source is not None else Cell(own)
        return Returned(key, self.field, self.live[key], own, source, self._write(key, cell))

    def _write(self, key: RowKey, cell: Cell) -> CellWrite:
        is_number = self.field is Field.CURRENT and isinstance(cell.value, Decimal)
        return CellWrite(
            row=self.rows[key].index,
            column=self.view.columns[self.field],
            value=cell.value,
            is_percent=cell.is_percent if is_number else None,
            note=self._note(key, cell),
            field=self.field,
            row_id=key.id,
            formula=cell.formula,
        )

    def _note(self, key: RowKey, cell: Cell) -> str | None:
        """Our note on a held cell came along with its value; a person's note stays where it is."""
        now = self.view.cell(self.rows[key], self.field).note
        wanted = cell.note if cell.note in OUR_NOTES and self.field in self.entries[key].holds else None
        if now is not None and now not in OUR_NOTES:
            return None
        return None if wanted == now else wanted or ""

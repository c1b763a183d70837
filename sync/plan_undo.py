"""Undone cells: what a run changed is put back and held, as if a person had typed the old value. Pure.

The old value stands in the row that the plan is made of, and a hold of it in the ledger. From there everything
follows: it is scored, it rolls up, ``release`` ends it. What was read of the tab stays as it is, so that the write is
checked like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sync.live import live_canon
from sync.sheet.cell import EMPTY, Canon, is_formula
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Entry, Hold, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Undone:
    """One cell's part of a run that is undone: what stood there before it, and what it wrote."""

    old: Canon
    new: Canon
    run: str

    @property
    def why(self) -> str:
        """The hold's reason."""
        return f"run {self.run} undone"


Undones = Mapping[tuple[RowKey, Field], Undone]
RowUndones = Mapping[Field, Undone]


def undo_cells(
    snapshot: Snapshot, wanted: Undones, mapped: Collection[RowKey], today: date
) -> tuple[Snapshot, Undones]:
    """The snapshot as if these cells held what stood there before the run; and which of them could be undone.

    Only a cell that still holds what the run wrote is: what somebody or a later run put there since stays. ``mapped``
    are the rows whose Current is the machine's.
    """
    wanted = {cell: item for cell, item in wanted.items() if cell[1] is not Field.CURRENT or cell[0] in mapped}
    if not wanted:
        return snapshot, {}
    entries, views = dict(snapshot.ledger.entries), dict(snapshot.views)
    done: dict[tuple[RowKey, Field], Undone] = {}
    for tab, view in snapshot.views.items():
        rows = []
        for row in view.rows:
            key = RowKey(tab, *row.key)
            entry = entries.get(key, NO_ENTRY)
            found = _find_standing(
                view, row, entry, {name: item for (owner, name), item in wanted.items() if owner == key}
            )
            if found:
                entries[key] = _hold(entry, found, today)
                done |= {(key, name): item for name, item in found.items()}
            rows.append(_put(view, row, found) if found else row)
        views[tab] = replace(view, rows=tuple(rows))
    return replace(snapshot, views=views, ledger=replace(snapshot.ledger, entries=entries)), done


def _find_standing(view: TabView, row: Row, entry: Entry, wanted: RowUndones) -> dict[Field, Undone]:
    if not wanted or row.key in view.duplicates:
        return {}
    return {name: item for name, item in wanted.items() if say_changed(view, row, entry, name, item) == ""}


def say_changed(view: TabView, row: Row, entry: Entry, field: Field, item: Undone) -> str:
    """Why a cell isn't the run's any more; "" where it is."""
    cell = view.cell(row, field)
    if field in entry.holds:
        return entry.holds[field].why or "held by a person"
    if field not in view.columns or field not in entry.bases:
        return "okr-sync doesn't write it any more"
    if is_formula(cell) or live_canon(view.tab, field, cell) != item.new:
        return "changed since"
    return ""


def _hold(entry: Entry, found: RowUndones, today: date) -> Entry:
    return replace(
        entry, holds={**entry.holds, **{name: Hold(today, item.old, item.why) for name, item in found.items()}}
    )


def _put(view: TabView, row: Row, found: RowUndones) -> Row:
    cells = list(row.cells)  # which end at the last filled one
    cells += [EMPTY] * (1 + max(view.columns[name] for name in found) - len(cells))
    for name, item in found.items():
        at = view.columns[name]
        cells[at] = replace(cells[at], value=item.old, shown=str(item.old))
    return replace(row, cells=tuple(cells))


def find_undone(key: RowKey, done: Undones) -> RowUndones:
    """The undone cells of a row."""
    return {name: item for (owner, name), item in done.items() if owner == key}

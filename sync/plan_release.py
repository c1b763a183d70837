"""Released cells: what a person typed counts as the machine's own again, so that the merge law writes over it. Pure.

Their live values become their bases in the snapshot's ledger, and of a formula its result alone is left. From there
everything follows: the reading is scored instead of the held value, the machine's value is wanted and written, and what
stood there goes to History. What was read of the tab stays as it is, so that the write is checked like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from sync.live import live_canon
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.readback import cell_content
from sync.sheet.snapshot import Snapshot

Cells = Collection[tuple[RowKey, Field]]


def release_cells(snapshot: Snapshot, cells: Cells) -> Snapshot:
    """The snapshot as if the machine had written what stands in these cells."""
    if not cells:
        return snapshot
    entries, views = dict(snapshot.ledger.entries), dict(snapshot.views)
    for tab, view in snapshot.views.items():
        rows = []
        for row in view.rows:
            key = RowKey(tab, *row.key)
            fields = [field for owner, field in cells if owner == key]
            if fields and row.key not in view.duplicates:
                entries[key] = _release(entries.get(key, NO_ENTRY), view, row, fields)
                row = _without_formulas(view, row, fields)
            rows.append(row)
        views[tab] = replace(view, rows=tuple(rows))
    return replace(snapshot, views=views, ledger=replace(snapshot.ledger, entries=entries))


def find_meant(cells: Cells, then: Snapshot, now: Snapshot) -> frozenset[tuple[RowKey, Field]]:
    """Those of the cells that still show what they did when they were released: what is typed since isn't meant."""
    if not cells:
        return frozenset()
    shown, shows = _contents(then), _contents(now)
    return frozenset((key, field) for key, field in cells if shown(key, field) == shows(key, field))


def _contents(snapshot: Snapshot) -> Callable[[RowKey, Field], object]:
    rows = {RowKey(view.tab, *row.key): (view, row) for view in snapshot.views.values() for row in view.rows}

    def content(key: RowKey, field: Field) -> object:
        view, row = rows.get(key, (None, None))
        return None if view is None or row is None else cell_content(view.cell(row, field))

    return content


def _without_formulas(view: TabView, row: Row, fields: list[Field]) -> Row:
    ours = {view.columns.get(field) for field in fields}
    return replace(row, cells=tuple(replace(c, formula=None) if at in ours else c for at, c in enumerate(row.cells)))


def _release(entry: Entry, view: TabView, row: Row, fields: list[Field]) -> Entry:
    bases, holds = dict(entry.bases), dict(entry.holds)
    for field in fields:
        holds.pop(field, None)
        bases[field] = live_canon(view.tab, field, view.cell(row, field))
    return replace(entry, bases=bases, holds=holds)

"""Rows that share an id: they can't be told apart, so each says so in Why and Status, and nothing else is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from okr.model import Key
from okr.result import Scorecard
from sync.live import live_canon
from sync.row_plan import RowPlan
from sync.sheet.cell import Canon, is_formula
from sync.sheet.doubled import is_doubled_value, make_doubled_wants
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.ledger_text import render_entry
from sync.sheet.locate import Row, TabView
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import CellWrite


def plan_duplicates(snapshot: Snapshot, card: Scorecard, owns: Callable[[str], bool] = lambda _: True) -> list[RowPlan]:
    """The plans of all rows that share their id with another row of their cycle.

    A Status or Why that a person typed stays. The key's bases stay what they were, and the ledger knows that the id was
    doubled: the row that keeps it later on doesn't look typed over, whether the write reached it or not.
    """
    plans: list[RowPlan] = []
    for tab in MERGED:
        view = snapshot.views.get(tab)
        for key in sorted(view.duplicates) if view is not None else ():
            if view is not None and _is_scored(card, tab, key) and owns(key.id):
                plans += _plan_key(snapshot, view, RowKey(tab, *key))
    return plans


def _is_scored(card: Scorecard, tab: Tab, key: Key) -> bool:
    results = {Tab.KEY_RESULTS: card.key_results, Tab.OBJECTIVES: card.objectives, Tab.KPIS: card.kpis}
    return key in results[tab]


def _plan_key(snapshot: Snapshot, view: TabView, key: RowKey) -> Iterator[RowPlan]:
    rows = [row for row in view.rows if row.key == key.key]
    entry = snapshot.ledger.entries.get(key, NO_ENTRY)
    free = {name: want for name, want in make_doubled_wants(key.id, rows).items() if name not in entry.holds}
    learned = render_entry(replace(entry, doubled=True))
    old = snapshot.ledger.texts.get(key, "")
    for number, row in enumerate(rows):
        cells = tuple(write for name, want in free.items() if (write := _write(view, row, key, name, want, entry)))
        line = learned if number == 0 and learned != old else None
        yield RowPlan(key, view, row, cells=cells, line=line, old_line=old)


def _write(view: TabView, row: Row, key: RowKey, name: Field, want: Canon, entry: Entry) -> CellWrite | None:
    at, cell = view.columns.get(name), view.cell(row, name)
    live = live_canon(view.tab, name, cell)
    is_free = live in (None, entry.bases.get(name)) or is_doubled_value(key.id, name, live)
    if at is None or live == want or not is_free or is_formula(cell):
        return None
    return CellWrite(row.index, at, want, field=name, row_id=key.id)

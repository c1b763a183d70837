"""After a lost answer: whether the write landed, and what stood there, read from the sheet itself."""

from __future__ import annotations

from sync.plan import Plan
from sync.sheet.cell import Cell
from sync.sheet.layout import MERGED, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN
from sync.sheet.snapshot import GUARD_TITLES
from sync.sheet.store import Batch, RawSheet, RawTab, Receipt, Store, TabChanges


def fetch_receipt(store: Store, plan: Plan, batch: Batch) -> Receipt | None:
    """The receipt of a batch whose answer was lost; ``None`` where it didn't land, or nobody can tell.

    It landed if the ledger's head is the batch's own, which names the run, and its guard tabs are there: they hold
    the sheet as it was at the moment of writing.
    """
    if batch.guard is None:
        return None
    raw = plan.snapshot.raw
    heads = tuple(tab.title for tab in raw.tabs if tab.title not in GUARD_TITLES)
    targets = {change.tab_id for change in batch.changes} | {batch.ledger_tab_id}
    whole = tuple(tab.title for tab in raw.tabs if tab.tab_id in targets)
    found = store.fetch_sheet((*whole, *GUARD_TITLES), heads)
    return parse_receipt(found, batch)


def parse_receipt(raw: RawSheet, batch: Batch) -> Receipt | None:
    """The receipt out of a read that holds the targets, the guard tabs and the ledger whole."""
    assert batch.guard is not None
    tabs = {tab.tab_id: tab for tab in raw.tabs}
    ledger = raw.find_tab(Tab.LEDGER.value)
    if ledger is None or _head_text(ledger) != batch.head or not tabs.keys() >= set(batch.guard.new):
        return None
    if not tabs.keys() >= {change.tab_id for change in batch.changes}:
        return None
    images = {change.tab_id: tabs[batch.guard.new[MERGED.index(change.tab)]] for change in batch.changes}
    return Receipt(
        before={tab_id: _cells(image) for tab_id, image in images.items()},
        after={change.tab_id: _marks(tabs[change.tab_id], change) for change in batch.changes},
    )


def _head_text(ledger: RawTab) -> object:
    row = ledger.cells[HEAD_ROW] if ledger.cells else ()
    return row[TEXT_COLUMN].value if len(row) > TEXT_COLUMN else None


def _cells(tab: RawTab) -> dict[tuple[int, int], Cell]:
    return {(row, column): cell for row, cells in enumerate(tab.cells) for column, cell in enumerate(cells)}


def _marks(tab: RawTab, change: TabChanges) -> dict[tuple[int, int], Cell]:
    """A tab's headers and ids."""
    return {at: cell for at, cell in _cells(tab).items() if at[0] == change.header_row or at[1] == change.id_column}

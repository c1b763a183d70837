"""The ledger that ``layout`` gives a sheet which has none: a new one, or one made anew out of History."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC

from okr.number import BARS
from sync.board import first_drawn
from sync.engine import Engine
from sync.rebuild import Rebuilt, rebuild_ledger
from sync.sheet.cell import Cell
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.history import parse_history
from sync.sheet.layout import LAYOUT_VERSION, MERGED, Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, Entry, Head, RowKey
from sync.sheet.ledger_text import parse_head
from sync.sheet.locate import locate_tab
from sync.sheet.snapshot import SheetNames
from sync.sheet.store import RawSheet


def make_ledger(
    engine: Engine, raw: RawSheet | None, names: SheetNames, running: tuple[str, ...]
) -> tuple[Head, Mapping[RowKey, Entry]]:
    """The ledger's head: the one that is there, else a new one with a new epoch.

    Of a sheet that was synced before and has lost its ledger, the entries are made anew. On one that never was,
    machine columns that already hold something were people's: they are adopted. In both, nothing that can't be
    accounted for is written over until somebody accepts it.
    """
    ledger = raw.find_tab(names.title(Tab.LEDGER)) if raw else None
    if ledger is not None and ledger.cells and len(ledger.cells[HEAD_ROW]) > TEXT_COLUMN:
        text = ledger.cells[HEAD_ROW][TEXT_COLUMN].value
        if isinstance(text, str) and text:
            return parse_head(text), {}
    words = engine.project.config.scoring.status.preset
    if raw is None:
        return Head("", secrets.token_hex(8), layout=LAYOUT_VERSION, drawn=first_drawn(None, "OKRs"), words=words), {}
    found = _rebuild(engine, raw, names, running)
    head = Head(
        sheet_id=raw.sheet_id,
        epoch=secrets.token_hex(8),
        layout=LAYOUT_VERSION,
        adopted=found.adopted if found else frozenset(_adopted(raw, names)),
        drawn=first_drawn(raw.find_tab(names.title(Tab.DASHBOARD)), raw.title),
        words=words,
    )
    return head, found.entries if found else {}


def _rebuild(engine: Engine, raw: RawSheet, names: SheetNames, running: tuple[str, ...]) -> Rebuilt | None:
    """What History still tells; ``None`` where it tells nothing. It is read only here."""
    titles = [names.title(Tab.HISTORY, cycle) for cycle in running]
    if not any(raw.find_tab(title) for title in titles):
        return None
    whole = engine.store.fetch_sheet([*(names.title(tab) for tab in MERGED), *titles])
    history = parse_history(whole, titles)
    if not history:
        return None
    tabs = ((tab, found) for tab in MERGED if (found := whole.find_tab(names.title(tab))) is not None)
    current = running[0] if running else ""
    views = [
        locate_tab(tab, found, headers=names.columns.get(tab, {}), remembered={}, open_cycle=current)
        for tab, found in tabs
    ]
    mappings = engine.project.mappings
    mapped = {Tab.KEY_RESULTS: mappings.mapped_ids, Tab.KPIS: mappings.mapped_kpis}
    now = engine.now()
    return rebuild_ledger(views, history, lambda key: key.id in mapped.get(key.tab, ()), now.date(), now.tzinfo or UTC)


def _adopted(raw: RawSheet, names: SheetNames) -> Iterable[str]:
    for tab in MERGED:
        found = raw.find_tab(names.title(tab))
        if found is None or not found.cells:
            continue
        view = locate_tab(tab, found, headers=names.columns.get(tab, {}), remembered={}, open_cycle="")
        below = found.cells[view.header_row + 1 :]  # also of rows that have no id yet: they get one
        for field in (*MACHINE_FIELDS[tab], Field.PROGRESS):
            at = view.columns.get(field)
            if at is not None and any(at < len(cells) and _is_theirs(cells[at]) for cells in below):
                yield f"{tab.value}/{field.value}"


def _is_theirs(cell: Cell) -> bool:
    """Whether something stands here that isn't one of our bars, which outlive a lost ledger."""
    return cell.value is not None and not (isinstance(cell.value, str) and cell.value.startswith(BARS))

"""``layout``: prepares an empty sheet, or adds what is missing to one that people already use."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from sync.batches import guard_ids
from sync.board import first_drawn
from sync.engine import Engine, find_cycles
from sync.sheet.cell import Cell
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.dashboard import draw_empty_dashboard
from sync.sheet.guide import draw_guide
from sync.sheet.layout import MERGED, PER_CYCLE, Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, Head, parse_head, render_head
from sync.sheet.locate import locate_tab
from sync.sheet.snapshot import SheetNames, make_titles
from sync.sheet.store import LayoutError, LayoutWish, NewTab, Prepared, RawSheet
from sync.wants import BARS

ORDER = (
    Tab.DASHBOARD,
    Tab.OBJECTIVES,
    Tab.KEY_RESULTS,
    Tab.STEPS,
    Tab.CHECK_INS,
    Tab.KPIS,
    Tab.PEOPLE,
    Tab.HISTORY,
    Tab.RUNS,
    Tab.GUIDE,
    Tab.LEDGER,
)
"""The tabs from left to right."""


def prepare_sheet(engine: Engine, wanted: Mapping[Tab, frozenset[Field]] | None = None) -> Prepared:
    """Make what is missing; change nothing else. Safe to repeat.

    ``wanted`` are columns to be added where they are missing though people may do without them.
    """
    config = engine.project.config
    today = engine.now().date()
    _, running = find_cycles(engine.project, today)
    names = config.sheet.names
    raw = _read(engine, names, running)
    title = raw.title if raw else "OKRs"
    head = _make_head(raw, names, title)
    wish = LayoutWish(
        tabs=tuple(_make_tabs(names, tuple(running), title)),
        guard=guard_ids(head.epoch, head.revision),
        head=render_head(head),
        stale_days=config.stale_days,
        today=today,
        headers=names.columns,
        wanted=wanted or {},
    )
    return engine.store.prepare(wish)


def _read(engine: Engine, names: SheetNames, running: Iterable[str]) -> RawSheet | None:
    """The sheet as it is; ``None`` where there is no workbook yet."""
    try:
        return engine.store.fetch_sheet(*make_titles(names, running))
    except LayoutError:
        return None


def _make_head(raw: RawSheet | None, names: SheetNames, title: str) -> Head:
    """The ledger's head: the one that is there, else a new one with a new epoch.

    Machine columns that already hold something were people's: they are adopted, and nothing in them is written over
    until somebody accepts it.
    """
    ledger = raw.find_tab(Tab.LEDGER.value) if raw else None
    if ledger is not None and ledger.cells and len(ledger.cells[HEAD_ROW]) > TEXT_COLUMN:
        text = ledger.cells[HEAD_ROW][TEXT_COLUMN].value
        if isinstance(text, str) and text:
            return parse_head(text)
    adopted = frozenset(_adopted(raw, names)) if raw else frozenset()
    return Head(
        sheet_id=raw.sheet_id if raw else "",
        epoch=secrets.token_hex(8),
        adopted=adopted,
        drawn=first_drawn(raw.find_tab(names.title(Tab.DASHBOARD)) if raw else None, title),
    )


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


def _make_tabs(names: SheetNames, cycles: tuple[str, ...], title: str) -> Iterable[NewTab]:
    drawings = {Tab.DASHBOARD: draw_empty_dashboard(title), Tab.GUIDE: draw_guide()}
    for tab in ORDER:
        if tab in PER_CYCLE:
            yield from (NewTab(tab, names.title(tab, cycle)) for cycle in cycles)
        else:
            yield NewTab(tab, names.title(tab), drawings.get(tab))

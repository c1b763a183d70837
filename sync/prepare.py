"""``layout``: prepares an empty sheet, or adds what is missing to one that people already use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync.clock import check_served
from sync.engine import Engine, find_cycles
from sync.first_ledger import make_ledger
from sync.heads import guard_ids
from sync.sheet.dashboard import draw_empty_dashboard
from sync.sheet.guide import draw_guide
from sync.sheet.layout import LAYOUT_VERSION, MERGED, PER_CYCLE, Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, Head
from sync.sheet.ledger_tab import parse_ledger
from sync.sheet.ledger_text import render_entry, render_head
from sync.sheet.locate import find_columns, locate_tab
from sync.sheet.snapshot import SheetNames, find_renamed, make_titles
from sync.sheet.store import LedgerLine, RawSheet
from sync.sheet.store_error import LayoutError
from sync.sheet.wish import LayoutWish, Migration, NewTab, Prepared

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

SHARED = (*MERGED, Tab.STEPS, Tab.PEOPLE)
"""The tabs with columns that people may rename."""


def prepare_and_prove(engine: Engine) -> Prepared:
    """Prepare the sheet, then prove on it that two overlapping runs can't both write.

    Raises:
        SheetRefused: the service accepted a write that it has to refuse: runs would not be safe on this sheet.
    """
    prepared = prepare_sheet(engine)
    return replace(prepared, proofs=engine.store.prove_guard())


def prepare_sheet(
    engine: Engine, wanted: Mapping[Tab, frozenset[Field]] | None = None, *, repairs: bool = True
) -> Prepared:
    """Make what is missing; change nothing else. Safe to repeat.

    ``wanted`` are columns to be added where they are missing though people may do without them. Without ``repairs``
    columns that people deleted stay away: a run that makes a cycle's tabs is none of their asking.

    Raises:
        ClockWrong: whoever keeps the sheet has quite another time: these would be the tabs of another cycle.
    """
    config = engine.project.config
    today = engine.now().date()
    _, running = find_cycles(engine, today)
    raw, names = _read(engine, config.sheet.names, running)
    check_served(engine.now(), raw.clock_off if raw else None)
    title = raw.title if raw else "OKRs"
    found, entries = make_ledger(engine, raw, names, tuple(running))
    migration = _find_migration(raw, found, names)
    head = replace(found, layout=LAYOUT_VERSION, revision=found.revision + 1) if migration else found
    keys = sorted(entries)
    wish = LayoutWish(
        tabs=tuple(_make_tabs(names, tuple(running), title)),
        guard=guard_ids(head.epoch, head.revision),
        head=render_head(head),
        stale_days=config.stale_days,
        today=today,
        headers=remember_headers(raw, names) if raw else names.columns,
        wanted=wanted or {},
        repairs=repairs,
        lines=tuple(LedgerLine(HEAD_ROW + 1 + at, str(key), render_entry(entries[key])) for at, key in enumerate(keys)),
        migration=migration,
        words=config.scoring.status.labels,
    )
    return engine.store.prepare(wish)


def _read(engine: Engine, names: SheetNames, running: Iterable[str]) -> tuple[RawSheet | None, SheetNames]:
    """The sheet as it is, with the titles that people gave its tabs; ``None`` where there is no workbook yet."""
    titles = make_titles(names, running)
    try:
        raw = engine.store.fetch_sheet(*titles)
        renamed = find_renamed(raw, (*titles[0], *titles[1]))
        if not renamed:
            return raw, names
        names = replace(names, renamed=renamed)
        return engine.store.fetch_sheet(*make_titles(names, running)), names
    except LayoutError:
        return None, names


def remember_headers(raw: RawSheet, names: SheetNames) -> dict[Tab, Mapping[Field, str]]:
    """What each field's header is called: by the config, or by people, as the ledger remembers it.

    Else what people have renamed would be made a second time.
    """
    headers = {tab: dict(fields) for tab, fields in names.columns.items()}
    ledger_tab = raw.find_tab(Tab.LEDGER.value)
    if ledger_tab is None or not ledger_tab.cells:
        return {**headers}
    ledger, _ = parse_ledger(ledger_tab)
    for tab in SHARED:
        found = raw.find_tab(names.title(tab))
        if found is None or not found.cells:
            continue
        configured = names.columns.get(tab, {})
        remembered = ledger.head.columns.get(tab.value, {})
        view = locate_tab(tab, found, headers=configured, remembered=remembered, open_cycle="", entries=ledger.entries)
        known = find_columns(tab, found, view.header_row, configured, {})[0]
        texts = {field: found.cells[view.header_row][at].shown for field, at in view.columns.items()}
        called = {field: text for field, text in texts.items() if field not in known and field not in configured}
        if called:
            headers[tab] = {**called, **configured}
    return {**headers}


def _find_migration(raw: RawSheet | None, head: Head, names: SheetNames) -> Migration | None:
    """What an older layout has to be brought up from; ``None`` where it is up to date, or new."""
    if raw is None or head.layout >= LAYOUT_VERSION:
        return None
    ledger = raw.find_tab(names.title(Tab.LEDGER))
    text = str(ledger.cells[HEAD_ROW][TEXT_COLUMN].value) if ledger else ""
    return Migration(head.layout, text, tuple(tab.tab_id for title in names.guards if (tab := raw.find_tab(title))))


def _make_tabs(names: SheetNames, cycles: tuple[str, ...], title: str) -> Iterable[NewTab]:
    drawings = {Tab.DASHBOARD: draw_empty_dashboard(title), Tab.GUIDE: draw_guide()}
    for tab in ORDER:
        if tab in PER_CYCLE:
            yield from (NewTab(tab, names.title(tab, cycle)) for cycle in cycles)
        else:
            yield NewTab(tab, names.title(tab), drawings.get(tab))

"""``leave``: takes okr-sync out of a sheet again. Values stay where they are, in every tab that people see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sync.engine import Engine, find_cycles
from sync.row_plan import OUR_NOTES
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import DRAWN, MERGED, PER_CYCLE, TEAM_TABS, Tab
from sync.sheet.ledger_tab import find_moment
from sync.sheet.snapshot import SheetNames, find_renamed, make_titles
from sync.sheet.wish import LeaveWish, Removed

ENGINE_TABS = (*DRAWN, Tab.RUNS, Tab.HISTORY)
"""Tabs that okr-sync alone writes: they stay as plain values unless they are to go too."""

_HEADER_NOTES = frozenset(column.note for columns in COLUMNS.values() for column in columns if column.note)


def make_leave_wish(engine: Engine, *, with_tabs: bool) -> LeaveWish:
    """What is to be taken out of the sheet as it is now. Reads it; writes nothing.

    ``with_tabs`` takes the tabs along that okr-sync alone writes: Dashboard, History, Runs, Guide.
    """
    cycles, running = find_cycles(engine, engine.now().date())
    names = engine.project.config.sheet.names
    titles, heads = make_titles(names, running)
    raw = engine.store.fetch_sheet(titles, heads)
    renamed = find_renamed(raw, (*titles, *heads), names)
    names = replace(names, renamed=renamed)
    known = {*cycles, *running}
    engines = [names.title(tab) for tab in ENGINE_TABS if tab not in PER_CYCLE]
    engines += [names.title(Tab.HISTORY, cycle) for cycle in sorted(known)]
    people = [names.title(tab) for tab in (*MERGED, Tab.STEPS, Tab.PEOPLE)]
    people += [names.title(Tab.CHECK_INS, cycle) for cycle in sorted(known)]
    hidden = (names.title(Tab.LEDGER), *names.guards)
    there = set(engine.store.fetch_titles())
    own = frozenset(names.title(tab) for tab in TEAM_TABS)
    has_others = bool(names.team) and _has_others(there, names)
    if has_others:
        engines = [names.title(Tab.DASHBOARD)]
        people = [title for title in people if title in own]
    drop = tuple(title for title in ((*engines, *hidden) if with_tabs else hidden) if title in there)
    tables = tuple(title for title in (*people, *engines) if title not in drop)
    ledger = raw.find_tab(names.title(Tab.LEDGER))
    return LeaveWish(
        drop,
        tables,
        OUR_NOTES | _HEADER_NOTES,
        within=own if has_others else None,
        heartbeat=find_moment(ledger) if ledger else None,
    )


def _has_others(titles: Collection[str], names: SheetNames) -> bool:
    """Whether other teams keep tabs in this sheet: each has a ledger of its own."""
    hidden = {names.title(Tab.LEDGER), *names.guards}
    return any(title.startswith(Tab.LEDGER.value) for title in titles if title not in hidden)


def leave_sheet(engine: Engine, wish: LeaveWish) -> Removed:
    """Take it out, all or nothing."""
    return engine.store.leave(wish)

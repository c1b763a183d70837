"""Reads the sheet as a snapshot, for everybody who plans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sync.clock import check_served
from sync.collector import paused_collector
from sync.engine import Engine, find_cycles
from sync.sheet.layout import Tab
from sync.sheet.snapshot import SheetNames, Snapshot, find_renamed, make_snapshot, make_titles


def read_snapshot(engine: Engine, now: datetime, whole: tuple[Tab, ...] = ()) -> Snapshot:
    """The sheet as it is now. One call, unless a tab is missing or was renamed.

    ``whole`` are tabs that are read to their end although a run needs only their head.

    Raises:
        ClockWrong: whoever keeps the sheet has quite another time.
    """
    cycles, running = find_cycles(engine, now.date())
    names = engine.project.config.sheet.names
    titles, heads = _move(names, whole, running, *make_titles(names, running))
    raw = engine.store.fetch_sheet(titles, heads)
    renamed = find_renamed(raw, (*titles, *heads), names)
    if renamed:
        names = replace(names, renamed=renamed)
        raw = engine.store.fetch_sheet(*_move(names, whole, running, *make_titles(names, running)))
    check_served(engine.now(), raw.clock_off)
    with paused_collector():
        return make_snapshot(raw, names, cycles, tuple(running), engine.project.config.calendar)


def _move(
    names: SheetNames, whole: tuple[Tab, ...], cycles: Iterable[str], titles: tuple[str, ...], heads: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The titles, with these tabs (of every cycle) among those that are read to their end."""
    wanted = {names.title(tab, cycle) for tab in whole for cycle in ("", *cycles)}
    moved = tuple(title for title in heads if title in wanted)
    return (*titles, *moved), tuple(title for title in heads if title not in moved)

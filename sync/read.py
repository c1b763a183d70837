"""Reads the sheet as a snapshot, for everybody who plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sync.collector import paused_collector
from sync.engine import Engine, find_cycles
from sync.sheet.snapshot import Snapshot, find_renamed, make_snapshot, make_titles


def read_snapshot(engine: Engine, now: datetime) -> Snapshot:
    """The sheet as it is now. One call, unless a tab is missing or was renamed."""
    cycles, running = find_cycles(engine.project, now.date())
    names = engine.project.config.sheet.names
    titles, heads = make_titles(names, running)
    raw = engine.store.fetch_sheet(titles, heads)
    renamed = find_renamed(raw, (*titles, *heads))
    if renamed:
        names = replace(names, renamed=renamed)
        raw = engine.store.fetch_sheet(*make_titles(names, running))
    with paused_collector():
        return make_snapshot(raw, names, cycles, tuple(running))

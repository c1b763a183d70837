"""Whether somebody has ticked “Sync now” on the Dashboard, by the smallest read there is."""

from __future__ import annotations

from sync.engine import Engine
from sync.read import read_snapshot
from sync.sheet.layout import Tab
from sync.sheet.store_error import LayoutError
from sync.sheet.tick import is_ticked


def is_asked(engine: Engine) -> bool:
    """Read the first row of the Dashboard, and nothing else unless the tab was renamed. Nothing is written.

    Raises:
        LayoutError: the sheet has no Dashboard.
        OkrSyncError: it can't be read.
    """
    title = engine.project.config.sheet.names.title(Tab.DASHBOARD)
    board = engine.store.fetch_sheet((), (title,)).find_tab(title)
    if board is None:
        board = read_snapshot(engine, engine.now()).dashboard
    if board is None:
        raise LayoutError(f"there is no tab “{title}”, where “Sync now” stands.", fix="Run: okr-sync layout.")
    return is_ticked(board)

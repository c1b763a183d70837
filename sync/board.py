"""The Dashboard between two drawings: what the ledger remembers of it, and what people left on it since. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sync.sheet.dashboard import ENGINE_NOTE, draw_empty_dashboard
from sync.sheet.drift import Drift, find_drift, fingerprint
from sync.sheet.ledger import Head
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Drawing, RawTab

Drawings = Sequence[tuple[int, Drawing]]


def find_board(snapshot: Snapshot, drawings: Drawings) -> Drawing | None:
    """The drawing of the Dashboard among these."""
    tab = snapshot.dashboard
    return next((drawing for tab_id, drawing in drawings if tab is not None and tab_id == tab.tab_id), None)


def next_drawn(head: Head, snapshot: Snapshot, drawings: Drawings) -> str:
    """What the head keeps of the Dashboard once these are drawn."""
    board = find_board(snapshot, drawings)
    return head.drawn if board is None else fingerprint(board)


def first_drawn(board: RawTab | None, title: str) -> str:
    """What a new ledger knows of the Dashboard: what ``layout`` draws. A tab of people's own is theirs in every row;
    of one that an engine drew before the ledger was lost, nothing is known.
    """
    note = board.cells[0][0].note if board is not None and board.cells and board.cells[0] else None
    return "" if note and ENGINE_NOTE in note else fingerprint(draw_empty_dashboard(title))


def find_board_drift(snapshot: Snapshot) -> Drift:
    """What people left on the Dashboard. ``layout`` may have made it anew since the last run."""
    tab, known = snapshot.dashboard, snapshot.ledger.head.drawn
    if tab is None or not known:
        return ()
    return find_drift(tab, known + fingerprint(draw_empty_dashboard(snapshot.raw.title)))


def say_drift(snapshot: Snapshot, drawings: Drawings) -> tuple[str, ...]:
    """What these drawings would wipe from the Dashboard, as remarks for Runs: "Dashboard!A7: call Maya"."""
    if snapshot.dashboard is None or find_board(snapshot, drawings) is None:
        return ()
    return tuple(f"{snapshot.dashboard.title}!{address}: {text}" for address, text in find_board_drift(snapshot))

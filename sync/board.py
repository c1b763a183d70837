"""The Dashboard between two drawings: what the ledger remembers of it, and what people left on it since. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sync.plan import Plan
from sync.sheet.cell import Cell
from sync.sheet.dashboard import draw_empty_dashboard
from sync.sheet.dashboard_head import ENGINE_NOTE, TICK_COLUMN
from sync.sheet.drift import Drift, digest, find_drift, fingerprint, join_drift, shows
from sync.sheet.ledger import Head
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Batch, Drawing, RawTab, Spot
from sync.sheet.tick import find_tick

Drawings = Sequence[tuple[int, Drawing]]
Rows = Sequence[Sequence[Cell]]


FORGOTTEN = "?"
"""Remembered of a drawing whose hashes were lost: what people left on it can't be told from what was drawn."""


def find_board(snapshot: Snapshot, drawings: Drawings) -> Drawing | None:
    """The drawing of the Dashboard among these."""
    tab = snapshot.dashboard
    return next((drawing for tab_id, drawing in drawings if tab is not None and tab_id == tab.tab_id), None)


def next_drawn(head: Head, snapshot: Snapshot, drawings: Drawings) -> str:
    """What the head keeps of the Dashboard once these are drawn."""
    board = find_board(snapshot, drawings)
    return head.drawn if board is None else _remember(board)


def _remember(board: Drawing) -> str:
    """The hashes of the rows, and one of everything: by it the same drawing is known without comparing."""
    rows = fingerprint(board)
    return rows and digest(board) + rows


def stands_as(snapshot: Snapshot, drawing: Drawing) -> bool:
    """Whether the Dashboard already says and shows this, and so does each of our charts that people left there."""
    tab, known = snapshot.dashboard, snapshot.ledger.head.drawn
    if tab is None or not known.startswith(digest(drawing)) or not shows(tab, drawing):
        return False
    wanted = {chart.name: chart.told for chart in drawing.charts}
    return all(wanted.get(name, told) == told for name, told in tab.charts.items())


def first_drawn(board: RawTab | None, title: str) -> str:
    """What a new ledger knows of the Dashboard: what ``layout`` draws. A tab of people's own is theirs in every row;
    of one that an engine drew before the ledger was lost, nothing is known.
    """
    note = board.cells[0][0].note if board is not None and board.cells and board.cells[0] else None
    return FORGOTTEN if note and ENGINE_NOTE in note else fingerprint(draw_empty_dashboard(title))


def find_board_drift(snapshot: Snapshot, rows: Rows | None = None, drawn: str = "") -> Drift:
    """What people left on the Dashboard, in these rows or as it was read.

    ``layout`` may have made it anew since the last run. ``drawn`` is what else counts as the engine's.
    """
    tab, known = snapshot.dashboard, snapshot.ledger.head.drawn
    if tab is None or not known:
        return ()
    read = tab if rows is None else replace(tab, cells=rows)
    known = drawn if known == FORGOTTEN else known + drawn
    return find_drift(read, known + fingerprint(draw_empty_dashboard(snapshot.raw.title)))


def find_overdrawn(snapshot: Snapshot, drawn_over: Mapping[int, Rows]) -> tuple[str, ...]:
    """What people typed on the Dashboard between the read and the write that drew over it, as remarks for Runs."""
    tab = snapshot.dashboard
    rows = drawn_over.get(tab.tab_id) if tab is not None else None
    if tab is None or rows is None:
        return ()
    told = {text for _, text in find_board_drift(snapshot)}
    return tuple(
        f"{tab.title}!{address}: {text}" for address, text in find_board_drift(snapshot, rows) if text not in told
    )


def find_unticked(plan: Plan, drawings: Drawings) -> tuple[Spot, ...]:
    """The checkbox “Sync now” that this plan serves: where it stands, or where it is drawn."""
    board = plan.snapshot.dashboard
    if not plan.serves or board is None:
        return ()
    if find_board(plan.snapshot, drawings) is not None:
        return (Spot(board.tab_id, 0, TICK_COLUMN),)
    spot = find_tick(board)
    return (spot,) if spot is not None else ()


def find_drawn_over(before: Snapshot, batch: Batch, after: Snapshot) -> dict[int, Rows]:
    """What the receipt would have said of a batch whose answer was lost: in the last guard tab the rows of the
    Dashboard stand rightmost, as many columns as it had.
    """
    board, image = before.dashboard, after.raw.find_tab(after.names.guards[-1])
    if board is None or image is None or not any(tab_id == board.tab_id for tab_id, _ in batch.drawings):
        return {}
    first = image.column_count - board.column_count
    return {board.tab_id: [row[first:] for row in image.cells]} if first >= 0 else {}


def say_drift(snapshot: Snapshot, drawings: Drawings) -> tuple[str, ...]:
    """What these drawings would wipe from the Dashboard, as remarks for Runs: "Dashboard!A7: call Maya".

    After a lost memory it is whatever isn't drawn again, in one remark: people's texts, and old ones of the engine's.
    """
    board, tab = find_board(snapshot, drawings), snapshot.dashboard
    if tab is None or board is None:
        return ()
    is_forgotten = snapshot.ledger.head.drawn == FORGOTTEN
    drift = find_board_drift(snapshot, drawn=fingerprint(board) if is_forgotten else "")
    return tuple(f"{tab.title}!{address}: {text}" for address, text in (join_drift(drift) if is_forgotten else drift))

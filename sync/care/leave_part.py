"""``leave`` on a sheet that several configs keep: one of them goes, the others' memory stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sync.batches import tab_changes
from sync.care.leave import make_leave_wish
from sync.engine import Engine
from sync.guarded import make_guarded, read_mended, write_guarded
from sync.read import read_snapshot
from sync.row_plan import OUR_NOTES
from sync.run import ask_what
from sync.share import Share, check_share, make_share
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.layout import MERGED, Field
from sync.sheet.ledger import RowKey
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.locate import TabView
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import CellWrite, LedgerLine
from sync.sheet.store_error import LayoutError
from sync.sheet.wish import LeaveWish


@dataclass(frozen=True, slots=True)
class PartLeaving:
    """What one of several configs takes along: its rows' memory and its notes. ``others`` go on keeping the sheet."""

    name: str
    others: tuple[str, ...]
    rows: tuple[str, ...]
    notes: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether the sheet remembers nothing of this config."""
        return not self.rows and not self.notes


def find_leaving(engine: Engine, *, with_tabs: bool) -> LeaveWish | PartLeaving:
    """What is to be taken out: everything of ours, or of a shared sheet what is this config's. Writes nothing.

    Raises:
        ForeignConfigError: another config keeps the sheet.
    """
    try:
        snapshot = read_snapshot(engine, engine.now())
    except LayoutError:  # half of it is gone already: whatever there is goes
        return make_leave_wish(engine, with_tabs=with_tabs)
    share = _find_share(engine, snapshot)
    return _make_leaving(share, snapshot) if share.others else make_leave_wish(engine, with_tabs=with_tabs)


def leave_part(engine: Engine) -> PartLeaving:
    """Take it out: one guarded write. Every value stays in its cell.

    Raises:
        SheetBusy: somebody moved rows meanwhile. Nothing was lost; it may be repeated.
    """
    now = engine.now()
    snapshot = read_mended(engine, now)
    share = _find_share(engine, snapshot)
    leaving = _make_leaving(share, snapshot)
    cells = {view.tab: tuple(_note_writes(share, view)) for view in _views(snapshot)}
    changes = tuple(tab_changes(snapshot.views[tab], writes) for tab, writes in cells.items() if writes)
    remark = f"the config “{share.name}” left; {' and '.join(leaving.others)} go on"
    batch = make_guarded(engine, snapshot, changes, ("left", remark), now)
    assert batch.head is not None
    head = parse_head(batch.head)
    head = replace(head, parts={name: part for name, part in head.parts.items() if name != share.name})
    lines = tuple(LedgerLine(snapshot.ledger.lines[key], "", "") for key in _known(share, snapshot))
    write_guarded(engine, snapshot, replace(batch, head=render_head(head), ledger=lines))
    return leaving


def _find_share(engine: Engine, snapshot: Snapshot) -> Share:
    config, now = engine.project.config, engine.now()
    share = make_share(config.name, config.sheet.rows, snapshot.ledger.head, now)
    check_share(share, snapshot, ask_what(engine, snapshot, now).sources.keys())
    return share


def _make_leaving(share: Share, snapshot: Snapshot) -> PartLeaving:
    rows = sorted({key.id for key in _known(share, snapshot)})
    notes = sum(1 for view in _views(snapshot) for _ in _note_writes(share, view))
    return PartLeaving(share.name, tuple(sorted(share.others)), tuple(rows), notes)


def _known(share: Share, snapshot: Snapshot) -> Iterator[RowKey]:
    """The rows of this config that the ledger remembers."""
    return (key for key in snapshot.ledger.lines if share.owns(key.id))


def _views(snapshot: Snapshot) -> Iterator[TabView]:
    return (snapshot.views[tab] for tab in MERGED if tab in snapshot.views)


def _note_writes(share: Share, view: TabView) -> Iterator[CellWrite]:
    """Our notes on machine cells of its rows, taken away."""
    for row in view.rows:
        if share.owns(row.key.id):
            yield from (
                CellWrite(row.index, at, None, note="", note_only=True, field=field, row_id=row.key.id)
                for field, at in _machine_columns(view)
                if view.cell(row, field).note in OUR_NOTES
            )


def _machine_columns(view: TabView) -> Iterator[tuple[Field, int]]:
    return ((field, view.columns[field]) for field in MACHINE_FIELDS[view.tab] if field in view.columns)

"""``undo``: what a run changed and what of it can be put back, out of History."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from okr.problem import UnknownWord
from sync.engine import Engine
from sync.named_ids import Ids, check_named
from sync.plan_undo import Undone, Undones, say_changed
from sync.read import read_snapshot
from sync.sheet.history import HistoryLine, is_whole, parse_history
from sync.sheet.layout import SIGNIFICANT, Field, Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import RawTab

RUNS_SHOWN = 8
Cell = tuple[RowKey, Field]


@dataclass(frozen=True, slots=True)
class Left:
    """A cell that the run changed and that stays as it is now; why."""

    key: RowKey
    field: Field
    why: str


@dataclass(frozen=True, slots=True)
class Undoing:
    """A run's significant changes: those that can be put back, and those that are left. Cells in History's order."""

    run: str
    snapshot: Snapshot
    cells: Undones
    left: tuple[Left, ...]


def find_undoing(engine: Engine, run: str, only: frozenset[str] = frozenset()) -> Undoing:
    """What undoing a run means now. Reads the sheet and its History; writes nothing.

    ``only`` are the ids to undo; none means all.

    Raises:
        UnknownWord: no History line is of this run; says which runs there are. Or it changed nothing of an id.
    """
    snapshot = read_snapshot(engine, engine.now())
    names = snapshot.names
    titles = [names.title(Tab.HISTORY, cycle) for cycle in snapshot.history]
    raw = engine.store.fetch_sheet([*titles, names.title(Tab.RUNS)])
    lines = parse_history(raw, titles)
    if all(line.run != run for line in lines):
        _check_known(run, raw.find_tab(names.title(Tab.RUNS)))
        return Undoing(run, snapshot, {}, ())
    changed = frozenset(line.key.id for line in lines if line.run == run)
    check_named(only, Ids(changed), f"nothing that run {run} changed")
    return judge_run(snapshot, run, [line for line in lines if not only or line.key.id in only])


def _check_known(run: str, runs: RawTab | None) -> None:
    """A run that changed nothing significant is known too. Raises UnknownWord."""
    known = [[cell.shown for cell in row] for row in (runs.cells[1:] if runs else ()) if row and row[0].shown]
    if any(row[0] == run for row in known):
        return
    last = [f"  {row[0]}  {row[-1]}".rstrip() for row in known[-RUNS_SHOWN:][::-1]]
    fix = "The last runs:\n" + "\n".join(last) if last else "The tab Runs is empty: nothing has run yet."
    raise UnknownWord(f"No run is called “{run}”. Nothing was written.", fix=fix)


def judge_run(snapshot: Snapshot, run: str, lines: Iterable[HistoryLine]) -> Undoing:
    """Each cell that the run changed: to be put back, or left for a reason. Pure."""
    first: dict[Cell, HistoryLine] = {}
    last: dict[Cell, HistoryLine] = {}
    later: dict[Cell, HistoryLine] = {}
    for line in lines:
        cell = line.key, line.field
        if line.field not in SIGNIFICANT:
            continue
        if line.run == run and not line.is_persons:
            first.setdefault(cell, line)
            last[cell] = line
        elif cell in last:
            later[cell] = line
    cells, left = {}, []
    for cell in first:
        item = Undone(first[cell].old, last[cell].new, run)
        why = _say_left(snapshot, cell, item, later.get(cell))
        if why:
            left.append(Left(*cell, why))
        elif item.old != item.new:
            cells[cell] = item
    return Undoing(run, snapshot, cells, tuple(left))


def _say_left(snapshot: Snapshot, cell: Cell, item: Undone, later: HistoryLine | None) -> str:
    """Why a cell is left as it is; "" where it is put back."""
    if item.old is None:
        return "was empty before the run; an empty cell is okr-sync's to fill"
    if not is_whole(item.old):
        return f"held a formula or a long text before; put it back by hand: {str(item.old)[:60]}"
    key, field = cell
    view = snapshot.views.get(key.tab)
    row = next((row for row in view.rows if row.key == key.key), None) if view is not None else None
    if view is None or row is None:
        return "its row is gone"
    if row.key in view.duplicates:
        return "its id stands in more than one row"
    why = say_changed(view, row, snapshot.ledger.entries.get(key, NO_ENTRY), field, item)
    if why == "changed since" or (later is not None and not why):
        return f"changed since by {later.run if later is not None and not later.is_persons else 'a person'}"
    return why

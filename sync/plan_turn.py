"""The turn of a cycle in a plan: which rows it marks as that cycle's, and what the ledger's head remembers. Pure.

A closed cycle's rows are scored a last time. An empty Cycle cell among them gets the cycle's name: what belongs to
a cycle that is over has to say so, or the next one would take it for its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import CellWrite

TABS = (Tab.OBJECTIVES, Tab.KEY_RESULTS)
"""The tabs whose rows belong to cycles."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A cycle that is closed, its grades frozen in a tab with this title, its rows in another; or, without one,
    reopened.
    """

    cycle: str
    title: str = ""

    @property
    def closes(self) -> bool:
        """Whether it is closed."""
        return bool(self.title)

    @property
    def rows_title(self) -> str:
        """The title of the tab with its rows as they stood: "2026-Q3 rows"."""
        return f"{self.cycle} rows{self.title.removeprefix(f'{self.cycle} closed')}"


def next_closed(closed: Mapping[str, date], turn: Turn | None, today: date) -> dict[str, date]:
    """The closed cycles after a turn, each with its day."""
    if turn is None:
        return dict(closed)
    kept = {name: day for name, day in closed.items() if name != turn.cycle}
    return {**kept, turn.cycle: today} if turn.closes else kept


def find_unmarked(snapshot: Snapshot, cycle: str) -> Iterator[tuple[TabView, Row]]:
    """The rows that belong to a cycle though their Cycle cell is empty. Rows that share an id are none."""
    for tab in TABS:
        view = snapshot.views.get(tab)
        if view is None or Field.CYCLE not in view.columns:
            continue
        for row in view.rows:
            if row.key.cycle == cycle and row.key not in view.duplicates and view.cell(row, Field.CYCLE).value is None:
                yield view, row


def make_marks(found: Iterable[tuple[TabView, Row]]) -> dict[RowKey, CellWrite]:
    """The writes that put the cycle's name into these rows."""
    return {
        RowKey(view.tab, *row.key): CellWrite(
            row.index, view.columns[Field.CYCLE], row.key.cycle, field=Field.CYCLE, row_id=row.key.id
        )
        for view, row in found
    }

"""What a tab in memory has besides its cells: merges, hidden lines, a filter, a protection, paint; and how it moves
when people insert, delete and move rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sync.sheet.store import CellRange

Move = Callable[[int], int | None]
"""Where a row or column stands afterwards; ``None``: it is gone."""


def inserted(at: int) -> Move:
    return lambda line: line + (line >= at)


def deleted(at: int) -> Move:
    return lambda line: None if line == at else line - (line > at)


def placed(new: dict[int, int]) -> Move:
    return lambda line: new.get(line, line)


@dataclass(frozen=True)
class Shape:
    """``filtered`` are the rows that a filter hides; with ``skips`` a copy of the tab leaves them out, as one in a
    browser does (what a copy by the API does is documented nowhere). ``closed`` are the columns that somebody protects
    from the account, ``None`` for none, empty for the whole tab."""

    merges: tuple[CellRange, ...] = ()
    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    filtered: frozenset[int] = frozenset()
    skips: bool = False
    closed: frozenset[int] | None = None
    paint: frozenset[tuple[int, int]] = frozenset()

    def move_rows(self, move: Move) -> Shape:
        return replace(
            self,
            merges=tuple(_stretch(self.merges, move, lambda line: line)),
            rows=_moved(self.rows, move),
            filtered=_moved(self.filtered, move),
            paint=frozenset((to, column) for row, column in self.paint if (to := move(row)) is not None),
        )

    def move_columns(self, move: Move) -> Shape:
        return replace(
            self,
            merges=tuple(_stretch(self.merges, lambda line: line, move)),
            columns=_moved(self.columns, move),
            closed=self._move_closed(move),
            paint=frozenset((row, to) for row, column in self.paint if (to := move(column)) is not None),
        )

    def _move_closed(self, move: Move) -> frozenset[int] | None:
        """A protection goes with the last of its columns."""
        return _moved(self.closed, move) or None if self.closed else self.closed

    def is_closed(self, columns: Iterable[int]) -> bool:
        """Whether any of these columns is protected from the account."""
        return self.closed is not None and (not self.closed or not self.closed.isdisjoint(columns))


def _moved(lines: frozenset[int], move: Move) -> frozenset[int]:
    return frozenset(to for line in lines if (to := move(line)) is not None)


def _stretch(areas: Iterable[CellRange], rows: Move, columns: Move) -> Iterable[CellRange]:
    """Merges grow around what is inserted into them, shrink with what is deleted, and go when one cell is left."""
    for area in areas:
        down = [to for row in range(area.top, area.bottom + 1) if (to := rows(row)) is not None]
        across = [to for column in range(area.left, area.right + 1) if (to := columns(column)) is not None]
        if down and across and (max(down) - min(down), max(across) - min(across)) != (0, 0):
            yield CellRange(min(down), min(across), max(down), max(across))

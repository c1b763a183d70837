"""What a plan says of one row: the cells to write, what the ledger learns, what is shown and told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sync.sheet.cell import Canon
from sync.sheet.layout import Field
from sync.sheet.ledger import RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.merge import Verdict, Want
from sync.sheet.store import CellWrite

HOLD_NOTE = "okr-sync: typed over by a person and kept. Clear the cell to hand it back."
UNDO_NOTE = "okr-sync: an earlier value, put back by undo and kept. Clear the cell to hand it back."
OUR_NOTES = frozenset({HOLD_NOTE, UNDO_NOTE})


@dataclass(frozen=True, slots=True)
class Change:
    """One significant cell that changes, or that a person changed. Values are canonical."""

    key: RowKey
    name: str
    field: Field
    old: Canon
    new: Canon
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """One machine cell that holds a person's value; ``want`` is what the machine would write.

    ``why`` says where the value came from when nobody typed it.
    """

    key: RowKey
    field: Field
    value: Canon
    want: Want
    since: date
    is_new: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Takeover:
    """One machine cell with a value that the ledger knows nothing of; it waits until somebody accepts."""

    key: RowKey
    field: Field
    value: Canon
    want: Want
    place: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What a run does to one row. ``line`` is the new ledger line, ``None`` where it stays as it is.

    ``old_line`` is the ledger line before. ``history`` are values that would otherwise be lost or forgotten.
    """

    key: RowKey
    view: TabView
    row: Row
    cells: tuple[CellWrite, ...] = ()
    line: str | None = None
    old_line: str = ""
    changes: tuple[Change, ...] = ()
    holds: tuple[Held, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    history: tuple[Change, ...] = ()
    typed: Mapping[Field, tuple[Canon, Canon]] = field(default_factory=dict)

    @property
    def is_something(self) -> bool:
        """Whether there is anything to write, remember or show."""
        return bool(self.cells or self.line is not None or self.holds or self.takeovers)

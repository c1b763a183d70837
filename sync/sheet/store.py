"""The protocol of everything that can hold the sheet, and what it is asked to write.

What ``layout`` and ``leave`` ask stands in ``wish``, the errors in ``store_error``.

Two stores implement it: a Google spreadsheet and an .xlsx workbook. Both are all or nothing: after a failed or
lost ``apply_batch`` the sheet is as before or as after, never between. Rows and columns count from 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sync.sheet.cell import Cell, CellValue
from sync.sheet.chart import Chart, ChartName
from sync.sheet.layout import Field, Tab
from sync.sheet.style import Style

if TYPE_CHECKING:
    from sync.sheet.wish import LayoutWish, LeaveWish, Prepared, Removed


class CellRange(NamedTuple):
    """A rectangle within a tab: both ends of rows and columns are inclusive, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class RawTab:
    """One tab as a store read it.

    ``cells`` are rows from the first; rows and the tab's end may be cut short where nothing stands.
    ``row_count`` and ``column_count`` are the size of the grid (what may be written without adding rows).
    ``markers`` are the developer metadata of columns: column index → field name. ``used_rows`` is the number of
    rows up to the last one that holds anything. ``charts`` are those of ours that stand on the tab: their names and
    what each says it shows.
    """

    tab_id: int
    title: str
    hidden: bool = False
    cells: Sequence[Sequence[Cell]] = ()
    row_count: int = 0
    column_count: int = 0
    merges: tuple[CellRange, ...] = ()
    markers: Mapping[int, str] | None = None
    charts: Mapping[ChartName, str] = field(default_factory=dict)

    @property
    def used_rows(self) -> int:
        """How many rows there are up to the last that a store returned."""
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class RawSheet:
    """Everything one read gave. ``sheet_id`` is the spreadsheet's id or the workbook's resolved path.

    ``tabs`` holds the tabs that were asked for and exist. ``others`` are titles of tabs that were not read.
    ``other_ids`` are their ids, by which a tab that people renamed is known again; only where one was missing.
    ``clock_off`` is how far the clock of whoever keeps the sheet was ahead of ours; ``None`` where nobody says.
    """

    sheet_id: str
    title: str
    url: str
    tabs: tuple[RawTab, ...]
    others: tuple[str, ...] = ()
    locale: str = ""
    timezone: str = ""
    revision: str = ""  # a workbook's content hash; Google has none
    other_ids: Mapping[str, int] = field(default_factory=dict)
    clock_off: timedelta | None = field(default=None, compare=False)

    def find_tab(self, title: str) -> RawTab | None:
        """The tab with this title."""
        return next((tab for tab in self.tabs if tab.title == title), None)


class Spot(NamedTuple):
    """Where a cell stands: its tab, row and column, counted from 0."""

    tab_id: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One machine cell to write. ``None`` clears. ``is_percent`` sets the number format (``None``: leave it), which is
    ``code`` for a number that is no share (``number_format.plain_code``; ``None``: what suits the number alone).

    ``note`` is set only where the cell had no note of a person's; "" removes our own note.
    ``note_only`` leaves the cell's value alone: it is a person's.
    ``field`` and ``row_id`` are what the cell is known by, for the check after the write. ``formula`` is only for
    putting back what a person had: it is written as a formula instead of the value. ``link`` is where the text leads,
    "" takes one away; ``None``: no link of ours was ever here.
    """

    row: int
    column: int
    value: CellValue
    is_percent: bool | None = None
    note: str | None = None
    field: Field | None = None
    row_id: str = ""
    note_only: bool = False
    formula: str | None = None
    link: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawn cell of an engine-owned tab. ``span`` merges it with the cells to its right.

    ``formula`` is drawn instead of the value. ``is_passing``: it tells of the run that drew it, and doesn't make a
    drawing one that has something else to say. ``keeps``: the value is for an empty cell, another one stays.
    """

    value: CellValue
    style: Style = Style.TEXT
    span: int = 1
    note: str | None = None
    link: str | None = None
    formula: str | None = None
    is_passing: bool = False
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole tab that the machine draws anew: widths in pixels, rows of drawn cells (``None``: empty).

    ``charts`` of ours stand on it; those of people stay.
    """

    widths: tuple[int, ...]
    rows: tuple[tuple[Draw | None, ...], ...]
    heights: Mapping[int, int] | None = None
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class TabChanges:
    """What a batch does to one tab that people and machine share.

    ``id_column`` and ``header_row`` say where its keys and headers stood in the snapshot; ``used`` is the
    rectangle (rows, columns) that the pre-image has to cover.
    """

    tab: Tab
    tab_id: int
    id_column: int
    header_row: int
    used: tuple[int, int]
    cells: tuple[CellWrite, ...]


@dataclass(frozen=True, slots=True)
class Append:
    """Rows after the last row of a tab (History, Runs)."""

    tab_id: int
    rows: tuple[tuple[CellValue, ...], ...]


@dataclass(frozen=True, slots=True)
class AddedTab:
    """A tab that a batch adds behind all others, under an id of its own. Google takes the id, a workbook gives its own.

    ``title`` is one that no tab has.
    """

    tab_id: int
    title: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger tab: its row (counted from 0), its key, its JSON ("" for both clears the line)."""

    row: int
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class GuardSwap:
    """Compare and swap: the hidden tabs that must exist now, and the ids they get anew.

    ``old`` and ``new`` are tab ids in the order of ``layout.MERGED``. ``old`` is empty for the first write.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """All or nothing. ``head`` is the ledger's first line as JSON; ``None`` leaves it.

    ``heartbeat`` is aware. Every batch writes it twice into the ledger's first line: in column C as a serial number
    of its own wall time (for the sheet's formulas), in column D as ISO text with its offset (for us).
    A batch without ``guard`` holds a heartbeat and nothing else. ``record`` is ``record.render_record``'s, which goes
    into the first line from column E on; a store whose writes can't miss leaves it out. ``dropped`` are tabs that a
    batch before this one added, and that go again because it went astray. ``unticked`` are checkboxes that
    are set to FALSE once everything is drawn.
    """

    ledger_tab_id: int
    heartbeat: datetime
    head: str | None = None
    guard: GuardSwap | None = None
    changes: tuple[TabChanges, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    appends: tuple[Append, ...] = ()
    drawings: tuple[tuple[int, Drawing], ...] = ()
    added: tuple[AddedTab, ...] = ()
    dropped: tuple[AddedTab, ...] = ()
    unticked: tuple[Spot, ...] = ()
    sheet_revision: str = ""  # what RawSheet.revision said at the read: a workbook refuses if it differs
    record: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stood where the batch wrote, at the moment of writing.

    ``before`` maps a tab id to its pre-image: (row, column) → cell, at least for the header row, the id column
    and every written cell. ``None``: the store guarantees that nothing changed since the read.
    ``after`` maps a tab id to header row and id column as they stand in the tab itself after the write: they show
    whether the rows of the pre-image are the rows of the tab.
    ``drawn_over`` maps the id of a tab that was drawn anew to the rows that stood there at that moment.
    """

    before: Mapping[int, Mapping[tuple[int, int], Cell]] | None = None
    after: Mapping[int, Mapping[tuple[int, int], Cell]] | None = None
    drawn_over: Mapping[int, Sequence[Sequence[Cell]]] = field(default_factory=dict)


class Store(Protocol):
    """A sheet that can be read in one call and written in one."""

    @property
    def batch_bytes(self) -> int | None:
        """About how many bytes one batch may have at most; ``None``: no limit."""
        ...

    @property
    def account(self) -> str:
        """The account with which the sheet has to be shared; empty where there is none, or it isn't told."""
        ...

    @property
    def place(self) -> str:
        """Where the sheet is, for people: its URL or path."""
        ...

    def fetch_titles(self) -> tuple[str, ...]:
        """The titles of all tabs, in order.

        Raises SheetUnavailable, SheetRefused (LayoutError where there is no workbook).
        """
        ...

    def fetch_sheet(self, titles: Sequence[str], heads: Sequence[str] = ()) -> RawSheet:
        """Read these tabs whole, and of ``heads`` only the first row. Tabs that don't exist are left out.

        One call where all of them exist. Raises SheetUnavailable, SheetRefused, SheetInUse.
        """
        ...

    def apply_batch(self, batch: Batch) -> Receipt:
        """Write all of it or nothing, in one call.

        Raises SheetUnavailable, SheetRefused, SheetBusy, WriteUnconfirmed.
        """
        ...

    def prepare(self, wish: LayoutWish) -> Prepared:
        """Make what is missing of the layout and change nothing else. All or nothing, like a batch."""
        ...

    def leave(self, wish: LeaveWish) -> Removed:
        """Take out what is ours and change nothing else: all or nothing, like a batch. Values stay in their cells.

        Raises SheetUnavailable, SheetRefused, SheetBusy, WriteUnconfirmed.
        """
        ...

    def prove_guard(self) -> tuple[str, ...]:
        """Show on this very sheet that two overlapping runs can't both write; says what was proven, in words.

        Changes nothing. Empty where there is nothing to prove: a store that looks before each write by itself.
        Raises SheetRefused where they can, SheetUnavailable and WriteUnconfirmed where it can't be told now.
        """
        ...

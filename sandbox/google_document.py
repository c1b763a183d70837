"""A spreadsheet's state: tabs with their cells, and everything that hangs on them. No HTTP and no JSON answers."""

from __future__ import annotations

import copy
import random
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google_calculator import Calculator
from sandbox.google_cell import EMPTY, Cell
from sandbox.google_error import denied, invalid
from sandbox.google_range import Area
from sandbox.google_schema import Json

MOST_CELLS = 10_000_000
ROWS, COLUMNS = "ROWS", "COLUMNS"
LISTS = ("protectedRanges", "conditionalFormats", "bandedRanges", "charts")


class Tab:
    """One tab: a grid of ragged rows, and its furniture as Google's JSON."""

    def __init__(self, number: int, title: str, rows: int = 1000, columns: int = 26) -> None:
        self.id = number
        self.title = title
        self.properties: Json = {}
        self.grid: Json = {"rowCount": rows, "columnCount": columns}
        self.rows: list[list[Cell]] = []
        self.lines: dict[str, dict[int, Json]] = {ROWS: {}, COLUMNS: {}}
        self.groups: dict[str, list[Json]] = {ROWS: [], COLUMNS: []}
        self.merges: list[Area] = []
        self.lists: dict[str, list[Json]] = {name: [] for name in LISTS}
        self.filter: Json | None = None

    @property
    def row_count(self) -> int:
        """Rows of the grid."""
        return int(self.grid["rowCount"])

    @property
    def column_count(self) -> int:
        """Columns of the grid."""
        return int(self.grid["columnCount"])

    @property
    def hidden(self) -> bool:
        """Whether people don't see the tab."""
        return bool(self.properties.get("hidden"))

    def count(self, dimension: str) -> int:
        """Rows or columns of the grid."""
        return self.row_count if dimension == ROWS else self.column_count

    def whole(self) -> Area:
        """Return the whole grid."""
        return Area(self.id, 0, 0, self.row_count, self.column_count)

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell; an empty one where nothing is."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return EMPTY

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Replace a cell."""
        if row >= len(self.rows):
            if cell is EMPTY:
                return
            self.rows.extend([] for _ in range(row + 1 - len(self.rows)))
        line = self.rows[row]
        if column >= len(line):
            if cell is EMPTY:
                return
            line.extend([EMPTY] * (column + 1 - len(line)))
        line[column] = cell

    def used(self, counts: Callable[[Cell], bool] = lambda cell: cell != EMPTY) -> tuple[int, int]:
        """Return how many rows and columns it takes to hold every cell that counts."""
        bottom = right = 0
        for row, line in enumerate(self.rows):
            for column in range(len(line) - 1, -1, -1):
                if line[column] is not EMPTY and counts(line[column]):
                    bottom, right = row + 1, max(right, column + 1)
                    break
        return bottom, right

    def copy(self) -> Tab:
        """Return an independent copy; cells are shared, because they never change."""
        twin = Tab(self.id, self.title)
        twin.rows = [list(line) for line in self.rows]
        for name in ("properties", "grid", "lines", "groups", "lists", "filter"):
            setattr(twin, name, copy.deepcopy(getattr(self, name)))
        twin.merges = list(self.merges)
        return twin


class Document:
    """One spreadsheet. ``access`` maps e-mail addresses, domains and "anyone" to "owner", "writer" or "reader".

    ``kinds`` says which of them are groups or domains.
    """

    def __init__(
        self,
        title: str,
        *,
        locale: str = "en_GB",
        timezone: str = "Europe/Berlin",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
    ) -> None:
        self._random = random.Random(f"{title}/{seed}")  # noqa: S311 - ids, not secrets
        letters = string.ascii_letters + string.digits + "-_"
        self.id = "1" + "".join(self._random.choices(letters, k=43))
        self.title = title
        self.locale = locale
        self.timezone = timezone
        self.properties: Json = {}
        self.tabs: list[Tab] = [Tab(0, "Sheet1")]
        self.named: dict[str, Json] = {}
        self.metadata: dict[int, Json] = {}
        self.access: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.clock = now
        self.created = self.modified = now()
        self.version = 1
        self._calculator: Calculator | None = None
        self._pinned = False

    def new_id(self) -> int:
        """Return an id that no tab, range, chart or metadata of this document has."""
        while True:
            number = self._random.randrange(10**8, 2**31 - 1)
            if number not in self.metadata and all(tab.id != number for tab in self.tabs):
                return number

    def tab(self, number: int, what: str = "grid") -> Tab:
        """Return a tab by its id. Raises ApiError when there is none."""
        for tab in self.tabs:
            if tab.id == number:
                return tab
        raise invalid(f"No {what} with id: {number}")

    def titled(self, title: str) -> Tab | None:
        """Find a tab by its title, without case."""
        return next((tab for tab in self.tabs if tab.title.lower() == title.lower()), None)

    def admits(self, email: str) -> bool:
        """Tell whether an account may see the spreadsheet at all."""
        return bool({email, email.rpartition("@")[2], "anyone"} & self.access.keys())

    def role(self, email: str) -> str:
        """Return what an account may do here. Raises ApiError when it may do nothing."""
        role = self.access.get(email) or self.access.get(email.rpartition("@")[2]) or self.access.get("anyone")
        if role is None:
            raise denied()
        return role

    def share(self, *emails: str, role: str = "writer") -> None:
        """Let accounts in, as "reader" or "writer"; ``anyone`` is everybody."""
        for email in emails:
            self.access[email] = role

    def now(self) -> datetime:
        """Return the moment in the spreadsheet's zone."""
        return self.clock().astimezone(ZoneInfo(self.timezone))

    def calculator(self) -> Calculator:
        """Return what computes this document's values as it is now."""
        if self._pinned and self._calculator is not None:
            return self._calculator
        now = self.now()
        if self._calculator is None or self._calculator.today() != now.date():
            self._calculator = Calculator(self, now)
        return self._calculator

    def forget(self) -> None:
        """Forget what was computed, within a change that isn't finished."""
        self._calculator = None

    @contextmanager
    def seen_on(self, today: date) -> Iterator[None]:
        """Compute for another day than the clock's, for as long as it takes to look."""
        moment = self.now()
        midnight = datetime(today.year, today.month, today.day, tzinfo=moment.tzinfo)
        self._calculator, self._pinned = Calculator(self, midnight), True
        try:
            yield
        finally:
            self._calculator, self._pinned = None, False

    def touched(self) -> None:
        """Forget what was computed; the time and version of the last change move on."""
        self._calculator = None
        self.modified = self.clock()
        self.version += 1

    def check_size(self) -> None:
        """Refuse more cells than a spreadsheet takes."""
        if sum(tab.row_count * tab.column_count for tab in self.tabs) > MOST_CELLS:
            raise invalid(
                f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
            )

    def save(self) -> dict[str, Any]:
        """Return the state as it is, to go back to."""
        return {
            "title": self.title,
            "locale": self.locale,
            "timezone": self.timezone,
            "properties": copy.deepcopy(self.properties),
            "tabs": [tab.copy() for tab in self.tabs],
            "named": copy.deepcopy(self.named),
            "metadata": copy.deepcopy(self.metadata),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        for name, value in state.items():
            setattr(self, name, value)
        self._calculator = None

    def cells(self) -> Iterator[tuple[Tab, int, int, Cell]]:
        """Yield every cell that holds something."""
        for tab in self.tabs:
            for row, line in enumerate(tab.rows):
                for column, cell in enumerate(line):
                    if cell is not EMPTY:
                        yield tab, row, column, cell

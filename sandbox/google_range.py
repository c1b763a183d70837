"""Places in a spreadsheet: rectangles, A1 notation, and how both move when rows and columns come and go."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

Json = dict[str, Any]
CORNER = re.compile(r"^\$?([A-Za-z]{0,3})\$?([0-9]*)$")
PLAIN_TITLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
LOOKS_LIKE_A1 = re.compile(r"^([A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*)$")
EDGE = 10**9


class Area(NamedTuple):
    """A rectangle of a tab, half open; ``EDGE`` is an end left open."""

    tab: int
    top: int
    left: int
    bottom: int
    right: int

    def clipped(self, rows: int, columns: int) -> Area:
        """Cut the area to a grid of this size."""
        return Area(self.tab, self.top, self.left, min(self.bottom, rows), min(self.right, columns))

    def meets(self, other: Area) -> bool:
        """Tell whether the two share a cell."""
        return (
            self.tab == other.tab
            and self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def holds(self, row: int, column: int) -> bool:
        """Tell whether the cell lies in it."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def covers(self, other: Area) -> bool:
        """Tell whether ``other`` lies in it wholly."""
        return self.holds(other.top, other.left) and other.bottom <= self.bottom and other.right <= self.right


def read_area(grid_range: Json) -> Area:
    """Read Google's GridRange; a missing bound is open."""
    return Area(
        grid_range.get("sheetId", 0),
        grid_range.get("startRowIndex", 0),
        grid_range.get("startColumnIndex", 0),
        grid_range.get("endRowIndex", EDGE),
        grid_range.get("endColumnIndex", EDGE),
    )


def write_area(area: Area) -> Json:
    """Write a GridRange. The first tab's id 0 is left out, as Google does; open ends too."""
    result: Json = {"sheetId": area.tab} if area.tab else {}
    if area.bottom < EDGE or area.top:
        result |= {"startRowIndex": area.top}
        result |= {"endRowIndex": area.bottom} if area.bottom < EDGE else {}
    if area.right < EDGE or area.left:
        result |= {"startColumnIndex": area.left}
        result |= {"endColumnIndex": area.right} if area.right < EDGE else {}
    return result


def letters(column: int) -> str:
    """Name a column: 0 is A, 26 is AA."""
    name, column = "", column + 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name


def column_of(name: str) -> int:
    """Number a column: A is 0."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """Write a tab's title as Google does before an ``!``: in quotes unless it is a plain word."""
    if PLAIN_TITLE.match(title) and not LOOKS_LIKE_A1.match(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def split_title(text: str) -> tuple[str | None, str]:
    """Split ``'My tab'!A1`` into the title and the rest; a title alone is not told from a range here."""
    if text.startswith("'"):
        match = re.match(r"^'((?:[^']|'')*)'(?:!(.*))?$", text, re.DOTALL)
        if match:
            return match[1].replace("''", "'"), match[2] or ""
    title, bang, rest = text.rpartition("!")
    return (title, rest) if bang else (None, text)


def parse_box(text: str) -> tuple[int, int, int, int] | None:
    """Parse ``A1``, ``A1:B2``, ``A:B``, ``1:2``, ``A3:B`` into (top, left, bottom, right), or None."""
    first, colon, last = text.partition(":")
    one, two = CORNER.match(first), CORNER.match(last)
    if not one or not two or not (one[1] or one[2]) or (colon and not (two[1] or two[2])):
        return None
    if not colon:
        if not (one[1] and one[2]):
            return None
        two = one
    if (one[2] and int(one[2]) == 0) or (two[2] and int(two[2]) == 0):
        return None
    rows = sorted((int(one[2]) if one[2] else 1, int(two[2]) if two[2] else EDGE))
    columns = sorted((column_of(one[1]) if one[1] else 0, column_of(two[1]) if two[1] else EDGE - 1))
    return rows[0] - 1, columns[0], rows[1], columns[1] + 1


def render_box(area: Area) -> str:
    """Write an area's cells in A1 notation; open ends as ``A3:B`` or ``A1:2``."""
    first = f"{letters(area.left)}{area.top + 1}"
    last_column = letters(area.right - 1) if area.right < EDGE else ""
    last_row = str(area.bottom) if area.bottom < EDGE else ""
    last = last_column + last_row
    return first if last == first or not last else f"{first}:{last}"


class Shift(NamedTuple):
    """Rows or columns that were inserted before ``start``, deleted from it, or moved from it to ``to``."""

    tab: int
    dimension: str
    kind: str
    start: int
    size: int
    to: int = 0

    def place(self, at: int) -> int | None:
        """Return where row or column ``at`` is now; None when it was deleted."""
        end = self.start + self.size
        if self.kind == "insert":
            return at + self.size if at >= self.start else at
        if self.kind == "delete":
            return None if self.start <= at < end else at - self.size if at >= end else at
        if self.start <= at < end:
            return at - self.start + (self.to if self.to <= self.start else self.to - self.size)
        if self.to <= at < self.start:
            return at + self.size
        return at - self.size if end <= at < self.to else at

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return a half-open span as it is now: it grows with what came inside; None when nothing is left."""
        if self.kind == "insert":
            grown = end + self.size if end > self.start and end < EDGE else end
            return (start + self.size if start >= self.start else start), grown
        if self.kind == "delete":
            stop = self.start + self.size
            kept = [at - self.size if at >= stop else min(at, self.start) for at in (start, end)]
            kept[1] = end if end >= EDGE else kept[1]
            return (kept[0], kept[1]) if kept[0] < kept[1] else None
        return self._moved(start, end)

    def _moved(self, start: int, end: int) -> tuple[int, int]:
        if end >= EDGE:
            return start, end
        now = sorted(at for at in map(self.place, range(start, end)) if at is not None)
        whole = now and now[-1] - now[0] + 1 == len(now)
        return (now[0], now[-1] + 1) if whole else (start, end)

    def area(self, area: Area) -> Area | None:
        """Return the area as it is now."""
        if area.tab != self.tab:
            return area
        if self.dimension == "ROWS":
            rows = self.span(area.top, area.bottom)
            return area._replace(top=rows[0], bottom=rows[1]) if rows else None
        columns = self.span(area.left, area.right)
        return area._replace(left=columns[0], right=columns[1]) if columns else None

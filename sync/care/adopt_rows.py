"""What each row of an OKR table is: a key result, the objective above some, a total, a note. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync.care.adopt_prose import read_prose
from sync.care.adopt_table import Table, cell_text
from sync.care.adopt_words import TOTALS, fold, plain
from sync.sheet.cell import Address
from sync.sheet.layout import Field

_OBJECTIVE = re.compile(
    r"(?:(?P<id>o\s?-?\d+(?:\.\d+)*)|(?:objective|objektiv|ziel|objectif|objetivo|goal)s?\b\s*(?P<number>\d+)?)"
    r"\s*[:.)\-\u2013\u2014]?\s*(?P<name>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TITLED = re.compile(r"o\s?-?\d+\b|(?:objective|objektiv|ziel|objectif|objetivo|goal)s?\s*(?:\d|:)", re.IGNORECASE)
_KEY_RESULT = re.compile(r"(?P<id>kr\s?-?\d+(?:\.\d+)*|\d+\.\d+)\s*[:.)\-\u2013\u2014]?\s+(?P<name>.+)", re.IGNORECASE)
_ID = re.compile(r"o-?\d+(?:\.\d+)*", re.IGNORECASE)
_NUMBERS = (Field.TARGET, Field.CURRENT, Field.BASELINE)


@dataclass(slots=True)
class ObjectiveRow:
    """An objective: its text without its number, the number it has there ("O1"), and the row in which it is first."""

    name: str
    own_id: str
    row: int
    team: str = ""


@dataclass(frozen=True, slots=True)
class KeyResultRow:
    """A key result's row. ``own_id`` is the number that stands in its text ("KR1.1")."""

    row: int
    name: str
    own_id: str
    objective: ObjectiveRow | None
    team: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that holds something and is no key result."""

    row: int
    text: str
    why: str


@dataclass(slots=True)
class Rows:
    """All rows of a table, in order. ``headings`` are the rows that only name an objective."""

    key_results: list[KeyResultRow] = field(default_factory=list)
    objectives: list[ObjectiveRow] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    headings: set[int] = field(default_factory=set)


def read_rows(table: Table) -> Rows:
    """What every row below the headers is."""
    reader = _Reader(table)
    reader.look_above()
    for row in range(table.header_row + 1, len(table.raw.cells)):
        reader.read(row)
    reader.close()
    return reader.rows


class _Reader:
    """Goes down a table; knows the objective and the team that hold for the row it is at."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows = Rows()
        self._objective: ObjectiveRow | None = None
        self._waiting: ObjectiveRow | None = None  # a heading whose key results have not come yet
        self._loose: list[ObjectiveRow] = []  # objectives apart from the rest, which may be titles or notes
        self._team = ""
        self._is_apart = False  # whether the row before was empty
        self._own_objectives = Field.OBJECTIVE in table.columns

    def read(self, row: int) -> None:
        """One more row."""
        texts = [text for at in self._theirs() if (text := cell_text(self.table.at(row, at)))]
        if not texts:
            self._is_apart = True
            return
        self._read(row, texts)
        self._is_apart = False

    def _read(self, row: int, texts: list[str]) -> None:
        table = self.table
        self._team = cell_text(table.cell(row, Field.TEAM)) or self._team
        name = cell_text(table.cell(row, Field.KEY_RESULT))
        if fold(texts[0]) in TOTALS or plain(name) in TOTALS:
            self._skip(row, texts[0], "a total")
        elif name and name == " ".join(table.headers[table.columns[Field.KEY_RESULT]].split()):
            self._drop_loose("a title above the headers")
            self._skip(row, name, "the headers again")
        elif self._own_objectives:
            self._read_beside(row, name, texts[0])
        else:
            self._read_below(row, name, texts)

    def look_above(self) -> None:
        """An objective may stand above the very headers of its key results."""
        for row in range(self.table.header_row - 1, -1, -1):
            texts = [text for at in self._theirs() if (text := cell_text(self.table.at(row, at)))]
            if texts:
                if _TITLED.match(texts[0]) and not self._own_objectives:
                    self._waiting = self._make(row, texts[0])
                return

    def close(self) -> None:
        """A heading that no key result followed is a note below the table."""
        self._drop_waiting()
        self._drop_loose("a note apart from the table")
        self.rows.skipped.sort(key=lambda each: each.row)

    def _theirs(self) -> range:
        return range(len(self.table.headers))

    def _read_beside(self, row: int, name: str, first: str) -> None:
        """Objectives have a column: merged down, written once, or repeated in every row."""
        text = cell_text(self.table.cell(row, Field.OBJECTIVE))
        if text and (name or self._spans(row) or self._is_empty_of_numbers(row)):
            made = self._enter(row, text)
            if not name:
                self.rows.headings.add(row)
                self._loosen(row, made)
        if name and not text and self._is_apart and first == name and self._is_bare(row) and not read_prose(name):
            self._skip(row, name, "a note apart from the table")
        elif name:
            self._add(row, name)
        elif not text:
            self._skip(row, first, "no key result stands in it")

    def _is_bare(self, row: int) -> bool:
        """Whether a single cell is filled."""
        return sum(bool(cell_text(self.table.at(row, at))) for at in self._theirs()) == 1

    def _read_below(self, row: int, name: str, texts: list[str]) -> None:
        """Objectives stand in rows between their key results'."""
        text = name or texts[0]
        if self._is_heading(row, name, texts):
            made = self._make(row, self._heading_text(texts))
            if self._waiting is not None and self._waiting.own_id and not made.own_id:
                self._skip(row, text, "a text below an objective")
                return
            self._drop_waiting()
            self._waiting = made
        elif name:
            if self._waiting is not None:
                self.rows.objectives.append(self._waiting)
                self.rows.headings.add(self._waiting.row)
                self._objective, self._waiting = self._waiting, None
            self._add(row, name)
        else:
            self._skip(row, text, "no key result stands in it")

    def _is_heading(self, row: int, name: str, texts: list[str]) -> bool:
        own_id = cell_text(self.table.cell(row, Field.KR_ID))
        if not self._is_empty_of_numbers(row):
            return bool(_ID.fullmatch(own_id))
        if _KEY_RESULT.match(name) or (name and read_prose(name)):
            return False
        is_titled = bool(_TITLED.match(texts[0])) or bool(_ID.fullmatch(own_id))
        return is_titled or self._spans(row) or len(texts) == 1 or not name

    def _heading_text(self, texts: list[str]) -> str:
        if len(texts) > 1 and _ID.fullmatch(texts[0]):
            return f"{texts[0]}: {texts[1]}"
        titled = next((text for text in texts if _TITLED.match(text)), None)
        return titled if titled and len(titled) > 3 else max(texts[:3], key=len)

    def _is_empty_of_numbers(self, row: int) -> bool:
        return not any(cell_text(self.table.cell(row, number)) for number in _NUMBERS)

    def _spans(self, row: int) -> bool:
        """Whether a merge begins in this row and takes in at least two columns of the table."""
        width = len(self.table.headers)
        return any(
            area.top == row
            and area.right > area.left
            and area.left < width
            and cell_text(self.table.at(row, area.left))
            for area in self.table.raw.merges
        )

    def _loosen(self, row: int, made: ObjectiveRow) -> None:
        """Remembers a lone text after an empty row: whether it is an objective shows when key results follow."""
        if (self._is_apart or self._loose) and made.row == row and not made.own_id and self._is_bare(row):
            self._loose.append(made)

    def _drop_loose(self, why: str) -> None:
        for each in self._loose:
            self.rows.objectives.remove(each)
            self.rows.headings.discard(each.row)
            self._skip(each.row, each.name, why)
        if self._loose:
            self._objective = None
        self._loose = []

    def _enter(self, row: int, text: str) -> ObjectiveRow:
        made = self._make(row, text)
        known = next((each for each in self.rows.objectives if _is_same(each, made)), None)
        if known is None:
            self.rows.objectives.append(made)
        self._objective = known or made
        return self._objective

    def _make(self, row: int, text: str) -> ObjectiveRow:
        found = _OBJECTIVE.fullmatch(text)
        own_id = found["id"] or (f"O{found['number']}" if found["number"] else "") if found else ""
        name = found["name"] if found and found["name"] and own_id else text
        return ObjectiveRow(name, own_id.replace(" ", "").upper(), row, self._team)

    def _add(self, row: int, text: str) -> None:
        self._loose = []
        found = _KEY_RESULT.fullmatch(text)
        own_id = found["id"].replace(" ", "").upper() if found else ""
        name = found["name"] if found else text
        self.rows.key_results.append(KeyResultRow(row, name, own_id, self._objective, self._team))

    def _drop_waiting(self) -> None:
        if self._waiting is not None:
            self._skip(self._waiting.row, self._waiting.name, "a text with no key results below it")
            self._waiting = None

    def _skip(self, row: int, text: str, why: str) -> None:
        self.rows.skipped.append(Skipped(row, text, why))


def _is_same(one: ObjectiveRow, other: ObjectiveRow) -> bool:
    """Whether two texts name one objective; two numbers of theirs are two, however alike their names are."""
    return plain(one.name) == plain(other.name) and ("" in (one.own_id, other.own_id) or one.own_id == other.own_id)


def say_rows(rows: list[int]) -> str:
    """Rows as people count them: "5-8, 11"."""
    return ", ".join(f"{first + 1}-{last + 1}" if last > first else str(first + 1) for first, last in _stretches(rows))


def _stretches(rows: list[int]) -> Iterator[tuple[int, int]]:
    first = last = -2
    for row in [*sorted(rows), -2]:
        if row != last + 1:
            if first >= 0:
                yield first, last
            first = row
        last = row


def address(row: int, column: int) -> str:
    """A cell's address as people say it."""
    return str(Address(row, column))

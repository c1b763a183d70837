"""Decides for each of our columns: one of theirs, a new one at the right edge, or none; with the reason. Pure.

A machine column becomes one of theirs only where its values are of our kind, no formula of theirs would be lost and no
merge is in the way. Everywhere else ours stands beside theirs under a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from okr.model import Status
from sync.care.adopt_model import Choice, Trust
from sync.care.adopt_rows import Rows
from sync.care.adopt_table import Table, cell_text
from sync.care.adopt_words import quarter_of
from sync.sheet.cell import Cell, Form, column_letters, is_formula, parse_date
from sync.sheet.columns_key_results import KEY_RESULT_COLUMNS
from sync.sheet.layout import Column, Field, Role, Tab
from sync.sheet.locate import find_columns
from sync.sheet.row_reader import cell_number

MOST = 0.8
"""The share of a column's filled cells that have to be readable for it to be used."""

_CYCLE = re.compile(r"\d{4}(?:-(?:Q[1-4]|H[12]|\w+))?")


NOTHING: Mapping[Field, str] = {}


class Chooser:
    """Makes the choices for one table."""

    def __init__(
        self, table: Table, rows: Rows, offered: frozenset[Field], configured: Mapping[Field, str] = NOTHING
    ) -> None:
        self.table = table
        self.configured = configured
        self.offered = offered  # the fields for which values were read out of text
        self.lines = [each.row for each in rows.key_results]
        self.rows = rows
        self._headers = {_folded(text) for text in (*table.headers, *table.joints) if text}
        self._clashes = find_columns(Tab.KEY_RESULTS, table.raw, table.header_row, {}, {})[0]

    def choose(self) -> tuple[Choice, ...]:
        """Everything that has to be said of our columns, in their order."""
        found = (self._choose(column) for column in KEY_RESULT_COLUMNS)
        return tuple(choice for choice in found if choice is not None)

    def _choose(self, column: Column) -> Choice | None:
        if (header := self.configured.get(column.field)) is not None:
            return self._settled(column, header)
        at = self.table.columns.get(column.field)
        if at is None:
            clash = self._clashes.get(column.field)
            at = clash if clash is not None and clash not in self.table.columns.values() else None
        refusal = self._refuse(column, at) if at is not None else ""
        if at is not None and not refusal:
            return self._theirs(column, at)
        return self._ours(column, at, refusal)

    def _settled(self, column: Column, header: str) -> Choice:
        """As the config says; a header that the tab doesn't have is that of a column to come."""
        at = self.table.columns.get(column.field) if header else None
        if at is not None and _folded(header) not in (_folded(self.table.headers[at]), _folded(self._joint(at))):
            at = None
        is_optional = column.role is Role.PERSON and not column.required and bool(header)
        return Choice(column.field, header, at, "as your config says", is_optional=is_optional)

    # Theirs

    def _theirs(self, column: Column, at: int) -> Choice | None:
        header = self._name(at)
        reason = self._reason(column, at)
        is_same = _folded(header) == _folded(column.header)
        return Choice(column.field, header, at, reason, self._trust(column, at), is_written=not is_same)

    def _reason(self, column: Column, at: int) -> str:
        letters, filled = column_letters(at), self._filled(at)
        examples = ", ".join(f"“{_short(cell)}”" for cell in filled[:2])
        text = f"column {letters}" + (f", such as {examples}" if examples else ", empty so far")
        if quarter := quarter_of(self.table.headers[at]) or quarter_of(self._joint(at)):
            text += f"; Q{quarter} of several quarters" if self._is_one_of_many(at) else ""
        if column.role is Role.MACHINE and filled:
            text += "; what stands there is kept until you accept okr-sync's values"
        return text

    def _is_one_of_many(self, at: int) -> bool:
        quarters = {quarter_of(text) for text in (*self.table.headers, *self.table.joints)} - {None}
        return len(quarters) > 1

    def _trust(self, column: Column, at: int) -> Trust:
        words = {_folded(column.header), *map(_folded, column.aliases)}
        is_known = _folded(self.table.headers[at]) in words
        return Trust.SURE if is_known and self._filled(at) else Trust.LIKELY

    def _name(self, at: int) -> str:
        """What the config calls a column of theirs: its header, with the line above where others are headed alike."""
        own = " ".join(self.table.headers[at].split())
        alike = [other for other, text in enumerate(self.table.headers) if _folded(text) == _folded(own)]
        return self._joint(at) if len(alike) > 1 and alike[0] != at and self._joint(at) else own

    def _joint(self, at: int) -> str:
        return " ".join(self.table.joints[at].split()) if at < len(self.table.joints) else ""

    # Why not theirs

    def _refuse(self, column: Column, at: int) -> str:
        letters = column_letters(at)
        if self._is_hidden_behind(at):
            return f"column {letters} is headed like another one to its left"
        if column.field is Field.KR_ID:
            return self._refuse_ids(at)
        if column.field is Field.KEY_RESULT:
            return ""
        if column.field is Field.TARGET and self._fraction(at, _is_number) < MOST:
            return f"column {letters} holds text that is no number alone, such as “{self._first_unreadable(at)}”"
        if column.role is not Role.PERSON:
            return self._refuse_machine(column, at)
        unreadable = self._fraction(at, _reader(column)) < MOST
        return self._say_unread(column, at) if unreadable else ""

    def _say_unread(self, column: Column, at: int) -> str:
        letters, reads = column_letters(at), _reader(column)
        first = next(_short(cell) for cell in self._filled(at) if not reads(cell))
        text = f"column {letters} holds what okr-sync can't read as {column.header}, such as “{first}”"
        return f"{text}; make it days of the sheet, or 2026-12-31" if column.form is Form.DATE else text

    def _refuse_machine(self, column: Column, at: int) -> str:
        letters = column_letters(at)
        is_ours = _OURS.get(column.field)
        if is_ours is None:
            return f"column {letters} is yours"
        if self._is_merged(at):
            return f"column {letters} has merged cells"
        if column.field is Field.SCORE and Field.CURRENT not in self.table.columns:
            return f"column {letters} is what people type themselves, as there is no current value"
        if column.field is not Field.CURRENT and any(is_formula(cell) for cell in self._filled(at)):
            return f"column {letters} holds formulas of yours"
        if self._fraction(at, is_ours) < MOST:
            return self._say_other(at, is_ours)
        return ""

    def _say_other(self, at: int, is_ours: Callable[[Cell], bool]) -> str:
        """Why a column isn't of our kind, by the first cell that isn't."""
        letters = column_letters(at)
        other = next(cell for cell in self._filled(at) if not is_ours(cell))
        if is_formula(other) and other.value is None:
            return f"column {letters} holds formulas without a value yet; open and save the file in Excel"
        return f"column {letters} says it in other words, such as “{_short(other)}”"

    def _refuse_ids(self, at: int) -> str:
        """Ids of theirs serve when they are there, differ, are no numbers, and nothing else stands in their column."""
        letters = column_letters(at)
        ids = [cell_text(self.table.at(row, at)) for row in self.lines]
        if not all(ids):
            return f"column {letters} is empty in {sum(not each for each in ids)} key results"
        if len(set(ids)) < len(ids):
            return f"column {letters} has the same id more than once"
        if any(_is_plain_number(each) for each in ids):
            return f"column {letters} has numbers, which change when people sort or format them"
        for row in range(self.table.header_row + 1, len(self.table.raw.cells)):
            text = cell_text(self.table.at(row, at))
            is_heading = row in self.rows.headings and not cell_text(self.table.cell(row, Field.TARGET))
            if text and row not in self.lines and not is_heading and text != self.table.headers[at].strip():
                return f"column {letters} holds more than ids, such as “{text[:30]}”"
        return ""

    def _is_hidden_behind(self, at: int) -> bool:
        """Whether the engine would take another column for this one: the same header stands to its left."""
        alike = [
            other for other, text in enumerate(self.table.headers) if _folded(text) == _folded(self.table.headers[at])
        ]
        return alike[0] != at and not self._joint(at)

    def _is_merged(self, at: int) -> bool:
        return any(
            area.left <= at <= area.right and any(area.top <= row <= area.bottom for row in self.lines)
            for area in self.table.raw.merges
        )

    # Ours

    def _ours(self, column: Column, at: int | None, refusal: str) -> Choice | None:
        field = column.field
        clashes = field in self._clashes or _folded(column.header) in self._headers
        is_optional = column.role is Role.PERSON and not column.required
        if is_optional and field not in _DIRECTION:
            return Choice(field, "", None, f"not used: {refusal}", is_written=clashes) if refusal else None
        name = column.header if _folded(column.header) not in self._headers else f"{column.header} (okr-sync)"
        reason = "new, at the right edge" + (f": {refusal}" if refusal else self._why_ours(field))
        is_written = clashes or is_optional
        return Choice(field, name, None, reason, is_written=is_written, is_optional=is_optional)

    def _why_ours(self, field: Field) -> str:
        if field is Field.KR_ID:
            return ": no column of yours has ids"
        if field is Field.OBJECTIVE_ID:
            return ": ties each key result to its objective"
        if field in self.offered:
            return ": for what was read out of text"
        return _DIRECTION.get(field, "")

    # Cells

    def _filled(self, at: int) -> list[Cell]:
        cells = [self.table.at(row, at) for row in self.lines]
        return [cell for cell in cells if cell.value is not None or cell.error]

    def _fraction(self, at: int, is_good: Callable[[Cell], bool]) -> float:
        filled = self._filled(at)
        return sum(map(is_good, filled)) / len(filled) if filled else 1.0

    def _first_unreadable(self, at: int) -> str:
        return next((_short(cell) for cell in self._filled(at) if not _is_number(cell)), "")


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _short(cell: Cell) -> str:
    text = cell.shown or cell_text(cell) or cell.error or cell.formula or ""
    return text if len(text) <= 30 else f"{text[:29]}…"


def _is_plain_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.,]+", text))


def _is_number(cell: Cell) -> bool:
    return cell_number(cell) is not None


def _is_any(cell: Cell) -> bool:
    return cell.error is None


def _is_day(cell: Cell) -> bool:
    return isinstance(cell.value, date) or (isinstance(cell.value, str) and parse_date(cell.value.strip()) is not None)


def _is_score(cell: Cell) -> bool:
    return isinstance(cell.value, Decimal) and 0 <= cell.value <= Decimal("1.5")


def _is_confidence(cell: Cell) -> bool:
    return isinstance(cell.value, Decimal) and not cell.is_percent and 1 <= cell.value <= 10


_STATUSES = frozenset(status.value.casefold() for status in Status)


def _is_status(cell: Cell) -> bool:
    return cell_text(cell).casefold() in _STATUSES


_DIRECTION = {
    Field.KIND: ": says whether more or less is better",
    Field.BASELINE: ": where it began; without one a key result counts as one that is to rise",
}
"""Columns that people may do without, and that are added all the same: without them a score may be wrong."""

_OURS: dict[Field, Callable[[Cell], bool]] = {
    Field.CURRENT: _is_number,
    Field.SCORE: _is_score,
    Field.STATUS: _is_status,
    Field.CONFIDENCE: _is_confidence,
}
"""The machine columns that may be theirs, and what has to stand in them. No other is looked for in a sheet."""

_READABLE: dict[Form, Callable[[Cell], bool]] = {
    Form.NUMBER: _is_number,
    Form.DATE: _is_day,
    Form.FLAG: _is_number,
}


def _reader(column: Column) -> Callable[[Cell], bool]:
    """What a cell has to be for a column that people fill in."""
    if column.field is Field.CYCLE:
        return lambda cell: bool(_CYCLE.fullmatch(cell_text(cell)))
    if column.form is Form.CHOICE:
        choices = {choice.casefold() for choice in column.choices}
        return lambda cell: cell_text(cell).casefold() in choices
    return _READABLE.get(column.form, _is_any)

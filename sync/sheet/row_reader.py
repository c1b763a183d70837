"""Reads typed fields out of one row of the sheet and collects what is wrong with it, with the cell's address. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from okr.problem import Problem, Severity
from sync.sheet.cell import Cell, parse_date, parse_number
from sync.sheet.layout import Field
from sync.sheet.locate import Row, TabView, id_text

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(slots=True)
class RowReader:
    """Reads typed fields out of one row and collects what is wrong with it."""

    view: TabView
    row: Row
    subject: str
    problems: list[Problem] = field(default_factory=list)

    def text(self, field: Field) -> str:
        """The text of a cell, trimmed."""
        cell = self.view.cell(self.row, field)
        return id_text(cell) if cell.value is not None else ""

    def number(self, field: Field) -> Decimal | None:
        """The number of a cell; a text that is none is a problem."""
        cell = self.view.cell(self.row, field)
        number = cell_number(cell)
        if number is None and (cell.value is not None or cell.error):
            self.report(field, "sheet.not-a-number", f"“{cell.error or cell.shown}” is not a number", _number_fix(cell))
        return number

    def day(self, field: Field) -> date | None:
        """The day of a cell; a text that is none is a problem."""
        cell = self.view.cell(self.row, field)
        value = cell.error or cell.value
        if value is None or isinstance(value, date):
            return value
        day = parse_date(str(value).strip())
        if day is None:
            self.report(field, "sheet.not-a-date", f"“{value}” is not a date", "Write it as 2026-11-22.")
        return day

    def word(self, field: Field, words: type[_Word]) -> _Word | None:
        """One of a list of words, in any case; another is a problem."""
        text = self.text(field)
        if not text:
            return None
        found = next((word for word in words if word.value.casefold() == text.casefold()), None)
        if found is None:
            known = ", ".join(word.value for word in words)
            self.report(field, "sheet.unknown-word", f"“{text}” is none of: {known}", "Choose one from the list.")
        return found

    def report(
        self, field: Field, code: str, message: str, fix: str | None, severity: Severity = Severity.ERROR
    ) -> None:
        """Keep a problem with the place of this row's cell."""
        place = self.view.place(self.row, field)
        self.problems.append(Problem(code, message, place, fix, subject=self.subject, severity=severity))


def cell_number(cell: Cell) -> Decimal | None:
    """The number in a cell: typed, or typed as text ("45 %", "Yes")."""
    value = cell.value
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, str):
        word = value.strip().casefold()
        return _YES_NO[word] if word in _YES_NO else parse_number(value)
    return None


_YES_NO = {"yes": Decimal(1), "no": Decimal(0), "true": Decimal(1), "false": Decimal(0), "done": Decimal(1)}


def _number_fix(cell: Cell) -> str:
    if cell.error:
        return "Mend the formula, or type the number."
    return "Write a number alone, without its unit, such as 45 or 60%; the unit has a column of its own."


def is_share(cell: Cell) -> bool:
    """Whether a person wrote this number in percent."""
    return cell.is_percent or (isinstance(cell.value, str) and cell.value.strip().endswith("%"))

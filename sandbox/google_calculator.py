"""The values that a person sees in a spreadsheet: every formula computed once, until something changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sandbox.google_cell import Effective, Failure, Formula
from sandbox.google_formula import Scope, scalar
from sandbox.google_grammar import FormulaError, parse_formula
from sandbox.google_range import Area, read_area
from sandbox.google_schema import plain

if TYPE_CHECKING:
    from sandbox.google_document import Document

CIRCLE = "Circular dependency detected. To resolve with iterative calculation, see File > Settings."


class Calculator:
    """Reads a document's effective values at one moment. Made anew after each change."""

    def __init__(self, document: Document, now: datetime) -> None:
        self._document = document
        self._now = now
        self._known: dict[tuple[int, int, int], Effective] = {}
        self._open: set[tuple[int, int, int]] = set()
        self._tabs = {tab.title.lower(): tab.id for tab in document.tabs}

    def now(self) -> datetime:
        """Return the moment in the spreadsheet's zone."""
        return self._now

    def today(self) -> date:
        """Return the day in the spreadsheet's zone."""
        return self._now.date()

    def tab_of(self, title: str) -> int | None:
        """Find a tab's id by its title, without case."""
        return self._tabs.get(title.lower())

    def named(self, name: str) -> Area | None:
        """Find a named range."""
        for each in self._document.named.values():
            if each["name"].lower() == name.lower() and "range" in each:
                return read_area(each["range"])
        return None

    def value(self, tab: int, row: int, column: int) -> Effective:
        """Return what a cell is worth."""
        entered = self._document.tab(tab).cell(row, column).value
        if not isinstance(entered, Formula):
            return entered
        key = (tab, row, column)
        if key not in self._known:
            if key in self._open:
                return Failure("REF", CIRCLE)
            self._open.add(key)
            self._known[key] = self.result(entered.text, Scope(self, tab, row, column))
            self._open.discard(key)
        return self._known[key]

    def values(self, area: Area) -> list[list[Any]]:
        """Return what the cells of an area are worth, as far as they are used."""
        rows = self._document.tab(area.tab).rows
        return [
            [self.value(area.tab, row, column) for column in range(area.left, min(area.right, len(rows[row])))]
            for row in range(area.top, min(area.bottom, len(rows)))
        ]

    def result(self, formula: str, scope: Scope) -> Effective:
        """Compute a formula somewhere; an error is a value, too."""
        try:
            value = scalar(parse_formula(formula), scope)
        except FormulaError as error:
            return error.failure
        except RecursionError:
            return Failure("REF", CIRCLE)
        except (OverflowError, ValueError) as error:
            return Failure("NUM", str(error))
        if isinstance(value, float):
            return plain(value) if abs(value) < float("inf") else Failure("NUM", "Result is not a number.")
        return 0 if value is None else value

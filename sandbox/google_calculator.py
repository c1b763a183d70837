"""The values that a person sees in a spreadsheet: every formula computed once, until something changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from sandbox.google_cell import Effective, Failure, Formula
from sandbox.google_dialect import BARE, Home, reach_of, split_formula, translate
from sandbox.google_engine import FAILURES, Engine
from sandbox.google_locale import locale_of
from sandbox.google_range import Area, read_area
from sandbox.google_reference import offset_references

if TYPE_CHECKING:
    from sandbox.google_document import Document, Tab

SCRATCH = "sandbox's own scratch"
FOUND_LATER = re.compile(r"\bINDIRECT\s*\((?!\s*\")", re.IGNORECASE)


class Scope(NamedTuple):
    """Where a formula of a rule is computed: its tab, the cell, and how far relative references move."""

    tab: int
    row: int
    column: int
    rows: int = 0
    columns: int = 0


class Calculator:
    """Reads a document's effective values at one moment. Made anew after each change."""

    def __init__(self, document: Document, now: datetime) -> None:
        self._document = document
        self._now = now
        self._known: dict[tuple[int, int, int], Effective] = {}
        self._results: dict[tuple[str, int, int | None, int | None], Effective] = {}
        self._waiting = {tab.title.lower(): tab for tab in document.tabs}
        self._by_id = {tab.id: tab for tab in document.tabs}
        self._comma = locale_of(document.locale).decimal == ","
        self._engine: Engine | None = None

    def now(self) -> datetime:
        """Return the moment in the spreadsheet's zone."""
        return self._now

    def today(self) -> date:
        """Return the day in the spreadsheet's zone."""
        return self._now.date()

    def value(self, tab: int, row: int, column: int) -> Effective:
        """Return what a cell is worth."""
        page = self._by_id[tab] if tab in self._by_id else self._document.tab(tab)
        entered = page.cell(row, column).value
        if not isinstance(entered, Formula):
            return entered
        key = (tab, row, column)
        if key not in self._known:
            self._known[key] = self._computed(page, row, column, entered.text)
        return self._known[key]

    def result(self, formula: str, scope: Scope) -> Effective:
        """Compute a formula of a rule somewhere; an error is a value, too."""
        reach = reach_of(formula)
        row = scope.row if reach.row else None
        column = scope.column if reach.column else None
        key = (formula, scope.tab, row if row is None else row * 10**9 + scope.rows, column)
        if key not in self._results:
            moved = offset_references(formula, scope.rows, scope.columns)
            self._results[key] = self._tried(moved, scope)
        return self._results[key]

    def _tried(self, formula: str, scope: Scope) -> Effective:
        # One cell for all: where many stay, every new one makes the engine look at each INDIRECT again.
        home = Home(self._by_id[scope.tab].title, scope.row, scope.column)
        engine, title = self._loaded(f"{home.title}\n{formula}"), self._scratch()
        engine.put(title, 0, 0, translate(formula, home, self._named, comma=self._comma))
        return self._explained(engine.value(title, 0, 0), formula)

    def _computed(self, tab: Tab, row: int, column: int, formula: str) -> Effective:
        value = self._loaded().value(tab.title, row, column)
        if value == 0 and BARE.match(formula) and self._points_at_nothing(tab, formula):
            return None
        return self._explained(value, formula)

    def _points_at_nothing(self, tab: Tab, formula: str) -> bool:
        """Tell whether ``=A1`` shows an empty cell: then it shows nothing, where Excel shows 0."""
        return self._tried(f"=ISBLANK({formula.strip()[1:]})", Scope(tab.id, 0, 0)) is True

    def _explained(self, value: Effective, formula: str) -> Effective:
        """Say which name an unknown name is."""
        if value != FAILURES["Name"]:
            return value
        parts = split_formula(formula)
        calls = [part.text for part in parts if part.kind == "call" and part.text.upper() != "ARRAYFORMULA"]
        unknown = self._loaded().unknown_function(calls, self._scratch(), (0, 0))
        if unknown:
            return Failure("NAME", f"Unknown function: '{unknown.upper()}'.")
        names = [part.text for part in parts if part.kind == "name" and self._named(part.text) is None]
        return Failure("NAME", f"Unknown range name: '{names[0].upper()}'.") if names else value

    def _named(self, name: str) -> tuple[str, Area] | None:
        for each in self._document.named.values():
            if each["name"].lower() == name.lower() and "range" in each:
                area = read_area(each["range"])
                tab = self._by_id[area.tab]
                return tab.title, area.clipped(tab.row_count, tab.column_count)
        return None

    def _scratch(self) -> str:
        """Name a tab that nobody's title is, on which rules are tried."""
        return SCRATCH + "'" * max(len(tab.title) for tab in self._document.tabs)

    def _loaded(self, formula: str = "") -> Engine:
        """Return the engine with every tab in it that a formula may look at."""
        if self._engine is None:
            self._engine = Engine(self._now)
            self._engine.load(self._scratch(), [])
            formula = "\n".join([formula, *self._formulas()])
        if formula:
            self._load(self._engine, formula)
        return self._engine

    def _load(self, engine: Engine, formulas: str) -> None:
        """Load the tabs that are named and not there yet; an INDIRECT of a computed text may look anywhere."""
        texts = formulas.lower().replace("''", "'")
        anywhere = FOUND_LATER.search(texts) is not None
        wanted = [tab for title, tab in self._waiting.items() if anywhere or title in texts]
        for tab in wanted:
            del self._waiting[tab.title.lower()]
            engine.load(tab.title, [[_entered(cell.value) for cell in line] for line in tab.rows])
        for tab in wanted:
            for row, line in enumerate(tab.rows):
                for column, cell in enumerate(line):
                    if isinstance(cell.value, Formula):
                        text = translate(cell.value.text, None, self._named, comma=self._comma)
                        engine.put(tab.title, row, column, text)

    def _formulas(self) -> Iterator[str]:
        """Yield what names a tab from the start: formulas with the titles of their own tabs, and named ranges."""
        for tab, _, _, cell in self._document.cells():
            if isinstance(cell.value, Formula):
                yield tab.title
                yield cell.value.text
        for each in self._document.named.values():
            if "range" in each:
                yield self._by_id[each["range"].get("sheetId", 0)].title


def _entered(value: object) -> object:
    if isinstance(value, Formula):
        return None
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

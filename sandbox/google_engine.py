"""The spreadsheet engine that computes formulas: formualizer, loaded with the tabs of one document as it is now.

Why this one: docs/decisions/020-spreadsheet-engine.md. Its answers are put into Google's kinds of error here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.google_cell import Effective, Failure
from sandbox.google_extra import EXTRAS
from sandbox.google_schema import plain

if TYPE_CHECKING:
    from formualizer import Workbook

CIRCLE = "Circular dependency detected. To resolve with iterative calculation, see File > Settings."
PARSE = Failure("ERROR", "Formula parse error.")
CIRCULAR = Failure("REF", CIRCLE)
FAILURES = {
    "Div": Failure("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero."),
    "Name": Failure("NAME", "Unknown function or range name."),
    "NImpl": Failure("NAME", "The sandbox does not compute this."),
    "Value": Failure("VALUE", "An argument has the wrong type."),
    "Ref": Failure("REF", "Reference does not exist."),
    "Na": Failure("N_A", "Did not find value."),
    "Num": Failure("NUM", "Result is not a number."),
    "Null": Failure("NULL_VALUE", "The areas do not meet."),
    "Circ": CIRCULAR,
    "Spill": Failure("REF", "Array result was not expanded because it would overwrite data."),
    "Calc": Failure("N_A", "No matches are found."),
}


class Engine:
    """A workbook of the engine. Rows and columns count from 0 here, from 1 there."""

    def __init__(self, now: datetime) -> None:
        import formualizer

        self._book: Workbook = formualizer.Workbook()
        self._book.set_temporal_egress("serial")
        # The engine knows no zones but fixed offsets, so the sheet's own clock is given to it as if it were UTC.
        self._book.set_deterministic_clock(now.replace(tzinfo=UTC))
        for name, extra in EXTRAS.items():
            self._book.register_function(
                name, extra.call, min_args=extra.least, max_args=extra.most, allow_override_builtin=True
            )
        self._wrong: dict[tuple[str, int, int], Failure] = {}

    def load(self, title: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add a tab with its plain values."""
        self._book.add_sheet(title)
        wide = max(map(len, rows), default=0)
        if wide:
            self._book.set_values_batch(title, 1, 1, [[*row, *[None] * (wide - len(row))] for row in rows])

    def put(self, title: str, row: int, column: int, formula: str) -> None:
        """Put a formula into a cell; one that is none gives an error when it is read."""
        self._wrong.pop((title, row, column), None)
        try:
            self._book.set_formula(title, row + 1, column + 1, formula)
        except RuntimeError as error:
            self._wrong[title, row, column] = CIRCULAR if "#CIRC!" in str(error) else PARSE

    def value(self, title: str, row: int, column: int) -> Effective:
        """Compute a cell; an error is a value, too."""
        if (title, row, column) in self._wrong:
            return self._wrong[title, row, column]
        try:
            return self._read(self._book.evaluate_cell(title, row + 1, column + 1))
        except RuntimeError as error:
            return CIRCULAR if "#CIRC!" in str(error) else PARSE

    def _read(self, value: Any) -> Effective:
        if isinstance(value, list):
            return self._read(value[0][0] if value and isinstance(value[0], list) else value[0] if value else None)
        if isinstance(value, dict):
            return FAILURES.get(str(value.get("kind")), PARSE)
        if isinstance(value, float):
            return plain(value) if abs(value) < float("inf") else FAILURES["Num"]
        return value if isinstance(value, bool | int | str) else 0

    def unknown_function(self, names: Iterable[str], title: str, at: tuple[int, int]) -> str | None:
        """Return the first of the functions that the engine doesn't know. ``title`` names a tab to try them on."""
        for name in names:
            if re.fullmatch(r"[A-Za-z_][\w.]*", name):
                self.put(title, *at, f"={name}()")
                if self.value(title, *at) == FAILURES["Name"]:
                    return name
        return None

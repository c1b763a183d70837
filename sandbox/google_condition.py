"""Conditions: whether a value passes one, and how conditional rules paint a cell. First rule that holds wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.google_calculator import Calculator, Scope
from sandbox.google_cell import Effective, Failure
from sandbox.google_input import parse_entered
from sandbox.google_order import compare, is_truth, to_text
from sandbox.google_range import Area, read_area
from sandbox.google_schema import Json
from sandbox.google_serial import to_serial

if TYPE_CHECKING:
    from sandbox.google_document import Document, Tab

Test = Callable[[Any, list[Any]], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(test: Callable[[int], bool]) -> Test:
    return lambda value, wanted: _is_number(value) and _is_number(wanted[0]) and test(compare(value, wanted[0]))


def _between(value: Any, wanted: list[Any]) -> bool:
    return compare(value, wanted[0]) >= 0 and compare(value, wanted[1]) <= 0


def _textual(test: Callable[[str, str], bool]) -> Test:
    return lambda value, wanted: test(to_text(value).casefold(), to_text(wanted[0]).casefold())


TESTS: dict[str, Test] = {
    "NUMBER_GREATER": _numeric(lambda order: order > 0),
    "NUMBER_GREATER_THAN_EQ": _numeric(lambda order: order >= 0),
    "NUMBER_LESS": _numeric(lambda order: order < 0),
    "NUMBER_LESS_THAN_EQ": _numeric(lambda order: order <= 0),
    "NUMBER_EQ": _numeric(lambda order: order == 0),
    "NUMBER_NOT_EQ": _numeric(lambda order: order != 0),
    "NUMBER_BETWEEN": lambda value, wanted: _is_number(value) and _between(value, wanted),
    "NUMBER_NOT_BETWEEN": lambda value, wanted: _is_number(value) and not _between(value, wanted),
    "TEXT_CONTAINS": _textual(lambda text, part: part in text),
    "TEXT_NOT_CONTAINS": _textual(lambda text, part: part not in text),
    "TEXT_STARTS_WITH": _textual(str.startswith),
    "TEXT_ENDS_WITH": _textual(str.endswith),
    "TEXT_EQ": _textual(lambda text, whole: text == whole),
    "DATE_EQ": _numeric(lambda order: order == 0),
    "DATE_BEFORE": _numeric(lambda order: order < 0),
    "DATE_AFTER": _numeric(lambda order: order > 0),
    "DATE_ON_OR_BEFORE": _numeric(lambda order: order <= 0),
    "DATE_ON_OR_AFTER": _numeric(lambda order: order >= 0),
    "BLANK": lambda value, _: value is None or value == "",
    "NOT_BLANK": lambda value, _: not (value is None or value == ""),
    "ONE_OF_LIST": lambda value, wanted: to_text(value) in [to_text(each) for each in wanted],
    "BOOLEAN": lambda value, _: isinstance(value, bool),
}
RELATIVE = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1, "PAST_WEEK": -7, "PAST_MONTH": -30, "PAST_YEAR": -365}


class Painter:
    """Evaluates a tab's conditional rules for its cells, as the document is now."""

    def __init__(self, document: Document, tab: Tab) -> None:
        self._document = document
        self._tab = tab
        self._sheet = document.calculator()
        self._columns: dict[int, list[tuple[list[Area], Json]]] = {}
        self._rules: list[tuple[list[Area], Json]] = []
        for rule in tab.lists["conditionalFormats"]:
            areas = [read_area(each) for each in rule.get("ranges", [])]
            if areas and "booleanRule" in rule:
                self._rules.append((areas, rule["booleanRule"]))

    def paint(self, row: int, column: int, value: Effective) -> Json:
        """Return the format that the rules give a cell; of two rules for one property the first wins."""
        form: Json = {}
        for areas, rule in self._near(column):
            if any(area.holds(row, column) for area in areas) and self._holds(areas[0], rule, row, column, value):
                for name, part in rule.get("format", {}).items():
                    if name == "textFormat":
                        form[name] = {**part, **form.get(name, {})}
                    else:
                        form.setdefault(name, part)
        return form

    def _near(self, column: int) -> list[tuple[list[Area], Json]]:
        """Return the rules that touch a column."""
        if column not in self._columns:
            self._columns[column] = [
                (areas, rule) for areas, rule in self._rules if any(a.left <= column < a.right for a in areas)
            ]
        return self._columns[column]

    def _holds(self, area: Area, rule: Json, row: int, column: int, value: Effective) -> bool:
        scope = Scope(self._tab.id, row, column, row - area.top, column - area.left)
        return holds(rule.get("condition", {}), value, self._sheet, scope, self._document.locale)


def holds(condition: Json, value: Effective, sheet: Calculator, scope: Scope, locale: str) -> bool:
    """Tell whether a value passes a condition at this place; where it can't be told, it doesn't."""
    kind = condition.get("type", "")
    wanted = [_wanted(each, sheet, scope, locale) for each in condition.get("values", [])]
    if kind == "CUSTOM_FORMULA":
        return is_truth(wanted[0])
    if kind not in TESTS or any(isinstance(each, Failure) for each in (value, *wanted)):
        return False
    if wanted and wanted[0] is None and kind not in ("BLANK", "NOT_BLANK", "BOOLEAN"):
        return False
    return TESTS[kind](value, wanted)


def _wanted(given: Json, sheet: Calculator, scope: Scope, locale: str) -> Any:
    if "relativeDate" in given:
        return to_serial(sheet.today() + timedelta(days=RELATIVE.get(given["relativeDate"], 0)))
    text = given.get("userEnteredValue", "")
    if text.startswith("="):
        return sheet.result(text, scope)
    return parse_entered(text, None, locale)[0]


def hidden_rows(document: Document, tab: Tab) -> set[int]:
    """Return the rows that the tab's basic filter hides."""
    if not tab.filter or "range" not in tab.filter:
        return set()
    area = read_area(tab.filter["range"]).clipped(tab.row_count, tab.column_count)
    criteria = {int(column): each for column, each in tab.filter.get("criteria", {}).items()}
    for spec in tab.filter.get("filterSpecs", []):
        criteria[spec.get("columnIndex", 0)] = spec.get("filterCriteria", {})
    return {
        row
        for row in range(area.top + 1, min(area.bottom, len(tab.rows)))
        if any(_hides(document, tab, each, row, column) for column, each in criteria.items())
    }


def _hides(document: Document, tab: Tab, criterion: Json, row: int, column: int) -> bool:
    sheet = document.calculator()
    value = sheet.value(tab.id, row, column)
    if to_text("" if isinstance(value, Failure) else value) in criterion.get("hiddenValues", []):
        return True
    if "condition" not in criterion:
        return False
    return not holds(criterion["condition"], value, sheet, Scope(tab.id, row, column), document.locale)

"""Our conditional rules and warnings on a tab: made, and found again among people's own. Pure.

Rules have no id in Google's API, only a position that shifts. Ours are known by a factor in their formula that is
always true, ``("okr-sync"<>"")``; it needs no separator and no decimal, so that it reads the same in every locale.
Warnings are known by how their description begins. What doesn't carry the marker is people's and never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sync.sheet.cell import column_letters
from sync.sheet.dashboard_head import TICK_COLUMN
from sync.sheet.dashboard_rows import COLUMNS
from sync.sheet.google_cell import Json
from sync.sheet.google_columns import Placed, Span
from sync.sheet.google_style import make_rule_format
from sync.sheet.layout import Field, Tab
from sync.sheet.rules import Rule
from sync.sheet.rules import make_board_rules as board_rules

MARKER = '("okr-sync"<>"")'
WARNING = "okr-sync: "
TICK_AREA = {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": TICK_COLUMN, "endColumnIndex": TICK_COLUMN + 1}
ENGINE_TABS = frozenset({Tab.DASHBOARD, Tab.HISTORY, Tab.RUNS, Tab.GUIDE, Tab.LEDGER})


class _Sketch(NamedTuple):
    """What makes two conditional rules the same: the formula, and the columns below a first row."""

    formula: str
    areas: tuple[tuple[int, int, int], ...]


def mark_formula(formula: str) -> str:
    """The formula times our marker: true exactly where it was."""
    return f"=(({formula.removeprefix('=')})*{MARKER})>0"


def make_rules(span: Span, rules: Sequence[Rule], columns: Mapping[Field, int]) -> list[Json]:
    """The rules of a tab as Google's, in the order in which they win; rules whose columns are missing are left out."""
    addresses = {field: f"${column_letters(at)}{span.header_row + 2}" for field, at in columns.items()}
    made = []
    for rule in rules:
        places = sorted(columns[field] for field in rule.fields if field in columns)
        formula = _render(rule, addresses)
        if places and formula:
            condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": mark_formula(formula)}]}
            ranges = [_open_area(span, at) for at in places]
            boolean = {"condition": condition, "format": make_rule_format(rule.style)}
            made.append({"ranges": ranges, "booleanRule": boolean})
    return made


def make_board_rules(tab_id: int, days: int, ledger: str = Tab.LEDGER.value) -> list[Json]:
    """The rules of the Dashboard as Google's: over whole rows, however many a drawing will have."""
    made = []
    for rule in board_rules(days, ledger):
        area: Json = {"sheetId": tab_id, "startRowIndex": rule.first_row}
        area |= {"endRowIndex": rule.first_row + 1} if rule.is_one_row else {}
        area |= {"startColumnIndex": 0, "endColumnIndex": COLUMNS}
        condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": mark_formula(rule.formula)}]}
        boolean = {"condition": condition, "format": make_rule_format(rule.style)}
        made.append({"ranges": [area], "booleanRule": boolean})
    return made


def _render(rule: Rule, addresses: dict[Field, str]) -> str | None:
    try:
        return rule.render(addresses)
    except KeyError:
        return None


def _open_area(span: Span, column: int) -> Json:
    """A column from the first data row to whatever the tab's end will be."""
    return {
        "sheetId": span.tab_id,
        "startRowIndex": span.header_row + 1,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }


def make_rule_repairs(span: Span, wanted: Sequence[Json], found: Sequence[Mapping[str, Any]]) -> Iterator[Json]:
    """The requests that leave the wanted rules where ours are missing or no longer right, and nothing otherwise."""
    ours = [(at, sketch) for at, rule in enumerate(found) if (sketch := _sketch(rule, span.end_row))]
    if [sketch for _, sketch in ours] == [_sketch(rule, span.end_row) for rule in wanted]:
        return
    for at, _ in reversed(ours):
        yield {"deleteConditionalFormatRule": {"sheetId": span.tab_id, "index": at}}
    for at, rule in enumerate(wanted):
        yield {"addConditionalFormatRule": {"index": at, "rule": rule}}


def _sketch(rule: Mapping[str, Any], end_row: int) -> _Sketch | None:
    """What a rule of ours is, ``None`` for people's. An area that ends before the tab does isn't ours any more."""
    values = rule.get("booleanRule", {}).get("condition", {}).get("values", ())
    formula = values[0].get("userEnteredValue", "") if values else ""
    if MARKER.casefold() not in formula.casefold().replace(" ", ""):
        return None
    areas = sorted(
        (at, area.get("startRowIndex", 0), min(area.get("endRowIndex", end_row), end_row))
        for area in rule.get("ranges", ())
        for at in range(area.get("startColumnIndex", 0), area.get("endColumnIndex", 0))
    )
    return _Sketch(formula.casefold().replace(" ", ""), tuple(areas))


def make_warnings(tab_id: int, tab: Tab, placed: Iterable[Placed], found: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Warn-only protection where it is missing: on the engine's tabs as a whole, elsewhere on guarded columns."""
    guarded = {
        area.get("startColumnIndex", 0)
        for protected in found
        if protected.get("description", "").startswith(WARNING)
        for area in (protected.get("range", {}),)
    }
    if tab in ENGINE_TABS:
        text = "this tab is written by okr-sync alone. What you type here will be replaced."
        free = [{"sheetId": tab_id, **TICK_AREA}] if tab is Tab.DASHBOARD else []
        return [] if guarded else [_warning({"sheetId": tab_id}, text, free)]
    return [
        _warning(
            {"sheetId": tab_id, "startColumnIndex": each.at, "endColumnIndex": each.at + 1},
            f"{each.header} is written by okr-sync. What you type here will be replaced.",
        )
        for each in placed
        if each.column.guarded and each.at not in guarded
    ]


def _warning(area: Json, text: str, free: Sequence[Json] = ()) -> Json:
    """``free`` are cells inside that people are meant to change."""
    protected: Json = {"range": area, "description": WARNING + text, "warningOnly": True}
    protected |= {"unprotectedRanges": list(free)} if free else {}
    return {"addProtectedRange": {"protectedRange": protected}}


def is_our_rule(rule: Mapping[str, Any]) -> bool:
    """Whether a conditional rule carries our marker."""
    return _sketch(rule, 0) is not None


def is_our_warning(protected: Mapping[str, Any]) -> bool:
    """Whether a protected range is a warning of ours."""
    return bool(protected.get("warningOnly")) and str(protected.get("description", "")).startswith(WARNING)

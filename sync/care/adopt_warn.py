"""What a person should know of a proposal before it is applied. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sync.care.adopt_ground import Ground
from sync.care.adopt_model import Choice
from sync.care.adopt_offers import read_offers
from sync.care.adopt_rows import Rows
from sync.care.adopt_table import Table
from sync.sheet.columns import find_column
from sync.sheet.layout import Field, Tab
from sync.sheet.locate import find_columns, find_header_row
from sync.sheet.row_reader import cell_number


def make_warnings(ground: Ground, choices: Iterable[Choice], rows: Rows, others: list[Table]) -> Iterable[str]:
    """What a person should know before it is applied."""
    if not rows.key_results:
        yield "No key result was found below the headers; okr-sync will have nothing to do until some are written."
    if any(kr.objective is None for kr in rows.key_results):
        count = sum(kr.objective is None for kr in rows.key_results)
        yield (
            f"{count} key results belong to no objective that could be seen. Write its id into Objective ID; without "
            "one a key result has a score, and no objective counts it."
        )
    if others and not ground.wishes.tab and not ground.is_prepared:
        titles = ", ".join(f"“{each.raw.title}”" for each in others)
        yield (
            f"{titles} look like OKRs too, and a config keeps one tab of key results. Where each team has its own: "
            "okr-sync adopt … --teams takes up all of them. Otherwise bring them together in one, or choose with --tab."
        )
    yield from _warn_beyond(ground.table, rows)
    yield from _check_found(ground, choices)


def _warn_beyond(table: Table, rows: Rows) -> Iterable[str]:
    """Key results that would count as reached at once, because nothing says that less is better."""
    found = [kr.name for kr in rows.key_results if _is_beyond(table, kr.row)]
    if found:
        names = ", ".join(f"“{name}”" for name in found[:5]) + (" …" if len(found) > 5 else "")
        yield (
            f"{names}: past the target already, which counts as reached. Where less is better, write Decrease into "
            "Kind, and where it began into Baseline."
        )


def _is_beyond(table: Table, row: int) -> bool:
    current, target = cell_number(table.cell(row, Field.CURRENT)), cell_number(table.cell(row, Field.TARGET))
    if current is None or target is None or current <= target:
        return False
    return not {Field.BASELINE, Field.KIND} & read_offers(table, row).keys()


def _check_found(ground: Ground, choices: Iterable[Choice]) -> Iterable[str]:
    """The engine's own eyes on the proposal: it has to find each column where it was seen."""
    if ground.is_prepared:
        return
    headers = {choice.field: choice.header for choice in choices if choice.is_written}
    row = find_header_row(Tab.KEY_RESULTS, ground.tab, headers)
    found = find_columns(Tab.KEY_RESULTS, ground.tab, row, headers, {})[0]
    for choice in choices:
        if row != ground.table.header_row or found.get(choice.field) != choice.at:
            header = find_column(Tab.KEY_RESULTS, choice.field).header
            yield f"{header} can't be told apart by its header; give the column of yours a header of its own."

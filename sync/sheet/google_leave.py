"""What ``leave`` does to a spreadsheet: everything of ours goes in one call, nothing else changes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sync.sheet.google_cell import Json, make_data, make_moment_serial
from sync.sheet.google_marks import is_our_rule, is_our_warning
from sync.sheet.google_read import MARKER_KEY
from sync.sheet.rules import find_heartbeat
from sync.sheet.store import RawTab
from sync.sheet.wish import LeaveWish, Removed

LEAVE_MASK = (
    "sheets(properties(sheetId,title),protectedRanges(protectedRangeId,description,warningOnly),conditionalFormats,"
    "data.columnMetadata.developerMetadata(metadataKey))"
)
"""What is asked for: every tab with its marks, and no cell."""


def make_leaving(
    wish: LeaveWish, sheets: Sequence[Mapping[str, Any]], tables: Sequence[RawTab]
) -> tuple[list[Json], Removed]:
    """The requests that take out what is ours, and what that is. ``tables`` are the wished tables with their notes.

    Tabs are deleted by the ids that were read: where another run has swapped the guard tabs since, the whole call is
    refused, and nothing is left half.
    """
    kept = [sheet for sheet in sheets if sheet["properties"]["title"] not in wish.drop]
    dropped = [sheet["properties"] for sheet in sheets if sheet["properties"]["title"] in wish.drop]
    own = [sheet for sheet in kept if wish.takes(sheet["properties"]["title"])]
    rules = [request for sheet in own for request in _rule_requests(sheet)]
    warnings = [request for sheet in own for request in _warning_requests(sheet)]
    notes = [request for table in tables for request in _note_requests(table, wish.notes)]
    shown = [request for table in tables for request in _moment_requests(table, wish)]
    markers = sum(_count_markers(sheet) for sheet in kept) if wish.within is None else 0
    requests = [*rules, *warnings, *notes, *shown]
    if markers:
        requests.append(
            {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataKey": MARKER_KEY}}}}
        )
    requests += [{"deleteSheet": {"sheetId": each.get("sheetId", 0)}} for each in dropped]
    titles = tuple(each["title"] for each in dropped)
    return requests, Removed(titles, len(rules), len(warnings), markers, len(notes))


def _rule_requests(sheet: Mapping[str, Any]) -> Iterator[Json]:
    """From the last to the first: a rule's position shifts when one before it goes."""
    rules = list(enumerate(sheet.get("conditionalFormats", ())))
    for at, rule in reversed(rules):
        if is_our_rule(rule):
            yield {"deleteConditionalFormatRule": {"sheetId": sheet["properties"].get("sheetId", 0), "index": at}}


def _warning_requests(sheet: Mapping[str, Any]) -> Iterator[Json]:
    for protected in sheet.get("protectedRanges", ()):
        if is_our_warning(protected):
            yield {"deleteProtectedRange": {"protectedRangeId": protected["protectedRangeId"]}}


def _count_markers(sheet: Mapping[str, Any]) -> int:
    columns = (column for block in sheet.get("data", ()) for column in block.get("columnMetadata", ()))
    tags = (tag for column in columns for tag in column.get("developerMetadata", ()))
    return sum(tag.get("metadataKey") == MARKER_KEY for tag in tags)


def _moment_requests(table: RawTab, wish: LeaveWish) -> Iterator[Json]:
    """Where our formula shows the last sync out of a ledger that goes, its value stays."""
    ours = {f"={find_heartbeat(title)}" for title in wish.drop}
    moment = Decimal(repr(make_moment_serial(wish.heartbeat))) if wish.heartbeat else None
    for row, cells in enumerate(table.cells):
        for column, cell in enumerate(cells):
            if cell.formula in ours:
                start = {"sheetId": table.tab_id, "rowIndex": row, "columnIndex": column}
                rows = [{"values": [make_data(moment)]}]
                yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _note_requests(table: RawTab, notes: frozenset[str]) -> Iterator[Json]:
    for row, cells in enumerate(table.cells):
        for column, cell in enumerate(cells):
            if cell.note in notes:
                start = {"sheetId": table.tab_id, "rowIndex": row, "columnIndex": column}
                yield {"updateCells": {"start": start, "rows": [{"values": [{}]}], "fields": "note"}}

"""``spreadsheets.values`` by data filters: the ranges are found by A1, by grid, or by developer metadata."""

from __future__ import annotations

from typing import Any

from sandbox.google_a1 import render_range
from sandbox.google_batch import Edit
from sandbox.google_document import Document
from sandbox.google_error import invalid
from sandbox.google_metadata import filter_areas
from sandbox.google_range import Area
from sandbox.google_schema import Json, clean
from sandbox.google_values import clear_area_values, read_rows, totals, update_area, value_range


def batch_get_by_filter(document: Document, body: Any) -> Json:
    """Answer ``values.batchGetByDataFilter``: each range once, with the filters that found it."""
    read = clean("BatchGetValuesByDataFilterRequest", body)
    filters = _filters(read)
    options = {name: str(value) for name, value in read.items() if name != "dataFilters"}
    matched: dict[Area, list[Json]] = {}
    for each in filters:
        for area in filter_areas(document, [each]):
            matched.setdefault(area, []).append(each)
    found = [
        {"valueRange": value_range(document, document.tab(area.tab), area, options), "dataFilters": by}
        for area, by in matched.items()
    ]
    return {"spreadsheetId": document.id} | ({"valueRanges": found} if found else {})


def _filters(body: Json) -> list[Json]:
    filters: list[Json] = body.get("dataFilters", [])
    if not filters:
        raise invalid("Must specify at least one data filter.")
    return filters


def batch_clear_by_filter(edit: Edit, body: Any) -> Json:
    """Answer ``values.batchClearByDataFilter``."""
    areas = filter_areas(edit.document, _filters(clean("BatchClearValuesByDataFilterRequest", body)))
    for area in areas:
        edit.check_protection(area)
    cleared = []
    for area in areas:
        tab = edit.document.tab(area.tab)
        clear_area_values(edit, tab, area)
        cleared.append(render_range(tab, area))
    return {"spreadsheetId": edit.document.id} | ({"clearedRanges": cleared} if cleared else {})


def batch_update_by_filter(edit: Edit, body: Any) -> Json:
    """Answer ``values.batchUpdateByDataFilter``: all ranges or none; a filter may find several."""
    read = clean("BatchUpdateValuesByDataFilterRequest", body)
    options = {name: str(value) for name, value in read.items() if name != "data"}
    state = edit.document.save()
    try:
        responses = [
            response
            for place, each in enumerate(read.get("data", []))
            for response in _update_one(edit, each, options, f"data[{place}]")
        ]
    except BaseException:
        edit.document.restore(state)
        raise
    return totals(edit.document, responses)


def _update_one(edit: Edit, one: Any, options: dict[str, str], at: str) -> list[Json]:
    if not isinstance(one, dict) or not isinstance(one.get("dataFilter"), dict):
        raise invalid("Must specify a data filter.")
    data_filter = clean("DataFilter", one["dataFilter"], f"{at}.data_filter")
    body = {name: value for name, value in one.items() if name != "dataFilter"}
    read_rows(body, at)
    responses = []
    for area in filter_areas(edit.document, [data_filter]):
        tab = edit.document.tab(area.tab)
        written = update_area(edit, tab, area, render_range(tab, area), body, options)
        del written["spreadsheetId"]
        responses.append({**written, "dataFilter": data_filter})
    return responses

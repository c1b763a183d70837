"""Developer metadata, and the data filters that find cells and tags."""

from __future__ import annotations

import copy

from sandbox.google_a1 import check_inside, resolve_range
from sandbox.google_document import COLUMNS, ROWS, Document
from sandbox.google_error import invalid
from sandbox.google_range import Area, read_area
from sandbox.google_schema import Json

VISIBLE = "DEVELOPER_METADATA_LOCATION_TYPE_UNSPECIFIED"


def check_location(document: Document, location: Json) -> Json:
    """Return where a tag sits, with its type told. Raises ApiError for more than one row or column."""
    span = location.get("dimensionRange")
    if span is not None:
        tab = document.tab(span.get("sheetId", 0))
        start, end = span.get("startIndex", 0), span.get("endIndex", 0)
        if end - start != 1:
            raise invalid("Developer metadata can only be associated with a single row or column.")
        if end > tab.count(span.get("dimension", ROWS)):
            raise invalid("Developer metadata can't be associated with a row or column outside the grid.")
        return {"locationType": "ROW" if span.get("dimension") == ROWS else "COLUMN", "dimensionRange": span}
    if location.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "sheetId" in location or location.get("locationType") == "SHEET" or location == {}:
        document.tab(location.get("sheetId", 0))
        return {"locationType": "SHEET", "sheetId": location.get("sheetId", 0)}
    raise invalid("Must specify a location.")


def find_metadata(document: Document, filters: list[Json]) -> list[Json]:
    """Return copies of the tags that any of the filters matches."""
    return [
        copy.deepcopy(tag)
        for tag in document.metadata.values()
        if any(_matches(document, tag, each) for each in filters)
    ]


def _matches(document: Document, tag: Json, data_filter: Json) -> bool:
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is not None:
        return _looked_up(tag, lookup)
    areas = filter_areas(document, [data_filter])
    place = tag["location"]
    if place["locationType"] == "SPREADSHEET":
        return False
    return any(_sits_in(document, place, area) for area in areas)


def _sits_in(document: Document, place: Json, area: Area) -> bool:
    span = place.get("dimensionRange")
    if span is None:
        whole = document.tab(area.tab).whole()
        return bool(place.get("sheetId", 0) == area.tab and area.covers(whole))
    if span.get("sheetId", 0) != area.tab:
        return False
    first, last = (area.top, area.bottom) if span["dimension"] == ROWS else (area.left, area.right)
    return bool(first <= span["startIndex"] < last)


def _looked_up(tag: Json, lookup: Json) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and tag.get(name) != lookup[name]:
            return False
    wanted = lookup.get("locationType", VISIBLE)
    if wanted != VISIBLE and tag["location"]["locationType"] != wanted:
        return False
    place = lookup.get("metadataLocation")
    if place is None:
        return True
    here = tag["location"]
    if place.get("spreadsheet"):
        return (
            here["locationType"] == "SPREADSHEET" or lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION"
        )
    if "dimensionRange" in place:
        return bool(here.get("dimensionRange") == place["dimensionRange"])
    if lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION":
        return bool(here.get("dimensionRange", here).get("sheetId", 0) == place.get("sheetId", 0))
    return bool(here["locationType"] == "SHEET" and here.get("sheetId", 0) == place.get("sheetId", 0))


def filter_areas(document: Document, filters: list[Json]) -> list[Area]:
    """Return the areas that data filters name: by A1 range, by grid range, or by the tags that match."""
    areas: list[Area] = []
    for each in filters:
        if "a1Range" in each:
            areas.append(resolve_range(document, each["a1Range"])[1])
        elif "gridRange" in each:
            area = read_area(each["gridRange"])
            tab = document.tab(area.tab)
            check_inside(tab, area)
            areas.append(area.clipped(tab.row_count, tab.column_count))
        elif "developerMetadataLookup" in each:
            found = [tag for tag in document.metadata.values() if _looked_up(tag, each["developerMetadataLookup"])]
            areas += [area for tag in found for area in _tagged(document, tag["location"])]
        else:
            raise invalid("Must specify a data filter.")
    return areas


def _tagged(document: Document, place: Json) -> list[Area]:
    if place["locationType"] == "SPREADSHEET":
        return [tab.whole() for tab in document.tabs]
    span = place.get("dimensionRange")
    if span is None:
        return [document.tab(place.get("sheetId", 0)).whole()]
    whole = document.tab(span.get("sheetId", 0)).whole()
    if span["dimension"] == COLUMNS:
        return [whole._replace(left=span["startIndex"], right=span["endIndex"])]
    return [whole._replace(top=span["startIndex"], bottom=span["endIndex"])]


def search_metadata(document: Document, filters: list[Json]) -> Json:
    """Answer ``developerMetadata:search``."""
    found = []
    for tag in document.metadata.values():
        matching = [each for each in filters if _matches(document, tag, each)]
        if matching:
            found.append({"developerMetadata": copy.deepcopy(tag), "dataFilters": matching})
    return {"matchedDeveloperMetadata": found} if found else {}

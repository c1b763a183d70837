"""What a client asks for when it lists records: read from a URL or a POST body, checked, and carried out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug.datastructures import MultiDict

from sandbox.airtable_base import Base, Field, Table, View
from sandbox.airtable_cells import Sight, json_cell, see, string_cell
from sandbox.airtable_formula import FormulaMistake, Node, parse_formula
from sandbox.airtable_values import FormulaFault, Value, is_true, iso, text

PAGE = 100
_SORT = re.compile(r"sort\[(\d+)\]\[(field|direction)\]")
_NAMES = frozenset({
    "pageSize", "maxRecords", "offset", "view", "filterByFormula", "cellFormat", "timeZone", "userLocale",
    "returnFieldsByFieldId", "fields", "sort", "recordMetadata",
})  # fmt: skip


class Refused(Exception):
    """A request that Airtable answers with 422: the error's type, and its message where it has one."""

    def __init__(self, kind: str, message: str | None = None) -> None:
        super().__init__(message or kind)
        self.kind, self.message = kind, message


def invalid_request() -> Refused:
    """Make Airtable's answer to a parameter that it can't read."""
    return Refused("INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation failed. Check your request data.")


@dataclass(frozen=True, slots=True)
class Listing:
    """A request to list records. Everything but ``offset`` and ``page_size`` decides which records, in which order."""

    fields: tuple[str, ...] | None = None
    formula: str = ""
    view: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    most: int | None = None
    page_size: int = PAGE
    offset: str = ""
    as_text: bool = False
    zone: str = ""
    locale: str = ""
    by_id: bool = False
    comments: bool = field(default=False)

    @property
    def signature(self) -> Listing:
        """The listing without what may change from page to page."""
        return replace(self, offset="", page_size=PAGE)


def parse_url(args: MultiDict[str, str]) -> Listing:
    """Read the query string of a GET. Raises Refused."""
    found: dict[str, Any] = {}
    sorts: dict[int, dict[str, str]] = {}
    for key in args:
        if match := _SORT.fullmatch(key):
            sorts.setdefault(int(match[1]), {})[match[2]] = args[key]
        elif key in ("fields[]", "recordMetadata[]"):
            found[key[:-2]] = args.getlist(key)
        elif match := re.fullmatch(r"fields\[(\d+)\]", key):
            found.setdefault("fields", []).append(args[key])
        else:
            found[key] = args[key]
    if sorts:
        found["sort"] = [sorts[at] for at in sorted(sorts)]
    return parse_body(found)


def parse_body(found: Mapping[str, Any]) -> Listing:
    """Read the JSON of a POST to listRecords, or a query string made alike. Raises Refused."""
    if not isinstance(found, Mapping) or set(found) - _NAMES:
        raise invalid_request()
    fields = found.get("fields")
    if fields is not None and not isinstance(fields, list):
        raise invalid_request()
    listing = Listing(
        fields=None if fields is None else tuple(map(str, fields)),
        formula=str(found.get("filterByFormula") or ""),
        view=str(found.get("view") or ""),
        sort=tuple(_parse_sort(each) for each in found.get("sort") or ()),
        most=_parse_count(found.get("maxRecords"), None),
        page_size=_parse_count(found.get("pageSize"), PAGE) or PAGE,
        offset=str(found.get("offset") or ""),
        as_text=_parse_format(found.get("cellFormat")),
        zone=str(found.get("timeZone") or ""),
        locale=str(found.get("userLocale") or ""),
        by_id=str(found.get("returnFieldsByFieldId", "")).lower() in ("1", "true"),
        comments="commentCount" in (found.get("recordMetadata") or ()),
    )
    if listing.page_size > PAGE or (listing.as_text and not (_is_zone(listing.zone) and listing.locale)):
        raise invalid_request()
    return listing


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError):
        return False


def _parse_sort(sent: Any) -> tuple[str, bool]:
    if not isinstance(sent, Mapping) or "field" not in sent or sent.get("direction", "asc") not in ("asc", "desc"):
        raise invalid_request()
    return str(sent["field"]), sent.get("direction") == "desc"


def _parse_count(sent: Any, default: int | None) -> int | None:
    if sent is None:
        return default
    try:
        count = int(sent)
    except (TypeError, ValueError):
        raise invalid_request() from None
    if count < 1:
        raise invalid_request()
    return count


def _parse_format(sent: Any) -> bool:
    if sent not in (None, "json", "string"):
        raise invalid_request()
    return bool(sent == "string")


def find_records(base: Base, table: Table, listing: Listing, now: datetime) -> list[str]:
    """Return the ids of the records that a listing asks for, in order. Raises Refused."""
    view = _find_view(table, listing.view)
    sights = [see(base, table, record, now) for record in table.present(now)]
    for formula in (view.formula if view else "", listing.formula):
        sights = _keep(table, sights, formula)
    for name, descending in reversed(listing.sort or (view.sort if view else ())):
        sights = _ordered(sights, _known(table, name), descending=descending)
    return [each.id for each in sights[: listing.most]]


def _find_view(table: Table, name: str) -> View | None:
    if not name:
        return None
    found = next((each for each in table.views if name in (each.name, each.id)), None)
    if found is None:
        raise Refused("VIEW_NAME_NOT_FOUND", f"View name '{name}' not found")
    return found


def _keep(table: Table, sights: list[Sight], source: str) -> list[Sight]:
    if not source.strip():
        return sights
    try:
        formula = parse_formula(source)
    except FormulaMistake as mistake:
        raise _bad_formula(str(mistake)) from None
    names = {each.name for each in table.fields}
    if unknown := sorted(name.lower() for name in formula.fields if name not in names):
        raise _bad_formula(f"Unknown field names: {', '.join(unknown)}")
    return [each for each in sights if _passes(each, formula.evaluate)]


def _bad_formula(why: str) -> Refused:
    return Refused("INVALID_FILTER_BY_FORMULA", f"The formula for filtering records is invalid: {why}")


def _passes(sight: Sight, evaluate: Node) -> bool:
    try:
        return is_true(evaluate(sight))
    except (FormulaFault, ArithmeticError, OverflowError):
        return False


def _known(table: Table, name: str) -> Field:
    found = table.field(name)
    if found is None:
        raise Refused("UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')
    return found


def _ordered(sights: list[Sight], by: Field, *, descending: bool) -> list[Sight]:
    return sorted(sights, key=lambda each: _rank(each, by), reverse=descending)


def _rank(sight: Sight, by: Field) -> tuple[int, Any]:
    """Order empty cells first, then numbers, moments, texts regardless of case."""
    try:
        value: Value = sight.value(by)
    except FormulaFault:
        value = None
    if value in (None, "", ()):
        return 0, 0
    if isinstance(value, bool | Decimal):
        return 1, Decimal(value)
    return (2, value) if isinstance(value, datetime) else (3, text(value).lower())


def wanted_fields(table: Table, listing: Listing) -> list[Field]:
    """Return the fields that an answer shows. Raises Refused for one that isn't there."""
    if listing.fields is None:
        return table.fields
    wanted = {_known(table, name).id for name in listing.fields}
    return [each for each in table.fields if each.id in wanted]


def render_record(sight: Sight, fields: Iterable[Field], listing: Listing) -> dict[str, Any]:
    """Make a record's JSON. Empty cells are absent."""
    cells: dict[str, Any] = {}
    for each in fields:
        shown = string_cell(sight, each, listing.zone, listing.locale) if listing.as_text else json_cell(sight, each)
        if shown not in (None, ""):
            cells[each.id if listing.by_id else each.name] = shown
    record = {"id": sight.id, "createdTime": iso(sight.created), "fields": cells}
    return record | ({"commentCount": 0} if listing.comments else {})

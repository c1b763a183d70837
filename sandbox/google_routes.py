"""The calls of the Sheets API that are served: path, parameters, and what answers them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from sandbox.google_a1 import resolve_range
from sandbox.google_batch import Edit, apply_batch
from sandbox.google_batch_tabs import receive_tab
from sandbox.google_document import Tab
from sandbox.google_error import ApiError, not_found, violations
from sandbox.google_mask import ALL, Mask, check_answer_mask, parse_mask, select
from sandbox.google_metadata import filter_areas, search_metadata
from sandbox.google_render import render_spreadsheet
from sandbox.google_schema import Json, clean
from sandbox.google_values import (
    append_values,
    batch_update_values,
    clear_values,
    read_values,
    update_values,
)
from sandbox.google_values_filter import batch_clear_by_filter, batch_get_by_filter, batch_update_by_filter

if TYPE_CHECKING:
    from sandbox.google import GoogleSheets

COMMON = {"fields", "alt", "prettyPrint", "key", "access_token", "oauth_token", "quotaUser", "callback", "$.xgafv"}
RENDER = {"majorDimension", "valueRenderOption", "dateTimeRenderOption"}
WRITE = {
    "valueInputOption", "includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption",
}  # fmt: skip
_UNKNOWN = "Invalid JSON payload received. Unknown name"
_UNBOUND = "Cannot bind query parameter."
Handler = Callable[["GoogleSheets", Request, str, "re.Match[str]"], Json]


def read_body(request: Request) -> Any:
    """Read a JSON body; none is None. Raises ApiError for what is no JSON."""
    raw = request.get_data()
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise violations([("", f"Invalid JSON payload received. {error}")]) from error


def check_query(request: Request, allowed: set[str]) -> None:
    """Refuse a parameter that a call doesn't have."""
    wrong = [name for name in request.args if name not in allowed | COMMON]
    if wrong:
        raise violations(
            [
                ("", f"{_UNKNOWN} \"{name}\": {_UNBOUND} Field '{name}' could not be found in request message.")
                for name in wrong
            ]
        )


def _mask(request: Request, message: str) -> Mask:
    text = request.args.get("fields")
    if not text:
        return ALL
    mask = parse_mask(text)
    check_answer_mask(mask, message, text)
    return mask


def _options(request: Request) -> dict[str, str]:
    return dict(request.args.items())


def _truth(request: Request, name: str) -> bool:
    return request.args.get(name, "false").lower() == "true"


def _create(service: GoogleSheets, request: Request, user: str, _: re.Match[str]) -> Json:
    asked = clean("Spreadsheet", read_body(request) or {})
    properties = asked.get("properties", {})
    if asked.keys() - {"properties", "sheets"}:
        raise ApiError(501, "UNIMPLEMENTED", f"The sandbox creates no spreadsheet with {sorted(asked)}.")
    document = service.made_by(properties.get("title") or "Untitled spreadsheet", user)
    document.locale = properties.get("locale", document.locale)
    document.timezone = properties.get("timeZone", document.timezone)
    sheets = asked.get("sheets", [])
    if sheets:
        document.tabs = [Tab(-1, "\0")]
        requests = [{"addSheet": {"properties": each.get("properties", {})}} for each in sheets]
        try:
            apply_batch(document, user, {"requests": requests})
        except ApiError:
            del service.documents[document.id]
            raise
        del document.tabs[0]
    return render_spreadsheet(document, _mask(request, "Spreadsheet"))


def _get(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    document = service.opened(match[1], user)
    ranges = request.args.getlist("ranges")
    areas = [resolve_range(document, each)[1] for each in ranges] or None
    mask = _mask(request, "Spreadsheet")
    return render_spreadsheet(document, mask, areas, grid=_truth(request, "includeGridData"))


def _get_by_filter(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    document = service.opened(match[1], user)
    body = clean("GetSpreadsheetByDataFilterRequest", read_body(request) or {})
    areas = filter_areas(document, body.get("dataFilters", [])) if body.get("dataFilters") else None
    mask = _mask(request, "Spreadsheet")
    return render_spreadsheet(document, mask, areas, grid=bool(body.get("includeGridData")))


def _batch(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    document = service.opened(match[1], user, writes=True)
    mask = _mask(request, "BatchUpdateSpreadsheetResponse")
    return apply_batch(document, user, read_body(request) or {}, mask)


def _search_metadata(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    document = service.opened(match[1], user)
    body = clean("SearchDeveloperMetadataRequest", read_body(request) or {})
    return _pick(request, search_metadata(document, body.get("dataFilters", [])))


def _one_metadata(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    document = service.opened(match[1], user)
    if int(match[2]) not in document.metadata:
        raise not_found()
    return _pick(request, document.metadata[int(match[2])])


def _pick(request: Request, answer: Json) -> Json:
    text = request.args.get("fields")
    return select(answer, parse_mask(text)) if text else answer


def _values_get(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    return _pick(request, read_values(service.opened(match[1], user), match[2], _options(request)))


def _values_batch_get(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    document = service.opened(match[1], user)
    found = [read_values(document, each, _options(request)) for each in request.args.getlist("ranges")]
    return _pick(request, {"spreadsheetId": document.id} | ({"valueRanges": found} if found else {}))


def _values_update(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    return _pick(request, update_values(edit, match[2], read_body(request) or {}, _options(request)))


def _values_append(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    return _pick(request, append_values(edit, match[2], read_body(request) or {}, _options(request)))


def _values_clear(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    clean("ClearValuesRequest", read_body(request) or {})
    return {"spreadsheetId": edit.document.id, "clearedRange": clear_values(edit, match[2])}


def _values_batch_update(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    return _pick(request, batch_update_values(edit, read_body(request) or {}))


def _values_batch_clear(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    body = clean("BatchClearValuesRequest", read_body(request) or {})
    ranges = body.get("ranges", [])
    for each in ranges:
        resolve_range(edit.document, each)
    return {"spreadsheetId": edit.document.id, "clearedRanges": [clear_values(edit, each) for each in ranges]}


def _values_batch_get_by_filter(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    return _pick(request, batch_get_by_filter(service.opened(match[1], user), read_body(request) or {}))


def _values_batch_update_by_filter(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    return _pick(request, batch_update_by_filter(edit, read_body(request) or {}))


def _values_batch_clear_by_filter(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    edit = Edit(service.opened(match[1], user, writes=True), user)
    return _pick(request, batch_clear_by_filter(edit, read_body(request) or {}))


def _copy_to(service: GoogleSheets, request: Request, user: str, match: re.Match[str]) -> Json:
    source = service.opened(match[1], user)
    body = clean("CopySheetToAnotherSpreadsheetRequest", read_body(request) or {})
    tab = source.tab(int(match[2]), "sheet")
    target = service.opened(body.get("destinationSpreadsheetId", ""), user, writes=True)
    return _pick(request, receive_tab(Edit(target, user), tab))


ONE = r"spreadsheets/([^/:]+)"
SHEETS: list[tuple[str, str, set[str], Handler]] = [
    ("POST", "spreadsheets", set(), _create),
    ("GET", ONE, {"ranges", "includeGridData", "excludeTablesInBandedRanges", "commentsViewMode"}, _get),
    ("POST", ONE + ":getByDataFilter", set(), _get_by_filter),
    ("POST", ONE + ":batchUpdate", set(), _batch),
    ("POST", ONE + "/developerMetadata:search", set(), _search_metadata),
    ("GET", ONE + r"/developerMetadata/(\d+)", set(), _one_metadata),
    ("GET", ONE + "/values:batchGet", {"ranges"} | RENDER, _values_batch_get),
    ("POST", ONE + "/values:batchUpdate", set(), _values_batch_update),
    ("POST", ONE + "/values:batchClear", set(), _values_batch_clear),
    ("POST", ONE + "/values:batchGetByDataFilter", set(), _values_batch_get_by_filter),
    ("POST", ONE + "/values:batchUpdateByDataFilter", set(), _values_batch_update_by_filter),
    ("POST", ONE + "/values:batchClearByDataFilter", set(), _values_batch_clear_by_filter),
    ("POST", ONE + r"/sheets/(\d+):copyTo", set(), _copy_to),
    ("POST", ONE + "/values/(.*):append", WRITE | {"insertDataOption"}, _values_append),
    ("POST", ONE + "/values/(.*):clear", set(), _values_clear),
    ("PUT", ONE + "/values/(.*)", WRITE, _values_update),
    ("GET", ONE + "/values/(.*)", RENDER, _values_get),
]

"""Google Sheets v4 (and a little of Drive v3) on loopback, for the real gspread and for a person's browser.

``GoogleSheets`` is a wire ``Service``; ``create`` makes a ``Document``; ``person(document)`` acts on it as somebody
in the browser would. Accounts sign in with the dict of ``service_account()``, whose key is made at run time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from sandbox.google_a1 import resolve_range
from sandbox.google_batch import Edit, apply_batch
from sandbox.google_document import Document, Tab
from sandbox.google_drive import drive_body, export_csv, file_missing, list_files, render_file, show
from sandbox.google_error import ApiError, denied, not_found, violations
from sandbox.google_mask import ALL, Mask, check_answer_mask, parse_mask, select
from sandbox.google_metadata import filter_areas, search_metadata
from sandbox.google_person import Person
from sandbox.google_render import render_spreadsheet
from sandbox.google_schema import Json, clean
from sandbox.google_token import OAuthError, Tokens, private_pem
from sandbox.google_values import (
    append_values,
    batch_update_values,
    clear_values,
    read_values,
    update_values,
)
from sandbox.page import render_page
from sandbox.wire import Quota, Service, json_response, route

ROBOT = "okr-sync@acme-okrs.iam.gserviceaccount.com"
COMMON = {"fields", "alt", "prettyPrint", "key", "access_token", "oauth_token", "quotaUser", "callback", "$.xgafv"}
RENDER = {"majorDimension", "valueRenderOption", "dateTimeRenderOption"}
WRITE = {
    "valueInputOption", "includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption",
}  # fmt: skip
_UNKNOWN = "Invalid JSON payload received. Unknown name"
_UNBOUND = "Cannot bind query parameter."
Handler = Callable[["GoogleSheets", Request, str, "re.Match[str]"], Json]


class GoogleSheets(Service):
    """The stand-in. ``limits`` turns on Google's quotas: 60 reads and 60 writes a minute for each account."""

    name: ClassVar[str] = "Google Sheets"

    def __init__(self, *args: Any, limits: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.documents: dict[str, Document] = {}
        self._made = 0
        self.tokens = Tokens(self.clock.now)
        self.tokens.know(ROBOT)
        if limits:
            self.quotas += [
                Quota(60, 60, key=lambda request: self._quota_key(request, "Read"), name="Read"),
                Quota(60, 60, key=lambda request: self._quota_key(request, "Write"), name="Write"),
            ]

    # For tests, the demo and the world

    def create(
        self,
        title: str,
        locale: str = "en_GB",
        timezone: str = "Europe/Berlin",
        shared_with: Iterable[str] = (ROBOT,),
    ) -> Document:
        """Make an empty spreadsheet with one tab, and share it with accounts as writers."""
        with self.lock:
            self._made += 1
            document = Document(title, locale=locale, timezone=timezone, now=self.clock.now, seed=self._made)
            document.share(*shared_with)
            self.documents[document.id] = document
        return document

    def person(self, document: Document) -> Person:
        """Return somebody who has the spreadsheet open in a browser."""
        return Person(self, document)

    def service_account(self, email: str = ROBOT) -> dict[str, str]:
        """Return a service account as its JSON file holds it; its ``token_uri`` is this server."""
        self.tokens.know(email)
        return {
            "type": "service_account",
            "project_id": "acme-okrs",
            "private_key_id": "sandbox",
            "private_key": private_pem(),
            "client_email": email,
            "client_id": "100000000000000000000",
            "auth_uri": f"{self.url}/auth",
            "token_uri": f"{self.url}/token",
            "auth_provider_x509_cert_url": f"{self.url}/certs",
            "client_x509_cert_url": f"{self.url}/cert",
            "universe_domain": "googleapis.com",
        }

    # What Google words in its own way

    def refusal(self, status: int, request: Request) -> Response:
        """Word an error that a fault brings."""
        words = {
            400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
            401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
            403: ("PERMISSION_DENIED", "The caller does not have permission"),
            404: ("NOT_FOUND", "Requested entity was not found."),
            429: ("RESOURCE_EXHAUSTED", "Quota exceeded."),
            500: ("INTERNAL", "Internal error encountered."),
            503: ("UNAVAILABLE", "The service is currently unavailable."),
        }
        name, text = words.get(status, ("UNKNOWN", "Unknown Error."))
        return json_response(ApiError(status, name, text).body(), status)

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """Word Google's 429. Whether it brings a Retry-After isn't recorded; this one brings none."""
        what = quota.name
        limit = f"{what}RequestsPerMinutePerUser"
        error = ApiError(
            429,
            "RESOURCE_EXHAUSTED",
            f"Quota exceeded for quota metric '{what} requests' and limit '{what} requests per minute per user' "
            "of service 'sheets.googleapis.com' for consumer 'project_number:0'.",
            [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "RATE_LIMIT_EXCEEDED",
                    "domain": "googleapis.com",
                    "metadata": {
                        "quota_location": "global",
                        "service": "sheets.googleapis.com",
                        "quota_limit_value": "60",
                        "quota_limit": limit,
                        "consumer": "projects/0",
                        "quota_metric": f"sheets.googleapis.com/{what.lower()}_requests",
                    },
                },
                {
                    "@type": "type.googleapis.com/google.rpc.Help",
                    "links": [
                        {
                            "description": "Request a higher quota limit.",
                            "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
                        }
                    ],
                },
            ],
        )
        return json_response(error.body(), 429)

    def _quota_key(self, request: Request, kind: str) -> str | None:
        if not request.path.startswith("/v4/"):
            return None
        reads = request.method == "GET" or request.path.endswith(
            (":getByDataFilter", ":batchGetByDataFilter", "developerMetadata:search")
        )
        if reads != (kind == "Read"):
            return None
        try:
            return self.tokens.owner(request.headers.get("Authorization"))
        except ApiError:
            return None

    # Routes

    @route("POST", "/token")
    def token(self, request: Request) -> Json | Response:
        """Exchange a JWT for an access token."""
        try:
            return self.tokens.grant(dict(request.form.items()))
        except OAuthError as error:
            return json_response(error.body, 400)

    @route("GET", "/v4/<path:rest>")
    @route("POST", "/v4/<path:rest>")
    @route("PUT", "/v4/<path:rest>")
    def sheets(self, request: Request, rest: str) -> Response:
        """Serve the Sheets API."""
        for method, pattern, allowed, handler in SHEETS:
            match = re.fullmatch(pattern, rest, re.DOTALL)
            if match and method == request.method:
                return self._served(request, match, allowed, handler)
        return self.unserved(request)

    def _served(self, request: Request, match: re.Match[str], allowed: set[str], handler: Handler) -> Response:
        try:
            user = self.tokens.owner(request.headers.get("Authorization"))
            _check_query(request, allowed)
            return json_response(handler(self, request, user, match))
        except ApiError as error:
            return json_response(error.body(), error.code)

    @route("GET", "/drive/v3/<path:rest>")
    @route("POST", "/drive/v3/<path:rest>")
    @route("PATCH", "/drive/v3/<path:rest>")
    @route("DELETE", "/drive/v3/<path:rest>")
    def drive(self, request: Request, rest: str) -> Response:
        """Serve as much of the Drive API as gspread asks for."""
        try:
            user = self.tokens.owner(request.headers.get("Authorization"))
            answer = self._drive(request, rest, user)
        except ApiError as error:
            return json_response(drive_body(error), error.code)
        if answer is None:
            return self.unserved(request)
        return answer if isinstance(answer, Response) else json_response(answer)

    def _drive(self, request: Request, rest: str, user: str) -> Json | Response | None:
        options = dict(request.args.items())
        body = read_body(request) or {}
        if rest == "files" and request.method == "GET":
            mine = [each for each in self.documents.values() if {user, "anyone"} & each.access.keys()]
            return list_files(mine, options)
        if rest == "files" and request.method == "POST":
            return show(render_file(self._create(body.get("name") or "Untitled", user)), options.get("fields"))
        match = re.fullmatch(r"files/([^/]+)(/copy|/comments|/export)?", rest)
        if not match:
            return None
        document = self.documents.get(match[1])
        if document is None or not {user, "anyone"} & document.access.keys():
            raise file_missing(match[1])
        return self._drive_file(request, document, match[2] or "", body, user)

    def _drive_file(
        self, request: Request, document: Document, part: str, body: Json, user: str
    ) -> Json | Response | None:
        fields = request.args.get("fields")
        match (request.method, part):
            case ("GET", ""):
                return show(render_file(document), fields)
            case ("GET", "/comments"):
                return {"comments": []}
            case ("GET", "/export"):
                return Response(export_csv(document), content_type=request.args.get("mimeType", "text/csv"))
            case ("DELETE", ""):
                del self.documents[document.id]
                return Response(status=204, content_type="text/html")
            case ("PATCH", ""):
                document.title = body.get("name", document.title)
                return show(render_file(document), fields)
            case ("POST", "/copy"):
                return show(render_file(self.copy(document, body.get("name"), user)), fields)
        return None

    def _create(self, title: str, owner: str) -> Document:
        document = self.create(title, locale="en_US", timezone="Etc/GMT", shared_with=())
        document.share(owner, role="owner")
        return document

    def copy(self, document: Document, title: str | None = None, owner: str | None = None) -> Document:
        """Copy a spreadsheet as Drive does: with another id, its tabs' ids, tags and protections kept."""
        twin = self.create(title or f"Copy of {document.title}", document.locale, document.timezone, ())
        state = document.save()
        twin.restore({**state, "title": twin.title})
        twin.access = {owner: "owner"} if owner else dict(document.access)
        return twin

    @route("GET", "/spreadsheets/d/<number>", "/spreadsheets/d/<number>/edit")
    def page(self, request: Request, number: str) -> Response:
        """Show the sheet as a person would see it; no account is needed on loopback."""
        document = self.documents.get(number)
        if document is None:
            return Response("There is no such spreadsheet in the sandbox.", 404, content_type="text/plain")
        return Response(render_page(document, document.now().date()), content_type="text/html; charset=utf-8")

    def opened(self, number: str, user: str, *, writes: bool = False) -> Document:
        """Return a spreadsheet that the account may read, or write. Raises ApiError."""
        document = self.documents.get(number)
        if document is None:
            raise not_found()
        if document.role(user) == "reader" and writes:
            raise denied()
        return document

    @property
    def first(self) -> Document:
        """The spreadsheet that was made first."""
        return next(iter(self.documents.values()))


def read_body(request: Request) -> Any:
    """Read a JSON body; none is None. Raises ApiError for what is no JSON."""
    raw = request.get_data()
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise violations([("", f"Invalid JSON payload received. {error}")]) from error


def _check_query(request: Request, allowed: set[str]) -> None:
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
    document = service._create(properties.get("title") or "Untitled spreadsheet", user)
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
    ("POST", ONE + "/values/(.*):append", WRITE | {"insertDataOption"}, _values_append),
    ("POST", ONE + "/values/(.*):clear", set(), _values_clear),
    ("PUT", ONE + "/values/(.*)", WRITE, _values_update),
    ("GET", ONE + "/values/(.*)", RENDER, _values_get),
]

__all__ = ["ROBOT", "Document", "GoogleSheets", "Person"]

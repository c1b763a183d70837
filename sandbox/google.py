"""Google Sheets v4 (and a little of Drive v3) on loopback, for the real gspread and for a person's browser.

``GoogleSheets`` is a wire ``Service``; ``create`` makes a ``Document``; ``person(document)`` acts on it as somebody
in the browser would. Accounts sign in with the dict of ``service_account()``, whose key is made at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from sandbox.google_document import Document
from sandbox.google_drive import SEPARATORS, drive_body, export_text, file_missing, list_files, render_file, show
from sandbox.google_error import ApiError, denied, not_found, over_quota, worded
from sandbox.google_permissions import (
    change_permission,
    create_permission,
    delete_permission,
    list_permissions,
    show_permission,
)
from sandbox.google_person import Person
from sandbox.google_routes import SHEETS, check_query, read_body
from sandbox.google_schema import Json
from sandbox.google_sign_in import PERSON, ROBOT, SignIns
from sandbox.page import render_page
from sandbox.wire import Quota, json_response, route


class GoogleSheets(SignIns):
    """The stand-in. ``limits`` turns on Google's quotas: 60 reads and 60 writes a minute for each account."""

    name: ClassVar[str] = "Google Sheets"

    def __init__(self, *args: Any, limits: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.documents: dict[str, Document] = {}
        self._made = 0
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

    # What Google words in its own way

    def refusal(self, status: int, request: Request) -> Response:
        """Word an error that a fault brings."""
        return json_response(worded(status).body(), status)

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """Word Google's 429. Whether it brings a Retry-After isn't recorded; this one brings none."""
        return json_response(over_quota(quota.name).body(), 429)

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

    @route("GET", "/v4/<path:rest>")
    @route("POST", "/v4/<path:rest>")
    @route("PUT", "/v4/<path:rest>")
    def sheets(self, request: Request, rest: str) -> Response:
        """Serve the Sheets API."""
        for method, pattern, allowed, handler in SHEETS:
            match = re.fullmatch(pattern, rest, re.DOTALL)
            if match and method == request.method:
                try:
                    user = self.tokens.owner(request.headers.get("Authorization"))
                    self.tokens.check_scope(request.headers.get("Authorization"), writes=method != "GET")
                    self.tokens.check_project(
                        request.headers.get("Authorization"), request.headers.get("x-goog-user-project", "")
                    )
                    check_query(request, allowed)
                    return json_response(handler(self, request, user, match))
                except ApiError as error:
                    return json_response(error.body(), error.code)
        return self.unserved(request)

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
            mine = [each for each in self.documents.values() if each.admits(user)]
            return list_files(mine, options)
        if rest == "files" and request.method == "POST":
            return show(render_file(self.made_by(body.get("name") or "Untitled", user)), options.get("fields"))
        match = re.fullmatch(r"files/([^/]+)(/copy|/comments|/export|/permissions(?:/([^/]+))?)?", rest)
        if not match:
            return None
        document = self.documents.get(match[1])
        if document is None or not document.admits(user):
            raise file_missing(match[1])
        if request.method != "GET" and match[2] != "/copy" and document.role(user) == "reader":
            raise ApiError(403, "PERMISSION_DENIED", "The user does not have sufficient permissions for this file.")
        if (match[2] or "").startswith("/permissions"):
            return self._drive_permission(request, document, match[3] or "", body)
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
            case ("GET", "/export") if (form := request.args.get("mimeType", "")) in SEPARATORS:
                return Response(export_text(document, SEPARATORS[form]), content_type=form)
            case ("DELETE", ""):
                del self.documents[document.id]
                return Response(status=204, content_type="text/html")
            case ("PATCH", ""):
                document.title = body.get("name", document.title)
                return show(render_file(document), fields)
            case ("POST", "/copy"):
                return show(render_file(self.copy(document, body.get("name"), user)), fields)
        return None

    def _drive_permission(
        self, request: Request, document: Document, number: str, body: Json
    ) -> Json | Response | None:
        fields = request.args.get("fields")
        match (request.method, bool(number)):
            case ("GET", False):
                return list_permissions(document, fields)
            case ("POST", False):
                return create_permission(document, body, fields)
            case ("GET", True):
                return show_permission(document, number, fields)
            case ("PATCH", True):
                return change_permission(document, number, body, fields)
            case ("DELETE", True):
                delete_permission(document, number)
                return Response(status=204, content_type="text/html")
        return None

    def made_by(self, title: str, owner: str) -> Document:
        """Make a spreadsheet as an account does through the API."""
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


__all__ = ["PERSON", "ROBOT", "Document", "GoogleSheets", "Person"]

"""As much of Google Drive v3 as gspread asks for: files made, listed, told, copied, renamed, deleted, exported."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

from sandbox.google_document import Document
from sandbox.google_error import ApiError
from sandbox.google_mask import parse_mask, select
from sandbox.google_schema import Json
from sandbox.google_values import value_range

SHEET = "application/vnd.google-apps.spreadsheet"
SEPARATORS = {"text/csv": ",", "text/tab-separated-values": "\t"}
USUAL = "kind,id,name,mimeType"
TERM = re.compile(r"""(\w+)\s*(=|!=|contains)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(true|false))""")


def render_file(document: Document) -> Json:
    """Return a spreadsheet as a Drive file."""
    return {
        "kind": "drive#file",
        "id": document.id,
        "name": document.title,
        "mimeType": SHEET,
        "createdTime": _moment(document.created),
        "modifiedTime": _moment(document.modified),
        "version": str(document.version),
        "trashed": False,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def show(file: Json, fields: str | None) -> Json:
    """Return what ``fields`` asks of a file; by default its kind, id, name and type."""
    return select(file, parse_mask(fields or USUAL))  # type: ignore[no-any-return]


def list_files(documents: list[Document], options: dict[str, str]) -> Json:
    """Answer ``files.list``: newest change first, by name or type."""
    wanted = [each for each in documents if _fits(render_file(each), options.get("q", ""))]
    wanted.sort(key=lambda each: each.modified, reverse=True)
    files = [render_file(each) for each in wanted]
    fields = options.get("fields")
    if fields:
        return select({"kind": "drive#fileList", "files": files}, parse_mask(fields))  # type: ignore[no-any-return]
    return {"kind": "drive#fileList", "incompleteSearch": False, "files": [show(file, None) for file in files]}


def _fits(file: Json, query: str) -> bool:
    for name, operator, single, double, flag in TERM.findall(query):
        value: Any = re.sub(r"\\(.)", r"\1", single or double) if not flag else flag == "true"
        have = file.get(name, "")
        if operator == "contains":
            if str(value).lower() not in str(have).lower():
                return False
        elif (have == value) != (operator == "="):
            return False
    return True


def file_missing(number: str) -> ApiError:
    """Answer for a file that isn't there, or that the account may not see."""
    return ApiError(404, "NOT_FOUND", f"File not found: {number}.")


def drive_body(error: ApiError) -> Json:
    """Word an error as Drive does: with a list of errors, without a status."""
    reason = {404: "notFound", 401: "authError", 403: "insufficientFilePermissions"}.get(error.code, "badRequest")
    one = {"domain": "global", "reason": reason, "message": error.message}
    return {"error": {"code": error.code, "message": error.message, "errors": [one]}}


def export_text(document: Document, separator: str) -> str:
    """Return the first tab as a person sees it, its cells parted by commas or tabs."""
    tab = document.tabs[0]
    text = io.StringIO()
    values = value_range(document, tab, tab.whole(), {}).get("values", [])
    wide = max(map(len, values), default=0)
    csv.writer(text, delimiter=separator).writerows([*row, *[""] * (wide - len(row))] for row in values)
    return text.getvalue().rstrip("\r\n")

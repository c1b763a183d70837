"""The forms of a Google sheet as a source: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.forms import Form, Url
from connectors.google_reference import GoogleKey

_ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([\w-]{20,})(?:[/?#].*)?")
_ID = re.compile(r"[\w-]{20,}")


def parse_sheet_id(text: str) -> str:
    """A spreadsheet's id, from its address in the browser or as it is. Raises ValueError."""
    written = text.strip()
    if match := _ADDRESS.fullmatch(written):
        return match[1]
    if _ID.fullmatch(written):
        return written
    raise ValueError("open the sheet and copy the address bar: https://docs.google.com/spreadsheets/d/…")


class GoogleSheetOptions(Form):
    """One spreadsheet that numbers are read from."""

    sheet: Annotated[str, AfterValidator(parse_sheet_id)] = Field(description="The spreadsheet's address, or its id")
    credentials: GoogleKey = Field(
        description="A service account's JSON key, such as file:google.json; or application-default, or login"
    )
    url: Url = Field("https://sheets.googleapis.com", description="Where the API is")


class GoogleSheetQuery(Form):
    """Which cells."""

    range: str = Field(description="A tab, a range (Deals!A1:F), a cell (Totals!B4) or a named range", min_length=1)
    header: bool = Field(
        True, description="Whether its first row names the fields; false: each filled cell is a record"
    )

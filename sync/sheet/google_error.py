"""What a failed call to Google means for the sheet. The class says what to do next; the words say what was kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from connectors.google import GoogleInvalid, GoogleLost, GoogleRefused, GoogleUnavailable
from okr.problem import CellPlace
from sync.sheet.cell import Address
from sync.sheet.google_cell import Json
from sync.sheet.google_read import parse_request_index
from sync.sheet.store_error import (
    SheetBusy,
    SheetError,
    SheetOverQuota,
    SheetRefused,
    SheetUnavailable,
    WriteUnconfirmed,
)

_AGAIN = "Run again; the sheet is as it was."
_FULL = (
    "Delete empty rows and columns, or tabs that nobody needs: empty cells count too. A write needs room for a copy."
)
_GUARD = frozenset({"deleteSheet", "addSheet"})
_MOVED = re.compile(
    r"no grid with id|no sheet with id|grid limits|after last (row|column)|beyond the last requested|"
    r"is out of bounds|must be less than",
    re.IGNORECASE,
)
"""How Google words a place that is no longer there: people deleted rows, columns or a tab since the read."""


@contextmanager
def reading() -> Iterator[None]:
    """Turn what a failed read raises into the store's errors."""
    try:
        yield
    except GoogleUnavailable as error:
        raise SheetUnavailable(f"The sheet can't be read: {error.message}", fix=error.fix or _AGAIN) from error
    except GoogleRefused as error:
        raise SheetRefused(f"The sheet can't be read: {error.message}", fix=error.fix) from error
    except GoogleInvalid as error:
        raise _unreadable(error) from error


def _unreadable(error: GoogleInvalid) -> SheetError:
    if "not supported for this document" in error.message:
        return SheetRefused(
            "The file is no Google spreadsheet but an Excel file kept on Drive.",
            fix="Open it and choose File > Save as Google Sheets, then put the new id into sheet.google.",
        )
    if "nable to parse range" in error.message:
        return SheetUnavailable("A tab was renamed or deleted while the sheet was read.", fix=_AGAIN)
    return SheetRefused(f"The sheet can't be read: {error.message}", fix=error.fix)


@contextmanager
def writing(requests: Sequence[Json], titles: Mapping[int, str]) -> Iterator[None]:
    """Turn what a failed write of these requests raises into the store's errors. ``titles`` are those of tabs."""
    try:
        yield
    except GoogleLost as error:
        raise WriteUnconfirmed(error.message, fix=error.fix) from error
    except GoogleUnavailable as error:
        message, fix = f"Nothing was written: {error.message}", error.fix or _AGAIN
        if error.retry_after is not None:
            raise SheetOverQuota(message, wait=error.retry_after, fix=fix) from error
        raise SheetUnavailable(message, fix=fix) from error
    except GoogleRefused as error:
        place = _place(error.message, requests, titles)
        raise SheetRefused(f"Nothing was written: {error.message}", place=place, fix=error.fix) from error
    except GoogleInvalid as error:
        raise _invalid(error, requests, titles) from error


def _invalid(error: GoogleInvalid, requests: Sequence[Json], titles: Mapping[int, str]) -> SheetError:
    place = _place(error.message, requests, titles)
    if _kind(error.message, requests) in _GUARD and "limit" not in error.message:
        return SheetBusy(
            "Another run wrote to the sheet at the same time. Nothing of this one was written.", fix=_AGAIN
        )
    if _kind(error.message, requests) == "updateChartSpec" and "with id" in error.message:
        return SheetBusy(
            "A chart of the Dashboard was deleted between the read and the write. Nothing was written.", fix=_AGAIN
        )
    if _MOVED.search(error.message):
        return SheetBusy(
            "Rows, columns or a tab were deleted between the read and the write. Nothing was written.",
            place=place,
            fix=_AGAIN,
        )
    if "number of cells" in error.message:
        return SheetRefused(f"Nothing was written: {error.message}", place=place, fix=_FULL)
    return SheetRefused(
        f"Nothing was written: {error.message}",
        place=place,
        fix=error.fix or "Run: okr-sync doctor. It tries every kind of write on this sheet.",
    )


def _kind(message: str, requests: Sequence[Json]) -> str:
    at = parse_request_index(message)
    return next(iter(requests[at])) if at is not None and at < len(requests) else ""


def _place(message: str, requests: Sequence[Json], titles: Mapping[int, str]) -> CellPlace | None:
    """The cell that a refusal is about, where the refused request is one that writes cells."""
    at = parse_request_index(message)
    if at is None or at >= len(requests):
        return None
    start = requests[at].get("updateCells", {}).get("start")
    if start is None or start.get("sheetId") not in titles:
        return None
    return CellPlace(titles[start["sheetId"]], str(Address(start["rowIndex"], start["columnIndex"])))

"""A Google sheet as a source: a cell, a named range, a tab under its header row, a form's answers. Only read.

One call for each range, with only the parts of cells that are needed; it goes through ``connectors.google``, the one
place that knows Google. A tab is a table: its first filled row names the fields, every filled row below is a record.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote as url_quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Limits, Scan, SourceMisread, Surroundings
from connectors.google import READ_ONLY, GoogleSession, Settings, open_session
from connectors.google_grid import MASK, Grid, GridCell, parse_grid
from connectors.google_sheet_grammar import VALUE, GoogleSheetGrammar, RangeBody
from connectors.known_limit import KnownLimit
from connectors.once import Once
from mappings.model import Filter, Outcome, Query, Record, Value
from mappings.where import passes

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.findings import Findings
    from connectors.google_sheet_forms import GoogleSheetOptions
    from mappings.model import Metric

_CELL = re.compile(r"(?:.*!)?\$?[A-Za-z]{1,3}\$?[1-9]\d*")
_CORNERS = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")


class GoogleSheet:
    """The kind ``google_sheet``: one spreadsheet."""

    kind: ClassVar[str] = "google_sheet"
    grammar = GoogleSheetGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.google_sheet_forms import GoogleSheetOptions

        return GoogleSheetOptions

    def make(self, name: str, options: GoogleSheetOptions, around: Surroundings) -> GoogleSheetConnector:
        """A connector; nothing is asked yet."""
        return GoogleSheetConnector(name, options, around)

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Google's limits."""
        quota = "60 reads a minute for an account in a project; the OKR sheet's reads by the same key count too"
        return (
            KnownLimit("calls", quota, "https://developers.google.com/workspace/sheets/api/limits"),
            KnownLimit("penalty", "a 429 is waited out, up to a minute at a time"),
            KnownLimit("page", "none: a tab, a range or a cell is one call, and calls come one after the other"),
        )

    def make_link(self, options: GoogleSheetOptions, query: Query) -> str | None:
        """The spreadsheet. Which of its tabs it is can't be said without asking."""
        return f"https://docs.google.com/spreadsheets/d/{url_quote(options.sheet)}/edit"


class GoogleSheetConnector:
    """One spreadsheet for one run. Google wants its calls one after the other."""

    kind: ClassVar[str] = "google_sheet"
    shares_scans: ClassVar[bool] = True

    def __init__(self, name: str, options: GoogleSheetOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=1)
        self._options, self._around, self._once = options, around, Once()
        self._session: GoogleSession | None = None

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The records of one range."""
        assert isinstance(scan.body, RangeBody)
        found = self._fetch(scan.body.range)
        try:
            grid = parse_grid(found, ZoneInfo(found["properties"]["timeZone"]))
        except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError):
            raise SourceMisread(f"{self.name} answered with something else than the cells of a range.") from None
        if _is_one_cell(scan.body.range, found):
            return self._lone_records(grid, scan, even_empty=True)
        if not scan.body.header:
            return self._lone_records(grid, scan, even_empty=False)
        return self._rows(grid, scan)

    def answer(self, metric: Metric) -> Outcome | None:
        """Google computes nothing over a range."""
        return None

    def discover(self) -> Findings:
        """Tabs, the fields of their header rows, named ranges."""
        from connectors.google_sheet_discover import discover

        session, sheet = self._once.get("session", self._open), self._options.sheet
        return discover(lambda ranges, fields: session.fetch_spreadsheet(sheet, ranges, fields), self.name)

    def close(self) -> None:
        """Give back the connection."""
        if self._session is not None:
            self._session.close()

    def _fetch(self, range_: str) -> Mapping[str, Any]:
        """One read of one range. Raises SourceError."""
        return self._once.get("session", self._open).fetch_spreadsheet(self._options.sheet, [range_], MASK)

    def _open(self) -> GoogleSession:
        place, key = f"sources.{self.name}", self._options.credentials
        settings = Settings(f"{place}.sheet", f"{place}.credentials ({key.reference})", "a viewer", retries_pages=False)
        self._session = open_session(
            key, self._around, scopes=(READ_ONLY,), endpoint=self._options.url, settings=settings
        )
        return self._session

    # Cells into records

    def _lone_records(self, grid: Grid, scan: Scan, *, even_empty: bool) -> Iterator[Record]:
        """Each cell by itself, its value under “value”. One that was named is a record even when it is empty."""
        if missing := _asked(scan) - {VALUE}:
            name = min(missing)
            raise SourceMisread(
                f"A cell has no field “{name}”.", fix=f"Its only field is “{VALUE}”: {{sum: {VALUE}}}.", fields=missing
            )
        cells = [(number, cell) for number, row in grid.numbered() for cell in row]
        for number, cell in cells:
            if cell.is_filled or even_empty:
                fields: dict[str, Value] = {} if cell.value is None else {VALUE: cell.value}
                record = Record(cell.address, fields, link=self._link(grid, number))
                _refuse_errors(record, {VALUE: cell}, scan)
                yield record
        if even_empty and not cells:
            assert isinstance(scan.body, RangeBody)
            yield Record(scan.body.range, {})

    def _rows(self, grid: Grid, scan: Scan) -> Iterator[Record]:
        """The rows below the header."""
        assert isinstance(scan.body, RangeBody)
        rows = iter(grid.numbered())
        head = next((row for _, row in rows if any(cell.is_filled for cell in row)), None)
        if head is None:
            raise SourceMisread(
                f"{scan.body.range} is empty: not even a header row is there.", fix="Check the range, and the sheet."
            )
        columns = _find_columns(head, _asked(scan), scan.body.range)
        for number, row in rows:
            if not any(cell.is_filled for cell in row):
                continue
            cells = {name: row[at] for name, at in columns.items() if at < len(row)}
            fields = {name: cell.value for name, cell in cells.items() if cell.value is not None}
            title = next((cell.shown for cell in row if cell.shown), "") if scan.titles else ""
            record = Record(grid.row_name(number), fields, title, self._link(grid, number))
            _refuse_errors(record, cells, scan)
            yield record

    def _link(self, grid: Grid, number: int) -> str:
        sheet = url_quote(self._options.sheet)
        return f"https://docs.google.com/spreadsheets/d/{sheet}/edit#gid={grid.tab_id}&range={number}:{number}"


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    address: str
    at: int


def _find_columns(head: Iterable[GridCell], wanted: frozenset[str], range_: str) -> dict[str, int]:
    """Where each wanted field stands. Raises SourceMisread for one that isn't there, or is there twice."""
    headers = [_Header(name, cell.address, at) for at, cell in enumerate(head) if (name := cell.shown.strip())]
    columns: dict[str, int] = {}
    for name in sorted(wanted):
        places = [header for header in headers if header.name == name]
        if len(places) > 1:
            where = " and ".join(header.address for header in places)
            raise SourceMisread(
                f"“{name}” is the header of several columns: {where}.", fix="Rename one.", fields=frozenset({name})
            )
        if places:
            columns[name] = places[0].at
    if missing := frozenset(wanted - columns.keys()):
        known = [header.name for header in headers]
        close = [match for name in sorted(missing) for match in difflib.get_close_matches(name, known, n=1, cutoff=0.5)]
        fix = f"Did you mean {' and '.join(f'“{each}”' for each in close)}?" if close else "Check its header row."
        names = " or ".join(f"“{name}”" for name in sorted(missing))
        raise SourceMisread(f"{range_} has no column {names}.", fix=fix, fields=missing)
    return columns


def _refuse_errors(record: Record, cells: Mapping[str, GridCell], scan: Scan) -> None:
    """Refuse an error where it matters: in a field that decides what counts, or in a record that counts."""
    deciding = {name for only in scan.filters for name in _filter_fields(only)}
    for name, cell in cells.items():
        if cell.error and (name in deciding or any(passes(record, only) for only in scan.filters)):
            raise SourceMisread(
                f"{cell.address} (“{name}”) is {cell.error}.",
                fix="Correct the formula there, or leave the row out with where.",
                fields=frozenset({name}),
            )


def _asked(scan: Scan) -> frozenset[str]:
    return scan.fields.union(*map(_filter_fields, scan.filters))


def _filter_fields(only: Filter) -> frozenset[str]:
    window = {only.window.field} if only.window else set()
    return frozenset(window | {condition.field for condition in only.conditions})


def _is_one_cell(range_: str, found: Mapping[str, Any]) -> bool:
    """Whether a range is a single cell, written as one or named."""
    if _CELL.fullmatch(range_):
        return True
    named = next((each["range"] for each in found.get("namedRanges", ()) if each.get("name") == range_), None)
    if named is None or not {"endRowIndex", "endColumnIndex"} <= named.keys():
        return False
    top, bottom, left, right = (int(named.get(corner, 0)) for corner in _CORNERS)
    return (bottom - top, right - left) == (1, 1)

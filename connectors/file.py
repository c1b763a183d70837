"""Files: CSV, Excel, JSON and JSON lines; one file, the newest of a folder, or one at a url. Read anew in every run.

A reading is as old as its file, or as the latest date of a column: a report that nobody exports any more turns grey
in the sheet instead of staying green.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from connectors.base import Limits, Scan, SourceMisread, Surroundings
from connectors.file_find import Found, find_file, read_file
from connectors.file_grammar import FileBody, FileGrammar
from connectors.file_table import (
    Dialect,
    decode,
    open_text,
    parse_csv_cell,
    parse_excel_cell,
    parse_json,
    read_csv,
    read_xlsx,
)
from connectors.home import expand_home
from connectors.http_grammar import FieldPath
from connectors.http_records import RecordReader
from connectors.json_path import find
from connectors.known_limit import KnownLimit
from connectors.once import Once
from connectors.reply import Asked
from connectors.web import Ask, WebLimits, fetch, make_session
from connectors.wire import Wire
from mappings.model import Metric, Outcome, Record, Value

if TYPE_CHECKING:
    from pydantic import BaseModel
    from requests import PreparedRequest, Session

    from connectors.file_forms import FileOptions
    from connectors.findings import Findings

_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".json": "json",
            ".jsonl": "jsonl", ".ndjson": "jsonl"}  # fmt: skip


class File:
    """The kind ``file``."""

    kind: ClassVar[str] = "file"
    grammar = FileGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.file_forms import FileOptions

        return FileOptions

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Ours: what is larger is refused, never cut off."""
        return (
            KnownLimit("size", "a file is read up to most_bytes, unpacked: 100 MB"),
            KnownLimit("rows", "up to most_rows: 1,000,000"),
            KnownLimit("calls", "each file is read, or downloaded, once a run"),
        )

    def make(self, name: str, options: FileOptions, around: Surroundings) -> FileConnector:
        """A connector; nothing is read yet."""
        return FileConnector(name, options, around)


class FileConnector:
    """Files for one run: each is read once."""

    kind: ClassVar[str] = "file"
    shares_scans: ClassVar[bool] = True

    def __init__(self, name: str, options: FileOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=2)
        self._options, self._around = options, around
        self._zone = ZoneInfo(options.timezone or around.timezone)
        self._is_url = "://" in options.path
        self._web = WebLimits(options.most_bytes, 300.0, options.allow_private)
        credential = str(options.token.reference) if options.token else ""
        self._asked = Asked(name, urlsplit(options.path).netloc if self._is_url else "", credential)
        self._wire: Wire[Session] = Wire(
            self._asked,
            around,
            lambda: make_session(around, self._web, {"Accept": "*/*"}),
            close_client=lambda session: session.close(),
        )
        self._once = Once()

    def scan(self, scan: Scan) -> Iterator[Record]:
        """Every row. The file's age is told; a column that isn't there is an error at once."""
        assert isinstance(scan.body, FileBody)
        found = self._once.get(scan.body.file, lambda: self._find(scan.body))
        name = self._options.as_of
        newest: datetime | None = None
        wanted = scan.fields | ({name} if name else frozenset())
        for number, record in enumerate(self._records(found, scan.body, wanted), start=1):
            if number > self._options.most_rows:
                fix = "Raise most_rows, or let a smaller file be written."
                raise SourceMisread(f"{found.name} has more than {self._options.most_rows:,} rows.", fix=fix)
            moment = self._moment(record.fields.get(name)) if name else None
            newest = max(filter(None, (newest, moment)), default=None)
            yield record
        dated = newest if name else found.changed
        if dated is not None:
            scan.dated(dated)

    def answer(self, metric: Metric) -> Outcome | None:
        """A file computes nothing."""
        return None

    def discover(self) -> Findings:
        """The columns of the file that would be read now, of each sheet of Excel's."""
        from connectors.file_discover import discover

        body = FileBody()
        found = self._once.get(body.file, lambda: self._find(body))
        return discover(self.name, found, self._kind_of(found), self._dialect(), self._options.most_bytes)

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()

    # Finding

    def _find(self, body: Any) -> Found:
        if self._is_url:
            return self._wire.ask(self._fetch)
        path = self._around.folder / expand_home(self._options.path)
        return read_file(find_file(path, body.file or self._options.pattern), self._options.most_bytes)

    def _fetch(self, session: Session) -> Found:
        url, options = self._options.path, self._options
        auth = _bearer(options.token.reveal()) if options.token else None
        response = fetch(session, Ask(url), self._asked, self._around, self._web, auth)
        if "html" in response.headers.get("Content-Type", ""):
            raise SourceMisread(
                f"{self._asked.place} answered with a login page instead of a file.",
                fix=f"Check the url and {self._asked.credential or 'its permissions'}.",
            )
        name = unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or self.name
        return Found(name, response.content, _parse_http_date(response.headers.get("Last-Modified", "")))

    # Reading

    def _kind_of(self, found: Found) -> str:
        kind = self._options.format or _FORMATS.get(Path(found.name).suffix.lower())
        if kind is None:
            fix = "Say which it is: format: csv, xlsx, json or jsonl."
            raise SourceMisread(f"What kind of file {found.name} is can't be seen from its name.", fix=fix)
        return kind

    def _dialect(self) -> Dialect:
        given = self._options
        return Dialect(given.encoding, given.delimiter, given.decimal, given.date_order, self._zone)

    def _records(self, found: Found, body: FileBody, wanted: frozenset[str]) -> Iterator[Record]:
        kind, dialect = self._kind_of(found), self._dialect()
        if kind == "csv":
            yield from self._rows(found, body, wanted, read_csv(found, dialect), lambda x: parse_csv_cell(x, dialect))
        elif kind == "xlsx":
            rows = read_xlsx(found, body.sheet, self._options.most_bytes)
            yield from self._rows(found, body, wanted, rows, lambda x: parse_excel_cell(x, self._zone))
        else:
            yield from self._json(found, body, wanted, lines=kind == "jsonl")

    def _rows(
        self, found: Found, body: FileBody, wanted: frozenset[str], rows: Iterator[Any], parse: Callable[[Any], Value]
    ) -> Iterator[Record]:
        names: list[str] = []
        for number, row in enumerate(rows, start=1):
            if number < body.header:
                continue
            if number == body.header:
                names = [str(cell).strip() if cell is not None else "" for cell in row]
                self._check_names(found, body, names, wanted)
                continue
            cells = dict(zip(names, row, strict=False))
            if not any(cell not in (None, "") for cell in row):
                continue
            fields = {name: value for name in wanted if (value := parse(_cell(cells, name))) is not None}
            id_ = str(cells.get(body.id) or "") if body.id else ""
            yield Record(id=id_ or f"row {number}", fields=fields)
        if not names:
            raise SourceMisread(f"{found.name} has no row {body.header} with columns.", fix="Is the file empty?")

    def _check_names(self, found: Found, body: FileBody, names: list[str], wanted: frozenset[str]) -> None:
        twice = sorted({name for name in names if name and names.count(name) > 1} & wanted)
        if twice:
            raise SourceMisread(f"{found.name} has two columns called “{twice[0]}”.", fix="Rename one of them.")
        missing = sorted((wanted | ({body.id} if body.id else set())) - set(names))
        if missing:
            raise _no_field(found.name, "column", missing, [name for name in names if name])

    def _json(self, found: Found, body: FileBody, wanted: frozenset[str], *, lines: bool) -> Iterator[Record]:
        fields = tuple(FieldPath(name, path) for name, path in body.fields)
        reader = RecordReader(fields, body.id or "id", wanted)
        for each in self._items(found, body, lines=lines):
            yield reader.read(each)
        if reader.missing:
            raise _no_field(found.name, "field", sorted(reader.missing), list(reader.keys))

    def _items(self, found: Found, body: FileBody, *, lines: bool) -> Iterator[Any]:
        whole = self._whole_lines if lines else self._whole_text
        for item in whole(found):
            item = find(body.records, item) if body.records else item
            if lines:
                yield item
            elif isinstance(item, list):
                yield from item
            elif isinstance(item, dict | int | Decimal):
                yield item
            else:
                at = f" at “{body.records}”" if body.records else ""
                raise SourceMisread(f"{found.name} has no list of records{at}.", fix="Correct records.")

    def _whole_text(self, found: Found) -> Iterator[Any]:
        yield parse_json(decode(found, self._options.encoding), found.name)

    def _whole_lines(self, found: Found) -> Iterator[Any]:
        with open_text(found, self._options.encoding) as text:
            for number, line in enumerate(text, start=1):
                if line.strip():
                    yield parse_json(line, f"{found.name} (line {number})")

    def _moment(self, value: Value) -> datetime | None:
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.combine(value, time(), self._zone).astimezone(UTC) if isinstance(value, date) else None


def _cell(cells: dict[str, Any], name: str) -> Any:
    """A cell; one that a short row lacks, or Excel left empty, is an empty text."""
    found = cells.get(name)
    return "" if found is None else found


def _no_field(file: str, what: str, missing: list[str], names: list[str]) -> SourceMisread:
    close = [match for name in missing for match in difflib.get_close_matches(name, names, n=1, cutoff=0.5)]
    hint = f"Did you mean “{close[0]}”?" if close else f"Its {what}s: {', '.join(names[:12])}."
    shown = " or ".join(f"“{name}”" for name in missing)
    return SourceMisread(f"{file} has no {what} {shown}.", fix=hint, fields=frozenset(missing))


def _bearer(token: str) -> Callable[[PreparedRequest], PreparedRequest]:
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign


def _parse_http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

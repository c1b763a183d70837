"""Rows of CSV and Excel files, with the types that their text or cells have. Bytes in, rows out; no file system."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from connectors.base import SourceMisread
from connectors.file_find import Found, too_large
from connectors.value import parse_number, parse_text
from mappings.model import Value

if TYPE_CHECKING:
    from openpyxl import Workbook

Row = Sequence[Any]
_LOOKED_AT = 1 << 16  # letters of the beginning, from which it is seen what a file is
_SIGNS = ",;\t|"
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_COMMA_NUMBER = re.compile(r"-?\d{1,3}(?:[. ’']\d{3})*(?:,\d+)?|-?\d+(?:,\d+)?")
_POINT_NUMBER = re.compile(r"-?\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table's text is to be taken; see ``file_forms.FileOptions``."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    decimal: str = "."
    date_order: str = "iso"
    zone: tzinfo = UTC


def decode(found: Found, encoding: str) -> str:
    """The file's whole text; a byte order mark wins over what the options say. Raises SourceMisread."""
    with open_text(found, encoding) as text:
        return text.read()


@contextmanager
def open_text(found: Found, encoding: str) -> Iterator[TextIO]:
    """The file's text, decoded while it is read, with its line ends as they are. Raises SourceMisread as ``decode``."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encoding = next((name for mark, name in marks if found.data.startswith(mark)), encoding)
    with io.TextIOWrapper(io.BytesIO(found.data), encoding, newline="") as text:
        try:
            yield text
        except UnicodeDecodeError:
            fix = "Say which encoding it has: encoding: cp1252 for files from Windows."
            line = _undecodable_line(found.data, encoding)
            raise SourceMisread(f"{found.name} is not {encoding} (line {line}).", fix=fix) from None


def _undecodable_line(data: bytes, encoding: str) -> int:
    """Where decoding fails, found anew: a reader of pieces knows the place in its piece only."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return data[: error.start].count(b"\n") + 1
    return 1


def read_csv(found: Found, dialect: Dialect) -> Iterator[Row]:
    """The lines' cells as text. Raises SourceMisread for what is no CSV."""
    with open_text(found, dialect.encoding) as text:
        start = text.read(_LOOKED_AT)
        if start.lstrip()[:1] == "<":
            raise SourceMisread(
                f"{found.name} is a web page instead of a table: perhaps a login page.",
                fix="Check the address and token.",
            )
        if "\x00" in start[:4096]:
            raise SourceMisread(f"{found.name} is no text.", fix="Say its format, or its encoding.")
        delimiter = {"tab": "\t", None: _find_delimiter(start)}.get(dialect.delimiter, dialect.delimiter)
        text.seek(0)
        try:
            yield from csv.reader(text, delimiter=delimiter or ",", strict=True)
        except csv.Error as error:
            raise SourceMisread(f"{found.name} is no CSV: {error}.", fix="Check its quotes and delimiter.") from None


def _find_delimiter(text: str) -> str:
    """The sign that stands most often outside quotes in the first line."""
    bare = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    return max(_SIGNS, key=bare.count)


def read_xlsx(found: Found, sheet: str | None, most_bytes: int) -> Iterator[Row]:
    """The rows' values as they were last calculated. Raises SourceMisread."""
    with _open_xlsx(found, most_bytes) as book:
        names = [each.title for each in book.worksheets]
        if sheet is not None and sheet not in names:
            raise SourceMisread(f"{found.name} has no sheet “{sheet}”.", fix=f"Its sheets: {', '.join(names)}.")
        page = book[sheet] if sheet is not None else book.worksheets[0]
        page.reset_dimensions()  # files that other programs wrote may say less than there is
        yield from page.iter_rows(values_only=True)


def list_sheets(found: Found, most_bytes: int) -> tuple[str, ...]:
    """The titles of an Excel file's sheets. Raises SourceMisread."""
    with _open_xlsx(found, most_bytes) as book:
        return tuple(each.title for each in book.worksheets)


@contextmanager
def _open_xlsx(found: Found, most_bytes: int) -> Iterator[Workbook]:
    from openpyxl import load_workbook

    _check_unpacked(found, most_bytes)
    try:
        book = load_workbook(io.BytesIO(found.data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever a broken file makes it
        raise SourceMisread(f"{found.name} is no Excel file that can be read ({type(error).__name__}).") from None
    try:
        yield book
    finally:
        book.close()


def _check_unpacked(found: Found, most_bytes: int) -> None:
    """A small file may unpack to gigabytes: its parts are counted before they are unpacked, and what they claim is
    held against their own length by ``zipfile`` when they are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(found.data)) as package:
            size = sum(each.file_size for each in package.infolist())
    except zipfile.BadZipFile:
        raise SourceMisread(f"{found.name} is no Excel file (.xlsx).", fix="Save it as .xlsx, or as CSV.") from None
    if size > most_bytes:
        raise too_large(f"{found.name}, unpacked,", most_bytes)


def parse_json(text: str, place: str) -> Any:
    """JSON with exact numbers. Raises SourceMisread."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise SourceMisread(f"{place} is no JSON.", fix="Is it whole? Write it anew.") from None


def parse_csv_cell(text: str, dialect: Dialect) -> Value:
    """A cell's text by its dialect: a number, a day, a moment, or the text."""
    text = text.strip()
    if not text or text in _ERRORS:
        return None
    if dialect.date_order != "iso" and (match := _DAY.fullmatch(text)):
        return _make_moment(match, dialect) or text
    if dialect.decimal == "," and _COMMA_NUMBER.fullmatch(text):
        return Decimal(re.sub(r"[. ’']", "", text).replace(",", "."))
    if dialect.decimal == "." and _POINT_NUMBER.fullmatch(text):
        return Decimal(re.sub(r"[, ’']", "", text))
    return _with_zone(parse_text(text), text, dialect.zone)


def _make_moment(match: re.Match[str], dialect: Dialect) -> Value:
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    month, day = (second, first) if dialect.date_order == "dmy" else (first, second)
    try:
        if match[4] is None:
            return date(year, month, day)
        return datetime(year, month, day, int(match[4]), int(match[5]), int(match[6] or 0), tzinfo=dialect.zone)
    except ValueError:
        return None


def _with_zone(value: Value, text: str, zone: tzinfo) -> Value:
    """A moment that is written without a zone, as databases export it, is one in the table's zone."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=zone)
        except ValueError:
            return value
    return value


def parse_excel_cell(found: Any, zone: tzinfo) -> Value:
    """A cell's value; an error of a formula is nothing."""
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, int | float | Decimal):
        number = parse_number(found)
        return number if number.is_finite() else None
    if isinstance(found, datetime):
        return found.date() if found.time() == time() else found.replace(tzinfo=zone)
    if isinstance(found, date):
        return found
    if isinstance(found, timedelta):
        return Decimal(str(found.total_seconds()))
    text = str(found).strip()
    return None if text in _ERRORS else _with_zone(parse_text(text), text, zone)

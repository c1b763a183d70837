"""What stands in one cell, and ``canon``: the one form in which live, base and wanted values are compared.

Law: canon(read(write(x))) = canon(x), for both stores and also after LibreOffice re-saved the file.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

CellValue = str | Decimal | bool | date | None
"""What a cell holds: text, a number, TRUE/FALSE, a day, or nothing. Never a float, never a datetime."""

Canon = str | Decimal | date | None
"""A value in its comparable form; TRUE and FALSE are the texts "TRUE" and "FALSE"."""


class Form(StrEnum):
    """What a column holds, which decides how it is read, compared and shown."""

    TEXT = "text"
    ID = "id"  # always read as displayed, so that 1.10 stays "1.10"
    NUMBER = "number"  # any number, 12 significant digits; text where a person wrote text
    SCORE = "score"  # a number that is compared and shown to 4 and 2 places
    DATE = "date"
    CHOICE = "choice"  # text out of a list
    FLAG = "flag"  # yes or no


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a store read it.

    ``shown`` is the text a person sees. ``is_percent`` says that the number is formatted in percent.
    ``formula`` is the formula's text ("=A1*2") where there is one; then ``value`` is what it gave.
    ``error`` is the error a formula gave ("#N/A"), or a formula without a cached value.
    ``has_own_format`` says that a number stands in a format that we never write: a person's "€ #,##0".
    """

    value: CellValue = None
    shown: str = ""
    is_percent: bool = False
    formula: str | None = None
    note: str | None = None
    error: str | None = None
    has_own_format: bool = False


EMPTY = Cell()

_TRUTHS = frozenset({"=TRUE()", "=FALSE()"})


def is_formula(cell: Cell) -> bool:
    """Whether a person's formula stands here: we write none. LibreOffice saves TRUE as ``=TRUE()``, which is none."""
    return cell.formula is not None and cell.formula.upper() not in _TRUTHS


class Address(NamedTuple):
    """A cell's place within a tab: row and column count from 0."""

    row: int
    column: int

    def __str__(self) -> str:
        return f"{column_letters(self.column)}{self.row + 1}"


def column_letters(index: int) -> str:
    """The letters of a column that counts from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_FOUR_PLACES = Decimal("0.0001")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


def canon(form: Form, value: CellValue) -> Canon:
    """The comparable form of a value in a column of this form.

    Numbers that were typed as text in a number's column are numbers ("42", "45 %"); scores have 4 places,
    other numbers 12 significant digits; text is NFC, trimmed, with ``\\n`` line ends; empty text is nothing.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _canon_text(form, value)
    if isinstance(value, Decimal):
        return _canon_number(form, value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value


def canon_cell(form: Form, cell: Cell, known: Canon = None) -> Canon:
    """The comparable form of what stands in a cell. ``known`` is canonical: mostly it is just that, and then it is
    the answer at once.
    """
    value = cell.error or cell.value
    return known if type(value) is type(known) and value == known else canon(form, value)


def _canon_number(form: Form, value: Decimal) -> Canon:
    if not value.is_finite():
        return str(value)
    if form is Form.SCORE:
        return round_score(value)
    if form is Form.NUMBER:
        return round_number(value)
    if form is Form.ID or form is Form.TEXT or form is Form.CHOICE:
        return format(value.normalize(), "f")
    return value.normalize()


_LONGEST_TRUTH = len("FALSE")


def _canon_text(form: Form, text: str) -> Canon:
    text = text.strip() if text.isascii() else unicodedata.normalize("NFC", text).translate(_SPACES).strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text:
        return None
    if form is Form.SCORE or form is Form.NUMBER:
        number = parse_number(text)
        return text if number is None else _canon_number(form, number)
    if form is Form.DATE:
        return parse_date(text) or text
    return text.upper() if len(text) <= _LONGEST_TRUTH and text.upper() in ("TRUE", "FALSE") else text


_LARGEST = 300  # powers of ten: beyond it no spreadsheet holds a number


def parse_number(text: str) -> Decimal | None:
    """A number as people type it in any locale without grouping: "42", "-0.5", "45 %"; ``None`` if it is none."""
    text = text.strip().lstrip("'").replace("\u2212", "-")
    percent = text.endswith("%")
    if percent:
        text = text[:-1].rstrip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if "_" in text or not number.is_finite() or abs(number.adjusted()) > _LARGEST:
        return None
    return number / 100 if percent else number


def parse_date(text: str) -> date | None:
    """An ISO day, "2026-11-22"; ``None`` if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def round_score(value: Decimal) -> Decimal:
    """Four places, half-even, without trailing zeros or a negative zero."""
    return _tidy(value.quantize(_FOUR_PLACES)) if abs(value) < 10**20 else _tidy(value)


def round_number(value: Decimal) -> Decimal:
    """Twelve significant digits, which survive a double and every store."""
    return value.normalize(_TWELVE_DIGITS) or _ZERO


_TWELVE_DIGITS = Context(prec=12, rounding=ROUND_HALF_EVEN)
_ZERO = Decimal(0)


def _tidy(value: Decimal) -> Decimal:
    return value.normalize() or _ZERO

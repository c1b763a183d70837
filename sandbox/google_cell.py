"""A cell: what was entered into it, how it looks, its note. Cells are values and never change in place."""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.google_error import invalid
from sandbox.google_mask import Mask, merge
from sandbox.google_schema import Json, plain

MOST_CHARACTERS = 50_000


class Formula(NamedTuple):
    """A formula as it was entered, with its ``=``."""

    text: str


class Failure(NamedTuple):
    """What a formula gives instead of a value: ``kind`` as in Google's ErrorType, and the hover text."""

    kind: str
    message: str


Scalar = None | bool | int | float | str
Value = Scalar | Formula
Effective = Scalar | Failure
SHOWN_FAILURES = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}


class Cell(NamedTuple):
    """One cell. ``form`` is its userEnteredFormat, ``rule`` its dataValidation, ``runs`` its textFormatRuns."""

    value: Value = None
    form: Json | None = None
    note: str | None = None
    rule: Json | None = None
    runs: list[Json] | None = None


EMPTY = Cell()


def read_value(extended: Json | None) -> Value:
    """Read an ExtendedValue; an empty one, or an empty string, is no value. Raises ApiError over 50,000 characters."""
    if not extended:
        return None
    kind, value = next(iter(extended.items()))
    if kind == "numberValue":
        return plain(value)
    if kind == "boolValue":
        return bool(value)
    text = check_length(str(value))
    if kind == "formulaValue":
        return Formula(text if text.startswith("=") else "=" + text)
    if kind == "stringValue":
        return text or None
    raise invalid("error_value is output only")


def check_length(text: str) -> str:
    """Refuse more text than a cell takes."""
    if len(text) > MOST_CHARACTERS:
        raise invalid(f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell.")
    return text


def write_value(value: Value | Failure) -> Json | None:
    """Write an ExtendedValue, or None for no value."""
    if value is None:
        return None
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if isinstance(value, Failure):
        return {"errorValue": {"type": value.kind, "message": value.message}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def write_cell(cell: Cell) -> Json:
    """Write what was entered as CellData, for masks to work on."""
    data: Json = {}
    value = write_value(cell.value)
    if value is not None:
        data["userEnteredValue"] = value
    if cell.form:
        data["userEnteredFormat"] = cell.form
    if cell.note:
        data["note"] = cell.note
    if cell.rule:
        data["dataValidation"] = cell.rule
    if cell.runs:
        data["textFormatRuns"] = cell.runs
    return data


def update_cell(cell: Cell, data: Json, mask: Mask) -> Cell:
    """Return the cell with what the mask names taken from ``data``: set where it is there, cleared where it is not."""
    if mask is None or "*" in mask:
        return _read_cell(data)
    value, form, note, rule, runs = cell
    if "userEnteredValue" in mask:
        value = read_value(data.get("userEnteredValue"))
        runs = None
    if "userEnteredFormat" in mask:
        form = merge({"f": form or {}}, {"f": data.get("userEnteredFormat", {})}, {"f": mask["userEnteredFormat"]})
        form = form.get("f") or None
    if "note" in mask:
        note = data.get("note") or None
    if "dataValidation" in mask:
        rule = data.get("dataValidation") or None
    if "textFormatRuns" in mask:
        runs = data.get("textFormatRuns") or None
    return Cell(value, form, note, rule, runs)


def _read_cell(data: Json) -> Cell:
    return Cell(
        read_value(data.get("userEnteredValue")),
        data.get("userEnteredFormat") or None,
        data.get("note") or None,
        data.get("dataValidation") or None,
        data.get("textFormatRuns") or None,
    )


def with_format(form: Json | None, name: str, value: Any) -> Json:
    """Return a format with one field set; formats are shared between cells, so never changed in place."""
    return {**(form or {}), name: value}

"""One cell in Google's JSON: parsed into a ``Cell``, and made out of a ``CellValue``. Pure.

Numbers travel as JSON doubles and mean ``Decimal(repr(double))``: the shortest decimal that is the same double, which
is what a person typed. Days are serial numbers: days since 30 December 1899 (discovery document, ExtendedValue).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.sheet.cell import EMPTY, Cell, CellValue
from sync.sheet.number_format import is_ours

Json = dict[str, Any]

EPOCH = date(1899, 12, 30)
_DAY_FORMATS = frozenset({"DATE", "DATE_TIME"})
_NUMBER_FORMATS = frozenset({"NUMBER", "PERCENT", "CURRENCY"})
_LAST_SERIAL = (date.max - EPOCH).days
_FIRST_SERIAL = (date.min - EPOCH).days
CELL_MASK = "userEnteredValue.formulaValue,effectiveValue,formattedValue,note,effectiveFormat.numberFormat"
"""What ``parse_cell`` reads. A literal's own value is its effective value, so only formulas are asked for twice."""


def parse_cell(data: Mapping[str, Any]) -> Cell:
    """A cell out of Google's CellData as ``CELL_MASK`` brings it."""
    effective = data.get("effectiveValue")
    note = data.get("note")
    formula = data["userEnteredValue"].get("formulaValue") if "userEnteredValue" in data else None
    shown = data.get("formattedValue", "")
    if effective is None:
        if note is None and formula is None:
            return EMPTY
        return Cell(shown=shown, note=note, formula=formula)
    if "stringValue" in effective:
        return Cell(effective["stringValue"] or None, shown, False, formula, note)
    if "numberValue" in effective:
        form = data["effectiveFormat"].get("numberFormat", {}) if "effectiveFormat" in data else {}
        kind = form.get("type")
        number = parse_number_value(effective["numberValue"])
        if kind in _DAY_FORMATS and _FIRST_SERIAL <= number <= _LAST_SERIAL:
            return Cell(parse_serial(number), shown, False, formula, note)
        return Cell(number, shown, kind == "PERCENT", formula, note, has_own_format=_is_own(form))
    if "boolValue" in effective:
        return Cell(effective["boolValue"], shown, False, formula, note)
    if "errorValue" in effective:
        error = effective["errorValue"]
        return Cell(None, shown, False, formula, note, shown or error.get("type", "ERROR"))
    return Cell(None, shown, False, formula, note)


def _is_own(number_format: Mapping[str, Any]) -> bool:
    """Whether a number format is a person's: one of a number, and none of those that a run writes."""
    pattern = number_format.get("pattern", "")
    return number_format.get("type") in _NUMBER_FORMATS and bool(pattern) and not is_ours(pattern)


def parse_number_value(value: float | str | Decimal) -> Decimal:
    """The decimal that a JSON number means; whole numbers without a point or an exponent."""
    number = Decimal(value if isinstance(value, int | Decimal) else repr(float(value)))
    if not number.is_finite():
        return number
    return number.quantize(Decimal(1)) if number == number.to_integral_value() and number.adjusted() < 27 else number


def parse_serial(serial: Decimal) -> date:
    """The day of a serial number; its time of day is cut off."""
    return EPOCH + timedelta(days=int(serial.to_integral_value(rounding="ROUND_FLOOR")))


def make_serial(day: date) -> int:
    """The serial number of a day."""
    return (day - EPOCH).days


def make_moment_serial(moment: datetime) -> float:
    """The serial number of a moment's own wall time, to about a millisecond."""
    wall = moment.replace(tzinfo=None) - datetime(EPOCH.year, EPOCH.month, EPOCH.day)  # noqa: DTZ001  wall time
    return round(wall / timedelta(days=1), 8)


def make_value(value: CellValue) -> Json | None:
    """Google's typed value: text is never parsed, neither as a formula nor as a date. ``None`` for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, Decimal):
        return {"numberValue": make_number(value)} if value.is_finite() else {"stringValue": str(value)}
    if isinstance(value, date):
        return {"numberValue": make_serial(value)}
    return {"stringValue": value}


def make_number(value: Decimal) -> float | int:
    """The JSON number of a decimal: whole numbers as integers, others as the nearest double."""
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return float(value)


def make_data(value: CellValue, formula: str | None = None) -> Json:
    """Google's CellData with nothing but a value; an empty one clears."""
    entered = {"formulaValue": formula} if formula else make_value(value)
    return {"userEnteredValue": entered} if entered else {}

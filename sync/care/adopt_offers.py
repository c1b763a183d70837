"""Baselines, targets and kinds that stand in a table as text: offered to a person, never taken for certain. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from okr.model import Kind
from okr.problem import CellPlace
from sync.care.adopt_amount import Amount
from sync.care.adopt_model import Offer
from sync.care.adopt_prose import Reading, read_prose, read_target, says_less
from sync.care.adopt_rows import address
from sync.care.adopt_table import Table, cell_text
from sync.sheet.cell import Cell
from sync.sheet.layout import Field
from sync.sheet.row_reader import cell_number, is_share

OFFERED = (Field.TARGET, Field.BASELINE, Field.KIND)


def read_offers(table: Table, row: int) -> dict[Field, Offer]:
    """Everything that one row says in text, or in a column that may turn out not to be usable."""
    found: dict[Field, Offer] = {}
    target = table.cell(row, Field.TARGET)
    stated = _typed(table, row, Field.TARGET, target)
    place, reading = _read(table, row)
    if stated is not None:
        found[Field.TARGET] = stated
    elif reading is not None and place is not None:
        found[Field.TARGET] = _make(table, row, Field.TARGET, reading.target, place)
    baseline = _typed(table, row, Field.BASELINE, table.cell(row, Field.BASELINE)) or _read_baseline(table, row)
    if baseline is not None:
        found[Field.BASELINE] = baseline
    elif reading is not None and place is not None and reading.baseline is not None and _agrees(reading, stated):
        found[Field.BASELINE] = _make(table, row, Field.BASELINE, _scaled(reading.baseline, stated), place)
    if reading is not None and place is not None and reading.kind is not None and _agrees(reading, stated):
        text = _text(table, row, place)
        found[Field.KIND] = Offer(Field.KIND, reading.kind.value, False, _place(table, row, place), text)
    if Field.KIND not in found and _falls(table, row, found, reading):
        name = _text(table, row, Field.KEY_RESULT)
        source = _place(table, row, Field.KEY_RESULT)
        found[Field.KIND] = Offer(Field.KIND, Kind.DECREASE.value, False, source, name, is_safe=True)
    return found


def _falls(table: Table, row: int, found: Mapping[Field, Offer], reading: Reading | None) -> bool:
    """Whether less is better here and no baseline in its own column says so already.

    Without a baseline a key result counts as one that is to rise: "Fewer errors", 61 of 10, would be Achieved.
    """
    if cell_number(table.cell(row, Field.BASELINE)) is not None:
        return False
    if reading is not None and reading.baseline is not None and Field.BASELINE in found:
        return reading.baseline.value > reading.target.value
    return says_less(_text(table, row, Field.KEY_RESULT))


def _read(table: Table, row: int) -> tuple[Field | None, Reading | None]:
    """What is read out of the target's cell, else of the key result's own text; and which of the two it was.

    A target's cell that says no number ("31 Dec", "TBD") leaves it to the text.
    """
    target = table.cell(row, Field.TARGET)
    is_text = isinstance(target.value, str) and cell_number(target) is None
    if is_text and (reading := read_target(cell_text(target))) is not None:
        return Field.TARGET, reading
    return Field.KEY_RESULT, read_prose(cell_text(table.cell(row, Field.KEY_RESULT)))


def _typed(table: Table, row: int, field: Field, cell: Cell) -> Offer | None:
    """A number that stands in its own column."""
    number = cell_number(cell)
    if number is None:
        return None
    text = cell.shown or cell_text(cell)
    return Offer(field, number, is_share(cell), _place(table, row, field), text)


def _read_baseline(table: Table, row: int) -> Offer | None:
    text = _text(table, row, Field.BASELINE) if Field.BASELINE in table.columns else ""
    reading = read_target(text) if text else None
    return _make(table, row, Field.BASELINE, reading.target, Field.BASELINE) if reading is not None else None


def _agrees(reading: Reading, stated: Offer | None) -> bool:
    """Whether prose names the target that stands in the target's column; in percent or as points."""
    if stated is None:
        return True
    return stated.value in (reading.target.value, reading.target.value * 100 if reading.target.is_percent else None)


def _scaled(amount: Amount, stated: Offer | None) -> Amount:
    """An amount in the scale of the target's column: 5% is 5 where the target is 3 and not 3%."""
    if stated is None or not amount.is_percent or stated.is_percent:
        return amount
    return Amount(amount.value * 100)


def _make(table: Table, row: int, field: Field, amount: Amount, source: Field) -> Offer:
    return Offer(field, amount.value, amount.is_percent, _place(table, row, source), _text(table, row, source))


def _text(table: Table, row: int, field: Field) -> str:
    return cell_text(table.cell(row, field))


def _place(table: Table, row: int, field: Field) -> CellPlace:
    return CellPlace(table.raw.title, address(row, table.columns[field]))


def say_value(offer: Offer) -> str:
    """An offered value as people write it."""
    if not isinstance(offer.value, Decimal):
        return str(offer.value)
    number = offer.value * 100 if offer.is_percent else offer.value
    return f"{number.normalize():f}{'%' if offer.is_percent else ''}"

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.google_cell import (
    CELL_MASK,
    make_data,
    make_moment_serial,
    make_serial,
    make_value,
    parse_cell,
    parse_number_value,
    parse_serial,
)
from sync.sheet.google_style import make_plain_format, make_share_format
from sync.sheet.number_format import plain_code
from tests.unit.google_discovery import mask_faults


def number(value, kind=None, shown=""):
    made = {"effectiveValue": {"numberValue": value}, "formattedValue": shown}
    return made | ({"effectiveFormat": {"numberFormat": {"type": kind}}} if kind else {})


@pytest.mark.parametrize(
    ("data", "cell"),
    [
        ({}, EMPTY),
        ({"effectiveFormat": {"numberFormat": {"type": "TEXT"}}}, EMPTY),
        ({"effectiveValue": {"stringValue": "1.10"}, "formattedValue": "1.10"}, Cell("1.10", "1.10")),
        (number(42, shown="42"), Cell(Decimal(42), "42")),
        (number(0.1, shown="0.1"), Cell(Decimal("0.1"), "0.1")),
        (number(1e21), Cell(Decimal("1000000000000000000000"))),
        (number(0.6, "PERCENT", "60%"), Cell(Decimal("0.6"), "60%", is_percent=True)),
        (number(46348, "DATE", "22 Nov 2026"), Cell(date(2026, 11, 22), "22 Nov 2026")),
        (number(46348.75, "DATE_TIME"), Cell(date(2026, 11, 22))),
        (number(1e12, "DATE", "###"), Cell(Decimal(10**12), "###")),
        (number(0.5, "TIME"), Cell(Decimal("0.5"))),
        ({"effectiveValue": {"boolValue": False}, "formattedValue": "FALSE"}, Cell(False, "FALSE")),
        ({"note": "mine"}, Cell(note="mine")),
        (
            {
                "userEnteredValue": {"formulaValue": "=TRUE()"},
                "effectiveValue": {"boolValue": True},
                "formattedValue": "TRUE",
            },
            Cell(True, "TRUE", formula="=TRUE()"),
        ),
        (
            {
                "userEnteredValue": {"formulaValue": "=1/0"},
                "effectiveValue": {"errorValue": {"type": "DIVIDE_BY_ZERO", "message": "…"}},
                "formattedValue": "#DIV/0!",
            },
            Cell(None, "#DIV/0!", formula="=1/0", error="#DIV/0!"),
        ),
        (
            {"userEnteredValue": {"formulaValue": '=""'}, "effectiveValue": {"stringValue": ""}},
            Cell(None, "", formula='=""'),
        ),
    ],
)
def test_a_cell_of_google_is_a_cell(data, cell):
    assert parse_cell(data) == cell


@pytest.mark.parametrize(
    ("kind", "pattern", "is_own"),
    [
        ("CURRENCY", '#,##0.00 "€"', True),
        ("NUMBER", "[$$-409]#,##0", True),
        ("NUMBER", '0 "days"', True),
        ("PERCENT", "0.000%", True),
        ("NUMBER", "#,##0", False),
        ("NUMBER", "#,##0.0000", False),
        ("PERCENT", "0%", False),
        ("PERCENT", "0.0%", False),
        ("PERCENT", "0.00%", False),
        ("NUMBER", "", False),
        ("TEXT", "@", False),
    ],
)
def test_a_format_that_we_never_write_is_a_person_s(kind, pattern, is_own):
    data = {
        "effectiveValue": {"numberValue": 42},
        "effectiveFormat": {"numberFormat": {"type": kind, "pattern": pattern}},
    }
    assert parse_cell(data).has_own_format is is_own


@pytest.mark.parametrize("value", [Decimal(45), Decimal("-0.125"), Decimal("1234.5"), Decimal("0.00001"), Decimal(0)])
def test_what_we_write_is_never_taken_for_a_person_s_format(value):
    aims = (None, Decimal(7), Decimal(5000))
    codes = [plain_code(value, unit, aim) for unit in ("", "€", "days", "%") for aim in aims]
    for form in (*map(make_plain_format, codes), make_share_format(value)):
        data = {"effectiveValue": {"numberValue": float(value)}, "effectiveFormat": {"numberFormat": form}}
        assert not parse_cell(data).has_own_format


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (None, None),
        ("", None),
        ("=1+1", {"stringValue": "=1+1"}),
        ("'quoted", {"stringValue": "'quoted"}),
        (Decimal("1.10"), {"numberValue": 1.1}),
        (Decimal("123456789012"), {"numberValue": 123456789012}),
        (Decimal("NaN"), {"stringValue": "NaN"}),
        (True, {"boolValue": True}),
        (False, {"boolValue": False}),
        (date(2026, 11, 22), {"numberValue": 46348}),
    ],
)
def test_values_are_typed(value, made):
    assert make_value(value) == made


def test_nothing_is_an_empty_object_and_a_formula_wins():
    assert make_data(None) == {}
    assert make_data(Decimal(4), "=2+2") == {"userEnteredValue": {"formulaValue": "=2+2"}}


def test_whole_numbers_travel_as_integers():
    assert isinstance(make_value(Decimal("42.0"))["numberValue"], int)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_a_number_survives_the_double(value):
    assert parse_number_value(make_value(value)["numberValue"]) == value


@given(st.dates())
def test_a_day_survives_its_serial(day):
    assert parse_serial(Decimal(make_serial(day))) == day


def test_a_moment_is_its_own_wall_time():
    assert make_moment_serial(datetime(2026, 11, 22, 18, tzinfo=UTC)) == 46348.75


def test_the_mask_names_what_google_has():
    assert mask_faults("CellData", CELL_MASK) == []
    assert mask_faults("CellData", "note,nothing") == ["CellData.nothing"]

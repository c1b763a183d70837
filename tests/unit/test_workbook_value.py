from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import is_date_format

from sync.sheet.cell import round_number
from sync.sheet.workbook_value import (
    EPOCH_1900,
    EPOCH_1904,
    Kind,
    format_code,
    format_kind,
    make_moment_serial,
    make_serial,
    parse_number,
    parse_serial,
    render_general,
    render_number,
    render_shown,
)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", Kind.PLAIN),
        ("0.00", Kind.PLAIN),
        ("#,##0.00;[Red]-#,##0.00", Kind.PLAIN),
        ('0 "days"', Kind.PLAIN),
        (r"0\ \d", Kind.PLAIN),
        ("[$€-407] #,##0", Kind.PLAIN),
        ("0.0%", Kind.PERCENT),
        ("@", Kind.TEXT),
        ("d mmm yyyy", Kind.DAY),
        ("[$-409]d\\-mmm\\-yy;@", Kind.DAY),
        ("yyyy-mm-dd hh:mm:ss.000", Kind.DAY),
        ("mmmm", Kind.DAY),
        ("h:mm", Kind.PLAIN),
        ("[h]:mm:ss", Kind.PLAIN),
    ],
)
def test_what_a_number_format_shows(code: str, kind: Kind) -> None:
    assert format_kind(code) is kind


@pytest.mark.parametrize("number_id", [14, 15, 16, 17, 22])
def test_built_in_days_are_days_as_openpyxl_says(number_id: int) -> None:
    code = format_code(number_id, {})
    assert format_kind(code) is Kind.DAY
    assert is_date_format(code)


@pytest.mark.parametrize(
    ("text", "number", "shown"),
    [
        ("0.30000000000000004", "0.3", "0.3"),
        ("0.1", "0.1", "0.1"),
        ("45", "45", "45"),
        ("1E3", "1000", "1000"),
        ("4.4999999999999998E-2", "0.045", "0.045"),
        ("-0", "0", "0"),
        ("12345678901", "12345678901", "12345678901"),
        ("123456789012", "123456789012", "1.23457E+11"),
        ("0.33333333333333331", "0.333333333333333", "0.333333333"),
        ("1234567.8912345", "1234567.8912345", "1234567.891"),
        ("1E-10", "1E-10", "1E-10"),
        ("66.666666666666671", "66.6666666666667", "66.66666667"),
    ],
)
def test_numbers_lose_their_noise_and_show_as_excel_shows_them(text: str, number: str, shown: str) -> None:
    parsed = parse_number(text)
    assert parsed == Decimal(number)
    assert render_general(parsed) == shown


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity"])
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("7", "000", "007"),
        ("1.1", "0.00", "1.10"),
        ("1234567.5", "#,##0.00", "1,234,567.50"),
        ("0.455", "0%", "46%"),
        ("0.455", "0.0%", "45.5%"),
        ("0.45", "0.0#%", "45.0%"),
        ("0.45", "0 %", "45 %"),
        ("45", "0.##", "45."),
        ("45.5", "0.##", "45.5"),
        ("0.5", "#.##", ".5"),
        ("12", '0 "days"', "12 days"),
        ("12", "[$€-407] #,##0", " 12"),
        ("-0.02", "+0.00;-0.00;0.00", "-0.02"),
        ("0.02", "+0.00;-0.00;0.00", "+0.02"),
        ("0", "+0.00;-0.00;0.00", "0.00"),
        ("-5", "0.00", "-5.00"),
        ("-0.001", "0.00", "0.00"),
        ("42", "@", "42"),
        ("0.5", "# ?/?", "0.5"),
        ("1200", "0.00E+00", "1200"),
    ],
)
def test_numbers_show_as_their_format_says(number: str, code: str, shown: str) -> None:
    assert render_shown(Decimal(number), code) == shown


@given(st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False))
def test_a_number_comes_back_to_twelve_digits(number: Decimal) -> None:
    canonical = round_number(number)
    text = render_number(canonical)
    double = repr(float(text))  # what Excel and LibreOffice make of it
    assert round_number(parse_number(double) or Decimal(0)) == canonical
    assert len(text) <= 30


@pytest.mark.parametrize("epoch", [EPOCH_1900, EPOCH_1904])
@given(day=st.dates(date(1904, 1, 2), date(9999, 12, 31)))
def test_a_day_comes_back(epoch: date, day: date) -> None:
    serial = make_serial(day, epoch)
    assert serial is not None
    assert parse_serial(Decimal(serial), epoch) == day


def test_days_before_excels_calendar_is_right_have_no_number() -> None:
    assert make_serial(date(1900, 3, 1), EPOCH_1900) == 61
    assert make_serial(date(1900, 2, 28), EPOCH_1900) is None
    assert make_serial(date(1903, 12, 31), EPOCH_1904) is None
    assert parse_serial(Decimal(10**9), EPOCH_1900) is None


def test_a_moment_is_its_own_wall_time() -> None:
    assert make_moment_serial(datetime(2026, 11, 22, 12, 0), EPOCH_1900) == Decimal("46348.5")  # noqa: DTZ001

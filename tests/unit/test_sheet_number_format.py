"""Number formats: decimals that suit the target, the unit beside the number, ours told from a person's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.number import SIGNS
from sync.sheet.number_format import HAIR, LONGEST_UNIT, is_ours, plain_code, share_code
from sync.sheet.workbook_value import Kind, format_kind

D = Decimal
NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=4)
UNITS = st.one_of(
    st.sampled_from(["", "%", "days", "Mio €", 'a"b', "\\", "leads a month", *SIGNS]), st.text(max_size=8)
)


@pytest.mark.parametrize(
    ("value", "unit", "aim", "code"),
    [
        ("45", "", None, "#,##0"),
        ("1234.5", "", None, "#,##0.0"),
        ("0.12345", "", None, "#,##0.0000"),
        ("1234.567", "", "5000", "#,##0"),
        ("234.567", "", "500", "#,##0.0"),
        ("4.567", "", "5", "#,##0.00"),
        ("0.4567", "", "0.5", "#,##0.0000"),
        ("0.4567", "", "5000", "#,##0.0"),  # it isn't zero
        ("0.0004", "", "5000", "#,##0.0000"),
        ("4999.6", "", "5000", "#,##0.0"),  # nor the target
        ("5000.04", "", "5000", "#,##0.00"),
        ("5000", "", "5000", "#,##0"),
        ("1240", "€", "5000", f'"€{HAIR}"#,##0'),
        ("12.5", "$", "50", f'"${HAIR}"#,##0.00'),
        ("12.5", "days", "14", '#,##0.0"\u00a0days"'),
        ("38.25", "%", "60", '#,##0.0"\u00a0%"'),
        ("7", "leads a month", None, "#,##0"),
        ("7", '"x', None, "#,##0"),
        ("7", "a\\", None, "#,##0"),
        ("7", "\n", None, "#,##0"),
    ],
)
def test_a_number_is_shown_as_its_target_and_unit_ask(value, unit, aim, code):
    assert plain_code(D(value), unit, D(aim) if aim else None) == code


@given(NUMBERS, UNITS, st.none() | NUMBERS)
def test_what_we_write_is_ours_and_no_share_to_either_store(value, unit, aim):
    code = plain_code(value, unit, aim)
    assert is_ours(code)
    assert is_ours(share_code(value))
    assert format_kind(code) is Kind.PLAIN
    assert code.count('"') in (0, 2)
    assert len(code) <= len('"" #,##0.0000') + LONGEST_UNIT


@given(NUMBERS, st.none() | NUMBERS)
def test_no_number_shows_as_zero_or_as_the_target_unless_it_is(value, aim):
    places = plain_code(value, "", aim).partition(".")[2].count("0")
    shown = round(value, places)
    assert (shown == 0) is (value == 0)
    if value != aim:
        assert shown != aim


@pytest.mark.parametrize(
    "code", ['"$"#,##0.00', "[$€-407]#,##0", "€ #,##0", '#,##0 "days"', "0.000", "#,##0.00000", "0.000%", "@", ""]
)
def test_a_format_that_programs_offer_or_people_type_is_theirs(code):
    assert not is_ours(code)

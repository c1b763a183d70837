from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.number import render_bar, render_bare, render_number, render_score


@pytest.mark.parametrize(
    ("value", "unit", "is_share", "text"),
    [
        ("1234.50", "h", False, "1,234.5 h"),
        ("1E+3", "", False, "1,000"),
        ("0.00", "", False, "0"),
        ("-0", "", False, "0"),
        ("100", "ms", False, "100 ms"),
        ("31", "", False, "31"),
        ("33.33333333333", "", False, "33.33"),
        ("0.125", "", False, "0.125"),
        ("2.125", "", False, "2.13"),
        ("-2.125", "", False, "-2.13"),
        ("0.62505", "", True, "62.51 %"),
        ("99.999", "", False, "100"),
        ("0.012345", "", False, "0.0123"),
        ("0.5", "", False, "0.5"),
        ("-0.001", "", False, "-0.001"),
        ("1200", "€", False, "€1,200"),
        ("-1200.5", "$", False, "-$1,200.5"),
        ("45", "%", False, "45 %"),
        ("0.382", "", True, "38.2 %"),
        ("1", "ignored", True, "100 %"),
        ("0.9995", "", True, "99.95 %"),
        ("-0.05", "", True, "-5 %"),
        ("1E+25", "", False, "1.00e+25"),
        ("3E-30", "", False, "3.00e-30"),
    ],
)
def test_numbers_are_for_people(value, unit, is_share, text):
    assert render_number(Decimal(value), unit, is_share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("2.425", "2.43"), ("-2.425", "-2.43"), ("0.01235", "0.0124"), ("99999999999999.995", "100,000,000,000,000")],
)
def test_halves_are_rounded_away_from_zero_as_in_the_cell_beside_it(value, text):
    assert render_number(Decimal(value)) == text


def test_a_bare_number_keeps_the_signs_that_belong_to_it():
    assert [render_bare(Decimal(5), unit) for unit in ("days", "€", "%", "")] == ["5", "€5", "5 %", "5"]
    assert render_bare(Decimal("0.05"), "days", True) == "5 %"


def test_scores_have_two_decimals_rounded_as_spreadsheets_do():
    assert [render_score(Decimal(s)) for s in ("0.4", "1", "0.425", "0.435", "0", "-0.001", "-0.425")] == [
        "0.40",
        "1.00",
        "0.43",
        "0.44",
        "0.00",
        "0.00",
        "-0.43",
    ]


@pytest.mark.parametrize(
    ("score", "bar"),
    [
        ("0", "░░░░░░░░░░ 0 %"),
        ("0.6249", "██████░░░░ 62 %"),
        ("0.625", "██████░░░░ 63 %"),
        ("0.65", "███████░░░ 65 %"),
        ("1.2", "██████████ 120 %"),
        ("-0.3", "░░░░░░░░░░ -30 %"),
        ("-0.001", "░░░░░░░░░░ 0 %"),
    ],
)
def test_a_bar_has_ten_blocks_and_says_its_percentage(score, bar):
    assert render_bar(Decimal(score)) == bar


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=6))
def test_what_is_rendered_is_the_number_to_its_place(value):
    text = render_number(value)
    assert abs(Decimal(text.replace(",", "")) - value) <= max(Decimal("0.005"), abs(value) / 1000)
    assert "E" not in text
    assert not text.endswith((".", ".0"))

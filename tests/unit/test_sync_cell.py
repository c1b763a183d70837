from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sheet.cell import (
    Address,
    Cell,
    Form,
    canon,
    column_letters,
    is_formula,
    parse_date,
    parse_number,
    round_number,
    round_score,
)

D = Decimal


@pytest.mark.parametrize(
    ("form", "value", "wanted"),
    [
        (Form.NUMBER, "42", D(42)),
        (Form.NUMBER, "'42", D(42)),
        (Form.NUMBER, " 45 % ", D("0.45")),
        (Form.NUMBER, "45%", D("0.45")),
        (Form.NUMBER, "45\u202f%", D("0.45")),
        (Form.NUMBER, "\u22123.5", D("-3.5")),
        (Form.NUMBER, "about 42", "about 42"),
        (Form.NUMBER, "1_000", "1_000"),
        (Form.NUMBER, "NaN", "NaN"),
        (Form.NUMBER, "Infinity", "Infinity"),
        (Form.NUMBER, "1e999", "1e999"),
        (Form.NUMBER, D("1.2345678901249"), D("1.23456789012")),
        (Form.NUMBER, D("123456789012345"), D("123456789012000")),
        (Form.NUMBER, D("0.000001234567890127"), D("0.00000123456789013")),
        (Form.NUMBER, D("-0"), D(0)),
        (Form.NUMBER, D("5.00"), D(5)),
        (Form.NUMBER, "#N/A", "#N/A"),
        (Form.SCORE, D("0.42424"), D("0.4242")),
        (Form.SCORE, D("0.42426"), D("0.4243")),
        (Form.SCORE, "0.5", D("0.5")),
        (Form.SCORE, "50 %", D("0.5")),
        (Form.SCORE, D("-0.00001"), D(0)),
        (Form.TEXT, "  a\r\nb\rc ", "a\nb\nc"),
        (Form.TEXT, "e\u0301", "é"),
        (Form.TEXT, "a\u00a0b", "a b"),
        (Form.TEXT, "\u00a0", None),
        (Form.TEXT, "", None),
        (Form.TEXT, "  ", None),
        (Form.TEXT, None, None),
        (Form.TEXT, "true", "TRUE"),
        (Form.TEXT, True, "TRUE"),
        (Form.NUMBER, False, "FALSE"),
        (Form.TEXT, D("42.0"), "42"),
        (Form.ID, D("1E+2"), "100"),
        (Form.ID, "1.10", "1.10"),
        (Form.DATE, "2026-11-22", date(2026, 11, 22)),
        (Form.DATE, date(2026, 11, 22), date(2026, 11, 22)),
        (Form.DATE, "22.11.2026", "22.11.2026"),
        (Form.DATE, D(46348), D(46348)),
    ],
)
def test_canon(form, value, wanted):
    found = canon(form, value)
    assert found == wanted
    assert type(found) is type(wanted)


def test_no_negative_zero_and_no_trailing_zeros_are_ever_kept():
    for form, value in ((Form.NUMBER, D("-0.0")), (Form.SCORE, D("-0.00004")), (Form.NUMBER, "-0")):
        assert str(canon(form, value)) == "0"
    assert str(canon(Form.SCORE, D("0.5000"))) == "0.5"


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14)
TEXTS = st.text(max_size=12) | st.sampled_from(("45 %", "=TRUE()", "e\u0301", "TRUE", " 2026-11-22", "-0.0", "1e5"))
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(form=st.sampled_from(Form), value=NUMBERS | TEXTS | DAYS | st.booleans() | st.none())
def test_canon_is_settled_after_one_time(form, value):
    """What is written is canonical: read again, it has to be the same, or every run would write it once more."""
    once = canon(form, value)
    assert canon(form, once) == once


@given(value=NUMBERS)
def test_numbers_survive_a_double(value):
    """Both stores hold numbers as doubles: 12 significant digits come back from there."""
    number = canon(Form.NUMBER, value)
    assert canon(Form.NUMBER, D(repr(float(number)))) == number
    score = round_score(value)
    assert score == round(score, 4)
    assert abs(score - value) <= D("0.00005") or abs(value) >= 10**20


@given(value=NUMBERS)
def test_twelve_digits_and_no_more(value):
    rounded = round_number(value)
    assert len(rounded.normalize().as_tuple().digits) <= 12
    assert abs(rounded - value) <= abs(value) * D("1e-11")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("42", D(42)), ("-0.5", D("-0.5")), ("45 %", D("0.45")), ("4 5", None), ("1,5", None), ("", None), ("%", None)],
)
def test_numbers_as_people_type_them(text, wanted):
    assert parse_number(text) == wanted


def test_days_are_iso():
    assert parse_date("2026-02-28") == date(2026, 2, 28)
    assert parse_date("2026-02-30") is None
    assert parse_date("soon") is None


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_letters_of_columns(index, letters):
    assert column_letters(index) == letters
    assert str(Address(6, index)) == f"{letters}7"


@pytest.mark.parametrize(
    ("text", "wanted"), [(None, False), ("=TRUE()", False), ("=false()", False), ("=A1", True), ("=AND(TRUE())", True)]
)
def test_true_as_libreoffice_saves_it_is_no_formula(text, wanted):
    assert is_formula(Cell(True, "TRUE", formula=text)) is wanted

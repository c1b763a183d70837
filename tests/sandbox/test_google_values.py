"""What cells hold and show: typing, number formats, formulas, references that follow."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.google_calculator import Scope
from sandbox.google_cell import Failure, Formula
from sandbox.google_document import Document, Tab
from sandbox.google_input import parse_entered
from sandbox.google_number import format_value
from sandbox.google_range import Shift
from sandbox.google_reference import break_references, offset_references, rename_references, shift_references
from sandbox.google_values import enter

NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
TODAY = 46348


def make_document(**cells: str) -> Document:
    """A document whose first tab has these cells typed in, and a second tab with 7 in A1."""
    document = Document("t", now=lambda: NOW)
    document.tabs.append(Tab(5, "My tab"))
    for address, text in ({"_A1": "7"} | cells).items():
        tab = document.tabs[1 if address.startswith("_") else 0]
        column, row = ord(address.strip("_")[0]) - 65, int(address.strip("_")[1:]) - 1
        tab.put(row, column, enter(tab.cell(row, column), text, document.locale, typed=True))
    document.touched()
    return document


def compute(formula: str, **cells: str):
    document = make_document(**cells)
    return document.calculator().result(formula, Scope(0, 9, 9))


PERCENT0 = {"type": "PERCENT", "pattern": "0%"}
PERCENT = {"type": "PERCENT", "pattern": "0.00%"}
ISO = {"type": "DATE", "pattern": "yyyy-mm-dd"}
DAY = {"type": "DATE", "pattern": "dd/mm/yyyy"}


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("hello", "hello", None),
        ("42", 42, None),
        ("0042", 42, None),
        ("-0.5", -0.5, None),
        (".5", 0.5, None),
        ("1,234", 1234, {"type": "NUMBER", "pattern": "#,##0"}),
        ("1,234.5", 1234.5, {"type": "NUMBER", "pattern": "#,##0.00"}),
        ("12,34", "12,34", None),
        ("1e3", 1000, {"type": "SCIENTIFIC", "pattern": "0.00E+00"}),
        ("45%", 0.45, PERCENT0),
        ("12.5 %", 0.125, PERCENT),
        ("£5", 5, {"type": "CURRENCY", "pattern": "[$£]#,##0"}),
        ("-$1,000.50", -1000.5, {"type": "CURRENCY", "pattern": "[$$]#,##0.00"}),
        ("TRUE", True, None),
        ("false", False, None),
        ("2026-11-22", TODAY, ISO),
        ("22/11/2026", TODAY, DAY),
        ("22 Nov 2026", TODAY, {"type": "DATE", "pattern": "d mmm yyyy"}),
        ("2026-11-22 12:00", TODAY + 0.5, {"type": "DATE_TIME", "pattern": "yyyy-mm-dd h:mm"}),
        ("18:00", 0.75, {"type": "TIME", "pattern": "h:mm"}),
        ("30/02/2026", "30/02/2026", None),
        ("'007", "007", None),
        ("'=1", "=1", None),
        ("=1+2", Formula("=1+2"), None),
        ("=", "=", None),
        ("", None, None),
        ("3_1_0", "3_1_0", None),
        ("WEB-1.1", "WEB-1.1", None),
    ],
)
def test_typing(text, value, form):
    parsed = parse_entered(text, None, "en_GB")
    assert parsed == (value, form)
    assert type(parsed[0]) is type(value)


# Google's guide to values (developers.google.com/workspace/sheets/api/guides/values) says that USER_ENTERED is read
# as if typed into the browser; its help pages, that the spreadsheet's locale decides. No recording shows it.
@pytest.mark.parametrize(
    ("text", "locale", "value", "shown"),
    [
        ("0.8", "en_US", 0.8, "0.8"),
        ("1,234.50", "en_US", 1234.5, "1,234.50"),
        ("$12.50", "en_US", 12.5, "$12.50"),
        ("€3", "en_US", 3, "€3"),
        ("45.5%", "en_US", 0.455, "45.50%"),
        ("3/4/2026", "en_US", 46085, "3/4/2026"),
        ("3/4", "en_US", 46085, "3/4"),
        ("11-22", "en_US", TODAY, "11/22"),
        ("13/4", "en_US", "13/4", "13/4"),
        ("Nov 22, 2026", "en_US", TODAY, "Nov 22, 2026"),
        ("1.5", "en_US", 1.5, "1.5"),
        ("£12", "en_GB", 12, "£12"),
        ("3/4/2026", "en_GB", 46115, "03/04/2026"),
        ("3/4", "en_GB", 46115, "03/04"),
        ("22 November 2026", "en_GB", TODAY, "22 Nov 2026"),
        ("0,8", "en_GB", "0,8", "0,8"),
        ("0,8", "de_DE", 0.8, "0,8"),
        ("0.8", "de_DE", "0.8", "0.8"),
        ("1.5", "de_DE", 46143, "01.05"),  # the trap of decimal points in a German sheet
        ("1.234,5", "de_DE", 1234.5, "1.234,50"),
        ("1.234", "de_DE", 1234, "1.234"),
        ("45,5 %", "de_DE", 0.455, "45,50%"),
        ("12,50 €", "de_DE", 12.5, "12,50 €"),
        ("-12 €", "de_DE", -12, "-12 €"),
        ("22.11.2026", "de_DE", TODAY, "22.11.2026"),
        ("22. März 2026", "de_DE", 46103, "22 März 2026"),
        ("22.11.2026 18:00", "de_DE", TODAY + 0.75, "22.11.2026 18:00"),
        ("'0,8", "de_DE", "0,8", "0,8"),
        ("1 234,5", "fr_FR", 1234.5, "1\u202f234,50"),
        ("1\u00a0234", "fr_FR", 1234, "1\u202f234"),
        ("12,5 €", "fr_FR", 12.5, "12,50 €"),
        ("45 %", "fr_FR", 0.45, "45%"),
        ("22/11/2026", "fr_FR", TODAY, "22/11/2026"),
        ("22 févr. 2026", "fr_FR", 46075, "22 févr. 2026"),
        ("22 décembre 2026", "fr_FR", 46378, "22 déc. 2026"),
        ("1.5", "fr_FR", "1.5", "1.5"),
        ("1’234.5", "de_CH", 1234.5, "1’234.50"),
        ("CHF 5", "de_CH", 5, "CHF5"),
        ("R$ 5,50", "pt_BR", 5.5, "R$5,50"),
    ],
)
def test_typing_and_showing_follow_the_locale(text, locale, value, shown):
    parsed, form = parse_entered(text, None, locale, 2026)
    assert (parsed, type(parsed)) == (value, type(value))
    assert format_value(parsed, form, locale) == shown


def test_in_a_text_cell_everything_stays_text():
    form = {"numberFormat": {"type": "TEXT", "pattern": "@"}}
    assert [parse_entered(text, form, "en_GB")[0] for text in ("1.10", "=1+1", "TRUE")] == ["1.10", "=1+1", "TRUE"]


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1 / 3, "", "0.3333333333"),
        (1e-5, "", "0.00001"),
        (123456789012, "", "123456789012"),
        (1e21, "", "1E+21"),
        (0.5, "0.00", "0.50"),
        (2.345, "0.00", "2.35"),
        (-0.001, "0.00", "0.00"),
        (5, "0.##", "5."),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (0.625, "0%", "63%"),
        (0.625, "0.0%", "62.5%"),
        (-3.5, "+0.00;-0.00;0.00", "-3.50"),
        (3.5, "+0.00;-0.00;0.00", "+3.50"),
        (0, "+0.00;-0.00;0.00", "0.00"),
        (1234, '0.0,"k"', "1.2k"),
        (5, "[$€]#,##0.00", "€5.00"),
        (7, "000", "007"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (TODAY, "d mmm yyyy", "22 Nov 2026"),
        (TODAY, "dddd, d mmmm yy", "Sunday, 22 November 26"),
        (TODAY, "ddd d mmmmm", "Sun 22 N"),
        (TODAY + 0.7534722, "yyyy-mm-dd hh:mm", "2026-11-22 18:05"),
        (TODAY + 0.7534722, "h:mm AM/PM", "6:05 PM"),
        (True, "0.00", "TRUE"),
        ("x", "0.00", "x"),
        ("x", '"<"@">"', "<x>"),
        (Failure("NAME", "?"), "0.00", "#NAME?"),
    ],
)
def test_number_formats(value, pattern, text):
    form = {"type": "NUMBER", "pattern": pattern} if pattern else None
    assert format_value(value, form, "en_GB") == text


def test_number_formats_follow_the_locale():
    assert format_value(1234.5, {"type": "NUMBER", "pattern": "#,##0.00"}, "de_DE") == "1.234,50"
    assert format_value(0.5, None, "de_DE") == "0,5"
    assert format_value(TODAY, {"type": "DATE"}, "de_DE") == "22.11.2026"
    assert format_value(TODAY, {"type": "DATE"}, "en_US") == "11/22/2026"
    named = {"type": "DATE", "pattern": "dddd, d. mmmm yyyy"}
    assert format_value(TODAY, named, "de_DE") == "Sonntag, 22. November 2026"
    assert format_value(TODAY, named, "fr_FR") == "dimanche, 22. novembre 2026"


CELLS = {"A1": "1", "A2": "2", "A3": "x", "A4": "TRUE", "B1": "=A1+A2", "C1": "=C2", "C2": "=C1", "D1": "On track"}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3", 7),
        ("=(1+2)*3", 9),
        ("=-2^2", 4),
        ("=50%", 0.5),
        ("=7/2", 3.5),
        ("=1/0", "DIVIDE_BY_ZERO"),
        ('="a"&1&TRUE', "a1TRUE"),
        ('="ABC"="abc"', True),
        ('=""=E9', True),
        ("=E9=0", True),
        ('="1"=1', False),
        ("=B1", 3),
        ("=$A$2*2", 4),
        ("='My tab'!A1", 7),
        ("=Nowhere!A1", "REF"),
        ("=SUM(A1:A4)", 3),
        ("=SUM(A:A)", 3),
        ("=AVERAGE(A1:A4)", 1.5),
        ("=AVERAGE(E1:E9)", "DIVIDE_BY_ZERO"),
        ("=MIN(A1:A2;-4)", -4),
        ("=COUNT(A1:A9)", 2),
        ("=COUNTA(A1:A9)", 4),
        ('=COUNTIF(A1:A9,">1")', 1),
        ('=COUNTIF(D:D,"on track")', 1),
        ('=IF(A1>0,"yes","no")', "yes"),
        ("=IF(FALSE,1)", False),
        ('=IFERROR(1/0,"none")', "none"),
        ("=AND(A1=1,A2=2)", True),
        ("=OR(A1=2,NOT(A4))", False),
        ("=TODAY()", TODAY),
        ("=DATE(2026,11,22)", TODAY),
        ("=YEAR(TODAY())", 2026),
        ("=ROUND(2.345,2)", 2.35),
        ("=MOD(7,3)", 1),
        ("=INDIRECT(\"'My tab'!$A$1\")", 7),
        ('=INDIRECT("My tab")', "REF"),
        ("=C1", "REF"),
        ("=A3+1", "VALUE"),
        ("=FROBNICATE(1)", "NAME"),
        ("=frobnicate", "NAME"),
        ("=1+", "ERROR"),
        ("=#REF!+1", "REF"),
        ("=E9", 0),
        ("=ROW()", 10),
        ('=LEFT("abc",2)', "ab"),
        ('=ISBLANK(E9)*(D1<>"")', 1),
        ('=AND($D1<>"",TODAY()-A1>2)', True),
    ],
)
def test_formulas(formula, value):
    result = compute(formula, **CELLS)
    assert (result.kind if isinstance(result, Failure) else result) == value


def test_today_is_the_day_in_the_sheets_own_zone():
    document = make_document(A1="=TODAY()")
    document.timezone = "Asia/Tokyo"
    document.touched()
    assert document.calculator().value(0, 0, 0) == TODAY + 1


def test_the_day_can_be_another_for_as_long_as_one_looks():
    document = make_document(A1="=TODAY()")
    with document.seen_on(date(2026, 11, 25)):
        assert document.calculator().value(0, 0, 0) == TODAY + 3
    assert document.calculator().value(0, 0, 0) == TODAY


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "copied"),
    [
        ("=A1+$B1+C$1+$D$1", 2, 1, "=B3+$B3+D$1+$D$1"),
        ("=SUM(A1:A3)", 1, 0, "=SUM(A2:A4)"),
        ("=SUM(A:A)+SUM(1:1)", 1, 1, "=SUM(B:B)+SUM(2:2)"),
        ("='A1 tab'!A1&\"A1\"", 1, 0, "='A1 tab'!A2&\"A1\""),
        ("=A1", -1, 0, "=#REF!"),
        ("=LOG10(A1)", 1, 0, "=LOG10(A2)"),
    ],
)
def test_a_copy_moves_relative_references(formula, rows, columns, copied):
    assert offset_references(formula, rows, columns) == copied


@pytest.mark.parametrize(
    ("formula", "shift", "moved"),
    [
        ("=A5", Shift(1, "ROWS", "insert", 2, 2), "=A7"),
        ("=$A$5", Shift(1, "ROWS", "insert", 2, 2), "=$A$7"),
        ("=A1:A5", Shift(1, "ROWS", "insert", 2, 2), "=A1:A7"),
        ("=A1:A5", Shift(1, "ROWS", "insert", 5, 2), "=A1:A5"),
        ("=A5", Shift(1, "ROWS", "delete", 4, 1), "=#REF!"),
        ("=A1:A5", Shift(1, "ROWS", "delete", 3, 2), "=A1:A3"),
        ("=C:C", Shift(1, "COLUMNS", "insert", 0, 1), "=D:D"),
        ("=C1", Shift(1, "COLUMNS", "move", 2, 1, 0), "=A1"),
        ("=Other!A5", Shift(1, "ROWS", "insert", 2, 2), "=Other!A5"),
        ("='Home'!A5", Shift(1, "ROWS", "insert", 2, 2), "='Home'!A7"),
    ],
)
def test_references_follow_rows_and_columns(formula, shift, moved):
    tabs = {"home": 1, "other": 2}
    assert shift_references(formula, 1, shift, lambda title: tabs.get(title.lower())) == moved


def test_references_follow_a_tabs_title():
    assert rename_references("=Old!A1+'old'!B2&\"Old!A1\"", "Old", "New one") == "='New one'!A1+'New one'!B2&\"Old!A1\""
    assert break_references("=Old!A1+B2", "Old") == "=#REF!+B2"


@given(st.integers(0, 9), st.integers(0, 9), st.integers(-5, 5), st.integers(-5, 5))
def test_a_copy_there_and_back_is_the_same(row, column, down, across):
    formula = f"={chr(75 + column)}{row + 11}*$B{row + 11}"
    assert offset_references(offset_references(formula, down, across), -down, -across) == formula

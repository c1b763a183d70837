"""Formulas that people put into OKR sheets, as the sandbox's engine computes them in Google's words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.google_calculator import Scope
from sandbox.google_cell import Cell, Failure, Formula
from sandbox.google_dialect import Home, outer_call, reach_of, split_formula, translate
from sandbox.google_document import Document, Tab

DATA = Path(__file__).with_name("data") / "google-formulas.tsv"
CASES = [line.split("\t") for line in DATA.read_text("utf-8").splitlines() if not line.startswith("#")]
CELLS = {
    "Sheet1": [
        ["id", "score", "owner", "due", "weight"],
        ["k1", 0.5, "Ann", 46348, 1],
        ["k2", 0.25, "Bob", 46350, 2],
        ["k3", None, "ann", 46341, 3],
        ["k4", "n/a", "Cy", None, 1],
    ],
    "My tab": [["k2", "two", 20], ["k1", "one", 10]],
}


def make_document(locale: str = "en_GB") -> Document:
    document = Document("t", locale=locale, now=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))
    document.tabs = [Tab(number, title) for number, title in enumerate(CELLS)]
    for tab, rows in zip(document.tabs, CELLS.values(), strict=True):
        for row, line in enumerate(rows):
            for column, value in enumerate(line):
                tab.put(row, column, Cell(value))
    scores = {"startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 1, "endColumnIndex": 2}
    document.named["1"] = {"namedRangeId": "1", "name": "Scores", "range": scores}
    return document


def compute(formula: str, document: Document | None = None):
    document = document or make_document()
    document.tabs[0].put(19, 25, Cell(Formula(formula)))
    document.touched()
    return document.calculator().value(0, 19, 25)


@pytest.mark.parametrize(("formula", "wanted"), CASES)
def test_a_formula_gives(formula, wanted):
    value, expected = compute(formula), json.loads(wanted)
    if isinstance(expected, dict):
        assert isinstance(value, Failure)
        assert value.kind == expected["error"]
    elif isinstance(expected, float):
        assert value == pytest.approx(expected, abs=1e-6)
    else:
        assert (value, type(value)) == (expected, type(expected))


def test_the_page_says_how_many_cases_there_are():
    page = Path(__file__).parents[2] / "docs/sandbox.md"
    assert f"{len(CASES)} formulas as people write them" in page.read_text("utf-8")


def test_there_are_enough_cases():
    assert len({formula for formula, _ in CASES}) >= 150


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("=NOSUCH(1)", "Unknown function: 'NOSUCH'."),
        ("=SUM(IF(TRUE,nosuch(2)))", "Unknown function: 'NOSUCH'."),
        ("=nowhere", "Unknown range name: 'NOWHERE'."),
        ("=1+", "Formula parse error."),
        ("=Z20", "Circular dependency detected. To resolve with iterative calculation, see File > Settings."),
    ],
)
def test_an_error_says_what_is_wrong(formula, message):
    assert compute(formula).message == message


@pytest.mark.parametrize(
    ("formula", "locale", "value"),
    [
        ("=ROUND(1,26;1)", "de_DE", 1.3),
        ("=SUM(1,5;2,5)", "fr_FR", 4),
        ("=SUM(1,5)", "de_DE", 6),  # without a semicolon the comma parts
        ("=SUM(1.5;2.5)", "en_US", 4),
        ("=SUM({1;2})", "en_US", 3),
        ('="a;b"', "de_DE", "a;b"),
    ],
)
def test_both_ways_of_writing_are_read(formula, locale, value):
    assert compute(formula, make_document(locale)) == value


def test_a_circle_of_formulas_is_an_error_in_every_cell_of_it():
    document = make_document()
    document.tabs[0].put(6, 0, Cell(Formula("=A8+1")))
    document.tabs[0].put(7, 0, Cell(Formula("=A7")))
    assert [document.calculator().value(0, row, 0).kind for row in (6, 7)] == ["REF", "REF"]
    assert document.calculator().value(0, 1, 0) == "k1"


def test_a_formula_follows_what_is_typed():
    document = make_document()
    assert compute("=SUM(B2:B5)", document) == 0.75
    document.tabs[0].put(3, 1, Cell(1))
    document.touched()
    assert document.calculator().value(0, 19, 25) == 1.75


def test_a_rule_is_computed_for_each_row_once():
    calculator = make_document().calculator()
    held = [
        calculator.result("=AND($B2>0.3,'My tab'!$C$1=20)", Scope(0, row, column, row - 1, column))
        for row in (1, 2)
        for column in (0, 1)
    ]
    assert held == [True, True, False, False]
    assert len(calculator._results) == 2


@pytest.mark.parametrize(
    ("formula", "row", "column"),
    [
        ("=$A$1", False, False),
        ("=$A1", True, False),
        ("=A$1", False, True),
        ("='My tab'!$B$2>1", False, False),
        ("=MOD(ROW(),2)", True, False),
        ("=COLUMN()>3", False, True),
        ('="A1"', False, False),
        ("=TODAY()>1", False, False),
    ],
)
def test_what_a_rules_result_depends_on(formula, row, column):
    assert reach_of(formula) == (row, column)


@pytest.mark.parametrize(
    ("formula", "outer"),
    [("=TODAY()", "TODAY"), ("= date(2026;1;2)", "DATE"), ("=TODAY()+1", ""), ("=SUM(1)*SUM(2)", ""), ("=A1", "")],
)
def test_the_function_that_a_formula_consists_of(formula, outer):
    assert outer_call(formula) == outer


def test_a_rule_knows_its_row_and_column():
    calculator = make_document().calculator()
    formula = '=row()*100+COLUMN()+ROW($A$7)+LEN("ROW()")'
    assert calculator.result(formula, Scope(0, 4, 2, 3, 0)) == 500 + 3 + 7 + 5


def test_a_formula_for_another_tab_names_its_own():
    text = "=SUM(A1:B,'Other tab'!C1,\"A1\")+#REF!"
    assert "".join(part.text for part in split_formula(text)) == text
    moved = translate(text, Home("O'Brien", 0, 0), lambda _: None, comma=False)
    assert moved == "=SUM('O''Brien'!A1:B,'Other tab'!C1,\"A1\")+#REF!"

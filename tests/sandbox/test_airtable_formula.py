"""Airtable's formulas: what its reference says that they give, each case with the page that says so.

``read`` says how the value is known. ``printed``: a public copy of the page prints it. ``retold``: programs that took
over the reference's examples print it. ``words``: a public copy says the rule, and the value is worked out from it.
``known``: no copy that could be read says it.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.airtable_formula import parse_formula
from sandbox.airtable_moment import format_moment, since
from sandbox.airtable_values import FormulaFault

CASES = json.loads((Path(__file__).with_name("data") / "airtable_formulas.json").read_text("utf-8"))
PAGES = ("https://support.airtable.com/", "https://www.airtable.com/", "https://community.airtable.com/")
CELLS = {
    "Name": "Bob", "Age": Decimal(43), "Price": Decimal(10), "Quantity": Decimal(3), "Regular Price": Decimal(10),
    "Sale Price": Decimal(8), "Apples": Decimal(3), "Oranges": Decimal(2), "Guests": Decimal(2),
    "Sales Tax": Decimal("0.2"), "Tags": ("a", "b"), "Empty": None,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A record as formulas see it."""

    id: str = "rec1"
    created: datetime = datetime(2026, 11, 1, 9, tzinfo=UTC)
    modified: datetime = datetime(2026, 11, 20, 9, tzinfo=UTC)
    now: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)
    cells: dict = field(default_factory=lambda: CELLS)

    def cell(self, name):
        return self.cells[name]


def compute(formula):
    return parse_formula(formula).evaluate(Row())


@pytest.mark.parametrize("case", CASES, ids=[each["formula"] for each in CASES])
def test_a_formula_gives_what_the_reference_says(case):
    wanted = case["value"]
    if isinstance(wanted, dict):
        with pytest.raises((FormulaFault, ArithmeticError)):
            compute(case["formula"])
        return
    given = compute(case["formula"])
    if isinstance(wanted, float):
        assert isinstance(given, Decimal)
        assert float(given) == pytest.approx(wanted)
    elif isinstance(wanted, bool) or wanted is None:
        assert given is wanted
    else:
        assert given == wanted


def test_the_page_says_how_many_cases_there_are_and_how_they_are_known():
    page = " ".join((Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8").split())
    assert f"{len(CASES)} cases with expected results" in page
    read = Counter(case["read"] for case in CASES)
    assert read.keys() == {"printed", "retold", "words", "known"}
    assert f"{read['printed']} of the values are printed in public copies" in page
    assert f"{read['retold']} more are printed by programs" in page
    assert f"{read['words']} follow from rules" in page
    assert f"{read['known']} are as we know them" in page


def test_there_are_enough_cases_and_each_has_its_page():
    assert len({case["formula"] for case in CASES}) >= 100
    assert all(case["source"].startswith(PAGES) for case in CASES)


def test_groups_of_a_pattern_come_back_in_a_replacement():
    assert compute('REGEX_REPLACE("Doe, Ann", "(\\w+), (\\w+)", "$2 $1")') == "Ann Doe"
    assert compute('REGEX_REPLACE("a", "a", "\\\\")') == "\\"


@pytest.mark.parametrize("formula", ['REGEX_EXTRACT("a", "b")', 'REGEX_MATCH("a", "(")', "LOG(0)", "LOG(5, 1)"])
def test_what_has_no_result_is_an_error(formula):
    with pytest.raises(FormulaFault):
        compute(formula)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10, "a few seconds"),
        (60, "a minute"),
        (600, "10 minutes"),
        (3600, "an hour"),
        (5 * 3600, "5 hours"),
        (86_400, "a day"),
        (3 * 86_400, "3 days"),
        (-30 * 86_400, "a month"),
        (100 * 86_400, "3 months"),
        (400 * 86_400, "a year"),
        (1100 * 86_400, "3 years"),
    ],
)
def test_a_span_in_words(seconds, words):
    assert since(seconds) == words


def test_what_a_country_writes():
    at = datetime(2026, 11, 2, 15, 4, tzinfo=UTC)
    assert format_moment(at, "l", "en-us") == "11/2/2026"
    assert format_moment(at, "l LT", "en-gb") == "2/11/2026 15:04"
    assert format_moment(at, "LL", "de") == "2. November 2026"
    assert format_moment(at, "[l] L", "fr") == "l 02/11/2026"
    assert format_moment(at, "LLL", "en") == "November 2, 2026 3:04 PM"


@pytest.mark.parametrize(
    ("formula", "items"),
    [
        ("ARRAYUNIQUE(ARRAYFLATTEN(Tags, Tags, Name))", ("a", "b", "Bob")),
        ("ARRAYCOMPACT(ARRAYFLATTEN(Tags, Empty))", ("a", "b")),
        ("ARRAYSLICE(ARRAYFLATTEN(Tags, Name), 2, 3)", ("b", "Bob")),
        ("ARRAYSLICE(ARRAYFLATTEN(Tags, Name), 2)", ("b", "Bob")),
        ("ARRAYSLICE(ARRAYFLATTEN(Tags, Name), -2)", ("b", "Bob")),
        ("ARRAYSLICE(ARRAYFLATTEN(Tags, Name), 1, -2)", ("a", "b")),
    ],
)
def test_arrays(formula, items):
    assert compute(formula) == items

"""Airtable's formulas: what its reference says that they give, each case with the page that says so.

``read`` says how the value is known. ``printed``: a public copy of Airtable's page prints it. ``moment``: the
documentation of Moment.js, whose tokens Airtable's page names, prints it. ``retold``: programs that took over the
reference's examples print it. ``words``: a public copy says the rule, and the value is worked out from it. ``known``:
no copy that could be read says it. ``cells`` are the fields of the page's example.
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
MOMENT = "https://momentjs.com/docs/"
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


def as_cell(value):
    if isinstance(value, list):
        return tuple(value)
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def compute(formula, cells=CELLS):
    return parse_formula(formula).evaluate(Row(cells=cells))


@pytest.mark.parametrize("case", CASES, ids=[each["formula"] for each in CASES])
def test_a_formula_gives_what_the_reference_says(case):
    wanted = case["value"]
    cells = {name: as_cell(value) for name, value in case["cells"].items()} if "cells" in case else CELLS
    if isinstance(wanted, dict):
        with pytest.raises((FormulaFault, ArithmeticError)):
            compute(case["formula"], cells)
        return
    given = compute(case["formula"], cells)
    if isinstance(wanted, float):
        assert isinstance(given, Decimal)
        assert float(given) == pytest.approx(wanted)
    elif isinstance(wanted, bool) or wanted is None:
        assert given is wanted
    else:
        assert given == as_cell(wanted)


def test_the_page_says_how_many_cases_there_are_and_how_they_are_known():
    page = " ".join((Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8").split())
    assert f"{len(CASES)} cases with expected results" in page
    read = Counter(case["read"] for case in CASES)
    assert read.keys() == {"printed", "moment", "retold", "words", "known"}
    assert f"{read['printed']} of the values are printed in public copies" in page
    assert f"{read['moment']} in the documentation of Moment.js" in page
    assert f"{read['retold']} more are printed by programs" in page
    assert f"{read['words']} follow from rules" in page
    assert f"{read['known']} are as we know them" in page


def test_there_are_enough_cases_and_each_has_its_page():
    seen = [case for case in CASES if case["read"] in ("printed", "moment", "retold")]
    assert len({case["formula"] for case in seen}) >= 100
    assert len({(case["formula"], str(case.get("cells"))) for case in CASES}) == len(CASES)
    assert all(case["source"].startswith(MOMENT if case["read"] == "moment" else PAGES) for case in CASES)


@pytest.mark.parametrize(
    ("later", "earlier", "months"),
    [
        ("2026-02-28", "2026-01-31", 1), ("2026-03-01", "2026-01-31", 1), ("2026-01-31", "2026-03-01", -1),
        ("2026-02-15T08:00:00Z", "2026-01-15T09:00:00Z", 0), ("2026-01-15", "2026-02-14", 0),
    ],
)  # fmt: skip
def test_only_whole_months_between_two_moments_count_whichever_comes_first(later, earlier, months):
    assert compute(f'DATETIME_DIFF("{later}", "{earlier}", "months")') == months


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

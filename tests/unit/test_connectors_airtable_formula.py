"""Airtable formulas as text: literals that stay inert, mistakes pointed at, sieves that let no record fall."""

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import airtable_formula as formula
from connectors.airtable_grammar import AirtableGrammar, TableBody
from mappings.grammar import QueryMistake
from mappings.model import Condition, Filter, Measure, Window

BERLIN = ZoneInfo("Europe/Berlin")
GRAMMAR = AirtableGrammar()
OCTOBER = Window("Closed", datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2026, 11, 1, tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("text", "literal"),
    [("3", "3"), ("-1.5", "-1.5"), ("007", "'007'"), ("Won", "'Won'"), ("it's", "'it\\'s'"), ("a\\", "'a\\\\'"),
     ("", "''"), ("a\nb", "'a\\nb'"), ("', 1=1) & ('", "'\\', 1=1) & (\\''")],
)  # fmt: skip
def test_values_become_one_literal(text: str, literal: str) -> None:
    assert GRAMMAR.quote(text) == literal


@pytest.mark.parametrize(
    ("text", "mark", "inside"), [("a'b", '"', "a'b"), ('a"b', '"', 'a\\"b'), ("a}b", "{", "a\\}b")]
)
def test_values_inside_quotes_or_braces_are_escaped_only(text: str, mark: str, inside: str) -> None:
    assert GRAMMAR.escape(text, mark) == inside


@given(st.text(max_size=30))
def test_no_value_breaks_out_of_its_literal(text: str) -> None:
    formula.check_formula(f"AND({{Name}}={formula.quoted(text)})", "formula")
    formula.check_formula(f"AND({formula.field(text)}=1)", "formula")


@pytest.mark.parametrize(
    ("text", "key", "offset"),
    [
        ("{Stage = 'Won'", "formula", 0),
        ("AND({A}='x)", "where", 8),
        ("AND({A}=1", "formula", 3),
        ("{A}=1)", "formula", 5),
    ],
)
def test_a_mistake_is_pointed_at(text: str, key: str, offset: int) -> None:
    query = SimpleNamespace(table="Deals", view=None, formula=None, where=None)
    setattr(query, key, text)
    with pytest.raises(QueryMistake) as caught:
        GRAMMAR.make_body(query)
    assert (caught.value.key, caught.value.offset) == (key, offset)


def test_where_means_the_same_as_formula_and_both_must_hold() -> None:
    query = SimpleNamespace(table="Deals", view="Open", formula="{A}=1", where="{B}=2")
    assert GRAMMAR.make_body(query) == TableBody("Deals", "Open", "AND({A}=1,{B}=2)")


def is_(field: str, *values: str) -> Filter:
    return Filter((Condition(field, "in" if len(values) > 1 else "=", values),))


def test_a_sieve_is_any_of_the_filters() -> None:
    test = "OR(FIND('Won',{Stage}&''),OR(FIND('EU',{Region}&''),FIND('US',{Region}&'')))"
    found = formula.make_sieve([is_("Stage", "Won"), is_("Region", "EU", "US")])
    assert found.startswith("IF(ISERROR(")
    assert sorted(test) == sorted(found.removeprefix("IF(ISERROR(").split("),TRUE(),")[0])


@pytest.mark.parametrize(
    "only",
    [
        Filter(),
        is_("Amount", "3"),
        is_("Code", "1e3"),
        is_("Closed", "2026-10-01"),
        is_("Paid", "Yes"),
        is_("Account", "recABCDEFGHIJKLMN"),
        is_("Stage", "Won", "3"),
        is_("Stage", " Won"),
        is_("Stage", ""),
        Filter((Condition("Stage", "!=", ("Won",)),)),
        Filter((Condition("Amount", ">", ("3",)),)),
    ],
)
def test_what_depends_on_the_field_s_type_is_not_pushed_down(only: Filter) -> None:
    assert formula.make_sieve([only]) == ""
    assert formula.make_sieve([is_("Stage", "Won"), only]) == ""


def test_a_window_has_a_day_to_spare_on_both_sides() -> None:
    found = formula.make_sieve([Filter((Condition("Amount", ">", ("3",)),), OCTOBER)])
    assert "IF({Closed},AND(IS_AFTER({Closed},'2026-09-30'),IS_BEFORE({Closed},'2026-11-02')),FALSE())" in found


def test_done_is_nothing_that_airtable_knows() -> None:
    body = TableBody("Deals")
    assert "share: {Status: Done}" in (GRAMMAR.check_use(body, Filter(), Measure("percent_done")) or "")
    assert GRAMMAR.check_use(body, Filter(), Measure("count")) is None


def test_a_query_reads_as_a_sentence() -> None:
    only = Filter((Condition("Stage", "in", ("Won", "Lost")),), OCTOBER)
    assert GRAMMAR.render_query(TableBody("Deals", "Open", "{A}=1"), only) == (
        "Deals, view Open, where {A}=1 and Stage in Won or Lost, Closed from 2026-10-01 until before 2026-11-01"
    )
    assert GRAMMAR.render_query(TableBody("Deals"), Filter()) == "Deals"

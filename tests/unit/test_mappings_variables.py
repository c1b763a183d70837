"""Variables: no value can change what a query means."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.node import Node, Tree
from mappings.variables import (
    check_variables,
    expand_node,
    expand_text,
    make_scope,
    names_in,
    quote_states,
)
from mappings.yaml_text import parse_yaml
from okr.model import Cycle, Key, KeyResult
from tests.unit.mapping_grammar import AskGrammar, literal, tokens

GRAMMAR = AskGrammar()


def node(text: str) -> Node:
    tree = parse_yaml(text, "m.yaml")
    assert isinstance(tree, Tree)
    return tree.root


def filled(query: str, scope: dict[str, str]) -> dict[str, str]:
    expanded = expand_node(node(query), scope, GRAMMAR, own=True)
    return {key: entry.value.text for key, entry in expanded.entries.items()}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("owner = ${v}", "owner = {quoted}"),
        ('owner = "${v}"', 'owner = "{in_double}"'),
        ("owner = 'by ${v}'", "owner = 'by {in_single}'"),
        ("{Owner's name} = ${v}", "{Owner's name} = {quoted}"),
        ('a = "x \\" y" AND b = ${v}', 'a = "x \\" y" AND b = {quoted}'),
        ("a = \"it's\" AND b = '${v}'", "a = \"it's\" AND b = '{in_single}'"),
        ("a = $${v} AND b = ${v}", "a = ${v} AND b = {quoted}"),
    ],
)
def test_own_language_is_quoted_outside_and_escaped_inside_quotes(written, expected):
    value = 'O\'Neil "x" \\'
    shown = (
        expected.replace("{quoted}", GRAMMAR.quote(value))
        .replace("{in_double}", GRAMMAR.escape(value, '"'))
        .replace("{in_single}", GRAMMAR.escape(value, "'"))
    )
    query = "ask: |-\n  " + written
    assert filled(query, {"v": value}) == {"ask": shown}


def test_elsewhere_a_value_is_inserted_as_it_is():
    assert filled("{table: 'T ${v}', ask: '${v}'}", {"v": "a'b c"}) == {"table": "T a'b c", "ask": '"a\'b c"'}


def test_a_value_is_not_looked_at_again():
    assert expand_text("${a}${b}", {"a": "${b}", "b": "$${a}"}) == "${b}$${a}"


def test_an_unknown_value_raises():
    with pytest.raises(KeyError):
        expand_text("${a}", {})


HOSTILE = st.text(alphabet="ab '\"\\{}$;)(=\n\t-%é", max_size=12)
TEMPLATES = st.sampled_from(
    [
        ("owner = ${v} AND done = no", 2),
        ('owner = "${v}" AND done = no', 2),
        ("owner = '${v}' AND done = no", 2),
        ("{O'x} = ${v} AND {y\"z} = 'q'", 2),
        ('"a\\\\" = ${v} AND b = 1', 2),
        ("{${v}} = 1 AND b = 2", 0),
    ]
)


@given(TEMPLATES, HOSTILE)
def test_a_hostile_value_cannot_break_out(template, value):
    written, position = template
    plain = tokens(expand_node(_query(written), {"v": "plain"}, GRAMMAR, own=True).entries["ask"].value.text)
    hostile = tokens(expand_node(_query(written), {"v": value}, GRAMMAR, own=True).entries["ask"].value.text)
    assert hostile is not None
    assert len(hostile) == len(plain)
    assert literal(hostile[position]) == value
    assert hostile[:position] + hostile[position + 1 :] == plain[:position] + plain[position + 1 :]


def _query(written: str) -> Node:
    return node("ask: |-\n  " + written)


def test_quote_states_know_where_a_quote_is_open():
    assert quote_states("a 'b' c") == ["", "", "", "'", "'", "", "", ""]
    assert quote_states("\\'") == ["", "", "'"]  # outside quotes a backslash is nothing


def test_unknown_names_have_places_and_suggestions():
    (problem,) = check_variables(node("{jira: 'a = ${cycle.strat} b'}"), ("cycle.start", "date"))
    assert problem.code == "mapping.unknown-variable"
    assert problem.fix == "did you mean “cycle.start”?"
    assert (problem.place.column, problem.place.length) == (13, 14)


@pytest.mark.parametrize("text", ["a ${ b", "a ${} b", "a ${1x} b", "a ${a b}"])
def test_what_is_no_variable_is_refused(text):
    (problem,) = check_variables(node(f"{{jira: '{text}'}}"), ("a",))
    assert problem.code == "mapping.variable"


def test_names_in_keys_and_values():
    assert names_in(node("{'${a}': ['x${b}', {c: '$${d}'}]}")) == {"a", "b"}


def test_what_a_key_result_offers():
    cycle = Cycle("Q4", date(2026, 10, 1), date(2026, 12, 31))
    scope = make_scope(
        KeyResult(Key("Q4", "W-1"), "Name", owner="Ann", target=Decimal("1E+2")), cycle, date(2026, 11, 22)
    )
    assert scope["cycle.start"] == "2026-10-01"
    assert scope["cycle.end"] == "2026-12-31"
    assert (scope["cycle.name"], scope["date"], scope["kr.id"]) == ("Q4", "2026-11-22", "W-1")
    assert (scope["kr.owner"], scope["kr.target"]) == ("Ann", "100")
    assert "kr.baseline" not in scope
    assert "kr.unit" not in scope

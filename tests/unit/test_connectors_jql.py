"""JQL as text: literals that stay inert, ORDER BY split off, conditions and windows compiled."""

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import jql
from connectors.base import SourceMisread
from connectors.jira import Jira
from connectors.jira_field import Field, find_field, parse_fields, parse_value
from connectors.jira_grammar import JiraGrammar, JqlBody
from mappings.grammar import QueryMistake
from mappings.model import Condition, Filter, Measure, Window

BERLIN = ZoneInfo("Europe/Berlin")
GRAMMAR = JiraGrammar()


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("WEB", "WEB"),
        ("q4_2026", "q4_2026"),
        ("42", "42"),
        ("2026-10-01", '"2026-10-01"'),
        ("WEB-12", '"WEB-12"'),
        ("In Progress", '"In Progress"'),
        ("and", '"and"'),
        ("Empty", '"Empty"'),
        ("", '""'),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("a\nb", '"a\\nb"'),
        ("größe", '"größe"'),
        ("x) OR (project = HR", '"x) OR (project = HR"'),
    ],
)
def test_values_become_one_literal(text: str, literal: str) -> None:
    assert GRAMMAR.quote(text) == literal


@pytest.mark.parametrize(
    ("text", "mark", "inside"), [('a"b', '"', 'a\\"b'), ("a'b", '"', "a'b"), ("a'b", "'", "a\\'b"), ("\\", "'", "\\\\")]
)
def test_values_inside_quotes_are_escaped_only(text: str, mark: str, inside: str) -> None:
    assert GRAMMAR.escape(text, mark) == inside


@given(st.text(max_size=30))
def test_no_value_breaks_out_of_its_literal(text: str) -> None:
    """Whatever a value holds, the query around it stays one balanced query of the same shape."""
    assert jql.split_order(f"a = {jql.quote(text)} ORDER BY b") == f"a = {jql.quote(text)}"
    assert jql.split_order(f"a = '{jql.escape(text, chr(39))}' ORDER BY b").endswith("'")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("project = WEB ORDER BY created DESC", "project = WEB"),
        ("project = WEB order  by created", "project = WEB"),
        ('summary ~ "order by" AND a = 1', 'summary ~ "order by" AND a = 1'),
        ("summary ~ 'x ORDER BY y' ORDER\nBY z", "summary ~ 'x ORDER BY y'"),
        ("border by = 1", "border by = 1"),
        ("ORDER BY created", ""),
        ("  a = 1  ", "a = 1"),
        ('a = "\\"" ORDER BY b', 'a = "\\""'),
    ],
)
def test_order_by_is_split_off(text: str, rest: str) -> None:
    assert jql.split_order(text) == rest


@pytest.mark.parametrize(
    ("text", "offset", "said"),
    [
        ('summary ~ "abc', 10, "never closed"),
        ("labels in (a, b", 10, "never closed"),
        ("a = 1)", 5, "nothing was opened"),
        ("a = 'it's'", 9, "never closed"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, offset: int, said: str) -> None:
    with pytest.raises(QueryMistake, match=said) as caught:
        GRAMMAR.make_body(SimpleNamespace(jql=text, where=None, approximate=False))
    assert (caught.value.key, caught.value.offset) == ("jql", offset)
    assert caught.value.fix


@pytest.mark.parametrize("text", ["", "ORDER BY created", None])
def test_an_unbounded_query_is_a_mistake(text: str | None) -> None:
    with pytest.raises(QueryMistake, match="refuses to list everything"):
        GRAMMAR.make_body(SimpleNamespace(jql=text, where=None, approximate=False))


def test_equal_queries_are_equal_bodies() -> None:
    bodies = {
        GRAMMAR.make_body(SimpleNamespace(jql=text, where=None, approximate=False))
        for text in ("project = WEB", " project = WEB ", "project = WEB ORDER BY key")
    }
    assert bodies == {JqlBody("project = WEB")}


def test_where_is_more_jql_that_must_hold_too() -> None:
    body = GRAMMAR.make_body(SimpleNamespace(jql="a = 1 OR b = 2", where="c = 3", approximate=False))
    assert body == JqlBody("(a = 1 OR b = 2) AND (c = 3)")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition("status", "=", ("Done",)), 'status = "Done"'),
        (Condition("Found in", "!=", ("Prod",)), '"Found in" != "Prod" OR "Found in" is EMPTY'),
        (Condition("Story Points", ">=", ("3",)), '"Story Points" >= 3'),
        (Condition("Story Points", "=", ("3",)), '"Story Points" = "3"'),
        (Condition("created", "<", ("2026-10-01",)), 'created < "2026-10-01"'),
        (Condition("customfield_10026", ">", ("-1.5",)), "cf[10026] > -1.5"),
        (Condition("cf[10026]", "in", ("a", 'b"c')), 'cf[10026] in ("a", "b\\"c")'),
        (Condition("order", "=", ("x",)), '"order" = "x"'),
    ],
)
def test_conditions(condition: Condition, text: str) -> None:
    assert jql.render_condition(condition) == text


def window(field: str, start: datetime, end: datetime) -> Filter:
    return Filter((), Window(field, start, end))


def test_a_rendered_query_is_the_jql_that_is_sent() -> None:
    days = window("due", datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN))
    moments = window("created", datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN))
    body = JqlBody("a = 1 OR b = 2")
    assert GRAMMAR.render_query(body, Filter()) == "a = 1 OR b = 2"
    assert GRAMMAR.render_query(body, days) == '(a = 1 OR b = 2) AND (due >= "2026-10-01" AND due < "2027-01-01")'
    assert '(created >= "2026-10-01 00:00" AND created < "2027-01-01 00:00")' in GRAMMAR.render_query(body, moments)


def test_moments_are_written_in_the_account_s_zone_to_the_minute_that_lies_inside() -> None:
    start = datetime(2026, 10, 1, 0, 0, 1, tzinfo=BERLIN)
    only = Window("created", start, datetime(2026, 10, 2, tzinfo=BERLIN))
    text = jql.render_moments(only, ZoneInfo("America/New_York"))
    assert text == 'created >= "2026-09-30 18:01" AND created < "2026-10-01 18:00"'


def test_long_texts_can_not_be_compared() -> None:
    only = Filter((Condition("Summary", "=", ("x",)),))
    assert "~" in (GRAMMAR.check_use(JqlBody("a = 1"), only, Measure("count")) or "")
    assert GRAMMAR.check_use(JqlBody("a = 1"), Filter(), Measure("count")) is None


FIELDS = parse_fields(
    [
        {
            "id": "customfield_10026",
            "name": "Story Points",
            "clauseNames": ["cf[10026]", "Story Points"],
            "schema": {"type": "number"},
        },
        {"id": "customfield_10027", "name": "story points", "clauseNames": ["cf[10027]"]},
        {"id": "status", "name": "Status", "clauseNames": ["status"], "schema": {"type": "status"}},
    ]
)


def test_the_exact_name_wins_over_one_in_another_case() -> None:
    assert find_field(FIELDS, "Story Points").id == "customfield_10026"
    with pytest.raises(SourceMisread, match="customfield_10026, customfield_10027"):
        find_field(FIELDS, "STORY POINTS")
    assert find_field(FIELDS, "CF[10027]") == Field("customfield_10027", "story points", frozenset({"cf[10027]"}), "")


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (None, None),
        ("", None),
        ({"value": "Production", "id": "1"}, "Production"),
        ({"name": "Done", "id": "3"}, "Done"),
        ({"displayName": "Ann Lee", "accountId": "x"}, "Ann Lee"),
        ({"key": "WEB", "name": "Web shop", "projectTypeKey": "software"}, "WEB"),
        ({"key": "WEB-4", "fields": {"summary": "Epic"}}, "WEB-4"),
        ([{"name": "1.4"}, {"name": "1.5"}], ("1.4", "1.5")),
        (["q4"], ("q4",)),
        ([], None),
        ({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hi"}]}]}, "Hi"),
        ("2026-10-01T12:00:00.000+0200", datetime(2026, 10, 1, 10, tzinfo=ZoneInfo("UTC"))),
        ({"unknown": 1}, None),
    ],
)
def test_fields_of_issues(found: object, value: object) -> None:
    assert parse_value(found) == value


def test_the_factory_needs_no_vendor_library() -> None:
    assert Jira().grammar.kind == Jira.kind == "jira"
    assert Jira().options_form().__name__ == "JiraOptions"

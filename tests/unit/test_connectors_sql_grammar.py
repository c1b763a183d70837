"""What an SQL query may say: one SELECT, its variables bound, everything else refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sql_forms import SqlOptions, SqlQuery
from connectors.sql_grammar import SqlBody, SqlGrammar
from mappings.grammar import QueryMistake
from mappings.model import Condition, Filter, Measure
from mappings.resolve import resolve

GRAMMAR = SqlGrammar()


def body(text: str) -> SqlBody:
    made = GRAMMAR.make_body(SqlQuery(sql=text))
    assert isinstance(made, SqlBody)
    return made


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("DELETE FROM deals", "DELETE"),
        ("", ""),
        ("SELECT 1; DROP TABLE deals", ";"),
        ("SELECT * INTO copy FROM deals", "INTO"),
        ("SELECT 1 INTO OUTFILE '/tmp/x'", "INTO"),
        ("WITH gone AS (DELETE FROM deals RETURNING 1) SELECT * FROM gone", "DELETE"),
        ("/* SELECT */ UPDATE deals SET a = 1", "UPDATE"),
        ("SELECT 'never closed", "'"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
    ],
)
def test_anything_but_one_select_is_refused_at_its_word(text: str, word: str) -> None:
    with pytest.raises(QueryMistake) as caught:
        GRAMMAR.make_body(SqlQuery.model_construct(sql=text, table=None, id=None))
    found = caught.value
    assert text[found.offset : found.offset + len(word)] == word


@pytest.mark.parametrize(
    "text",
    [
        "select count(*) from deals;",
        "SELECT ';', 'DROP TABLE x', \"delete\", t.update FROM t -- ; DELETE",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "SELECT replace(a, 'x', 'y'), $$ into $$, `create` FROM t /* ; INTO */ ;  ",
    ],
)
def test_words_in_texts_names_and_comments_are_no_orders(text: str) -> None:
    assert body(text).values == ()


def test_the_place_of_a_mistake_is_that_in_the_file() -> None:
    text = "key_results:\n  A: {db: 'SELECT 1; DROP TABLE x', measure: count}\n"
    _, [problem] = resolve({"m.yaml": text}, {"db": GRAMMAR})
    assert (problem.place.line, problem.place.column) == (2, 20)  # type: ignore[union-attr]


@given(st.text())
def test_whatever_a_variable_holds_it_is_a_parameter(value: str) -> None:
    made = body(f"SELECT 1 WHERE a = {GRAMMAR.quote(value)} AND b = '{GRAMMAR.escape(value, chr(39))}'")
    assert made == SqlBody("SELECT 1 WHERE a = :v0 AND b = :v1", (value, value))


def test_a_variable_inside_a_longer_text_is_refused() -> None:
    with pytest.raises(QueryMistake, match="longer text"):
        body(f"SELECT 1 WHERE a LIKE '%{GRAMMAR.quote('x')}%'")


def test_a_query_is_shown_with_its_values() -> None:
    only = Filter((Condition("stage", "=", ("Won",)),))
    shown = GRAMMAR.render_query(body(f"SELECT *\n FROM t WHERE o = {GRAMMAR.quote('Ana')}"), only)
    assert shown == "SELECT * FROM t WHERE o = 'Ana', where stage = Won"
    assert GRAMMAR.render_query(SqlBody(table=("public", "deals")), Filter()) == "public.deals"


def test_done_is_not_known() -> None:
    assert "share" in (GRAMMAR.check_use(SqlBody(), Filter(), Measure("percent_done")) or "")


@pytest.mark.parametrize("written", [{}, {"sql": "SELECT 1", "table": "t"}])
def test_a_query_is_a_select_or_a_table(written: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="say which rows"):
        SqlQuery.model_validate(written)


def test_a_whole_url_may_be_a_secret_and_a_password_in_a_url_is_not_repeated() -> None:
    assert str(SqlOptions(url="env:DATABASE_URL").url.reference) == "env:DATABASE_URL"
    with pytest.raises(ValueError, match="leave the password out") as caught:
        SqlOptions(url="postgresql://me:hunter2222@host/db")
    assert all("hunter2222" not in str(error["msg"]) for error in caught.value.errors())  # type: ignore[attr-defined]

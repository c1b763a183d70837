"""JQL as a tree: the grammar, and the refusal of what does not fit it in Jira's words.

The grammar agrees with Atlassian's own (npm @atlaskit/jql-parser) on what is a query. What the names in it
mean is decided in ``sandbox.jql_where``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedToken, VisitError

from sandbox.jql_lex import JqlError, JqlLexer, JqlUnserved, syntax_error
from sandbox.jql_tree import (
    Both,
    Call,
    Clause,
    Condition,
    Either,
    Empty,
    FieldName,
    Many,
    Operand,
    Opposite,
    Query,
    Sort,
    Word,
    show,
)

__all__ = ["JqlError", "JqlUnserved", "Query", "parse_jql"]

GRAMMAR = r"""
query: any? order?
order: ORDER BY sort (COMMA sort)*
sort: field (ASC | DESC)?

?any: all (OR all)*
?all: opposite (AND opposite)*
?opposite: (NOT | BANG) opposite -> negation
    | LPAR any RPAR -> group
    | clause
clause: field LIKENESS (one | list)
    | field ORDERING (word | call | list)
    | field IN operand
    | field NOT IN operand
    | field IS operand
    | field IS NOT operand
    | field WAS operand predicate*
    | field WAS NOT operand predicate*
    | field WAS IN operand predicate*
    | field WAS NOT IN operand predicate*
    | field CHANGED predicate*
predicate: (AFTER | BEFORE | BY | DURING | FROM | ON | TO) operand

field: (STRING | QUOTED | NUMBER) -> named
    | CF LSQB NUMBER RSQB -> numbered
    | (STRING | QUOTED) (LSQB argument RSQB STRING?)+ -> prop
    | CF LSQB NUMBER RSQB (LSQB argument RSQB STRING?)+ -> prop
?operand: one | list
?one: word | empty | call
word: STRING | QUOTED | NUMBER
empty: EMPTY | NULL
call: (STRING | QUOTED | NUMBER) LPAR (argument (COMMA argument)*)? RPAR
argument: STRING | QUOTED | NUMBER
list: LPAR operand (COMMA operand)* RPAR

%declare STRING QUOTED NUMBER LIKENESS ORDERING AND OR NOT BANG IN IS EMPTY NULL ORDER BY WAS CHANGED ASC DESC
%declare AFTER BEFORE DURING ON FROM TO CF LPAR RPAR LSQB RSQB COMMA
"""
OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."


class _Tree(Transformer[Token, Any]):
    """Makes our tree of lark's."""

    def query(self, children: list[Any]) -> Query:
        order = next((each for each in children if isinstance(each, tuple)), ())
        where = next((each for each in children if not isinstance(each, tuple)), None)
        return Query(where, order)

    def order(self, children: list[Any]) -> tuple[Sort, ...]:
        return tuple(each for each in children if isinstance(each, Sort))

    def sort(self, children: list[Any]) -> Sort:
        return Sort(children[0], children[1].type == "DESC" if len(children) > 1 else None)

    def any(self, children: list[Any]) -> Either:
        return Either(_parts(children))

    def all(self, children: list[Any]) -> Both:
        return Both(_parts(children))

    def negation(self, children: list[Any]) -> Opposite:
        return Opposite(children[1])

    def group(self, children: list[Any]) -> Condition:
        return children[1]  # type: ignore[no-any-return]

    def clause(self, children: list[Any]) -> Clause:
        operator = " ".join(each.lower() for each in children if isinstance(each, Token))
        operand = next((each for each in children[1:] if isinstance(each, Word | Empty | Call | Many)), None)
        predicates = tuple(each for each in children if isinstance(each, tuple))
        return _check_shape(Clause(children[0], operator, operand, predicates))

    def predicate(self, children: list[Any]) -> tuple[str, Operand]:
        return children[0].lower(), children[1]

    def named(self, children: list[Token]) -> FieldName:
        return FieldName(str(children[0]))

    def numbered(self, children: list[Token]) -> FieldName:
        if int(children[2]) < 0:
            reason = f"Expecting a custom field id (a positive number) but got '{children[2]}'."
            raise syntax_error(reason, children[2])
        return FieldName(f"cf[{children[2]}]", int(children[2]))

    def prop(self, children: list[Any]) -> FieldName:
        if str(children[0]).lower() in ("issuelink", "workitemlink"):
            return FieldName(f"{children[0]}[{children[2]}]")
        raise JqlUnserved(f"the entity property {children[0]}[{children[2]}]")

    def word(self, children: list[Token]) -> Word:
        return Word(str(children[0]), children[0].type == "NUMBER")

    def empty(self, _: list[Token]) -> Empty:
        return Empty()

    def call(self, children: list[Any]) -> Call:
        if not children[0]:
            raise syntax_error("A function name cannot be empty.", children[0])
        return Call(str(children[0]), tuple(each for each in children if not isinstance(each, Token)))

    def argument(self, children: list[Token]) -> str:
        return str.__str__(children[0])

    def list(self, children: list[Any]) -> Many:
        return Many(_parts(children))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, start="query", parser="lalr", lexer=JqlLexer, maybe_placeholders=False)


@lru_cache(maxsize=512)
def parse_jql(text: str) -> Query:
    """Read a query. Raises JqlError, and JqlUnserved for what Jira knows and the sandbox doesn't."""
    try:
        tree = _parser().parse(text)
        query: Query = _Tree().transform(tree)
    except UnexpectedToken as error:
        raise _refuse(error) from None
    except VisitError as error:
        raise error.orig_exc from None
    return query


def _parts(children: list[Any]) -> tuple[Any, ...]:
    return tuple(each for each in children if not isinstance(each, Token))


def _check_shape(clause: Clause) -> Clause:
    """Refuse lists where one value belongs, and one value where a list does."""
    name, operator, operand = clause.field.text, clause.operator, clause.operand
    if operator.endswith("in"):
        if not isinstance(operand, Many | Call):
            raise JqlError(
                f"Operator '{operator}' does not support the non-list value '{show(operand)}' for field '{name}'."
            )
    elif operator in ("is", "is not"):
        if not isinstance(operand, Empty):
            raise JqlError(
                f"The operator '{operator}' of the field '{name}' takes only EMPTY or NULL, not '{show(operand)}'."
            )
    elif isinstance(operand, Many):
        raise JqlError(f"Operator '{operator}' does not support the list value '{show(operand)}' for field '{name}'.")
    for predicate, _ in clause.predicates:
        if predicate in ("from", "to") and operator != "changed":
            raise JqlError(f"The {operator.upper()} operator does not support the '{predicate}' predicate.")
    return clause


def _refuse(error: UnexpectedToken) -> JqlError:
    """Word what Jira would have expected, from what the grammar would have accepted."""
    token, wanted = error.token, set(error.accepts or error.expected)
    at_end = token.type == "$END"
    got = " at the end of the query" if at_end else f" but got '{token}'"
    before = " before the end of the query" if at_end else f" but got '{token}'"
    return syntax_error(_expectation(wanted, str(token), got, before, at_end=at_end), None if at_end else token)


def _expectation(wanted: set[str], token: str, got: str, before: str, *, at_end: bool) -> str:
    def quote(use: str) -> str:
        return "." if at_end else f". You must surround '{token}' in quotation marks to use it as {use}."

    if {"STRING", "CF"} <= wanted:
        if token.startswith("["):
            return "Expecting a field name but got '['. Did you mean 'cf['?"
        return f"Expecting a field name{got}{quote('a field name')}"
    if "LIKENESS" in wanted:
        return f"Expecting operator{before}. {OPERATORS}"
    if "EMPTY" in wanted:
        return f"Expecting either a value, list or function{before}{quote('a value')}"
    return _lesser_expectation(wanted, got, before, quote("an argument"))


def _lesser_expectation(wanted: set[str], got: str, before: str, quoted: str) -> str:
    if "STRING" in wanted and "RPAR" not in wanted:
        return f"Expecting a function argument{got}{quoted}"
    if "NUMBER" in wanted and "STRING" not in wanted:
        return f"Expecting a custom field id (a positive number){before}."
    if "RPAR" in wanted:
        choice = "')' or ','" if "COMMA" in wanted and "but" in before else "')'"
        return f"Expecting {choice}{before}."
    if "DESC" in wanted:
        return f"Expecting either 'ASC' or 'DESC'{before}."
    if "AND" in wanted or wanted <= {"ORDER", "$END"}:
        return f"Expecting either 'OR' or 'AND'{before}."
    shown = {"LSQB": "[", "RSQB": "]", "COMMA": ",", "BY": "by"}
    first = next((shown.get(each, each) for each in sorted(wanted) if each != "$END"), "the end")
    return f"Expecting '{first}'{before}."

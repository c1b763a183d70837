"""JQL as text: literals, splitting off ORDER BY, compiling conditions and windows. Sends nothing.

Rules of literals and the reserved words: "Advanced search reference - JQL: reserved words and characters" and
"Use advanced search with JQL" (support.atlassian.com/jira-software-cloud).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from mappings.grammar import QueryMistake
from mappings.model import Condition, Window

_RESERVED_WORDS = """
a an abort access add after alias all alter and any are as asc at audit avg be before begin between boolean
break but by byte catch cf char character check checkpoint collate collation column commit connect continue
count create current date decimal declare decrement default defaults define delete delimiter desc difference
distinct divide do double drop else empty encoding end equals escape exclusive exec execute exists explain
false fetch field file first float for from function go goto grant greater group having identified if
immediate in increment index initial inner inout input insert int integer intersect intersection into is
isempty isnull it join last left less like limit lock long max min minus mode modify modulo more multiply
next no noaudit not notin nowait null number object of on option or order outer output power previous prior
privileges public raise raw remainder rename resource return returns revoke right row rowid rownum rows
select session set share size sqrt start strict string subtract such sum synonym table that the their then
there these they this to trans transaction trigger true uid union unique update user validate values view
was when whenever where while will with
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
"""Words that JQL doesn't take bare, whether or not it gives them a meaning."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*|\d{1,15}")
_FIELD_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*|cf\[\d+\]", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<open>["'])|(?P<word>\w+)|(?P<other>.)""", re.S
)
_NEEDS_ESCAPE = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_OPERATORS = {"=", "!=", "<", "<=", ">", ">="}


def quote(text: str) -> str:
    """One literal: bare where JQL takes a bare word or number, else in double quotes."""
    if _WORD.fullmatch(text) and text.lower() not in RESERVED:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """One literal in double quotes."""
    return f'"{escape(text, chr(34))}"'


def escape(text: str, mark: str) -> str:
    """The inside of a literal that ``mark`` opened."""
    kept = "".join(_NEEDS_ESCAPE.get(letter, letter) for letter in text)
    return kept.replace(mark, "\\" + mark)


def field_name(name: str) -> str:
    """A field's name as JQL takes it: cf[10026] and simple words bare, anything else quoted."""
    if name.startswith("customfield_") and name[12:].isdigit():
        return f"cf[{name[12:]}]"
    return name if _FIELD_WORD.fullmatch(name) and name.lower() not in RESERVED else quoted(name)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int
    depth: int


def split_order(jql: str, key: str = "jql") -> str:
    """The query without its ORDER BY, which no number depends on.

    Raises:
        QueryMistake: a quote or parenthesis without its partner; the offset counts in ``jql``.
    """
    tokens = [token for token in _tokens(jql, key) if not token.text.isspace()]
    for this, following in pairwise(tokens):
        words = (this.kind, following.kind, this.text.lower(), following.text.lower())
        if words == ("word", "word", "order", "by") and this.depth == 0:
            return jql[: this.offset].strip()
    return jql.strip()


def _tokens(jql: str, key: str) -> Iterator[_Token]:
    opened: list[int] = []
    for match in _TOKEN.finditer(jql):
        kind, text, at = str(match.lastgroup), match.group(), match.start()
        if kind == "open":
            raise QueryMistake(
                "this quote is never closed", key=key, offset=at, fix=f"Close it with {text}, or escape it as \\{text}."
            )
        if kind == "other" and text == "(":
            opened.append(at)
        elif kind == "other" and text == ")":
            if not opened:
                raise QueryMistake("nothing was opened that this closes", key=key, offset=at, fix="Remove it.")
            opened.pop()
        yield _Token(kind, text, at, len(opened))
    if opened:
        raise QueryMistake("this parenthesis is never closed", key=key, offset=opened[-1], fix="Close it with ).")


def all_of(parts: Iterable[str]) -> str:
    """The parts joined by AND, each in parentheses where there are several."""
    found = [part for part in parts if part]
    return found[0] if len(found) == 1 else " AND ".join(f"({part})" for part in found)


def render_condition(condition: Condition) -> str:
    """One condition of a ``where`` map. An empty field matches only ``!=``, which JQL leaves out by itself."""
    name, texts = field_name(condition.field), [quoted(value) for value in condition.values]
    if condition.op == "in":
        return f"{name} in ({', '.join(texts)})"
    if condition.op not in _OPERATORS:
        raise ValueError(f"unknown operator {condition.op}")
    plain = f"{name} {condition.op} {_operand(condition.op, condition.values[0])}"
    return f"{plain} OR {name} is EMPTY" if condition.op == "!=" else plain


def _operand(operator: str, text: str) -> str:
    number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return text if number and operator not in {"=", "!="} else quoted(text)


def render_moments(window: Window, account: tzinfo) -> str:
    """A window over a field of moments, in the account's zone: that is how Jira reads dates in JQL."""
    name = field_name(window.field)

    def bound(moment: datetime) -> str:
        whole = moment.astimezone(account)
        if whole.second or whole.microsecond:  # JQL knows minutes; the first whole one inside
            whole = whole.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return f'"{whole:%Y-%m-%d %H:%M}"'

    return _between(name, window, bound)


def render_days(window: Window) -> str:
    """A window over a field of days, which count in the zone in which the window was written, as everywhere."""

    def bound(moment: datetime) -> str:
        return f'"{moment:%Y-%m-%d}"'

    return _between(field_name(window.field), window, bound)


def _between(name: str, window: Window, bound: Callable[[datetime], str]) -> str:
    return f"{name} >= {bound(window.start)} AND {name} < {bound(window.end)}"

"""What an SQL query may say: one SELECT, or a table. Variables become bound parameters. Sends nothing.

That a statement only reads is checked here for a good message. The guarantee is another: it runs in a read-only
transaction (``connectors.sql``), as an account that should have no right to write.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.words import say_filter, say_unmeasurable
from mappings.grammar import QueryMistake
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel

_OPEN, _CLOSE = "\ue000", "\ue001"
_BOUND = re.compile(f"{_OPEN}([0-9a-f]*){_CLOSE}")
_PIECE = re.compile(
    rf"""(?P<mark>{_OPEN}(?P<value>[0-9a-f]*){_CLOSE})"""
    r"""|(?P<comment>--[^\n]*|/\*.*?\*/)"""
    r"""|(?P<literal>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<other>.)""",
    re.DOTALL,
)
_COLON = re.compile(r":(?=\w)")
_FIRST = frozenset({"select", "with"})
_REFUSED = {
    "into": "it would write",
    "insert": "it would write",
    "update": "it would write",
    "delete": "it would write",
    "merge": "it would write",
    "drop": "it would change tables",
    "alter": "it would change tables",
    "create": "it would change tables",
    "truncate": "it would change tables",
    "grant": "it would change rights",
    "revoke": "it would change rights",
}


@dataclass(frozen=True, slots=True)
class SqlBody:
    """A SELECT with ``:v0`` for its parameters, whose values are in ``values``; or a table, in its parts."""

    sql: str = ""
    values: tuple[str, ...] = ()
    table: tuple[str, ...] = ()
    id: str | None = None


class SqlGrammar:
    """One SELECT or one table; ``where`` maps and windows are judged by us, and pushed down where that is safe."""

    kind = "sql"
    main = "sql"
    own_language = frozenset({"sql"})

    def form(self) -> type[BaseModel]:
        """``sql`` or ``table``, ``id``."""
        from connectors.sql_forms import SqlQuery

        return SqlQuery

    def quote(self, text: str) -> str:
        """A mark in the statement that ``make_body`` makes a bound parameter."""
        return f"{_OPEN}{text.encode().hex()}{_CLOSE}"

    def escape(self, text: str, quote: str) -> str:
        """The same inside quotes, where ``make_body`` takes whole literals only."""
        return self.quote(text)

    def make_body(self, query: Any) -> Hashable:
        """The pass over rows. Raises QueryMistake for anything but one SELECT."""
        if query.table is not None:
            return SqlBody(table=tuple(part for part in query.table.split(".") if part), id=query.id)
        text = query.sql.strip()
        _check(text)
        values: list[str] = []
        return SqlBody("".join(_bind(text, values)).rstrip("; \n\t"), tuple(values), id=query.id)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Nothing here says what finished means, nor when a status changed."""
        return say_unmeasurable(measure, "A database", "rows")

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``SELECT … where status = Won``, with the values of its parameters."""
        assert isinstance(body, SqlBody)
        text = " ".join(body.sql.split()) if body.sql else ".".join(body.table)
        for number, value in reversed(tuple(enumerate(body.values))):
            text = text.replace(f":v{number}", f"'{value}'")
        return ", ".join([text, *say_filter(filter)])


def _check(text: str) -> None:
    """Refuse what is not one reading statement, pointing at the word."""
    words = [match for match in _PIECE.finditer(text) if match["word"]]
    first = words[0] if words else None
    if first is None or first.group().lower() not in _FIRST:
        at, length = (first.start(), len(first.group())) if first else (0, 1)
        raise QueryMistake(
            "a query begins with SELECT or WITH", key="sql", offset=at, length=length, fix="Write one SELECT."
        )
    _check_single(text)
    for word in words:
        why = _REFUSED.get(word.group().lower())
        if why and not _is_name(text, word):
            message = f"“{word.group()}” is refused: {why}"
            fix = f'A column of that name goes in quotes: "{word.group()}".'
            raise QueryMistake(message, key="sql", offset=word.start(), length=len(word.group()), fix=fix)


def _check_single(text: str) -> None:
    for match in _PIECE.finditer(text):
        if match.group() == ";" and _has_more(text[match.end() :]):
            raise QueryMistake(
                "only one statement is run", key="sql", offset=match.start(), fix="Remove what follows the semicolon."
            )
        if match["other"] and match.group() in "'\"`":
            raise QueryMistake(f"this {match.group()} is never closed", key="sql", offset=match.start())


def _is_name(text: str, word: re.Match[str]) -> bool:
    """Whether the word is qualified (``t.update``) or a function's name (``replace``-like calls)."""
    return text[: word.start()].endswith(".") or text[word.end() :].lstrip().startswith("(")


def _has_more(rest: str) -> bool:
    return any(
        not match["comment"] and not match.group().isspace() and match.group() != ";" for match in _PIECE.finditer(rest)
    )


def _bind(text: str, values: list[str]) -> Iterator[str]:
    """The statement's pieces with a parameter for each variable; every other colon is kept from being one."""
    for match in _PIECE.finditer(text):
        piece = match.group()
        if match["mark"]:
            yield _take(match["value"], values)
        elif match["comment"]:
            yield " "
        elif match["literal"] and _OPEN in piece:
            inner = _BOUND.fullmatch(piece[1:-1])
            if inner is None or piece[0] != "'":
                raise QueryMistake(
                    "a variable can't stand inside a longer text",
                    key="sql",
                    offset=match.start(),
                    fix="Put the pieces together in SQL: '%' || ${kr.owner} || '%'.",
                )
            yield _take(inner[1], values)
        else:
            yield _COLON.sub(r"\\:", piece)


def _take(found: str, values: list[str]) -> str:
    values.append(bytes.fromhex(found).decode())
    return f":v{len(values) - 1}"

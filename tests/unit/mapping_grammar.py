"""A small query language of our own, "ask", so that the mapping layer is tested without any vendor's."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from pydantic import BaseModel, ConfigDict

from mappings.grammar import QueryMistake
from mappings.model import Filter, Measure
from mappings.resolve import resolve

TOKEN = re.compile(r"""\s+|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\{(?:\\.|[^}\\])*\}|[\w-]+|[=<>!,()~]+""", re.DOTALL)


class AskQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ask: str | None = None
    table: str | None = None
    where: str | None = None
    most: int | None = None


class AskGrammar:
    """Backslashes escape inside quotes; ``;`` is refused."""

    kind = "ask"
    main = "ask"
    own_language = frozenset({"ask", "where"})

    def form(self) -> type[BaseModel]:
        return AskQuery

    def quote(self, text: str) -> str:
        return text if re.fullmatch(r"[A-Za-z]\w*", text) else f'"{self.escape(text, chr(34))}"'

    def escape(self, text: str, quote: str) -> str:
        closing = "}" if quote == "{" else quote
        return text.replace("\\", "\\\\").replace(closing, "\\" + closing)

    def make_body(self, query: Any) -> Hashable:
        for key in ("ask", "where"):
            text = getattr(query, key) or ""
            if "never;" in text:
                raise QueryMistake("“;” ends nothing here", key=key, offset=text.index(";"), length=1, fix="Drop it.")
        return (query.ask, query.table, query.where, query.most)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        return "ask can't tell who promotes" if measure.name == "nps" and body[0] == "crowd" else None  # type: ignore[index]

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        asked, table, where, _ = body  # type: ignore[misc]
        parts = [str(part) for part in (asked, table, where) if part]
        return " ".join(parts + [f"{c.field} {c.op} {' or '.join(c.values)}" for c in filter.conditions])


def tokens(text: str) -> list[str] | None:
    """The language's own reading of a text; None when it can't be read."""
    found, position = [], 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            return None
        if match[0].strip():
            found.append(match[0])
        position = match.end()
    return found


def literal(token: str) -> str:
    """What a token means: quotes and escapes taken off."""
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL) if token[:1] in "\"'{" else token


GRAMMARS = {"jira": AskGrammar(), "crm": AskGrammar()}


def resolve_one(text: str, file: str = "m.yaml"):
    """One file's mappings and problems."""
    return resolve({file: text}, GRAMMARS)

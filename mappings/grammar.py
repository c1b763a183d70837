"""What a source's queries may say. Connectors implement it; the mapping layer is handed the implementations.

That is how mappings know nothing of connectors, and connectors nothing of the YAML.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel


class QueryMistake(Exception):
    """A query that the source's grammar refuses; the mapping layer makes it a Problem with its place.

    ``key`` is the query's key; ``offset`` and ``length`` count characters in its text.
    """

    def __init__(self, message: str, *, key: str, offset: int = 0, length: int = 1, fix: str | None = None) -> None:
        super().__init__(message)
        self.message, self.key, self.offset, self.length, self.fix = message, key, offset, length, fix


class QueryGrammar(Protocol):
    """What the queries of one kind of source may say."""

    @property
    def kind(self) -> str:
        """The word in ``sources.NAME.kind``: "jira", "airtable"."""
        ...

    @property
    def main(self) -> str:
        """The key that a bare string fills: ``jira: 'project = WEB'`` is ``jira: {jql: 'project = WEB'}``."""
        ...

    @property
    def own_language(self) -> frozenset[str]:
        """The keys whose text is the source's own language (JQL, an Airtable formula): there, variables are escaped."""
        ...

    def form(self) -> type[BaseModel]:
        """The form of a query's keys, without ``where`` maps, which mean the same everywhere. Imports pydantic."""
        ...

    def quote(self, text: str) -> str:
        """A variable's value outside quotes, as one literal of the source's language, quoted where needed."""
        ...

    def escape(self, text: str, quote: str) -> str:
        """A variable's value inside a literal that ``quote`` (one character) opened: escaped, no quotes added."""
        ...

    def make_body(self, query: BaseModel) -> Hashable:
        """The source's own part of a query as a hashable value.

        Raises:
            QueryMistake: the query can't be right; says where.
        """
        ...

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Why this measure or filter can't be used with such a query, in a sentence; ``None`` when it can."""
        ...

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """The query as a person reads it, in one line, for Source and explain."""
        ...


@runtime_checkable
class SaysWhatIsSent(Protocol):
    """What a grammar may offer besides, where a person reads a query otherwise than it is sent."""

    def render_sent(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """The text in the source's own language that goes over the wire; empty where none does."""
        ...

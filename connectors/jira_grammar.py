"""What a Jira query may say: JQL. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import jql
from mappings.grammar import QueryMistake
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel

_SEARCHED_TEXTS = {"summary", "description", "environment", "comment", "text"}
_COUNTED = {"count", "percent_done", "share"}
_DAY_FIELDS = {"due", "duedate", "due date"}


@dataclass(frozen=True, slots=True)
class JqlBody:
    """A query's JQL without ORDER BY; never empty. ``approximate``: an estimate of its counts will do."""

    jql: str
    approximate: bool = False


class JiraGrammar:
    """JQL, with ``where`` maps and windows compiled into it."""

    kind = "jira"
    main = "jql"
    own_language = frozenset({"jql", "where"})

    def form(self) -> type[BaseModel]:
        """``jql``, and ``where`` as more JQL that must hold too."""
        from connectors.jira_forms import JiraQuery

        return JiraQuery

    def quote(self, text: str) -> str:
        """A literal of JQL."""
        return jql.quote(text)

    def escape(self, text: str, quote: str) -> str:
        """The inside of a literal of JQL."""
        return jql.escape(text, quote)

    def make_body(self, query: Any) -> Hashable:
        """The JQL to send. Raises QueryMistake for what Jira could never accept."""
        parts = [jql.split_order(text, key) for key in ("jql", "where") if (text := getattr(query, key))]
        joined = jql.all_of(parts)
        if not joined:
            raise QueryMistake(
                "the query is empty, and Jira refuses to list everything",
                key="jql",
                fix="Say which issues: project = WEB.",
            )
        return JqlBody(joined, query.approximate)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Jira compares its long texts by words, so a ``where`` map can't ask for one; it estimates counts only."""
        assert isinstance(body, JqlBody)
        if body.approximate and (measure.field or measure.name not in _COUNTED):
            return "Jira estimates counts only; leave approximate out, or measure count, percent_done or share."
        for condition in (*filter.conditions, *measure.of):
            if condition.field.lower() in _SEARCHED_TEXTS:
                return f'Jira can\'t compare {condition.field} exactly; write it as JQL: {condition.field} ~ "…".'
        return None

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """The JQL that is sent, with moments in the company's zone."""
        assert isinstance(body, JqlBody)
        window = filter.window
        if window is None:
            return compiled(body, filter)
        if window.field.lower() in _DAY_FIELDS:
            return compiled(body, filter, jql.render_days(window))
        assert window.start.tzinfo is not None
        return compiled(body, filter, jql.render_moments(window, window.start.tzinfo))


def compiled(body: JqlBody, filter: Filter, window: str = "") -> str:  # noqa: A002
    """One JQL of a query's parts."""
    return jql.all_of([body.jql, *map(jql.render_condition, filter.conditions), window])

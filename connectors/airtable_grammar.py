"""What an Airtable query may say: a table, a view, a formula. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import airtable_formula as formula
from connectors.words import say_filter
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class TableBody:
    """What Airtable itself is asked for. ``formula`` is empty where there is none."""

    table: str
    view: str | None = None
    formula: str = ""


class AirtableGrammar:
    """Tables, views and formulas; ``where`` maps and windows are judged by us, record by record."""

    kind = "airtable"
    main = "table"
    own_language = frozenset({"formula", "where"})

    def form(self) -> type[BaseModel]:
        """``table``, ``view``, ``formula``."""
        from connectors.airtable_forms import AirtableQuery

        return AirtableQuery

    def quote(self, text: str) -> str:
        """A literal of a formula."""
        return formula.quote(text)

    def escape(self, text: str, quote: str) -> str:
        """The inside of a literal of a formula, or of a field's braces."""
        return formula.escape(text, quote)

    def make_body(self, query: Any) -> Hashable:
        """The pass over a table. Raises QueryMistake for a formula that can't be one."""
        parts: list[str] = []
        for key in ("formula", "where"):
            if text := (getattr(query, key) or "").strip():
                formula.check_formula(text, key)
                parts.append(text)
        return TableBody(query.table, query.view, formula.all_of(parts))

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Airtable doesn't know what finished means, nor when a status changed."""
        if measure.reads_timeline:
            return "Airtable doesn't tell when a status changed; write {days: [Opened, Closed]} with two date fields."
        if measure.name == "percent_done":
            return "Airtable doesn't know which records are done; write share: {Status: Done} with your own field."
        return None

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``Deals, view Open, where {Region}='EU' and Stage = Won, Closed from 2026-10-01 to 2026-12-31``."""
        assert isinstance(body, TableBody)
        view = [f"view {body.view}"] if body.view else []
        return ", ".join([body.table, *view, *say_filter(filter, body.formula)])

    def render_sent(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """The formula that is sent: it may let more through than is counted, never less. Spaced, to be read."""
        assert isinstance(body, TableBody)
        return formula.spaced(formula.all_of([body.formula, formula.make_sieve({filter})]))

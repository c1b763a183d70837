"""What a query to a Google sheet may say: a range, and whether it has a header row. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.words import say_filter, say_unmeasurable
from mappings.grammar import QueryMistake
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel

VALUE = "value"
"""The one field of a record that is a single cell."""


@dataclass(frozen=True, slots=True)
class RangeBody:
    """A range as Google reads it: A1 notation, a tab's title, a named range's name."""

    range: str
    header: bool = True


class GoogleSheetGrammar:
    """Ranges; a query has no language of its own beside them."""

    kind = "google_sheet"
    main = "range"
    own_language: frozenset[str] = frozenset()

    def form(self) -> type[BaseModel]:
        """``range`` and ``header``."""
        from connectors.google_sheet_forms import GoogleSheetQuery

        return GoogleSheetQuery

    def quote(self, text: str) -> str:
        """A range has no literals."""
        return text

    def escape(self, text: str, quote: str) -> str:
        """In a tab's title in quotes, a quote is doubled."""
        return text.replace(quote, quote * 2)

    def make_body(self, query: Any) -> Hashable:
        """The range to read. Raises QueryMistake for several at once."""
        text = query.range.strip()
        if not text:
            raise QueryMistake("the range is empty", key="range", fix="Write a tab's name, or Totals!B4.")
        return RangeBody(text, query.header)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """A sheet doesn't know what finished means, nor when a status changed."""
        return say_unmeasurable(measure, "A sheet", "rows")

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``Deals, where Stage = Won, Closed from 2026-10-01 until before 2027-01-01``."""
        assert isinstance(body, RangeBody)
        return ", ".join([body.range, *say_filter(filter)])

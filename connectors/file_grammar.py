"""What a query of a file may say: which file, tab and rows. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.words import say_filter, say_unmeasurable
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class FileBody:
    """Which rows of which file; see ``file_forms.FileQuery``."""

    file: str | None = None
    sheet: str | None = None
    header: int = 1
    records: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    id: str | None = None


class FileGrammar:
    """Files; filters are judged by us."""

    kind = "file"
    main = "file"
    own_language = frozenset[str]()

    def form(self) -> type[BaseModel]:
        """The keys of a query."""
        from connectors.file_forms import FileQuery

        return FileQuery

    def quote(self, text: str) -> str:
        """Nothing here is a language of its own."""
        return text

    def escape(self, text: str, quote: str) -> str:
        """The same."""
        return text

    def make_body(self, query: Any) -> Hashable:
        """The rows to read."""
        fields = tuple(sorted(query.fields.items()))
        return FileBody(query.file, query.sheet, query.header, query.records, fields, query.id)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Nothing here says what finished means, nor when a status changed."""
        return say_unmeasurable(measure, "A file", "rows")

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``sales-*.csv, where Region = EU``."""
        assert isinstance(body, FileBody)
        parts = [body.file or "the file", *([f"sheet {body.sheet}"] if body.sheet else [])]
        return ", ".join([*parts, *([body.records] if body.records else []), *say_filter(filter)])

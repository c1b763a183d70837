"""What a query of a Singer tap may say: which stream. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.words import say_filter, say_unmeasurable
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class StreamBody:
    """One stream of the tap."""

    stream: str


class SingerGrammar:
    """Streams; filters are judged by us."""

    kind = "singer"
    main = "stream"
    own_language = frozenset[str]()

    def form(self) -> type[BaseModel]:
        """``stream``."""
        from connectors.singer_forms import SingerQuery

        return SingerQuery

    def quote(self, text: str) -> str:
        """Nothing here is a language of its own."""
        return text

    def escape(self, text: str, quote: str) -> str:
        """The same."""
        return text

    def make_body(self, query: Any) -> Hashable:
        """The stream to read."""
        return StreamBody(query.stream.strip())

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Nothing here says what finished means, nor when a status changed."""
        return say_unmeasurable(measure, "A tap", "records")

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``stream orders, where status = paid``."""
        assert isinstance(body, StreamBody)
        return ", ".join([f"stream {body.stream}", *say_filter(filter)])

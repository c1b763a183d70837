"""What a Prometheus query may say: PromQL, and the step of a range. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import promql
from connectors.prometheus_range import MOST_POINTS, default_step, length_of, seconds_of
from connectors.words import say_filter, say_unmeasurable
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel

VALUE, TIME = "value", "time"


@dataclass(frozen=True, slots=True)
class PromBody:
    """A query's PromQL. ``step`` is the time between two samples of a range, as it is written."""

    promql: str
    step: str | None = None


class PrometheusGrammar:
    """PromQL, evaluated now, or with a window over ``time`` at every step of it."""

    kind = "prometheus"
    main = "promql"
    own_language = frozenset({"promql"})

    def form(self) -> type[BaseModel]:
        """``promql``, ``step``."""
        from connectors.prometheus_forms import PrometheusQuery

        return PrometheusQuery

    def quote(self, text: str) -> str:
        """A literal of PromQL."""
        return promql.quote(text)

    def escape(self, text: str, quote: str) -> str:
        """The inside of a literal of PromQL, or of a selector's braces."""
        return promql.escape(text)

    def make_body(self, query: Any) -> Hashable:
        """The query to send."""
        return PromBody(query.promql.strip(), query.step)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """One moment has one sample, which needs no counting; a window looks at ``time`` and has not too many steps."""
        assert isinstance(body, PromBody)
        if filter.window is None:
            if measure.name == "count":
                return "At one moment there is one sample; write count(…) in PromQL, and measure {max: value}."
            if body.step:
                return "A step needs a window: within: {28d: time}."
        elif filter.window.field != TIME:
            return f"A sample's date is called {TIME}, not “{filter.window.field}”: within: {{28d: {TIME}}}."
        else:
            step = body.step or default_step(filter.window)
            if length_of(filter.window) / seconds_of(step) > MOST_POINTS:
                return f"A step of {step} makes more than the {MOST_POINTS:,} samples that Prometheus gives."
        return say_unmeasurable(measure, "Prometheus", "samples")

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``avg(up), every 5m, time from 2026-10-01 until before 2027-01-01``."""
        assert isinstance(body, PromBody)
        every = [f"every {body.step or default_step(filter.window)}"] if filter.window else []
        return ", ".join([" ".join(body.promql.split()), *every, *say_filter(filter)])

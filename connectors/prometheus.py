"""Prometheus, and what speaks its query API: one number now, or a series' samples over a window.

Shapes and statuses: "HTTP API" of Prometheus' documentation. A query that gives several series is refused with their
labels: which of them is meant, or how they become one, only who wrote it can say.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote_plus, urlencode, urlsplit

from connectors.base import Limits, Scan, SourceEmpty, SourceMisread, Surroundings
from connectors.known_limit import KnownLimit
from connectors.prometheus_grammar import TIME, VALUE, PromBody, PrometheusGrammar
from connectors.prometheus_range import MOST_POINTS, Moments, length_of, make_moments
from connectors.promql import render_labels
from connectors.reply import Asked, parse_answer, trimmed
from connectors.secret import remember_secret
from connectors.web import Ask, WebLimits, fetch, make_session
from connectors.wire import Wire
from mappings.model import Filter, Metric, Outcome, Query, Record, Value, Window
from mappings.where import holds, passes

if TYPE_CHECKING:
    from pydantic import BaseModel
    from requests import PreparedRequest, Session

    from connectors.findings import Findings
    from connectors.prometheus_forms import PrometheusOptions

_WEB = WebLimits(allow_private=True)
_SECONDS = "25s"  # less than the 30 after which nobody waits for an answer any more
_MOST_NAMED = 5

Labels = Mapping[str, str]
Sample = tuple[datetime, Decimal | None]


class Prometheus:
    """The kind ``prometheus``: one server."""

    kind: ClassVar[str] = "prometheus"
    grammar = PrometheusGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.prometheus_forms import PrometheusOptions

        return PrometheusOptions

    def make(self, name: str, options: PrometheusOptions, around: Surroundings) -> PrometheusConnector:
        """A connector; nothing is asked yet."""
        return PrometheusConnector(name, options, around)

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """The server's limits."""
        api = "https://prometheus.io/docs/prometheus/latest/querying/api/"
        return (
            KnownLimit("calls", "none of its own; a key result is one call, and four go side by side"),
            KnownLimit("page", f"{MOST_POINTS:,} samples of a series: a longer window is read in longer steps", api),
            KnownLimit("time", f"a query is given up after {_SECONDS}"),
        )

    def make_link(self, options: PrometheusOptions, query: Query) -> str | None:
        """The graph. A server with tenants has no page of its own: there ``browse_url`` says where people look."""
        assert isinstance(query.body, PromBody)
        if options.tenant and not options.browse_url:
            return None
        return _graph(options.browse_url or options.url, query.body.promql, query.filter.window)


class PrometheusConnector:
    """One server for one run."""

    kind: ClassVar[str] = "prometheus"
    shares_scans: ClassVar[bool] = False

    def __init__(self, name: str, options: PrometheusOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=4)
        self._options, self._around = options, around
        credential = str(options.token.reference) if options.token else ""
        self._asked = Asked(name, urlsplit(options.url).netloc, credential)
        headers = {"X-Scope-OrgID": options.tenant} if options.tenant else {}
        self._wire: Wire[Session] = Wire(
            self._asked,
            around,
            lambda: make_session(around, _WEB, headers),
            close_client=lambda session: session.close(),
        )

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The samples of the one series that the query gives."""
        assert isinstance(scan.body, PromBody)
        [only] = scan.filters or {Filter()}
        moments = self._moments(scan.body, only.window)
        labels, samples = self._pick(self._fetch_series(scan, moments), only)
        self._check_fields(scan.fields | {each.field for each in only.conditions}, labels)
        numbers = [(at, value) for at, value in samples if value is not None]
        if not numbers:
            raise SourceEmpty(
                f"{self._asked.place} gave no number for the query, but NaN or infinity.",
                fix="Is it a division by zero? Guard it in PromQL, with … > 0 or … or vector(0).",
            )
        if moments:
            self._tell(scan, moments, len(samples) - len(numbers), samples)
        link = _graph(self._options.browse_url or self._options.url, scan.body.promql)
        title = render_labels(dict(labels)) if labels else ""
        for at, value in numbers:
            fields: dict[str, Value] = {**labels, VALUE: value, TIME: at}
            moment = f"{at:%Y-%m-%d %H:%M:%S}"
            shown = f"{link}&g0.moment_input={quote_plus(moment)}"
            record = Record(f"{moment} UTC", fields, title=title, link=shown, at=at)
            if passes(record, only):
                yield record

    def answer(self, metric: Metric) -> Outcome | None:
        """PromQL computes; what it gives is measured like any record."""
        return None

    def discover(self) -> Findings:
        """Metrics with their types and help, and labels."""
        from connectors.prometheus_discover import discover

        return discover(lambda path: self._fetch(path, {})["data"], self.name)

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._wire.close()

    # Asking

    def _moments(self, body: PromBody, window: Window | None) -> Moments | None:
        if window is None:
            return None
        moments = make_moments(window, self._around.now(), body.step)
        if moments is None:
            raise SourceEmpty(f"The window of {self.name} has not begun.", fix="Wait until it has.")
        return moments

    def _fetch_series(self, scan: Scan, moments: Moments | None) -> list[tuple[Labels, list[Sample]]]:
        assert isinstance(scan.body, PromBody)
        params = {"query": scan.body.promql, "timeout": _SECONDS}
        if moments is None:
            answer = self._fetch("query", {**params, "time": _seconds(self._around.now())})
        else:
            bounds = {"start": _seconds(moments.start), "end": _seconds(moments.last), "step": moments.step}
            answer = self._fetch("query_range", {**params, **bounds})
        for said in (*(answer.get("warnings") or ()), *(answer.get("infos") or ())):
            scan.note(f"{self.name} says: {trimmed(str(said))}")
        try:
            return self._parse_series(answer["data"]["resultType"], answer["data"]["result"], moments is not None)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, OverflowError):
            raise SourceMisread(f"{self._asked.place} gave samples in an unknown shape.") from None

    def _parse_series(self, kind: str, result: Any, is_range: bool) -> list[tuple[Labels, list[Sample]]]:
        if kind == "scalar":
            return [({}, [_parse_sample(result)])]
        if kind == "string" or (kind == "matrix") is not is_range:
            what = {"string": "a text", "matrix": "a range of samples"}.get(kind, f"a {kind}")
            raise SourceMisread(
                f"{self._asked.place} gave {what} where one number is wanted.",
                fix="Write avg_over_time(…) or the like around it, or ask with within: {28d: time}.",
            )
        if any("histogram" in each or "histograms" in each for each in result):
            fix = "Write histogram_quantile(…), histogram_avg(…) or histogram_fraction(…) around it."
            raise SourceMisread(f"{self._asked.place} gave a histogram where one number is wanted.", fix=fix)
        if is_range:
            return [(each["metric"], list(map(_parse_sample, each["values"]))) for each in result]
        return [(each["metric"], [_parse_sample(each["value"])]) for each in result]

    def _fetch(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        ask = Ask(f"{self._options.url}/api/v1/{path}", params=tuple(params.items()))

        def call(session: Session) -> dict[str, Any]:
            response = fetch(session, ask, self._asked, self._around, _WEB, self._authorize)
            return parse_answer(response, self._asked)

        answer = self._wire.ask(call)
        if answer.get("status") != "success" or "data" not in answer:
            raise SourceMisread(f"{self._asked.place} answered without data: {trimmed(str(answer.get('error', '')))}")
        return answer

    def _authorize(self, request: PreparedRequest) -> PreparedRequest:
        """Sign in, for every request by itself, so that no secret lies in a session."""
        from requests.auth import HTTPBasicAuth

        if self._options.token is None:
            return request
        token = self._options.token.reveal()
        if self._options.user is None:
            request.headers["Authorization"] = f"Bearer {token}"
        else:
            HTTPBasicAuth(self._options.user, token)(request)
            remember_secret(str(request.headers["Authorization"]).removeprefix("Basic "))
        return request

    # One series

    def _pick(self, series: list[tuple[Labels, list[Sample]]], only: Filter) -> tuple[Labels, list[Sample]]:
        """The series that the labels in ``where`` leave over."""
        picking = [each for each in only.conditions if each.field not in (VALUE, TIME)]
        left = [
            (labels, samples)
            for labels, samples in series
            if all(holds(Record("", dict(labels)), condition) for condition in picking if condition.field in labels)
        ]
        if len(left) == 1:
            return left[0]
        if not left:
            names = f"okr-sync discover {self.name}"
            raise SourceEmpty(
                f"{self._asked.place} has no sample for the query: the metric isn't there, or has ended.",
                fix=f"Check its name and labels ({names}); where none means 0, write … or vector(0).",
            )
        shown = ", ".join(render_labels(dict(labels)) for labels, _ in left[:_MOST_NAMED])
        more = f" and {len(left) - _MOST_NAMED:,} more" if len(left) > _MOST_NAMED else ""
        raise SourceMisread(
            f"{self._asked.place} gave {len(left):,} series where one is wanted: {trimmed(shown)}{more}.",
            fix="Make one of them in PromQL with sum(…), avg(…) or max(…), or choose one by its labels.",
        )

    def _check_fields(self, names: frozenset[str] | set[str], labels: Labels) -> None:
        known = [VALUE, TIME, *labels]
        missing = sorted(set(names) - set(known))
        if missing:
            close = difflib.get_close_matches(missing[0], known, n=1, cutoff=0.5)
            fix = f"Did you mean “{close[0]}”?" if close else f"It has {', '.join(known)}."
            shown = " or ".join(f"“{name}”" for name in missing)
            raise SourceMisread(f"A sample of {self.name} has no field {shown}.", fix=fix, fields=frozenset(missing))

    def _tell(self, scan: Scan, moments: Moments, spoilt: int, samples: list[Sample]) -> None:
        """What a person should know of the samples: those that are no numbers, and that a series has ended."""
        if spoilt:
            scan.note(f"{spoilt:,} of {len(samples):,} samples are NaN or infinite and left out")
        last = max(at for at, _ in samples)
        if last < moments.last:
            scan.dated(last)
            scan.note(f"no sample after {last:%Y-%m-%d %H:%M} UTC")


def _parse_sample(found: Any) -> Sample:
    """``[1435781451.781, "1"]``. NaN and infinities are no numbers."""
    at, text = found
    number = Decimal(text)
    return datetime.fromtimestamp(float(at), UTC), number if number.is_finite() else None


def _seconds(moment: datetime) -> str:
    return f"{moment.timestamp():.3f}"


def _graph(site: str, promql: str, window: Window | None = None) -> str:
    """The page with the query's graph; newer servers lead from /graph to their own."""
    params = {"g0.expr": promql, "g0.tab": "0" if window else "1"}
    if window:
        hours = max(1, round(length_of(window).total_seconds() / 3600))
        params |= {"g0.range_input": f"{hours}h", "g0.end_input": f"{window.end.astimezone(UTC):%Y-%m-%d %H:%M:%S}"}
    return f"{site}/graph?{urlencode(params)}"

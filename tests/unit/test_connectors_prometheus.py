"""Prometheus without Prometheus: literals, moments of a range, options, links, what a query may say."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.prometheus import Prometheus
from connectors.prometheus_grammar import PromBody, PrometheusGrammar
from connectors.prometheus_range import MOST_POINTS, default_step, make_moments, seconds_of
from connectors.promql import escape, quote, render_labels
from mappings.model import Condition, Elapsed, Filter, Measure, Query, Window

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 2, 20, 9, tzinfo=UTC)


def window(days: int, start: datetime = datetime(2026, 2, 1, tzinfo=UTC)) -> Window:
    return Window("time", start, start + timedelta(days=days))


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("3", "3"),
        ("-0.5", "-0.5"),
        ("28d", "28d"),
        ("api", '"api"'),
        ('a"} or up{', '"a\\x22\\x7d or up\\x7b"'),
        ("ü🚀", '"\\u00fc\\U0001f680"'),
        ("back\\slash\n", '"back\\x5cslash\\x0a"'),
    ],
)
def test_a_literal(text: str, literal: str) -> None:
    assert quote(text) == literal


@given(st.text(max_size=30))
def test_a_literal_reads_back_and_holds_nothing_that_could_end_it(text: str) -> None:
    inside = escape(text)
    codes = r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})"
    assert re.sub(codes, lambda found: chr(int(next(filter(None, found.groups())), 16)), inside) == text
    assert re.fullmatch(rf"({codes}|[\w .:/@-])*", inside, re.ASCII)


def test_a_series_as_prometheus_writes_it() -> None:
    assert render_labels({"__name__": "up", "job": "api", "a": "b"}) == 'up{a="b",job="api"}'
    assert render_labels({"__name__": "up"}) == "up"
    assert render_labels({}) == "{}"


class TestMoments:
    def test_the_end_of_the_window_is_left_out(self) -> None:
        found = make_moments(window(1), NOW, "1h")
        assert found is not None
        assert (found.count, found.last) == (24, datetime(2026, 2, 1, 23, tzinfo=UTC))

    def test_what_is_to_come_is_left_out(self) -> None:
        found = make_moments(window(90), NOW, "1h")
        assert found is not None
        assert found.last == NOW

    def test_a_window_that_has_not_begun(self) -> None:
        assert make_moments(window(1, NOW + timedelta(seconds=1)), NOW, None) is None

    def test_a_day_on_which_the_clocks_change_has_25_hours(self) -> None:
        start, end = datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN)
        found = make_moments(Window("time", start, end), datetime(2026, 12, 1, tzinfo=UTC), "1h")
        assert found is not None
        assert found.count == 25

    @pytest.mark.parametrize(
        ("days", "step"), [(1, "5m"), (28, "5m"), (38, "5m"), (39, "15m"), (92, "15m"), (366, "1h")]
    )
    def test_the_usual_step(self, days: int, step: str) -> None:
        assert default_step(window(days)) == step

    @given(st.integers(1, 3000), st.integers(0, 4000))
    def test_there_are_never_too_many(self, days: int, passed: int) -> None:
        its = window(days)
        found = make_moments(its, its.start + timedelta(days=passed), None)
        assert found is not None
        assert 1 <= found.count <= MOST_POINTS + 1
        assert its.start <= found.last < its.end
        assert (found.last - found.start) % seconds_of(found.step) == timedelta(0)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"url": "http://prometheus.internal:9090"}, None),
        ({"url": "http://10.0.0.7:9090/prometheus/"}, None),
        ({"url": "https://prometheus.acme.example", "token": "env:T"}, None),
        ({"url": "http://127.0.0.1:9090", "token": "env:T"}, None),
        ({"url": "http://prometheus.internal:9090", "token": "env:T"}, "the token could be read on the way"),
        ({"url": "http://prometheus.internal:9090", "user": "a", "token": "env:P"}, "could be read on the way"),
        ({"url": "http://a:b@prometheus.internal:9090"}, "leave name and password out"),
        ({"url": "prometheus.internal:9090"}, "write the whole address"),
        ({"url": "https://p.example", "user": "a"}, "user needs the password"),
        ({"url": "https://p.example", "user": "a", "token": "env:P"}, None),
    ],
)
def test_options(written: dict[str, Any], said: str | None) -> None:
    form = Prometheus().options_form()
    if said is None:
        assert form.model_validate(written).url == written["url"].rstrip("/")  # type: ignore[attr-defined]
        return
    with pytest.raises(ValidationError, match=said):
        form.model_validate(written)


@pytest.mark.parametrize(
    ("body", "only", "measure", "said"),
    [
        (PromBody("up"), Filter(), Measure("count"), "write count(…) in PromQL"),
        (PromBody("up"), Filter(), Measure("max", "value"), None),
        (PromBody("up", "1h"), Filter(), Measure("max", "value"), "A step needs a window"),
        (PromBody("up"), Filter((), window(28)), Measure("count"), None),
        (PromBody("up", "1m"), Filter((), window(28)), Measure("avg", "value"), "more than the 11,000 samples"),
        (PromBody("up"), Filter((), Window("closed", NOW, NOW)), Measure("avg", "value"), "is called time"),
        (PromBody("up"), Filter(), Measure("percent_done"), "share"),
        (PromBody("up"), Filter(), Measure("avg", elapsed=Elapsed("workdays", "a", "b")), "when a status changed"),
    ],
)
def test_what_can_be_measured(body: PromBody, only: Filter, measure: Measure, said: str | None) -> None:
    found = PrometheusGrammar().check_use(body, only, measure)
    assert found is None if said is None else said in str(found)


def test_a_query_in_words() -> None:
    only = Filter((Condition("job", "=", ("api",)),), window(28))
    assert PrometheusGrammar().render_query(PromBody("avg(\n  up)"), only) == (
        "avg( up), every 5m, where job = api, time from 2026-02-01 until before 2026-03-01"
    )


@pytest.mark.parametrize(
    ("written", "only", "link"),
    [
        ({"url": "http://p:9090"}, Filter(), "http://p:9090/graph?g0.expr=sum%28up%29&g0.tab=1"),
        (
            {"url": "http://p:9090"},
            Filter((), window(2)),
            "http://p:9090/graph?g0.expr=sum%28up%29&g0.tab=0&g0.range_input=48h&g0.end_input=2026-02-03+00%3A00%3A00",
        ),
        ({"url": "http://p:9090", "tenant": "web"}, Filter(), None),
        (
            {"url": "http://p:9090", "tenant": "web", "browse_url": "https://g.example"},
            Filter(),
            "https://g.example/graph?g0.expr=sum%28up%29&g0.tab=1",
        ),
    ],
)
def test_where_people_look(written: dict[str, Any], only: Filter, link: str | None) -> None:
    options = Prometheus().options_form().model_validate(written)
    assert Prometheus().make_link(options, Query("prom", PromBody("sum(up)"), only)) == link  # type: ignore[arg-type]

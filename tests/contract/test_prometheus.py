"""The Prometheus connector on a real Prometheus: the contract through a door that makes faults, and its own traps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from connectors.gather import Budget, gather
from connectors.prometheus import Prometheus
from connectors.prometheus_grammar import PromBody
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, StandIn, make_options
from mappings.evaluate import expand
from mappings.model import Condition, Filter, Gap, GapKind, Measure, Metric, Query, Reading, Window
from mappings.resolve import resolve
from okr.model import Cycle
from sandbox.server import Server
from sandbox.wire import Fault
from tests.contract.stand_in import SandboxStandIn
from tests.support.prometheus_server import (
    NOW,
    START,
    TEAM,
    PrometheusDoor,
    moments,
    needs_prometheus,
    serving_prometheus,
    success,
)
from tests.unit.okr_rows import key_result

pytestmark = needs_prometheus
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def behind() -> Iterator[str]:
    with serving_prometheus() as url:
        yield url


def metric(
    promql: str = "tenth",
    measure: str = "max",
    field: str | None = "value",
    *only: Condition,
    window: Window | None = None,
    step: str | None = None,
    of: tuple[Condition, ...] = (),
) -> Metric:
    return Metric(Query("prom", PromBody(promql, step), Filter(only, window)), Measure(measure, field, of=of))


def days(first: int, last: int) -> Window:
    """Whole days of February in UTC, the last one left out."""
    return Window("time", datetime(2026, 2, first, tzinfo=UTC), datetime(2026, 2, last, tzinfo=UTC))


GOOD = (Condition("value", ">=", ("1",)),)


class TestPrometheus(ConnectorContract):
    factory = Prometheus()
    exact = Case(metric("tenth", "sum", window=days(10, 11)), Decimal("28.8"))
    paged = Case(metric("tenth", "sum", window=days(10, 11)), Decimal("28.8"))
    pages = 1
    unicode = Case(metric(f'count(probe_success{{team="{TEAM}"}})'), Decimal(2))
    none = metric("nothing_of_that_name", "avg")
    no_records = Case(metric("nothing_of_that_name or vector(0)"), Decimal(0))
    missing_field = (metric("tenth", "max", "vaule"), "vaule")
    broken = metric("tenth[")
    budget = ((metric(), metric(measure="min"), metric("sum(probe_success)"),
               metric("tenth", "avg", window=days(10, 11)), metric("tenth", window=days(10, 11))), 3)  # fmt: skip
    bad_options = (
        ({"url": "prometheus"}, "url"),
        ({"url": "http://prometheus.acme.example:9090"}, "url"),
        ({"tenant": "a\nb"}, "tenant"),
    )
    behind: ClassVar[str]

    @pytest.fixture(autouse=True)
    def _remember(self, behind: str) -> None:
        type(self).behind = behind

    @pytest.fixture
    def time(self) -> FakeTime:
        """The samples' own day. The contract's dates are read against the server's clock, which is the machine's."""
        return FakeTime(NOW)

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with Server(door := PrometheusDoor(self.behind)):
            yield SandboxStandIn(door)
        assert door.failures == []

    def options(self, url: str) -> dict[str, Any]:
        return {"url": url, "token": "env:SOURCE_TOKEN"}

    def test_retry_after_as_a_date_is_obeyed(self, service: StandIn, time: FakeTime) -> None:
        """With a query that needs no sample, in the machine's time."""
        super().test_retry_after_as_a_date_is_obeyed(service, FakeTime())


def connect(url: str, time: FakeTime, **options: Any) -> Any:
    written = {"url": url, "user": "owner", "token": "env:SOURCE_TOKEN", **options}
    written = {name: value for name, value in written.items() if value is not None}
    return Prometheus().make("prom", make_options(Prometheus(), written, {"SOURCE_TOKEN": TOKEN}), time.around())


def ask(url: str, *metrics: Metric, now: datetime = NOW, **options: Any) -> list[Any]:
    time = FakeTime(now)
    connector = connect(url, time, **options)
    try:
        found = gather(metrics, {"prom": connector}, budget=Budget(), around=time.around())
    finally:
        connector.close()
    return [found[one] for one in metrics]


def value(url: str, one: Metric, **more: Any) -> Decimal:
    [outcome] = ask(url, one, **more)
    assert isinstance(outcome, Reading), outcome
    return outcome.value


def gap(url: str, one: Metric, **more: Any) -> Gap:
    [outcome] = ask(url, one, **more)
    assert isinstance(outcome, Gap), outcome
    return outcome


class TestInstant:
    @pytest.mark.parametrize(
        ("promql", "number"),
        [
            ("tenth", "0.1"),
            ("scalar(tenth)", "0.1"),
            ("1e9", "1000000000"),
            ("vector(2.50)", "2.5"),
            ("sum(probe_success)", "2"),
            ('probe_success{instance="b"}', "1"),
            ("1 / 3", "0.3333333333333333"),
        ],
    )
    def test_a_scalar_or_one_series_is_the_number(self, behind: str, promql: str, number: str) -> None:
        assert value(behind, metric(promql)) == Decimal(number)

    def test_several_series_are_refused_with_their_labels_and_what_to_do(self, behind: str) -> None:
        found = gap(behind, metric("probe_success"))
        assert found.kind is GapKind.MISREAD
        assert "2 series" in found.reason
        assert f'probe_success{{instance="a",team="{TEAM}"}}' in found.reason
        assert "sum(…)" in found.fix

    def test_a_label_in_where_chooses_one(self, behind: str) -> None:
        assert value(behind, metric("probe_success", "max", "value", Condition("instance", "=", ("b",)))) == 1

    def test_no_series_is_a_gap_and_no_zero_whatever_is_measured(self, behind: str) -> None:
        for measure in ("sum", "avg", "max", "distinct"):
            found = gap(behind, metric("nothing_of_that_name", measure))
            assert found.kind is GapKind.EMPTY
            assert "vector(0)" in found.fix

    @pytest.mark.parametrize("promql", ["broken", "vector(1) / 0", "-1 / 0", "0 / 0"])
    def test_nan_and_infinity_are_no_numbers(self, behind: str, promql: str) -> None:
        found = gap(behind, metric(promql))
        assert found.kind is GapKind.EMPTY
        assert "NaN or infinity" in found.reason

    def test_a_series_that_has_ended_is_a_gap(self, behind: str) -> None:
        assert gap(behind, metric("ended")).kind is GapKind.EMPTY
        assert value(behind, metric("ended"), now=NOW - timedelta(days=2)) == 7

    def test_a_range_and_a_text_are_no_number(self, behind: str) -> None:
        assert "a range of samples" in gap(behind, metric("tenth[5m]")).reason
        assert "a text" in gap(behind, metric('"text"')).reason

    def test_a_mistake_in_promql_is_told_in_prometheus_words(self, behind: str) -> None:
        found = gap(behind, metric("tenth["))
        assert found.kind is GapKind.MISREAD
        assert "parse error" in found.reason

    def test_what_cannot_be_computed_is_told_too(self, behind: str) -> None:
        found = gap(behind, metric("probe_success * on() probe_success"))
        assert found.kind is GapKind.MISREAD
        assert "many-to-many" in found.reason or "duplicate series" in found.reason


class TestRange:
    @pytest.mark.parametrize("measure", ["avg", "min", "max", "sum", "latest"])
    def test_measures_over_a_window(self, behind: str, measure: str) -> None:
        """Against the samples themselves, counted in plain Python."""
        its = [success(number, "a") for number, at in enumerate(moments()) if datetime(2026, 2, 12, tzinfo=UTC)
               <= at < datetime(2026, 2, 15, tzinfo=UTC)]  # fmt: skip
        true = {
            "avg": Decimal(sum(its)) / len(its),
            "min": min(its),
            "max": max(its),
            "sum": sum(its),
            "latest": its[-1],
        }
        one = metric('probe_success{instance="a"}', measure, window=days(12, 15))
        assert value(behind, one) == true[measure]

    def test_the_share_of_samples_that_meet_a_condition(self, behind: str) -> None:
        [found] = ask(behind, metric("avg(probe_success)", "share", None, window=days(10, 20), of=GOOD))
        its = [at for at in moments() if at < datetime(2026, 2, 20, tzinfo=UTC)]
        good = sum(success(number, "a") and success(number, "b") for number in range(len(its)))
        assert (found.numerator, found.denominator) == (good, len(its))

    def test_count_counts_the_samples_that_meet_a_condition(self, behind: str) -> None:
        low = Condition("value", "<", ("1",))
        assert value(behind, metric('probe_success{instance="a"}', "count", None, low, window=days(10, 11))) == 29
        assert value(behind, metric("tenth", "count", None, Condition("value", ">", ("1",)), window=days(10, 11))) == 0

    def test_a_window_is_half_open(self, behind: str) -> None:
        assert value(behind, metric("tenth", "count", None, window=days(10, 11))) == 288

    def test_a_window_that_has_not_ended_ends_now(self, behind: str) -> None:
        [found] = ask(behind, metric("tenth", "count", None, window=days(20, 28)))
        assert (found.value, found.notes, found.as_of) == (9 * 12 + 1, (), NOW)

    def test_a_window_that_has_not_begun_is_a_gap(self, behind: str) -> None:
        assert "has not begun" in gap(behind, metric("tenth", "avg", window=days(22, 28))).reason

    def test_a_step_of_ones_own(self, behind: str) -> None:
        assert value(behind, metric("tenth", "count", None, window=days(10, 11), step="1h")) == 24

    def test_too_many_steps_are_refused_by_prometheus(self, behind: str) -> None:
        assert "11,000" in gap(behind, metric("tenth", "avg", window=days(10, 20), step="1s")).reason

    def test_samples_that_are_no_numbers_are_left_out_and_told(self, behind: str) -> None:
        [found] = ask(behind, metric("gaps", "avg", window=days(10, 11)))
        assert found.value == 2
        assert found.notes == ("72 of 288 samples are NaN or infinite and left out",)
        assert gap(behind, metric("broken", "avg", window=days(10, 11))).kind is GapKind.EMPTY

    def test_a_series_that_has_ended_is_as_old_as_its_last_sample(self, behind: str) -> None:
        [found] = ask(behind, metric("ended", "avg", window=days(17, 28)))
        assert found.value == 7
        assert timedelta(0) <= found.as_of - (NOW - timedelta(days=2)) <= timedelta(minutes=5)  # the look-back
        assert found.notes == (f"no sample after {found.as_of:%Y-%m-%d %H:%M} UTC",)

    def test_before_there_was_anything_there_is_a_gap(self, behind: str) -> None:
        before = Window("time", START - timedelta(days=9), START - timedelta(days=8))
        assert gap(behind, metric("tenth", "sum", window=before)).kind is GapKind.EMPTY

    def test_samples_lead_to_the_graph(self, behind: str) -> None:
        [found] = ask(behind, metric("tenth", "max", window=days(10, 11)), browse_url="https://graphs.acme.example")
        assert found.samples[0].id == "2026-02-10 00:00:00 UTC"
        assert found.samples[0].link == (
            "https://graphs.acme.example/graph?g0.expr=tenth&g0.tab=1&g0.moment_input=2026-02-10+00%3A00%3A00"
        )


class TestDoor:
    """What a Prometheus can't be made to do: through the door, with the bodies that its source code words."""

    @contextmanager
    def door(self, behind: str) -> Iterator[PrometheusDoor]:
        with Server(door := PrometheusDoor(behind)):
            yield door

    def ask(self, door: PrometheusDoor, one: Metric, **options: Any) -> Any:
        options = {"user": None, **options}
        return ask(door.url, one, **options)[0]

    def test_warnings_and_infos_are_told(self, behind: str) -> None:
        body = {"status": "success", "warnings": ["a store was not there"], "infos": ["it might not be a counter"],
                "data": {"resultType": "scalar", "result": [NOW.timestamp(), "3"]}}  # fmt: skip
        with self.door(behind) as door:
            door.faults.add(Fault(status=200, body=body))
            found = self.ask(door, metric("x"))
        assert found.notes == ("prom says: a store was not there", "prom says: it might not be a counter")

    @pytest.mark.parametrize(
        ("status", "kind", "said", "calls"),
        [
            (400, "bad_data", GapKind.MISREAD, 1),
            (422, "execution", GapKind.MISREAD, 1),
            (503, "timeout", GapKind.UNAVAILABLE, 5),
            (500, "internal", GapKind.UNAVAILABLE, 5),
        ],
    )
    def test_its_refusals(self, behind: str, status: int, kind: str, said: GapKind, calls: int) -> None:
        body = {"status": "error", "errorType": kind, "error": "query processing would load too many samples"}
        with self.door(behind) as door:
            door.faults.add(Fault(status=status, body=body, times=None))
            found = self.ask(door, metric("x"))
            assert (found.kind, len(door.requests)) == (said, calls)
        assert "too many samples" in found.reason

    def test_a_histogram_is_no_number(self, behind: str) -> None:
        series = {"metric": {}, "histogram": [NOW.timestamp(), {"count": "1", "sum": "2", "buckets": []}]}
        body = {"status": "success", "data": {"resultType": "vector", "result": [series]}}
        with self.door(behind) as door:
            door.faults.add(Fault(status=200, body=body))
            assert "histogram_quantile" in self.ask(door, metric("x")).fix

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"status": "success"},
            {"status": "success", "data": {}},
            {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}},
            {"status": "success", "data": {"resultType": "scalar", "result": [1, "many"]}},
            {"status": "error", "error": "no", "data": {"resultType": "scalar", "result": [1, "1"]}},
        ],
    )
    def test_an_answer_of_another_shape_is_no_number(self, behind: str, body: Any) -> None:
        with self.door(behind) as door:
            door.faults.add(Fault(status=200, body=body))
            assert self.ask(door, metric("x")).kind is GapKind.MISREAD

    def test_the_tenant_goes_with_every_query(self, behind: str) -> None:
        with self.door(behind) as door:
            assert self.ask(door, metric(), tenant="team-web").value == Decimal("0.1")
            assert door.requests[0].headers["X-Scope-Orgid"] == "team-web"


def test_a_wrong_password_is_not_tried_again(behind: str) -> None:
    """By Prometheus' own basic authentication."""
    time = FakeTime(NOW)
    options = make_options(
        Prometheus(), {"url": behind, "user": "somebody", "token": "env:SOURCE_TOKEN"}, {"SOURCE_TOKEN": TOKEN}
    )
    connector = Prometheus().make("prom", options, time.around())
    [found] = gather([metric()], {"prom": connector}, budget=Budget(), around=time.around()).values()
    connector.close()
    assert isinstance(found, Gap)
    assert found.kind is GapKind.REFUSED
    assert "env:SOURCE_TOKEN" in str(found.fix)
    assert time.slept == []


class TestDiscover:
    def test_lists_metrics_and_labels(self, behind: str) -> None:
        found = connect(behind, FakeTime(NOW)).discover()
        listed = {each.title: [item.name for item in each.items] for each in found.listings}
        assert {"broken", "ended", "http_requests_total", "probe_success"} < set(listed["Metrics"])
        assert listed["Labels"] == ["code", "instance", "le", "team"]

    def test_types_and_help_where_there_are_some(self, behind: str) -> None:
        body = {"status": "success", "data": {"tenth": [{"type": "gauge", "help": "A tenth.", "unit": ""}]}}
        with Server(door := PrometheusDoor(behind)):
            door.faults.add(Fault(match="/metadata", status=200, body=body))
            found = connect(door.url, FakeTime(NOW), user=None).discover()
        item = next(each for each in found.listings[0].items if each.name == "tenth")
        assert (item.kind, item.note) == ("gauge", "A tenth.")

    def test_without_metadata_the_rest_is_listed(self, behind: str) -> None:
        with Server(door := PrometheusDoor(behind)):
            door.faults.add(Fault(match="/metadata", status=404, times=None))
            found = connect(door.url, FakeTime(NOW), user=None).discover()
        assert "types not listed" in found.listings[0].note

    def test_the_mapping_that_it_prints_works(self, behind: str) -> None:
        lines = connect(behind, FakeTime(NOW)).discover().mapping
        text = "key_results:\n" + "".join(f"  {line}\n" for line in lines)
        mappings, problems = resolve({"m.yaml": text}, {"prom": Prometheus.grammar})
        assert problems == ()
        cycle = Cycle("2026-Q1", NOW.date().replace(month=1, day=1), NOW.date().replace(month=3))
        for id_, mapping in mappings.key_results.items():
            [one] = expand(mapping, key_result(id_), cycle, NOW, BERLIN).metrics
            assert isinstance(ask(behind, one)[0], Reading), id_


def test_a_value_cannot_leave_its_literal(behind: str) -> None:
    """A key result's owner who is called like a piece of PromQL chooses no other series."""
    text = (
        "key_results:\n  A: {prom: 'count(probe_success{team=\"${kr.owner}\"}) or vector(0)', measure: {max: value}}\n"
    )
    mappings, problems = resolve({"m.yaml": text}, {"prom": Prometheus.grammar})
    assert problems == ()
    cycle = Cycle("2026-Q1", NOW.date().replace(month=1, day=1), NOW.date().replace(month=3))
    counts = {}
    for owner in (
        TEAM,
        'x"} or probe_success{team=~".*',
        "x'} or probe_success{team!='",
        "x`} or probe_success #",
        "\\",
    ):
        row = replace(key_result("A"), owner=owner)
        counts[owner] = value(behind, expand(mappings.key_results["A"], row, cycle, NOW, BERLIN).metrics[0])
    assert list(counts.values()) == [2, 0, 0, 0, 0]

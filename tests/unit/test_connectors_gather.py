"""Gathering: each metric once, passes shared, failures kept apart, time limits kept, Ctrl-C passed on."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connectors.base import (
    Limits,
    Scan,
    ScanExpired,
    SourceDoubted,
    SourceEmpty,
    SourceMisread,
    SourceRefused,
    SourceUnavailable,
)
from connectors.gather import Budget, gather, make_gap
from connectors.passes import make_scan
from connectors.reply import Asked
from connectors.testing import FakeTime
from connectors.wire import Patience, retried
from mappings.model import Condition, Filter, Gap, GapKind, Measure, Metric, Outcome, Query, Reading, Record, Window

WON = Filter((Condition("Stage", "=", ("Won",)),))


def metric(
    body: str = "Deals",
    measure: str = "count",
    name: str | None = None,
    only: Filter | None = None,
    source: str = "crm",
) -> Metric:
    return Metric(Query(source, body, only or Filter()), Measure(measure, name))


def deals(count: int = 10) -> list[Record]:
    return [Record(f"rec{n}", {"Amount": Decimal(n), "Stage": "Won" if n % 2 else "Lost"}) for n in range(count)]


Step = Callable[[], Iterable[Record]]


@dataclass
class Fake:
    """A connector whose bodies are answered by functions."""

    kind: ClassVar[str] = "fake"
    steps: dict[str, Step] = field(default_factory=dict)
    answers: dict[str, Callable[[], Outcome]] = field(default_factory=dict)
    name: str = "crm"
    shares_scans: bool = True
    limits: Limits = field(default_factory=lambda: Limits(threads=2))
    scans: list[Scan] = field(default_factory=list)
    asked: list[Metric] = field(default_factory=list)

    def scan(self, scan: Scan) -> Iterator[Record]:
        self.scans.append(scan)
        step = self.steps.get(str(scan.body), deals)
        for record in step():
            scan.note("seen")
            yield record

    def answer(self, asked: Metric) -> Outcome | None:
        self.asked.append(asked)
        step = self.answers.get(str(asked.query.body))
        return step() if step else None

    def close(self) -> None:
        """Nothing is open."""


def run(
    *metrics: Metric, fakes: Iterable[Fake] = (), time: FakeTime | None = None, **more: Any
) -> dict[Metric, Outcome]:
    budget = more.pop("budget", Budget())
    around = (time or FakeTime()).around()
    return gather(metrics, {fake.name: fake for fake in fakes}, budget=budget, around=around, **more)  # type: ignore[misc]


def raising(error: BaseException) -> Step:
    def step() -> Iterable[Record]:
        raise error

    return step


class TestPasses:
    def test_equal_metrics_are_asked_once_in_the_order_given(self) -> None:
        fake = Fake()
        wanted = [metric("B"), metric("A"), metric("B"), metric("A", "sum", "Amount")]
        found = run(*wanted, fakes=[fake])
        assert list(found) == [metric("B"), metric("A"), metric("A", "sum", "Amount")]
        assert len(fake.scans) == 2
        assert len(fake.asked) == 3

    def test_filters_share_a_pass_where_the_source_shares_scans(self) -> None:
        fake = Fake()
        found = run(metric(), metric("Deals", "sum", "Amount", WON), fakes=[fake])
        [scan] = fake.scans
        assert scan.filters == {Filter(), WON}
        assert scan.fields == {"Amount", "Stage"}
        assert [outcome.value for outcome in found.values()] == [10, 25]  # type: ignore[union-attr]

    def test_filters_have_passes_of_their_own_where_it_does_not(self) -> None:
        fake = Fake(shares_scans=False)
        found = run(metric(), metric("Deals", "sum", "Amount", WON), fakes=[fake])
        assert sorted(len(scan.filters) for scan in fake.scans) == [1, 1]
        assert {scan.fields for scan in fake.scans} == {frozenset(), frozenset({"Amount"})}  # it filters by itself
        assert found[metric("Deals", "sum", "Amount", WON)].value == 45  # type: ignore[union-attr]

    def test_what_a_pass_reads(self) -> None:
        from datetime import UTC, datetime

        window = Window("Closed", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
        latest = metric(measure="latest", name="Amount", only=Filter((), window))
        assert make_scan([latest], filtered_here=False, titles=False).fields == {"Amount", "Closed"}
        done = make_scan([metric(measure="percent_done")], filtered_here=False, titles=True)
        assert (done.done, done.titles) == (True, True)
        assert not make_scan([metric()], filtered_here=True, titles=False).done

    def test_an_answer_needs_no_scan(self) -> None:
        time = FakeTime()
        fake = Fake(answers={"Deals": lambda: Reading(Decimal(7), time.now())})
        found = run(metric(), fakes=[fake], time=time)
        assert found[metric()].value == 7  # type: ignore[union-attr]
        assert fake.scans == []

    def test_readings_are_dated_before_the_pass_and_carry_what_the_source_said(self) -> None:
        time = FakeTime()

        def slow() -> Iterable[Record]:
            for record in deals():
                time.sleep(10)
                yield record

        before = time.now()
        found = run(metric(), fakes=[Fake({"Deals": slow})], time=time)
        reading = found[metric()]
        assert isinstance(reading, Reading)
        assert reading.as_of == before
        assert reading.notes == ("seen",)

    def test_an_expired_pass_begins_again_with_nothing_counted(self) -> None:
        left = [5, 3]

        def expiring() -> Iterable[Record]:
            if left:
                yield from deals(left.pop())
                raise ScanExpired("gone")
            yield from deals()

        fake = Fake({"Deals": expiring})
        assert run(metric(), fakes=[fake])[metric()].value == 10  # type: ignore[union-attr]
        assert len(fake.scans) == 3

    def test_progress_is_told(self) -> None:
        told: list[tuple[int, int, str]] = []
        run(
            metric("A"),
            metric("B"),
            metric("B", "sum", "Amount"),
            fakes=[Fake()],
            on_progress=lambda *each: told.append(each),
        )
        assert told[-1] == (3, 3, "crm")
        assert len(told) == 2


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "kind", "reason"),
        [
            (SourceUnavailable("It is down."), GapKind.UNAVAILABLE, "It is down."),
            (SourceRefused("No.", fix="Set env:X."), GapKind.REFUSED, "No."),
            (SourceMisread("HTML."), GapKind.MISREAD, "HTML."),
            (KeyError("secret detail"), GapKind.MISREAD, "KeyError"),
        ],
    )
    def test_each_becomes_a_gap_and_spoils_no_other(self, error: Exception, kind: GapKind, reason: str) -> None:
        fake = Fake({"Bad": raising(error)})
        found = run(metric("Bad"), metric("Good"), fakes=[fake])
        gap = found[metric("Bad")]
        assert isinstance(gap, Gap)
        assert gap.kind is kind
        assert reason in gap.reason
        assert "secret detail" not in gap.reason
        assert gap.source == "crm"
        assert gap.fix
        assert isinstance(found[metric("Good")], Reading)

    def test_an_answer_that_fails_spoils_no_metric_of_the_same_query(self) -> None:
        def fail() -> Outcome:
            raise SourceMisread("bad")

        fake = Fake(answers={"Bad": fail})
        found = run(metric("Bad"), metric("Good"), metric("Good", "sum", "Amount"), fakes=[fake])
        assert isinstance(found[metric("Bad")], Gap)
        assert found[metric("Good", "sum", "Amount")].value == 45  # type: ignore[union-attr]

    def test_a_missing_field_stops_only_who_reads_it(self) -> None:
        def scan() -> Iterable[Record]:
            if "Nope" in fake.scans[-1].fields:
                raise SourceMisread("No field “Nope”.", fields=frozenset({"Nope"}))
            return deals()

        fake = Fake({"Deals": scan})
        filtered = metric(only=Filter((Condition("Nope", "=", ("x",)),)))
        found = run(
            metric(measure="sum", name="Nope"), filtered, metric(), metric(measure="sum", name="Amount"), fakes=[fake]
        )
        assert [type(outcome) for outcome in found.values()] == [Gap, Gap, Reading, Reading]
        assert len(fake.scans) == 2

    def test_a_failure_without_a_field_stops_the_pass_and_is_not_tried_for_each(self) -> None:
        fake = Fake({"Deals": raising(SourceMisread("HTML."))})
        run(metric(), metric(measure="sum", name="Amount"), fakes=[fake])
        assert len(fake.scans) == 1

    def test_an_unknown_source(self) -> None:
        gap = run(metric(source="nope"))[metric(source="nope")]
        assert isinstance(gap, Gap)
        assert gap.kind is GapKind.DEFINITION
        assert "“nope”" in gap.reason

    def test_a_dead_source_is_given_up_after_three_silent_queries(self) -> None:
        fake = Fake({f"T{n}": raising(SourceUnavailable("down")) for n in range(50)}, limits=Limits(threads=1))
        found = run(*[metric(f"T{n}") for n in range(50)], fakes=[fake])
        assert len(fake.scans) == 3
        assert {outcome.kind for outcome in found.values() if isinstance(outcome, Gap)} == {GapKind.UNAVAILABLE}
        last = found[metric("T49")]
        assert isinstance(last, Gap)
        assert "after 3 queries without an answer: down" in last.reason

    def test_a_source_that_answers_now_and_then_is_not(self) -> None:
        bad = {f"T{n}": raising(SourceUnavailable("down")) for n in range(50) if n % 3}
        fake = Fake(bad, limits=Limits(threads=1))
        run(*[metric(f"T{n}") for n in range(50)], fakes=[fake])
        assert len(fake.scans) == 50

    def test_a_wrong_token_is_shown_once(self) -> None:
        error = SourceRefused("401", fix="Check env:X.", everything=True)
        fake = Fake({f"T{n}": raising(error) for n in range(50)}, limits=Limits(threads=1))
        found = run(*[metric(f"T{n}") for n in range(50)], fakes=[fake])
        assert len(fake.scans) == 1
        assert {outcome.fix for outcome in found.values() if isinstance(outcome, Gap)} == {"Check env:X."}

    def test_one_refused_query_does_not_stop_the_others(self) -> None:
        fake = Fake({"T0": raising(SourceRefused("403"))}, limits=Limits(threads=1))
        found = run(*[metric(f"T{n}") for n in range(5)], fakes=[fake])
        assert sum(isinstance(outcome, Reading) for outcome in found.values()) == 4

    def test_ctrl_c_passes(self) -> None:
        with pytest.raises(KeyboardInterrupt):
            run(metric("Bad"), metric("Good"), fakes=[Fake({"Bad": raising(KeyboardInterrupt())})])


class TimePerThread(FakeTime):
    """Sleeping moves the clock of the thread that sleeps. ``spent`` are seconds by thread."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: dict[str, float] = {}

    def monotonic(self) -> float:
        return self.spent.get(threading.current_thread().name, 0.0)

    def sleep(self, seconds: float) -> None:
        self.spent[threading.current_thread().name] = self.monotonic() + seconds


class TestTime:
    def test_a_slow_source_costs_its_own_time_only(self) -> None:
        time = FakeTime()

        def slow() -> Iterable[Record]:
            time.sleep(120)
            return deals()

        bodies = [f"T{n}" for n in range(10)]
        slow_fake = Fake(dict.fromkeys(bodies, slow), name="slow", limits=Limits(threads=1))
        wanted = [metric(body, source="slow") for body in bodies]
        found = run(*wanted, fakes=[slow_fake], time=time, budget=Budget(source=300, grace=9999))
        assert [isinstance(outcome, Reading) for outcome in found.values()] == [True] * 3 + [False] * 7
        last = found[wanted[-1]]
        assert isinstance(last, Gap)
        assert "the time for slow (300 s) was used up" in last.reason

    def test_a_dead_source_costs_its_own_time_budget_only(self) -> None:
        """Each thread lives in a time of its own: what a source's waiting takes is seen, and nobody else waits."""
        time = TimePerThread()
        bodies = [f"T{n}" for n in range(100)]

        def never() -> Iterable[Record]:
            def fetch() -> Iterable[Record]:
                time.sleep(30)  # its time-out
                raise SourceUnavailable("no answer in time")

            return retried(fetch, Asked("dead"), time.around(), Patience(jitter=lambda _, most: most))

        dead = Fake(dict.fromkeys(bodies, never), name="dead", limits=Limits(threads=1))
        healthy = Fake(dict.fromkeys(bodies, deals), name="healthy", limits=Limits(threads=1))
        wanted = [metric(body, source=name) for body in bodies for name in ("dead", "healthy")]
        budget = Budget(source=300, give_up_after=1000, grace=40)
        found = gather(wanted, {"dead": dead, "healthy": healthy}, budget=budget, around=time.around())  # type: ignore[dict-item]
        for one, outcome in found.items():
            assert isinstance(outcome, Gap if one.query.source == "dead" else Reading)
        spent = {name.partition("-")[0]: seconds for name, seconds in time.spent.items()}
        assert 270 <= spent["dead"] <= 300 + 40  # its budget, and at most one call that was under way
        assert spent.keys() == {"dead"}

    def test_sources_are_asked_side_by_side(self) -> None:
        both = threading.Barrier(2, timeout=5)

        def meet() -> Iterable[Record]:
            both.wait()
            return deals()

        fakes = [Fake({"T": meet}, name=name, limits=Limits(threads=1)) for name in ("one", "two")]
        found = run(metric("T", source="one"), metric("T", source="two"), fakes=fakes)
        assert all(isinstance(outcome, Reading) for outcome in found.values())

    def test_threads_stay_within_the_source_s_limit(self) -> None:
        most, now, lock = [0], [0], threading.Lock()

        def work() -> Iterable[Record]:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            threading.Event().wait(0.002)
            with lock:
                now[0] -= 1
            return deals()

        bodies = [f"T{n}" for n in range(30)]
        run(*map(metric, bodies), fakes=[Fake(dict.fromkeys(bodies, work), limits=Limits(threads=3))])
        assert 1 <= most[0] <= 3

    def test_a_call_that_never_ends_is_left_behind(self) -> None:
        time, release = FakeTime(), threading.Event()

        def hang() -> Iterable[Record]:
            time.sleep(500)
            release.wait(10)
            return deals()

        try:
            found = run(metric("Hang"), fakes=[Fake({"Hang": hang})], time=time, budget=Budget(source=300, grace=40))
        finally:
            release.set()
        assert isinstance(found[metric("Hang")], Gap)

    def test_nothing_to_ask_is_no_work(self) -> None:
        assert run() == {}


def test_what_a_source_distrusts_or_lacks_is_no_number() -> None:
    doubt = make_gap(SourceDoubted("It may not be all.", value=Decimal(3)), "github")
    assert (doubt.kind, doubt.doubted) == (GapKind.DOUBT, 3)
    empty = make_gap(SourceEmpty("There is no sample."), "prom")
    assert (empty.kind, empty.doubted, bool(empty.fix)) == (GapKind.EMPTY, None, True)

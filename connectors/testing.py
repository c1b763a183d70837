"""The contract of every connector, as a test class to subclass; for ours and for other packages' connectors.

A subclass brings a stand-in for the service on a real socket and says what to ask of it; the tests are here.
Time is faked: nothing sleeps. Needs pytest; nothing but tests imports this module.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, ClassVar

import pytest

from connectors.base import Connector, ConnectorFactory
from connectors.gather import Budget, gather
from connectors.testing_parts import QUICK, TOKEN, Case, FakeTime, Spoil, StandIn, make_options
from mappings.model import Gap, GapKind, Metric, Outcome, Reading

__all__ = ["QUICK", "TOKEN", "Case", "ConnectorContract", "FakeTime", "Spoil", "StandIn", "make_options"]


class ConnectorContract(ABC):
    """What every connector promises. Subclasses fill in the class variables and ``stand_in``."""

    factory: ClassVar[ConnectorFactory]
    environ: ClassVar[Mapping[str, str]] = {"SOURCE_TOKEN": TOKEN}
    bad_options: ClassVar[Iterable[tuple[Mapping[str, Any], str]]] = ()  # what is changed, where the complaint points
    exact: ClassVar[Case]  # a sum that binary fractions would spoil
    paged: ClassVar[Case]  # needs at least three pages, or as many as ``pages`` says
    pages: ClassVar[int] = 3  # 1 where the source gives everything in one answer
    tokens: ClassVar[int] = 1  # 2 where tokens are got by signing in: another one is tried, once
    unicode: ClassVar[Case]  # its query and records hold ü, 漢 and an emoji
    none: ClassVar[Metric]  # an average of no records
    no_records: ClassVar[Case]  # a count of none: zero
    missing_field: ClassVar[tuple[Metric, str]]  # reads a field that isn't there, of that name
    broken: ClassVar[Metric]  # a query that the service refuses
    budget: ClassVar[tuple[tuple[Metric, ...], int]]  # these metrics within so many calls
    reads: ClassVar[frozenset[str]] = frozenset({"GET"})  # beginnings of "METHOD /path" that only read
    without: ClassVar[Mapping[str, str]] = {}  # tests that make no sense for this kind → why, and what stands in

    def __init_subclass__(cls, **more: Any) -> None:
        """Take out the tests that are declared to make no sense; a name that is no test is a mistake."""
        super().__init_subclass__(**more)
        for name, why in cls.__dict__.get("without", {}).items():
            if not callable(getattr(cls, name, None)) or len(why.split()) < 4:
                raise TypeError(f"{cls.__name__}.without: {name} is no test of the contract, or has no reason")
            setattr(cls, name, None)

    @abstractmethod
    def stand_in(self) -> AbstractContextManager[StandIn]:
        """A fresh service that knows ``TOKEN``."""

    @abstractmethod
    def options(self, url: str) -> dict[str, Any]:
        """What a config says under ``sources.NAME``; the token as ``env:SOURCE_TOKEN``."""

    # What the tests use

    @pytest.fixture
    def service(self) -> Iterator[StandIn]:
        """The stand-in of one test."""
        with self.stand_in() as service:
            yield service

    @pytest.fixture
    def time(self) -> FakeTime:
        """The time of one test."""
        return FakeTime()

    @contextmanager
    def connected(self, service: StandIn, time: FakeTime, **extra: Any) -> Iterator[Connector]:
        """A connector to the stand-in."""
        options = make_options(self.factory, self.options(service.url), self.environ)
        connector = self.factory.make(self.exact.metric.query.source, options, time.around(**extra))
        try:
            yield connector
        finally:
            connector.close()

    def ask(self, service: StandIn, time: FakeTime, *metrics: Metric, **extra: Any) -> dict[Metric, Outcome]:
        """Outcomes by way of ``gather``, with a fresh connector."""
        with self.connected(service, time, **extra) as connector:
            around = time.around(**extra)
            return gather(metrics, {connector.name: connector}, budget=Budget(), around=around)

    def value(self, service: StandIn, time: FakeTime, metric: Metric, **extra: Any) -> Decimal:
        """One metric's value; a gap fails the test with its reason."""
        outcome = self.ask(service, time, metric, **extra)[metric]
        assert isinstance(outcome, Reading), outcome
        return outcome.value

    def gap(self, service: StandIn, time: FakeTime, metric: Metric, **extra: Any) -> Gap:
        """One metric's gap."""
        outcome = self.ask(service, time, metric, **extra)[metric]
        assert isinstance(outcome, Gap), outcome
        return outcome

    # Numbers

    def test_numbers_are_exact_and_dated(self, service: StandIn, time: FakeTime) -> None:
        """Decimals as written, and an aware moment at which they were true."""
        before = time.now()
        reading = self.ask(service, time, self.exact.metric)[self.exact.metric]
        assert isinstance(reading, Reading), reading
        assert str(reading.value) == str(self.exact.value)
        assert reading.as_of.tzinfo is not None
        assert before <= reading.as_of <= time.now()

    def test_pages_are_all_read(self, service: StandIn, time: FakeTime) -> None:
        """A list of several pages is counted to its end."""
        assert self.value(service, time, self.paged.metric) == self.paged.value
        assert len(service.calls()) >= self.pages

    def test_unicode_survives(self, service: StandIn, time: FakeTime) -> None:
        """Letters of any script, there and back."""
        assert self.value(service, time, self.unicode.metric) == self.unicode.value

    def test_nothing_is_not_zero(self, service: StandIn, time: FakeTime) -> None:
        """An average of no records is a gap; a count of none is zero."""
        assert self.gap(service, time, self.none).kind is GapKind.EMPTY
        assert self.value(service, time, self.no_records.metric) == self.no_records.value == 0

    # Asking

    def test_calls_stay_within_the_budget(self, service: StandIn, time: FakeTime) -> None:
        """So many metrics in so many calls; equal ones once; no call twice."""
        metrics, most = self.budget
        outcomes = self.ask(service, time, *metrics, *metrics)
        assert all(isinstance(outcome, Reading) for outcome in outcomes.values()), outcomes
        assert len(service.calls()) <= most

    def test_the_order_of_asking_makes_no_difference(self, service: StandIn, time: FakeTime) -> None:
        """The same numbers from both ends."""
        metrics = self.budget[0]
        forth, back = self.ask(service, time, *metrics), self.ask(service, time, *reversed(metrics))
        assert {metric: _number(forth[metric]) for metric in metrics} == {m: _number(back[m]) for m in metrics}

    def test_asking_again_gives_the_same(self, service: StandIn, time: FakeTime) -> None:
        """Asking changes nothing."""
        first = self.value(service, time, self.exact.metric)
        assert self.value(service, time, self.exact.metric) == first

    def test_nothing_is_asked_before_it_is_needed(self, service: StandIn, time: FakeTime) -> None:
        """Making a connector asks nothing."""
        with self.connected(service, time):
            pass
        assert service.calls() == []

    def test_it_only_reads(self, service: StandIn, time: FakeTime) -> None:
        """No call could change anything there."""
        self.ask(service, time, *self.budget[0], self.exact.metric, self.paged.metric)
        assert service.calls()
        assert [call for call in service.calls() if not call.startswith(tuple(self.reads))] == []

    # Trouble

    def test_retry_after_in_seconds_is_obeyed(self, service: StandIn, time: FakeTime) -> None:
        """429 with Retry-After: 45: waits that long, not much longer, and asks once more."""
        service.spoil(Spoil("status", 429, retry_after="45"))
        assert self.value(service, time, self.no_records.metric) == 0
        assert 45 <= sum(time.slept) < 60
        assert len(service.calls()) == 2

    def test_retry_after_as_a_date_is_obeyed(self, service: StandIn, time: FakeTime) -> None:
        """429 with an HTTP date."""
        until = time.now() + timedelta(seconds=50)
        service.spoil(Spoil("status", 429, retry_after=format_datetime(until, usegmt=True)))
        assert self.value(service, time, self.no_records.metric) == 0
        assert 40 <= sum(time.slept) < 60

    @pytest.mark.parametrize("kind", ["status", "cut", "truncate"])
    def test_passing_trouble_is_overcome(self, kind: str, service: StandIn, time: FakeTime) -> None:
        """A 500, a cut connection, half an answer: asked again, and right."""
        service.spoil(Spoil(kind, 500, skip=min(1, self.pages - 1)))
        assert self.value(service, time, self.paged.metric) == self.paged.value
        assert time.slept

    def test_silence_ends(self, service: StandIn, time: FakeTime) -> None:
        """A service that doesn't answer is left after its time-out, and asked again."""
        service.spoil(Spoil("timeout"))
        assert self.value(service, time, self.no_records.metric, timeout=QUICK) == 0

    def test_trouble_that_stays_is_a_gap(self, service: StandIn, time: FakeTime) -> None:
        """Tries are counted; then there is a gap that says what happened."""
        service.spoil(Spoil("status", 503, times=None))
        gap = self.gap(service, time, self.exact.metric)
        assert gap.kind is GapKind.UNAVAILABLE
        assert "503" in gap.reason
        assert gap.fix
        assert 2 <= len(service.calls()) <= 6

    def test_a_login_page_is_no_number(self, service: StandIn, time: FakeTime) -> None:
        """HTML with status 200 is misread, once."""
        service.spoil(Spoil("html", times=None))
        gap = self.gap(service, time, self.no_records.metric)
        assert gap.kind is GapKind.MISREAD
        assert "login page" in gap.reason
        assert len(service.calls()) == 1

    def test_a_wrong_token_is_not_tried_again(self, service: StandIn, time: FakeTime) -> None:
        """401: one call with each token there can be, and the gap names the variable to set."""
        service.spoil(Spoil("status", 401, times=None))
        gap = self.gap(service, time, self.exact.metric)
        assert gap.kind is GapKind.REFUSED
        assert "env:SOURCE_TOKEN" in (gap.fix or "")
        assert len(service.calls()) == self.tokens

    def test_a_missing_field_is_named(self, service: StandIn, time: FakeTime) -> None:
        """A field that isn't there is an error, not empty."""
        metric, name = self.missing_field
        gap = self.gap(service, time, metric)
        assert gap.kind is GapKind.MISREAD
        assert name in gap.reason

    def test_one_bad_query_spoils_no_other(self, service: StandIn, time: FakeTime) -> None:
        """Its neighbours have their numbers."""
        bad = (self.broken, self.missing_field[0])
        outcomes = self.ask(service, time, bad[0], self.exact.metric, bad[1], self.no_records.metric)
        assert _number(outcomes[self.exact.metric]) == self.exact.value
        assert _number(outcomes[self.no_records.metric]) == 0
        assert all(isinstance(outcomes[metric], Gap) for metric in bad)

    # Options and secrets

    def test_secrets_are_nowhere(
        self, service: StandIn, time: FakeTime, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Not in the log at its noisiest, not in gaps, not in what is printed."""
        caplog.set_level(logging.DEBUG)
        service.spoil(Spoil("status", 503, times=2))
        service.spoil(Spoil("status", 401, times=1))
        outcomes = [self.ask(service, time, self.exact.metric), self.ask(service, time, self.broken)]
        with self.connected(service, time) as connector:
            seen = f"{outcomes!r} {connector!r} {connector.__dict__!r} {caplog.text} {capsys.readouterr()}"
        assert all(value not in seen for value in self.environ.values())

    def test_a_secret_in_the_config_is_refused(self) -> None:
        """A plain token is refused with the way to write it, and isn't repeated."""
        form = self.factory.options_form()
        written = self.options("http://127.0.0.1:1")
        names = [name for name, value in written.items() if str(value).startswith("env:")]
        assert names
        for name in names:
            errors = _complaints(form, {**written, name: TOKEN})
            assert [error["loc"][0] for error in errors] == [name]
            assert "env:" in errors[0]["msg"]
            assert TOKEN not in errors[0]["msg"]

    def test_bad_options_are_refused_with_their_place(self) -> None:
        """Each complaint points at its key; an unknown key too."""
        form, written = self.factory.options_form(), self.options("http://127.0.0.1:1")
        for changed, place in [({"tokne": "x"}, "tokne"), *self.bad_options]:
            errors = _complaints(form, {**written, **changed})
            assert place in {str(error["loc"][0]) for error in errors}, changed


def _complaints(form: Any, written: Mapping[str, Any]) -> list[dict[str, Any]]:
    from pydantic import ValidationError

    with pytest.raises(ValidationError) as caught:
        form.model_validate(dict(written))
    return [dict(error) for error in caught.value.errors(include_input=False)]


def _number(outcome: Outcome) -> Decimal | None:
    return outcome.value if isinstance(outcome, Reading) else None

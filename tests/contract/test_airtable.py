"""The Airtable connector: the contract, and Airtable's own traps, by the real client over real sockets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.airtable import Airtable
from connectors.airtable_grammar import TableBody
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, StandIn
from connectors.value import parse_cell
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Window
from sandbox.airtable import Airtable as AirtableService
from sandbox.airtable_base import Base, choices, column
from sandbox.clock import Clock
from sandbox.server import Server
from sandbox.wire import Fault
from tests.contract.stand_in import SandboxStandIn

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
BASE = "appAcmeCrm0000001"
DEALS = 230


def where(*conditions: Condition, window: Window | None = None) -> Filter:
    return Filter(conditions, window)


def is_(field: str, *values: str) -> Condition:
    return Condition(field, "in" if len(values) > 1 else "=", values)


WON = where(is_("Stage", "Won"))


def metric(
    measure: str = "count",
    field: str | None = None,
    only: Filter | None = None,
    body: TableBody | None = None,
    **more: Any,
) -> Metric:
    return Metric(Query("crm", body or TableBody("Deals"), only or Filter()), Measure(measure, field, **more))


def make_base() -> Base:
    base = Base(BASE, "CRM")
    deals = base.add_table(
        "Deals",
        column("Deal", "singleLineText"),
        column("Amount", "number", precision=2),
        column("Stage", "singleSelect", **choices("Won", "Lost", "Open")),
        column("Tags", "multipleSelects", **choices("größe", "漢字", "🚀")),
        column("Closed", "date"),
        column("Signed", "dateTime"),
        column("Paid", "checkbox"),
    )
    for number in range(DEALS):
        stage = "Won" if number % 10 == 0 else "Lost" if number % 2 else "Open"
        cells = {
            "Deal": f"Deal {number}",
            "Amount": Decimal("0.1") if number != 7 else None,
            "Stage": stage,
            "Tags": ("größe", "🚀") if number < 4 else ("漢字",) if number < 6 else None,
            "Closed": date(2026, 10, 1) + timedelta(days=number) if number < 60 else None,
            "Signed": datetime(2026, 9, 30, 21, 30, tzinfo=UTC) + timedelta(hours=number),
            "Paid": number % 2 == 0,
        }
        deals.add(NOW - timedelta(days=90), cells)
    base.add_table("Größe 漢字? #1", column("Name", "singleLineText")).add(NOW - timedelta(days=9), {"Name": "x"})
    deals.add_view("Only won", "{Stage}='Won'")
    return base


@contextmanager
def serving(base: Base | None = None, **options: Any) -> Iterator[AirtableService]:
    service = AirtableService([base or make_base()], {TOKEN: None}, clock=Clock(NOW), **options)
    service.tell_time = lambda: None  # whoever asks lives in a time of their own
    with Server(service):
        yield service
    assert service.failures == []


class TestAirtableContract(ConnectorContract):
    factory = Airtable()
    exact = Case(metric("sum", "Amount"), Decimal("22.9"))
    paged = Case(metric(), Decimal(DEALS))
    unicode = Case(metric("distinct", "Tags", where(is_("Tags", "größe", "漢字"))), Decimal(3))
    none = metric("avg", "Amount", body=TableBody("Deals", formula="FALSE()"))
    no_records = Case(metric(body=TableBody("Deals", formula="{Deal}='nobody'")), Decimal(0))
    missing_field = (metric("sum", "Amuont"), "Amuont")
    broken = metric(body=TableBody("Daels"))
    budget = (
        (
            metric(),
            metric("sum", "Amount"),
            metric("avg", "Amount", WON),
            metric("share", of=(is_("Stage", "Won"),)),
            metric("count", None, where(Condition("Amount", ">=", ("0.05",)))),
        ),
        3,
    )
    bad_options = (
        ({"base": "CRM"}, "base"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://me:secret@x"}, "url"),
        ({"rate": -1}, "rate"),
    )

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with serving() as service:
            yield SandboxStandIn(service)

    def options(self, url: str) -> dict[str, Any]:
        return {"base": BASE, "token": "env:SOURCE_TOKEN", "url": url}


def ask(service: AirtableService, *metrics: Metric, time: FakeTime | None = None, **written: Any) -> dict[Metric, Any]:
    contract = TestAirtableContract()
    contract.options = lambda url: {**TestAirtableContract.options(contract, url), **written}  # type: ignore[method-assign]
    return contract.ask(SandboxStandIn(service), time or FakeTime(NOW), *metrics)


def one(service: AirtableService, asked: Metric, **more: Any) -> Any:
    return ask(service, asked, **more)[asked]


class TestOnePass:
    def test_a_table_is_passed_over_once_for_all_measures(self) -> None:
        wanted = [
            metric(measure, "Amount", where(is_("Stage", stage)))
            for measure in ("sum", "avg", "min", "max", "median")
            for stage in ("Won", "Lost", "Open")
        ]
        with serving() as service:
            outcomes = ask(service, *wanted, metric(), metric("count", None, where(is_("Paid", "yes"))))
            assert len(service.requests) == 3
            assert outcomes[wanted[0]].value == Decimal("2.3")
            assert outcomes[metric("count", None, where(is_("Paid", "yes")))].value == 115

    def test_only_the_fields_that_are_needed_are_asked_for(self) -> None:
        within = Window("Closed", NOW - timedelta(days=1), NOW)
        with serving() as service:
            ask(service, metric("sum", "Amount", WON), metric("count", None, where(window=within)))
            assert service.requests[0].query["fields[]"] == ["Amount", "Closed", "Stage"]

    def test_views_and_formulas_are_passes_of_their_own(self) -> None:
        with serving() as service:
            view, formula = TableBody("Deals", view="Only won"), TableBody("Deals", formula="{Amount} > 0")
            outcomes = ask(service, metric(body=view), metric(body=formula))
            assert [outcome.value for outcome in outcomes.values()] == [23, 229]

    def test_names_with_foreign_letters_and_marks_reach_their_table(self) -> None:
        with serving() as service:
            assert one(service, metric(body=TableBody("Größe 漢字? #1"))).value == 1

    def test_filters_of_all_metrics_save_pages(self) -> None:
        won, tagged = metric("sum", "Amount", WON), metric("count", None, where(is_("Tags", "漢字")))
        with serving() as service:
            outcomes = ask(service, won, tagged)
            assert len(service.requests) == 1
            test = "OR(FIND('Won',{Stage}&''),FIND('漢字',{Tags}&''))"
            assert service.requests[0].query["filterByFormula"] == [f"IF(ISERROR({test}),TRUE(),{test})"]
            assert (outcomes[won].value, outcomes[tagged].value) == (Decimal("2.3"), 2)

    def test_a_filter_that_cannot_be_said_safely_reads_everything(self) -> None:
        with serving() as service:
            outcomes = ask(
                service, metric("count", None, where(Condition("Amount", "<", ("1",)))), metric("count", None, WON)
            )
            assert all("filterByFormula" not in logged.query for logged in service.requests)
            assert [outcome.value for outcome in outcomes.values()] == [229, 23]

    def test_a_formula_that_fails_for_a_record_leaves_none_out(self) -> None:
        """A date that is empty, or text, fails a comparison of dates, and Airtable drops the record in silence."""
        within = Window("Closed", datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 10, 8, tzinfo=BERLIN))
        texts = replace(within, field="Deal")
        with serving() as service:
            wanted = [metric("count", None, where(window=within)), metric("count", None, WON)]
            outcomes = ask(service, *wanted, metric("count", None, where(window=texts)))
            assert [outcome.value for outcome in outcomes.values()] == [3, 23, 0]
            assert "filterByFormula" in service.requests[0].query

    @pytest.mark.parametrize(
        ("field", "start", "end", "count"),
        [
            ("Closed", datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 10, 8, tzinfo=BERLIN), 3),
            ("Signed", datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2026, 10, 2, tzinfo=BERLIN), 24),
        ],
    )
    def test_windows_count_in_the_company_s_zone(self, field: str, start: datetime, end: datetime, count: int) -> None:
        with serving() as service:
            asked = metric("count", None, where(window=Window(field, start, end)))
            assert one(service, asked).value == count
            assert len(service.requests) == 1

    def test_a_long_formula_is_sent_in_a_body(self) -> None:
        with serving() as service:
            wanted = [metric("count", None, where(is_("Deal", f"Deal {n} {'x' * 200}"))) for n in range(100)]
            outcomes = ask(service, *wanted)
            assert {outcome.value for outcome in outcomes.values()} == {0}
            assert [f"{logged.method} {logged.path}" for logged in service.requests] == [
                f"POST /v0/{BASE}/Deals/listRecords"
            ]


class TestRestart:
    def test_an_expired_place_starts_the_pass_again_and_counts_nothing_twice(self) -> None:
        with serving() as service:
            seen = iter(range(100))
            service.before("offset=", lambda: service.expire_offsets() if next(seen) == 1 else None, times=100)
            outcomes = ask(service, metric(), metric("sum", "Amount"))
            assert [outcome.value for outcome in outcomes.values()] == [DEALS, Decimal("22.9")]
            assert len(service.requests) == 3 + 3

    def test_a_place_that_is_lost_for_ever_is_a_gap(self) -> None:
        with serving() as service:
            service.before("offset=", service.expire_offsets, times=1000)
            gap = one(service, metric())
            assert gap.kind is GapKind.UNAVAILABLE
            assert len(service.requests) == 6

    def test_an_offset_that_comes_again_ends_the_pass(self) -> None:
        page = {"records": [{"id": "rec1", "fields": {}}], "offset": "again"}
        with serving() as service:
            service.faults.add(Fault(status=200, body=page, times=None))
            assert one(service, metric()).kind is GapKind.MISREAD
            assert len(service.requests) == 2

    def test_a_record_that_moved_between_pages_counts_once(self) -> None:
        with serving() as service:
            service.faults.add(Fault(status=200, body={"records": [{"id": "rec1", "fields": {}}], "offset": "a"}))
            service.faults.add(Fault(status=200, body={"records": [{"id": "rec1", "fields": {}}]}))
            assert one(service, metric()).value == 1

    def test_a_page_without_records_is_misread(self) -> None:
        with serving() as service:
            service.faults.add(Fault(status=200, body={"offset": "a"}))
            assert one(service, metric()).kind is GapKind.MISREAD


class TestRefusals:
    def test_a_ban_is_waited_out_in_full(self) -> None:
        time = FakeTime(NOW)
        with serving() as service:
            service.faults.add(Fault(status=429))
            assert one(service, metric(), time=time).value == DEALS
            assert sum(time.slept) >= 30

    def test_a_ban_is_waited_out_even_when_told_otherwise(self) -> None:
        time = FakeTime(NOW)
        with serving() as service:
            service.faults.add(Fault(status=429, retry_after=1))
            one(service, metric(), time=time)
            assert sum(time.slept) >= 30

    def test_a_missing_field_is_named_with_what_may_be_meant_and_spoils_no_other(self) -> None:
        with serving() as service:
            outcomes = ask(
                service,
                metric("sum", "Amuont"),
                metric("sum", "Amount"),
                metric("count", None, where(is_("Stge", "Won"))),
            )
            gap, good, second = outcomes.values()
            assert gap.reason == "The table Deals has no field “Amuont”."
            assert gap.fix == "Did you mean “Amount”?"
            assert good.value == Decimal("22.9")
            assert "“Stge”" in second.reason
            assert "“Stage”" in second.fix

    def test_a_missing_field_in_a_filter_that_was_pushed_down_is_named_too(self) -> None:
        with serving() as service:
            outcomes = ask(service, metric("count", None, where(is_("Stge", "Won"))), metric("count", None, WON))
            gap, good = outcomes.values()
            assert "“Stge”" in gap.reason
            assert good.value == 23

    def test_a_broken_formula_is_misread_and_needs_no_second_try(self) -> None:
        with serving() as service:
            gap = one(service, metric(body=TableBody("Deals", formula="{Nope} = 1")))
            assert gap.kind is GapKind.MISREAD
            assert "nope" in gap.reason.lower()

    def test_an_unknown_table_is_named_with_the_one_that_was_meant(self) -> None:
        with serving() as service:
            gap = one(service, metric(body=TableBody("Daels")))
        assert (gap.kind, gap.reason, gap.fix) == (
            GapKind.MISREAD,
            "crm has no table “Daels”.",
            "Did you mean “Deals”?",
        )

    def test_or_with_those_that_there_are(self) -> None:
        with serving() as service:
            assert one(service, metric(body=TableBody("Invoices"))).fix == "Tables here: “Deals”, “Größe 漢字? #1”."

    def test_without_the_schema_an_unknown_table_names_the_base_and_the_token(self) -> None:
        with serving() as service:
            service.faults.add(Fault(match="/meta/", status=403, times=None))
            gap = one(service, metric(body=TableBody("Daels")))
            assert gap.kind is GapKind.REFUSED
            assert BASE in gap.fix
            assert "env:SOURCE_TOKEN" in gap.fix

    def test_a_view_that_is_not_there(self) -> None:
        with serving() as service:
            gap = one(service, metric(body=TableBody("Deals", view="Nope")))
            assert gap.kind is GapKind.MISREAD
            assert "Nope" in gap.reason


class TestRate:
    def test_five_calls_a_second_are_never_exceeded(self) -> None:
        """Real calls in faked time: many tables at once, and the service counts."""
        base = Base(BASE, "CRM")
        for number in range(30):
            base.add_table(f"T{number}", column("Name", "singleLineText"))
        time = FakeTime(NOW)
        with serving(base, limited=True, timer=time.monotonic) as service:
            outcomes = ask(service, *[metric(body=TableBody(f"T{n}")) for n in range(30)], time=time)
            assert {outcome.value for outcome in outcomes.values()} == {0}
            assert {logged.status for logged in service.requests} == {200}
            assert len(service.requests) == 30
            assert time.monotonic() >= 5

    def test_each_thread_has_its_own_client(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[int] = []
        from connectors.airtable import AirtableConnector

        original = AirtableConnector._make_client
        monkeypatch.setattr(
            AirtableConnector,
            "_make_client",
            lambda self: (made.append(threading.get_ident()), original(self))[1],
        )
        with serving() as service:
            ask(service, *[metric(body=TableBody("Deals", formula=f"{{Deal}}='{n}'")) for n in range(20)])
        assert len(made) == len(set(made)) <= 5


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (0.1, Decimal("0.1")),
        (Decimal("12.30"), Decimal("12.30")),
        (7, Decimal(7)),
        (True, True),
        ("", None),
        ("2026-10-05", date(2026, 10, 5)),
        ("2026-10-05T12:00:00.000Z", datetime(2026, 10, 5, 12, tzinfo=UTC)),
        ("2026-02-31", "2026-02-31"),
        (["a", "b"], ("a", "b")),
        ([], None),
        ({"id": "usr1", "email": "a@b", "name": "Ann"}, "Ann"),
        ([{"id": "att1", "filename": "x.pdf"}], ("x.pdf",)),
        ({"error": "#ERROR!"}, None),
        ({"specialValue": "NaN"}, None),
        (None, None),
    ],
)
def test_cells_are_typed(cell: Any, value: Any) -> None:
    assert parse_cell(cell) == value

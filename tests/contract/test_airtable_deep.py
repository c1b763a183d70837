"""Airtable in depth: field ids, linked records, lookups and rollups, percents, and the ban within the time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.airtable_grammar import TableBody
from connectors.gather import Budget, gather
from connectors.testing import FakeTime
from mappings.model import Condition, GapKind, Measure, Metric, Query, Window
from sandbox.airtable_base import Base, choices, column
from sandbox.wire import Fault
from tests.contract.stand_in import SandboxStandIn
from tests.contract.test_airtable import BASE, BERLIN, NOW, TestAirtableContract, ask, is_, metric, one, serving, where


def make_base() -> Base:
    base = Base(BASE, "CRM")
    accounts = base.add_table("Accounts", column("Name", "singleLineText"))
    acme = accounts.add(NOW - timedelta(days=90), {"Name": "Acme"})
    globex = accounts.add(NOW - timedelta(days=90), {"Name": "Globex"})
    deals = base.add_table(
        "Deals",
        column("Deal", "singleLineText"),
        column("Price", "currency", precision=2, symbol="€"),
        column("Discount", "percent", precision=1),
        column("Stage", "singleSelect", **choices("Won", "Lost")),
        column("Signed", "dateTime"),
        column("Account", "multipleRecordLinks", linkedTableId=accounts.id),
        column("Net", "formula", formula="{Price} * (1 - {Discount})"),
    )
    for number, account in enumerate((acme, acme, globex)):
        cells: dict[str, Any] = {"Deal": f"Deal {number}", "Price": Decimal("0.10"), "Discount": Decimal("0.075")}
        cells |= {"Stage": "Won" if number else "Lost", "Account": (account.id,)}
        cells |= {"Signed": datetime(2026, 9, 30, 21 + number, 30, tzinfo=UTC)}
        deals.add(NOW - timedelta(days=9), cells)
    return base


def field_id(base: Base, name: str) -> str:
    found = next(table for table in base.tables.values() if table.name == "Deals").field(name)
    assert found is not None
    return found.id


class TestFieldIds:
    def test_an_id_outlives_the_field_s_renaming(self) -> None:
        base = make_base()
        price, stage = field_id(base, "Price"), field_id(base, "Stage")
        asked = metric("sum", price, where(is_(stage, "Won")))
        deals = next(table for table in base.tables.values() if table.name == "Deals")
        with serving(base) as service:
            assert one(service, asked).value == Decimal("0.20")
            deals.rename_field("Price", "Amount")
            assert one(service, asked).value == Decimal("0.20")
            assert len(service.requests) == 2
            assert "filterByFormula" not in service.requests[0].query

    def test_ids_and_names_share_a_pass(self) -> None:
        base = make_base()
        by_id, by_name = metric("sum", field_id(base, "Price")), metric("sum", "Price")
        with serving(base) as service:
            outcomes = ask(service, by_id, by_name, metric("sum", "Discount"))
            assert [str(outcome.value) for outcome in outcomes.values()] == ["0.3", "0.3", "0.225"]
            assert [logged.path.rpartition("/")[2] for logged in service.requests] == ["tables", "Deals"]

    def test_without_the_schema_ids_are_left_out_and_names_are_read(self) -> None:
        base = make_base()
        by_id, by_name = metric("sum", field_id(base, "Price")), metric("sum", "Discount")
        with serving(base) as service:
            service.faults.add(Fault(match="meta/bases", status=403, times=None))
            outcomes = ask(service, by_id, by_name)
            assert outcomes[by_id].kind is GapKind.MISREAD
            assert "schema.bases:read" in outcomes[by_id].fix
            assert outcomes[by_name].value == Decimal("0.225")

    def test_a_window_by_id(self) -> None:
        base = make_base()
        start = datetime(2026, 10, 1, tzinfo=BERLIN)
        within = Window(field_id(base, "Signed"), start, start + timedelta(hours=1))
        with serving(base) as service:
            assert one(service, metric(only=where(window=within))).value == 1

    def test_tables_and_views_by_id(self) -> None:
        base = make_base()
        deals = next(table for table in base.tables.values() if table.name == "Deals")
        view = deals.add_view("Won", "{Stage}='Won'")
        with serving(base) as service:
            assert one(service, metric(body=TableBody(deals.id, view=view.id))).value == 2


class TestLinks:
    def test_a_name_is_not_compared_with_ids_in_silence(self) -> None:
        asked, other = metric(only=where(is_("Account", "Acme"))), metric("sum", "Price")
        with serving(make_base()) as service:
            outcomes = ask(service, asked, other)
            assert outcomes[asked].kind is GapKind.MISREAD
            assert "linked records" in outcomes[asked].reason
            assert "{Account} = 'Acme'" in outcomes[asked].fix
            assert outcomes[other].value == Decimal("0.30")

    def test_a_formula_sees_the_names_of_the_linked(self) -> None:
        with serving(make_base()) as service:
            assert one(service, metric(body=TableBody("Deals", formula="{Account} = 'Acme'"))).value == 2

    def test_ids_are_compared_and_counted(self) -> None:
        base = make_base()
        acme = next(iter(next(table for table in base.tables.values() if table.name == "Accounts").records))
        with serving(base) as service:
            assert one(service, metric(only=where(is_("Account", acme)))).value == 2
            assert one(service, metric("distinct", "Account")).value == 2


def answered(*cells: Any) -> Fault:
    """What Airtable answers for lookups and rollups: lists, plain numbers, special values (its field model)."""
    records = [{"id": f"rec{n}", "fields": {} if cell is None else {"F": cell}} for n, cell in enumerate(cells)]
    return Fault(status=200, body={"records": records})


class TestComputed:
    def test_money_and_percents_are_exact(self) -> None:
        with serving(make_base()) as service:
            outcomes = ask(service, metric("sum", "Price"), metric("avg", "Discount"), metric("max", "Net"))
            assert [outcome.value for outcome in outcomes.values()] == [
                Decimal("0.30"),
                Decimal("0.075"),
                Decimal("0.0925"),
            ]

    @pytest.mark.parametrize(
        ("cells", "value"), [(([12.5], [0.1]), "12.6"), ((12.5, 0), "12.5"), (([7], None, {"error": "#ERROR!"}), "7")]
    )
    def test_a_lookup_of_one_number_is_that_number_and_an_error_is_empty(self, cells: Any, value: str) -> None:
        with serving() as service:
            service.faults.add(answered(*cells))
            reading = one(service, metric("sum", "F"))
            assert str(reading.value) == value
            assert reading.counted + reading.left_out == len(cells)

    def test_a_lookup_of_several_numbers_is_not_guessed(self) -> None:
        with serving() as service:
            service.faults.add(answered([1, 2]))
            gap = one(service, metric("sum", "F"))
            assert gap.kind is GapKind.MISREAD
            assert "2 values" in gap.reason

    def test_a_lookup_of_texts_meets_a_condition_by_any(self) -> None:
        with serving() as service:
            service.faults.add(answered(["Acme", "Globex"], ["Initech"], None))
            assert one(service, metric(only=where(Condition("F", "=", ("Globex",))))).value == 1

    def test_days_and_moments_lie_in_the_company_s_zone(self) -> None:
        start = datetime(2026, 10, 1, tzinfo=BERLIN)
        within = Window("F", start, start + timedelta(days=1))
        with serving() as service:
            service.faults.add(answered("2026-09-30T22:00:00.000Z", "2026-09-30T21:59:59.999Z", "2026-10-01"))
            assert one(service, metric(only=where(window=within))).value == 2


class TestTheBanWithinTheTime:
    def gathered(self, service: Any, seconds: float, time: FakeTime) -> Any:
        asked = Metric(Query("crm", TableBody("Deals")), Measure("count"))
        with TestAirtableContract().connected(SandboxStandIn(service), time) as connector:
            return gather([asked], {"crm": connector}, budget=Budget(source=seconds), around=time.around())[asked]

    def test_a_ban_that_outlasts_the_time_is_a_gap_at_once(self) -> None:
        time = FakeTime(NOW)
        with serving() as service:
            service.faults.add(Fault(status=429))
            gap = self.gathered(service, 20, time)
            assert gap.kind is GapKind.UNAVAILABLE
            assert len(service.requests) == 1
            assert sum(time.slept) < 1

    def test_a_ban_within_the_time_is_waited_out(self) -> None:
        time = FakeTime(NOW)
        with serving() as service:
            service.faults.add(Fault(status=429))
            assert self.gathered(service, 60, time).value == 230
            assert 30 <= sum(time.slept) < 35

    def test_whoever_shares_the_base_waits_as_well(self) -> None:
        """A call into a banned base would prolong the ban."""
        time, moments = FakeTime(NOW), []
        with serving() as service:
            service.faults.add(Fault(status=429))
            service.before("Deals", lambda: moments.append(time.monotonic()), times=100)
            outcomes = ask(service, metric(), metric(body=TableBody("Deals", view="Only won")), time=time, rate=1)
            assert sorted(outcome.value for outcome in outcomes.values()) == [23, 230]
        assert len(moments) == 4  # the refused call is none of them
        assert min(moments) >= 30

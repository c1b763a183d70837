"""A Google sheet as a source: the contract, and what people's sheets are like, by the real client over real sockets."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from connectors.google_sheet import GoogleSheet
from connectors.google_sheet_grammar import GoogleSheetGrammar, RangeBody
from connectors.testing import Case, ConnectorContract, FakeTime, Spoil, StandIn
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Window
from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.google_document import Document
from sandbox.google_person import OWNER
from sandbox.server import Server
from sandbox.wire import Fault

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TITLE = "Größe 漢字 🚀"
DEALS = 250


def metric(
    measure: str = "count",
    field: str | None = None,
    *only: Condition,
    body: Any = "Deals",
    window: Any = None,
    **more: Any,
) -> Metric:
    range_ = body if isinstance(body, RangeBody) else RangeBody(body)
    return Metric(Query("numbers", range_, Filter(only, window)), Measure(measure, field, **more))


def is_(field: str, *values: str) -> Condition:
    return Condition(field, "in" if len(values) > 1 else "=", values)


def fill(document: Document, service: GoogleSheets) -> None:
    person = service.person(document)
    batch = [{"addSheet": {"properties": {"title": title}}} for title in ("Deals", "Totals", TITLE, "Answers")]
    apply_batch(document, OWNER, {"requests": batch})
    rows = [["Deal", "Amount", "Stage", "Discount", "Closed", "Paid"]]
    for number in range(DEALS):
        amount = "0.1" if number != 7 else ""
        stage = "Won" if number % 10 == 0 else "Lost"
        closed = f"{1 + number % 28:02d}/10/2026" if number < 28 else ""
        rows.append([f"Deal {number}", amount, stage, "7.5%", closed, "TRUE" if number % 2 else "FALSE"])
    person.paste("Deals", "A1", rows)
    person.paste(
        "Totals", "A1", [["MRR", "1234.5"], ["Broken", "=1/0"], ["Text", "n/a"], ["Empty", ""], ["Share", "45%"]]
    )
    person.paste(TITLE, "A1", [["Größe"], ["größe"], ["漢字"], ["🚀"]])
    person.paste(
        "Answers",
        "A1",
        [
            ["Timestamp", "Score"],
            ["30/09/2026 23:59:59", "9"],
            ["01/10/2026 00:00:00", "10"],
            ["01/10/2026 18:00:00", "2"],
        ],
    )
    page = next(tab for tab in document.tabs if tab.title == "Totals")
    box = {"sheetId": page.id, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}
    named = {"addNamedRange": {"namedRange": {"name": "MRR", "range": box}}}
    table = {
        "addNamedRange": {"namedRange": {"name": "TOTALS", "range": {**box, "endRowIndex": 5, "startColumnIndex": 0}}}
    }
    apply_batch(document, OWNER, {"requests": [named, table]})


@dataclass
class Sheet:
    """The stand-in: one shared spreadsheet. Signing in is no call to the sheet."""

    service: GoogleSheets
    document: Document

    @property
    def url(self) -> str:
        return self.service.url

    def calls(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.service.requests if each.path.startswith("/v4/")]

    def spoil(self, spoil: Spoil) -> None:
        self.service.faults.add(
            Fault(
                match="/v4/", kind=spoil.kind, status=spoil.status, retry_after=spoil.retry_after,
                times=spoil.times, skip=spoil.skip,
            )
        )  # fmt: skip


@contextmanager
def serving(*, shared: bool = True) -> Iterator[Sheet]:
    service = GoogleSheets(clock=Clock(NOW))
    service.tell_time = lambda: None  # whoever asks lives in a time of their own
    with Server(service):
        document = service.create("Numbers", shared_with=[ROBOT] if shared else [])
        fill(document, service)
        service.requests.clear()
        yield Sheet(service, document)
    assert service.failures == []


class TestGoogleSheetContract(ConnectorContract):
    factory = GoogleSheet()
    environ: ClassVar[dict[str, str]] = {}  # the key names the server that is signed in at: known once it runs
    pages = 1  # a range comes whole
    tokens = 2  # one that Google doesn't know any more is replaced
    exact = Case(metric("sum", "Amount"), Decimal("24.9"))
    paged = Case(metric(), Decimal(DEALS))
    unicode = Case(metric("distinct", "Größe", body=f"'{TITLE}'"), Decimal(3))
    none = metric("avg", "Amount", is_("Stage", "Nobody"))
    no_records = Case(metric("count", None, is_("Stage", "Nobody")), Decimal(0))
    missing_field = (metric("sum", "Amuont"), "Amuont")
    broken = metric(body="Nope!A1:B")
    budget = (
        (metric(), metric("sum", "Amount"), metric("avg", "Amount", is_("Stage", "Won")), metric(body="MRR")),
        2,
    )
    bad_options = (
        ({"sheet": "Numbers"}, "sheet"),
        ({"sheet": "https://docs.google.com/document/d/1234567890123456789012345"}, "sheet"),
        ({"url": "http://sheets.example"}, "url"),
        ({"credentials": {"type": "service_account"}}, "credentials"),
    )
    document_id = "1" * 44

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with serving() as sheet:
            self.document_id = sheet.document.id
            type(self).environ["SOURCE_TOKEN"] = json.dumps(sheet.service.service_account())
            yield sheet

    def options(self, url: str) -> dict[str, Any]:
        address = f"https://docs.google.com/spreadsheets/d/{self.document_id}/edit#gid=0"
        return {"sheet": address, "credentials": "env:SOURCE_TOKEN", "url": url}


def ask(sheet: Sheet, *metrics: Metric, time: FakeTime | None = None) -> Mapping[Metric, Any]:
    contract = TestGoogleSheetContract()
    contract.document_id = sheet.document.id
    TestGoogleSheetContract.environ["SOURCE_TOKEN"] = json.dumps(sheet.service.service_account())
    return contract.ask(sheet, time or FakeTime(NOW), *metrics)


def one(sheet: Sheet, asked: Metric) -> Any:
    return ask(sheet, asked)[asked]


class TestCells:
    @pytest.mark.parametrize(("range_", "value"), [("Totals!B1", "1234.5"), ("MRR", "1234.5"), ("Totals!$B$5", "0.45")])
    def test_a_cell_is_its_number_and_a_percent_a_fraction(self, range_: str, value: str) -> None:
        with serving() as sheet:
            assert str(one(sheet, metric("sum", "value", body=range_)).value) == value

    def test_only_the_cells_that_are_asked_for_travel(self) -> None:
        with serving() as sheet:
            one(sheet, metric("sum", "value", body="MRR"))
            [call] = [each for each in sheet.service.requests if each.path.startswith("/v4/")]
            assert call.query["ranges"] == ["MRR"]
            assert "effectiveValue" in call.query["fields"][0]

    def test_an_empty_cell_is_no_zero(self) -> None:
        with serving() as sheet:
            for address in ("Totals!B4", "Totals!Z99"):
                gap = one(sheet, metric("sum", "value", body=address))
                assert gap.kind is GapKind.EMPTY

    @pytest.mark.parametrize(("address", "said"), [("Totals!B2", "#DIV/0!"), ("Totals!B3", "“n/a”, not a number")])
    def test_an_error_or_a_text_is_misread_with_the_cell_s_address(self, address: str, said: str) -> None:
        with serving() as sheet:
            gap = one(sheet, metric("sum", "value", body=address))
            assert gap.kind is GapKind.MISREAD
            assert address in gap.reason
            assert said in gap.reason

    def test_a_cell_has_one_field(self) -> None:
        with serving() as sheet:
            gap = one(sheet, metric("sum", "Amount", body="Totals!B1"))
            assert gap.kind is GapKind.MISREAD
            assert "{sum: value}" in gap.fix

    def test_a_range_without_a_header_is_its_filled_cells(self) -> None:
        with serving() as sheet:
            numbers = RangeBody("Deals!B2:B11", header=False)
            assert str(one(sheet, metric("sum", "value", body=numbers)).value) == "0.9"
            assert one(sheet, metric(body=numbers)).value == 9

    def test_a_named_range_of_several_cells_is_a_table(self) -> None:
        with serving() as sheet:
            assert one(sheet, metric("count", None, is_("MRR", "Share"), body="TOTALS")).value == 1


class TestTables:
    def test_conditions_numbers_and_percents(self) -> None:
        with serving() as sheet:
            outcomes = ask(
                sheet,
                metric("sum", "Amount", is_("Stage", "Won")),
                metric("avg", "Discount"),
                metric("share", of=(is_("Paid", "yes"),)),
            )
            assert [outcome.value for outcome in outcomes.values()] == [
                Decimal("2.5"),
                Decimal("0.075"),
                Decimal("0.5"),
            ]
            assert len(sheet.calls()) == 1

    def test_a_record_without_the_field_is_left_out_and_told(self) -> None:
        with serving() as sheet:
            reading = one(sheet, metric("sum", "Amount"))
            assert (reading.counted, reading.left_out) == (DEALS - 1, 1)

    def test_days_lie_within_a_window(self) -> None:
        start, end = datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 10, 8, tzinfo=BERLIN)
        with serving() as sheet:
            assert one(sheet, metric(window=Window("Closed", start, end))).value == 3

    def test_the_answers_of_a_form_are_moments_in_the_sheet_s_zone(self) -> None:
        start, end = datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2026, 10, 2, tzinfo=BERLIN)
        with serving() as sheet:
            asked = metric("sum", "Score", body="Answers", window=Window("Timestamp", start, end))
            reading = one(sheet, asked)
            assert (reading.value, reading.counted) == (12, 2)
            assert reading.samples[0].link == (
                f"https://docs.google.com/spreadsheets/d/{sheet.document.id}/edit#gid="
                f"{next(tab.id for tab in sheet.document.tabs if tab.title == 'Answers')}&range=3:3"
            )

    def test_unticked_boxes_and_empty_texts_make_no_record(self) -> None:
        with serving() as sheet:
            rows = [["", "", "", "", "", "FALSE"], ['=""', "", "", "", "", "FALSE"]]
            sheet.service.person(sheet.document).paste("Deals", f"A{DEALS + 3}", rows)
            assert one(sheet, metric()).value == DEALS

    def test_a_table_may_begin_anywhere(self) -> None:
        with serving() as sheet:
            rows = [["Name", "Points"], ["a", "1"], ["b", "2"]]
            sheet.service.person(sheet.document).paste("Totals", "D10", rows)
            assert one(sheet, metric("sum", "Points", body="Totals!D8:E")).value == 3

    def test_a_header_that_stands_twice_is_ambiguous_and_spoils_no_other(self) -> None:
        with serving() as sheet:
            sheet.service.person(sheet.document).type("Deals", "G1", "Amount")
            outcomes = ask(sheet, metric("sum", "Amount"), metric())
            gap, count = outcomes.values()
            assert "Deals!B1 and Deals!G1" in gap.reason
            assert count.value == DEALS

    def test_a_misspelt_header_gets_a_suggestion(self) -> None:
        with serving() as sheet:
            gap = one(sheet, metric("count", None, is_("Stgae", "Won")))
            assert "“Stgae”" in gap.reason
            assert gap.fix == "Did you mean “Stage”?"

    def test_an_error_in_a_record_that_counts_is_misread_with_its_address(self) -> None:
        with serving() as sheet:
            sheet.service.person(sheet.document).type("Deals", "B12", "=1/0")
            outcomes = ask(sheet, metric("sum", "Amount", is_("Stage", "Won")), metric())
            gap, count = outcomes.values()
            assert "Deals!B12 (“Amount”) is #DIV/0!" in gap.reason
            assert count.value == DEALS

    def test_an_error_in_a_record_that_does_not_count_is_passed_over(self) -> None:
        with serving() as sheet:
            sheet.service.person(sheet.document).type("Deals", "B13", "=1/0")
            assert one(sheet, metric("sum", "Amount", is_("Stage", "Won"))).value == Decimal("2.5")

    def test_an_error_in_what_decides_is_never_passed_over(self) -> None:
        with serving() as sheet:
            sheet.service.person(sheet.document).type("Deals", "C13", "=1/0")
            gap = one(sheet, metric("count", None, is_("Stage", "Won")))
            assert "Deals!C13 (“Stage”)" in gap.reason

    def test_a_text_for_a_number_names_row_and_column(self) -> None:
        with serving() as sheet:
            sheet.service.person(sheet.document).type("Deals", "B12", "soon")
            gap = one(sheet, metric("sum", "Amount"))
            assert "“Amount” of Deals!12:12 is “soon”, not a number" in gap.reason

    def test_an_emptied_tab_is_no_zero(self) -> None:
        with serving() as sheet:
            sheet.service.person(sheet.document).clear("Deals", "A1:F999")
            gap = one(sheet, metric())
            assert gap.kind is GapKind.MISREAD
            assert "not even a header" in gap.reason


def test_a_key_result_s_source_leads_to_the_sheet() -> None:
    from connectors.google_sheet_forms import GoogleSheetOptions

    id_ = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
    for written in (id_, f"https://docs.google.com/spreadsheets/d/{id_}/edit?usp=sharing#gid=3"):
        options = GoogleSheetOptions.model_validate({"sheet": written, "credentials": "env:KEY"})
        assert GoogleSheet().make_link(options, metric().query) == f"https://docs.google.com/spreadsheets/d/{id_}/edit"


class TestRefusals:
    def test_a_sheet_that_is_not_shared_names_the_account(self) -> None:
        with serving(shared=False) as sheet:
            gap = one(sheet, metric())
            assert gap.kind is GapKind.REFUSED
            assert ROBOT in gap.fix
            assert "as a viewer" in gap.fix
            assert len(sheet.calls()) == 1

    def test_a_key_that_is_none_names_its_setting(self) -> None:
        with serving() as sheet:
            contract = TestGoogleSheetContract()
            contract.document_id = sheet.document.id
            contract.environ = {"SOURCE_TOKEN": "no key at all"}  # type: ignore[misc]
            gap = contract.ask(sheet, FakeTime(NOW), metric())[metric()]
            assert gap.kind is GapKind.REFUSED
            assert "sources.numbers.credentials (env:SOURCE_TOKEN)" in gap.reason

    def test_an_unknown_tab_is_misread(self) -> None:
        with serving() as sheet:
            gap = one(sheet, metric(body="Nope!A1:B"))
            assert gap.kind is GapKind.MISREAD
            assert "Nope" in gap.reason

    def test_an_answer_of_another_shape_is_misread(self) -> None:
        with serving() as sheet:
            for body in (
                {},
                {"properties": {"timeZone": "Europe/Berlin"}},
                {"properties": {"timeZone": "Nowhere"}, "sheets": []},
            ):
                sheet.service.faults.add(Fault(match="/v4/", status=200, body=body))
                assert one(sheet, metric()).kind is GapKind.MISREAD


def test_what_a_sheet_cannot_tell_is_refused_beforehand() -> None:
    from mappings.model import Elapsed

    grammar, body = GoogleSheetGrammar(), RangeBody("Deals")
    assert "share" in (grammar.check_use(body, Filter(), Measure("percent_done")) or "")
    workdays = Measure("avg", elapsed=Elapsed("workdays", "a", "b"))
    assert "date fields" in (grammar.check_use(body, Filter(), workdays) or "")
    window = Window("Closed", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    said = grammar.render_query(body, Filter((is_("Stage", "Won"),), window))
    assert said == "Deals, where Stage = Won, Closed from 2026-10-01 until before 2027-01-01"

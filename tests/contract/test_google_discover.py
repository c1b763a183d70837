"""What ``discover`` says of a Google sheet: by the real client over real sockets, in two reads."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import CanDiscover, SourceMisread, SourceRefused
from connectors.findings import Findings, Item
from connectors.google_sheet import GoogleSheet
from connectors.testing import FakeTime, make_options
from mappings.resolve import resolve
from sandbox.wire import Fault
from tests.contract.test_google_sheet import DEALS, NOW, Sheet, serving


@pytest.fixture(scope="module")
def sheet() -> Iterator[Sheet]:
    with serving() as found:
        yield found


def discover(sheet: Sheet) -> Findings:
    written = {"sheet": sheet.document.id, "credentials": "env:KEY", "url": sheet.url}
    options = make_options(GoogleSheet(), written, {"KEY": json.dumps(sheet.service.service_account())})
    connector = GoogleSheet().make("numbers", options, FakeTime(NOW).around())
    assert isinstance(connector, CanDiscover)
    try:
        return connector.discover()
    finally:
        connector.close()


def listed(found: Findings, title: str) -> dict[str, Item]:
    [listing] = [each for each in found.listings if each.title == title]
    return {item.name: item for item in listing.items}


def test_tabs_fields_and_named_ranges(sheet: Sheet) -> None:
    sheet.service.requests.clear()
    found = discover(sheet)
    assert len(sheet.calls()) == 2
    assert set(sheet.calls()) == {f"GET /v4/spreadsheets/{sheet.document.id}"}
    tabs = listed(found, "Tabs")
    assert "header in row 1" in tabs["Deals"].note
    assert "header" not in tabs["Totals"].note  # its first row is a label and a number
    fields = listed(found, "Fields of Deals")
    assert [(name, fields[name].id, fields[name].kind) for name in ("Deal", "Amount", "Closed", "Paid")] == [
        ("Deal", "A", "text"),
        ("Amount", "B", "number"),
        ("Closed", "E", "date"),
        ("Paid", "F", "yes or no"),
    ]
    assert fields["Discount"].note == "such as 7.50%"
    named = listed(found, "Named ranges")
    assert (named["MRR"].kind, named["MRR"].note) == ("cell", "Totals!B1")
    assert (named["TOTALS"].kind, named["TOTALS"].note) == ("range", "Totals!A1:B5")


def test_no_more_than_the_first_rows_travel(sheet: Sheet) -> None:
    sheet.service.requests.clear()
    discover(sheet)
    *_, last = (each for each in sheet.service.requests if each.path.startswith("/v4/"))
    assert DEALS > 20
    assert all(each.endswith("!1:20") for each in last.query["ranges"])


def test_the_mapping_that_it_prints_gives_numbers(sheet: Sheet) -> None:
    from tests.contract.test_google_sheet import ask

    lines = discover(sheet).mapping
    mappings, problems = resolve(
        {"first.yaml": "key_results:\n" + "".join(f"  {line}\n" for line in lines)}, {"numbers": GoogleSheet.grammar}
    )
    assert problems == ()
    assert sorted(mappings.key_results) == ["KR-1", "KR-2", "KR-3"]
    assert lines[2] == "KR-3: {numbers: MRR, measure: {sum: value}}"
    from connectors.google_sheet_grammar import RangeBody
    from mappings.model import Filter, Measure, Metric, Query

    asked = Metric(Query("numbers", RangeBody("MRR"), Filter()), Measure("sum", "value"))
    assert str(ask(sheet, asked)[asked].value) == "1234.5"


@pytest.mark.parametrize("body", [{}, {"sheets": 7}, {"sheets": [{}]}, {"sheets": [], "properties": {}}])
def test_an_answer_of_another_shape_is_misread(sheet: Sheet, body: Any) -> None:
    sheet.service.faults.add(Fault(match="/v4/", status=200, body=body, times=None))
    try:
        with pytest.raises(SourceMisread):
            discover(sheet)
    finally:
        sheet.service.faults.clear()


def test_a_sheet_that_is_not_shared_names_the_account() -> None:
    with serving(shared=False) as sheet, pytest.raises(SourceRefused) as caught:
        discover(sheet)
    assert "gserviceaccount.com" in f"{caught.value} {caught.value.fix}"

"""The page that shows a spreadsheet as a person sees it."""

import re
from datetime import UTC, date, datetime

import pytest

from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.page import render_page

TODAY = date(2026, 11, 22)
RED, GREEN = {"red": 1}, {"green": 1}


@pytest.fixture
def service():
    return GoogleSheets(Clock(datetime(2026, 11, 22, 9, tzinfo=UTC)))


@pytest.fixture
def book(service):
    document = service.create("Book & <Co>")
    batch(
        document,
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "title": "KRs", "gridProperties": {"frozenRowCount": 1}},
                "fields": "title,gridProperties.frozenRowCount",
            }
        },
    )
    person = service.person(document)
    person.paste("KRs", "A1", [["id", "score", "next"], ["b", "0.2", "=B2*2"], ["a", "0.9", "=B3*2"]])
    return document


@pytest.fixture
def person(service, book):
    return service.person(book)


def batch(document, *requests):
    return apply_batch(document, ROBOT, {"requests": list(requests)})


def cell(html, address):
    """The opening tag and content of a cell on the page."""
    found = re.search(rf'<td class="([^"]*)" data-a="{address}"([^>]*)>(.*?)</td>', html)
    assert found, address
    return found.groups()


def look(html, address):
    """The CSS of a cell's class."""
    name = next((each for each in cell(html, address)[0].split() if re.fullmatch(r"s\d+", each)), None)
    return re.search(rf"td\.{name}\{{(.*?)\}}", html)[1] if name else ""


def cells(top, bottom, left, right):
    return {
        "sheetId": 0,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def paint(formula, colour, *area):
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    if not formula.startswith("="):
        kind, _, text = formula.partition(" ")
        condition = {"type": kind, "values": [{"userEnteredValue": text}]}
    rule = {"ranges": [cells(*area)], "booleanRule": {"condition": condition, "format": {"backgroundColor": colour}}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def test_the_page_is_whole_and_asks_for_nothing(book):
    html = render_page(book, TODAY)
    assert "<title>Book &amp; &lt;Co&gt;</title>" in html
    assert not re.search(r"(?:src|href)=|@import|url\(|https?://", html)


def test_values_show_as_formatted_and_formulas_as_their_results(book, person):
    person.type("KRs", "B2", "20%")
    html = render_page(book, TODAY)
    assert cell(html, "B2")[2] == "20%"
    assert "n" in cell(html, "B2")[0].split()
    assert cell(html, "C3")[2] == "1.8"
    assert 'data-f="=B3*2"' in cell(html, "C3")[1]


def test_text_is_escaped(book, person):
    person.type("KRs", "A2", "<script>alert(1)</script>")
    person.add_note("KRs", "A2", '"><b>')
    html = render_page(book, TODAY)
    assert "<script>alert" not in html
    assert cell(html, "A2")[2] == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert 'data-note="&quot;&gt;&lt;b&gt;"' in cell(html, "A2")[1]


def test_notes_have_a_mark(book, person):
    person.add_note("KRs", "B2", "why")
    html = render_page(book, TODAY)
    assert "note" in cell(html, "B2")[0].split()
    assert "note" not in cell(html, "B3")[0].split()


@pytest.mark.parametrize(
    ("rule", "painted"),
    [
        ('=$A2="a"', ["B3"]),
        ("=$B2>0.5", ["B3"]),
        ('=AND($D2<>"",TODAY()-$D2>2)', ["B2"]),
        ('=($D2<>"")*(TODAY()-INDIRECT("_okr_sync!$C$1")>1)>0', ["B2", "B3"]),
        ("NUMBER_GREATER 0.5", ["B3"]),
        ("NUMBER_LESS_THAN_EQ 0.2", ["B2"]),
        ("TEXT_EQ a", []),
        ("=NOSUCH($A2)", []),
    ],
)
def test_conditional_rules_are_evaluated_for_each_cell(book, person, rule, painted):
    batch(book, {"addSheet": {"properties": {"sheetId": 9, "title": "_okr_sync", "hidden": True}}})
    person.type("_okr_sync", "C1", "2026-11-20")
    person.paste("KRs", "D2", [["2026-11-18"], ["2026-11-21"]])
    batch(book, paint(rule, GREEN, 1, 3, 1, 2))
    html = render_page(book, TODAY)
    assert [at for at in ("B2", "B3") if "background-color:#00ff00" in look(html, at)] == painted
    assert "_okr_sync</button>" not in html


def test_the_page_is_drawn_for_the_day_it_is_asked_for(book, person):
    person.type("KRs", "D2", "2026-11-21")
    batch(book, paint("=TODAY()-$D2>2", RED, 1, 2, 1, 2))
    assert "background-color:#ff0000" not in look(render_page(book, TODAY), "B2")
    assert "background-color:#ff0000" in look(render_page(book, date(2026, 11, 24)), "B2")


def test_of_two_rules_the_first_wins(book):
    batch(book, paint("=TRUE", RED, 1, 2, 0, 1), paint("=TRUE", GREEN, 1, 2, 0, 1))
    assert "background-color:#00ff00" in look(render_page(book, TODAY), "A2")


def test_formats_merges_dropdowns_and_boxes(book):
    form = {
        "textFormat": {"bold": True, "foregroundColor": RED},
        "horizontalAlignment": "CENTER",
        "wrapStrategy": "WRAP",
    }
    choice = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}, "showCustomUi": True}
    batch(
        book,
        {
            "repeatCell": {
                "range": cells(0, 1, 0, 1),
                "cell": {"userEnteredFormat": form},
                "fields": "userEnteredFormat",
            }
        },
        {"updateBorders": {"range": cells(1, 2, 0, 1), "bottom": {"style": "SOLID_MEDIUM", "color": RED}}},
        {"setDataValidation": {"range": cells(2, 3, 0, 1), "rule": choice}},
        {"setDataValidation": {"range": cells(5, 6, 0, 1), "rule": {"condition": {"type": "BOOLEAN"}}}},
        {"mergeCells": {"range": cells(7, 9, 0, 3)}},
    )
    html = render_page(book, TODAY)
    assert {"text-align:center", "color:#ff0000", "font-weight:bold"} <= set(look(html, "A1").split(";"))
    assert "wrap" in cell(html, "A1")[0].split()
    assert "border-bottom:2px solid #ff0000" in look(html, "A2")
    assert cell(html, "A3")[2] == '<span class="chip">a</span>'
    assert "☐" in cell(html, "A6")[2]
    assert 'colspan="3" rowspan="2"' in cell(html, "A8")[1]
    assert 'data-a="B9"' not in html


def test_hidden_filtered_and_folded_things(book, person):
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    hide = {
        "range": {**span, "startIndex": 4, "endIndex": 5},
        "properties": {"hiddenByUser": True},
        "fields": "hiddenByUser",
    }
    folded = {"dimensionGroup": {"range": span, "depth": 1, "collapsed": True}, "fields": "collapsed"}
    batch(
        book,
        {"addDimensionGroup": {"range": span}},
        {"updateDimensionGroup": folded},
        {"updateDimensionProperties": hide},
    )
    person.filter("KRs", "id", ["b"])
    html = render_page(book, TODAY)
    assert 'data-a="A2"' not in html
    assert 'data-a="A3"' in html
    assert 'data-a="E1"' not in html
    assert "k0" in cell(html, "B1")[0].split()
    assert 'title="Columns B–B, folded"' in html
    assert "▼" in cell(html, "A1")[2]


def test_a_spreadsheet_with_formulas_in_a_circle_still_shows(book, person):
    person.type("KRs", "A5", "=A6")
    person.type("KRs", "A6", "=A5")
    assert cell(render_page(book, TODAY), "A5")[2] == "#REF!"

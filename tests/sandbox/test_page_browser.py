"""The page in a real browser: what is clicked, hovered, coloured and drawn; and no word of complaint on its console."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.page import render_page
from tests.support.browser import browse
from tests.support.tools import needs

TODAY = date(2026, 11, 22)
LOOK = """
<script>
const page = [], cell = at => document.querySelector(`.sheet.on [data-a="${at}"]`);
const css = (at, name) => getComputedStyle(cell(at))[name];
const seen = element => element ? element.getBoundingClientRect().width > 0 : false;
const told = {};
told.opened = document.querySelector('.tab.on').textContent;
told.tabs = [...document.querySelectorAll('.tab')].map(each => each.textContent);
told.painted = css('B3', 'backgroundColor'); told.plain = css('B2', 'backgroundColor');
told.border = css('A1', 'borderBottomWidth') + ' ' + css('A1', 'borderBottomColor');
told.heading = css('A1', 'fontWeight'); told.shown = cell('B2').innerText;
const bubble = document.getElementById('note');
const over = at => cell(at).dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
told.before = seen(bubble); over('B2'); told.note = bubble.innerText; told.over = seen(bubble);
const edge = bubble.getBoundingClientRect();
told.inside = edge.left >= cell('B2').getBoundingClientRect().right && edge.bottom <= innerHeight;
over('C3'); told.after = seen(bubble);
told.folded = [seen(cell('D1')), seen(cell('A7')), seen(cell('A9'))];
document.querySelectorAll('.sheet.on [data-fold]').forEach(each => each.click());
told.unfolded = [seen(cell('D1')), seen(cell('A7')), seen(cell('A9'))];
cell('C2').click();
told.bar = document.getElementById('at').textContent + ' ' + document.getElementById('fx').textContent;
told.charts = [...document.querySelectorAll('.sheet.on .chart')].map(each => [seen(each),
  each.querySelectorAll('rect title').length, each.querySelectorAll('polyline').length,
  each.querySelector('.title').textContent, Math.round(each.getBoundingClientRect().left)]);
document.querySelectorAll('.tab')[1].click();
told.then = document.querySelector('.tab.on').textContent + ' ' + cell('A1').innerText + ' ' + location.hash;
document.body.dataset.told = JSON.stringify(told);
</script>
"""


def area(top, bottom, left, right):
    return {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}


def data(at):
    return {"sourceRange": {"sources": [area(0, 4, at, at + 1)]}}


def chart(kind, column, number):
    basic = {
        "chartType": kind,
        "headerCount": 1,
        "domains": [{"domain": data(0)}],
        "series": [{"series": data(1)}, {"series": data(2), "color": {"red": 1}}],
        "axis": [{"position": "BOTTOM_AXIS", "title": "Key result"}, {"position": "LEFT_AXIS", "title": "Score"}],
    }
    if kind == "COMBO":
        basic["series"][1]["type"] = "LINE"
    place = {"anchorCell": {"rowIndex": 10, "columnIndex": column}, "widthPixels": 400, "heightPixels": 200}
    spec = {"title": f"Scores & <{kind.lower()}>", "basicChart": basic}
    return {"addChart": {"chart": {"chartId": number, "spec": spec, "position": {"overlayPosition": place}}}}


def other_chart(number, spec):
    place = {"anchorCell": {"rowIndex": 30, "columnIndex": number % 3 * 3}, "widthPixels": 300, "heightPixels": 200}
    spec |= {"title": next(iter(spec)), "subtitle": "of this quarter"}
    return {"addChart": {"chart": {"chartId": number, "spec": spec, "position": {"overlayPosition": place}}}}


@pytest.fixture
def book():
    service = GoogleSheets(Clock(datetime(2026, 11, 22, 9, tzinfo=UTC)))
    document = service.create("Book")
    person = service.person(document)
    rows = [["Key result", "score", "twice", "more"], ["a", "20%", "=B2*2"], ["b", "0.9", "=B3*2"], ["c", "-0.1", "1"]]
    person.paste("Sheet1", "A1", rows)
    person.paste("Sheet1", "A7", [["six"], ["seven"], ["eight"]])
    person.add_note("Sheet1", "B2", 'Typed by "Ann" <ann@acme.example>')
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$B2>0.5"}]}
    green = {"condition": condition, "format": {"backgroundColor": {"green": 1}}}
    columns = {"dimension": "COLUMNS", "startIndex": 3, "endIndex": 5}
    lower, open_ = ({"dimension": "ROWS", "startIndex": start, "endIndex": start + 1} for start in (6, 8))
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    requests = [
        {"addSheet": {"properties": {"sheetId": 7, "title": "Other"}}},
        {"addSheet": {"properties": {"sheetId": 8, "title": "Hidden", "hidden": True}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [area(1, 9, 1, 2)], "booleanRule": green}, "index": 0}},
        {"repeatCell": {"range": area(0, 1, 0, 4), "cell": bold, "fields": "userEnteredFormat.textFormat.bold"}},
        {"updateBorders": {"range": area(0, 1, 0, 4), "bottom": {"style": "SOLID_MEDIUM", "color": {"red": 1}}}},
        *({"addDimensionGroup": {"range": each}} for each in (columns, lower, open_)),
        *(
            {
                "updateDimensionGroup": {
                    "dimensionGroup": {"range": each, "depth": 1, "collapsed": True},
                    "fields": "collapsed",
                }
            }
            for each in (columns, lower)
        ),
        *(chart(kind, column, number) for number, (kind, column) in enumerate(
            (("COLUMN", 0), ("BAR", 2), ("LINE", 6), ("AREA", 6), ("COMBO", 6), ("SCATTER", 6)), 1
        )),
        other_chart(7, {"pieChart": {"legendPosition": "BOTTOM_LEGEND", "domain": data(0), "series": data(2)}}),
        other_chart(8, {"scorecardChart": {"keyValueData": data(1), "aggregateType": "SUM"}}),
        other_chart(9, {"histogramChart": {"series": [{"data": data(1)}]}}),
    ]  # fmt: skip
    apply_batch(document, ROBOT, {"requests": requests})
    person.type("Other", "A1", "elsewhere")
    return document


@needs("chromium")
def test_the_page_lives_in_a_browser(book, tmp_path):
    html, console = browse(tmp_path, render_page(book, TODAY).replace("</body>", LOOK + "</body>"))
    assert console == []
    found = re.search(r'data-told="([^"]*)"', html)
    assert found, "the page's script broke off"
    told = json.loads(found[1].replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    left = [44 - 0, 44 + 200]
    assert told["tabs"] == ["Sheet1", "Other"]
    assert (told["opened"], told["then"]) == ("Sheet1", "Other elsewhere #gid=7")
    assert (told["painted"], told["plain"]) == ("rgb(0, 255, 0)", "rgba(0, 0, 0, 0)")
    assert (told["border"], told["heading"]) == ("2px rgb(255, 0, 0)", "700")
    assert (told["shown"], told["note"]) == ("20%", 'Typed by "Ann" <ann@acme.example>')
    assert (told["before"], told["over"], told["inside"], told["after"]) == (False, True, True, False)
    assert (told["folded"], told["unfolded"]) == ([False, False, True], [True, True, False])
    assert told["bar"] == "C2 =B2*2"
    assert [each[:4] for each in told["charts"]] == [
        [True, 6, 0, "Scores & <column>"],
        [True, 6, 0, "Scores & <bar>"],
        [True, 0, 2, "Scores & <line>"],
        [True, 0, 2, "Scores & <area>"],
        [True, 3, 1, "Scores & <combo>"],
        [True, 0, 0, "Scores & <scatter>"],
        [True, 0, 0, "pieChart"],
        [True, 0, 0, "scorecardChart"],
        [True, 0, 0, "histogramChart"],
    ]
    assert [each[4] for each in told["charts"]][:2] == left


@needs("chromium")
def test_a_page_that_breaks_would_be_noticed(book, tmp_path):
    _, console = browse(tmp_path, render_page(book, TODAY).replace("<script>", "<script>nowhere();", 1))
    assert any("nowhere is not defined" in line for line in console)


def test_a_charts_data_and_corner_follow_inserted_lines(book):
    span = {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    apply_batch(
        book, ROBOT, {"requests": [{"insertDimension": {"range": span}}, {"deleteEmbeddedObject": {"objectId": 4}}]}
    )
    first = book.tabs[0].lists["charts"][0]
    assert first["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 11
    assert first["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"] == [area(0, 5, 1, 2)]


def test_a_copied_tabs_charts_look_at_the_copy(book):
    reply = apply_batch(book, ROBOT, {"requests": [{"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 99}}]})
    assert reply["replies"][0]["duplicateSheet"]["properties"]["sheetId"] == 99
    copied = book.tab(99).lists["charts"][0]
    assert copied["spec"]["basicChart"]["domains"][0]["domain"]["sourceRange"]["sources"][0]["sheetId"] == 99
    assert "sheetId" not in book.tab(0).lists["charts"][0]["position"]["overlayPosition"]["anchorCell"]


def test_a_chart_is_drawn_to_scale(book):
    html = render_page(book, TODAY)
    bars = re.findall(r'y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#4285f4"><title>score: ([^<]*)', html)
    top = {value: (float(y), float(high)) for y, high, value in bars[:3]}
    assert set(top) == {"0.2", "0.9", "-0.1"}
    assert top["0.9"][1] / top["0.2"][1] == pytest.approx(4.5, rel=0.02)
    assert top["-0.1"][0] == pytest.approx(sum(top["0.9"]), abs=0.2)  # what is below nothing hangs from the same line


def svg(html, number):
    return re.search(rf'<svg class="chart" data-chart="{number}".*?</svg>', html, re.S)[0]


def test_each_kind_of_chart_is_drawn_with_its_titles_and_keys(book):
    html = render_page(book, TODAY)
    area_, combo, dots, pie, card, other = (svg(html, number) for number in range(4, 10))
    assert area_.count("<polygon") == 2
    assert (combo.count("<rect x=") - 2, combo.count("<polyline"), combo.count("<circle")) == (3, 1, 3)
    for each in (area_, combo):
        assert ">Key result</text>" in each
        assert ">Score</text>" in each
        assert each.count('class="axis key"') == 2
        assert ">180%</text>" in each  # the axis is in percent as its cells are
    assert dots.count("<circle") == 0  # names are no numbers
    assert re.findall("<title>([^<]*)</title>", pie) == ["a: 0.4 (12.5%)", "b: 1.8 (56.2%)", "c: 1 (31.2%)"]
    assert "of this quarter" in pie
    assert ">20%</text>" in card
    assert "The sandbox draws no histogramChart." in other


def test_dots_stand_where_both_numbers_say(book):
    spec = {
        "basicChart": {
            "chartType": "SCATTER", "headerCount": 1, "domains": [{"domain": data(1)}], "series": [{"series": data(2)}],
        }
    }  # fmt: skip
    apply_batch(book, ROBOT, {"requests": [{"updateChartSpec": {"chartId": 6, "spec": spec}}]})
    places = {
        told: float(x)
        for x, told in re.findall(r'<circle cx="([\d.]+)"[^>]*><title>([^<]*)', svg(render_page(book, TODAY), 6))
    }
    assert list(places) == ["twice: 0.2, 0.4", "twice: 0.9, 1.8", "twice: -0.1, 1"]
    left, right, least = places.values()
    assert (left - least) / (right - least) == pytest.approx(0.3, rel=0.01)


def test_stacked_columns_stand_on_one_another_and_shares_fill_the_axis(book):
    spec = book.tabs[0].lists["charts"][0]["spec"]
    for kind, most in (("STACKED", 2.7), ("PERCENT_STACKED", 1)):
        spec["basicChart"]["stackedType"] = kind
        drawn = svg(render_page(book, TODAY), 1)
        bars = re.findall(
            r'<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="[^"]*"><title>', drawn
        )
        (x, y, high), (over_x, over_y, over_high) = bars[1], bars[4]
        assert (x, float(y)) == (over_x, pytest.approx(float(over_y) + float(over_high), abs=0.2))
        assert float(over_high) / float(high) == pytest.approx(2, rel=0.02)
        assert f">{most:.0%}</text>" in drawn


def test_a_line_breaks_off_where_a_number_is_missing_unless_the_chart_says(book):
    basic = book.tabs[0].lists["charts"][2]["spec"]["basicChart"]
    apply_batch(book, ROBOT, {"requests": [{"updateCells": {
        "start": {"rowIndex": 2, "columnIndex": 1}, "rows": [{"values": [{}]}], "fields": "userEnteredValue",
    }}]})  # fmt: skip
    pieces = [len(basic["series"]) + more for more in (1, 0)]
    assert svg(render_page(book, TODAY), 3).count("<polyline") == pieces[0]
    basic["interpolateNulls"] = True
    assert svg(render_page(book, TODAY), 3).count("<polyline") == pieces[1]


def test_the_names_of_bars_get_up_to_a_third_of_the_chart(book):
    def names():
        return re.findall(r'text-anchor="end">([^<]*)<', svg(render_page(book, TODAY), 2))

    book.tabs[0].lists["charts"][1]["spec"]["basicChart"]["legendPosition"] = "NO_LEGEND"
    assert names() == ["a", "b", "c"]
    text = "Nurses swap their shifts without a call"
    cell = {"userEnteredValue": {"stringValue": text}}
    apply_batch(book, ROBOT, {"requests": [{"updateCells": {
        "start": {"rowIndex": 1, "columnIndex": 0}, "rows": [{"values": [cell]}], "fields": "userEnteredValue",
    }}]})  # fmt: skip
    cut = names()[0]
    assert text.startswith(cut[:-1])
    assert (len(cut) > 14, cut[-1]) == (True, "…")


def test_an_axis_starts_and_ends_where_the_chart_says(book):
    axis = {"position": "LEFT_AXIS", "viewWindowOptions": {"viewWindowMin": 0, "viewWindowMax": 4}}
    book.tabs[0].lists["charts"][0]["spec"]["basicChart"]["axis"] = [axis]
    assert re.findall(r">(\d+)%</text>", svg(render_page(book, TODAY), 1)) == ["0", "100", "200", "300", "400"]

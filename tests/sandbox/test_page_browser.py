"""The page in a real browser: what is clicked, hovered, coloured and drawn; and no word of complaint on its console."""

import json
import re
import shutil
import subprocess
from datetime import UTC, date, datetime

import pytest

from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.page import render_page
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
told.heading = css('A1', 'fontWeight'); told.shown = cell('B2').innerText; told.note = cell('B2').title;
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


def chart(kind, column, number):
    def data(at):
        return {"sourceRange": {"sources": [area(0, 4, at, at + 1)]}}

    basic = {
        "chartType": kind,
        "headerCount": 1,
        "domains": [{"domain": data(0)}],
        "series": [{"series": data(1)}, {"series": data(2), "color": {"red": 1}}],
    }
    place = {"anchorCell": {"rowIndex": 10, "columnIndex": column}, "widthPixels": 400, "heightPixels": 200}
    spec = {"title": f"Scores & <{kind.lower()}>", "basicChart": basic}
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
            (("COLUMN", 0), ("BAR", 2), ("LINE", 6), ("AREA", 6)), 1
        )),
    ]  # fmt: skip
    apply_batch(document, ROBOT, {"requests": requests})
    person.type("Other", "A1", "elsewhere")
    return document


def browse(folder, html):
    """What the browser makes of a page, and what it says on its console."""
    page = folder / "page.html"
    page.write_text(html, "utf-8")
    program = shutil.which("chromium")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    asked = [program, *options, f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--v=0",
             "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]  # fmt: skip
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


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
    assert (told["folded"], told["unfolded"]) == ([False, False, True], [True, True, False])
    assert told["bar"] == "C2 =B2*2"
    assert [each[:4] for each in told["charts"]] == [
        [True, 6, 0, "Scores & <column>"],
        [True, 6, 0, "Scores & <bar>"],
        [True, 0, 2, "Scores & <line>"],
        [True, 0, 0, "Scores & <area>"],
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
    assert "The sandbox draws no AREA." in html

"""The charts of the Dashboard, and the numbers that they draw: as values, in Google's words, in a workbook's parts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.chart import BarChart, Reference

from okr.model import Key, Level
from sync.sheet.chart import TITLES, ChartKind, ChartName, chart_id
from sync.sheet.dashboard import draw_dashboard, draw_empty_dashboard
from sync.sheet.dashboard_charts import OBJECTIVES_AT_MOST, PLACES
from sync.sheet.dashboard_facts import WeekPoint
from sync.sheet.dashboard_head import GLANCE_HEIGHT, GLANCE_ROWS, LEAD_HEIGHT
from sync.sheet.dashboard_rows import WIDTHS
from sync.sheet.google_chart import CHART_MASK, make_chart, make_chart_update, make_missing_charts, parse_charts
from sync.sheet.google_draw import make_drawing
from sync.sheet.layout import Tab
from sync.sheet.store import Batch
from sync.sheet.workbook import WorkbookStore
from sync.sheet.workbook_chart_xml import CHART, render_chart
from tests.contract.store_contract import NOW, make_wish
from tests.support.foreign_workbook import read_parts
from tests.unit.dashboards import facts_of, result
from tests.unit.google_discovery import mask_faults, request_faults

D = Decimal
START = date(2026, 10, 5)
COURSE = tuple(
    WeekPoint(START + timedelta(days=7 * at), None if at in (0, 3) else D(at) / 10, D(at + 1) / 10) for at in range(4)
)


def drawing_of(*ids, **rest):
    return draw_dashboard(facts_of(result("A.1"), objectives=ids or ("A", "B"), course=COURSE, **rest))


def chart_of(drawing, name):
    return next(chart for chart in drawing.charts if chart.name is name)


def numbers_of(drawing, chart):
    """What a chart draws: the texts and numbers of its columns, the headers first."""
    columns = (chart.names, *(series.column for series in chart.series))
    rows = [drawing.rows[row] for row in range(chart.top, chart.bottom + 1)]
    return [[cell.value if (cell := row[column]) else None for column in columns] for row in rows]


# As values


def test_the_course_is_drawn_by_week_with_gaps_where_nothing_is_known():
    drawing = drawing_of()
    chart = chart_of(drawing, ChartName.COURSE)
    assert chart.kind is ChartKind.LINE
    assert numbers_of(drawing, chart) == [
        ["Week of", "Score", "Expected"],
        ["5 Oct", None, D("0.1")],
        ["12 Oct", D("0.1"), D("0.2")],
        ["19 Oct", D("0.2"), D("0.3")],
        ["26 Oct", None, D("0.4")],
    ]
    assert chart.told == "Average score by week of 2026-Q4: 12 Oct 0.10, 19 Oct 0.20; expected by then 0.30."


def test_scores_are_drawn_by_objective_the_companys_first():
    facts = facts_of(result("A.1"), objectives=("A", "B", "C"), course=COURSE)
    named = tuple(
        replace(item, level=Level.COMPANY if item.key.id == "B" else Level.TEAM, name="Planners never wait for the app")
        for item in facts.okrs.objectives
    )
    card = {key: replace(item, pace=D("0.6")) for key, item in facts.card.objectives.items()}
    card[Key("2026-Q4", "C")] = replace(card[Key("2026-Q4", "C")], score=None)
    facts = replace(facts, okrs=replace(facts.okrs, objectives=named), card=replace(facts.card, objectives=card))
    drawing = draw_dashboard(facts)
    assert numbers_of(drawing, chart_of(drawing, ChartName.SCORES)) == [
        ["Objective", "Score", "Expected"],
        ["B  Planners never…", D("0.5"), D("0.6")],
        ["A  Planners never…", D("0.5"), D("0.6")],
    ]
    assert chart_of(drawing, ChartName.SCORES).told == "Score by objective: B 0.50, A 0.50."


def test_a_large_company_is_compared_by_its_first_objectives_and_says_so():
    ids = [f"O{at}" for at in range(OBJECTIVES_AT_MOST + 5)]
    drawing = drawing_of(*ids)
    found = numbers_of(drawing, chart_of(drawing, ChartName.SCORES))
    assert found[0][0] == f"Objective: {OBJECTIVES_AT_MOST} of {len(ids)}"
    assert len(found) == OBJECTIVES_AT_MOST + 1


def test_without_anything_to_draw_charts_say_so():
    drawing = draw_dashboard(facts_of())
    assert [chart.told for chart in drawing.charts] == [
        "No score of 2026-Q4 is known yet.",
        "No objective has a score yet.",
    ]
    assert all(chart.top == chart.bottom for chart in drawing.charts)


def test_scores_over_one_stay_inside_the_chart():
    facts = facts_of(objectives=("A",), course=COURSE)
    card = {key: replace(item, score=D("1.3")) for key, item in facts.card.objectives.items()}
    drawing = draw_dashboard(replace(facts, card=replace(facts.card, objectives=card)))
    assert [chart.most for chart in drawing.charts] == [1.0, 1.3]


def test_charts_stand_beside_the_counts_within_the_page():
    left = sum(WIDTHS[:2])
    for place in PLACES.values():
        begin = sum(WIDTHS[: place.column]) + place.left
        assert left <= begin < begin + place.width <= sum(WIDTHS)
        assert 0 <= place.left < WIDTHS[place.column], "Excel cuts a distance at the column's edge"
        assert place.top + place.height <= (GLANCE_ROWS - 1) * GLANCE_HEIGHT + LEAD_HEIGHT + GLANCE_HEIGHT
    first, second = sorted(PLACES.values(), key=lambda place: (place.column, place.left))
    assert sum(WIDTHS[: first.column]) + first.left + first.width < sum(WIDTHS[: second.column]) + second.left


def test_titles_are_those_by_which_charts_are_known_again():
    assert {chart.title: chart.name for chart in drawing_of().charts} == TITLES


# In Google's words


def test_what_google_is_asked_is_in_its_discovery_document():
    drawing = drawing_of()
    requests = [request for chart in drawing.charts for request in (make_chart(7, chart), make_chart_update(7, chart))]
    assert request_faults(requests) == []
    assert mask_faults("Sheet", CHART_MASK) == []


def test_a_chart_has_the_same_id_on_the_same_tab_and_another_on_another():
    ids = {chart_id(tab, name) for tab in (7, 8) for name in ChartName}
    assert len(ids) == 4
    assert all(0 < each < 2**31 for each in ids)
    assert chart_id(7, ChartName.SCORES) == chart_id(7, ChartName.SCORES)


def test_only_missing_charts_are_added_and_only_ours_are_known():
    drawing = drawing_of()
    found = [{"chartId": 12}, {"chartId": chart_id(7, ChartName.SCORES), "spec": {"altText": "told"}}]
    (request,) = make_missing_charts(7, drawing.charts, found)
    assert request["addChart"]["chart"]["chartId"] == chart_id(7, ChartName.COURSE)
    assert parse_charts(7, found) == {ChartName.SCORES: "told"}
    assert parse_charts(8, found) == {}


def test_a_run_updates_the_charts_that_are_there_and_makes_none():
    drawing = drawing_of()
    kinds = [next(iter(request)) for request in make_drawing(7, drawing, {ChartName.SCORES})]
    assert kinds[-1] == "updateChartSpec"
    assert kinds.count("updateChartSpec") == 1
    assert "addChart" not in kinds
    assert "updateChartSpec" not in [next(iter(request)) for request in make_drawing(7, drawing)]


@pytest.mark.parametrize(("name", "axis"), [(ChartName.SCORES, "BOTTOM_AXIS"), (ChartName.COURSE, "LEFT_AXIS")])
def test_numbers_are_on_the_axis_that_the_kind_of_chart_has_for_them(name, axis):
    spec = make_chart(7, chart_of(drawing_of(), name))["addChart"]["chart"]["spec"]["basicChart"]
    assert {series["targetAxis"] for series in spec["series"]} == {axis}
    assert spec["headerCount"] == 1


# In a workbook's parts


def test_a_part_holds_places_and_numbers():
    drawing = drawing_of()
    chart = chart_of(drawing, ChartName.COURSE)
    root = etree.fromstring(render_chart(chart, "O'Brien & Co", drawing))
    places = [each.text for each in root.iter(f"{{{CHART}}}f")]
    first, last = chart.top + 2, chart.bottom + 1
    assert places[:3] == [
        f"'O''Brien & Co'!$E${chart.top + 1}",
        f"'O''Brien & Co'!$B${first}:$B${last}",
        f"'O''Brien & Co'!$E${first}:$E${last}",
    ]
    cached = [
        (each.get("idx"), each[0].text) for each in next(root.iter(f"{{{CHART}}}numCache")).iter(f"{{{CHART}}}pt")
    ]
    assert cached == [("1", "0.1"), ("2", "0.2")], "what isn't known is no zero"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A prepared workbook with a picture of a person's own on its Dashboard, saved by another program."""
    made = tmp_path / "okrs.xlsx"
    wish = make_wish()
    tabs = tuple(replace(new, drawing=draw_empty_dashboard("OKRs")) if new.drawing else new for new in wish.tabs)
    WorkbookStore(made).prepare(replace(wish, tabs=tabs))
    return made


def draw_on(path: Path, drawing) -> None:
    store = WorkbookStore(path)
    raw = store.fetch_sheet([Tab.DASHBOARD.value, Tab.LEDGER.value])
    board, ledger = raw.find_tab(Tab.DASHBOARD.value), raw.find_tab(Tab.LEDGER.value)
    drawings = ((board.tab_id, drawing),)
    store.apply_batch(Batch(ledger.tab_id, NOW, head="{}", drawings=drawings, sheet_revision=raw.revision))


def add_own_chart(path: Path, title: str, column: int = 5) -> None:
    """A person puts a chart of their own on the Dashboard, of two columns from this one on."""
    book = openpyxl.load_workbook(path)
    board = book[Tab.DASHBOARD.value]
    chart = BarChart()
    chart.title = title
    chart.add_data(Reference(board, min_col=column, max_col=column + 1, min_row=30, max_row=33), titles_from_data=True)
    chart.set_categories(Reference(board, min_col=2, min_row=31, max_row=33))
    board.add_chart(chart, "J2")
    book.save(path)


def test_peoples_charts_stay_byte_for_byte_beside_ours(path):
    add_own_chart(path, "Our own view")
    before = read_parts(path)
    (own,) = [part for part, data in before.items() if b"Our own view" in data]
    draw_on(path, drawing_of())
    after = read_parts(path)
    assert after[own] == before[own]
    changed = {part for part in before if "charts/" in part and after[part] != before[part]}
    assert len(changed) == 2, "ours, which openpyxl had left without their names"
    assert sorted(WorkbookStore(path).fetch_sheet(["Dashboard"]).tabs[0].charts) == sorted(ChartName)


def test_a_chart_of_other_columns_under_a_title_of_ours_is_a_persons(path):
    book = openpyxl.load_workbook(path)
    book["Dashboard"]._charts.clear()
    book.save(path)
    add_own_chart(path, "Score by objective", column=7)
    assert WorkbookStore(path).fetch_sheet(["Dashboard"]).tabs[0].charts == {}
    before = read_parts(path)
    draw_on(path, drawing_of())
    assert {part: data for part, data in read_parts(path).items() if "charts/" in part} == {
        part: data for part, data in before.items() if "charts/" in part
    }


def test_charts_on_other_tabs_are_nobodys_business(path):
    book = openpyxl.load_workbook(path)
    sheet = book["Guide"]
    sheet.add_chart(BarChart(), "D4")
    book.save(path)
    draw_on(path, drawing_of())
    assert len(openpyxl.load_workbook(path)["Guide"]._charts) == 1


def test_a_drawn_chart_opens_in_another_program_with_its_places(path):
    drawing = drawing_of()
    draw_on(path, drawing)
    charts = openpyxl.load_workbook(path)["Dashboard"]._charts
    chart = chart_of(drawing, ChartName.SCORES)
    assert f"'Dashboard'!$E${chart.top + 2}:$E${chart.bottom + 1}" in {each.series[0].val.numRef.f for each in charts}

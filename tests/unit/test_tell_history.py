"""A key result's story: which numbers are drawn, and the picture itself, character by character."""

from datetime import date
from decimal import Decimal

import pytest

from okr.model import Point
from okr.problem import UnknownWord
from sync.sheet.history import HistoryLine
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.tell.history import Story, choose_plotted, find_field, find_story, make_series, narrow
from sync.tell.history_plot import render_plot
from sync.tell.history_text import render_story, story_json
from tests.support.lived_sheet import open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore

D = Decimal
TODAY = date(2026, 11, 22)
KEY = RowKey(Tab.KEY_RESULTS, "2026-Q4", "A")


def line(day: int, field: Field, old, new, reason: str = "because") -> HistoryLine:
    return HistoryLine(f"2026-11-{day:02} 06:30", f"run-{day}", KEY, field, old, new, reason)


LINES = (
    line(2, Field.SCORE, None, D("0.2")),
    line(9, Field.SCORE, D("0.2"), D("0.4")),
    line(9, Field.STATUS, None, "On track"),
    line(9, Field.SCORE, D("0.4"), D("0.5")),
)
STORY = Story("A", "Result A", Tab.KEY_RESULTS, TODAY, LINES, (Point(date(2026, 10, 26), D("0.1")),))


def test_the_last_number_of_a_day_counts_and_weekly_points_fill_in():
    assert make_series(STORY, Field.SCORE) == (
        Point(date(2026, 10, 26), D("0.1")),
        Point(date(2026, 11, 2), D("0.2")),
        Point(date(2026, 11, 9), D("0.5")),
    )
    assert choose_plotted(STORY, None) is Field.SCORE
    assert choose_plotted(STORY, Field.STATUS) is None


def test_it_is_narrowed_by_day_and_column():
    assert narrow(STORY, date(2026, 11, 9), Field.SCORE).lines == (LINES[1], LINES[3])
    assert narrow(STORY, date(2026, 11, 9), None).points == ()
    assert find_field("score", Tab.KEY_RESULTS) is Field.SCORE
    with pytest.raises(UnknownWord, match="Scoer"):
        find_field("Scoer", Tab.KEY_RESULTS)


def test_the_picture_has_steps_a_guide_and_axes():
    series = (Point(date(2026, 11, 1), D(0)), Point(date(2026, 11, 6), D(1)))
    days = (date(2026, 11, 1), date(2026, 11, 11))
    picture = render_plot(series, days, (D(0), D(1)), 20, lambda value: f"{value:.2f}", lambda _: D("0.5"))
    assert picture == [
        "1.00 ┤       ╭──────",
        "     │       │",
        "0.75 ┤       │",
        "     │       │",
        "0.50 ┤ · · · │ · · ·",
        "     │       │",
        "0.25 ┤       │",
        "     │       │",
        "0.00 ┤ ──────╯",
        "     └──────────────",
        "       1 Nov  11 Nov",
    ]


@pytest.mark.parametrize("width", [40, 80, 100])
def test_it_fits_the_terminal(width):
    said = render_story(STORY, None, width)
    picture = said.split("\n\n")[1]
    assert max(map(len, picture.splitlines())) <= width
    assert "Score 0.20 → 0.40   Status On track   Score 0.40 → 0.50" in said
    assert said.index("run-9") < said.index("run-2")


def test_programs_get_every_line():
    found = story_json(STORY)
    assert [item["field"] for item in found["changes"]] == ["score", "score", "status", "score"]
    assert found["weekly"] == [{"day": date(2026, 10, 26), "score": D("0.1")}]


def test_it_is_read_from_the_sheet_and_an_unknown_id_gets_a_suggestion():
    store = MemoryStore()
    sheet = open_lived_sheet(store, MemoryPeople(store))
    sheet.run()
    story = find_story(sheet.engine, "A")
    assert (story.name, story.tab) == ("Result A", Tab.KEY_RESULTS)
    assert {item.field for item in story.lines} >= {Field.CURRENT, Field.SCORE, Field.STATUS}
    assert story.guide is not None
    assert find_story(sheet.engine, "O").tab is Tab.OBJECTIVES
    with pytest.raises(UnknownWord, match="“AA”"):
        find_story(sheet.engine, "AA")

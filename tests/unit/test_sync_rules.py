import re
from itertools import takewhile

import pytest

from okr.model import Status
from sync.sheet.columns import COLUMNS
from sync.sheet.guide import draw_guide
from sync.sheet.layout import Field, Tab
from sync.sheet.rules import (
    EVERY_DAYS,
    HEARTBEAT,
    MANUAL_SOURCE,
    STALE_WHY,
    SYNC_ROW,
    make_board_rules,
    make_rules,
    render_manual,
)
from sync.sheet.style import Style

RULES = make_rules(3)
STALE = [rule for rule in RULES if rule.style is Style.STALE]
ADDRESSES = {field: f"${chr(65 + at % 26)}2" for at, field in enumerate(Field)}
QUOTED = re.compile(r'"[^"]*"')


@pytest.mark.parametrize("days", [1, 3, 14, 30])
def test_formulas_mean_the_same_in_every_locale(days):
    """A comma, a semicolon or a decimal point outside quotes is read in one locale and refused in another."""
    for rule in make_rules(days):
        bare = QUOTED.sub("", rule.render(ADDRESSES))
        assert not set(bare) & set(",;.\\{}"), bare
        assert bare.startswith("=")
        assert bare.count("(") == bare.count(")")


def test_stale_comes_first_so_that_it_is_never_green():
    assert list(takewhile(lambda rule: rule.style is Style.STALE, RULES)) == STALE
    for rule in RULES:
        if rule.style is not Style.STALE:
            grey = {field for each in STALE if each.tab is rule.tab for field in each.fields}
            assert set(rule.fields) <= grey, f"{rule.tab} {rule.fields} could be green while the row is grey"


@pytest.mark.parametrize("tab", [Tab.KEY_RESULTS, Tab.OBJECTIVES, Tab.KPIS])
def test_every_status_has_its_colour_in_every_tab(tab):
    coloured = {rule.formula for rule in RULES if rule.tab is tab and rule.fields == (Field.STATUS,)}
    assert {f'={{status}}="{status.value}"' for status in Status} <= coloured


def test_rules_ask_only_for_columns_that_their_tab_has():
    for rule in RULES:
        has = {column.field for column in COLUMNS[rule.tab]}
        asked = {Field(name) for name in re.findall(r"{(\w+)}", rule.formula)}
        assert asked | set(rule.fields) <= has
        assert rule.render({field: f"${field}2" for field in has}).count("{") == 0


def excel(formula, **cells):
    """Works out one of our formulas: cells by field, ``TODAY`` and the heartbeat as numbers of days."""
    today, beat = cells.pop("today"), cells.pop("beat")
    text = formula.removeprefix("=").replace(HEARTBEAT, "beat").replace("TODAY()", "today")
    text = text.replace("<>", "!=")
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text)
    # a comparison of nothing with a number comes after the guard that makes the product nought
    known = {name: 0 if value == "" else value for name, value in cells.items()}
    for name, value in cells.items():
        text = text.replace(f'({{{name}}}!="")', str(int(value != "")))
    text = text.replace('(beat!="")', str(int(beat != ""))).format_map({name: name for name in cells})
    return bool(eval(text, {"__builtins__": {}}, {**known, "today": today, "beat": beat or 0}))


def is_stale(days, *, age, beat_age=0, source="Jira", tab=Tab.KEY_RESULTS):
    rule = next(rule for rule in make_rules(days) if rule.tab is tab and rule.style is Style.STALE)
    cells = {"freshness": "" if age is None else 1000 - age, "today": 1000}
    if tab is Tab.KEY_RESULTS:
        cells["source"] = source
    return excel(rule.formula, beat="" if beat_age is None else 1000 - beat_age, **cells)


@pytest.mark.parametrize(
    ("days", "age", "stale"), [(3, 0, False), (3, 3, False), (3, 4, True), (3, None, False), (20, 20, False)]
)
@pytest.mark.parametrize("tab", [Tab.KEY_RESULTS, Tab.KPIS])
def test_a_row_turns_grey_after_its_days(days, age, stale, tab):
    assert is_stale(days, age=age, tab=tab) is stale


@pytest.mark.parametrize(("days", "age", "stale"), [(3, 14, False), (3, 15, True), (20, 20, False), (20, 21, True)])
def test_what_people_type_gets_fourteen_days(days, age, stale):
    assert is_stale(days, age=age, source=MANUAL_SOURCE) is stale


@pytest.mark.parametrize("every", EVERY_DAYS)
@pytest.mark.parametrize("days", [3, 20, 400])
def test_what_people_type_more_seldom_gets_a_week_more_than_that(every, days):
    source, last = render_manual(every), max(days, EVERY_DAYS[every])
    assert not is_stale(days, age=last, source=source)
    assert is_stale(days, age=last + 1, source=source)


@pytest.mark.parametrize(("beat", "stale"), [(4, False), (5, True), (None, False)])
@pytest.mark.parametrize("source", ["Jira", MANUAL_SOURCE])
def test_all_rows_turn_grey_when_the_engine_has_died(beat, stale, source):
    assert is_stale(3, age=0, beat_age=beat, source=source) is stale
    rule = next(rule for rule in STALE if rule.tab is Tab.OBJECTIVES)
    cells = {"objective_id": "O", "today": 1000, "beat": "" if beat is None else 1000 - beat}
    assert excel(rule.formula, **cells) is stale
    assert not excel(rule.formula, **{**cells, "objective_id": ""})


@pytest.mark.parametrize(
    ("why", "stale"),
    [(f"{STALE_WHY}: nothing below is newer than 3 Nov.", True), ("0.4 of 0.5 expected.", False),
     ("Stalled since May.", False), ("Stages are late.", False), ("", False)],
)  # fmt: skip
def test_an_objective_is_grey_when_its_why_says_that_everything_below_is_old(why, stale):
    rule = [rule for rule in STALE if rule.tab is Tab.OBJECTIVES][-1]
    text = rule.formula.removeprefix("=").format(why="why")
    assert bool(eval(text, {"__builtins__": {}}, {"why": why})) is stale


@pytest.mark.parametrize(("beat", "dead"), [(4, False), (5, True), (None, False)])
def test_the_dashboard_turns_grey_and_its_last_sync_red_when_the_engine_has_died(beat, dead):
    sync, rest = make_board_rules(3)
    assert (sync.first_row, sync.is_one_row, sync.style) == (SYNC_ROW, True, Style.BAD)
    assert (rest.first_row, rest.is_one_row, rest.style) == (SYNC_ROW + 1, False, Style.STALE)
    for rule in (sync, rest):
        assert excel(rule.formula, today=1000, beat="" if beat is None else 1000 - beat) is dead
        assert not set(QUOTED.sub("", rule.formula)) & set(",;.")


# The Guide


def test_the_guide_explains_every_tab_and_the_words():
    drawing = draw_guide()
    words = {row[0].value for row in drawing.rows if row}
    said = " ".join(str(draw.value) for row in drawing.rows for draw in row if draw and draw.value)
    for tab in (Tab.OBJECTIVES, Tab.KEY_RESULTS, Tab.STEPS, Tab.CHECK_INS, Tab.KPIS):
        assert tab.value in words
    for tab in (Tab.DASHBOARD, Tab.HISTORY, Tab.RUNS):
        assert tab.value in said
    for status in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.ACHIEVED, Status.NO_DATA):
        assert status.value in words
    assert all(len(row) <= len(drawing.widths) for row in drawing.rows)

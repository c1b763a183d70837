"""The two charts of the Dashboard, and at its foot the numbers that they draw, for everybody to read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from okr.calendar import render_day
from okr.model import Level, Objective
from okr.number import render_score
from okr.result import ObjectiveResult
from sync.sheet.chart import Chart, ChartKind, ChartName, Place, Series
from sync.sheet.dashboard_facts import DashboardFacts
from sync.sheet.dashboard_rows import COLUMNS, WIDTHS, Row, more
from sync.sheet.store import Draw
from sync.sheet.style import CHART_EXPECTED, CHART_SCORE, Style

OBJECTIVES_AT_MOST = 10
"""How many objectives the chart compares: the company's first. More would be a wall, and the tree has them all."""

_NAME_AT_MOST = 22
_NAMES, _SCORE, _EXPECTED = 1, 4, 5
_SERIES = (Series(_SCORE, CHART_SCORE), Series(_EXPECTED, CHART_EXPECTED))
_TOP_ROW, _HEIGHT, _GAP = 3, 268, 16
_LEFT = 2  # the first column that the counts leave free
_WIDTH = (sum(WIDTHS[_LEFT:]) - _GAP) // 2


def _place(pixels: int) -> Place:
    """A chart that begins so far to the right of the counts: anchored in the column that is there."""
    column = _LEFT
    while pixels >= WIDTHS[column]:
        pixels -= WIDTHS[column]
        column += 1
    return Place(_TOP_ROW, column, pixels, 8, _WIDTH, _HEIGHT)


PLACES = {ChartName.COURSE: _place(0), ChartName.SCORES: _place(_WIDTH + _GAP)}


def blank_charts() -> tuple[Chart, ...]:
    """The charts as ``layout`` makes them: in their place, with nothing to draw yet."""
    told = "Drawn by the next run."
    return (
        _course_chart((1, 1), told, Decimal(1)),
        _scores_chart((1, 1), told, Decimal(1)),
    )


def chart_rows(facts: DashboardFacts, first: int) -> tuple[list[Row], tuple[Chart, ...]]:
    """The numbers, to be drawn from row ``first`` on, and the charts that show them."""
    scores = _scores(facts)
    rows: list[Row] = [_title("The numbers behind the charts")]
    course_at = first + len(rows)
    rows += [_labels("Week of"), *(_week_row(facts, at) for at in range(len(facts.course)))]
    rows.append(())
    scores_at = first + len(rows)
    rows += [
        _labels(f"Objective{more(_count(facts), OBJECTIVES_AT_MOST)}"),
        *(_score_row(item, result) for item, result in scores),
    ]
    course = _course_chart((course_at, course_at + len(facts.course)), _tell_course(facts), _most_course(facts))
    by_objective = _scores_chart((scores_at, scores_at + len(scores)), _tell_scores(scores), _most_scores(scores))
    return rows, (course, by_objective)


def _title(text: str) -> Row:
    return (Draw(text, Style.HEADING, span=2), None, *(Draw(None, Style.HEADING) for _ in range(COLUMNS - 2)))


def _labels(names: str) -> Row:
    score, expected = Draw("Score", Style.LABEL_RIGHT), Draw("Expected", Style.LABEL_RIGHT)
    return (None, Draw(names, Style.LABEL), Draw(None, Style.LABEL), Draw(None, Style.LABEL), score, expected)


def _week_row(facts: DashboardFacts, at: int) -> Row:
    point = facts.course[at]
    score = None if point.score is None else Draw(point.score, Style.SCORE)
    name = Draw(render_day(point.day, facts.card.day), Style.MUTED)
    return (None, name, None, None, score, Draw(point.expected, Style.SCORE))


def _scores(facts: DashboardFacts) -> list[tuple[Objective, ObjectiveResult]]:
    """The objectives to compare: the company's, then those of teams, each in the sheet's order."""
    found = [
        (item, facts.card.objectives[item.key])
        for item in facts.okrs.objectives
        if item.key.cycle == facts.cycle.name and item.key in facts.card.objectives
    ]
    found = list({item.key: (item, result) for item, result in found if result.score is not None}.values())
    found.sort(key=lambda pair: pair[0].level is not Level.COMPANY)
    return found[:OBJECTIVES_AT_MOST]


def _count(facts: DashboardFacts) -> int:
    return sum(item.key.cycle == facts.cycle.name for item in facts.okrs.objectives)


def _score_row(item: Objective, result: ObjectiveResult) -> Row:
    expected = None if result.pace is None else Draw(result.pace, Style.SCORE)
    score = None if result.score is None else Draw(result.score, Style.SCORE)
    return (None, Draw(_short(item), Style.MUTED), None, None, score, expected)


def _short(item: Objective) -> str:
    text = f"{item.key.id}  {item.name}"
    if len(text) <= _NAME_AT_MOST:
        return text
    cut = text[: _NAME_AT_MOST - 1]
    return f"{cut.rpartition(' ')[0] if ' ' in cut[len(item.key.id) + 2 :] else cut}…"


def _course_chart(rows: tuple[int, int], told: str, most: Decimal) -> Chart:
    place = PLACES[ChartName.COURSE]
    title = "Progress of the cycle against its pace"
    kind = ChartKind.LINE
    return Chart(ChartName.COURSE, kind, title, told, place, _NAMES, _SERIES, *rows, most=float(most))


def _scores_chart(rows: tuple[int, int], told: str, most: Decimal) -> Chart:
    place = PLACES[ChartName.SCORES]
    title = "Score by objective"
    kind = ChartKind.BAR
    return Chart(ChartName.SCORES, kind, title, told, place, _NAMES, _SERIES, *rows, most=float(most))


def _most_course(facts: DashboardFacts) -> Decimal:
    return max([Decimal(1), *(point.score for point in facts.course if point.score is not None)])


def _most_scores(scores: Sequence[tuple[Objective, ObjectiveResult]]) -> Decimal:
    return max([Decimal(1), *(result.score for _, result in scores if result.score is not None)])


def _tell_course(facts: DashboardFacts) -> str:
    known = [(point, point.score) for point in facts.course if point.score is not None]
    if not known:
        return f"No score of {facts.cycle.name} is known yet."
    weeks = ", ".join(f"{render_day(point.day, facts.card.day)} {render_score(score)}" for point, score in known)
    last = render_score(known[-1][0].expected)
    return f"Average score by week of {facts.cycle.name}: {weeks}; expected by then {last}."


def _tell_scores(scores: Sequence[tuple[Objective, ObjectiveResult]]) -> str:
    if not scores:
        return "No objective has a score yet."
    each = (f"{item.key.id} {render_score(result.score)}" for item, result in scores if result.score is not None)
    return f"Score by objective: {', '.join(each)}."

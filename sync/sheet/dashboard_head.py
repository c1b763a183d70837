"""The first screen of the Dashboard: how far the cycle is, when the last sync went, and the counts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from okr.calendar import elapsed_share, render_day
from okr.model import Status
from okr.number import render_score
from sync.sheet.dashboard_facts import DashboardFacts, average, shown
from sync.sheet.dashboard_rows import COLUMNS, EMPTY, Row
from sync.sheet.rules import find_heartbeat
from sync.sheet.store import Draw
from sync.sheet.style import BAR_STYLE, STATUS_STYLE, Style
from sync.sheet.tick import tick_cells

ENGINE_NOTE = "This tab is drawn by okr-sync. What is typed here is replaced at the next change."
TITLE_SPAN = COLUMNS - 2
"""How many columns the title has: those after it hold the checkbox “Sync now” and its label."""

TICK_COLUMN = COLUMNS - 1
GLANCE_ROWS = 10
"""How many rows the counts take at least: the charts stand beside them."""

GLANCE_HEIGHT, LEAD_HEIGHT = 26, 40
_BLOCKS = 26
_ORDER = (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.ACHIEVED, *Status)


def title_rows(title: str, text: str) -> Iterator[Row]:
    """The first two rows of the tab, also before the first run."""
    free = (None,) * (TITLE_SPAN - 1)
    yield (Draw(title, Style.TITLE, span=TITLE_SPAN, note=ENGINE_NOTE), *free, *tick_cells())
    yield (Draw(text, Style.SUBTITLE, span=COLUMNS),)


def head(facts: DashboardFacts) -> Iterator[Row]:
    """Title, cycle, last sync."""
    day, cycle = facts.card.day, facts.cycle
    days = (cycle.end - cycle.start).days + 1
    passed = max(0, min((day - cycle.start).days + 1, days))
    percent = int(elapsed_share(cycle.start, cycle.end, day) * 100)
    until = f"{render_day(cycle.start, day)} to {render_day(cycle.end, day)} {cycle.end.year}"
    yield from title_rows(facts.title, f"{cycle.name}: {until}  ·  day {passed} of {days} ({percent} %)")
    yield _last_sync(facts)


def _last_sync(facts: DashboardFacts) -> Row:
    """When: the heartbeat itself, so that it is true after quiet runs too. How: what the last change was."""
    when = f"{render_day(facts.synced.date(), facts.card.day)} at {facts.synced:%H:%M}"
    how = f"last change written {when}" + (f": {facts.how}" if facts.how else "")
    concerned = sum(len(ids) for ids in facts.gaps.values())
    trouble = f"{concerned} without a fresh reading" if concerned else "every source answered"
    return (
        Draw("Last sync", Style.SUBTITLE),
        Draw(None, Style.SINCE, formula=f"={find_heartbeat(facts.ledger)}"),
        Draw(trouble, Style.WARN if concerned else Style.GOOD, span=2),
        None,
        Draw(how, Style.SUBTITLE, span=4, is_passing=True),
    )


def glance(facts: DashboardFacts) -> Iterator[Row]:
    """The counts by status, under the one number: how far the company is, and how far it should be."""
    results = [result for _, result in shown(facts)]
    counts = Counter(result.status for result in results)
    words = {result.status: result.word for result in results}
    yield (Draw(f"At a glance: {len(results)} key results", Style.HEADING, span=2),)
    score = average([result.score for result in results if result.score is not None])
    pace = average([result.pace for result in results if result.score is not None and result.pace is not None])
    if score is not None:
        yield (Draw(score, Style.LEAD), Draw(_say_score(pace), Style.STRONG))
    most = max(counts.values(), default=1)
    for status in dict.fromkeys(_ORDER):
        if counts[status]:
            blocks = max(1, int((Decimal(counts[status]) / most * _BLOCKS).to_integral_value()))
            bar = Draw(f"{words[status]}  {'█' * blocks}", BAR_STYLE.get(status, Style.BAR_IDLE))
            yield (Draw(Decimal(counts[status]), STATUS_STYLE[status]), bar)


def _say_score(pace: Decimal | None) -> str:
    return "average score" + (f"; {render_score(pace)} expected by now" if pace is not None else "")


def padded_glance(facts: DashboardFacts) -> list[Row]:
    """The counts with room for the charts beside them."""
    rows = list(glance(facts))
    return rows + [EMPTY] * (GLANCE_ROWS - len(rows))

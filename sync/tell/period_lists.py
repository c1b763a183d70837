"""The lists of the report over a span as HTML: what turned, what was said, what moved, what is ahead. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from okr.model import Kpi, Objective
from okr.number import render_score
from okr.result import KpiResult
from sync.tell.period import Course, Period
from sync.tell.period_text import MOVERS_AT_MOST
from sync.tell.reminders import Reminder
from sync.tell.report_html import render_bar, render_pill, tag, text
from sync.tell.review import Said
from sync.tell.sparkline import render_sparkline


def render_turn(each: Course, period: Period, word: str = "") -> str:
    """A key result whose status changed, from what to what, and why."""
    was = render_pill(each.was, period.words[each.was]) + tag("em", "→") if each.was is not None else ""
    pills = tag("span", was, render_pill(each.result.status, word or each.result.word), cls="pills")
    return tag("div", tag("div", _name(each)), pills, cls="turned") + tag("p", text(each.result.why))


def _name(each: Course) -> str:
    return _named(each.kr.key.id, each.kr.name, each.kr.owner)


def _named(own_id: str, name: str, owner: str) -> str:
    who = tag("span", text(f" {' '.join(owner.split())}"), cls="who") if owner.strip() else ""
    return tag("span", text(own_id), cls="id") + tag("span", text(name), cls="name") + who


def render_objective(each: Objective) -> str:
    """An objective that was achieved."""
    return _named(each.key.id, each.name, each.owner) + tag("p", "Objective achieved.")


def render_unhealthy(kpi: Kpi, result: KpiResult) -> str:
    """A KPI outside its band."""
    return _named(kpi.id, kpi.name, kpi.owner) + tag("p", text(result.why))


def render_said(item: Said, day: date) -> str:
    """What somebody said of a key result."""
    by = f"{' '.join(item.by.split())}, " if item.by.strip() else ""
    who = tag("span", text(f" {by}{render_day(item.day, day)}"), cls="who")
    return tag("div", tag("q", text(item.text)), who) + tag("p", text(f"{item.key.id} {item.name}"))


def render_movers(period: Period) -> str:
    """Whose score moved furthest, with the weeks as a line."""
    rows = [tag("div", *_mover(each)) for each in period.movers[:MOVERS_AT_MOST]]
    left = len(period.movers) - MOVERS_AT_MOST
    more = tag("p", text(f"and {left} more"), cls="none") if left > 0 else ""
    return tag("div", *rows, cls="table") + more if rows else ""


def _mover(each: Course) -> Iterator[str]:
    then, now = (render_score(score) if score is not None else "–" for score in (each.then, each.result.score))
    yield tag("div", _name(each), cls="what")
    yield tag("div", render_sparkline(each.points, each.result.status))
    yield tag("div", tag("s", text(then)), " → ", text(now), cls="num")
    yield tag("div", text(f"{each.moved:+.2f}"), cls=f"num {'up' if each.moved > 0 else 'down'}")
    yield tag("div", render_pill(each.result.status, each.result.word))


def render_ahead(period: Period) -> str:
    """What is foreseen to end below its aim."""
    rows = [tag("div", *_ahead(each)) for each in period.short[:MOVERS_AT_MOST]]
    left = len(period.short) - MOVERS_AT_MOST
    more = tag("p", text(f"and {left} more"), cls="none") if left > 0 else ""
    return tag("div", *rows, cls="table ahead") + more if rows else ""


def _ahead(each: Course) -> Iterator[str]:
    forecast = each.result.forecast or Decimal(0)
    yield tag("div", _name(each), cls="what")
    yield tag("div", text(f"heading for {render_score(forecast)} of {render_score(each.aim)}"), cls="who")
    yield render_bar(each.result.score, forecast, each.result.status)
    yield tag("div", render_pill(each.result.status, each.result.word))


def render_owed(each: Reminder) -> str:
    """Whom a check-in is waited for."""
    lead = tag("span", text(f" lead {each.lead}"), cls="who") if each.lead else ""
    return tag("span", text(each.owner), cls="name") + lead + tag("p", text(", ".join(i.kr.key.id for i in each.owed)))

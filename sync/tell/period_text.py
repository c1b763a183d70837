"""What a span of days brought, as a document for a terminal or Markdown, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from okr.calendar import elapsed_share, render_day
from okr.forecast import render_trend
from okr.goalposts import render_moved
from okr.model import Point
from okr.number import render_score
from sync.tell.document import Document, Section, Table
from sync.tell.period import Course, Period
from sync.tell.reminders import Reminder
from sync.tell.review import Said

MOVERS_AT_MOST = 12
_SAME = Decimal("0.005")
"""A difference below this isn't seen with two decimals."""


def make_document(period: Period) -> Document:
    """The report as people read it."""
    return Document(
        f"{period.title}: {render_span(period)}",
        tuple(_lead(period)),
        (
            Section("Achievements", tuple(_achievements(period))),
            Section("Challenges", tuple(_challenges(period))),
            Section("What to improve", tuple(f"{each.fact} {each.step}" for each in period.advice)),
            Section("Movers", table=_movers(period)),
            Section("Goalposts moved", tuple(say_goalposts(period))),
            Section("Heading below their aim", table=_forecasts(period)),
            Section("Check-ins owed", tuple(say_owed(each) for each in period.owed.people)),
            Section("Stale", tuple(say_stale(period))),
            Section("Runs", tuple(say_runs(period))),
        ),
    )


def render_span(period: Period) -> str:
    """The days: "22 to 28 Nov 2026"; of a single one its date."""
    last = f"{render_day(period.day, period.day)} {period.day.year}"
    first = render_day(period.since, period.day)
    if period.since == period.day:
        return last
    same = (period.since.year, period.since.month) == (period.day.year, period.day.month)
    return f"{period.since.day if same else first} to {last}"


def say_cycle(period: Period) -> str:
    """How far the cycle is: "2026-Q4, day 59 of 92"."""
    cycle = period.cycle
    if cycle is None:
        return "No cycle is running"
    days, passed = (cycle.end - cycle.start).days + 1, (period.day - cycle.start).days + 1
    percent = int(elapsed_share(cycle.start, cycle.end, period.day) * 100)
    return f"{cycle.name}, day {passed} of {days} ({percent} %)"


def say_headline(period: Period) -> str:
    """All of it in two sentences."""
    if period.score is None:
        return "No key result has a score yet."
    head = f"The average score is {render_score(period.score)}, {say_moved(period.moved)} in {_days(period.days)}"
    head += f"; {render_score(period.pace)} is expected by now." if period.pace is not None else "."
    facts = [
        f"{len(period.won)} {'was' if len(period.won) == 1 else 'were'} won" if period.won else "",
        f"{len(period.red)} turned red" if period.red else "",
        f"{len(period.better)} got better" if period.better else "",
        f"{len(period.worse)} got worse" if period.worse else "",
    ]
    said = ", ".join(fact for fact in facts if fact)
    ends = f" At this pace the cycle ends at {render_score(period.forecast)}." if period.forecast is not None else ""
    return f"{head} Of {len(period.courses)} key results, {said or 'none changed its status'}.{ends}"


def say_moved(moved: Decimal | None) -> str:
    """A difference of scores in words: "up 0.05", "unchanged"."""
    if moved is None or abs(moved) < _SAME:
        return "unchanged"
    return f"{'up' if moved > 0 else 'down'} {render_score(abs(moved))}"


def say(each: Course) -> str:
    """A key result with its owner: "WEB-1.1 Requests live (Ann)"."""
    owner = f" ({' '.join(each.kr.owner.split())})" if each.kr.owner.strip() else ""
    return f"{each.kr.key.id} {each.kr.name}".strip() + owner


def say_said(item: Said, day: date) -> str:
    """What somebody said: "“…” (Ann, 26 Nov)"."""
    by = f"{' '.join(item.by.split())}, " if item.by.strip() else ""
    return f"“{item.text}” ({by}{render_day(item.day, day)})"


def say_goalposts(period: Period) -> Iterator[str]:
    """What of the definitions was moved in the span, and when."""
    for kr, move in period.goalposts:
        yield f"{kr.key.id} {kr.name}: {render_moved(kr, move, period.day)}, {render_day(move.day, period.day)}"


def say_owed(each: Reminder) -> str:
    """Whom a check-in is waited for, and of what."""
    lead = f", lead {each.lead}" if each.lead else ""
    return f"{each.owner}{lead}: {', '.join(item.kr.key.id for item in each.owed)}"


def say_stale(period: Period) -> Iterator[str]:
    """Which values are old, by the day they are of, the oldest first."""
    by_day: dict[date, list[str]] = {}
    for each, day in period.stale:
        by_day.setdefault(day, []).append(each.kr.key.id)
    for day in sorted(by_day):
        yield f"of {render_day(day, period.day)}: {', '.join(by_day[day])}"


def say_runs(period: Period) -> Iterator[str]:
    """How the engine did."""
    count = period.runs.wrote
    last = period.heartbeat
    when = (
        f"the last good one was on {render_day(last.date(), period.day)} at {last:%H:%M}" if last else "none was good"
    )
    yield f"{count} run{'' if count == 1 else 's'} changed something in the sheet; {when}."
    yield from (f"Refused: {remark}" for remark in period.runs.refused)


def say_turn(each: Course, period: Period) -> str:
    """From which status to which, and why."""
    was = period.words[each.was] if each.was is not None else "nothing"
    return f"{was} → {each.result.word}. {each.result.why}".rstrip()


def _days(days: int) -> str:
    return "one day" if days == 1 else f"{days} days"


def _lead(period: Period) -> Iterator[str]:
    yield f"{say_cycle(period)}. {say_headline(period)}"
    known = [week.score for week in period.weeks if week.score is not None]
    if len(known) > 1:
        points = [week for week in period.weeks if week.score is not None]
        first = render_day(points[0].day, period.day)
        trend = render_trend([Point(week.day, week.score) for week in points if week.score is not None])
        yield f"Average score by week since {first}: {trend} {render_score(known[-1])}"


def _achievements(period: Period) -> Iterator[str]:
    yield from (f"Won: {say(each)}. {each.result.why}" for each in period.won)
    yield from (f"Won: objective {each.key.id} {each.name}" for each in period.won_objectives)
    yield from (f"Better: {say(each)}: {say_turn(each, period)}" for each in period.better)
    yield from (f"{item.key.id} {item.name}: {say_said(item, period.day)}" for item in period.praise)


def _challenges(period: Period) -> Iterator[str]:
    yield from (f"Newly red: {say(each)}: {say_turn(each, period)}" for each in period.red)
    yield from (f"Worse: {say(each)}: {say_turn(each, period)}" for each in period.worse)
    yield from (f"{kpi.id} {kpi.name}: {result.why}" for kpi, result in period.unhealthy)
    yield from (f"{item.key.id} {item.name}: {say_said(item, period.day)}" for item in period.trouble)


def _movers(period: Period) -> Table:
    rows = []
    for each in period.movers[:MOVERS_AT_MOST]:
        then, now = (render_score(score) if score is not None else "–" for score in (each.then, each.result.score))
        change = f"{each.moved:+.2f}"
        rows.append((say(each), render_trend(each.points), then, now, change, each.result.word))
    return Table(("Key result", "Weeks", "Then", "Now", "Change", "Status"), tuple(rows), frozenset({2, 3, 4}))


def _forecasts(period: Period) -> Table:
    rows = [
        (say(each), *(render_score(score) for score in (each.result.score, each.result.forecast, each.aim) if score))
        for each in period.short
        if each.result.score and each.result.forecast
    ]
    return Table(("Key result", "Now", "Forecast", "Aim"), tuple(rows), frozenset({1, 2, 3}))


def period_json(period: Period) -> dict[str, Any]:
    """The same for programs. Scores are fractions, days ISO dates; lists hold ids where details stand elsewhere."""
    return {
        "title": period.title,
        "sheet": period.url,
        "since": period.since,
        "until": period.day,
        "cycle": period.cycle.name if period.cycle else None,
        "score": {"now": period.score, "moved": period.moved, "expected": period.pace, "forecast": period.forecast},
        "weeks": [{"day": week.day, "score": week.score, "expected": week.expected} for week in period.weeks],
        "key_results": [_course_json(each) for each in period.courses],
        "won": _ids(period.won),
        "won_objectives": [each.key.id for each in period.won_objectives],
        "better": _ids(period.better),
        "newly_red": _ids(period.red),
        "worse": _ids(period.worse),
        "movers": _ids(period.movers),
        "below_aim": _ids(period.short),
        "achievements": [_said_json(item) for item in period.praise],
        "challenges": [_said_json(item) for item in period.trouble],
        "improve": [{"fact": each.fact, "step": each.step} for each in period.advice],
        "goalposts": [
            {"id": kr.key.id, "day": move.day, "field": move.field, "old": move.old, "new": move.new}
            for kr, move in period.goalposts
        ],
        "unhealthy": [{"id": kpi.id, "why": result.why} for kpi, result in period.unhealthy],
        "stale": [{"id": each.kr.key.id, "as_of": day} for each, day in period.stale],
        "owed": [
            {"owner": each.owner, "lead": each.lead or None, "ids": [item.kr.key.id for item in each.owed]}
            for each in period.owed.people
        ],
        "runs": {"wrote": period.runs.wrote, "refused": period.runs.refused, "heartbeat": period.heartbeat},
    }


def _ids(courses: Iterable[Course]) -> list[str]:
    return [each.kr.key.id for each in courses]


def _course_json(each: Course) -> dict[str, Any]:
    kr, result = each.kr, each.result
    return {
        "cycle": kr.key.cycle,
        "id": kr.key.id,
        "name": kr.name,
        "owner": kr.owner,
        "team": each.team,
        "score": {"then": each.then, "now": result.score, "expected": result.pace, "forecast": result.forecast},
        "status": {"then": each.was, "now": result.status},
        "why": result.why,
    }


def _said_json(item: Said) -> dict[str, Any]:
    return {"id": item.key.id, "text": item.text, "day": item.day, "by": item.by or None}

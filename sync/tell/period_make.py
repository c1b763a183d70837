"""Finds what a span of days brought, in the sheet alone: its History, Runs, Check-ins and ledger. Pure.

A key result's score and status at the beginning of the span are what the first line of its History in the span says
was there before; without a line nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from okr.forecast import make_series
from okr.goalposts import Move
from okr.model import Cycle, Key, KeyResult, Kpi, ScoringRules, Status
from okr.result import KpiResult
from okr.status import find_aim
from okr.teams import find_teams
from okr.words import list_words, read_status
from sync.board_facts import make_course
from sync.config import Config
from sync.plan import Plan
from sync.sheet.cell import Canon
from sync.sheet.dashboard_facts import find_shown
from sync.sheet.history import HistoryLine, parse_history
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.store import RawTab
from sync.stale import find_stale
from sync.tell.advice import make_advice
from sync.tell.ladder import RED
from sync.tell.period import Course, Period, Runs
from sync.tell.reminders import make_reminders
from sync.tell.review import SAID_AT_MOST, Said
from sync.wins import find_entry, find_wins


def make_period(plan: Plan, runs: RawTab | None, cycles: Mapping[str, Cycle], since: date, config: Config) -> Period:
    """What the days from ``since`` to the plan's brought. ``plan`` read History whole; ``cycles`` are the open ones."""
    snapshot, day = plan.snapshot, plan.day
    lines = list(_within(parse_history(snapshot.raw, (tab.title for tab in snapshot.history.values())), since, day))
    courses = tuple(_make_courses(plan, cycles, lines, config.scoring))
    cycle = _find_cycle(courses, cycles, day)
    pairs = list(find_shown(snapshot.okrs, plan.scorecard, cycle)) if cycle else []
    stale = find_stale(plan.standings, day, config.stale_days)
    own_stale = tuple((each, stale[each.kr.key]) for each in courses if each.kr.key in stale)
    owed = make_reminders(plan, cycles, config.cadence, config.stale_days)
    known = {each.kr.key: each for each in courses}
    wins = [find_wins(plan, each, day - since + timedelta(days=1)) for each in cycles.values()]
    said = [(item, is_bad or not _goes_well(known[item.key])) for item, is_bad in _find_said(plan, known, since)]
    return Period(
        title=snapshot.raw.title or "OKRs",
        url=snapshot.raw.url,
        since=since,
        day=day,
        cycle=cycle,
        courses=courses,
        weeks=tuple(make_course(plan, pairs, cycle, config.scoring)) if cycle else (),
        won=tuple(known[kr.key] for won in wins for kr, _ in won.key_results),
        won_objectives=tuple(item for won in wins for item, _ in won.objectives),
        praise=tuple(item for item, is_trouble in said if not is_trouble),
        trouble=tuple(item for item, is_trouble in said if is_trouble),
        goalposts=tuple(_find_goalposts(plan, courses, since)),
        unhealthy=tuple(_find_unhealthy(plan)),
        stale=own_stale,
        owed=owed,
        advice=tuple(make_advice(plan, courses, own_stale, owed)),
        runs=_count_runs(runs, since),
        heartbeat=snapshot.ledger.heartbeat,
        words=list_words(plan.rule),
    )


def _within(lines: Iterable[HistoryLine], since: date, until: date) -> Iterator[HistoryLine]:
    """The lines of these days; one in whose date somebody has written something else belongs to none."""
    for line in lines:
        try:
            if since <= line.day <= until:
                yield line
        except ValueError:
            continue


def _find_before(lines: Iterable[HistoryLine]) -> dict[tuple[RowKey, Field], Canon]:
    """What stood in each cell before the first of these lines about it."""
    found: dict[tuple[RowKey, Field], Canon] = {}
    for line in sorted(lines, key=lambda line: line.when):
        found.setdefault((line.key, line.field), line.old)
    return found


def _make_courses(
    plan: Plan, cycles: Mapping[str, Cycle], lines: Iterable[HistoryLine], rules: ScoringRules
) -> Iterator[Course]:
    before, teams = _find_before(lines), find_teams(plan.snapshot.okrs)
    for cycle in cycles.values():
        for kr, result in find_shown(plan.snapshot.okrs, plan.scorecard, cycle):
            key = RowKey(Tab.KEY_RESULTS, *kr.key)
            then, was = before.get((key, Field.SCORE), result.score), before.get((key, Field.STATUS), result.status)
            entry = find_entry(plan, Tab.KEY_RESULTS, kr.key)
            yield Course(
                kr=kr,
                result=result,
                team=teams[kr.key],
                then=then if isinstance(then, Decimal) else None,
                was=read_status(was, plan.rule) if isinstance(was, str) else None,
                points=tuple(make_series(entry.points, plan.day, result.score)),
                aim=find_aim(kr.commitment, rules),
                step=_find_step(plan, kr.key),
            )


def _find_step(plan: Plan, key: Key) -> str:
    view = plan.snapshot.views[Tab.KEY_RESULTS]
    row = next((row for row in view.rows if row.key == key), None)
    return " ".join(view.cell(row, Field.NEXT_STEP).shown.split()) if row is not None else ""


def _find_cycle(courses: Iterable[Course], cycles: Mapping[str, Cycle], day: date) -> Cycle | None:
    """The cycle of the headline: the shortest one that is running and has key results."""
    used = {each.kr.key.cycle for each in courses}
    running = [cycle for cycle in cycles.values() if cycle.start <= day <= cycle.end and cycle.name in used]
    return min(running, key=lambda cycle: cycle.end - cycle.start, default=None)


def _goes_well(each: Course) -> bool:
    return each.result.status in (Status.ACHIEVED, Status.ON_TRACK) and each.turn >= 0


def _find_said(plan: Plan, known: Mapping[Key, Course], since: date) -> Iterator[tuple[Said, bool]]:
    """What the check-ins of the span say, the latest first, and whether it is a blocker."""
    counts: dict[Key, int] = {}
    said = (item for item in plan.snapshot.okrs.check_ins if item.key in known and since <= item.day <= plan.day)
    for item in sorted(said, key=lambda item: item.day, reverse=True):
        counts[item.key] = counts.get(item.key, 0) + 1
        for words, is_blocker in ((item.blocker, True), (item.comment, False)):
            if (text := " ".join(words.split())) and counts[item.key] <= SAID_AT_MOST:
                yield Said(item.key, known[item.key].kr.name, text, item.day, item.by), is_blocker


def _find_goalposts(plan: Plan, courses: Iterable[Course], since: date) -> Iterator[tuple[KeyResult, Move]]:
    for each in courses:
        entry = find_entry(plan, Tab.KEY_RESULTS, each.kr.key)
        yield from ((each.kr, move) for move in entry.moves if move.day >= since)


def _find_unhealthy(plan: Plan) -> Iterator[tuple[Kpi, KpiResult]]:
    for kpi in plan.snapshot.okrs.kpis:
        result = plan.scorecard.kpis.get(kpi.key)
        if result is not None and result.status in RED:
            yield kpi, result


_STARTED, _RESULT, _REMARK = 1, 3, 9
"""Where the columns Started, Result and Remark stand in Runs."""


def _count_runs(runs: RawTab | None, since: date) -> Runs:
    wrote, refused = 0, []
    for row in runs.cells[1:] if runs is not None else ():
        texts = [cell.shown or str(cell.value or "") for cell in row]
        if len(texts) <= _RESULT or texts[_STARTED][:10] < since.isoformat():
            continue
        wrote += texts[_RESULT] == "ok"
        if texts[_RESULT] == "refused":
            refused.append(texts[_REMARK] if len(texts) > _REMARK else "")
    return Runs(wrote, tuple(refused))

"""What the Dashboard has to say of a plan: who is needed and why, what moved and was won, how the cycle goes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from mappings.model import GapKind
from okr.calendar import render_day
from okr.checkin import find_blockers, find_latest, render_blocker
from okr.definition import find_span
from okr.model import CheckIn, Cycle, Key, KeyResult, Point, ScoringRules, Status
from okr.pace import make_pace
from okr.result import KeyResultResult
from okr.status import find_aim
from sync.cell_words import render_canon
from sync.plan import Plan
from sync.row_plan import Held, Takeover
from sync.run_rows import RunStamp
from sync.sheet.columns import find_column
from sync.sheet.dashboard_facts import DashboardFacts, WeekPoint, average, find_shown
from sync.sheet.layout import Tab
from sync.sheet.ledger import RowKey
from sync.sheet.merge import Wanted
from sync.sheet.rules import MANUAL_DAYS
from sync.stale import find_stale, find_stale_objectives
from sync.standings import say_gap
from sync.wins import WEEK, find_entry, find_movers, find_wins

CHECK_IN_DAYS = MANUAL_DAYS
"""After how many days a check-in is overdue: two of the usual weekly ones."""

_OVER = frozenset({Status.ACHIEVED, Status.MISSED, Status.CLOSED, Status.PAUSED})
Pairs = list[tuple[KeyResult, KeyResultResult]]


def make_facts(plan: Plan, stamp: RunStamp, cycle: Cycle, stale_days: int, rules: ScoringRules) -> DashboardFacts:
    """What the Dashboard has to say of a plan. ``rules`` say at which score a key result counts as achieved."""
    okrs = plan.snapshot.okrs
    pairs = list(find_shown(okrs, plan.scorecard, cycle))
    stale = find_stale(plan.standings, plan.day, stale_days)
    wins = find_wins(plan, cycle)
    return DashboardFacts(
        title=plan.snapshot.raw.title or "OKRs",
        cycle=cycle,
        synced=stamp.started,
        okrs=okrs,
        card=plan.scorecard,
        held=[_say_hold(hold, plan) for row in plan.rows for hold in row.holds],
        waiting=[_say_takeover(item, plan) for row in plan.rows for item in row.takeovers],
        gaps=_gaps(plan),
        stale=frozenset(stale),
        stale_objectives=frozenset(find_stale_objectives([kr for kr, _ in pairs], stale)),
        reasons=_reasons(plan, pairs, stale),
        week={item.kr.key: item.change for item in find_movers(plan, pairs)},
        won=frozenset(kr.key for kr, _ in wins.key_results),
        won_objectives=frozenset(item.key for item, _ in wins.objectives),
        blockers=_blockers(plan, pairs),
        course=tuple(make_course(plan, pairs, cycle, rules)),
        ledger=plan.snapshot.ledger_tab.title,
        how=f"{len(plan.moved)} rows moved, {len(plan.aged)} refreshed",
    )


def _gaps(plan: Plan) -> dict[str, list[str]]:
    gaps: dict[str, list[str]] = {}
    for key, gap in plan.gaps.items():
        gaps.setdefault(say_gap(gap), []).append(key.id)
    return gaps


def _say_hold(hold: Held, plan: Plan) -> str:
    header, since = find_column(hold.key.tab, hold.field).header, render_day(hold.since, plan.day)
    value, want = _say_values(hold, plan)
    return f"{hold.key.id}: {header} is {value} since {since}; okr-sync would write {want}."


def _say_takeover(item: Takeover, plan: Plan) -> str:
    header = find_column(item.key.tab, item.field).header
    value, want = _say_values(item, plan)
    return f"{item.key.id}: {header} says {value}, from before okr-sync; it would write {want} ({item.place})."


def _say_values(item: Held | Takeover, plan: Plan) -> tuple[str, str]:
    """What stands there, and what okr-sync would write."""
    kr = next((kr for kr in plan.snapshot.okrs.key_results if kr.key == item.key.key), None)
    want = "nothing yet" if isinstance(item.want, Wanted) else render_canon(item.field, item.want, kr, plan.day)
    return render_canon(item.field, item.value, kr, plan.day), want


def _reasons(plan: Plan, pairs: Pairs, stale: Mapping[Key, date]) -> Mapping[Key, tuple[str, ...]]:
    """Why key results need somebody, beside their status. What is over needs nobody."""
    held = {hold.key.key for row in plan.rows for hold in row.holds if hold.key.tab is Tab.KEY_RESULTS}
    check_ins = find_latest(plan.snapshot.okrs.check_ins)
    found = {}
    for kr, result in pairs:
        reasons = [*_value_reasons(plan, kr.key, stale)]
        reasons += ["typed over by hand"] if kr.key in held else []
        reasons += ["no owner"] if not kr.owner.strip() else []
        reasons += _check_in_reasons(plan, kr, check_ins)
        if reasons and result.status not in _OVER:
            found[kr.key] = tuple(reasons)
    return found


def _value_reasons(plan: Plan, key: Key, stale: Mapping[Key, date]) -> Iterator[str]:
    gap = plan.gaps.get(RowKey(Tab.KEY_RESULTS, *key))
    if gap is not None and gap.kind is GapKind.DOUBT:
        yield f"doubtful: {say_gap(gap)}"
    if key in stale:
        yield f"stale since {render_day(stale[key], plan.day)}"


def _blockers(plan: Plan, pairs: Pairs) -> dict[Key, str]:
    """What is in the way of key results that aren't over yet."""
    running = {kr.key for kr, result in pairs if result.status not in _OVER}
    found = find_blockers(item for item in plan.snapshot.okrs.check_ins if item.key in running)
    return {item.key: render_blocker(item, plan.day) for item in found}


def _check_in_reasons(plan: Plan, kr: KeyResult, latest: Mapping[Key, CheckIn]) -> Iterator[str]:
    """An overdue check-in, where there is a habit that broke off: who has never written one isn't told so daily."""
    own = latest.get(kr.key)
    if own is not None and (plan.day - own.day).days > CHECK_IN_DAYS:
        yield f"no check-in since {render_day(own.day, plan.day)}"


def _points(plan: Plan, key: Key) -> tuple[Point, ...]:
    """Its weekly points."""
    return find_entry(plan, Tab.KEY_RESULTS, key).points


def make_course(plan: Plan, pairs: Pairs, cycle: Cycle, rules: ScoringRules) -> Iterator[WeekPoint]:
    """The weeks of the cycle: the average score reached by each week's end, and the one expected by then.

    Of the present week it is today's; weeks to come have only their pace. Key results without a score count nowhere.
    """
    scored = [(kr, result, _points(plan, kr.key)) for kr, result in pairs if result.score is not None]
    spans = [(kr, span) for kr, _, _ in scored if (span := find_span(kr, cycle))]
    first = cycle.start
    while scored and first <= cycle.end:
        last = min(first + WEEK - timedelta(days=1), cycle.end)
        is_now = first <= plan.day <= last
        day = plan.day if is_now else last
        expected = [make_pace(kr, *span, day, find_aim(kr.commitment, rules)) for kr, span in spans]
        score = None
        if is_now:
            score = average([result.score for _, result, _ in scored if result.score is not None])
        elif last < plan.day:
            score = average([known for _, _, points in scored if (known := _score_by(points, last)) is not None])
        yield WeekPoint(first, score, average(expected) or Decimal(0))
        first += WEEK


def _score_by(points: tuple[Point, ...], day: date) -> Decimal | None:
    """The last score that was known on a day."""
    return next((point.score for point in reversed(points) if point.day <= day), None)

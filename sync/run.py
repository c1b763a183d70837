"""One run: read, ask, plan, write; and read, plan and write again where somebody else was faster.

text → project → questions → outcomes → plan → batches → report. ``plan_run`` writes nothing; ``apply_run`` decides
nothing. A write is never sent twice: after a lost answer, and where a quota refused it, the sheet is read and planned
again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from okr.problem import Problem, Severity
from sync.astray import check_astray
from sync.clock import check_heartbeat
from sync.collector import paused_collector
from sync.engine import Engine
from sync.guards import Alarm, check_plan, refuse
from sync.hints import Hints
from sync.interrupt import shielded
from sync.links import find_links
from sync.plan import Plan, make_plan
from sync.plan_gaps import check_gaps
from sync.plan_release import find_meant
from sync.plan_task import PlanRules
from sync.prepare import prepare_sheet
from sync.questions import make_answered, make_asked
from sync.quota import QuotaWaits
from sync.read import read_snapshot
from sync.run_findings import Findings, RunWishes, ask_what, find_open, find_out, follow_sheet
from sync.run_rows import HistoryRow, RunStamp
from sync.run_words import render_remark
from sync.share import check_rows, check_share, make_share
from sync.sheet.layout import Tab
from sync.sheet.rules import EVERY_SINCE
from sync.sheet.snapshot import LedgerLost, Snapshot
from sync.sheet.store import RawTab
from sync.sheet.store_error import SheetBusy, SheetOverQuota, WriteUnconfirmed
from sync.sheet.tick import is_ticked
from sync.write import ATTEMPTS, mend_sheet, tell_refused, write_plan

__all__ = [
    "READ_AGAIN_AFTER", "Findings", "RunReport", "RunWishes", "apply_run", "ask_what", "find_alarms", "find_open",
    "find_out", "plan_run", "preview", "preview_unasked", "refuse_unsafe", "render_remark", "write_findings",
]  # fmt: skip

log = logging.getLogger(__name__)

READ_AGAIN_AFTER = 2.0
"""Seconds of asking after which the sheet is read once more before the plan is made."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. ``attempts`` counts plans made; ``batches`` what was written; a quiet run wrote a heartbeat."""

    stamp: RunStamp
    plan: Plan
    batches: int
    attempts: int
    calls: Mapping[str, int] = field(default_factory=dict)


def plan_run(engine: Engine, wishes: RunWishes, findings: Findings, snapshot: Snapshot, now: datetime) -> Plan:
    """The plan for what was found and for the sheet as it is. Pure but for its arguments."""
    config = engine.project.config
    findings = follow_sheet(engine, findings, snapshot, now)
    rules = PlanRules(
        scoring=config.scoring,
        refresh=config.sheet.refresh,
        takeover=wishes.takeover or config.sheet.takeover,
        only=wishes.only,
        confirms=wishes.fetch and not wishes.only,
        cycles=_find_planned(engine, wishes, snapshot, now),
        release=wishes.release,
        stale_days=config.stale_days,
        undo=wishes.undo,
        holds=config.holds,
        share=make_share(config.name, config.sheet.rows, snapshot.ledger.head, now),
        turn=wishes.turn,
        mail=replace(config.telling.mail, tells=wishes.tells and config.telling.mail.tells, moment=wishes.tells_at),
        hints=Hints(config.quality, config.cadence),
    )
    mapped = findings.questions.sources.keys()
    check_share(rules.share, snapshot, mapped)
    if findings.answers is not None:
        asked = make_answered(findings.questions, findings.answers)
    else:
        asked = make_asked(findings.questions, findings.outcomes, snapshot, now, wishes.accepts)
    asked = replace(asked, links=find_links(findings.questions.bounds, engine.project.sources))
    problems = (
        *engine.project.problems,
        *findings.problems,
        *check_astray(snapshot),
        *check_rows(rules.share, snapshot, mapped),
    )
    with paused_collector():
        plan = make_plan(snapshot, asked, rules, now, (*problems, *check_gaps(asked.outcomes, problems)))
    serves = rules.confirms and findings.answers is None and is_ticked(findings.snapshot.dashboard)
    return replace(plan, serves=serves and wishes.turn is None)


def _find_planned(engine: Engine, wishes: RunWishes, snapshot: Snapshot, now: datetime) -> frozenset[str]:
    """The cycles whose rows are written: the open ones; while one is closed that one alone, while reopened none."""
    if wishes.turn is None:
        return frozenset(find_open(engine, snapshot, now))
    return frozenset({wishes.turn.cycle} if wishes.turn.closes else ())


def preview(engine: Engine, wishes: RunWishes) -> Plan:
    """What a run would write now. Nothing is written."""
    now = engine.now()
    findings = find_out(engine, wishes, now)
    return plan_run(engine, wishes, findings, findings.snapshot, now)


def preview_unasked(engine: Engine, *also: Tab) -> tuple[Plan, RawTab | None]:
    """What a run that asks nobody would write now, and the tab Runs with all its lines. One read, no write.

    ``also`` are other tabs that are read to their end: History.
    """
    now = engine.now()
    snapshot = read_snapshot(engine, now, whole=(Tab.RUNS, *also))
    findings = Findings(snapshot, ask_what(engine, snapshot, now), {}, (), 0.0, now)
    plan = plan_run(engine, RunWishes(fetch=False), findings, snapshot, now)
    return plan, snapshot.runs


def apply_run(engine: Engine, wishes: RunWishes) -> RunReport:
    """Do a run. Safe to repeat at any moment.

    Raises:
        SheetBusy: somebody else wrote between our read and our write, three times over. Nothing was lost.
        OkrSyncError: any other reason why nothing was written.
    """
    started = engine.now()
    run = engine.make_id(started)
    try:
        findings = find_out(engine, wishes, started)
    except LedgerLost as lost:
        log.warning("%s It is made anew from History.", lost.message)
        _prepare(engine)
        findings = find_out(engine, wishes, started)
        findings = replace(findings, problems=(*findings.problems, _REBUILT))
    snapshot = findings.snapshot
    _check_clock(engine, wishes, snapshot)
    reason = _find_preparation(engine, wishes, snapshot, started)
    if reason:
        log.info(reason)
        _prepare(engine, findings.seconds)
        snapshot = read_snapshot(engine, started)
    elif findings.seconds > READ_AGAIN_AFTER:
        snapshot = read_snapshot(engine, started)
    snapshot = mend_sheet(engine, snapshot, run, started)
    return write_findings(engine, wishes, findings, snapshot, run, started)


def _prepare(engine: Engine, spent: float = 0.0) -> None:
    QuotaWaits(engine, spent).planned_anew(lambda: prepare_sheet(engine, repairs=False))


def write_findings(
    engine: Engine,
    wishes: RunWishes,
    findings: Findings,
    snapshot: Snapshot,
    run: str,
    started: datetime,
    check: Callable[[Plan], None] = lambda _: None,
    began: datetime | None = None,
) -> RunReport:
    """Plan and write what was found, and again where somebody else was faster. ``check`` may refuse each plan.

    ``began`` is when the run began, where that isn't the moment ``started`` for which it plans.

    Raises:
        SheetBusy: somebody else wrote between our read and our write, three times over. Nothing was lost.
        SheetOverQuota: the quota of writes wasn't there again in time. What is written so far is whole.
    """
    if not wishes.force:
        check_heartbeat(engine.now(), snapshot.ledger.heartbeat, snapshot.raw.clock_off)
    _check_clock(engine, wishes, snapshot)
    told: set[HistoryRow] = set()
    overdrawn: list[str] = []
    quota, lost, attempt, first = QuotaWaits(engine, findings.seconds), 0, 0, snapshot
    while True:
        attempt += 1
        plan = plan_run(engine, wishes, findings, snapshot, started)
        check(plan)
        stamp = RunStamp(run, began or started, engine.now(), remark=render_remark(plan), heard=findings.heard)
        refuse_unsafe(engine, wishes, plan, stamp)
        try:
            with shielded():
                written = write_plan(engine, plan, stamp, told, overdrawn)
            return RunReport(stamp, plan, written, attempt)
        except SheetOverQuota as error:
            quota.wait(error)
        except (SheetBusy, WriteUnconfirmed) as error:
            lost += 1
            log.warning("run %s: attempt %d of %d: %s", run, lost, ATTEMPTS, error)
            if lost == ATTEMPTS:
                raise SheetBusy(
                    f"the sheet was written by somebody else {ATTEMPTS} times between our read and our write.",
                    fix="Run again in a few minutes. Nothing was lost.",
                ) from error
        snapshot = mend_sheet(engine, read_snapshot(engine, started), run, started)
        wishes = replace(wishes, release=find_meant(wishes.release, first, snapshot))


def _check_clock(engine: Engine, wishes: RunWishes, snapshot: Snapshot) -> None:
    """Before anything is written, tabs of another cycle too. Raises ClockWrong."""
    if not wishes.force:
        check_heartbeat(engine.now(), snapshot.ledger.heartbeat, snapshot.raw.clock_off)


_REBUILT = Problem(
    code="sheet.ledger-rebuilt",
    message="the hidden tab _okr_sync was gone; okr-sync's memory was made anew from History and its notes",
    fix="Look at what waits in okr-sync plan: what neither of them knew is not written over until you accept it.",
    severity=Severity.WARNING,
)


def find_alarms(engine: Engine, wishes: RunWishes, plan: Plan) -> tuple[Alarm, ...]:
    """The guards of the plan that would refuse it."""
    return () if wishes.force else check_plan(plan, engine.project.config.guards, wishes.accept)


def refuse_unsafe(engine: Engine, wishes: RunWishes, plan: Plan, stamp: RunStamp) -> None:
    """Write nothing but a line in Runs where too many readings changed at once.

    Raises:
        UnsafePlan: they did.
    """
    alarms = find_alarms(engine, wishes, plan)
    if not alarms:
        return
    remark = "; ".join(map(str, alarms))
    tell_refused(engine, plan, replace(stamp, result="refused", remark=remark))
    raise refuse(alarms)


def _find_preparation(engine: Engine, wishes: RunWishes, snapshot: Snapshot, now: datetime) -> str:
    """Why the sheet has to be prepared before it is written, where nobody has run ``layout``.

    A cycle has no History yet, as its first night has come; or the colours know other words for a status, or not yet
    how often people type a value.
    """
    if any(cycle not in snapshot.history for cycle in _find_planned(engine, wishes, snapshot, now)):
        return "a cycle has begun: its tabs are made"
    types = engine.project.mappings.by_hand.values()
    if snapshot.ledger.head.layout < EVERY_SINCE and any(each.every != "week" for each in types):
        return "the sheet's colours learn how often values are typed by hand"
    if wishes.turn is None and snapshot.ledger.head.words != engine.project.config.scoring.status.preset:
        return "another rule names the statuses: its colours are made"
    return ""

"""One run: read, ask, plan, write; and read, plan and write again where somebody else was faster.

text → project → questions → outcomes → plan → batches → report. ``plan_run`` writes nothing; ``apply_run`` decides
nothing. A write is never sent twice: after a lost answer the sheet is read and planned again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.base import Connector
from connectors.beside import WithSamples, as_connectors, with_sent
from connectors.gather import Budget, gather
from mappings.model import Gap, GapKind, Metric, Outcome
from okr.model import Cycle
from okr.problem import Problem, Severity
from sync.astray import check_astray
from sync.collector import paused_collector
from sync.engine import Engine, find_cycles
from sync.guards import Alarm, check_plan, refuse
from sync.hints import Hints
from sync.interrupt import shielded
from sync.links import find_links
from sync.load import open_connectors
from sync.plan import Plan, make_plan
from sync.plan_gaps import check_gaps
from sync.plan_task import PlanRules
from sync.plan_turn import Turn
from sync.plan_undo import Undones
from sync.prepare import prepare_sheet
from sync.questions import Questions, make_answered, make_asked, make_questions
from sync.read import read_snapshot
from sync.run_rows import HistoryRow, RunStamp
from sync.share import check_rows, check_share, make_share
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.snapshot import LedgerLost, Snapshot
from sync.sheet.store import RawTab
from sync.sheet.store_error import SheetBusy, SheetUnavailable, WriteUnconfirmed
from sync.sheet.tick import is_ticked
from sync.write import ATTEMPTS, mend_sheet, tell_refused, write_plan

log = logging.getLogger(__name__)

READ_AGAIN_AFTER = 2.0
"""Seconds of asking after which the sheet is read once more before the plan is made."""


@dataclass(frozen=True, slots=True)
class RunWishes:
    """What the caller wants of this run. ``only`` are key result ids; ``fetch`` off scores with the last readings.

    ``evidence`` shows some records behind each number, with titles, where a mere answer would do; ``paused`` asks what
    is paused too. Both are for looking, never for a run that writes.

    ``release`` are machine cells in which a person's value stands, and which are written all the same.
    ``undo`` are cells that get back what stood there before a run.
    ``accept`` are ids whose readings are believed against all guards; ``force`` believes all of them.
    ``turn`` is a cycle to close or to reopen: then nothing but its rows is written.
    ``tells``: the caller tells people the news that this run claims, and settles it then; ``tells_at`` is when, where
    that isn't the moment for which it plans.
    """

    fetch: bool = True
    only: frozenset[str] = frozenset()
    takeover: bool = False
    release: frozenset[tuple[RowKey, Field]] = frozenset()
    undo: Undones = field(default_factory=dict)
    evidence: bool = False
    paused: bool = False
    accept: frozenset[str] = frozenset()
    force: bool = False
    turn: Turn | None = None
    tells: bool = False
    tells_at: datetime | None = None

    def accepts(self, own_id: str) -> bool:
        """Whether a person has looked at this one's reading and believes it, whatever guards say."""
        return self.force or own_id in self.accept


@dataclass(frozen=True, slots=True)
class Findings:
    """What was read and asked, before anything is planned. ``heard`` is when the last source had answered.

    ``source_problems`` are those that asking brought. ``answers`` are a saved plan's, by row, in the place of
    ``outcomes``.
    """

    snapshot: Snapshot
    questions: Questions
    outcomes: Mapping[Metric, Outcome]
    problems: tuple[Problem, ...]
    seconds: float
    heard: datetime
    source_problems: tuple[Problem, ...] = ()
    answers: Mapping[RowKey, Outcome] | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. ``attempts`` counts plans made; ``batches`` what was written; a quiet run wrote a heartbeat."""

    stamp: RunStamp
    plan: Plan
    batches: int
    attempts: int
    calls: Mapping[str, int] = field(default_factory=dict)


def find_out(engine: Engine, wishes: RunWishes, now: datetime) -> Findings:
    """Read the sheet and ask the sources. Nothing is written."""
    snapshot = read_snapshot(engine, now)
    questions = ask_what(engine, snapshot, now)
    config = engine.project.config
    share = make_share(config.name, config.sheet.rows, snapshot.ledger.head, now)
    check_share(share, snapshot, questions.sources.keys())
    if not wishes.fetch:
        return Findings(snapshot, questions, {}, questions.problems, 0.0, now)
    asked = replace(
        questions,
        bounds={
            key: bound
            for key, bound in questions.bounds.items()
            if share.owns(key.id) and (not wishes.only or key.id in wishes.only)
        },
    )
    started = engine.around.monotonic()
    outcomes, problems = _ask(engine, replace(asked, paused={}) if wishes.paused else asked, evidence=wishes.evidence)
    seconds = engine.around.monotonic() - started
    found = (*questions.problems, *problems)
    return Findings(snapshot, questions, outcomes, found, seconds, engine.now(), problems)


def ask_what(engine: Engine, snapshot: Snapshot, now: datetime) -> Questions:
    """What is to be asked for this sheet. Nobody is asked yet."""
    running = find_open(engine, snapshot, now)
    config = engine.project.config
    zone = ZoneInfo(config.timezone)
    return make_questions(engine.project.mappings, snapshot, running, now, zone, config.calendar)


def _ask(engine: Engine, questions: Questions, *, evidence: bool) -> tuple[dict[Metric, Outcome], tuple[Problem, ...]]:
    metrics = questions.metrics
    needed = frozenset(metric.query.source for metric in metrics)
    connectors, problems = open_connectors(engine.project, engine.environ, engine.around, needed)
    config = engine.project.config
    budget = Budget(source=float(config.source_budget), total=float(config.budget))
    try:
        shown = {name: WithSamples(connector) for name, connector in connectors.items()}
        asked = as_connectors(shown) if evidence else connectors
        tell = engine.on_progress
        found = gather(metrics, asked, budget=budget, around=engine.around, on_progress=tell, titles=evidence)
        found = with_sent(found, connectors) if evidence else found
    finally:
        _close(connectors)
    refused = {problem.subject: problem for problem in problems}
    gaps = {metric: _refuse(problem) for metric in found if (problem := refused.get(metric.query.source)) is not None}
    return {**found, **gaps}, problems


def _refuse(problem: Problem) -> Gap:
    """A source that couldn't even be asked, because its credential can't be had."""
    return Gap(GapKind.REFUSED, problem.message, problem.fix, problem.subject)


def _close(connectors: Mapping[str, Connector]) -> None:
    for connector in connectors.values():
        connector.close()


def plan_run(engine: Engine, wishes: RunWishes, findings: Findings, snapshot: Snapshot, now: datetime) -> Plan:
    """The plan for what was found and for the sheet as it is. Pure but for its arguments."""
    config = engine.project.config
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


def find_open(engine: Engine, snapshot: Snapshot, now: datetime) -> dict[str, Cycle]:
    """The cycles whose key results are asked for and scored: those that are read, without the closed ones."""
    _, running = find_cycles(engine, now.date())
    return {name: cycle for name, cycle in running.items() if name not in snapshot.ledger.head.closed}


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
        prepare_sheet(engine)
        findings = find_out(engine, wishes, started)
        findings = replace(findings, problems=(*findings.problems, _REBUILT))
    snapshot = findings.snapshot
    reason = _find_preparation(engine, wishes, snapshot, started)
    if reason:
        log.info(reason)
        prepare_sheet(engine)
        snapshot = read_snapshot(engine, started)
    elif findings.seconds > READ_AGAIN_AFTER:
        snapshot = read_snapshot(engine, started)
    snapshot = mend_sheet(engine, snapshot, run, started)
    return write_findings(engine, wishes, findings, snapshot, run, started)


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
    """
    told: set[HistoryRow] = set()
    overdrawn: list[str] = []
    for attempt in range(1, ATTEMPTS + 1):
        plan = plan_run(engine, wishes, findings, snapshot, started)
        check(plan)
        stamp = RunStamp(run, began or started, engine.now(), remark=render_remark(plan), heard=findings.heard)
        refuse_unsafe(engine, wishes, plan, stamp)
        try:
            with shielded():
                written = write_plan(engine, plan, stamp, told, overdrawn)
            return RunReport(stamp, plan, written, attempt)
        except (SheetBusy, WriteUnconfirmed) as error:
            log.warning("run %s: attempt %d of %d: %s", run, attempt, ATTEMPTS, error)
            if attempt == ATTEMPTS:
                raise SheetBusy(
                    f"the sheet was written by somebody else {ATTEMPTS} times between our read and our write.",
                    fix="Run again in a few minutes. Nothing was lost.",
                ) from error
        snapshot = mend_sheet(engine, read_snapshot(engine, started), run, started)
    raise SheetUnavailable("no attempt was made.")


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

    A cycle has no History yet, as its first night has come; or the colours know other words for a status.
    """
    if any(cycle not in snapshot.history for cycle in _find_planned(engine, wishes, snapshot, now)):
        return "a cycle has begun: its tabs are made"
    if wishes.turn is None and snapshot.ledger.head.words != engine.project.config.scoring.status.preset:
        return "another rule names the statuses: its colours are made"
    return ""


def render_remark(plan: Plan) -> str:
    """The run in one line, for the Runs tab and the log."""
    parts = [f"{plan.turn.cycle} {'closed' if plan.turn.closes else 'reopened'}"] if plan.turn else []
    parts += ["asked for on the Dashboard"] if plan.serves else []
    parts += [f"{len(plan.moved)} moved", f"{len(plan.aged)} aged"]
    holds = sum(len(row.holds) for row in plan.rows)
    parts += [f"{holds} held"] if holds else []
    parts += sorted({item.why for row in plan.rows for item in row.holds if item.is_new and item.why})
    parts += [f"{len(plan.gaps)} without a fresh reading"] if plan.gaps else []
    life = plan.life
    parts += [_count(len(life.new), "new problem")] if life.new else []
    parts += [f"{_count(len(life.over), 'problem')} over"] if life.over else []
    return ", ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"

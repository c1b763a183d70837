"""One run: read, ask, plan, write; and read, plan and write again where somebody else was faster.

text → project → questions → outcomes → plan → batches → report. ``plan_run`` writes nothing; ``apply_run`` decides
nothing. A write is never sent twice: after a lost answer the sheet is read and planned again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.base import Connector
from connectors.gather import Budget, gather
from mappings.model import Gap, GapKind, Metric, Outcome
from okr.problem import Problem
from sync.batches import HistoryRow, RunStamp, make_batches, make_put_back_batch
from sync.collector import paused_collector
from sync.confirm import fetch_receipt
from sync.drawings import draw_tabs
from sync.engine import Engine, find_cycles
from sync.load import open_connectors
from sync.plan import Plan, make_plan
from sync.plan_gaps import check_gaps
from sync.plan_task import PlanRules
from sync.prepare import prepare_sheet
from sync.questions import Questions, make_asked, make_questions
from sync.sheet.layout import Field
from sync.sheet.ledger import RowKey
from sync.sheet.readback import Grid, Misplaced, check_receipt, make_expected, make_put_back
from sync.sheet.snapshot import Snapshot, find_renamed, make_snapshot, make_titles
from sync.sheet.store import Batch, Receipt, SheetBusy, SheetUnavailable, WriteUnconfirmed

log = logging.getLogger(__name__)

ATTEMPTS = 3
READ_AGAIN_AFTER = 2.0
"""Seconds of asking after which the sheet is read once more before the plan is made."""


@dataclass(frozen=True, slots=True)
class RunWishes:
    """What the caller wants of this run. ``only`` are key result ids; ``fetch`` off scores with the last readings.

    ``release`` are machine cells in which a person's value stands, and which are written all the same.
    """

    fetch: bool = True
    only: frozenset[str] = frozenset()
    takeover: bool = False
    release: frozenset[tuple[RowKey, Field]] = frozenset()


@dataclass(frozen=True, slots=True)
class Findings:
    """What was read and asked, before anything is planned. ``heard`` is when the last source had answered."""

    snapshot: Snapshot
    questions: Questions
    outcomes: Mapping[Metric, Outcome]
    problems: tuple[Problem, ...]
    seconds: float
    heard: datetime


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. ``attempts`` counts plans made; ``batches`` what was written; a quiet run wrote a heartbeat."""

    stamp: RunStamp
    plan: Plan
    batches: int
    attempts: int
    calls: Mapping[str, int] = field(default_factory=dict)


def read_snapshot(engine: Engine, now: datetime) -> Snapshot:
    """The sheet as it is now. One call, unless a tab is missing or was renamed."""
    cycles, running = find_cycles(engine.project, now.date())
    names = engine.project.config.sheet.names
    titles, heads = make_titles(names, running)
    raw = engine.store.fetch_sheet(titles, heads)
    renamed = find_renamed(raw, (*titles, *heads))
    if renamed:
        names = replace(names, renamed=renamed)
        raw = engine.store.fetch_sheet(*make_titles(names, running))
    with paused_collector():
        return make_snapshot(raw, names, cycles, tuple(running))


def find_out(engine: Engine, wishes: RunWishes, now: datetime) -> Findings:
    """Read the sheet and ask the sources. Nothing is written."""
    snapshot = read_snapshot(engine, now)
    _, running = find_cycles(engine.project, now.date())
    config = engine.project.config
    zone = ZoneInfo(config.timezone)
    questions = make_questions(engine.project.mappings, snapshot, running, now, zone, config.calendar.year_starts)
    if not wishes.fetch:
        return Findings(snapshot, questions, {}, questions.problems, 0.0, now)
    asked = (
        questions
        if not wishes.only
        else replace(questions, bounds={key: bound for key, bound in questions.bounds.items() if key.id in wishes.only})
    )
    started = engine.around.monotonic()
    outcomes, problems = _ask(engine, asked)
    seconds = engine.around.monotonic() - started
    return Findings(snapshot, questions, outcomes, (*questions.problems, *problems), seconds, engine.now())


def _ask(engine: Engine, questions: Questions) -> tuple[dict[Metric, Outcome], tuple[Problem, ...]]:
    metrics = questions.metrics
    needed = frozenset(metric.query.source for metric in metrics)
    connectors, problems = open_connectors(engine.project, engine.environ, engine.around, needed)
    config = engine.project.config
    budget = Budget(source=float(config.source_budget), total=float(config.budget))
    try:
        found = gather(
            metrics, connectors, budget=budget, around=engine.around, on_progress=engine.on_progress, titles=False
        )
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
        cycles=frozenset(find_cycles(engine.project, now.date())[1]),
        release=wishes.release,
    )
    asked = make_asked(findings.questions, findings.outcomes, snapshot, now)
    problems = (*engine.project.problems, *findings.problems)
    with paused_collector():
        return make_plan(snapshot, asked, rules, now, (*problems, *check_gaps(asked.outcomes, problems)))


def preview(engine: Engine, wishes: RunWishes) -> Plan:
    """What a run would write now. Nothing is written."""
    now = engine.now()
    findings = find_out(engine, wishes, now)
    return plan_run(engine, wishes, findings, findings.snapshot, now)


def apply_run(engine: Engine, wishes: RunWishes) -> RunReport:
    """Do a run. Safe to repeat at any moment.

    Raises:
        SheetBusy: somebody else wrote between our read and our write, three times over. Nothing was lost.
        OkrSyncError: any other reason why nothing was written.
    """
    started = engine.now()
    findings = find_out(engine, wishes, started)
    snapshot = findings.snapshot
    if _lacks_cycle(engine, snapshot, started):
        log.info("a cycle has begun: its tabs are made")
        prepare_sheet(engine)
        snapshot = read_snapshot(engine, started)
    elif findings.seconds > READ_AGAIN_AFTER:
        snapshot = read_snapshot(engine, started)
    run = engine.make_id(started)
    told: set[HistoryRow] = set()
    for attempt in range(1, ATTEMPTS + 1):
        plan = plan_run(engine, wishes, findings, snapshot, started)
        stamp = RunStamp(run, started, engine.now(), remark=render_remark(plan), heard=findings.heard)
        try:
            return RunReport(stamp, plan, _write(engine, plan, stamp, told), attempt)
        except (SheetBusy, WriteUnconfirmed) as error:
            log.warning("run %s: attempt %d of %d: %s", run, attempt, ATTEMPTS, error)
            if attempt == ATTEMPTS:
                raise SheetBusy(
                    f"the sheet was written by somebody else {ATTEMPTS} times between our read and our write.",
                    fix="Run again in a few minutes. Nothing was lost.",
                ) from error
        snapshot = read_snapshot(engine, started)
    raise SheetUnavailable("no attempt was made.")


def _lacks_cycle(engine: Engine, snapshot: Snapshot, now: datetime) -> bool:
    """Whether an open cycle has no History yet: its first night has come, and nobody has run ``layout`` for it."""
    _, running = find_cycles(engine.project, now.date())
    return any(cycle not in snapshot.history for cycle in running)


def _write(engine: Engine, plan: Plan, stamp: RunStamp, told: set[HistoryRow]) -> int:
    """Write the plan's batches; put back what hit something that had moved, and raise SheetBusy for another plan.

    ``told`` collects what the History tabs got: a plan that is made again doesn't tell it again.
    """
    if plan.is_quiet and not engine.project.config.sheet.heartbeat:
        return 0
    drawings = () if plan.is_quiet else draw_tabs(plan, stamp, engine.project.config.stale_days)
    batches = make_batches(plan, stamp, drawings, engine.store.batch_bytes, frozenset(told))
    grids: Mapping[int, Grid] = {view.raw.tab_id: view.raw.cells for view in plan.snapshot.views.values()}
    for batch in batches:
        receipt = _send(engine, plan, batch)
        told.update(row for append in batch.appends for row in append.rows)
        misplaced = check_receipt(batch, receipt, grids)
        if misplaced:
            _put_back(engine, plan, batch, receipt, misplaced)
            raise SheetBusy(f"{len(misplaced)} cells had moved or changed since they were read; they were put back.")
    return len(batches)


def _send(engine: Engine, plan: Plan, batch: Batch) -> Receipt:
    """Write once. Where the answer is lost, the sheet itself is asked; a write that can't be found is planned anew."""
    try:
        return engine.store.apply_batch(batch)
    except WriteUnconfirmed as error:
        receipt = fetch_receipt(engine.store, plan, batch)
        if receipt is None:
            raise
        log.warning("the answer to a write was lost, but it has landed: %s", error)
        return receipt


def _put_back(engine: Engine, plan: Plan, batch: Batch, receipt: Receipt, misplaced: Sequence[Misplaced]) -> None:
    """Restore what a write hit by mistake; and again, where people moved things meanwhile."""
    for _ in range(ATTEMPTS):
        restoring = make_put_back_batch(plan, batch, make_put_back(misplaced))
        expected = make_expected(batch, receipt)
        receipt = _send(engine, plan, restoring)
        misplaced = check_receipt(restoring, receipt, expected)
        if not misplaced:
            return
        batch = restoring
    log.error("run: %d cells could not be put back; the version history has them.", len(misplaced))


def render_remark(plan: Plan) -> str:
    """The run in one line, for the Runs tab and the log."""
    parts = [f"{len(plan.moved)} moved", f"{len(plan.aged)} aged"]
    holds = sum(len(row.holds) for row in plan.rows)
    parts += [f"{holds} held"] if holds else []
    parts += [f"{len(plan.gaps)} without a fresh reading"] if plan.gaps else []
    parts += [f"{len(plan.new_problems)} new problems"] if plan.new_problems else []
    return ", ".join(parts)

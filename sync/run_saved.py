"""Saves what a plan stands on, and applies it later: exactly that, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sync.engine import Engine
from sync.named_ids import check_named, find_ids
from sync.plan import Plan
from sync.questions import Questions
from sync.read import read_snapshot
from sync.run import Findings, RunReport, RunWishes, ask_what, find_out, plan_run, write_findings
from sync.saved_plan import SavedPlan, check_same, check_world, hash_rows, make_world
from sync.share import make_share, share_snapshot
from sync.sheet.snapshot import Snapshot
from sync.write import mend_sheet


def preview_to_save(engine: Engine, wishes: RunWishes) -> tuple[Plan, SavedPlan]:
    """What a run would write now, and the same for a file. Nothing is written."""
    now = engine.now()
    findings = find_out(engine, wishes, now)
    plan = plan_run(engine, wishes, findings, findings.snapshot, now)
    saved = SavedPlan(
        world=make_world(findings.snapshot, engine.project.fingerprint, plan.share),
        now=now,
        heard=findings.heard,
        outcomes=plan.asked.outcomes,
        problems=findings.source_problems,
        rows=hash_rows(plan),
        fetch=wishes.fetch,
        only=wishes.only,
        accept=wishes.accept,
        force=wishes.force,
    )
    return plan, saved


def apply_saved(engine: Engine, saved: SavedPlan, wishes: RunWishes) -> RunReport:
    """Write a saved plan. ``wishes`` may accept more than it did when it was saved.

    Raises:
        StalePlan: the sheet, the mappings or the readings have moved on. Nothing was written.
        UnknownWord: ``wishes`` accept an id that no row of this config bears.
        OkrSyncError: any other reason why nothing was written.
    """
    now, files = engine.now(), engine.project.fingerprint
    made = saved.now.astimezone(ZoneInfo(engine.project.config.timezone))
    wishes = replace(
        wishes,
        fetch=saved.fetch,
        only=saved.only,
        accept=wishes.accept | saved.accept,
        force=wishes.force or saved.force,
        tells_at=now,
    )
    run = engine.make_id(now)
    age = engine.project.config.plan_age
    snapshot = read_snapshot(engine, made)
    config = engine.project.config
    share = make_share(config.name, config.sheet.rows, snapshot.ledger.head, made)
    check_named(wishes.accept, find_ids(snapshot, share, engine.project.mappings))
    heartbeat = share_snapshot(share, snapshot).ledger.heartbeat
    check_world(saved, make_world(snapshot, files, share), heartbeat, now, age)
    snapshot = mend_sheet(engine, snapshot, run, made)
    findings = _find(engine, saved, snapshot, made)
    return write_findings(
        engine, wishes, findings, snapshot, run, made, check=lambda plan: check_same(saved, plan), began=now
    )


def _find(engine: Engine, saved: SavedPlan, snapshot: Snapshot, made: datetime) -> Findings:
    """The findings of then. The answers are by row already: nobody is asked."""
    questions: Questions = ask_what(engine, snapshot, made)
    problems = (*questions.problems, *saved.problems)
    return Findings(snapshot, questions, {}, problems, 0.0, saved.heard, saved.problems, saved.outcomes)

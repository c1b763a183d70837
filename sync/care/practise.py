"""How the OKRs of a sheet are practised: owners, alignment, overlap, and hints for better wording. Writes nothing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from zoneinfo import ZoneInfo

from okr.model import Key
from okr.overlap import check_overlap
from okr.practice import check_practice
from okr.problem import Problem, Severity
from okr.quality import check_quality
from okr.silence import check_silence, find_kept
from sync.engine import Engine, find_cycles
from sync.plan import Plan
from sync.questions import make_questions
from sync.sheet.layout import Tab


def check_practised(engine: Engine, plan: Plan) -> tuple[Problem, ...]:
    """What a plan's definitions tell beside its problems. Hints are left out where ``quality`` is off."""
    running = find_cycles(engine, plan.day)[1]
    okrs, config = plan.snapshot.okrs, engine.project.config
    standings = {key.key: item.standing for key, item in plan.standings.items() if key.tab is Tab.KEY_RESULTS}
    found = (
        *check_practice(okrs, plan.day),
        *check_overlap(okrs, find_metrics(engine, plan)),
        *check_quality(okrs, plan.scorecard, standings, config.scoring),
        *check_silence(find_kept(okrs, plan.scorecard, running, config.cadence, plan.day), plan.day),
    )
    return tuple(problem for problem in found if config.quality or problem.severity is not Severity.HINT)


def find_metrics(engine: Engine, plan: Plan) -> Mapping[Key, Hashable]:
    """What each mapped key result reads, with its variables filled in."""
    project, running = engine.project, find_cycles(engine, plan.day)[1]
    zone = ZoneInfo(project.config.timezone)
    questions = make_questions(project.mappings, plan.snapshot, running, plan.now, zone, project.config.calendar)
    return {key.key: bound.metrics for key, bound in questions.bounds.items() if key.tab is Tab.KEY_RESULTS}

"""``check --live``: the mappings against what their sources have today. Reads sheet and sources; writes nothing."""

from __future__ import annotations

from connectors.gather import Budget
from connectors.survey import Survey, survey
from mappings.model import Gap, GapKind
from okr.problem import Problem, Severity
from sync.care.lint import Findings, make_findings
from sync.care.live_overlap import Asked
from sync.care.live_rules import check_owners, check_survey, dead_sources
from sync.engine import Engine, find_cycles
from sync.load import open_connectors
from sync.plan import Plan
from sync.questions import Questions
from sync.run import RunWishes, find_out, plan_run
from sync.sheet.layout import Tab


def check_live(engine: Engine) -> Findings:
    """The problems of config, mappings and sheet, and what the sources tell besides. Each query is asked once.

    A source that can't be asked, or not in time, is one problem; the others' findings are there all the same.
    """
    now = engine.now()
    wishes = RunWishes(fetch=False)
    found = find_out(engine, wishes, now)
    plan = plan_run(engine, wishes, found, found.snapshot, now)
    answers, problems = _ask(engine, found.questions)
    problems += check_survey(_rows(plan, found.questions), answers, now)
    open_ = find_cycles(engine, now.date())[1]
    running = (kr for kr in plan.snapshot.okrs.key_results if kr.key.cycle in open_)
    problems += tuple(check_owners(running, now.date()))
    return make_findings(engine, plan, problems)


def _rows(plan: Plan, questions: Questions) -> list[Asked]:
    """Every row that would be asked tonight."""
    key_results = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    return [
        Asked(key.id, bound, key_results.get(key.key) if key.tab is Tab.KEY_RESULTS else None)
        for key, bound in questions.bounds.items()
        if key not in questions.paused
    ]


def _ask(engine: Engine, questions: Questions) -> tuple[Survey, tuple[Problem, ...]]:
    metrics = questions.metrics
    needed = frozenset(metric.query.source for metric in metrics)
    connectors, problems = open_connectors(engine.project, engine.environ, engine.around, needed)
    config = engine.project.config
    budget = Budget(source=float(config.source_budget), total=float(config.budget))
    asked = [metric for metric in metrics if metric.query.source in connectors]
    try:
        found = survey(asked, connectors, budget=budget, around=engine.around, on_progress=engine.on_progress)
    finally:
        for connector in connectors.values():
            connector.close()
    return found, (*problems, *_check_sources(engine, found))


def _check_sources(engine: Engine, found: Survey) -> list[Problem]:
    """Sources that refused everything, and whatever was not answered in time: one problem for each reason."""
    silent: dict[tuple[str, str], list[Gap]] = {}
    for metric, gap in found.outcomes.items():
        if isinstance(gap, Gap) and gap.kind is GapKind.UNAVAILABLE:
            silent.setdefault((metric.query.source, gap.reason), []).append(gap)
    dead = dead_sources(found).items()
    made = [_say_source(engine, source, gap, "its mappings are not checked", Severity.ERROR) for source, gap in dead]
    for (source, _), gaps in silent.items():
        rest = f"{len(gaps)} quer{'y was' if len(gaps) == 1 else 'ies were'} not checked"
        made.append(_say_source(engine, source, gaps[0], rest, Severity.WARNING))
    return made


def _say_source(engine: Engine, source: str, gap: Gap, rest: str, severity: Severity) -> Problem:
    node = engine.project.config.sources[source].options
    message = f"{gap.reason.rstrip('.')}; {rest}"
    return Problem("live.source", message, node.place, gap.fix, source, severity, node.line_text)

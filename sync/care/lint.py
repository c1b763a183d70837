"""``check``: everything that is wrong with config and mappings, and, where asked, with the sheet. Writes nothing.

What the sources tell besides is ``live``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from okr.problem import ConfigError, Problem, Severity, TextPlace
from sync.care.practise import check_practised
from sync.care.stub import make_stub
from sync.engine import Engine
from sync.load import Project, load_project, read_mappings
from sync.plan import Plan
from sync.run import RunWishes, preview


@dataclass(frozen=True, slots=True)
class Manual:
    """A key result of an open cycle that has no mapping, and a line that would give it one."""

    id: str
    name: str
    stub: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found. ``project`` is ``None`` where the config can't be used.

    ``manual`` and ``place`` (the sheet's) are there once the sheet was read.
    """

    project: Project | None
    problems: tuple[Problem, ...]
    manual: tuple[Manual, ...] = ()
    place: str = ""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop something; the others are warnings."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def check_files(path: Path) -> Findings:
    """All problems of a config and its mappings, offline. Secrets are not fetched."""
    try:
        project = load_project(path)
    except ConfigError as error:
        return Findings(None, error.problems)
    return Findings(project, project.problems)


def check_sheet(engine: Engine) -> Findings:
    """The problems of config, mappings and sheet together. The sheet is read once; no source is asked."""
    plan = preview(engine, RunWishes(fetch=False))
    return make_findings(engine, plan, check_practised(engine, plan))


def make_findings(engine: Engine, plan: Plan, more: tuple[Problem, ...] = ()) -> Findings:
    """What a plan without readings tells, and what was found besides."""
    mappings = engine.project.mappings
    mapped = {*mappings.mapped_ids, *mappings.by_hand}
    manual = tuple(
        Manual(kr.key.id, kr.name, make_stub(engine.project, kr))
        for kr in plan.snapshot.okrs.key_results
        if kr.key.id and kr.key.id not in mapped and kr.key in plan.scorecard.key_results
    )
    problems = _with_lines(engine.project, (*plan.problems, *more))
    return Findings(engine.project, problems, _distinct(manual), engine.store.place)


def _with_lines(project: Project, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems with the line that each stands in, also those that were found without the files at hand."""
    lines = {name: text.splitlines() for name, text in read_mappings(project.folder, project.config)[0].items()}
    return tuple(_with_line(problem, lines) for problem in problems)


def _with_line(problem: Problem, lines: Mapping[str, list[str]]) -> Problem:
    place = problem.place
    if problem.line_text is not None or not isinstance(place, TextPlace):
        return problem
    found = lines.get(place.file, [])[place.line - 1 : place.line]
    return replace(problem, line_text=found[0]) if found else problem


def _distinct(manual: Iterable[Manual]) -> tuple[Manual, ...]:
    return tuple({item.id: item for item in manual}.values())

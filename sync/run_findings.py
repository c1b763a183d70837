"""What a run reads and asks before anything is planned: the sheet, then the sources. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.base import Connector
from connectors.beside import WithSamples, as_connectors, with_sent
from connectors.gather import Budget, gather
from mappings.model import Gap, GapKind, Metric, Outcome
from okr.model import Cycle
from okr.problem import Problem
from sync.clock import find_off
from sync.engine import Engine, find_cycles
from sync.load import open_connectors
from sync.named_ids import check_named, find_ids
from sync.plan_turn import Turn
from sync.plan_undo import Undones
from sync.questions import Questions, make_questions
from sync.read import read_snapshot
from sync.share import check_share, make_share
from sync.sheet.layout import Field
from sync.sheet.ledger import RowKey
from sync.sheet.snapshot import Snapshot


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

    @property
    def named(self) -> frozenset[str]:
        """The ids that somebody typed. Those to look at, to release or to undo were found in the sheet."""
        return frozenset() if self.evidence or self.release or self.undo else self.only | self.accept

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


def find_out(engine: Engine, wishes: RunWishes, now: datetime) -> Findings:
    """Read the sheet and ask the sources. Nothing is written.

    Raises:
        UnknownWord: somebody named an id that no row of this config bears. No source was asked.
    """
    snapshot = read_snapshot(engine, now)
    questions = ask_what(engine, snapshot, now)
    wrong = tuple(find_off(now, snapshot.ledger.heartbeat, snapshot.raw.clock_off))
    config = engine.project.config
    share = make_share(config.name, config.sheet.rows, snapshot.ledger.head, now)
    check_share(share, snapshot, questions.sources.keys())
    check_named(wishes.named, find_ids(snapshot, share, engine.project.mappings))
    if not wishes.fetch:
        return Findings(snapshot, questions, {}, (*wrong, *questions.problems), 0.0, now)
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
    found = (*wrong, *questions.problems, *problems)
    return Findings(snapshot, questions, outcomes, found, seconds, engine.now(), problems)


def follow_sheet(engine: Engine, findings: Findings, snapshot: Snapshot, now: datetime) -> Findings:
    """The findings for the sheet as it was read last: people add and rename rows while sources are asked.

    What was found out stays with the metric that was asked for. A mapped row for which nobody was asked, because it
    wasn't there or was filled in otherwise, keeps its last good reading; it is no manual one.
    """
    if snapshot is findings.snapshot:
        return findings
    questions = ask_what(engine, snapshot, now)
    others = (problem for problem in findings.problems if problem not in findings.questions.problems)
    return replace(findings, questions=questions, problems=(*questions.problems, *others))


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


def find_open(engine: Engine, snapshot: Snapshot, now: datetime) -> dict[str, Cycle]:
    """The cycles whose key results are asked for and scored: those that are read, without the closed ones."""
    _, running = find_cycles(engine, now.date())
    return {name: cycle for name, cycle in running.items() if name not in snapshot.ledger.head.closed}

"""``cycle review``: what a cycle came to, what helped and what was in the way, for the meeting that looks back. Pure.

Grades are the scores as of now, from the values that stand in the sheet: the last readings, and what people typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from okr.definition import find_span
from okr.forecast import make_forecast, make_series
from okr.model import CheckIn, Cycle, Key, KeyResult, Objective, Okrs, Point, ScoringRules, Status
from okr.result import KeyResultResult
from okr.scorecard import make_scorecard
from okr.teams import NO_TEAM, find_teams
from okr.words import read_status
from sync.live import live_cell
from sync.moved import Moved, find_moved
from sync.plan import Plan, objective_standings
from sync.sheet.dashboard_facts import average
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.tell.outlook import Outlook, find_outlooks

SAID_AT_MOST = 3
"""How many check-ins of one key result a list of the review has: the latest ones."""


@dataclass(frozen=True, slots=True)
class Grade:
    """How one key result ended.

    ``was`` is what the sheet last said of it, in its own words, and ``was_status`` what that means. ``foreseen`` is the
    score that the weekly points of the first half of its time pointed to, ``halfway`` the day on which they did.
    """

    kr: KeyResult
    result: KeyResultResult
    team: str
    at_close: str = ""
    was: str = ""
    was_status: Status | None = None
    foreseen: Decimal | None = None
    halfway: date | None = None

    @property
    def is_newly_missed(self) -> bool:
        """Whether it was missed, and the sheet hasn't said so yet."""
        return self.result.status is Status.MISSED and self.was_status not in (None, Status.MISSED)


@dataclass(frozen=True, slots=True)
class ObjectiveGrade:
    """How an objective ended, with its key results."""

    objective: Objective
    score: Decimal | None
    word: str
    coverage: str
    grades: tuple[Grade, ...]


@dataclass(frozen=True, slots=True)
class TeamGrade:
    """How a team's key results ended: the plain average of their scores, and how many were achieved."""

    team: str
    score: Decimal | None
    achieved: int
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said in a check-in."""

    key: Key
    name: str
    text: str
    day: date
    by: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review pack. ``loose`` are the key results without an objective of this cycle.

    ``moved`` are the goalposts that were moved, ``outlooks`` how each key result moves while the cycle runs.
    """

    cycle: Cycle
    day: date
    closed: date | None
    score: Decimal | None
    objectives: tuple[ObjectiveGrade, ...]
    loose: tuple[Grade, ...]
    teams: tuple[TeamGrade, ...]
    well: tuple[Said, ...]
    improve: tuple[Said, ...]
    blockers: tuple[Said, ...]
    moved: tuple[Moved, ...] = ()
    outlooks: Mapping[Key, Outlook] = field(default_factory=dict)

    @property
    def grades(self) -> tuple[Grade, ...]:
        """All key results, by objective."""
        return (*(grade for each in self.objectives for grade in each.grades), *self.loose)

    @property
    def covered(self) -> int:
        """How many key results have a score."""
        return sum(grade.result.score is not None for grade in self.grades)

    @property
    def missed(self) -> tuple[Grade, ...]:
        """The key results that are missed and that the sheet doesn't call so yet."""
        return tuple(grade for grade in self.grades if grade.is_newly_missed)

    @property
    def undecided(self) -> tuple[Grade, ...]:
        """The key results whose At close says nothing yet."""
        return tuple(grade for grade in self.grades if not grade.at_close)


def make_review(plan: Plan, cycle: Cycle, rules: ScoringRules) -> Review:
    """The review of a cycle out of a plan that read it."""
    snapshot = plan.snapshot
    okrs = _narrow(snapshot.okrs, cycle)
    standings = {key.key: item.standing for key, item in plan.standings.items() if key.tab is Tab.KEY_RESULTS}
    card = make_scorecard(okrs, standings, rules, plan.day, objective_standings(snapshot, rules.status))
    teams = find_teams(okrs)
    grades = [_make_grade(plan, kr, card.key_results[kr.key], cycle, rules, teams[kr.key]) for kr in _distinct(okrs)]
    under: dict[Key, list[Grade]] = {}
    for grade in grades:
        under.setdefault(Key(cycle.name, grade.kr.objective or ""), []).append(grade)
    objectives = [
        ObjectiveGrade(each, result.score, result.word, result.coverage, tuple(under.pop(each.key, ())))
        for each in okrs.objectives
        if (result := card.objectives.get(each.key)) is not None
    ]
    said = sorted((item for item in okrs.check_ins if item.key in card.key_results), key=lambda item: item.day)
    names = {grade.kr.key: grade for grade in grades}
    return Review(
        cycle=cycle,
        day=plan.day,
        closed=snapshot.ledger.head.closed.get(cycle.name),
        score=average([grade.result.score for grade in grades if grade.result.score is not None]),
        objectives=tuple(objectives),
        loose=tuple(grade for left in under.values() for grade in left),
        teams=tuple(_grade_teams(grades)),
        well=tuple(_say(names, said, lambda item: item.comment, {Status.ACHIEVED})),
        improve=tuple(_say(names, said, lambda item: item.comment, set(Status) - {Status.ACHIEVED})),
        blockers=tuple(_say(names, said, lambda item: item.blocker, set(Status))),
        moved=find_moved(plan, okrs),
        outlooks=find_outlooks(plan) if plan.day <= cycle.end else {},
    )


def _narrow(okrs: Okrs, cycle: Cycle) -> Okrs:
    """The definitions of this cycle alone, and scored as if it had not been closed: "Closed" is no grade."""
    return replace(
        okrs,
        cycles={**okrs.cycles, cycle.name: replace(cycle, closed=False)},
        objectives=tuple(item for item in okrs.objectives if item.key.cycle == cycle.name),
        key_results=tuple(item for item in okrs.key_results if item.key.cycle == cycle.name),
        check_ins=tuple(item for item in okrs.check_ins if item.key.cycle == cycle.name),
        kpis=(),
    )


def _distinct(okrs: Okrs) -> Iterable[KeyResult]:
    """Each key result once: of rows that share an id the first."""
    found: dict[Key, KeyResult] = {}
    for kr in okrs.key_results:
        found.setdefault(kr.key, kr)
    return found.values()


def _make_grade(
    plan: Plan, kr: KeyResult, result: KeyResultResult, cycle: Cycle, rules: ScoringRules, team: str
) -> Grade:
    view = plan.snapshot.views[Tab.KEY_RESULTS]
    row = next(row for row in view.rows if row.key == kr.key)
    entry = plan.snapshot.ledger.entries.get(RowKey(Tab.KEY_RESULTS, *kr.key), NO_ENTRY)
    foreseen, halfway = _foresee(kr, cycle, entry.points, rules)
    at_close = str(live_cell(view, row, Field.AT_CLOSE) or "")
    was = str(live_cell(view, row, Field.STATUS) or "")
    return Grade(kr, result, team, at_close, was, read_status(was, rules.status), foreseen, halfway)


def _foresee(
    kr: KeyResult, cycle: Cycle, points: tuple[Point, ...], rules: ScoringRules
) -> tuple[Decimal | None, date | None]:
    """What the points of the first half of a key result's time pointed to, and the day of the last of them."""
    span = find_span(kr, cycle)
    if span is None:
        return None, None
    start, due = span
    middle = start + (due - start) / 2
    known = [point for point in points if start <= point.day <= middle]
    if not known:
        return None, None
    today = known[-1].day + timedelta(days=1)
    return make_forecast(make_series(known, today, None), today, due, rules.cap), known[-1].day


def _grade_teams(grades: Iterable[Grade]) -> Iterator[TeamGrade]:
    by_team: dict[str, list[Grade]] = {}
    for grade in grades:
        by_team.setdefault(grade.team, []).append(grade)
    for team in sorted(by_team, key=lambda name: (name == NO_TEAM, name.casefold())):
        own = by_team[team]
        scores = [grade.result.score for grade in own if grade.result.score is not None]
        achieved = sum(grade.result.status is Status.ACHIEVED for grade in own)
        yield TeamGrade(team, average(scores), achieved, len(own))


def _say(
    grades: Mapping[Key, Grade], said: Iterable[CheckIn], find_text: Callable[[CheckIn], str], statuses: set[Status]
) -> Iterator[Said]:
    """What was said of key results that ended so, by key result, the latest first, each text once."""
    by_key: dict[Key, dict[str, Said]] = {}
    for item in said:
        text, grade = " ".join(find_text(item).split()), grades[item.key]
        if text and grade.result.status in statuses:
            own = by_key.setdefault(item.key, {})
            own.pop(text, None)
            own[text] = Said(item.key, grade.kr.name, text, item.day, item.by)
    for key in grades:
        yield from list(by_key.get(key, {}).values())[::-1][:SAID_AT_MOST]

"""The plan: what one run would write, as a value. Everything up to here is a function of values.

``make_plan`` decides, by the merge law alone, which wanted cells are written; what a person wrote is kept, listed, or
goes to History where the law gives the cell back. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mappings.model import Gap
from okr.model import Key, Okrs, ScoringRules, Standing, StatusRule
from okr.problem import Problem
from okr.result import Scorecard
from sync.held_words import check_held_words
from sync.live import is_persons, live_cell
from sync.plan_duplicate import plan_duplicates
from sync.plan_hold import age_holds
from sync.plan_news import next_outbox
from sync.plan_release import release_cells
from sync.plan_row import plan_row
from sync.plan_task import STALE_DAYS, PlanRules, find_released, make_tasks
from sync.plan_turn import Turn, find_unmarked, make_marks
from sync.plan_undo import Undones, find_undone, undo_cells
from sync.problem_life import ProblemLife, make_life
from sync.row_plan import RowPlan
from sync.scores import Scores, make_scores
from sync.share import SHARE_CODES, WHOLE, Share, find_foreign, share_asked, share_snapshot
from sync.sheet.cell import Canon
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.sheet.merge import ShuffleError, find_shuffle
from sync.sheet.outbox import NO_OUTBOX, Outbox
from sync.sheet.snapshot import COPIED, Snapshot, remember_columns
from sync.standings import Asked, RowStanding, make_standings, objective_standing


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would write. ``rows`` are the rows with something to write or remember.

    ``aged`` counts rows in which only time moved. ``stale_gaps`` are rows without a fresh reading, with the reason.
    ``turn`` is the cycle that is closed or reopened by it. ``outbox`` is what people are still to be told after it.
    ``tells_at`` is the moment by which this run's claim is known. ``stale_days`` is after how many days a value is old.
    ``serves``: somebody had ticked “Sync now” before the sources were asked.
    """

    snapshot: Snapshot
    asked: Asked
    scorecard: Scorecard
    standings: Mapping[RowKey, RowStanding]
    now: datetime
    rows: tuple[RowPlan, ...]
    gaps: Mapping[RowKey, Gap]
    problems: tuple[Problem, ...]
    refreshes: bool
    confirms: bool
    scoring: ScoringRules
    stale_days: int = STALE_DAYS
    share: Share = WHOLE
    turn: Turn | None = None
    outbox: Outbox = NO_OUTBOX
    serves: bool = False
    tells_at: datetime | None = None

    @property
    def rule(self) -> StatusRule:
        """What decides a status."""
        return self.scoring.status

    @property
    def day(self) -> date:
        """The local day of the run."""
        return self.now.date()

    @property
    def moved(self) -> tuple[RowPlan, ...]:
        """Rows in which a significant field changes."""
        return tuple(row for row in self.rows if row.changes)

    @property
    def aged(self) -> tuple[RowPlan, ...]:
        """Rows in which only what moves with time is rewritten."""
        return tuple(row for row in self.rows if row.cells and not row.changes)

    @property
    def life(self) -> ProblemLife:
        """Which problems are new, which are open, and which of the last run's are over."""
        known = self.snapshot.ledger.head.problems
        return make_life(known, self.problems, self.day, asked_all=self.confirms)

    @property
    def new_problems(self) -> tuple[Problem, ...]:
        """The problems that the last run didn't have."""
        return self.life.new

    @property
    def has_news(self) -> bool:
        """Whether what people are to be told is another thing after this run."""
        return self.outbox != self.snapshot.ledger.head.outbox

    @property
    def tells(self) -> Mapping[str, str]:
        """The news that this very run tells: it has claimed it."""
        return self.outbox.news if self.outbox.claimed == self.tells_at else {}

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to write but the heartbeat."""
        if self.turn is not None or self.serves:
            return False
        head = self.snapshot.ledger.head
        same = self.life.open == head.problems and remember_columns(self.snapshot) == head.columns
        same = same and head.sheet_id in ("", self.snapshot.raw.sheet_id)
        return same and not self.refreshes and not any(row.cells or row.line is not None for row in self.rows)


def make_plan(snapshot: Snapshot, asked: Asked, rules: PlanRules, now: datetime, problems: Iterable[Problem]) -> Plan:
    """The plan of a run. ``now`` is aware, in the sheet's zone; ``problems`` are those of config and mappings.

    Raises:
        ShuffleError: the machine's columns were sorted apart from their ids.
    """
    today = now.date()
    asked = share_asked(rules.share, snapshot, asked)
    foreign = find_foreign(rules.share, snapshot)
    snapshot = share_snapshot(rules.share, snapshot)
    aged = age_holds(snapshot, rules.holds, today, rules.plans)
    snapshot = release_cells(aged.snapshot, rules.release | aged.expired.keys())
    snapshot, undone = undo_cells(snapshot, _own(rules), asked.sources.keys(), today)
    standings = make_standings(
        snapshot, asked, now, takeover=rules.takeover, rule=rules.scoring.status, confirms=rules.confirms
    )
    okrs = _pause(snapshot.okrs, asked.paused)
    scores = _score(snapshot, okrs, standings, rules.scoring, today)
    is_whole = not rules.only and rules.turn is None
    refreshes = is_whole and is_refresh_due(snapshot.ledger.head.refreshed, today, rules.refresh)
    tasks = make_tasks(snapshot, asked, standings, scores, rules, today)
    planned = [
        plan_row(
            task,
            today,
            refreshes=refreshes or rules.turn is not None,
            takeover=rules.takeover,
            released=find_released(task.key, rules),
            expired={name: hold for (owner, name), hold in aged.expired.items() if owner == task.key},
            undone=find_undone(task.key, undone),
        )
        for task in tasks
    ]
    _refuse_shuffle(planned, snapshot, foreign)
    if rules.turn is None:
        planned += plan_duplicates(snapshot, scores.card, rules.share.owns)
    elif rules.turn.closes:
        planned = list(_mark(planned, snapshot, rules.turn.cycle))
    rows = tuple(row for row in planned if row.is_something)
    found = (
        *problems,
        *snapshot.problems,
        *check_held_words(snapshot, rules.scoring.status),
        *aged.problems,
        *scores.card.problems,
        *_row_problems(standings, scores.card),
    )
    moment, is_copy = rules.mail.moment or now, any(item.code == COPIED for item in found)
    return Plan(
        snapshot=snapshot,
        asked=asked,
        scorecard=scores.card,
        standings=standings,
        now=now,
        rows=rows,
        gaps={key: item.gap for key, item in standings.items() if item.gap is not None and key.id not in foreign},
        problems=_distinct(item for item in found if item.subject not in foreign or item.code in SHARE_CODES),
        refreshes=refreshes,
        confirms=rules.confirms,
        scoring=rules.scoring,
        stale_days=rules.stale_days,
        share=rules.share,
        turn=rules.turn,
        outbox=next_outbox(snapshot.ledger.head.outbox, rows, rules.mail, moment, is_copy=is_copy),
        tells_at=moment,
    )


def _own(rules: PlanRules) -> Undones:
    """What is to be undone in this config's rows."""
    return {cell: item for cell, item in rules.undo.items() if rules.share.owns(cell[0].id)}


def _mark(planned: Iterable[RowPlan], snapshot: Snapshot, cycle: str) -> Iterator[RowPlan]:
    """The rows with the name of their cycle in an empty Cycle cell."""
    marks = make_marks(find_unmarked(snapshot, cycle))
    for row in planned:
        mark = marks.get(row.key)
        yield replace(row, cells=(*row.cells, mark)) if mark else row


def is_refresh_due(refreshed: date | None, today: date, refresh: str) -> bool:
    """Whether this run rewrites what moves with time in every row."""
    if refreshed is None:
        return True
    if refresh == "daily":
        return refreshed < today
    if refresh == "weekly":
        return refreshed <= today - timedelta(days=7)
    return False


def objective_standings(snapshot: Snapshot, rule: StatusRule) -> dict[Key, Standing]:
    """What people typed over in Objectives."""
    view = snapshot.views.get(Tab.OBJECTIVES)
    return {row.key: objective_standing(snapshot, view, row, rule) for row in view.rows} if view else {}


def _pause(okrs: Okrs, paused: Mapping[RowKey, str]) -> Okrs:
    """The definitions, with those marked whose mapping is paused."""
    why = {key.key: text for key, text in paused.items() if key.tab is Tab.KEY_RESULTS}
    if not why:
        return okrs
    marked = tuple(replace(kr, paused=why[kr.key]) if kr.key in why else kr for kr in okrs.key_results)
    return replace(okrs, key_results=marked)


def _score(
    snapshot: Snapshot, okrs: Okrs, standings: Mapping[RowKey, RowStanding], rules: ScoringRules, today: date
) -> Scores:
    by_tab: dict[Tab, dict[Key, Standing]] = {Tab.KEY_RESULTS: {}, Tab.KPIS: {}}
    for key, item in standings.items():
        by_tab[key.tab][key.key] = item.standing
    objectives = objective_standings(snapshot, rules.status)
    return make_scores(okrs, by_tab[Tab.KEY_RESULTS], objectives, by_tab[Tab.KPIS], rules, today)


def _refuse_shuffle(planned: Iterable[RowPlan], snapshot: Snapshot, foreign: frozenset[str]) -> None:
    """A sort doesn't stop at the rows of one config: what was typed into the others' (``foreign``) counts too."""
    typed: dict[Field, dict[RowKey, tuple[Canon, Canon]]] = {}
    for key, name, pair in _typed_elsewhere(snapshot, foreign):
        typed.setdefault(name, {})[key] = pair
    for row in planned:
        if row.key.tab is Tab.KEY_RESULTS:
            for name, pair in row.typed.items():
                typed.setdefault(name, {})[row.key] = pair
    shuffled = find_shuffle(typed)
    if any(key.id not in foreign for key in shuffled):
        raise ShuffleError(shuffled)


def _typed_elsewhere(
    snapshot: Snapshot, foreign: frozenset[str]
) -> Iterator[tuple[RowKey, Field, tuple[Canon, Canon]]]:
    view = snapshot.views.get(Tab.KEY_RESULTS)
    for row in view.rows if view is not None and foreign else ():
        key = RowKey(Tab.KEY_RESULTS, *row.key)
        entry = snapshot.ledger.entries.get(key, NO_ENTRY)
        for name in entry.bases.keys() - entry.holds.keys() if key.id in foreign else ():
            if view is not None and name in view.columns and is_persons(entry, view, row, name):
                yield key, name, (entry.bases[name], live_cell(view, row, name))


def _row_problems(standings: Mapping[RowKey, RowStanding], card: Scorecard) -> list[Problem]:
    found = [problem for item in standings.values() for problem in item.problems]
    for results in (card.key_results, card.objectives, card.kpis):
        found += [problem for result in results.values() for problem in result.problems]
    return found


def _distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple({(*problem.identity, problem.message): problem for problem in problems}.values())

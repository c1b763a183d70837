"""The facts of an explanation, collected from a plan that was made for just this id. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from mappings.evaluate import Bound
from mappings.mapping import Mappings
from mappings.model import Outcome
from okr.contribution import find_contributions
from okr.model import (
    Key,
    KeyResult,
    Objective,
    ScoringRules,
)
from okr.problem import Problem, UnknownWord
from sync.moved import find_moved
from sync.named_ids import hint_at
from sync.plan import Plan
from sync.questions import measure_row
from sync.row_plan import RowPlan
from sync.run import Findings
from sync.sheet.columns import MACHINE_FIELDS, find_column
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.locate import Row, TabView
from sync.tell.explain import CellFate, Definition, Explanation, Part, Result


def find_rows(plan: Plan, id_: str) -> list[tuple[RowKey, TabView, Row]]:
    """The rows that bear an id, those of open cycles where there are such.

    Raises:
        UnknownWord: none does; says what was probably meant.
    """
    every = [
        (RowKey(tab, *row.key), view, row)
        for tab in MERGED
        if (view := plan.snapshot.views.get(tab)) is not None
        for row in view.rows
    ]
    found = [item for item in every if item[0].id == id_ and find_result(plan, item[0]) is not None]
    if not found:
        raise UnknownWord(f"“{id_}” is not in the sheet.", fix=hint_at(id_, {key.id for key, _, _ in every if key.id}))
    running = [item for item in found if _is_running(plan, item[0])]
    return running or found


def _is_running(plan: Plan, key: RowKey) -> bool:
    cycle = plan.snapshot.okrs.cycles.get(key.cycle)
    return cycle is None or (not cycle.closed and cycle.start <= plan.day <= cycle.end)


def find_result(plan: Plan, key: RowKey) -> Result | None:
    """What the rules say of a row."""
    results: dict[Tab, Mapping[Key, Result]] = {
        Tab.KEY_RESULTS: plan.scorecard.key_results,
        Tab.OBJECTIVES: plan.scorecard.objectives,
        Tab.KPIS: plan.scorecard.kpis,
    }
    return results[key.tab].get(key.key)


def make_explanations(
    mappings: Mappings,
    rules: ScoringRules,
    findings: Findings,
    plan: Plan,
    id_: str,
    hints: tuple[Problem, ...] = (),
) -> tuple[Explanation, ...]:
    """One explanation for each row that bears the id; several where it stands in several open cycles. ``hints`` are
    those of the whole sheet.

    Raises:
        UnknownWord: no row bears it.
    """
    try:
        rows = find_rows(plan, id_)
    except UnknownWord as error:
        mapped = mappings.key_results.get(id_) or mappings.kpis.get(id_) or mappings.by_hand.get(id_)
        if mapped is None:
            raise
        fix = "Add a row with this id to the sheet; until then nothing is read for it."
        raise UnknownWord(f"“{id_}” is mapped but not in the sheet.", place=mapped.place, fix=fix) from error
    own = tuple(hint for hint in hints if hint.subject == id_)
    moved = find_moved(plan)
    return tuple(
        replace(
            _explain(mappings, rules, findings, plan, key, view, row),
            contributions=find_contributions(key.key, plan.snapshot.okrs, plan.scorecard),
            moved=next((item for item in moved if item.row_key == key), None),
            hints=own,
        )
        for key, view, row in rows
    )


def _explain(
    mappings: Mappings,
    rules: ScoringRules,
    findings: Findings,
    plan: Plan,
    key: RowKey,
    view: TabView,
    row: Row,
) -> Explanation:
    result = find_result(plan, key)
    assert result is not None
    definition = _find_definition(plan, key)
    is_kpi = key.tab is Tab.KPIS
    mapping = (mappings.kpis if is_kpi else mappings.key_results).get(key.id) if key.tab is not Tab.OBJECTIVES else None
    broken = (mappings.broken_kpis if is_kpi else mappings.broken).get(key.id, ())
    gap = findings.questions.gaps.get(key)
    entry = plan.snapshot.ledger.entries.get(key, NO_ENTRY)
    bound = findings.questions.bounds.get(key)
    outcome = gap or _evaluate(bound, findings, entry, plan.day)
    return Explanation(
        key=key,
        definition=definition,
        result=result,
        cycle=plan.snapshot.okrs.cycles.get(key.cycle),
        day=plan.day,
        timezone=plan.now.tzinfo,
        rules=rules,
        objective=_find_objective(plan, definition),
        mapping=mapping,
        place=mapping.place if mapping else broken[0].place if broken else None,
        bound=bound,
        outcomes={metric: findings.outcomes[metric] for metric in bound.metrics if metric in findings.outcomes}
        if bound
        else {},
        outcome=outcome,
        broken=gap.reason if gap and broken else "",
        paused=findings.questions.paused.get(key, ""),
        standing=plan.standings.get(key),
        entry=entry,
        tab=view.raw.title,
        row=row.index + 1,
        cells=tuple(make_fates(plan, key, view, row)),
        parts=tuple(_find_parts(plan, key)) if isinstance(definition, Objective) else (),
        siblings=tuple(_find_parts(plan, _parent(definition))) if isinstance(definition, KeyResult) else (),
        heartbeat=plan.snapshot.ledger.heartbeat,
        last_run=plan.snapshot.ledger.head.run,
        problems=tuple(problem for problem in plan.problems if problem.subject == key.id),
        by_hand=mappings.by_hand.get(key.id) if key.tab is Tab.KEY_RESULTS else None,
    )


def _evaluate(bound: Bound | None, findings: Findings, entry: Entry, today: date) -> Outcome | None:
    if bound is None or any(metric not in findings.outcomes for metric in bound.metrics):
        return None
    return measure_row(bound, findings.outcomes, entry, today)


def _find_definition(plan: Plan, key: RowKey) -> Definition:
    okrs = plan.snapshot.okrs
    rows: dict[Tab, tuple[Definition, ...]] = {
        Tab.KEY_RESULTS: okrs.key_results,
        Tab.OBJECTIVES: okrs.objectives,
        Tab.KPIS: okrs.kpis,
    }
    return next(item for item in rows[key.tab] if item.key == key.key)


def _find_objective(plan: Plan, definition: Definition) -> Objective | None:
    if not isinstance(definition, KeyResult) or not definition.objective:
        return None
    wanted = Key(definition.key.cycle, definition.objective)
    return next((item for item in plan.snapshot.okrs.objectives if item.key == wanted), None)


def _parent(kr: KeyResult) -> RowKey:
    return RowKey(Tab.OBJECTIVES, kr.key.cycle, kr.objective or "")


def _find_parts(plan: Plan, key: RowKey) -> list[Part]:
    """An objective's own key results; the objectives below it where it has none."""
    okrs, card = plan.snapshot.okrs, plan.scorecard
    own = [
        Part(kr.key.id, kr.name, kr.weight, result.score, result.status, result.word)
        for kr in okrs.key_results
        if kr.objective == key.id and kr.key.cycle == key.cycle and (result := card.key_results.get(kr.key)) is not None
    ]
    return own or [
        Part(item.key.id, item.name, item.weight, below.score, below.status, below.word)
        for item in okrs.objectives
        if item.parent == key.id
        and item.key.cycle == key.cycle
        and (below := card.objectives.get(item.key)) is not None
    ]


def make_fates(plan: Plan, key: RowKey, view: TabView, row: Row) -> list[CellFate]:
    """Every machine cell of a row that the sheet has a column for, in the order of the sheet."""
    planned = next((item for item in plan.rows if item.key == key and item.row.index == row.index), None)
    fields = [field for field in MACHINE_FIELDS[key.tab] if field in view.columns]
    fates = [_make_fate(planned, key, view, row, field) for field in fields]
    return [fate for fate in fates if fate is not None]


def _make_fate(planned: RowPlan | None, key: RowKey, view: TabView, row: Row, field: Field) -> CellFate:
    cell = view.cell(row, field)
    fate = CellFate(field, find_column(key.tab, field).header, view.place(row, field).address, cell.error or cell.shown)
    if planned is None:
        return fate
    held = next((item for item in planned.holds if item.field is field), None)
    waiting = next((item for item in planned.takeovers if item.field is field), None)
    if held or waiting:
        want = held.want if held else waiting.want if waiting else None
        return CellFate(field, fate.header, fate.address, fate.shown, want, held=held, waiting=waiting)
    for write in planned.cells:
        if write.field is field and not write.note_only:
            value = write.value if not isinstance(write.value, bool) else str(write.value).upper()
            return CellFate(field, fate.header, fate.address, fate.shown, value, is_written=True)
    return fate

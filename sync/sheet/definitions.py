"""What people wrote in the sheet as objectives, key results, steps, KPIs, people and check-ins. Pure.

Whatever can't be read becomes a problem with its cell's address; it never stops the other rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from okr.model import CheckIn, Commitment, Cycle, Key, KeyResult, Kind, Kpi, Level, Objective, Okrs, Person, Step
from okr.problem import Problem, Severity
from sync.sheet.cell import Cell
from sync.sheet.layout import Field, Tab
from sync.sheet.locate import TabView
from sync.sheet.row_reader import RowReader, cell_number, is_share


def parse_okrs(views: Mapping[Tab, TabView], check_ins: Mapping[str, TabView], cycles: Mapping[str, Cycle]) -> Okrs:
    """All definitions. ``check_ins`` are the views of the Check-ins tabs by cycle."""
    steps, step_problems = _parse_steps(views.get(Tab.STEPS))
    approval = _is_used(views.get(Tab.KEY_RESULTS), Field.APPROVED)
    return Okrs(
        cycles=cycles,
        objectives=_parse_rows(views.get(Tab.OBJECTIVES), lambda reader: _parse_objective(reader, cycles)),
        key_results=_parse_rows(
            views.get(Tab.KEY_RESULTS),
            lambda reader: _parse_key_result(reader, steps, step_problems, cycles, approval=approval),
        ),
        kpis=_parse_rows(views.get(Tab.KPIS), _parse_kpi),
        people=_parse_rows(views.get(Tab.PEOPLE), _parse_person),
        check_ins=tuple(item for cycle, view in check_ins.items() for item in parse_check_ins(view, cycle)),
    )


_Item = TypeVar("_Item")


def _parse_rows(view: TabView | None, parse: Callable[[RowReader], _Item]) -> tuple[_Item, ...]:
    if view is None:
        return ()
    return tuple(parse(RowReader(view, row, row.key.id)) for row in view.rows)


def _parse_objective(reader: RowReader, cycles: Mapping[str, Cycle]) -> Objective:
    weight, level = reader.number(Field.WEIGHT), reader.word(Field.LEVEL, Level)
    _check_row(reader, cycles)
    return Objective(
        key=reader.row.key,
        name=reader.text(Field.OBJECTIVE),
        level=level or Level.TEAM,
        team=reader.text(Field.TEAM),
        owner=reader.text(Field.OWNER),
        parent=reader.text(Field.PARENT) or None,
        weight=Decimal(1) if weight is None else weight,
        place=reader.view.place(reader.row, Field.OBJECTIVE_ID),
        problems=tuple(reader.problems),
    )


def _parse_key_result(
    reader: RowReader,
    steps: Mapping[str, tuple[Step, ...]],
    step_problems: Mapping[str, list[Problem]],
    cycles: Mapping[str, Cycle],
    *,
    approval: bool,
) -> KeyResult:
    row, own_steps = reader.row, steps.get(reader.row.key.id, ())
    baseline, target = reader.number(Field.BASELINE), reader.number(Field.TARGET)
    kind = reader.word(Field.KIND, Kind) or infer_kind(baseline, target, own_steps)
    weight = reader.number(Field.WEIGHT)
    share = is_share(reader.view.cell(row, Field.TARGET))
    _check_scales(reader, share, kind)
    _check_row(reader, cycles)
    return KeyResult(
        key=row.key,
        name=reader.text(Field.KEY_RESULT),
        objective=reader.text(Field.OBJECTIVE_ID) or None,
        owner=reader.text(Field.OWNER),
        kind=kind,
        baseline=baseline,
        target=target,
        target_to=reader.number(Field.TARGET_TO),
        unit=reader.text(Field.UNIT),
        weight=Decimal(1) if weight is None else weight,
        commitment=reader.word(Field.COMMITMENT, Commitment) or Commitment.COMMITTED,
        start=reader.day(Field.START),
        due=reader.day(Field.DUE),
        approved=not approval or _is_yes(reader.view.cell(row, Field.APPROVED)),
        steps=own_steps,
        is_share=share,
        place=reader.view.place(row, Field.KR_ID),
        problems=(*reader.problems, *step_problems.get(row.key.id, ())),
    )


def infer_kind(baseline: Decimal | None, target: Decimal | None, steps: tuple[Step, ...]) -> Kind:
    """The kind of a key result whose Kind cell is empty: by its steps, else by the direction of its numbers."""
    if target is None and any(step.expected is None for step in steps):
        return Kind.MILESTONES
    if baseline is not None and target is not None and target < baseline:
        return Kind.DECREASE
    return Kind.INCREASE


def _check_scales(reader: RowReader, share: bool, kind: Kind) -> None:
    """Baseline, Target to and Current in another scale than Target (45 and 45 %) can't be compared."""
    if kind in (Kind.MILESTONES, Kind.BOOLEAN):
        return
    for name in (Field.BASELINE, Field.TARGET_TO):
        cell = reader.view.cell(reader.row, name)
        number = cell_number(cell)
        if number and is_share(cell) != share:
            want = "in percent like the target" if share else "as a plain number like the target"
            reader.report(
                name, "sheet.mixed-scales", f"“{cell.shown}” and the target are in two scales", f"Write it {want}."
            )


def _check_row(reader: RowReader, cycles: Mapping[str, Cycle]) -> None:
    key = reader.row.key
    if key in reader.view.duplicates:
        rows = [str(row.index + 1) for row in reader.view.rows if row.key == key]
        fix = f"Rows {', '.join(rows)} share it; give each its own id."
        reader.report(_id_field(reader.view.tab), "sheet.id-twice", f"the id {key.id} is used twice", fix)
    if key.cycle and key.cycle not in cycles:
        known = ", ".join(sorted(cycles)) or "none"
        reader.report(
            Field.CYCLE,
            "sheet.unknown-cycle",
            f"no cycle is named “{key.cycle}”",
            f"Known cycles: {known}.",
            Severity.WARNING,
        )


def _id_field(tab: Tab) -> Field:
    return {Tab.OBJECTIVES: Field.OBJECTIVE_ID, Tab.KPIS: Field.KPI_ID}.get(tab, Field.KR_ID)


def _is_used(view: TabView | None, field: Field) -> bool:
    """Whether any row says something in this column: an empty Approved column asks nobody for approval."""
    return view is not None and any(view.cell(row, field).value is not None for row in view.rows)


def _is_yes(cell: Cell) -> bool:
    number = cell_number(cell)
    return number is not None and number > 0


def _parse_steps(view: TabView | None) -> tuple[dict[str, tuple[Step, ...]], dict[str, list[Problem]]]:
    steps: dict[str, list[Step]] = {}
    problems: dict[str, list[Problem]] = {}
    if view is None:
        return {}, problems
    for row in view.rows:
        reader = RowReader(view, row, row.key.id)
        weight = reader.number(Field.WEIGHT)
        step = Step(
            name=reader.text(Field.STEP),
            due=reader.day(Field.DUE),
            weight=Decimal(1) if weight is None else weight,
            expected=reader.number(Field.EXPECTED),
            done=reader.number(Field.DONE),
        )
        steps.setdefault(row.key.id, []).append(step)
        problems.setdefault(row.key.id, []).extend(reader.problems)
    return {id_: tuple(items) for id_, items in steps.items()}, problems


def _parse_kpi(reader: RowReader) -> Kpi:
    kpi = Kpi(
        id=reader.row.key.id,
        name=reader.text(Field.KPI),
        owner=reader.text(Field.OWNER),
        unit=reader.text(Field.UNIT),
        healthy_from=reader.number(Field.HEALTHY_FROM),
        healthy_to=reader.number(Field.HEALTHY_TO),
        place=reader.view.place(reader.row, Field.KPI_ID),
    )
    _check_row(reader, {"": Cycle("", date.min, date.max)})
    return replace(kpi, problems=tuple(reader.problems))


def _parse_person(reader: RowReader) -> Person:
    return Person(
        name=reader.text(Field.NAME),
        email=reader.text(Field.EMAIL),
        team=reader.text(Field.TEAM),
        manager=reader.text(Field.MANAGER),
        left=reader.day(Field.LEFT),
    )


def parse_check_ins(view: TabView, cycle: str) -> tuple[CheckIn, ...]:
    """What owners said, a check-in per row that has a key result and a day."""
    found = []
    for row in view.rows:
        reader = RowReader(view, row, row.key.id)
        id_, day = reader.text(Field.KR_ID), reader.day(Field.DATE)
        if not id_ or day is None:
            continue
        confidence = reader.number(Field.CONFIDENCE)
        found.append(
            CheckIn(
                key=Key(cycle, id_),
                day=day,
                confidence=int(confidence) if confidence is not None else None,
                comment=reader.text(Field.COMMENT),
                blocker=reader.text(Field.BLOCKER),
                next_step=reader.text(Field.NEXT_STEP),
                by=reader.text(Field.BY),
            )
        )
    return tuple(found)

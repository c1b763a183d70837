"""``cycle open``: the next cycle's rows out of this one's, as each key result's At close says. Pure.

New rows go below the last one and keep their ids, so that mappings go on serving them. A kept key result starts
where it stands now. One that is to be modified, and one whose target is reached already, gets no target until
somebody types one: a note says what it was. Dates, notes and approvals of the old cycle are not carried over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from okr.model import Key, KeyResult, Kind, Objective
from okr.number import render_number
from okr.result import KeyResultResult
from sync.plan import Plan
from sync.plan_turn import find_unmarked, make_marks
from sync.sheet.cell import CellValue, Form
from sync.sheet.columns import FORMS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.locate import Row, TabView, id_text
from sync.sheet.store import CellWrite

KR_FIELDS = (
    Field.KR_ID, Field.KEY_RESULT, Field.OWNER, Field.OBJECTIVE_ID, Field.KIND, Field.BASELINE, Field.TARGET,
    Field.TARGET_TO, Field.UNIT, Field.WEIGHT, Field.COMMITMENT,
)  # fmt: skip
OBJECTIVE_FIELDS = (
    Field.OBJECTIVE_ID, Field.OBJECTIVE, Field.LEVEL, Field.TEAM, Field.OWNER, Field.PARENT, Field.WEIGHT,
)  # fmt: skip
_MOVING = frozenset({Kind.INCREASE, Kind.DECREASE})
"""The kinds whose baseline is where the cycle began."""


class Fate(StrEnum):
    """What becomes of a key result: the words of At close, what stands in the next cycle already, and what doesn't
    say yet.
    """

    KEEP = "Keep"
    MODIFY = "Modify"
    DROP = "Drop"
    UNDECIDED = "Undecided"
    THERE = "There already"


@dataclass(frozen=True, slots=True)
class NextKeyResult:
    """One key result and what becomes of it. ``baseline`` is the new one; ``asks``: its target is asked for."""

    kr: KeyResult
    fate: Fate
    baseline: Decimal | None = None
    asks: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it gets a row."""
        return self.fate in (Fate.KEEP, Fate.MODIFY)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening a cycle writes. ``objectives`` get a row; ``cells`` are all writes by tab."""

    cycle: str
    origin: str
    key_results: tuple[NextKeyResult, ...]
    objectives: tuple[Objective, ...]
    cells: Mapping[Tab, tuple[CellWrite, ...]]
    marked: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not any(self.cells.values())

    def list_of(self, fate: Fate) -> tuple[NextKeyResult, ...]:
        """The key results with one fate."""
        return tuple(item for item in self.key_results if item.fate is fate)


def make_opening(plan: Plan, cycle: str, origin: str) -> Opening:
    """The opening of a cycle from another one, out of a plan that read the sheet."""
    snapshot = plan.snapshot
    krs, objectives = snapshot.views[Tab.KEY_RESULTS], snapshot.views[Tab.OBJECTIVES]
    there = {row.key.id for row in krs.rows if row.key.cycle == cycle}
    chosen = tuple(_choose(plan, kr, row, there) for kr, row in _rows_of(plan, origin))
    going = _find_objectives(plan, cycle, origin, chosen)
    marks = make_marks(find_unmarked(snapshot, origin))
    cells = {
        Tab.OBJECTIVES: (*_marks_of(marks, Tab.OBJECTIVES), *_objective_cells(objectives, going, cycle)),
        Tab.KEY_RESULTS: (*_marks_of(marks, Tab.KEY_RESULTS), *_key_result_cells(krs, chosen, cycle, origin)),
    }
    return Opening(cycle, origin, chosen, tuple(objective for objective, _ in going), cells, len(marks))


def _marks_of(marks: Mapping[RowKey, CellWrite], tab: Tab) -> Iterator[CellWrite]:
    return (write for key, write in marks.items() if key.tab is tab)


def _rows_of(plan: Plan, origin: str) -> Iterator[tuple[KeyResult, Row]]:
    """The key results of a cycle with their rows. Those that share an id can't be told apart, and stay."""
    view = plan.snapshot.views[Tab.KEY_RESULTS]
    definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    for row in view.rows:
        if row.key.cycle == origin and row.key not in view.duplicates:
            yield definitions[row.key], row


def _choose(plan: Plan, kr: KeyResult, row: Row, there: set[str]) -> NextKeyResult:
    view = plan.snapshot.views[Tab.KEY_RESULTS]
    said = " ".join(view.cell(row, Field.AT_CLOSE).shown.split()).casefold()
    fate = next((fate for fate in (Fate.KEEP, Fate.MODIFY, Fate.DROP) if fate.value.casefold() == said), Fate.UNDECIDED)
    if kr.key.id in there:
        return NextKeyResult(kr, Fate.THERE)
    if fate not in (Fate.KEEP, Fate.MODIFY):
        return NextKeyResult(kr, fate)
    result = plan.scorecard.key_results[kr.key]
    moves = kr.kind in _MOVING
    baseline = result.current if moves and result.current is not None else kr.baseline
    return NextKeyResult(kr, fate, baseline, asks=fate is Fate.MODIFY or (moves and _is_reached(kr, result)))


def _is_reached(kr: KeyResult, result: KeyResultResult) -> bool:
    """Whether the target is behind: kept as it is, the next cycle would begin with nothing to do."""
    if kr.target is None or result.current is None:
        return False
    return result.current <= kr.target if kr.kind is Kind.DECREASE else result.current >= kr.target


def _find_objectives(
    plan: Plan, cycle: str, origin: str, chosen: tuple[NextKeyResult, ...]
) -> tuple[tuple[Objective, Row], ...]:
    """The objectives that key results go on under, with all that these serve; without those that are there."""
    view = plan.snapshot.views[Tab.OBJECTIVES]
    known = {each.key.id: each for each in plan.snapshot.okrs.objectives if each.key.cycle == origin}
    wanted: set[str] = set()
    waiting = [item.kr.objective or "" for item in chosen if item.is_new]
    while waiting:
        own_id = waiting.pop()
        if own_id in known and own_id not in wanted:
            wanted.add(own_id)
            waiting.append(known[own_id].parent or "")
    there = {row.key.id for row in view.rows if row.key.cycle == cycle}
    rows = (row for row in view.rows if row.key.cycle == origin and row.key not in view.duplicates)
    return tuple((known[row.key.id], row) for row in rows if row.key.id in wanted - there)


def _first_free(view: TabView) -> int:
    return max(len(view.raw.cells), view.header_row + 1)


def _objective_cells(view: TabView, going: tuple[tuple[Objective, Row], ...], cycle: str) -> Iterator[CellWrite]:
    for at, (objective, row) in enumerate(going, _first_free(view)):
        yield from _copy(view, row, at, OBJECTIVE_FIELDS, objective.key, cycle)


def _key_result_cells(view: TabView, chosen: tuple[NextKeyResult, ...], cycle: str, origin: str) -> Iterator[CellWrite]:
    rows = {row.key: row for row in view.rows}
    new = [item for item in chosen if item.is_new]
    for at, item in enumerate(new, _first_free(view)):
        asked = say_asked(item, cycle, origin) if item.asks else None
        for write in _copy(view, rows[item.kr.key], at, KR_FIELDS, item.kr.key, cycle):
            if write.field is Field.BASELINE:
                continue
            if write.field is Field.TARGET and asked:
                yield replace(write, value=None, is_percent=None, note=asked, note_only=True)
            elif write.field is Field.KEY_RESULT and asked and item.kr.target is None:
                yield replace(write, note=asked)
            else:
                yield write
        yield from _baseline(view, item, at)


def _copy(view: TabView, row: Row, at: int, fields: tuple[Field, ...], key: Key, cycle: str) -> Iterator[CellWrite]:
    """A row's own cells, and the new cycle."""
    for field in fields:
        column, cell = view.columns.get(field), view.cell(row, field)
        if column is not None and cell.value is not None:
            value: CellValue = id_text(cell) if FORMS[view.tab][field] is Form.ID else cell.value
            share = cell.is_percent if isinstance(value, Decimal) else None
            yield CellWrite(at, column, value, is_percent=share, field=field, row_id=key.id)
    yield CellWrite(at, view.columns[Field.CYCLE], cycle, field=Field.CYCLE, row_id=key.id)


def _baseline(view: TabView, item: NextKeyResult, at: int) -> Iterator[CellWrite]:
    column = view.columns.get(Field.BASELINE)
    if column is not None and item.baseline is not None:
        yield CellWrite(at, column, item.baseline, item.kr.is_share, field=Field.BASELINE, row_id=item.kr.key.id)


def say_asked(item: NextKeyResult, cycle: str, origin: str) -> str:
    """The note that asks for a target, or for a new wording where there is none.

    "… the target for 2027-Q1 is yours to set. In 2026-Q4 it was 60 %; 52 % was reached."
    """
    kr = item.kr
    if kr.target is None:
        return f"okr-sync: carried over from {origin} to be modified for {cycle}. Please reword it."
    was = render_number(kr.target, kr.unit, is_share=kr.is_share)
    now = "" if item.baseline is None else render_number(item.baseline, kr.unit, is_share=kr.is_share)
    reached = f"; {now} was reached" if now and kr.kind in _MOVING else ""
    return f"okr-sync: the target for {cycle} is yours to set. In {origin} it was {was}{reached}."

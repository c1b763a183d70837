"""The frozen tab of a closed cycle: what each objective and key result came to, as values that nothing changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal

from okr.calendar import render_day
from okr.model import KeyResult, Objective
from okr.result import KeyResultResult, ObjectiveResult
from sync.closed_rows import draw_rows
from sync.live import live_cell
from sync.moved import find_moved
from sync.plan import Plan
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.store import AddedTab, Draw, Drawing
from sync.sheet.style import STATUS_STYLE, Style

Line = tuple[Draw | None, ...]
_Moved = Mapping[RowKey, Decimal | None]

WIDTHS = (90, 320, 130, 100, 100, 100, 70, 84, 96, 90, 80, 420)
HEADERS = (
    "ID", "Objective or key result", "Owner", "Baseline", "Target", "Reached", "Grade", "As committed", "Status",
    "Confidence", "At close", "Why",
)  # fmt: skip
_CENTRED = frozenset({"Status", "Confidence", "At close"})
_RIGHT = frozenset({"Baseline", "Target", "Reached", "Grade", "As committed"})


def make_closed_tab(plan: Plan) -> tuple[AddedTab, ...]:
    """The tabs that a plan adds when it closes a cycle, with its grades and with its rows; none else."""
    turn = plan.turn
    if turn is None or not turn.closes:
        return ()
    drawings = {turn.title: draw_closed(plan, turn.cycle), turn.rows_title: draw_rows(plan, turn.cycle)}
    return tuple(AddedTab(_tab_id(plan, title), title, drawing) for title, drawing in drawings.items())


def _tab_id(plan: Plan, title: str) -> int:
    head = plan.snapshot.ledger.head
    digest = hashlib.sha256(f"{head.epoch}:{title}:{head.revision}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def draw_closed(plan: Plan, cycle: str) -> Drawing:
    """The whole tab."""
    day = f"{render_day(plan.day, plan.day)} {plan.day.year}"
    lead = f"Final grades, frozen on {day}. These are values: okr-sync doesn't change them any more."
    moved = {item.row_key: item.grades.committed for item in find_moved(plan)}
    if moved:
        lead += " As committed: graded by the goalposts that were committed, where any was moved since."
    rows: list[Line] = [(Draw(f"{cycle} closed", Style.TITLE, span=6),), (Draw(lead, Style.SUBTITLE, span=10),), ()]
    rows.append(tuple(Draw(header, _label(header)) for header in HEADERS))
    rows += _lines(plan, cycle, moved)
    return Drawing(WIDTHS, tuple(rows), heights={0: 34})


def _label(header: str) -> Style:
    if header in _RIGHT:
        return Style.LABEL_RIGHT
    return Style.LABEL_CENTRED if header in _CENTRED else Style.LABEL


def _lines(plan: Plan, cycle: str, moved: _Moved) -> Iterator[Line]:
    """Each objective with its key results below it; key results without one of this cycle at the end."""
    okrs = plan.snapshot.okrs
    own = list({kr.key: kr for kr in okrs.key_results if kr.key.cycle == cycle}.values())
    objectives = {each.key.id: each for each in okrs.objectives if each.key.cycle == cycle}
    for each in objectives.values():
        yield _objective_line(plan, each, moved.get(RowKey(Tab.OBJECTIVES, *each.key)))
        yield from (_key_result_line(plan, kr, _committed(moved, kr)) for kr in own if kr.objective == each.key.id)
    yield from (_key_result_line(plan, kr, _committed(moved, kr)) for kr in own if kr.objective not in objectives)


def _committed(moved: _Moved, kr: KeyResult) -> Decimal | None:
    """The grade by the goalposts that were committed, where any was moved since."""
    return moved.get(RowKey(Tab.KEY_RESULTS, *kr.key))


def _objective_line(plan: Plan, each: Objective, committed: Decimal | None) -> Line:
    known: Line = (
        _text(each.key.id, Style.STRONG),
        _text(each.name, Style.STRONG_WRAPPED),
        _text(each.owner, Style.STRONG),
    )
    result = plan.scorecard.objectives.get(each.key)
    if result is None:
        return known
    grades = _grade(result.score), _grade(committed)
    grade = *grades, _status(result), None, None, _text(result.why, Style.WRAPPED)
    return (*known, None, None, None, *grade)


def _key_result_line(plan: Plan, kr: KeyResult, committed: Decimal | None) -> Line:
    result = plan.scorecard.key_results[kr.key]
    numbers = (_number(kr, number) for number in (kr.baseline, kr.target, result.current))
    return (
        _text(kr.key.id, Style.TEXT),
        _text(kr.name, Style.WRAPPED),
        _text(kr.owner, Style.TEXT),
        *numbers,
        _grade(result.score),
        _grade(committed),
        _status(result),
        Draw(Decimal(result.confidence), Style.CENTRED) if result.confidence is not None else None,
        _text(_find_at_close(plan, result), Style.CENTRED),
        _text(result.why, Style.WRAPPED),
    )


def _grade(score: Decimal | None) -> Draw:
    return Draw(score, Style.SCORE)


def _find_at_close(plan: Plan, result: KeyResultResult) -> str:
    view = plan.snapshot.views[Tab.KEY_RESULTS]
    row = next((row for row in view.rows if row.key == result.key), None)
    return str(live_cell(view, row, Field.AT_CLOSE) or "") if row is not None else ""


def _number(kr: KeyResult, number: Decimal | None) -> Draw | None:
    """A value in the target's scale."""
    if number is None:
        return None
    return Draw(number, Style.PERCENT if kr.is_share else Style.NUMBER)


def _status(result: KeyResultResult | ObjectiveResult) -> Draw:
    return Draw(result.word, STATUS_STYLE[result.status])


def _text(text: str, style: Style) -> Draw | None:
    return Draw(clean_text(text, PEOPLE_AT_MOST), style) if text else None

"""One row's part of a plan: its verdicts, the cells to write, what the ledger learns, what History gets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from okr.goalposts import FIELDS, OBJECTIVE_FIELDS, find_moves
from okr.presets import parse_rule
from okr.words import read_status
from sync.plan_learn import fingerprint, gap_reason, learn_row
from sync.plan_task import RowTask
from sync.plan_undo import RowUndones
from sync.sheet.cell import EMPTY, Canon, canon_cell, is_formula
from sync.sheet.columns import FORMS
from sync.sheet.history import HELD_REASON
from sync.sheet.layout import SIGNIFICANT, Field
from sync.sheet.ledger import Entry, Hold, RowKey
from sync.sheet.ledger_text import render_entry
from sync.sheet.locate import Row, TabView
from sync.sheet.merge import WRITES, Verdict, Want, Wanted, judge, soften_paste
from sync.sheet.number_format import plain_code
from sync.sheet.store import CellWrite

RULE_CHANGED = "the rule was changed"
EDITED = "the definition was edited"
DEFINED = {name: Field(name.lower().replace(" ", "_")) for name in (*FIELDS, *OBJECTIVE_FIELDS)}
HOLD_NOTE = "okr-sync: typed over by a person and kept. Clear the cell to hand it back."
UNDO_NOTE = "okr-sync: an earlier value, put back by undo and kept. Clear the cell to hand it back."
OUR_NOTES = frozenset({HOLD_NOTE, UNDO_NOTE})
NOTHING_UNDONE: RowUndones = {}
NOTHING_EXPIRED: Mapping[Field, Hold] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One significant cell that changes, or that a person changed. Values are canonical."""

    key: RowKey
    name: str
    field: Field
    old: Canon
    new: Canon
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """One machine cell that holds a person's value; ``want`` is what the machine would write.

    ``why`` says where the value came from when nobody typed it.
    """

    key: RowKey
    field: Field
    value: Canon
    want: Want
    since: date
    is_new: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Takeover:
    """One machine cell with a value that the ledger knows nothing of; it waits until somebody accepts."""

    key: RowKey
    field: Field
    value: Canon
    want: Want
    place: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What a run does to one row. ``line`` is the new ledger line, ``None`` where it stays as it is.

    ``old_line`` is the ledger line before. ``history`` are values that would otherwise be lost or forgotten.
    """

    key: RowKey
    view: TabView
    row: Row
    cells: tuple[CellWrite, ...] = ()
    line: str | None = None
    old_line: str = ""
    changes: tuple[Change, ...] = ()
    holds: tuple[Held, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    history: tuple[Change, ...] = ()
    typed: Mapping[Field, tuple[Canon, Canon]] = field(default_factory=dict)

    @property
    def is_something(self) -> bool:
        """Whether there is anything to write, remember or show."""
        return bool(self.cells or self.line is not None or self.holds or self.takeovers)


def plan_row(
    task: RowTask,
    today: date,
    *,
    refreshes: bool,
    takeover: bool,
    released: frozenset[Field] = frozenset(),
    expired: Mapping[Field, Hold] = NOTHING_EXPIRED,
    undone: RowUndones = NOTHING_UNDONE,
) -> RowPlan:
    """The plan of one row by the merge law.

    What moves with time is rewritten only when something significant of the row moves, when its gap begins or
    ends, or when the whole sheet is refreshed; so is Source where only its link is another. ``released`` cells are
    written in any case, and with the value their note of a hold goes; ``expired`` ones, too, and History says since
    when they were held. ``undone`` cells are held already, and their values are written.
    """
    released |= expired.keys()
    forms = FORMS[task.key.tab]
    columns, row = task.view.columns, task.row.cells
    cells = {name: row[at] if at < len(row) else EMPTY for name in task.wants if (at := columns.get(name)) is not None}
    base = task.entry.bases.get
    lives = {name: canon_cell(forms[name], cell, base(name)) for name, cell in cells.items()}
    judged = {
        name: judge(task.entry, name, lives[name], task.wants[name], is_formula=is_formula(cell))
        for name, cell in cells.items()
    }
    new_holds = _named(judged, Verdict.NEW_HOLD)
    typed = {name: (task.entry.bases[name], lives[name]) for name in new_holds}
    first = soften_paste(judged)
    verdicts = _settle(task, first, takeover=takeover)
    verdicts |= {name: Verdict.UNDONE for name in undone if verdicts.get(name) is Verdict.HELD}
    if not (refreshes or _is_stirred(task, verdicts)):
        verdicts = {name: _rest(name, verdict, first[name]) for name, verdict in verdicts.items()}
    elif verdicts.get(Field.SOURCE) is Verdict.QUIET and fingerprint(task.link) != task.entry.link:
        verdicts[Field.SOURCE] = Verdict.CHANGE
    verdicts |= {name: Verdict.CHANGE for name in released if verdicts.get(name) is Verdict.QUIET}
    entry = learn_row(task, verdicts, lives, today)
    line = render_entry(entry)
    changes = (*_changes(task, verdicts, lives, released), *_undone(task, verdicts, undone))
    changes = tuple(_say_expired(change, expired, today) for change in changes)
    return RowPlan(
        key=task.key,
        view=task.view,
        row=task.row,
        cells=(*_writes(task, verdicts), *_restoring(task, verdicts, lives), *_bar_write(task)),
        line=line if line != task.old_line else None,
        old_line=task.old_line,
        changes=tuple(change for change in changes if change.verdict is not Verdict.NEW_HOLD),
        holds=tuple(_holds(task, verdicts, lives, entry)),
        takeovers=tuple(_takeovers(task, verdicts, lives)),
        history=(*_untold(task, changes, entry), *_lost(task, first, verdicts, lives), *_edited(task, today)),
        typed=typed,
    )


def _named(verdicts: Mapping[Field, Verdict], *wanted: Verdict) -> list[Field]:
    """The fields with one of these verdicts; mostly there are none."""
    if frozenset(wanted).isdisjoint(verdicts.values()):
        return []
    return [name for name, verdict in verdicts.items() if verdict in wanted]


def _settle(task: RowTask, verdicts: dict[Field, Verdict], *, takeover: bool) -> dict[Field, Verdict]:
    """A takeover happens at once in a cell that was always the machine's; elsewhere somebody has to accept it."""
    taken = _named(verdicts, Verdict.TAKEOVER)
    at_once = [name for name in taken if takeover or name in task.entry.bases or name not in task.adopted]
    return {**verdicts, **dict.fromkeys(at_once, Verdict.CHANGE)} if at_once else verdicts


def _is_stirred(task: RowTask, verdicts: Mapping[Field, Verdict]) -> bool:
    if any(name in SIGNIFICANT and verdict in _STIRS for name, verdict in verdicts.items()):
        return True
    return task.found is not None and gap_reason(task.found, task.entry) != task.entry.gap


_STIRS = frozenset({Verdict.CHANGE, Verdict.NEW_HOLD, Verdict.HANDED_BACK, Verdict.UNDONE})


def _rest(name: Field, verdict: Verdict, first: Verdict) -> Verdict:
    """What only time moved waits for its row or for the sheet's refresh; only Freshness moves every day.

    What was pasted or copied into such a cell (``first`` says takeover) doesn't wait.
    """
    waits = name not in SIGNIFICANT and name is not Field.FRESHNESS and first is not Verdict.TAKEOVER
    return Verdict.QUIET if verdict is Verdict.CHANGE and waits else verdict


def _writes(task: RowTask, verdicts: Mapping[Field, Verdict]) -> list[CellWrite]:
    writes = []
    for name, verdict in verdicts.items():
        if (column := task.view.columns.get(name)) is None:
            continue
        if verdict in WRITES:
            writes.append(_write(task, name, column))
        elif verdict is Verdict.NEW_HOLD and not task.view.cell(task.row, name).note:
            at = task.row.index, column
            writes.append(CellWrite(*at, None, note=HOLD_NOTE, note_only=True, field=name, row_id=task.key.id))
    return writes


def _write(task: RowTask, name: Field, column: int) -> CellWrite:
    """The machine's value; our own note of an ended hold goes with it."""
    value = _written(task.wants[name])
    return CellWrite(
        row=task.row.index,
        column=column,
        value=value,
        is_percent=_scale(task) if name is Field.CURRENT else None,
        note="" if task.view.cell(task.row, name).note in OUR_NOTES else None,
        field=name,
        row_id=task.key.id,
        link=task.link if name is Field.SOURCE else None,
        code=_code(task, value) if name is Field.CURRENT else None,
    )


def _restoring(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon]) -> list[CellWrite]:
    """The old values that are put back, with a note where there is none of a person's."""
    return [
        CellWrite(
            row=task.row.index,
            column=task.view.columns[name],
            value=lives[name],
            is_percent=_scale(task) if name is Field.CURRENT else None,
            note=None if task.view.cell(task.row, name).note else UNDO_NOTE,
            field=name,
            row_id=task.key.id,
            code=_code(task, lives[name]) if name is Field.CURRENT else None,
        )
        for name in _named(verdicts, Verdict.UNDONE)
    ]


def _undone(task: RowTask, verdicts: Mapping[Field, Verdict], undone: RowUndones) -> list[Change]:
    """What an undo puts back, for History and the plan."""
    return [
        Change(task.key, task.name, name, item.new, item.old, Verdict.UNDONE, f"{item.why}; held until released")
        for name in _named(verdicts, Verdict.UNDONE)
        if (item := undone[name])
    ]


def _code(task: RowTask, value: Canon) -> str | None:
    """How a number that is no share is shown: by the row's unit, with decimals that suit its target."""
    return plain_code(value, task.unit, task.aim) if isinstance(value, Decimal) and not task.is_percent else None


def _scale(task: RowTask) -> bool | None:
    """Whether Current is to be formatted in percent; ``None`` leaves a format of a person's that fits the scale."""
    cell = task.view.cell(task.row, Field.CURRENT)
    return None if cell.has_own_format and cell.is_percent == task.is_percent else task.is_percent


def _written(want: Want) -> Canon:
    return None if isinstance(want, Wanted) else want


def _bar_write(task: RowTask) -> tuple[CellWrite, ...]:
    """Progress is drawing, not data: it follows the score in force, whatever stands there.

    Unless the column was people's before us: what stands in it is theirs.
    """
    column = task.view.columns.get(Field.PROGRESS)
    if task.bar is None or column is None or Field.PROGRESS in task.adopted:
        return ()
    if (task.view.cell(task.row, Field.PROGRESS).value or "") == task.bar:
        return ()
    return (CellWrite(task.row.index, column, task.bar or None, field=Field.PROGRESS, row_id=task.key.id),)


def _changes(
    task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon], released: frozenset[Field]
) -> list[Change]:
    found = []
    for name, verdict in verdicts.items():
        if name not in SIGNIFICANT | released or name not in task.view.columns:
            continue
        if verdict in WRITES and (new := _written(task.wants[name])) != (old := _said(task, name, lives)):
            reason = RULE_CHANGED if name is Field.STATUS and _is_renamed(task) else task.why
            found.append(Change(task.key, task.name, name, old, new, verdict, reason))
        elif verdict is Verdict.NEW_HOLD:
            base = task.entry.bases[name]
            found.append(Change(task.key, task.name, name, base, lives[name], verdict, HELD_REASON))
    return found


def _say_expired(change: Change, expired: Mapping[Field, Hold], today: date) -> Change:
    """The change with the day since which a person's value had stood there."""
    hold = expired.get(change.field)
    if hold is None:
        return change
    said = f"held since {render_day(hold.since, today)}; the hold has expired"
    return replace(change, reason=f"{said}. {change.reason}" if change.reason else said)


def _untold(task: RowTask, changes: Iterable[Change], entry: Entry) -> Iterator[Change]:
    """What History doesn't say yet: of a cell whose write was put back it goes on from what it has said of that."""
    found = {change.field: change for change in changes}
    for name, said in task.entry.told.items():
        stays = Change(task.key, task.name, name, said, entry.bases.get(name), Verdict.QUIET, "put back")
        change = found.pop(name, stays)
        if change.new != said:
            yield replace(change, old=said)
    yield from found.values()


def _is_renamed(task: RowTask) -> bool:
    """Whether a status is what it was, and only called by another rule's word."""
    old, new = parse_rule(task.entry.rule), parse_rule(task.rule)
    if old is None or new is None or old == new:
        return False
    was, want = task.entry.bases.get(Field.STATUS), task.wants[Field.STATUS]
    return isinstance(was, str) and isinstance(want, str) and read_status(was, old) is read_status(want, new)


def _said(task: RowTask, name: Field, lives: Mapping[Field, Canon]) -> Canon:
    """What stood in a cell, for History: of a formula its text."""
    cell = task.view.cell(task.row, name)
    return cell.formula if is_formula(cell) else lives[name]


def _lost(
    task: RowTask, first: Mapping[Field, Verdict], verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon]
) -> list[Change]:
    """Values that the machine writes over although it never wrote them: pasted or copied ones."""
    return [
        Change(
            task.key,
            task.name,
            name,
            _said(task, name, lives),
            _written(task.wants[name]),
            Verdict.TAKEOVER,
            "replaced a value that was pasted or copied here",
        )
        for name in _named(first, Verdict.TAKEOVER)
        if verdicts[name] is Verdict.CHANGE and name not in SIGNIFICANT
    ]


def _edited(task: RowTask, today: date) -> list[Change]:
    """The fields of the definition that somebody edited since the last run, each with its old and its new value."""
    before = task.entry.definition
    if not before or before == task.definition:
        return []
    if not task.goalposts:
        return [Change(task.key, task.name, Field.TARGET, before, task.definition, Verdict.CHANGE, EDITED)]
    return [
        Change(task.key, task.name, DEFINED[move.field], move.old or None, move.new or None, Verdict.CHANGE, EDITED)
        for move in find_moves(before, task.definition, today, task.goalposts)
    ]


def _holds(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon], entry: Entry) -> list[Held]:
    return [
        Held(
            task.key,
            name,
            lives[name],
            task.wants[name],
            entry.holds[name].since,
            verdicts[name] in (Verdict.NEW_HOLD, Verdict.UNDONE),
            entry.holds[name].why,
        )
        for name in _named(verdicts, Verdict.HELD, Verdict.NEW_HOLD, Verdict.UNDONE)
        if name in entry.holds
    ]


def _takeovers(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon]) -> list[Takeover]:
    return [
        Takeover(task.key, name, lives[name], task.wants[name], str(task.view.place(task.row, name)))
        for name in _named(verdicts, Verdict.TAKEOVER)
    ]

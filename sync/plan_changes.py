"""What a row's verdicts change, as people read it in the plan and in History: old, new and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from okr.calendar import render_day
from okr.goalposts import FIELDS, OBJECTIVE_FIELDS, find_moves
from okr.presets import parse_rule
from okr.words import read_status
from sync.plan_cells import written_value
from sync.plan_task import RowTask
from sync.plan_undo import RowUndones
from sync.row_plan import Change
from sync.sheet.cell import Canon, is_formula
from sync.sheet.history import HELD_REASON
from sync.sheet.layout import SIGNIFICANT, Field
from sync.sheet.ledger import Entry, Hold
from sync.sheet.merge import WRITES, Verdict, fields_with

RULE_CHANGED = "the rule was changed"
EDITED = "the definition was edited"
DEFINED = {name: Field(name.lower().replace(" ", "_")) for name in (*FIELDS, *OBJECTIVE_FIELDS)}


def find_changes(
    task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon], released: frozenset[Field]
) -> list[Change]:
    """The significant cells that change or that a person changed, and those that somebody released."""
    found = []
    for name, verdict in verdicts.items():
        if name not in SIGNIFICANT | released or name not in task.view.columns:
            continue
        if verdict in WRITES and (new := written_value(task.wants[name])) != (old := said_value(task, name, lives)):
            reason = RULE_CHANGED if name is Field.STATUS and _is_renamed(task) else task.why
            found.append(Change(task.key, task.name, name, old, new, verdict, reason))
        elif verdict is Verdict.NEW_HOLD:
            base = task.entry.bases[name]
            found.append(Change(task.key, task.name, name, base, lives[name], verdict, HELD_REASON))
    return found


def say_undone(task: RowTask, verdicts: Mapping[Field, Verdict], undone: RowUndones) -> list[Change]:
    """What an undo puts back, for History and the plan."""
    return [
        Change(task.key, task.name, name, item.new, item.old, Verdict.UNDONE, f"{item.why}; held until released")
        for name in fields_with(verdicts, Verdict.UNDONE)
        if (item := undone[name])
    ]


def say_expired(change: Change, expired: Mapping[Field, Hold], today: date) -> Change:
    """The change with the day since which a person's value had stood there."""
    hold = expired.get(change.field)
    if hold is None:
        return change
    said = f"held since {render_day(hold.since, today)}; the hold has expired"
    return replace(change, reason=f"{said}. {change.reason}" if change.reason else said)


def find_untold(task: RowTask, changes: Iterable[Change], entry: Entry) -> Iterator[Change]:
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


def said_value(task: RowTask, name: Field, lives: Mapping[Field, Canon]) -> Canon:
    """What stood in a cell, for History: of a formula its text."""
    cell = task.view.read_cell(task.row, name)
    return cell.formula if is_formula(cell) else lives[name]


def find_lost(
    task: RowTask, first: Mapping[Field, Verdict], verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon]
) -> list[Change]:
    """Values that the machine writes over although it never wrote them: pasted or copied ones."""
    return [
        Change(
            task.key,
            task.name,
            name,
            said_value(task, name, lives),
            written_value(task.wants[name]),
            Verdict.TAKEOVER,
            "replaced a value that was pasted or copied here",
        )
        for name in fields_with(first, Verdict.TAKEOVER)
        if verdicts[name] is Verdict.CHANGE and name not in SIGNIFICANT
    ]


def find_edited(task: RowTask, today: date) -> list[Change]:
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

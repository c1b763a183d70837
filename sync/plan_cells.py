"""The cells that a row's verdicts write, with their formats, notes and links. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sync.plan_task import RowTask
from sync.row_plan import HOLD_NOTE, OUR_NOTES, UNDO_NOTE
from sync.sheet.cell import Canon
from sync.sheet.layout import Field
from sync.sheet.merge import WRITES, Verdict, Want, Wanted, fields_with
from sync.sheet.number_format import plain_code
from sync.sheet.store import CellWrite


def make_writes(task: RowTask, verdicts: Mapping[Field, Verdict]) -> list[CellWrite]:
    """What the machine writes, and its note on what a person has newly typed."""
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
    value = written_value(task.wants[name])
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


def make_restores(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon]) -> list[CellWrite]:
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
        for name in fields_with(verdicts, Verdict.UNDONE)
    ]


def _code(task: RowTask, value: Canon) -> str | None:
    """How a number that is no share is shown: by the row's unit, with decimals that suit its target."""
    return plain_code(value, task.unit, task.aim) if isinstance(value, Decimal) and not task.is_percent else None


def _scale(task: RowTask) -> bool | None:
    """Whether Current is to be formatted in percent; ``None`` leaves a format of a person's that fits the scale."""
    cell = task.view.cell(task.row, Field.CURRENT)
    return None if cell.has_own_format and cell.is_percent == task.is_percent else task.is_percent


def written_value(want: Want) -> Canon:
    """What stands in a cell after it was written; nothing where nothing is known."""
    return None if isinstance(want, Wanted) else want


def make_bar(task: RowTask) -> tuple[CellWrite, ...]:
    """Progress is drawing, not data: it follows the score in force, whatever stands there.

    Unless the column was people's before us: what stands in it is theirs.
    """
    column = task.view.columns.get(Field.PROGRESS)
    if task.bar is None or column is None or Field.PROGRESS in task.adopted:
        return ()
    if (task.view.cell(task.row, Field.PROGRESS).value or "") == task.bar:
        return ()
    return (CellWrite(task.row.index, column, task.bar or None, field=Field.PROGRESS, row_id=task.key.id),)

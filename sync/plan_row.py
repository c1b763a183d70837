"""One row's part of a plan, by the merge law: every cell judged, then the row as a whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sync.plan_cells import make_bar, make_restores, make_writes
from sync.plan_changes import find_changes, find_edited, find_lost, find_untold, say_expired, say_undone
from sync.plan_learn import fingerprint, gap_reason, learn_row
from sync.plan_task import RowTask
from sync.plan_undo import RowUndones
from sync.row_plan import Held, RowPlan, Takeover
from sync.sheet.cell import EMPTY, Canon, canon_cell, is_formula
from sync.sheet.columns import FORMS
from sync.sheet.layout import SIGNIFICANT, Field
from sync.sheet.ledger import Entry, Hold
from sync.sheet.ledger_text import render_entry
from sync.sheet.merge import Verdict, fields_with, judge, soften_paste

NOTHING_UNDONE: RowUndones = {}
NOTHING_EXPIRED: Mapping[Field, Hold] = {}


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
    new_holds = fields_with(judged, Verdict.NEW_HOLD)
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
    changes = (*find_changes(task, verdicts, lives, released), *say_undone(task, verdicts, undone))
    changes = tuple(say_expired(change, expired, today) for change in changes)
    return RowPlan(
        key=task.key,
        view=task.view,
        row=task.row,
        cells=(*make_writes(task, verdicts), *make_restores(task, verdicts, lives), *make_bar(task)),
        line=line if line != task.old_line else None,
        old_line=task.old_line,
        changes=tuple(change for change in changes if change.verdict is not Verdict.NEW_HOLD),
        holds=tuple(_holds(task, verdicts, lives, entry)),
        takeovers=tuple(_takeovers(task, verdicts, lives)),
        history=(
            *find_untold(task, changes, entry),
            *find_lost(task, first, verdicts, lives),
            *find_edited(task, today),
        ),
        typed=typed,
    )


def _settle(task: RowTask, verdicts: dict[Field, Verdict], *, takeover: bool) -> dict[Field, Verdict]:
    """A takeover happens at once in a cell that was always the machine's; elsewhere somebody has to accept it."""
    taken = fields_with(verdicts, Verdict.TAKEOVER)
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
        for name in fields_with(verdicts, Verdict.HELD, Verdict.NEW_HOLD, Verdict.UNDONE)
        if name in entry.holds
    ]


def _takeovers(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon]) -> list[Takeover]:
    return [
        Takeover(task.key, name, lives[name], task.wants[name], str(task.view.place(task.row, name)))
        for name in fields_with(verdicts, Verdict.TAKEOVER)
    ]

"""What people typed into Score and Status that is no score and no status: kept, and said. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from okr.model import StatusRule
from okr.problem import Problem
from okr.words import OURS, read_status
from sync.live import is_persons, live_cell
from sync.sheet.cell import Canon
from sync.sheet.layout import MERGED, Field
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.sheet.snapshot import Snapshot

_EXPECTED = {Field.SCORE: "a number from 0 to 1", Field.STATUS: "one of the words of the list"}


def check_held_words(snapshot: Snapshot, rule: StatusRule = OURS) -> Iterator[Problem]:
    """A problem for each held Score that is no number and each held Status that is no known word.

    Such a cell stays as it is; what counts in roll-ups is the machine's own score and status.
    """
    for tab in MERGED:
        view = snapshot.views.get(tab)
        for row in view.rows if view is not None else ():
            entry = snapshot.ledger.entries.get(RowKey(tab, *row.key), NO_ENTRY)
            for name, expected in _EXPECTED.items():
                if view is None or name not in view.columns or not is_persons(entry, view, row, name):
                    continue
                live = live_cell(view, row, name)
                if not _counts(name, live, rule):
                    yield Problem(
                        code="sheet.held-word",
                        message=f"“{live}” is not {expected}; it stays, and okr-sync's own is used in roll-ups",
                        place=view.place(row, name),
                        fix=f"Type {expected}, or clear the cell to hand it back.",
                        subject=row.key.id,
                    )


def _counts(name: Field, live: Canon, rule: StatusRule) -> bool:
    if name is Field.SCORE:
        return isinstance(live, Decimal)
    return isinstance(live, str) and read_status(live, rule) is not None

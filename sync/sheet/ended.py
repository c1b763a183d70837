"""Rows that stay with a cycle that has ended, though their Cycle is empty. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from okr.model import Cycle
from okr.problem import Problem, Severity
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import Ledger
from sync.sheet.locate import TabView, id_text


def find_going(open_cycles: tuple[str, ...], cycles: Mapping[str, Cycle]) -> tuple[str, ...]:
    """The open cycles without those that only settle still: they ended before the first one began."""
    known = [cycles[name] for name in open_cycles if name in cycles]
    over = {cycle.name for cycle in known if cycle.end < known[0].start}
    return tuple(name for name in open_cycles if name not in over)


def find_ended(tab: Tab, ledger: Ledger, going: tuple[str, ...]) -> dict[str, str]:
    """The ids whose rows were last synced in a cycle that has ended, with that cycle. ``going`` are those that haven't.

    Their empty Cycle cells go on meaning it: a new cycle that took the rows over by itself would write over their
    final numbers.
    """
    alive = {key.id for key in ledger.lines if key.tab is tab and key.cycle in going[:1]}
    past = (key for key in ledger.lines if key.tab is tab and key.cycle and key.cycle not in going)
    return {key.id: key.cycle for key in past if key.id not in alive}


def check_ended(view: TabView, open_cycles: tuple[str, ...]) -> list[Problem]:
    """Rows that stay with an ended cycle because nobody said that they go on."""
    if view.tab not in MERGED or not open_cycles:
        return []
    left = [
        row
        for row in view.rows
        if row.key.cycle and row.key.cycle not in open_cycles and not id_text(view.cell(row, Field.CYCLE))
    ]
    if not left:
        return []
    ended = left[0].key.cycle
    return [
        Problem(
            code="sheet.cycle-ended",
            message=f"{len(left)} rows with an empty Cycle belong to {ended}, which has ended; they stay as they are",
            place=view.place(left[0], Field.CYCLE),
            fix=f"Write {ended} into Cycle where a row is finished, {open_cycles[0]} where it goes on.",
            severity=Severity.WARNING,
        )
    ]

"""The hints that stand in the sheet: how a row could be a better OKR, each with its reason and an example. Pure.

They are style, in the last and folded column of a row; ``quality: off`` leaves it empty. What needs a comparison of
every row with every other (wording that is nearly the same) is left to ``check --sheet``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from okr.model import ScoringRules
from okr.practice import check_practice
from okr.problem import CellPlace, Problem
from okr.quality import check_quality
from okr.result import Scorecard
from okr.silence import check_silence, find_kept
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.snapshot import Snapshot
from sync.standings import RowStanding

_TABS = (Tab.OBJECTIVES, Tab.KEY_RESULTS)


@dataclass(frozen=True, slots=True)
class Hints:
    """Whether the sheet hints at better OKRs. ``cadence`` is after how many days a check-in is due, by team."""

    are_wanted: bool = True
    cadence: Mapping[str, int] = field(default_factory=lambda: {"": 7})


def find_hints(
    snapshot: Snapshot,
    standings: Mapping[RowKey, RowStanding],
    card: Scorecard,
    scoring: ScoringRules,
    hints: Hints,
    today: date,
) -> dict[RowKey, str]:
    """The hints of each row that has any; nothing where they aren't wanted, or where no tab has the column."""
    views = [view for tab in _TABS if (view := snapshot.views.get(tab)) is not None and Field.HINT in view.columns]
    if not hints.are_wanted or not views:
        return {}
    okrs = snapshot.okrs
    known = {key.key: item.standing for key, item in standings.items() if key.tab is Tab.KEY_RESULTS}
    open_cycles = {name: cycle for name, cycle in okrs.cycles.items() if not cycle.closed}
    found: dict[str, list[Problem]] = {}
    for problem in (
        *check_practice(okrs, today),
        *check_quality(okrs, card, known, scoring),
        *(check_silence(find_kept(okrs, card, open_cycles, hints.cadence, today), today) if okrs.check_ins else ()),
    ):
        if isinstance(problem.place, CellPlace):
            found.setdefault(str(problem.place), []).append(problem)
    rows = {
        str(item.place): RowKey(tab, *item.key)
        for tab, items in ((Tab.OBJECTIVES, okrs.objectives), (Tab.KEY_RESULTS, okrs.key_results))
        for item in items
    }
    return {rows[place]: " ".join(map(_say, problems)) for place, problems in found.items() if place in rows}


def _say(problem: Problem) -> str:
    """A hint beside its own row: the reason and the example, without repeating whose it is."""
    text = problem.message.removeprefix(f"{problem.subject}: ").removeprefix(f"{problem.subject} ")
    text = text[:1].upper() + text[1:]
    return f"{text} {problem.fix}" if problem.fix else text

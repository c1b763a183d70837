"""Conditional formatting as the sheet itself draws it: status colours, and grey for what is old.

The formulas use no separator and no decimal, so that they mean the same in every locale: a product stands for
AND. The sheet compares its own TODAY() with the row's Freshness and with the heartbeat in the ledger's first line,
so rows turn grey even when the engine has died. Stale is never green: the stale rules come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from okr.model import Status
from sync.sheet.layout import Field, Tab
from sync.sheet.style import BAR_STYLE, STATUS_STYLE, Style

MANUAL_SOURCE = "Typed by hand in Current"
"""What Source says of a key result without a mapping: its value is a person's, and gets old more slowly."""

MANUAL_DAYS = 14
"""After how many days a value that a person typed is old: two weekly check-ins."""

EVERY_DAYS: Mapping[str, int] = {"week": MANUAL_DAYS, "month": 31 + 7, "quarter": 92 + 7, "year": 366 + 7}
"""The same where the mapping says how often people type it (``every``): a week after it was due."""

EVERY_SINCE = 4
"""Since which layout the sheet's own rules know how often a value is typed. Older ones know ``MANUAL_DAYS`` alone."""


def render_manual(every: str) -> str:
    """What Source says of a value that people type. The sheet's own rules know by it when the value is old."""
    return MANUAL_SOURCE if every == "week" else f"{MANUAL_SOURCE} once a {every}"


def parse_manual(source: str) -> str:
    """How often people type a value, by its Source: week where nothing else is said."""
    return next((every for every in EVERY_DAYS if render_manual(every) == source), "week")


STALE_WHY = "Stale"
"""How the Why of an objective begins of whose key results every one is old: it has no Freshness of its own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One conditional format: over these columns of a tab's data rows, while the formula is true.

    ``formula`` holds ``{field}`` holes: each becomes the address of that field's cell in the first data row, with
    its column fixed ("$H2").
    """

    tab: Tab
    fields: tuple[Field, ...]
    formula: str
    style: Style

    def render(self, addresses: dict[Field, str]) -> str:
        """The formula with the addresses filled in."""
        return self.formula.format_map({field.value: address for field, address in addresses.items()})


def find_heartbeat(ledger: str = Tab.LEDGER.value) -> str:
    """A formula that reads the heartbeat out of the ledger with this title."""
    return f'INDIRECT("{ledger}!$C$1")'


HEARTBEAT = find_heartbeat()


def find_dead(days: int, ledger: str = Tab.LEDGER.value) -> str:
    """A formula that is true when the engine has written no heartbeat for more than ``days`` days."""
    heartbeat = find_heartbeat(ledger)
    return f'({heartbeat}<>"")*(TODAY()-{heartbeat}>{days}+1)'


class BoardRule(NamedTuple):
    """A conditional format of the Dashboard: from this row on down, or in this row alone."""

    first_row: int
    is_one_row: bool
    formula: str
    style: Style


SYNC_ROW = 2
"""The row of the Dashboard that says when the last sync was."""


def make_board_rules(days: int, ledger: str = Tab.LEDGER.value) -> tuple[BoardRule, ...]:
    """The rules of the Dashboard in the order in which they win: when the engine has died, the last sync is an alarm
    and everything below it is grey.
    """
    dead = f"={find_dead(days, ledger)}>0"
    return (BoardRule(SYNC_ROW, True, dead, Style.BAD), BoardRule(SYNC_ROW + 1, False, dead, Style.STALE))


_STATUS_TABS = (Tab.KEY_RESULTS, Tab.OBJECTIVES, Tab.KPIS)
_STALE_FIELDS = {
    Tab.KEY_RESULTS: (Field.CURRENT, Field.PROGRESS, Field.SCORE, Field.STATUS, Field.CHANGE, Field.FRESHNESS),
    Tab.KPIS: (Field.CURRENT, Field.STATUS, Field.FRESHNESS),
}


Words = Mapping[Status, str]
"""The word that is shown for a status, where it isn't ours."""

OUR_WORDS: Words = {}


def make_rules(stale_days: int, words: Words = OUR_WORDS, ledger: str = Tab.LEDGER.value) -> tuple[Rule, ...]:
    """All rules in the order in which they win. ``words`` are the statuses' where they aren't ours.

    A row is stale when its Freshness is more than ``stale_days`` days ago; one that people fill in by hand after
    ``EVERY_DAYS``. It is also stale when the heartbeat is: then the engine has died, and Freshness may be nobody's
    any more.
    """
    return (*_stale_rules(stale_days, ledger), *_status_rules(words), *_bar_rules(words))


def _stale_rules(days: int, ledger: str) -> tuple[Rule, ...]:
    manual = "".join(
        f'+{max(0, limit - days)}*({{source}}="{render_manual(every)}")' for every, limit in EVERY_DAYS.items()
    )
    engine = f'({{freshness}}<>"")*{find_dead(days, ledger)}'
    rules = []
    for tab, fields in _STALE_FIELDS.items():
        limit = f"{days}{manual if tab is Tab.KEY_RESULTS else ''}"
        row = f'({{freshness}}<>"")*(TODAY()-{{freshness}}>{limit})'
        rules.append(Rule(tab, fields, f"=({row}+{engine})>0", Style.STALE))
    dead = f'=({{objective_id}}<>"")*{find_dead(days, ledger)}'
    # texts from "Stale" to before "Stalf" are those that begin with it; LEFT would need a separator
    old = f'=({{why}}>="{STALE_WHY}")*({{why}}<"{STALE_WHY[:-1]}f")'
    marks = (Field.SCORE, Field.STATUS)
    return (*rules, *(Rule(Tab.OBJECTIVES, marks, formula, Style.STALE) for formula in (dead, old)))


def _status_rules(words: Words) -> tuple[Rule, ...]:
    return tuple(
        Rule(tab, (Field.STATUS,), f'={{status}}="{words.get(status, status.value)}"', style)
        for tab in _STATUS_TABS
        for status, style in STATUS_STYLE.items()
    )


def _bar_rules(words: Words) -> tuple[Rule, ...]:
    return tuple(
        Rule(Tab.KEY_RESULTS, (Field.PROGRESS,), f'={{status}}="{words.get(status, status.value)}"', style)
        for status, style in BAR_STYLE.items()
    )

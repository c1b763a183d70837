"""Holds in time: a value that is typed anew is held anew, an old hold is told of, and one that expires is given back.

A hold's time begins when its value was first seen. What is typed over it begins it again. Nobody's value is taken back
unawares: the hold remembers since when it was warned of, and ends that long after at the earliest. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from okr.calendar import render_day
from okr.problem import Problem, Severity
from sync.hold_rules import HoldRules
from sync.row_plan import OUR_NOTES
from sync.sheet.cell import Canon, Cell, canon_cell, is_formula
from sync.sheet.columns import FORMS, find_column
from sync.sheet.layout import MERGED, Field
from sync.sheet.ledger import NO_ENTRY, Entry, Hold, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.merge import shorten
from sync.sheet.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Aged:
    """The snapshot with its holds as they are today, which of them end now, and what is to be said of the others."""

    snapshot: Snapshot
    expired: Mapping[tuple[RowKey, Field], Hold] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def age_holds(snapshot: Snapshot, rules: HoldRules, today: date, is_planned: Callable[[RowKey], bool]) -> Aged:
    """Look at every hold. ``is_planned`` says whose rows this plan may write: others' holds stay as they are."""
    entries = dict(snapshot.ledger.entries)
    expired: dict[tuple[RowKey, Field], Hold] = {}
    problems: list[Problem] = []
    for key, view, row, entry in _held_rows(snapshot, is_planned):
        holds = dict(entry.holds)
        for name, hold in entry.holds.items():
            cell = view.cell(row, name)
            live = canon_cell(FORMS[view.tab][name], cell, entry.bases.get(name))
            if name not in view.columns or live is None:
                continue
            hold = _renew(hold, live, cell, today)
            if not _is_kept(cell):
                hold = _warn(hold, rules, today)
            holds[name] = hold
            ends = None if _is_kept(cell) else rules.ends(hold)
            if ends is not None and ends <= today:
                expired[key, name] = hold
            elif problem := _check(hold, rules, today, ends, (key, view, row, name)):
                problems.append(problem)
        if holds != entry.holds:
            entries[key] = replace(entry, holds=holds)
    return Aged(replace(snapshot, ledger=replace(snapshot.ledger, entries=entries)), expired, tuple(problems))


def _held_rows(
    snapshot: Snapshot, is_planned: Callable[[RowKey], bool]
) -> Iterator[tuple[RowKey, TabView, Row, Entry]]:
    for tab in MERGED:
        view = snapshot.views.get(tab)
        for row in view.rows if view is not None else ():
            key = RowKey(tab, *row.key)
            entry = snapshot.ledger.entries.get(key, NO_ENTRY)
            if view is not None and entry.holds and row.key not in view.duplicates and is_planned(key):
                yield key, view, row, entry


def _renew(hold: Hold, live: Canon, cell: Cell, today: date) -> Hold:
    """A hold of what stands there now. A formula that gives another result was not typed anew."""
    return hold if is_formula(cell) or shorten(live) == hold.value else Hold(today, shorten(live))


def _is_kept(cell: Cell) -> bool:
    """Whether somebody left a note of their own on the cell: they know that it is held, and it doesn't expire."""
    return bool(cell.note) and cell.note not in OUR_NOTES


def _warn(hold: Hold, rules: HoldRules, today: date) -> Hold:
    warns_from = rules.warns_from(hold)
    if warns_from is None or today < warns_from:
        return hold if hold.warned is None else hold._replace(warned=None)
    return hold if hold.warned is not None else hold._replace(warned=today)


def _check(
    hold: Hold, rules: HoldRules, today: date, ends: date | None, at: tuple[RowKey, TabView, Row, Field]
) -> Problem | None:
    """What is to be said of a hold that stays today."""
    since = render_day(hold.since, today)
    if ends is not None:
        fix = "To keep a value, type a new one, or leave a note of your own on the cell. To hand it back now, clear it."
        return _problem(
            "sheet.hold-expires", f", held since {since}, is handed back on {render_day(ends, today)}", fix, at
        )
    if rules.remind is not None and today >= hold.since + timedelta(days=rules.remind):
        fix = "Clear the cell to hand it back, or type what is true today."
        return _problem("sheet.hold-old", f" is held since {since}", fix, at)
    return None


def _problem(code: str, what: str, fix: str, at: tuple[RowKey, TabView, Row, Field]) -> Problem:
    key, view, row, name = at
    subject = f"{key.id} {find_column(key.tab, name).header}"
    message = f"{subject}: “{view.cell(row, name).shown}”{what}"
    return Problem(code, message, view.place(row, name), fix, subject, Severity.WARNING)

"""The merge law: who owns a machine cell, decided by what stands in it, what the ledger knows, and what is wanted.

This is the whole of it; nothing else decides about a cell. All values are canonical (``cell.canon``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from okr.problem import OkrSyncError
from sync.sheet.cell import Canon
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry, Hold, RowKey
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text


class Verdict(StrEnum):
    """What happens to one machine cell."""

    QUIET = "quiet"  # it is as wanted, and the ledger knows
    CHANGE = "change"  # write it
    AGREEMENT = "agreement"  # it is as wanted, and the ledger has to learn it
    TAKEOVER = "takeover"  # no entry, and something else stands there
    HELD = "held"  # a person's value stays
    NEW_HOLD = "new hold"  # a person typed here since the last run; it stays
    HANDED_BACK = "handed back"  # the person cleared it: the machine's again
    UNDONE = "undone"  # an older value is put back and held
    GAP = "gap"  # nothing is wanted, because nothing is known: leave it


class Wanted(StrEnum):
    """What is wanted of a cell where it is no value."""

    NOTHING_KNOWN = "nothing known"


Want = Canon | Wanted


def judge(entry: Entry, field: Field, live: Canon, want: Want, *, is_formula: bool = False) -> Verdict:
    """The merge table of one cell.

    ``want`` is ``Wanted.NOTHING_KNOWN`` in a gap that never had a good reading. ``is_formula``: what stands there
    is a formula's result; since we write none it is a person's, whatever it equals and where it gives nothing today.
    """
    if isinstance(want, Wanted):
        return Verdict.HELD if field in entry.holds and (is_formula or live is not None) else Verdict.GAP
    if field in entry.holds:
        return Verdict.HELD if is_formula or live is not None else Verdict.HANDED_BACK
    if is_formula:
        return Verdict.NEW_HOLD if field in entry.bases else Verdict.TAKEOVER
    if field not in entry.bases:
        return _judge_unknown(live, want)
    return _judge_free(entry.bases[field], live, want)


def _judge_unknown(live: Canon, want: Canon) -> Verdict:
    if live == want:
        return Verdict.AGREEMENT
    return Verdict.CHANGE if live is None else Verdict.TAKEOVER


def _judge_free(base: Canon, live: Canon, want: Canon) -> Verdict:
    if live == want:
        return Verdict.QUIET if base == want else Verdict.AGREEMENT
    if live is None or live == base:
        return Verdict.CHANGE
    return Verdict.NEW_HOLD


def is_foreign(entry: Entry, field: Field, live: Canon, *, is_formula: bool = False) -> bool:
    """Whether a person's value stands in a cell that the ledger knows: held, or typed since the last run.

    Decided before anything is wanted, because a person's Current is scored and a person's Score rolls up. Where
    it happens to equal what the machine will want, scoring it gives the same.
    """
    if live is None and not is_formula:
        return False
    return field in entry.holds or (field in entry.bases and (is_formula or live != entry.bases[field]))


def fields_with(verdicts: Mapping[Field, Verdict], *wanted: Verdict) -> list[Field]:
    """The fields with one of these verdicts; mostly there are none."""
    if frozenset(wanted).isdisjoint(verdicts.values()):
        return []
    return [name for name, verdict in verdicts.items() if verdict in wanted]


PASTE_AT = 4
"""So many foreign machine cells in one row at once are a paste, not somebody who knows better in each."""

PASTE_HOLDS = frozenset({Field.CURRENT, Field.SCORE, Field.STATUS})


def soften_paste(verdicts: Mapping[Field, Verdict]) -> dict[Field, Verdict]:
    """A pasted row: only Current, Score and Status become holds; the rest is changed, its values go to History."""
    pasted = [field for field, verdict in verdicts.items() if verdict is Verdict.NEW_HOLD]
    if len(pasted) < PASTE_AT:
        return dict(verdicts)
    return {
        field: Verdict.TAKEOVER if field in pasted and field not in PASTE_HOLDS else verdict
        for field, verdict in verdicts.items()
    }


class ShuffleError(OkrSyncError):
    """A partial sort moved machine cells between rows. Nothing is written until a person decides."""

    def __init__(self, rows: Sequence[RowKey]) -> None:
        names = ", ".join(row.id for row in rows[:8]) + (" …" if len(rows) > 8 else "")
        super().__init__(
            f"the machine's columns of {len(rows)} rows were sorted apart from their ids: {names}.",
            fix="Undo that sort in the sheet, or let okr-sync repair put the cells back. Nothing was written.",
        )
        self.rows = tuple(rows)


SHUFFLE_FIELDS, SHUFFLE_ROWS = 2, 3


def find_shuffle(typed: Mapping[Field, Mapping[RowKey, tuple[Canon, Canon]]]) -> tuple[RowKey, ...]:
    """The rows of a partial sort, or none.

    ``typed`` holds the new holds by field and row as (base, live). A shuffle is over at least two fields and three
    rows, where the live values are exactly the distinct bases of the same rows in another order. One edit never is.
    """
    by_rows: dict[frozenset[RowKey], int] = {}
    for cells in typed.values():
        rows = _permuted(cells)
        if len(rows) >= SHUFFLE_ROWS:
            by_rows[rows] = by_rows.get(rows, 0) + 1
    if sum(by_rows.values()) < SHUFFLE_FIELDS:
        return ()
    return tuple(sorted(frozenset().union(*by_rows)))


def _permuted(cells: Mapping[RowKey, tuple[Canon, Canon]]) -> frozenset[RowKey]:
    """The rows whose live values are one another's bases; rows that somebody merely typed in fall out."""
    rows = dict(cells)
    while True:
        bases, lives = [base for base, _ in rows.values()], {live for _, live in rows.values()}
        if len(set(bases)) != len(bases):
            return frozenset()
        kept = {row: pair for row, pair in rows.items() if pair[1] in set(bases) and pair[0] in lives}
        if len(kept) == len(rows):
            return frozenset(rows)
        rows = kept


WRITES = frozenset({Verdict.CHANGE, Verdict.HANDED_BACK})
"""The verdicts by which a cell is written."""

_LEARNT = frozenset({Verdict.CHANGE, Verdict.AGREEMENT, Verdict.HANDED_BACK})


def learn(
    entry: Entry,
    verdicts: Mapping[Field, Verdict],
    wants: Mapping[Field, Want],
    lives: Mapping[Field, Canon],
    day: date,
) -> tuple[dict[Field, Canon], dict[Field, Canon], dict[Field, Hold]]:
    """Bases, previous bases and holds as they are after these verdicts were carried out."""
    bases, previous, holds = dict(entry.bases), dict(entry.previous), dict(entry.holds)
    for field, verdict in verdicts.items():
        if verdict is Verdict.NEW_HOLD:
            holds[field] = Hold(day, shorten(lives[field]))
        elif verdict in _LEARNT and not isinstance(want := wants[field], Wanted):
            if field in bases and bases[field] != want:
                previous[field] = bases[field]
            bases[field] = want
            holds.pop(field, None)
    return bases, previous, holds


def shorten(live: Canon) -> Canon:
    """What a hold is remembered by: it is only shown, so that a person's long text is cut."""
    return clean_text(live, PEOPLE_AT_MOST) if isinstance(live, str) else live


def unlearn(entry: Entry, before: Entry, fields: Collection[Field]) -> Entry:
    """The entry without what it learned of these cells, because their write was put back.

    The row's other cells stand as they were written: what was learned of them stays, or the machine's own values
    would look typed over.
    """
    bases, previous, holds = dict(entry.bases), dict(entry.previous), dict(entry.holds)
    for field in fields:
        _restore(bases, before.bases, field)
        _restore(previous, before.previous, field)
        _restore(holds, before.holds, field)
    link = before.link if Field.SOURCE in fields else entry.link
    return replace(entry, bases=bases, previous=previous, holds=holds, link=link)


_Memory = TypeVar("_Memory")


def _restore(now: dict[Field, _Memory], before: Mapping[Field, _Memory], field: Field) -> None:
    now.pop(field, None)
    if field in before:
        now[field] = before[field]

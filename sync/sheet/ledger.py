"""The ledger: what the machine last wrote, kept in the sheet's hidden tab, so that the engine itself keeps nothing.

Line 1 of the tab is the head: A a sentence for people, B the head as JSON, C the heartbeat as a serial number, D the
same as text; from E on the record of the last batch (``record``). Each further line is one row of the sheet: A its
key, B its entry as JSON (``ledger_text``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from okr.goalposts import Move
from okr.model import Key, Point
from okr.problem import OkrSyncError
from sync.sheet.cell import Canon
from sync.sheet.layout import Field, Tab
from sync.sheet.outbox import NO_OUTBOX, Outbox

HEAD_ROW = 0
KEY_COLUMN, TEXT_COLUMN, HEARTBEAT_COLUMN, MOMENT_COLUMN = 0, 1, 2, 3
SENTENCE = "This hidden tab is okr-sync's memory. Please leave it as it is."


class LedgerError(OkrSyncError):
    """The ledger can't be read: damaged by hand, or written by a newer okr-sync."""


class RowKey(NamedTuple):
    """What identifies a row of the whole sheet."""

    tab: Tab
    cycle: str
    id: str

    @property
    def key(self) -> Key:
        """The same without the tab."""
        return Key(self.cycle, self.id)

    def __str__(self) -> str:
        return f"{self.tab.value}|{self.cycle}|{self.id}"


class Hold(NamedTuple):
    """A value that stays in a machine cell: since when, and what it was then.

    ``why`` says where it came from when nobody typed it: "run 20261122-063000-1a2b undone". ``warned`` is the day
    since which it is said that it will expire.
    """

    since: date
    value: Canon
    why: str = ""
    warned: date | None = None


class OpenProblem(NamedTuple):
    """A problem of the last run: the local day of the first run that had it, and what it was, in short.

    ``since`` is ``None`` and ``words`` are "" where that isn't known any more.
    """

    since: date | None = None
    words: str = ""


class Good(NamedTuple):
    """The last good reading. ``as_of`` is ``None`` while every run confirms it: then it is the heartbeat.

    ``parts`` are the done and the whole where the value is a share.
    """

    value: Decimal
    as_of: datetime | None
    detail: str = ""
    steps: tuple[tuple[str, Decimal], ...] = ()
    parts: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger keeps of one row of the sheet.

    ``bases`` is what the machine last wrote or agreed to, ``previous`` what stood there before that.
    ``gap`` is the reason why the last run had no reading. ``doubt_days`` counts the days on which a guard has
    distrusted the same reading, ``doubted`` the last of them. ``points`` are weekly, 13 at most.
    ``won`` is the day on which it was first achieved, as far as anybody has seen.
    ``told`` is what History last said of a cell whose write was put back: the next run doesn't say it again.
    ``link`` is the fingerprint of the link that was last written with Source, "" for none.
    ``moves`` are the goalposts that were moved, oldest first.
    ``doubled``: the id stood in several rows, and what was said there of it is in none of ``bases``.
    """

    bases: Mapping[Field, Canon] = field(default_factory=dict)
    previous: Mapping[Field, Canon] = field(default_factory=dict)
    holds: Mapping[Field, Hold] = field(default_factory=dict)
    good: Good | None = None
    gap: str = ""
    definition: str = ""
    rule: str = ""
    doubt_days: int = 0
    doubted: date | None = None
    updated: date | None = None
    won: date | None = None
    points: tuple[Point, ...] = ()
    told: Mapping[Field, Canon] = field(default_factory=dict)
    link: str = ""
    moves: tuple[Move, ...] = ()
    doubled: bool = False


NO_ENTRY = Entry()


NO_PROBLEMS: Mapping[str, OpenProblem] = {}


class Part(NamedTuple):
    """What the head keeps of one of several configs: the patterns of its rows, and what its own last run left."""

    rows: tuple[str, ...] = ()
    problems: Mapping[str, OpenProblem] = NO_PROBLEMS
    refreshed: date | None = None
    heartbeat: datetime | None = None
    outbox: Outbox = NO_OUTBOX


@dataclass(frozen=True, slots=True)
class Head:
    """The ledger's first line.

    ``epoch`` is random and made anew for a copy of the sheet or a lost ledger; with ``revision`` it names the
    guard tabs. ``refreshed`` is the local day whose moving fields stand in the sheet. ``columns`` remembers
    where each field's column stood and what its header was. ``adopted`` are the machine columns that were
    there before us, as "tab/field". ``problems`` are the problems of the last run by their identities. ``drawn`` is
    the fingerprint of the Dashboard as it was last drawn; "" where that isn't known. ``words`` is the preset whose
    words the sheet's colours and dropdowns know; "" for ours. ``config`` is the name of the config that keeps the whole
    sheet, ``parts`` are those that share it, by their names: then ``problems`` and ``refreshed`` stand there.
    ``closed`` are the cycles that were closed, and on which day: their grades are final, and runs leave their rows
    alone. ``outbox`` is what people are still to be told; of configs that share the sheet it stands in their parts.
    """

    sheet_id: str
    epoch: str
    revision: int = 0
    config: str = ""
    run: str = ""
    refreshed: date | None = None
    layout: int = 1
    columns: Mapping[str, Mapping[str, tuple[int, str]]] = field(default_factory=dict)
    tabs: Mapping[str, int] = field(default_factory=dict)
    adopted: frozenset[str] = frozenset()
    problems: Mapping[str, OpenProblem] = field(default_factory=dict)
    drawn: str = ""
    words: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    closed: Mapping[str, date] = field(default_factory=dict)
    outbox: Outbox = NO_OUTBOX


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole ledger as read. ``lines`` says at which row of the tab each key's line stands.

    ``damaged`` are the keys whose line can't be read: nothing is known of what was written there.
    """

    head: Head
    heartbeat: datetime | None
    entries: Mapping[RowKey, Entry]
    lines: Mapping[RowKey, int]
    texts: Mapping[RowKey, str]
    next_row: int = 1
    damaged: frozenset[RowKey] = frozenset()

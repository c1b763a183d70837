"""What ``layout`` and ``leave`` ask of a store, and what it says it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from okr.model import Status
from sync.sheet.layout import Field, Tab
from sync.sheet.store import Drawing, LedgerLine


@dataclass(frozen=True, slots=True)
class NewTab:
    """A tab that ``layout`` wants: its kind, its title, what it holds."""

    tab: Tab
    title: str
    drawing: Drawing | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What ``prepare`` did: titles of tabs made, headers of columns added, repairs in words.

    ``proofs`` are what was shown to hold on this very sheet; they change nothing.
    """

    tabs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the sheet already had everything."""
        return not (self.tabs or self.columns or self.repairs)


@dataclass(frozen=True, slots=True)
class Migration:
    """A sheet of an older layout, as it was read: its version, the ledger's head as text, its guard tabs.

    It is brought up to date in the same write that gives the ledger its new head, and only if neither head nor guard
    has changed meanwhile.
    """

    version: int
    head: str
    guard: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LayoutWish:
    """Everything ``prepare`` has to make or find: tabs in order, guard ids, the ledger's first head, fresh days.

    ``stale_days`` is after how many days a row's Freshness (or the heartbeat) turns it grey.
    ``headers`` maps our fields to the sheet's own headers where the config says so, ``words`` a status to the word
    that is shown for it where that isn't ours. ``wanted`` are columns that are added to a table of people's though
    they could do without them. ``repairs``: what only shows something comes back, too, where people deleted it.
    ``lines`` are the ledger's where it has to be made anew: they come into being with it.
    With a ``migration``, ``head`` and ``guard`` take the place of those that are there.
    """

    tabs: tuple[NewTab, ...]
    guard: tuple[int, ...]
    head: str
    stale_days: int
    today: date
    headers: Mapping[Tab, Mapping[Field, str]] | None = None
    wanted: Mapping[Tab, frozenset[Field]] = field(default_factory=dict)
    repairs: bool = True
    lines: tuple[LedgerLine, ...] = ()
    migration: Migration | None = None
    words: Mapping[Status, str] = field(default_factory=dict)

    @property
    def ledger(self) -> str:
        """The title of the ledger: guards and formulas are called after it."""
        return next((new.title for new in self.tabs if new.tab is Tab.LEDGER), Tab.LEDGER.value)


@dataclass(frozen=True, slots=True)
class LeaveWish:
    """What ``leave`` takes out: whole tabs by title, and notes with one of these texts on ``tables``.

    Our conditional rules, warnings and markers are known by their own marks, on whatever tab they are; with ``within``
    on these tabs alone, because the others go on being kept. Markers stay then: nobody sees them. ``heartbeat`` is the
    moment of the last sync, which stays where a formula of ours showed it out of a tab that goes.
    """

    drop: tuple[str, ...]
    tables: tuple[str, ...]
    notes: frozenset[str]
    within: frozenset[str] | None = None
    heartbeat: datetime | None = None

    def takes(self, title: str) -> bool:
        """Whether rules and warnings on this tab go."""
        return self.within is None or title in self.within


@dataclass(frozen=True, slots=True)
class Removed:
    """What ``leave`` took out: titles of tabs, and how many of everything else."""

    tabs: tuple[str, ...] = ()
    rules: int = 0
    warnings: int = 0
    markers: int = 0
    notes: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing of ours."""
        return not (self.tabs or self.rules or self.warnings or self.markers or self.notes)

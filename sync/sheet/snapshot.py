"""What one read of the sheet means: its tabs, definitions, ledger and the ids of what a write will need. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from okr.calendar import Calendar, make_cycles
from okr.model import CheckIn, Cycle, Okrs
from okr.problem import CellPlace, Problem, Severity
from sync.sheet.answers import parse_answers
from sync.sheet.columns import COLUMNS
from sync.sheet.definitions import parse_okrs
from sync.sheet.doubled import settle_doubled
from sync.sheet.ended import check_ended, find_ended, find_going
from sync.sheet.layout import MERGED, PER_CYCLE, TEAM_TABS, Field, Tab, guard_title, team_ledger
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, Ledger
from sync.sheet.ledger_tab import parse_ledger, text_at
from sync.sheet.ledger_text import parse_head
from sync.sheet.locate import FOREIGN, TabView, drop_headings, locate_tab
from sync.sheet.merged import check_merged
from sync.sheet.nameless import check_nameless
from sync.sheet.store import RawSheet, RawTab
from sync.sheet.store_error import LayoutError


class LedgerLost(LayoutError):
    """Somebody deleted the hidden tab of a sheet that was synced before."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The tab that a form fills with check-ins, and its questions: our field → the question."""

    tab: str
    columns: Mapping[Field, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetNames:
    """What the sheet's own tabs and headers are called where they differ from ours.

    ``renamed`` maps a title as it would be to the one that people have given the tab since. ``answers`` is the tab of
    a form, if there is one. ``team`` is whose tabs they are, where several teams keep a tab of key results each: its
    memory, Dashboard, Objectives and KPIs are its own.
    """

    tabs: Mapping[Tab, str] = field(default_factory=dict)
    columns: Mapping[Tab, Mapping[Field, str]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    answers: Answers | None = None
    team: str = ""

    @property
    def guards(self) -> tuple[str, ...]:
        """The titles of the hidden guard tabs, in the order of ``MERGED``."""
        return tuple(guard_title(number, team_ledger(self.team)) for number in range(1, len(MERGED) + 1))

    def title(self, tab: Tab, cycle: str = "") -> str:
        """A tab's title; that of Check-ins and History ends with the cycle's name."""
        if tab is Tab.LEDGER:
            return team_ledger(self.team)
        own = f"{tab.value} {self.team}" if self.team and tab in TEAM_TABS else tab.value
        name = self.tabs.get(tab, own)
        title = f"{name} {cycle}" if tab in PER_CYCLE and cycle else name
        return self.renamed.get(title, title)


OUR_NAMES = SheetNames()
GUARD_TITLES = OUR_NAMES.guards


def make_titles(names: SheetNames, open_cycles: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The titles of the tabs that a run reads whole, and of those of which it needs only that they exist.

    The guard tabs are read whole: their pre-image shows whether the last batch hit what it meant.
    """
    cycles = tuple(open_cycles)
    whole = [names.title(tab) for tab in (*MERGED, Tab.STEPS, Tab.PEOPLE, Tab.DASHBOARD, Tab.LEDGER)]
    whole += [names.title(Tab.CHECK_INS, cycle) for cycle in cycles]
    whole += [names.answers.tab] if names.answers else []
    heads = [names.title(Tab.HISTORY, cycle) for cycle in cycles]
    return (*whole, *names.guards), (*heads, names.title(Tab.RUNS))


def find_renamed(raw: RawSheet, wanted: Iterable[str], names: SheetNames = OUR_NAMES) -> dict[str, str]:
    """Tabs that people renamed since the last run: the title they had → the one they have, known by their id."""
    ledger_tab = raw.find_tab(names.title(Tab.LEDGER))
    missing = [title for title in wanted if raw.find_tab(title) is None]
    if not missing or ledger_tab is None or not ledger_tab.cells:
        return {}
    known = parse_head(text_at(ledger_tab, HEAD_ROW, TEXT_COLUMN)).tabs
    titles = {tab_id: title for title, tab_id in raw.other_ids.items()}
    return {title: titles[known[title]] for title in missing if known.get(title) in titles}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The sheet at one moment, understood.

    ``views`` are the tabs that people and machine share. ``history`` are the History tabs by cycle.
    ``guard`` are the ids of the guard tabs that exist, in order.
    """

    raw: RawSheet
    names: SheetNames
    views: Mapping[Tab, TabView]
    okrs: Okrs
    ledger: Ledger
    ledger_tab: RawTab
    history: Mapping[str, RawTab]
    runs: RawTab | None
    dashboard: RawTab | None
    guard: tuple[int, ...]
    problems: tuple[Problem, ...]

    @property
    def head_text(self) -> str:
        """The ledger's head as it stands there: it names the revision and the run that wrote last."""
        return text_at(self.ledger_tab, HEAD_ROW, TEXT_COLUMN)


def make_snapshot(
    raw: RawSheet,
    names: SheetNames,
    cycles: Mapping[str, Cycle],
    open_cycles: tuple[str, ...],
    calendar: Calendar | None = None,
) -> Snapshot:
    """The snapshot of one read. ``open_cycles`` come with the one first that an empty Cycle cell means.

    ``calendar`` knows the cycles that rows name and that are over or still to come.

    Raises:
        LedgerLost: the sheet was synced before, and its ledger is gone.
        LayoutError: the sheet was never prepared, or a tab is gone.
        LedgerError: the ledger can't be read.
    """
    ledger_tab = raw.find_tab(names.title(Tab.LEDGER))
    if ledger_tab is None or not ledger_tab.cells:
        if raw.find_tab(names.title(Tab.RUNS)) is not None:
            raise LedgerLost(
                f"the sheet's memory, its hidden tab {names.title(Tab.LEDGER)}, is gone.",
                fix="The next run, or okr-sync layout, makes it anew from History. Nothing was written.",
            )
        raise LayoutError(
            f"the sheet is not prepared: its hidden tab {names.title(Tab.LEDGER)} is missing.",
            fix="Run: okr-sync layout. It adds what is missing and touches nothing else. Nothing was written.",
        )
    ledger, ledger_problems = parse_ledger(ledger_tab)
    _check_tabs(raw, names)
    views = _locate_all(raw, names, ledger, open_cycles, find_going(open_cycles, cycles))
    _check_columns(views, names)
    check_ins = {cycle: view for cycle in open_cycles if (view := _check_in_view(raw, names, cycle))}
    okrs = parse_okrs(views, check_ins, find_known(views, cycles, ledger, calendar))
    answered, answer_problems = read_answers(raw, names, okrs, open_cycles)
    okrs = replace(okrs, check_ins=(*okrs.check_ins, *answered))
    problems = [*ledger_problems, *answer_problems, *(problem for view in views.values() for problem in view.problems)]
    problems += [problem for view in views.values() for problem in check_ended(view, open_cycles)]
    problems += check_nameless(views[Tab.KEY_RESULTS])
    problems += [problem for view in views.values() for problem in check_merged(view)]
    if ledger.head.sheet_id not in ("", raw.sheet_id):
        problems.append(_copied(ledger_tab))
    return Snapshot(
        raw=raw,
        names=names,
        views=views,
        okrs=okrs,
        ledger=replace(ledger, entries=settle_doubled(ledger.entries, views.values())),
        ledger_tab=ledger_tab,
        history={cycle: tab for cycle in open_cycles if (tab := raw.find_tab(names.title(Tab.HISTORY, cycle)))},
        runs=raw.find_tab(names.title(Tab.RUNS)),
        dashboard=raw.find_tab(names.title(Tab.DASHBOARD)),
        guard=tuple(tab.tab_id for title in names.guards if (tab := raw.find_tab(title))),
        problems=tuple(problems),
    )


def find_known(
    views: Mapping[Tab, TabView], cycles: Mapping[str, Cycle], ledger: Ledger, calendar: Calendar | None
) -> dict[str, Cycle]:
    """The cycles with those that rows name; closed where the config or the ledger's head says so."""
    named = {row.key.cycle for view in views.values() for row in view.rows if row.key.cycle}
    known = {**(make_cycles(named, calendar) if calendar else {}), **cycles}
    return {name: replace(cycle, closed=cycle.closed or name in ledger.head.closed) for name, cycle in known.items()}


_READ_TABS = (Tab.OBJECTIVES, Tab.KEY_RESULTS, Tab.STEPS, Tab.KPIS, Tab.PEOPLE)
_NEEDED_TABS = (Tab.OBJECTIVES, Tab.KEY_RESULTS)


def _locate_all(
    raw: RawSheet, names: SheetNames, ledger: Ledger, open_cycles: tuple[str, ...], going: tuple[str, ...]
) -> dict[Tab, TabView]:
    found = {}
    for tab in _READ_TABS:
        if (raw_tab := raw.find_tab(names.title(tab))) is not None:
            found[tab] = locate_tab(
                tab,
                raw_tab,
                headers=names.columns.get(tab, {}),
                remembered=ledger.head.columns.get(tab.value, {}),
                open_cycle=open_cycles[0] if open_cycles else "",
                ended=find_ended(tab, ledger, going),
                entries=ledger.entries,
            )
    if Tab.KEY_RESULTS in found:
        found[Tab.KEY_RESULTS] = drop_headings(found[Tab.KEY_RESULTS], found.get(Tab.OBJECTIVES))
    return found


def _check_in_view(raw: RawSheet, names: SheetNames, cycle: str) -> TabView | None:
    tab = raw.find_tab(names.title(Tab.CHECK_INS, cycle))
    if tab is None:
        return None
    headers = names.columns.get(Tab.CHECK_INS, {})
    return locate_tab(Tab.CHECK_INS, tab, headers=headers, remembered={}, open_cycle=cycle)


def read_answers(
    raw: RawSheet, names: SheetNames, okrs: Okrs, open_cycles: tuple[str, ...]
) -> tuple[tuple[CheckIn, ...], tuple[Problem, ...]]:
    """The check-ins that a form has collected, and what is wrong with its tab."""
    if names.answers is None:
        return (), ()
    tab = raw.find_tab(names.answers.tab)
    if tab is None:
        message = f"checkins.form names the tab “{names.answers.tab}”, which isn't in the sheet"
        fix = "Link the form to this spreadsheet, or write its tab's title as it stands there."
        return (), (Problem("sheet.form-missing", message, CellPlace(names.answers.tab, ""), fix, "checkins.form"),)
    headers = names.answers.columns
    view = locate_tab(Tab.CHECK_INS, tab, headers=headers, remembered={}, open_cycle="")
    return parse_answers(view, okrs, open_cycles), view.problems


def _check_tabs(raw: RawSheet, names: SheetNames) -> None:
    """Without these tabs a plan would take everything for gone. Raises LayoutError."""
    for tab in _NEEDED_TABS:
        if raw.find_tab(names.title(tab)) is None:
            raise LayoutError(
                f"there is no tab “{names.title(tab)}”.",
                fix="Bring it back from the version history, or name it under sheet.tabs; or let okr-sync layout make "
                "a new one. Nothing was written.",
            )


def _check_columns(views: Mapping[Tab, TabView], names: SheetNames) -> None:
    """Without a column that no row can do without, a plan would take them all for broken. Raises LayoutError."""
    for tab in _NEEDED_TABS:
        view = views[tab]
        needed = [column for column in COLUMNS[tab] if column.required and column.field not in view.columns]
        gone = [names.columns.get(tab, {}).get(column.field) or column.header for column in needed]
        if gone:
            headers = ", ".join(f"“{header}”" for header in gone)
            raise LayoutError(
                f"the tab has no column {headers}.",
                place=CellPlace(view.raw.title, ""),
                fix="Bring it back, or name it under sheet.columns in the config. Nothing was written.",
            )


COPIED = "sheet.copy"


def _copied(ledger_tab: RawTab) -> Problem:
    return Problem(
        code=COPIED,
        message="this sheet is a copy, or was moved: from now on it is synced on its own, under a new epoch",
        place=CellPlace(ledger_tab.title, ""),
        fix="If that isn't what you want, correct sheet.google or sheet.workbook in the config.",
        severity=Severity.WARNING,
    )


def remember_columns(snapshot: Snapshot) -> dict[str, dict[str, tuple[int, str]]]:
    """Where each column stands now and what its header says: what the ledger's head keeps for the next run.

    Columns that aren't ours are kept by their headers, so that none of them is ever taken for a renamed one.
    """
    kept: dict[str, dict[str, tuple[int, str]]] = {}
    for tab, view in snapshot.views.items():
        header = view.raw.cells[view.header_row] if view.raw.cells else ()
        kept[tab.value] = {
            column.field.value: (at, header[at].shown)
            for column in COLUMNS[tab]
            if (at := view.columns.get(column.field)) is not None and at < len(header)
        }
        ours = set(view.columns.values())
        foreign = ((at, cell.shown) for at, cell in enumerate(header) if at not in ours and cell.shown)
        kept[tab.value] |= {f"{FOREIGN}{text}": (at, text) for at, text in foreign}
    return kept

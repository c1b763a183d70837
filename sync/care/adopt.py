"""``adopt``: finds the OKRs in a sheet that people made, and proposes how okr-sync can keep them alive. Pure.

Whatever it proposes leaves their cells, columns and tabs as they are: what okr-sync needs is added beside them.
"""

from __future__ import annotations

from dataclasses import replace

from okr.problem import OkrSyncError
from sync.care.adopt_columns import Chooser
from sync.care.adopt_ground import AdoptWishes, Ground, find_ours, is_kept
from sync.care.adopt_model import AdoptProposal
from sync.care.adopt_offers import OFFERED, read_offers
from sync.care.adopt_present import Present
from sync.care.adopt_rows import read_rows
from sync.care.adopt_table import Table, cell_text, find_table, find_tables
from sync.care.adopt_warn import make_warnings
from sync.sheet.cell import EMPTY
from sync.sheet.layout import PER_CYCLE, Field, Tab
from sync.sheet.locate import find_columns, find_header_row
from sync.sheet.snapshot import SheetNames
from sync.sheet.store import RawSheet, RawTab


class AdoptRefused(OkrSyncError):
    """No table of OKRs could be understood; says what was seen. Nothing was written."""


def make_proposal(raw: RawSheet, wishes: AdoptWishes) -> AdoptProposal:
    """How this sheet can be adopted. ``raw`` holds every tab.

    Raises:
        AdoptRefused: there is no table that looks like OKRs, or the tab that was named isn't there.
    """
    is_prepared = raw.find_tab(wishes.names.title(Tab.LEDGER)) is not None and wishes.tab in (
        None,
        wishes.names.title(Tab.KEY_RESULTS),
    )
    tables = find_tables(_theirs(raw, wishes, is_prepared=is_prepared), wishes.quarter)
    table = _pick(raw, tables, wishes, is_prepared=is_prepared)
    ground = Ground(raw, table, wishes, is_prepared)
    return _propose(ground, [each for each in tables if each.raw.title != table.raw.title])


# The table


def _theirs(raw: RawSheet, wishes: AdoptWishes, *, is_prepared: bool) -> list[RawTab]:
    """The tabs that people made, without what okr-sync has added to them."""
    names = wishes.names
    title = names.title(Tab.KEY_RESULTS) if is_prepared else wishes.tab
    tabs = [tab for tab in raw.tabs if tab.title == title or not is_kept(tab)]
    if not is_prepared:
        return tabs
    ours = {names.title(tab) for tab in Tab} | {Tab.LEDGER.value}
    kept = (tab for tab in tabs if tab.title == title or tab.title not in ours)
    return [_without_ours(tab, names) if tab.title == title else tab for tab in kept]


def _without_ours(tab: RawTab, names: SheetNames) -> RawTab:
    """A tab with the columns emptied that ``layout`` added: their headers bear our notes."""
    headers = names.columns.get(Tab.KEY_RESULTS, {})
    row = find_header_row(Tab.KEY_RESULTS, tab, headers)
    ours = find_ours(tab, row, find_columns(Tab.KEY_RESULTS, tab, row, headers, {})[0]).values()
    cells = tuple(tuple(EMPTY if at in ours else cell for at, cell in enumerate(line)) for line in tab.cells)
    markers = {at: name for at, name in (tab.markers or {}).items() if at not in ours}
    return replace(tab, cells=cells, markers=markers)


def _pick(raw: RawSheet, tables: list[Table], wishes: AdoptWishes, *, is_prepared: bool) -> Table:
    named = wishes.tab or wishes.names.tabs.get(Tab.KEY_RESULTS)
    if is_prepared and not wishes.tab:
        named = wishes.names.title(Tab.KEY_RESULTS)
    titles = ", ".join(f"“{tab.title}”" for tab in raw.tabs if not tab.hidden)
    if named and raw.find_tab(named) is None:
        raise AdoptRefused(f"there is no tab “{named}”.", fix=f"The sheet has: {titles}. Nothing was written.")
    found = next((each for each in tables if named in (None, each.raw.title)), None)
    if found is None:
        raise AdoptRefused(
            f"no table of OKRs was found {f'in “{named}”' if named else f'in {titles}'}.",
            fix=f"{_say_seen(raw, named)} okr-sync looks for a row of headers with one for key results (or objectives) "
            "and one more, such as Target or Owner. Head the columns so, or name them under sheet.columns in the "
            "config. Nothing was written.",
        )
    return _with_config(found, wishes)


def _say_seen(raw: RawSheet, named: str | None) -> str:
    """The first row with something in it, by which a person sees what was looked at."""
    for tab in raw.tabs:
        if tab.hidden or named not in (None, tab.title):
            continue
        for row, cells in enumerate(tab.cells):
            texts = [text for cell in cells if (text := cell_text(cell))]
            if len(texts) > 1:
                shown = ", ".join(f"“{text[:24]}”" for text in texts[:6])
                return f"Seen in {tab.title}, row {row + 1}: {shown}."
    return "No row there has two filled cells."


def _with_config(table: Table, wishes: AdoptWishes) -> Table:
    """The table with the columns that the config names, whatever was guessed."""
    headers = wishes.names.columns.get(Tab.KEY_RESULTS, {})
    if not headers:
        return table
    row = find_header_row(Tab.KEY_RESULTS, table.raw, headers)
    if row != table.header_row:
        table = find_table(table.raw, wishes.quarter, row) or table
    named = find_columns(Tab.KEY_RESULTS, table.raw, table.header_row, headers, {})[0]
    settled = {field: named[field] for field in headers if field in named}
    kept = {field: at for field, at in table.columns.items() if field not in headers and at not in settled.values()}
    texts = {
        field: at
        for field, at in table.columns.items()
        if field in (*OFFERED, Field.KR_ID) and field in headers and field not in settled and at not in settled.values()
    }
    return replace(table, columns=texts | kept | settled)


# The proposal


def _propose(ground: Ground, others: list[Table]) -> AdoptProposal:
    table = ground.table
    rows = read_rows(table)
    read = {kr.row: read_offers(table, kr.row) for kr in rows.key_results}
    offered = frozenset(field for offers in read.values() for field in offers)
    choices = () if ground.is_prepared else Chooser(table, rows, offered, ground.configured).choose()
    present = Present(ground, choices, rows.headings)
    team = ground.wishes.team
    own_team = team if team is not None else table.raw.title if others else ""
    objectives = present.name_objectives(rows, own_team)
    key_results = tuple(present.name_key_results(rows, objectives, read))
    tabs, reasons = ({}, {}) if ground.is_prepared else _name_tabs(ground)
    return AdoptProposal(
        table=table,
        tabs=tabs or dict(ground.wishes.names.tabs),
        tab_reasons=reasons,
        choices=choices,
        key_results=key_results,
        objectives=tuple(objectives.values()),
        skipped=tuple(rows.skipped),
        headings=frozenset(rows.headings),
        others=tuple(each.raw.title for each in others),
        team=own_team,
        warnings=tuple(make_warnings(ground, choices, rows, others)),
    )


def _name_tabs(ground: Ground) -> tuple[dict[Tab, str], dict[Tab, str]]:
    """Titles: theirs for the key results; for our own tabs a name that none of theirs has."""
    configured = ground.wishes.names.tabs
    tabs, reasons = dict(configured), dict.fromkeys(configured, "as your config says")
    title = ground.table.raw.title
    tabs[Tab.KEY_RESULTS], reasons[Tab.KEY_RESULTS] = title, "the tab with your key results"
    if title == SheetNames(team=ground.wishes.names.team).title(Tab.KEY_RESULTS):
        del tabs[Tab.KEY_RESULTS]
    taken = {tab.title for tab in ground.raw.tabs if not is_kept(tab)}
    for tab in Tab:
        name = ground.wishes.names.title(tab)
        is_taken = name in taken or (tab in PER_CYCLE and any(each.startswith(f"{name} ") for each in taken))
        if is_taken and tab not in tabs and tab not in (Tab.KEY_RESULTS, Tab.LEDGER):
            tabs[tab], reasons[tab] = f"{name} (okr-sync)", f"you have a tab “{name}” of your own, which stays yours"
    return tabs, reasons

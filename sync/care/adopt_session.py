"""One call of ``adopt``: which sheet it is about, with or without a config; the proposal; and its doing."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.home import expand_home
from okr.problem import OkrSyncError
from sync.care.adopt import AdoptRefused, make_proposal
from sync.care.adopt_apply import Adopted, apply_adoption, fetch_whole, find_given_ids, find_quarter, make_wishes
from sync.care.adopt_config import agrees, quote, render_names, render_sheet
from sync.care.adopt_ground import AdoptWishes
from sync.care.adopt_model import AdoptProposal
from sync.care.init import apply_init, parse_google
from sync.config import SheetConfig
from sync.engine import Engine
from sync.opening import make_around, open_engine, open_sheet
from sync.sheet.layout import Tab
from sync.sheet.snapshot import SheetNames

WORKBOOKS = (".xlsx", ".xlsm")


class AdoptUsage(OkrSyncError):
    """The call and the config don't fit together. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a call is about. ``engine`` is ``None`` while no config names the sheet; ``block`` is then the config's
    text under ``sheet``, else what has to be added to it; "" where it says everything. ``taken`` are the ids that
    stand in the sheet's other tabs: none is given twice.
    """

    config: Path
    place: str
    proposal: AdoptProposal
    block: str
    engine: Engine | None = None
    is_settled: bool = False
    taken: frozenset[str] = frozenset()

    def apply(self, *, accept: bool) -> Adopted:
        """Write a config where there is none, prepare the sheet, write ids.

        Raises:
            AdoptUsage: the config is there and doesn't say what is proposed.
            OkrSyncError: any other reason why nothing was written.
        """
        engine = self.engine
        if engine is None:
            apply_init(self.config, block=self.block)
            engine = open_engine(self.config)
        elif not self.is_settled:
            raise AdoptUsage(
                f"{self.config} doesn't say yet what the sheet's tabs and columns are called:\n\n"
                f"sheet:\n  …\n{self.block}\n",
                fix="Put these lines under sheet: in it, correct what isn't so, run this again. Nothing was written.",
            )
        return apply_adoption(engine, self.proposal, accept=accept, taken=self.taken)


@dataclass(frozen=True, slots=True)
class SheetCall:
    """Which sheet a call names, if any, and which tab; whose tab that is, where each team has one.

    ``folder`` is where paths of the call begin: the named config's.
    """

    folder: Path
    sheet: str | None
    tab: str | None
    credentials: str
    endpoint: str | None = None
    team: str = ""


def open_session(config: Path, call: SheetCall, *, read_only: bool = True) -> Session:
    """Read the sheet that is meant and make the proposal.

    Raises:
        AdoptUsage: nothing says which sheet, or the config is about another one and something is to be written.
        AdoptRefused: no table of OKRs was found.
        OkrSyncError: the sheet can't be read.
    """
    sheet, tab = call.sheet, call.tab
    if config.exists():
        engine = open_engine(config, read_only=read_only)
        if sheet is None or _is_same(engine, sheet):
            return _with_config(config, engine, tab)
        if not read_only:
            raise AdoptUsage(
                f"{config} is about another sheet: {engine.store.place}.",
                fix="Name another config: okr-sync --config other.yaml adopt … --apply. Nothing was written.",
            )
    if sheet is None:
        raise AdoptUsage(
            "which sheet? There is no config yet.",
            fix="Name a workbook or a Google sheet's address: okr-sync adopt okrs.xlsx.",
        )
    return _without_config(config, call)


def _is_same(engine: Engine, sheet: str) -> bool:
    own = engine.project.config.sheet
    if own.workbook is not None:
        return expand_home(sheet).resolve() == Path(engine.store.place)
    return own.google is not None and own.google in sheet


def _with_config(config: Path, engine: Engine, tab: str | None) -> Session:
    raw = fetch_whole(engine.store)
    proposal = make_proposal(raw, replace(make_wishes(engine, tab), taken=find_given_ids(raw)))
    is_settled = agrees(proposal, engine.project.config.sheet.names)
    block = "" if is_settled else render_names(proposal)
    return Session(config, engine.store.place, proposal, block, engine, is_settled, find_given_ids(raw))


def _without_config(config: Path, call: SheetCall) -> Session:
    found, place = _read_place(call, config)
    around, names = make_around(), found.names
    store = open_sheet(found, call.folder, os.environ, around, read_only=True)
    quarter = find_quarter(around.now().date())
    raw = fetch_whole(store)
    if any(raw.find_tab(title) is not None for title in (Tab.LEDGER.value, names.title(Tab.LEDGER))):
        raise AdoptRefused(
            "okr-sync already keeps this sheet.",
            fix="Run this beside its config, or name that: okr-sync --config FILE adopt. Nothing was written.",
        )
    proposal = make_proposal(raw, AdoptWishes(call.tab, names, quarter, find_given_ids(raw), names.team or None))
    return Session(config, store.place, proposal, render_sheet(proposal, place), taken=find_given_ids(raw))


def _read_place(call: SheetCall, config: Path) -> tuple[SheetConfig, str]:
    """Where the sheet is: as values, from the folder of the call, and as the config's lines, from its own folder."""
    sheet, team = call.sheet or "", call.team
    if Path(sheet).suffix.lower() in WORKBOOKS or Path(sheet).exists():
        read, written = (_relate(sheet, folder) for folder in (call.folder, config.parent))
        lines = f"  workbook: {quote(written)}  # from this file's folder"
        return _sheet_config(team, workbook=read), lines + _say_team(team)
    address = parse_google(sheet)
    lines = f"  google: {address}\n  credentials: {_relate_key(call, config)}"
    lines += f"\n  endpoint: {quote(call.endpoint)}" if call.endpoint else ""
    found = address.partition("/spreadsheets/d/")[2].partition("/")[0] or address
    known = _sheet_config(team, google=found, credentials=call.credentials, endpoint=call.endpoint)
    return known, lines + _say_team(team)


def _relate(path: str, folder: Path) -> str:
    """A path from a folder on."""
    return os.path.relpath(str(expand_home(path)), str(folder))


def _relate_key(call: SheetCall, config: Path) -> str:
    kind, _, path = call.credentials.partition(":")
    if kind != "file" or Path(path).is_absolute() or call.folder == config.parent:
        return call.credentials
    return f"file:{_relate(str(call.folder / path), config.parent)}"


def _say_team(team: str) -> str:
    return f"\n  team: {quote(team)}  # its own Dashboard, Objectives, KPIs and memory" if team else ""


def _sheet_config(
    team: str,
    workbook: str | None = None,
    google: str | None = None,
    credentials: str | None = None,
    endpoint: str | None = None,
) -> SheetConfig:
    return SheetConfig(google, workbook, credentials, endpoint, SheetNames(team=team), False, True, "daily")

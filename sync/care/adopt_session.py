"""One call of ``adopt``: which sheet it is about, with or without a config; the proposal; and its doing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from okr.problem import OkrSyncError
from sync.care.adopt import AdoptRefused, make_proposal
from sync.care.adopt_apply import Adopted, apply_adoption, fetch_whole, find_quarter, make_wishes
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
    text under ``sheet``, else what has to be added to it; "" where it says everything.
    """

    config: Path
    place: str
    proposal: AdoptProposal
    block: str
    engine: Engine | None = None
    is_settled: bool = False

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
        return apply_adoption(engine, self.proposal, accept=accept)


def open_session(
    config: Path,
    sheet: str | None,
    tab: str | None,
    *,
    credentials: str,
    endpoint: str | None = None,
    read_only: bool = True,
) -> Session:
    """Read the sheet that is meant and make the proposal.

    Raises:
        AdoptUsage: nothing says which sheet, or the config is about another one and something is to be written.
        AdoptRefused: no table of OKRs was found.
        OkrSyncError: the sheet can't be read.
    """
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
    return _without_config(config, sheet, tab, credentials, endpoint)


def _is_same(engine: Engine, sheet: str) -> bool:
    own = engine.project.config.sheet
    if own.workbook is not None:
        return Path(sheet).expanduser().resolve() == Path(engine.store.place)
    return own.google is not None and own.google in sheet


def _with_config(config: Path, engine: Engine, tab: str | None) -> Session:
    proposal = make_proposal(fetch_whole(engine.store), make_wishes(engine, tab))
    is_settled = agrees(proposal, engine.project.config.sheet.names)
    block = "" if is_settled else render_names(proposal)
    return Session(config, engine.store.place, proposal, block, engine, is_settled)


def _without_config(config: Path, sheet: str, tab: str | None, credentials: str, endpoint: str | None) -> Session:
    around = make_around()
    found, place = _read_place(config, sheet, credentials, endpoint)
    store = open_sheet(found, config.parent, os.environ, around, read_only=True)
    quarter = find_quarter(around.now().date())
    raw = fetch_whole(store)
    if raw.find_tab(Tab.LEDGER.value) is not None:
        raise AdoptRefused(
            "okr-sync already keeps this sheet.",
            fix="Run this beside its config, or name that: okr-sync --config FILE adopt. Nothing was written.",
        )
    proposal = make_proposal(raw, AdoptWishes(tab=tab, quarter=quarter))
    return Session(config, store.place, proposal, render_sheet(proposal, place))


def _read_place(config: Path, sheet: str, credentials: str, endpoint: str | None) -> tuple[SheetConfig, str]:
    """Where the sheet is, as values and as the config's lines."""
    if Path(sheet).suffix.lower() in WORKBOOKS or Path(sheet).exists():
        path = Path(os.path.relpath(str(Path(sheet).expanduser()), str(config.parent)))
        return _sheet_config(workbook=str(path)), f"  workbook: {quote(str(path))}  # from this file's folder"
    address = parse_google(sheet)
    lines = f"  google: {address}\n  credentials: {credentials}"
    lines += f"\n  endpoint: {quote(endpoint)}" if endpoint else ""
    found = address.partition("/spreadsheets/d/")[2].partition("/")[0] or address
    return _sheet_config(google=found, credentials=credentials, endpoint=endpoint), lines


def _sheet_config(
    workbook: str | None = None, google: str | None = None, credentials: str | None = None, endpoint: str | None = None
) -> SheetConfig:
    return SheetConfig(google, workbook, credentials, endpoint, SheetNames(), False, True, "daily")

"""A Google spreadsheet as a store: one read is one call, one write is one call, nothing else is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.google import GoogleInvalid
from sync.sheet.google_cell import Json
from sync.sheet.google_error import reading, writing
from sync.sheet.google_ground import HEAD_ROWS, LAYOUT_MASK, WORN_MASK, FoundTab, Ground, find_titles
from sync.sheet.google_layout import make_layout
from sync.sheet.google_leave import LEAVE_MASK, make_leaving
from sync.sheet.google_proof import PROOF_TITLES, Trial, make_clearing, make_failure, make_trials
from sync.sheet.google_read import (
    READ_MASK,
    TABS_MASK,
    is_missing_range,
    make_ranges,
    make_url,
    parse_blocks,
    parse_request_index,
    parse_sheet,
    parse_tab,
    parse_titles,
    quote_title,
)
from sync.sheet.google_write import RECEIPT_MASK, Grid, Kept, find_kept, make_requests, make_response_ranges
from sync.sheet.layout import MERGED, Tab
from sync.sheet.readback import split_kept
from sync.sheet.store import Batch, RawSheet, RawTab, Receipt
from sync.sheet.store_error import SheetBusy, SheetRefused, SheetUnavailable, WriteUnconfirmed
from sync.sheet.wish import LayoutWish, LeaveWish, Prepared, Removed

if TYPE_CHECKING:
    from connectors.google import GoogleSession

_NOTHING = "spreadsheetId"
"""The shortest answer: what a write asks for that needs no receipt."""


class GoogleStore:
    """The sheet in Google's cloud. It remembers of a read only how large the tabs' grids are, for the next write."""

    def __init__(self, session: GoogleSession, spreadsheet_id: str) -> None:
        self._session = session
        self._id = spreadsheet_id
        self._grids: dict[int, Grid] = {}

    @property
    def batch_bytes(self) -> int:
        """What Google recommends at most for one request (developers.google.com/workspace/sheets/api/limits)."""
        return 2_000_000

    @property
    def account(self) -> str:
        """The account with which the sheet is shared, where the credentials name one."""
        return self._session.account

    @property
    def place(self) -> str:
        """The sheet's address in a browser."""
        return make_url(self._id)

    def fetch_titles(self) -> tuple[str, ...]:
        """The titles of all tabs, in one call that reads no cell.

        Raises:
            SheetUnavailable, SheetRefused: nothing was read.
        """
        with reading():
            return tuple(parse_titles(self._session.fetch_spreadsheet(self._id, (), TABS_MASK)))

    def fetch_sheet(self, titles: Sequence[str], heads: Sequence[str] = ()) -> RawSheet:
        """Read these tabs whole, and of ``heads`` only the first row, in one call where all of them exist.

        Google refuses a read that names a tab which isn't there. Then all titles are asked for, and the read is
        made again with those that exist: three calls, and ``others`` says which tabs were not read.

        Raises:
            SheetUnavailable, SheetRefused: nothing was read.
        """
        with reading():
            try:
                sheet = self._fetch(make_ranges(titles, heads))
            except GoogleInvalid as error:
                if not is_missing_range(error.message):
                    raise
                sheet = self._fetch_existing(titles, heads)
        self._grids = {tab.tab_id: _grid(tab) for tab in sheet.tabs}
        return replace(sheet, clock_off=self._session.clock_off)

    def _fetch(self, ranges: Sequence[str], others: Mapping[str, int] | None = None) -> RawSheet:
        return parse_sheet(self._id, self._session.fetch_spreadsheet(self._id, ranges, READ_MASK), others)

    def _fetch_existing(self, titles: Sequence[str], heads: Sequence[str]) -> RawSheet:
        answer = self._session.fetch_spreadsheet(self._id, (), TABS_MASK)
        existing = parse_titles(answer)
        wanted = {*titles, *heads}
        others = {title: tab_id for title, tab_id in existing.items() if title not in wanted}
        ranges = make_ranges([title for title in titles if title in existing], [t for t in heads if t in existing])
        if ranges:
            return self._fetch(ranges, others)
        return parse_sheet(self._id, answer | {"sheets": []}, others)

    def apply_batch(self, batch: Batch) -> Receipt:
        """Write all of it or nothing, in one call that is sent once.

        Raises:
            SheetBusy: another run or person was faster; nothing was written.
            SheetRefused, SheetUnavailable: nothing was written.
            WriteUnconfirmed: it may have landed, or its receipt can't be read.
        """
        requests = make_requests(batch, self._grids)
        ranges = make_response_ranges(batch, self._grids) if batch.guard else []
        with writing(requests, {tab_id: grid.title for tab_id, grid in self._grids.items()}):
            answer = self._session.apply_batch(
                self._id, requests, response_ranges=ranges, fields=RECEIPT_MASK if ranges else _NOTHING
            )
        self._grow(requests)
        return _parse_receipt(batch, answer, find_kept(batch, self._grids)) if ranges else Receipt()

    def _grow(self, requests: Sequence[Json]) -> None:
        """Remember the lines that a write added, so that the next write of the same run doesn't add them again."""
        for each in requests:
            added = each.get("appendDimension")
            if added is not None and (grid := self._grids.get(added["sheetId"])):
                size = "rows" if added["dimension"] == "ROWS" else "columns"
                self._grids[added["sheetId"]] = grid._replace(**{size: getattr(grid, size) + added["length"]})

    def prepare(self, wish: LayoutWish) -> Prepared:
        """Make what is missing of the layout in one write, and change nothing else.

        Raises:
            SheetRefused, SheetUnavailable, SheetBusy: nothing was written.
            WriteUnconfirmed: it may have landed: run it again, it repairs only what is missing.
        """
        with reading():
            ground = self._fetch_ground(wish)
        requests, prepared = make_layout(wish, ground)
        if requests:
            titles = {found.raw.tab_id: found.raw.title for found in ground.tabs.values()}
            with writing(requests, titles):
                self._session.apply_batch(self._id, requests, fields=_NOTHING)
        return prepared

    def leave(self, wish: LeaveWish) -> Removed:
        """Take out what is ours in one write, and change nothing else.

        Raises:
            SheetBusy: another run was faster; nothing was taken out.
            SheetRefused, SheetUnavailable: nothing was taken out.
            WriteUnconfirmed: it may have landed: run it again, it takes out only what is there.
        """
        with reading():
            sheets = self._session.fetch_spreadsheet(self._id, (), LEAVE_MASK).get("sheets", ())
            titles = {sheet["properties"].get("sheetId", 0): sheet["properties"]["title"] for sheet in sheets}
            ranges = [quote_title(title) for title in wish.tables if title in titles.values()]
            tables = self._fetch(ranges).tabs if ranges else ()
        requests, removed = make_leaving(wish, sheets, tables)
        if requests:
            with writing(requests, titles):
                self._session.apply_batch(self._id, requests, fields=_NOTHING)
        return removed

    def prove_guard(self) -> tuple[str, ...]:
        """Send what has to be refused, and look that nothing of it landed. Says what was proven.

        A read before, then a write and a read for each trial. What an interrupted proof left behind is taken away.

        Raises:
            SheetRefused: Google accepted one of them; nothing of anybody's was changed.
            SheetUnavailable, WriteUnconfirmed: it can't be told now.
        """
        trials = make_trials(self._clear_proof()[0])
        failed = [trial.law for trial in trials if not self._is_refused(trial)]
        if failed:
            raise make_failure(failed)
        return tuple(trial.law for trial in trials)

    def _is_refused(self, trial: Trial) -> bool:
        """Whether a trial is refused for what is wrong with it, and nothing of it stays."""
        refused = False
        try:
            with writing((), {}):
                self._session.apply_batch(self._id, trial.requests, fields=_NOTHING)
        except (SheetBusy, SheetRefused) as error:
            if parse_request_index(str(error.__cause__)) != len(trial.requests) - 1:
                raise
            refused = True
        return not self._clear_proof()[1] and refused

    def _clear_proof(self) -> tuple[dict[str, int], bool]:
        """The tabs that people and layout made; and whether there were some of a proof, which are gone now."""
        with reading():
            titles = parse_titles(self._session.fetch_spreadsheet(self._id, (), TABS_MASK))
        requests = make_clearing(titles)
        if requests:
            with writing(requests, {}):
                self._session.apply_batch(self._id, requests, fields=_NOTHING)
        return {title: at for title, at in titles.items() if title not in PROOF_TITLES}, bool(requests)

    def _fetch_ground(self, wish: LayoutWish) -> Ground:
        """What is there: first every tab without its cells, then the tabs of ours and an only one that may be blank."""
        answer = self._session.fetch_spreadsheet(self._id, (), LAYOUT_MASK)
        sheets = {sheet["properties"]["title"]: sheet for sheet in answer.get("sheets", ())}
        titles = find_titles(wish, {title: parse_tab(sheet).markers or {} for title, sheet in sheets.items()})
        ranges = [_layout_range(new.tab, titles[new.title]) for new in wish.tabs if new.title in titles]
        only = next(iter(sheets)) if len(sheets) == 1 and not ranges else None
        if only is not None:
            ranges.append(quote_title(only))
        cells = {tab.title: tab for tab in self._fetch(ranges).tabs} if ranges else {}
        if len(cells) < len(ranges):
            raise SheetUnavailable("A tab was renamed or deleted while the sheet was read.", fix="Run it again.")
        worn = self._fetch_worn(ranges) if wish.migration or (titles and wish.ledger not in titles) else {}
        found = {
            title: _found_tab(cells.get(title) or parse_tab(sheet), sheet, worn.get(title))
            for title, sheet in sheets.items()
        }
        return Ground(
            tabs=found | {wanted: found[title] for wanted, title in titles.items()},
            tab_ids=frozenset(parse_titles(answer).values()),
            blank=cells[only] if only is not None and not cells[only].cells else None,
        )

    def _fetch_worn(self, ranges: Sequence[str]) -> dict[str, Json]:
        """What the cells of tabs wear, by the tabs' titles."""
        answer = self._session.fetch_spreadsheet(self._id, ranges, WORN_MASK)
        return {sheet["properties"]["title"]: sheet for sheet in answer.get("sheets", ())}


def _grid(tab: RawTab) -> Grid:
    return Grid(tab.title, tab.row_count, tab.column_count, frozenset(tab.charts))


def _layout_range(tab: Tab, title: str) -> str:
    """Tabs that people fill are read whole, because content without a header counts; the engine's only at the top."""
    return quote_title(title) if tab not in HEAD_ROWS else f"{quote_title(title)}!1:{HEAD_ROWS[tab]}"


def _found_tab(raw: RawTab, sheet: Json, worn: Json | None) -> FoundTab:
    rules, warnings, charts = (sheet.get(name, ()) for name in ("conditionalFormats", "protectedRanges", "charts"))
    return FoundTab(raw, rules, warnings, charts, worn)


def _parse_receipt(batch: Batch, answer: Json, kept: Sequence[Kept]) -> Receipt:
    """The pre-image by the id of the tab that it is of, and that tab's own headers and ids after the write.

    Raises:
        WriteUnconfirmed: the answer doesn't show the pre-image.
    """
    sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
    blocks = {sheet.get("properties", {}).get("sheetId", 0): parse_blocks(sheet) for sheet in sheets}
    guard = batch.guard.new if batch.guard else ()
    pairs = [(change.tab_id, guard[MERGED.index(change.tab)]) for change in batch.changes]
    if any(before not in blocks for _, before in pairs) or (kept and guard[-1] not in blocks):
        raise WriteUnconfirmed(
            "Google's answer to the write doesn't show what stood there before.",
            fix="The sheet is read and planned again; nothing is written twice.",
        )
    drawn_over = {each.tab_id: split_kept(blocks[guard[-1]], each.at, each.rows) for each in kept}
    return Receipt(
        before={tab_id: blocks[before] for tab_id, before in pairs},
        after={tab_id: blocks[tab_id] for tab_id, _ in pairs if tab_id in blocks} or None,
        drawn_over=drawn_over,
    )

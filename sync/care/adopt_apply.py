"""``adopt --apply``: puts ids, objectives and confirmed values into okr-sync's own columns, and nothing elsewhere.

Only empty cells of our own columns and rows after the last of our Objectives tab are written, in one batch with the
guard of any other. Rows have no ids before: after the write they are known by their key results' own texts, and new
objectives by a column that isn't written, in which nothing may stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sync.care.adopt import make_proposal
from sync.care.adopt_ground import AdoptWishes, find_ours
from sync.care.adopt_model import AdoptProposal, FoundKeyResult, FoundObjective, Offer
from sync.care.adopt_offers import say_value
from sync.care.adopt_table import cell_text
from sync.engine import Engine
from sync.guarded import make_guarded, read_mended, write_guarded
from sync.prepare import prepare_sheet
from sync.sheet.cell import CellValue
from sync.sheet.columns import ID_FIELD, find_column
from sync.sheet.layout import Field, Tab
from sync.sheet.locate import HEADER_SEARCH, TabView
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import CellWrite, RawSheet, RawTab, Store, TabChanges
from sync.sheet.store_error import LayoutError
from sync.sheet.wish import Prepared

ID_NOTES = frozenset(find_column(tab, ID_FIELD[tab]).note for tab in (Tab.KEY_RESULTS, Tab.OBJECTIVES))

PROPOSED = "okr-sync: "
"""How our notes in cells begin."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was done: what ``layout`` made, how many ids and objectives were written, which values were.

    ``waiting`` are values that are noted beside their cells until a person confirms them.
    """

    prepared: Prepared
    proposal: AdoptProposal
    ids: int = 0
    objectives: int = 0
    accepted: tuple[Offer, ...] = ()
    waiting: tuple[Offer, ...] = ()
    is_written: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether the sheet had everything already."""
        return self.prepared.is_nothing and not self.is_written


def fetch_whole(store: Store) -> RawSheet:
    """Every tab of a sheet."""
    return store.fetch_sheet(store.fetch_titles())


def find_given_ids(raw: RawSheet) -> frozenset[str]:
    """The ids that okr-sync has given in any tab: those below headers with its notes."""
    return frozenset(text for tab in raw.tabs for text in _given_ids(tab))


def _given_ids(tab: RawTab) -> Iterator[str]:
    for row, cells in enumerate(tab.cells[:HEADER_SEARCH]):
        for at in (at for at, cell in enumerate(cells) if cell.note in ID_NOTES):
            yield from (cell_text(line[at]) for line in tab.cells[row + 1 :] if at < len(line) and cell_text(line[at]))


def find_quarter(day: date, year_starts: int = 1) -> int:
    """The quarter of a year that starts in the given month."""
    return (day.month - year_starts) % 12 // 3 + 1


def make_wishes(engine: Engine, tab: str | None = None) -> AdoptWishes:
    """What the config and the calendar say."""
    config = engine.project.config
    quarter = find_quarter(engine.now().date(), config.calendar.year_starts)
    return AdoptWishes(tab=tab, names=config.sheet.names, quarter=quarter)


def apply_adoption(
    engine: Engine, proposal: AdoptProposal, *, accept: bool, taken: frozenset[str] = frozenset()
) -> Adopted:
    """Add what is missing and write the ids. Safe to repeat: what is there is left as it is.

    ``taken`` are ids that aren't given again.

    Raises:
        SheetBusy: somebody edited the sheet meanwhile; what had gone astray was put back.
        OkrSyncError: any other reason why nothing was written.
    """
    prepared = prepare_sheet(engine, {Tab.KEY_RESULTS: proposal.wanted})
    now = engine.now()
    snapshot = read_mended(engine, now)
    taken |= frozenset(key.id for key in snapshot.ledger.lines)
    wishes = replace(make_wishes(engine), names=snapshot.names, taken=taken, team=proposal.team)
    fresh = make_proposal(snapshot.raw, wishes)
    work = _Work(snapshot, fresh, accept)
    changes = work.make_changes()
    if changes:
        batch = make_guarded(engine, snapshot, changes, ("adopted", work.remark), now)
        write_guarded(engine, snapshot, batch)
    return Adopted(
        prepared, fresh, work.ids, work.objectives, tuple(work.accepted), tuple(work.waiting), is_written=bool(changes)
    )


class _Work:
    """The writes of one adoption, and what they are in numbers."""

    def __init__(self, snapshot: Snapshot, proposal: AdoptProposal, accept: bool) -> None:
        self.snapshot = snapshot
        self.proposal = proposal
        self.accept = accept
        self.ids = self.objectives = 0
        self.accepted: list[Offer] = []
        self.waiting: list[Offer] = []
        self._view = snapshot.views[Tab.KEY_RESULTS]
        self._ours = find_ours(self._view.raw, self._view.header_row, self._view.columns)

    @property
    def remark(self) -> str:
        """One line for the Runs tab."""
        return f"{self.ids} key results and {self.objectives} objectives got ids; {len(self.accepted)} values accepted"

    def make_changes(self) -> tuple[TabChanges, ...]:
        """What is to be written to the tab of key results and to the objectives'."""
        cells = tuple(write for kr in self.proposal.key_results for write in self._key_result(kr))
        objectives = tuple(self._objective_rows())
        made = []
        if cells:
            made.append(_changes(self._view, cells, self._view.columns[Field.KEY_RESULT]))
        if objectives:
            view = self.snapshot.views[Tab.OBJECTIVES]
            made.append(_changes(view, objectives, view.columns[Field.SCORE]))
        return tuple(made)

    def _key_result(self, kr: FoundKeyResult) -> Iterator[CellWrite]:
        if kr.is_new and Field.KR_ID in self._ours:
            self.ids += 1
            yield self._put(kr, Field.KR_ID, kr.id)
        if kr.objective and Field.OBJECTIVE_ID in self._ours and not self._holds(kr, Field.OBJECTIVE_ID):
            yield self._put(kr, Field.OBJECTIVE_ID, kr.objective)
        offers = [offer for offer in kr.offers if offer.field in self._ours]
        open_ = [offer for offer in offers if not offer.is_safe]
        yield from self._accept(kr, offers if self.accept else [offer for offer in offers if offer.is_safe])
        if open_ and not self.accept:
            self.waiting += open_
            yield from self._note(kr, open_)

    def _accept(self, kr: FoundKeyResult, offers: Iterable[Offer]) -> Iterator[CellWrite]:
        for offer in offers:
            self.accepted.append(offer)
            note = self._view.raw.cells[kr.row]
            at = self._ours[offer.field]
            has_ours = at < len(note) and (note[at].note or "").startswith(PROPOSED)
            write = self._put(kr, offer.field, offer.value)
            yield replace(write, is_percent=offer.is_percent or None, note="" if has_ours else None)

    def _note(self, kr: FoundKeyResult, offers: list[Offer]) -> Iterator[CellWrite]:
        """One note at the first cell that waits; a cell that has a note already is left alone."""
        at = self._ours[offers[0].field]
        cells = self._view.raw.cells[kr.row]
        if at < len(cells) and cells[at].note:
            return
        write = self._put(kr, offers[0].field, None)
        yield replace(write, note=say_offers(offers), note_only=True)

    def _put(self, kr: FoundKeyResult, field: Field, value: CellValue) -> CellWrite:
        return CellWrite(kr.row, self._ours[field], value, field=field, row_id=kr.id)

    def _holds(self, kr: FoundKeyResult, field: Field) -> bool:
        cells, at = self._view.raw.cells[kr.row], self._ours[field]
        return at < len(cells) and cells[at].value is not None

    def _objective_rows(self) -> Iterator[CellWrite]:
        view = self.snapshot.views[Tab.OBJECTIVES]
        used = {kr.objective for kr in self.proposal.key_results}
        fresh = [each for each in self.proposal.objectives if each.is_new and each.id in used]
        first = max(len(view.raw.cells), view.header_row + 1)
        if first + len(fresh) > view.raw.row_count:
            raise LayoutError(
                f"the tab “{view.raw.title}” has {view.raw.row_count} rows, and {first + len(fresh)} are needed.",
                fix="Add rows to it, and run this again. Nothing was written.",
            )
        for row, each in enumerate(fresh, first):
            self.objectives += 1
            yield from _objective_cells(view, row, each)


def _objective_cells(view: TabView, row: int, each: FoundObjective) -> Iterator[CellWrite]:
    texts = ((Field.OBJECTIVE_ID, each.id), (Field.OBJECTIVE, each.name), (Field.TEAM, each.team))
    for field, text in texts:
        if text and (at := view.columns.get(field)) is not None:
            yield CellWrite(row, at, text, field=field, row_id=each.id)


def say_offers(offers: Iterable[Offer]) -> str:
    """The note beside a value that waits, for whoever owns the key result."""
    found = list(offers)
    read = ", ".join(f"{find_column(Tab.KEY_RESULTS, each.field).header} {say_value(each)}" for each in found)
    return (
        f"{PROPOSED}is this right? {read}, read from “{found[0].text}” in {found[0].place.address}. Type it in if so."
    )


def _changes(view: TabView, cells: tuple[CellWrite, ...], id_column: int) -> TabChanges:
    width = max((len(row) for row in view.raw.cells), default=0)
    bottom = max(len(view.raw.cells), *(write.row + 1 for write in cells))
    used = (bottom, max(width, *(write.column + 1 for write in cells)))
    return TabChanges(view.tab, view.raw.tab_id, id_column, view.header_row, used, cells)

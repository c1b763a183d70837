"""A prepared Google sheet in the sandbox, asked by the real client over real sockets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from connectors.base import Surroundings
from connectors.google import open_session
from sandbox.google import GoogleSheets, Person
from sandbox.google_document import Document
from sync.sheet.columns import COLUMNS
from sync.sheet.google import GoogleStore
from sync.sheet.layout import PER_CYCLE, Field, Tab
from sync.sheet.store import (
    Batch,
    CellWrite,
    Draw,
    Drawing,
    GuardSwap,
    LayoutWish,
    NewTab,
    RawSheet,
    RawTab,
    TabChanges,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
CYCLE = "2026-Q4"
GUARD_TITLES = tuple(f"_okr_sync_before_{n}" for n in (1, 2, 3))
KR = Tab.KEY_RESULTS.value
AT = {column.field: at for at, column in enumerate(COLUMNS[Tab.KEY_RESULTS])}
DASHBOARD = Drawing((24, 200, 200), ((None, Draw("OKRs", span=2)), (None, Draw(Decimal(3)), Draw("on track"))))
ROWS = (
    ("WEB-1.1", "Fewer drop-offs", "45%", "20%"),
    ("WEB-1.10", "Bugs fixed", "0", "74"),
    ("GRO-1.1", "Sales", "0", "1200"),
)
_ids = count(10_000)


def title_of(tab: Tab) -> str:
    return f"{tab.value} {CYCLE}" if tab in PER_CYCLE else tab.value


def make_wish(*tabs: Tab, guard: tuple[int, ...] = (901, 902, 903), **more: object) -> LayoutWish:
    wanted = tabs or tuple(Tab)
    new = tuple(NewTab(tab, title_of(tab), DASHBOARD if tab is Tab.DASHBOARD else None) for tab in wanted)
    return LayoutWish(new, guard, '{"v":1}', 3, date(2026, 11, 22), **more)  # type: ignore[arg-type]


@dataclass
class Sheet:
    """A document, the store on it, somebody in the browser, and the requests since the last look."""

    service: GoogleSheets
    document: Document
    store: GoogleStore

    @property
    def person(self) -> Person:
        return self.service.person(self.document)

    def calls(self) -> list[str]:
        """The calls since the last look, without those for a token; none has crashed the server."""
        assert self.service.failures == []
        found = [f"{each.method} {each.path.rpartition('/')[2].rpartition(':')[2]}" for each in self.service.requests]
        made = [("GET" if each.startswith("GET") else each) for each in found if not each.endswith("token")]
        self.service.requests.clear()
        return made

    def read(self, *titles: str) -> RawSheet:
        wanted = titles or (KR, Tab.OBJECTIVES.value, Tab.LEDGER.value, Tab.DASHBOARD.value)
        return self.store.fetch_sheet(wanted, (title_of(Tab.HISTORY), Tab.RUNS.value, *GUARD_TITLES))

    def tab(self, title: str = KR) -> RawTab:
        found = self.read(title).find_tab(title)
        assert found is not None
        return found

    def batch(self, sheet: RawSheet, *cells: CellWrite, tab: Tab = Tab.KEY_RESULTS, **more: object) -> Batch:
        """A batch of writes to one tab, planned from this read."""
        raw = sheet.find_tab(tab.value)
        ledger = sheet.find_tab(Tab.LEDGER.value)
        assert raw is not None
        assert ledger is not None
        old = tuple(found.tab_id for title in GUARD_TITLES if (found := sheet.find_tab(title)))
        guard = GuardSwap(old, (next(_ids), next(_ids), next(_ids)))
        used = (len(raw.cells), max(len(row) for row in raw.cells))
        change = TabChanges(tab, raw.tab_id, id_column=0, header_row=0, used=used, cells=cells)
        return Batch(ledger.tab_id, NOW, guard=guard, changes=(change,) if cells else (), **more)  # type: ignore[arg-type]


def around() -> Surroundings:
    return Surroundings(now=lambda: NOW, sleep=lambda _: None, monotonic=time.monotonic)


def open_sheet(service: GoogleSheets, *, shared: bool = True) -> Sheet:
    """A new, empty spreadsheet."""
    document = service.create("OKRs", **({} if shared else {"shared_with": ()}))  # type: ignore[arg-type]
    session = open_session(service.service_account(), around(), endpoint=service.url)
    return Sheet(service, document, GoogleStore(session, document.id))


def open_prepared(service: GoogleSheets) -> Sheet:
    """A prepared spreadsheet with three key results that people typed."""
    sheet = open_sheet(service)
    sheet.store.prepare(make_wish())
    for number, (own_id, name, baseline, target) in enumerate(ROWS, 2):
        sheet.person.type(KR, f"A{number}", own_id)
        sheet.person.type(KR, f"B{number}", name)
        sheet.person.type(KR, f"E{number}", target)
        sheet.person.type(KR, f"Q{number}", baseline)
    sheet.calls()
    return sheet


def score(row: int, value: str) -> CellWrite:
    return CellWrite(row, AT[Field.SCORE], Decimal(value), field=Field.SCORE, row_id=ROWS[row - 1][0])

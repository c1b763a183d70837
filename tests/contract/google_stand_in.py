"""A prepared Google sheet in the sandbox, asked by the real client over real sockets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from connectors.base import Surroundings
from connectors.google import open_session
from connectors.testing import FakeTime
from sandbox.google import GoogleSheets, Person
from sandbox.google_batch import apply_batch
from sandbox.google_document import Document
from sandbox.google_person import OWNER
from sync.sheet.cell import CellValue
from sync.sheet.chart import ChartName, chart_id
from sync.sheet.google import GoogleStore
from sync.sheet.google_cell import make_data
from sync.sheet.layout import Field, Tab
from sync.sheet.store import Batch, CellWrite, GuardSwap, RawSheet, RawTab, TabChanges
from tests.contract.store_contract import AT, GUARD_TITLES, KR, NOW, make_wish, title_of

ROWS = (
    ("WEB-1.1", "Fewer drop-offs", "45%", "20%"),
    ("WEB-1.10", "Bugs fixed", "0", "74"),
    ("GRO-1.1", "Sales", "0", "1200"),
)
_ids = count(10_000)


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
    time = FakeTime(NOW)
    return Surroundings(now=lambda: NOW, sleep=time.sleep, monotonic=time.monotonic)


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


@dataclass
class TypedPerson:
    """The contract's person, on a document of the sandbox."""

    document: Document

    def type(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        self._update(title, row, column, make_data(value, formula), "userEnteredValue")

    def note(self, title: str, row: int, column: int, text: str) -> None:
        self._update(title, row, column, {"note": text}, "note")

    def link(self, title: str, row: int, column: int) -> str | None:
        tab = next(each for each in self.document.tabs if each.title == title)
        runs = tab.cell(row, column).runs
        return runs[0]["format"]["link"]["uri"] if runs else None

    def delete_column(self, title: str, column: int) -> None:
        tab = next(each for each in self.document.tabs if each.title == title)
        line = {"sheetId": tab.id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
        apply_batch(self.document, OWNER, {"requests": [{"deleteDimension": {"range": line}}]})

    def delete_chart(self, title: str, name: ChartName) -> None:
        tab = next(each for each in self.document.tabs if each.title == title)
        delete = {"deleteEmbeddedObject": {"objectId": chart_id(tab.id, name)}}
        apply_batch(self.document, OWNER, {"requests": [delete]})

    def _update(self, title: str, row: int, column: int, data: dict[str, object], fields: str) -> None:
        tab = next(each for each in self.document.tabs if each.title == title)
        start = {"sheetId": tab.id, "rowIndex": row, "columnIndex": column}
        update = {"start": start, "rows": [{"values": [data]}], "fields": fields}
        apply_batch(self.document, OWNER, {"requests": [{"updateCells": update}]})


def score(row: int, value: str) -> CellWrite:
    return CellWrite(row, AT[Field.SCORE], Decimal(value), field=Field.SCORE, row_id=ROWS[row - 1][0])

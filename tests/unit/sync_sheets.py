"""Short ways to write a sheet as a store reads it, for tables of cases: tabs from rows of values by field."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from okr.model import Cycle
from sync.sheet.cell import EMPTY, Cell
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import BEFORE_TITLE, PER_CYCLE, Field, Tab
from sync.sheet.ledger import NO_ENTRY, SENTENCE, Entry, Head, RowKey
from sync.sheet.ledger_text import render_entry, render_head
from sync.sheet.locate import locate_tab
from sync.sheet.snapshot import SheetNames, make_snapshot
from sync.sheet.store import RawSheet, RawTab

Q4 = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
Q3 = Cycle("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
CYCLES = {Q3.name: Q3, Q4.name: Q4}
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HEARTBEAT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
HEAD = Head("sheet-1", "e" * 16, revision=7, run="20261121-070000-abcd", refreshed=TODAY)


def cell(value, **rest):
    """A cell with a plain value as it reads: numbers are Decimals, what is shown follows."""
    if isinstance(value, Cell):
        return value
    if value is None:
        return EMPTY
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    shown = (
        str(value).upper() if isinstance(value, bool) else f"{value:f}" if isinstance(value, Decimal) else f"{value}"
    )
    return Cell(value, shown, **rest)


def percent(value):
    """A number that is formatted in percent: 45 is 0.45, shown as 45%."""
    return Cell(Decimal(value) / 100, f"{value}%", is_percent=True)


def formula(text, value):
    """A person's formula and what it gave."""
    return Cell(value, str(value), formula=text)


def make_rows(tab, rows, fields=None):
    """The tab's cells: the header, then a row per mapping from field to value."""
    names = list(fields or (column.field for column in COLUMNS[tab]))
    headers = {column.field: column.header for column in COLUMNS[tab]}
    head = tuple(cell(headers[name]) for name in names)
    return (head, *(tuple(cell(row.get(name)) for name in names) for row in rows))


def make_tab(tab, rows=(), *, title=None, fields=None, tab_id=None):
    cells = make_rows(tab, rows, fields)
    return RawTab(tab_id or 1 + list(Tab).index(tab), title or tab.value, cells=cells, row_count=1000, column_count=40)


def view_of(tab, rows, *, fields=None, title=None):
    """A located tab."""
    return locate_tab(
        tab, make_tab(tab, rows, title=title, fields=fields), headers={}, remembered={}, open_cycle=Q4.name
    )


def row_key(own_id, tab=Tab.KEY_RESULTS, cycle=Q4.name):
    return RowKey(tab, "" if tab is Tab.KPIS else cycle, own_id)


def ledger_tab(entries: Mapping[RowKey, Entry | str] | None = None, head: Head | str = HEAD, *, heartbeat=HEARTBEAT):
    """The hidden tab; an entry may be a text, to write a damaged line."""
    text = render_head(head) if isinstance(head, Head) else head
    first = (cell(SENTENCE), cell(text), EMPTY, cell(heartbeat.isoformat() if heartbeat else None))
    lines = [
        (cell(str(key)), cell(entry if isinstance(entry, str) else render_entry(entry)))
        for key, entry in (entries or {}).items()
    ]
    return RawTab(99, Tab.LEDGER.value, hidden=True, cells=(first, *lines), row_count=1000, column_count=4)


def guards(*ids):
    return [RawTab(tab_id, f"{BEFORE_TITLE}{number}", hidden=True) for number, tab_id in enumerate(ids, 1)]


def raw_sheet(
    rows: Mapping[Tab, Iterable[Mapping[Field, object]]],
    *,
    ledger: RawTab | None = None,
    sheet_id="sheet-1",
    without=(),
    fields=None,
    titles=None,
    guard=(901, 902, 903),
):
    """A prepared sheet as one read gives it, with these rows."""
    tabs = [
        make_tab(
            tab,
            rows.get(tab, ()),
            fields=(fields or {}).get(tab),
            title=(titles or {}).get(tab) or (f"{tab.value} {Q4.name}" if tab in PER_CYCLE else None),
        )
        for tab in COLUMNS
        if tab not in without
    ]
    tabs.append(RawTab(50, Tab.DASHBOARD.value))
    if Tab.LEDGER not in without:
        tabs.append(ledger or ledger_tab())
    return RawSheet(sheet_id, "OKRs", "memory:", (*tabs, *guards(*guard)))


def snapshot_of(rows, *, cycles=CYCLES, open_cycles=(Q4.name,), names=None, **rest):
    return make_snapshot(raw_sheet(rows, **rest), names or SheetNames(), cycles, open_cycles)


def kr(own_id="A", **values):
    """A key result's row. Names of values are fields in small letters."""
    base = {Field.KR_ID: own_id, Field.KEY_RESULT: f"Result {own_id}", Field.OBJECTIVE_ID: "O"}
    numbers = {Field.BASELINE: 0, Field.TARGET: 10}
    return base | numbers | {Field(name): value for name, value in values.items()}


def objective_row(own_id="O", **values):
    base = {Field.OBJECTIVE_ID: own_id, Field.OBJECTIVE: f"Objective {own_id}"}
    return base | {Field(name): value for name, value in values.items()}


def kpi_row(own_id="K", **values):
    return {Field.KPI_ID: own_id, Field.KPI: f"KPI {own_id}"} | {Field(name): value for name, value in values.items()}


def entry_of(**fields):
    """A ledger entry from its bases by field name, all else empty."""
    from dataclasses import replace

    return replace(NO_ENTRY, bases={Field(name): value for name, value in fields.items()})

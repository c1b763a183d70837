"""What ``layout`` has to do to a spreadsheet: everything missing is added in one call, nothing else changes. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sync.sheet.cell import column_letters
from sync.sheet.columns import COLUMNS, FROZEN_COLUMNS, TAB_COLOURS
from sync.sheet.google_cell import Json, make_data
from sync.sheet.google_chart import make_missing_charts
from sync.sheet.google_columns import (
    HEADER_HEIGHT,
    Placed,
    Span,
    make_columns,
    make_markers,
    make_name_lists,
    make_status_list,
)
from sync.sheet.google_draw import make_drawing, make_sizes
from sync.sheet.google_ground import FoundTab, Ground
from sync.sheet.google_marks import make_board_rules, make_rule_repairs, make_warnings
from sync.sheet.google_marks import make_rules as make_google_rules
from sync.sheet.google_migrate import make_gifts, make_swap, parse_worn
from sync.sheet.google_read import quote_title
from sync.sheet.google_style import make_colour
from sync.sheet.google_write import make_guard
from sync.sheet.growth import LOST, Gift, find_gifts, find_given, is_added
from sync.sheet.layout import LAYOUT_VERSION, MERGED, Column, Field, Tab, guard_title
from sync.sheet.ledger import HEAD_ROW, SENTENCE, TEXT_COLUMN
from sync.sheet.locate import find_columns, find_header_row
from sync.sheet.rules import make_rules
from sync.sheet.store import RawTab
from sync.sheet.wish import LayoutWish, Migration, NewTab, Prepared
from sync.sheet.wording import reword

ROWS = 200
LEDGER_SIZE = (200, 12)


@dataclass(slots=True)
class _Work:
    """What has been decided so far."""

    requests: list[Json] = field(default_factory=list)
    tabs: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    made: list[tuple[Span, list[Placed]]] = field(default_factory=list)  # columns that are new
    names: str = ""  # where the names of people stand, as a formula

    def repair(self, words: str, requests: Sequence[Json]) -> None:
        """Add these requests, if there are any, and say what they repair."""
        if requests:
            self.requests += requests
            self.repairs.append(words)


def make_layout(wish: LayoutWish, ground: Ground) -> tuple[list[Json], Prepared]:
    """The requests that make what is missing, and what that is, in words."""
    work = _Work()
    blank = ground.blank
    taken = set(ground.tab_ids)
    for new in wish.tabs:
        found = ground.tabs.get(new.title)
        if found is not None:
            _mend(work, wish, new, found)
            continue
        tab_id = blank.tab_id if blank else make_tab_id(new.title, taken)
        taken.add(tab_id)
        _add(work, wish, new, tab_id, is_reused=blank is not None)
        blank = None
    for span, placed in work.made if work.names else ():
        work.requests += make_name_lists(span, placed, work.names)
    if wish.migration:
        _migrate(work, wish, ground, wish.migration)
    else:
        _add_guards(work, wish, ground)
        if wish.ledger in work.tabs:
            _give_all(work, wish, ground, LOST, "notes of {}")
    return work.requests, Prepared(tuple(work.tabs), tuple(work.columns), tuple(work.repairs))


def make_tab_id(title: str, taken: set[int]) -> int:
    """An id for a new tab that no other has, the same for the same title."""
    tab_id = zlib.crc32(title.encode()) & 0x7FFFFFFF
    while tab_id in taken or tab_id == 0:
        tab_id = (tab_id + 1) & 0x7FFFFFFF
    return tab_id


def _add(work: _Work, wish: LayoutWish, new: NewTab, tab_id: int, *, is_reused: bool) -> None:
    work.tabs.append(new.title)
    work.requests.append(_tab_request(new, tab_id, wish, is_reused=is_reused))
    if new.tab is Tab.LEDGER:
        work.requests += [*make_sizes(tab_id, "COLUMNS", {0: 380, 1: 700, 2: 120, 3: 220}), *_head(tab_id, wish)]
    if new.drawing is not None:
        work.requests += make_drawing(tab_id, new.drawing)
        work.requests += make_missing_charts(tab_id, new.drawing.charts, ())
    placed = [
        Placed(at, _header(wish, new.tab, each), reword(each, wish.words))
        for at, each in enumerate(COLUMNS.get(new.tab, ()))
    ]
    if placed:
        span = Span(tab_id, 0, ROWS)
        work.requests += make_columns(span, placed)
        work.requests += make_sizes(tab_id, "ROWS", {0: HEADER_HEIGHT})
        work.requests += make_markers(tab_id, placed, {})
        work.requests += make_rule_repairs(span, _rules(wish, new.tab, span, placed), ())
        work.made.append((span, placed))
        _remember_names(work, new.tab, new.title, span, placed)
    if new.tab is Tab.DASHBOARD:
        work.requests += make_rule_repairs(
            Span(tab_id, 0, ROWS), make_board_rules(tab_id, wish.stale_days, wish.ledger), ()
        )
    work.requests += make_warnings(tab_id, new.tab, placed, ())


def _remember_names(work: _Work, tab: Tab, title: str, span: Span, placed: Iterable[Placed]) -> None:
    """Where the names to choose from stand, once the tab of people has been seen or made."""
    for each in placed:
        if tab is Tab.PEOPLE and each.column.field is Field.NAME:
            letters = column_letters(each.at)
            work.names = f"={quote_title(title)}!${letters}${span.header_row + 2}:${letters}"


def _tab_request(new: NewTab, tab_id: int, wish: LayoutWish, *, is_reused: bool) -> Json:
    properties: Json = {"sheetId": tab_id, "title": new.title, "gridProperties": _grid(new, len(wish.lines))}
    if colour := TAB_COLOURS.get(new.tab):
        properties["tabColorStyle"] = make_colour(colour)
    if new.tab is Tab.LEDGER:
        properties["hidden"] = True
    if not is_reused:
        return {"addSheet": {"properties": properties}}
    fields = ",".join(name for name in properties if name != "sheetId")
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _grid(new: NewTab, lines: int) -> Json:
    if new.tab is Tab.LEDGER:
        return {"rowCount": max(LEDGER_SIZE[0], 1 + lines), "columnCount": LEDGER_SIZE[1], "frozenRowCount": 1}
    columns = COLUMNS.get(new.tab)
    if columns is None:
        return {"rowCount": ROWS, "columnCount": 12, "hideGridlines": True}
    frozen = FROZEN_COLUMNS.get(new.tab, 1)
    return {"rowCount": ROWS, "columnCount": len(columns), "frozenRowCount": 1, "frozenColumnCount": frozen}


def _header(wish: LayoutWish, tab: Tab, column: Column) -> str:
    return (wish.headers or {}).get(tab, {}).get(column.field, column.header)


def _head(tab_id: int, wish: LayoutWish) -> Iterator[Json]:
    """The ledger's first line, without a heartbeat: nothing ran yet; and the others of one that is made anew.

    Long lines don't make tall rows.
    """
    area = {"sheetId": tab_id}
    clip = {"userEnteredFormat": {"wrapStrategy": "CLIP"}}
    yield {"repeatCell": {"range": area, "cell": clip, "fields": "userEnteredFormat.wrapStrategy"}}
    start = {"sheetId": tab_id, "rowIndex": HEAD_ROW, "columnIndex": 0}
    lines = ((SENTENCE, wish.head), *((line.key, line.text) for line in wish.lines))
    rows = [{"values": [make_data(text) for text in line]} for line in lines]
    yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _rules(wish: LayoutWish, tab: Tab, span: Span, placed: Sequence[Placed]) -> list[Json]:
    rules = [rule for rule in make_rules(wish.stale_days, wish.words, wish.ledger) if rule.tab is tab]
    return make_google_rules(span, rules, {each.column.field: each.at for each in placed})


def _mend(work: _Work, wish: LayoutWish, new: NewTab, found: FoundTab) -> None:
    """Add what a tab that exists lacks: columns at its right edge, markers, rules, warnings."""
    raw = found.raw
    placed: list[Placed] = []
    if new.tab is Tab.LEDGER and not _has_head(raw):
        more = 1 + len(wish.lines) - raw.row_count
        grown = [{"appendDimension": {"sheetId": raw.tab_id, "dimension": "ROWS", "length": more}}] if more > 0 else []
        work.repair(f"the first line of {new.title}", [*grown, *_head(raw.tab_id, wish)])
    if new.tab in COLUMNS:
        placed = _mend_columns(work, wish, new, raw)
        span = Span(raw.tab_id, _header_row(wish, new.tab, raw), max(raw.row_count, 2))
        _remember_names(work, new.tab, raw.title, span, placed)
        wanted = _rules(wish, new.tab, span, placed)
        colours = list(make_rule_repairs(span, wanted, found.rules))
        lists = list(make_status_list(span, placed))
        work.repair(f"colours of {new.title}", [*colours, *lists] if colours else [])
    if new.tab is Tab.DASHBOARD:
        span = Span(raw.tab_id, 0, max(raw.row_count, 2))
        rules = make_board_rules(raw.tab_id, wish.stale_days, wish.ledger)
        work.repair(f"colours of {new.title}", list(make_rule_repairs(span, rules, found.rules)))
    if new.drawing is not None:
        missing = list(make_missing_charts(raw.tab_id, new.drawing.charts, found.charts))
        work.repair(f"charts of {new.title}", missing)
    work.repair(f"warnings of {new.title}", make_warnings(raw.tab_id, new.tab, placed, found.warnings))


def _has_head(raw: RawTab) -> bool:
    return bool(raw.cells) and len(raw.cells[HEAD_ROW]) > TEXT_COLUMN and bool(raw.cells[HEAD_ROW][TEXT_COLUMN].shown)


def _header_row(wish: LayoutWish, tab: Tab, raw: RawTab) -> int:
    return find_header_row(tab, raw, _configured(wish, tab))


def _configured(wish: LayoutWish, tab: Tab) -> Mapping[Field, str]:
    return (wish.headers or {}).get(tab, {})


def _mend_columns(work: _Work, wish: LayoutWish, new: NewTab, raw: RawTab) -> list[Placed]:
    """Add what is missing of a table; returns all its columns, found and added."""
    header_row = _header_row(wish, new.tab, raw)
    columns, _ = find_columns(new.tab, raw, header_row, _configured(wish, new.tab), {})
    known = {each.field: reword(each, wish.words) for each in COLUMNS[new.tab]}
    found = [Placed(at, _header(wish, new.tab, known[name]), known[name]) for name, at in columns.items()]
    edge = max((len(row) for row in raw.cells), default=0)
    missing = [
        each
        for each in COLUMNS[new.tab]
        if each.field not in columns and is_added(each, wish, new.tab, is_empty=not raw.cells)
    ]
    added = [Placed(edge + at, _header(wish, new.tab, each), known[each.field]) for at, each in enumerate(missing)]
    if added:
        work.made.append((Span(raw.tab_id, header_row, max(raw.row_count, header_row + 2)), added))
        work.requests += _widen(raw, edge + len(added))
        work.requests += make_columns(Span(raw.tab_id, header_row, max(raw.row_count, header_row + 2)), added)
        work.columns += [each.header for each in added]
    both = [*found, *added]
    markers = raw.markers or {}
    work.repair(f"markers of {new.title}", list(make_markers(raw.tab_id, found, markers)))
    work.requests += make_markers(raw.tab_id, added, markers)
    return both


def _widen(raw: RawTab, columns: int) -> list[Json]:
    if columns <= raw.column_count:
        return []
    length = columns - raw.column_count
    return [{"appendDimension": {"sheetId": raw.tab_id, "dimension": "COLUMNS", "length": length}}]


def _migrate(work: _Work, wish: LayoutWish, ground: Ground, migration: Migration) -> None:
    """Bring an older layout up to date, under a new guard: a run that is going on meanwhile makes it fail whole."""
    ledger = next(found for new in wish.tabs if new.tab is Tab.LEDGER if (found := ground.tabs.get(new.title)))
    work.requests[:0] = make_swap(wish.ledger, migration.guard, wish.guard)
    _give_all(work, wish, ground, find_gifts(migration.version))
    work.repair(
        f"the layout, from version {migration.version} to {LAYOUT_VERSION}", list(_head(ledger.raw.tab_id, wish))
    )


def _give_all(work: _Work, wish: LayoutWish, ground: Ground, gifts: frozenset[Gift], words: str = "") -> None:
    for new in wish.tabs:
        found = ground.tabs.get(new.title)
        if found is not None and new.tab in COLUMNS and found.raw.cells:
            requests = list(_give(wish, new.tab, found, gifts, work.names))
            work.requests += requests
            work.repairs += [words.format(new.title)] if requests and words else []


def _give(wish: LayoutWish, tab: Tab, found: FoundTab, gifts: frozenset[Gift], names: str) -> Iterator[Json]:
    """What the columns that were there get; nothing takes the place of what somebody has."""
    raw, row = found.raw, _header_row(wish, tab, found.raw)
    columns, _ = find_columns(tab, raw, row, _configured(wish, tab), {})
    given = find_given(tab, columns, raw.cells[row], parse_worn(found.worn or {}, row), gifts)
    words = [each._replace(column=reword(each.column, wish.words)) for each in given]
    return make_gifts(Span(raw.tab_id, row, max(raw.row_count, row + 2)), words, names)


def _add_guards(work: _Work, wish: LayoutWish, ground: Ground) -> None:
    for number, tab_id in enumerate(wish.guard[: len(MERGED)], 1):
        title = guard_title(number, wish.ledger)
        if title not in ground.tabs:
            work.requests.append(make_guard(tab_id, title))
            work.tabs.append(title)

"""Finds columns and rows: by marker, by header text, by where they stood last time; rows by their key. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from okr.model import Key
from okr.problem import CellPlace, Problem, Severity
from sync.sheet.cell import EMPTY, Address, Cell, canon
from sync.sheet.columns import COLUMNS, ID_FIELD
from sync.sheet.headers import fold, fold_all, goes_on, header_texts, joint_texts
from sync.sheet.layout import Column, Field, Role, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.store import RawTab

HEADER_SEARCH = 30
"""Within how many rows from the top the header row is looked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a tab: where it stands now, its key, and its cells."""

    index: int
    key: Key
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class TabView:
    """A tab whose columns and rows have been found.

    ``duplicates`` are keys that stand in more than one row: those rows are in ``rows`` all the same.
    """

    tab: Tab
    raw: RawTab
    header_row: int
    columns: Mapping[Field, int]
    rows: tuple[Row, ...]
    duplicates: frozenset[Key] = frozenset()
    problems: tuple[Problem, ...] = ()

    def cell(self, row: Row, field: Field) -> Cell:
        """The cell of a field in a row; an empty one where the tab lacks the column."""
        at = self.columns.get(field)
        return row.cells[at] if at is not None and at < len(row.cells) else EMPTY

    def read_cell(self, row: Row, field: Field) -> Cell:
        """The same cell as it was read, whatever a plan lets its row say."""
        at, cells = self.columns.get(field), self.raw.cells
        is_there = at is not None and row.index < len(cells) and at < len(cells[row.index])
        return cells[row.index][at] if at is not None and is_there else EMPTY

    def place(self, row: Row, field: Field) -> CellPlace:
        """Where that cell is, as a person says it."""
        return CellPlace(self.raw.title, str(Address(row.index, self.columns.get(field, 0))))


Remembered = Mapping[str, tuple[int, str]]
NO_CYCLES: Mapping[str, str] = {}
NO_ENTRIES: Mapping[RowKey, Entry] = {}
Keeps = Callable[[Column, int, Mapping[Field, int]], bool]


def locate_tab(
    tab: Tab,
    raw: RawTab,
    *,
    headers: Mapping[Field, str],
    remembered: Remembered,
    open_cycle: str,
    ended: Mapping[str, str] = NO_CYCLES,
    entries: Mapping[RowKey, Entry] = NO_ENTRIES,
) -> TabView:
    """The tab with its columns and rows found.

    ``headers`` are the configured ones, ``remembered`` the columns as the last run found them (name → index and
    header text), ``open_cycle`` the cycle of rows whose Cycle cell is empty; but ``ended`` maps an id to the ended
    cycle that its row's empty cell has meant until now. ``entries`` are the ledger's, by which a machine column is
    known under another header.
    """
    header_row = find_header_row(tab, raw, headers)

    def find_rows(columns: Mapping[Field, int]) -> tuple[Row, ...]:
        return _find_rows(tab, raw, header_row, columns, open_cycle, ended)

    def keeps(column: Column, at: int, found: Mapping[Field, int]) -> bool:
        return column.role is not Role.MACHINE or _holds_ours(tab, column, at, find_rows(found), entries)

    columns, problems = find_columns(tab, raw, header_row, headers, remembered, keeps)
    rows = find_rows(columns)
    counts = Counter(row.key for row in rows) if tab in ID_FIELD else Counter()
    duplicates = frozenset(key for key, count in counts.items() if count > 1)
    return TabView(tab, raw, header_row, columns, rows, duplicates, problems)


def find_header_row(tab: Tab, raw: RawTab, headers: Mapping[Field, str]) -> int:
    """The row among the first ones that holds most of the tab's known headers; the first where none does.

    Headers that are merged down over two rows end in the second one; below it begin the key results.
    """
    known = {fold(name) for column in COLUMNS[tab] for name in _names(column, headers)}
    best, best_count = 0, 0
    for index in range(min(len(raw.cells), HEADER_SEARCH)):
        count = len({*fold_all(header_texts(raw, index)), *fold_all(joint_texts(raw, index))} & known)
        if count > best_count or (count == best_count and goes_on(raw, best, index, known)):
            best, best_count = index, count
    return best


def _names(column: Column, headers: Mapping[Field, str]) -> tuple[str, ...]:
    """What a column may be headed; nothing where the config says that the tab has none ("")."""
    configured = headers.get(column.field)
    if configured is not None:
        return (configured,) if configured else ()
    return (column.header, *column.aliases)


def find_columns(
    tab: Tab,
    raw: RawTab,
    header_row: int,
    headers: Mapping[Field, str],
    remembered: Remembered,
    keeps: Keeps = lambda *_: True,
) -> tuple[dict[Field, int], tuple[Problem, ...]]:
    """Where each field's column stands.

    In this order: by marker, by its header, by an alias of it, by the header that it had last time, and, for a header
    that people have just renamed in place, by where it stood (``keeps`` says whether what we wrote is still there). A
    header that stands twice counts once, the left one,
    and is a problem.
    """
    shown = fold_all(header_texts(raw, header_row))
    found: dict[Field, int] = {}
    problems: list[Problem] = []
    marked = {name: at for at, name in (raw.markers or {}).items()}
    for column in COLUMNS[tab]:
        at = marked.get(column.field.value)
        if at is not None and at < len(shown):
            found[column.field] = at
    is_marked = bool(found)
    joint = fold_all(joint_texts(raw, header_row))
    for rank, texts in ((_by_header, shown), (_by_header, joint), (_by_alias, shown)):
        for column in COLUMNS[tab]:
            if column.field not in found:
                places = rank(column, headers, texts, set(found.values()))
                if places:
                    found[column.field] = places[0]
                if len(places) > 1:
                    problems.append(_twice(raw, header_row, column, places[1]))
    _add_known(tab, shown, remembered, found)
    if not is_marked:
        _add_renamed(tab, shown, remembered, found, keeps)
    problems += _missing(tab, raw, headers, found)
    return found, tuple(problems)


def _by_header(column: Column, headers: Mapping[Field, str], shown: Sequence[str], taken: set[int]) -> list[int]:
    wanted = fold_all(_names(column, headers)[:1])
    return [at for at, text in enumerate(shown) if text in wanted and at not in taken]


def _by_alias(column: Column, headers: Mapping[Field, str], shown: Sequence[str], taken: set[int]) -> list[int]:
    wanted = fold_all(_names(column, headers)[1:])
    return [at for at, text in enumerate(shown) if text in wanted and at not in taken][:1]


FOREIGN = "+"
"""Before the header of a column that isn't ours, where the headers of the last run are remembered."""


def _add_known(tab: Tab, shown: Sequence[str], remembered: Remembered, found: dict[Field, int]) -> None:
    """The columns whose new header is known from the last run."""
    for column in COLUMNS[tab]:
        _, text = remembered.get(column.field.value, (0, ""))
        if column.field not in found and text and fold(text) in shown:
            _take(found, column.field, shown.index(fold(text)))


def _add_renamed(tab: Tab, shown: Sequence[str], remembered: Remembered, found: dict[Field, int], keeps: Keeps) -> None:
    """The columns that kept their place under a header that nobody has seen before.

    A known one stands there only because a column was deleted or moved. Only where columns carry no markers: there,
    one without is none of ours. And a machine's column only where what we wrote last still stands in it: else a
    person's new column, in the place of a deleted one, would be written into.
    """
    known = {fold(text) for _, text in remembered.values()}
    for column in COLUMNS[tab]:
        at, _ = remembered.get(column.field.value, (len(shown), ""))
        is_new = column.field not in found and at < len(shown) and shown[at] and shown[at] not in known
        if is_new and keeps(column, at, found):
            _take(found, column.field, at)


def _holds_ours(tab: Tab, column: Column, at: int, rows: Sequence[Row], entries: Mapping[RowKey, Entry]) -> bool:
    """Whether most of what the ledger wrote into a field stands in this column."""
    same = known = 0
    for row in rows:
        base = entries.get(RowKey(tab, *row.key), NO_ENTRY).bases.get(column.field)
        if base is not None:
            known += 1
            cell = row.cells[at] if at < len(row.cells) else EMPTY
            same += canon(column.form, cell.value) == base
    return known > 0 and same * 2 >= known


def _take(found: dict[Field, int], field: Field, at: int) -> None:
    if at not in found.values():
        found[field] = at


def _twice(raw: RawTab, header_row: int, column: Column, at: int) -> Problem:
    return Problem(
        code="sheet.header-twice",
        message=f"two columns are headed “{column.header}”; the left one is used",
        place=CellPlace(raw.title, str(Address(header_row, at))),
        fix="Rename or remove one of them.",
        subject=column.header,
        severity=Severity.WARNING,
    )


def _missing(tab: Tab, raw: RawTab, headers: Mapping[Field, str], found: Mapping[Field, int]) -> list[Problem]:
    """The columns that somebody counts on. Those that people may have or not are missed only where the config names
    them.
    """
    return [
        Problem(
            code="sheet.column-missing",
            message=f"the tab has no column “{_names(column, headers)[0]}”",
            place=CellPlace(raw.title, ""),
            fix="Run: okr-sync layout, or name the column under sheet.columns in the config.",
            subject=column.header,
            severity=Severity.ERROR if column.required else Severity.WARNING,
        )
        for column in COLUMNS[tab]
        if column.field not in found
        and (column.required or (column.role is not Role.PERSON and not column.spare) or headers.get(column.field))
    ]


def _find_rows(
    tab: Tab,
    raw: RawTab,
    header_row: int,
    columns: Mapping[Field, int],
    open_cycle: str,
    ended: Mapping[str, str],
) -> tuple[Row, ...]:
    id_at = columns.get(ID_FIELD.get(tab, COLUMNS[tab][0].field))
    if id_at is None:
        return ()
    make_key = _key_maker(tab, id_at, columns.get(Field.CYCLE), open_cycle, ended)
    repeated = id_text(raw.cells[header_row][id_at]) if id_at < len(raw.cells[header_row]) else ""
    rows = []
    for index in range(header_row + 1, len(raw.cells)):
        cells = raw.cells[index]
        if id_at < len(cells) and (key := make_key(cells)).id and key.id != repeated:
            rows.append(Row(index, key, cells))
    return tuple(rows)


def _key_maker(
    tab: Tab, id_at: int, cycle_at: int | None, open_cycle: str, ended: Mapping[str, str]
) -> Callable[[Sequence[Cell]], Key]:
    if tab is Tab.KPIS:
        return lambda cells: Key("", id_text(cells[id_at]))

    def make(cells: Sequence[Cell]) -> Key:
        own_id = id_text(cells[id_at])
        cycle = id_text(cells[cycle_at]) if cycle_at is not None and cycle_at < len(cells) else ""
        return Key(cycle or ended.get(own_id, open_cycle), own_id)

    return make


def drop_headings(view: TabView, objectives: TabView | None) -> TabView:
    """The key results without the rows that only name an objective above its key results.

    Such a row has an objective's id in the column of ids, and no target.
    """
    if objectives is None:
        return view
    ids = {row.key.id for row in objectives.rows}
    kept = tuple(row for row in view.rows if row.key.id not in ids or view.cell(row, Field.TARGET).value is not None)
    counts = Counter(row.key for row in kept)
    return replace(view, rows=kept, duplicates=frozenset(key for key, count in counts.items() if count > 1))


def id_text(cell: Cell) -> str:
    """An id as displayed: never a number that lost its zeros."""
    if cell.shown:
        return cell.shown.strip()
    if isinstance(cell.value, Decimal):
        return f"{cell.value:f}"
    return str(cell.value).strip() if cell.value is not None else ""

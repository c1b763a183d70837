"""Finds the OKR table in a tab: its header row, and which of its columns is about what. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sync.care.adopt_prose import read_target
from sync.care.adopt_words import BOUNDS, HEADERS, match_strength, plain, quarter_of
from sync.sheet.cell import EMPTY, Cell
from sync.sheet.headers import header_texts, joint_texts
from sync.sheet.layout import Field
from sync.sheet.locate import HEADER_SEARCH, id_text
from sync.sheet.row_reader import cell_number
from sync.sheet.store import RawTab

_NUMBERS = frozenset({Field.TARGET, Field.CURRENT, Field.BASELINE, Field.SCORE, Field.CONFIDENCE, Field.WEIGHT})
_DAYS = frozenset({Field.DUE, Field.START})
_TEXTS = frozenset({Field.KEY_RESULT, Field.OBJECTIVE})
_SAMPLE = 200
_SHORT = 40
_WORD = re.compile(r"[^\W\d_]{3,}")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-](?:\d{2,4})?|(?=.*\d)(?=.*[a-z]{3})[a-z\d][a-z\d ,.]{3,20}")
_LONG = 14
"""Characters from which on a text is rather a sentence than a name or a word."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of OKRs. ``columns`` are those of theirs that were recognised; ``headers`` what each column is headed."""

    raw: RawTab
    header_row: int
    headers: tuple[str, ...]
    joints: tuple[str, ...]
    columns: Mapping[Field, int]

    def cell(self, row: int, field: Field) -> Cell:
        """The cell of a field, an empty one where the table has no such column."""
        at = self.columns.get(field)
        return self.at(row, at) if at is not None else EMPTY

    def at(self, row: int, column: int) -> Cell:
        """The cell at an address."""
        cells = self.raw.cells[row] if row < len(self.raw.cells) else ()
        return cells[column] if column < len(cells) else EMPTY


def cell_text(cell: Cell) -> str:
    """What a cell says, on one line."""
    return " ".join(id_text(cell).split()) if cell.value is not None else ""


def find_table(raw: RawTab, quarter: int, header_row: int | None = None) -> Table | None:
    """The table of a tab, or ``None`` where no row looks like the headers of OKRs. ``quarter`` is the current one,
    by which one of several columns for targets is chosen. ``header_row`` says where the headers are.
    """
    best: Table | None = None
    best_score = 0.0
    for row in range(min(len(raw.cells), HEADER_SEARCH)) if header_row is None else (header_row,):
        table, score = _read_headers(raw, row, quarter)
        if score > best_score and _is_okr(table):
            best, best_score = table, score
    return best


def _is_okr(table: Table) -> bool:
    """Texts alone are a list of objectives, and numbers alone are anything."""
    others = set(table.columns) - _TEXTS
    return bool(_TEXTS & set(table.columns)) and (len(others) >= 1 or set(table.columns) >= _TEXTS)


def _read_headers(raw: RawTab, row: int, quarter: int) -> tuple[Table, float]:
    headers, joints = header_texts(raw, row), joint_texts(raw, row)
    bare = Table(raw, row, headers, joints, {})
    scored = sorted(_score_columns(bare, quarter), key=lambda item: (-item[0], item[1]))
    columns: dict[Field, int] = {}
    total = 0.0
    for score, at, field in scored:
        if field not in columns and at not in columns.values():
            columns[field] = at
            total += min(score, 1.0)
    _find_prose(bare, columns)
    _find_ranges(bare, columns)
    return Table(raw, row, headers, joints, columns), total


def _find_prose(bare: Table, columns: dict[Field, int]) -> None:
    """A table whose key results stand under a header of nobody's: the column with the longest texts is theirs.

    Where only objectives were recognised, and no column beside them has sentences, both stand in one column.
    """
    if Field.KEY_RESULT in columns or not columns:
        return
    free = [at for at in _headed(bare, columns) if _shape(bare, at).texts >= 0.5]
    longest = max(free, key=lambda at: _shape(bare, at).length, default=None)
    if longest is not None and _shape(bare, longest).length >= _LONG and Field.OBJECTIVE in columns:
        columns[Field.KEY_RESULT] = longest
    elif Field.OBJECTIVE in columns:
        columns[Field.KEY_RESULT] = columns.pop(Field.OBJECTIVE)


def _headed(bare: Table, columns: Mapping[Field, int]) -> list[int]:
    """The columns that are nobody's yet and have a header, by which the engine can find them."""
    return [at for at, header in enumerate(bare.headers) if header and at not in columns.values()]


def _find_ranges(bare: Table, columns: dict[Field, int]) -> None:
    """A column of "32 → 45" under a header of nobody's holds targets."""
    if Field.TARGET in columns or Field.KEY_RESULT not in columns:
        return
    found = next((at for at in _headed(bare, columns) if _ranges(bare, at) >= 0.5), None)
    if found is not None:
        columns[Field.TARGET] = found


def _sample(bare: Table) -> range:
    """The rows by which a column is judged: enough of them to know it, of a table of any length."""
    first = bare.header_row + 1
    return range(first, min(len(bare.raw.cells), first + _SAMPLE))


def _ranges(bare: Table, at: int) -> float:
    """The share of a column's filled cells that are short texts with both a baseline and a target."""
    texts = [cell_text(bare.at(row, at)) for row in _sample(bare)]
    filled = [text for text in texts if text]
    read = [read_target(text) for text in filled if len(text) <= _SHORT]
    return sum(each is not None and each.baseline is not None for each in read) / max(1, len(filled))


def _score_columns(bare: Table, quarter: int) -> list[tuple[float, int, Field]]:
    found = []
    for at, header in enumerate(bare.headers):
        if not header:
            continue
        for field in HEADERS:
            strength = match_strength(header, field)
            if strength and (fit := _fit(bare, at, field)):
                found.append((strength * fit * _quarter_fit(bare, at, quarter), at, field))
    return found


def _quarter_fit(bare: Table, at: int, quarter: int) -> float:
    joint = bare.joints[at] if at < len(bare.joints) else ""
    own = quarter_of(bare.headers[at]) or quarter_of(joint)
    return 1.0 if own is None else 1.1 if own == quarter else 0.6


@dataclass(frozen=True, slots=True)
class Shape:
    """What a column's cells look like: shares of the filled ones, and how long their texts are in the mean.

    ``said_days`` are days in a country's own writing, which nobody can read for sure ("31/12/2026").
    ``amounts`` are those numbers that no sentence is about: "32 → 45", not "Raise NPS from 32 to 45".
    """

    filled: int
    numbers: float
    amounts: float
    days: float
    said_days: float
    texts: float
    length: float


def _shape(bare: Table, at: int) -> Shape:
    cells = [bare.at(row, at) for row in _sample(bare)]
    filled = [cell for cell in cells if cell.value is not None]
    if not filled:
        return Shape(0, 0, 0, 0, 0, 0, 0)
    count = len(filled)
    texts = [cell.value for cell in filled if isinstance(cell.value, str)]
    length = sum(len(text) for text in texts) / max(1, len(texts))
    return Shape(
        count,
        numbers=sum(map(_is_numeric, filled)) / count,
        amounts=sum(_is_numeric(cell) and not _is_sentence(cell) for cell in filled) / count,
        days=sum(isinstance(cell.value, date) for cell in filled) / count,
        said_days=sum(bool(_DAY.fullmatch(plain(text.strip()))) for text in texts) / count,
        texts=len(texts) / count,
        length=length,
    )


def _is_numeric(cell: Cell) -> bool:
    """A number, or a text that is about one: "45 %", "€1.2m", "32 → 45", "yes"."""
    if isinstance(cell.value, Decimal | bool) or cell_number(cell) is not None:
        return True
    return isinstance(cell.value, str) and len(cell.value) <= _SHORT and read_target(cell.value) is not None


def _is_sentence(cell: Cell) -> bool:
    """Whether a text says what is measured, too: "NPS von 32 auf 45 steigern"."""
    words = _WORD.findall(plain(cell.value)) if isinstance(cell.value, str) else []
    return len([word for word in words if word not in BOUNDS]) >= 2


def _fit(bare: Table, at: int, field: Field) -> float:
    """How well a column's content fits a field: 1 well or nothing to go by, 0 not at all."""
    shape = _shape(bare, at)
    if not shape.filled:
        return 0.9
    if field in _NUMBERS:
        return 1.0 if shape.numbers >= 0.5 else 0.2 if field is Field.TARGET and shape.length < 3 * _LONG else 0.0
    if field in _DAYS:
        return 1.0 if shape.days >= 0.5 else 0.4 if shape.days + shape.said_days >= 0.5 else 0.0
    if field in _TEXTS:
        return (1.0 if shape.length >= _LONG else 0.6) if shape.texts >= 0.5 and shape.amounts < 0.5 else 0.0
    if field is Field.KR_ID:
        return 1.0 if shape.length <= _LONG else 0.0
    return 1.0


def find_tables(tabs: Sequence[RawTab], quarter: int) -> list[Table]:
    """The tables of all tabs, the best first: the one with the most columns that were recognised, then of most rows."""
    found = [table for raw in tabs if not raw.hidden and (table := find_table(raw, quarter)) is not None]
    return sorted(found, key=lambda table: (-len(table.columns), -len(table.raw.cells)))

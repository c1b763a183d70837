"""The ledger as it stands in its hidden tab. Pure."""

from __future__ import annotations

from datetime import datetime

from okr.problem import CellPlace, Problem
from sync.sheet.ledger import HEAD_ROW, KEY_COLUMN, MOMENT_COLUMN, TEXT_COLUMN, Entry, Ledger, RowKey
from sync.sheet.ledger_text import parse_entry, parse_head, parse_row_key
from sync.sheet.store import RawTab


def parse_ledger(tab: RawTab) -> tuple[Ledger, tuple[Problem, ...]]:
    """The ledger out of its tab. A damaged line is a problem, and its row is as if it had none.

    Raises:
        LedgerError: the head can't be read.
    """
    head = parse_head(text_at(tab, HEAD_ROW, TEXT_COLUMN))
    entries: dict[RowKey, Entry] = {}
    lines: dict[RowKey, int] = {}
    texts: dict[RowKey, str] = {}
    problems, damaged = [], set()
    for index in range(HEAD_ROW + 1, len(tab.cells)):
        key = parse_row_key(text_at(tab, index, KEY_COLUMN))
        if key is None or key in lines:
            continue
        text = text_at(tab, index, TEXT_COLUMN)
        lines[key], texts[key] = index, text
        try:
            entries[key] = parse_entry(text)
        except ValueError:
            problems.append(_damaged(tab, index, key))
            damaged.add(key)
    next_row = max(len(tab.cells), HEAD_ROW + 1)
    return Ledger(head, find_moment(tab), entries, lines, texts, next_row, frozenset(damaged)), tuple(problems)


def find_moment(tab: RawTab) -> datetime | None:
    """The heartbeat, in the zone of the run that wrote it; ``None`` before the first, and where somebody damaged it."""
    try:
        moment = datetime.fromisoformat(text_at(tab, HEAD_ROW, MOMENT_COLUMN))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _damaged(tab: RawTab, index: int, key: RowKey) -> Problem:
    return Problem(
        code="sheet.ledger-line",
        message=f"okr-sync's memory of {key.id} can't be read; its cells count as people's until accepted",
        place=CellPlace(tab.title, f"B{index + 1}"),
        fix="Accept what the machine wants with: okr-sync release --new.",
        subject=key.id,
    )


def text_at(tab: RawTab, row: int, column: int) -> str:
    """What stands in a cell, as text; "" where nothing does."""
    if row >= len(tab.cells) or column >= len(tab.cells[row]):
        return ""
    value = tab.cells[row][column].value
    return str(value) if value is not None else ""

"""What people left on a tab that is the engine's whole: found before the tab is drawn anew. Pure.

The ledger keeps of a drawing one short hash a row. A row that reads back with one of them is the engine's, wherever it
stands now; any other row with something in it holds what a person wrote.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from sync.sheet.cell import Address, Cell, CellValue, is_formula, round_number
from sync.sheet.plain import clean_text
from sync.sheet.store import Draw, Drawing, RawTab

Drift = tuple[tuple[str, str], ...]
"""Rows of people's: the address of the first cell, and all that stands in the row."""

_SIZE = 5  # characters a row, six bits each: 400 rows are 2 kB, and one foreign row in 10⁶ passes for one of them
_ROWS_AT_MOST = 2_000
_TEXT_AT_MOST = 30_000  # a cell of Runs holds 32,767
_JOINED = " · "
_LINED = " / "


def fingerprint(drawing: Drawing) -> str:
    """The hashes of a drawing's rows; "" (unknown) for one that is too large to be remembered.

    Fingerprints may be joined: then the rows of both drawings are known.
    """
    if len(drawing.rows) > _ROWS_AT_MOST:
        return ""
    rows = (_hash(map(_draw_text, (draw for draw in row if draw is not None))) for row in drawing.rows)
    return "".join(dict.fromkeys(rows))


def digest(drawing: Drawing) -> str:
    """One more hash, of all that a drawing says and how it looks, but for what tells of the run that drew it."""
    said = [[draw for draw in row if draw is not None and not draw.is_passing] for row in drawing.rows]
    return _hash([repr((said, drawing.widths, sorted((drawing.heights or {}).items()), drawing.charts))])


def shows(raw_tab: RawTab, drawing: Drawing) -> bool:
    """Whether every row of a drawing stands on a tab, but for those that tell of the run that drew it."""
    there = {_hash(texts) for row in raw_tab.cells if (texts := [text for cell in row if (text := _read(cell))])}
    return all(
        _hash(map(_draw_text, row_draws)) in there
        for row in drawing.rows
        if (row_draws := [draw for draw in row if draw is not None])
        and any(map(_draw_text, row_draws))
        and not any(draw.is_passing for draw in row_draws)
    )


def _draw_text(draw: Draw) -> str:
    return draw.formula or _say(draw.value)


def find_drift(raw_tab: RawTab, known: str) -> Drift:
    """The rows that aren't as the engine drew them. Nothing is claimed where nothing is known."""
    if not known:
        return ()
    hashes = {known[at : at + _SIZE] for at in range(0, len(known), _SIZE)}
    return tuple(_drifted(raw_tab.cells, hashes))


def join_drift(drift: Drift) -> Drift:
    """All rows as one, under the address of the first."""
    return ((drift[0][0], clean_text(_LINED.join(text for _, text in drift), _TEXT_AT_MOST)),) if drift else ()


def _drifted(rows: Sequence[Sequence[Cell]], hashes: set[str]) -> Iterator[tuple[str, str]]:
    for index, row in enumerate(rows):
        texts = {column: text for column, cell in enumerate(row) if (text := _read(cell))}
        if texts and _hash(texts.values()) not in hashes:
            yield str(Address(index, min(texts))), clean_text(_JOINED.join(texts.values()), _TEXT_AT_MOST)


def _hash(texts: Iterable[str]) -> str:
    """One row's hash; empty cells don't count, so that a column that a person put in changes nothing."""
    joined = "\x1f".join(" ".join(clean_text(text, _TEXT_AT_MOST).split()) for text in texts if text)
    return base64.urlsafe_b64encode(hashlib.sha256(joined.encode("utf-8", "replace")).digest())[:_SIZE].decode()


def _read(cell: Cell) -> str:
    if is_formula(cell) and cell.formula is not None:
        return cell.formula
    return cell.error or _say(cell.value)


def _say(value: CellValue) -> str:
    """A value as text, the same whether it is about to be drawn or was read back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ""  # a checkbox is there to be ticked: that is no text of anybody's
    if isinstance(value, Decimal):
        return f"{round_number(value):f}" if value.is_finite() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.strip()

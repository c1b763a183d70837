"""What a sheet of an older layout is given in Google: a new guard first, then what its columns lack. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.sheet.google_cell import Json
from sync.sheet.google_columns import Placed, Span, make_body_format, make_list, make_name_lists
from sync.sheet.google_style import make_colour
from sync.sheet.google_write import make_guard
from sync.sheet.growth import Gift, Given, Worn
from sync.sheet.layout import MERGED, guard_title
from sync.sheet.style import LOOKS, Style

_HEADERS = [make_colour(LOOKS[style].fill or "")["rgbColor"] for style in (Style.HEADER, Style.HEADER_MACHINE)]
_STEP = 1.5 / 255


def make_swap(ledger: str, old: Sequence[int], new: Sequence[int]) -> list[Json]:
    """The guard's swap: it makes the whole call fail where a run wrote since the sheet was read."""
    gone: list[Json] = [{"deleteSheet": {"sheetId": tab_id}} for tab_id in old]
    numbered = enumerate(new[: len(MERGED)], 1)
    return gone + [make_guard(tab_id, guard_title(number, ledger)) for number, tab_id in numbered]


def parse_worn(sheet: Mapping[str, Any], header_row: int) -> Worn:
    """How the columns of a tab look, out of an answer to ``WORN_MASK``."""
    blocks = sheet.get("data", ())
    rows = [row.get("values", ()) for row in blocks[0].get("rowData", ())] if blocks else []
    header = rows[header_row] if header_row < len(rows) else ()
    below = [(at, cell) for row in rows[header_row + 1 :] for at, cell in enumerate(row)]
    return Worn(
        headed=frozenset(at for at, cell in enumerate(header) if _is_headed(cell)),
        ruled=frozenset(at for at, cell in below if cell.get("dataValidation")),
        formatted=frozenset(at for at, cell in below if cell.get("userEnteredFormat")),
    )


def _is_headed(cell: Mapping[str, Any]) -> bool:
    """Whether a cell has the background of a header of ours. Sheets keeps colours in 256 steps and rounds them down."""
    made = cell.get("userEnteredFormat", {}).get("backgroundColorStyle", {}).get("rgbColor")
    return made is not None and any(
        all(abs(made.get(part, 0) - ours.get(part, 0)) < _STEP for part in ("red", "green", "blue"))
        for ours in _HEADERS
    )


def make_gifts(span: Span, given: Sequence[Given], names: str) -> Iterator[Json]:
    """The requests that give columns what they lack. ``names`` is where the names of people stand, as a formula."""
    for each in given:
        placed = Placed(each.at, each.header, each.column)
        if Gift.FORMAT in each.gifts:
            yield make_body_format(span, placed)
        if Gift.LIST in each.gifts:
            yield from make_list(span, placed)
            yield from make_name_lists(span, [placed], names) if names else ()
        if Gift.NOTE in each.gifts:
            start = {"sheetId": span.tab_id, "rowIndex": span.header_row, "columnIndex": each.at}
            rows = [{"values": [{"note": each.column.note}]}]
            yield {"updateCells": {"start": start, "rows": rows, "fields": "note"}}

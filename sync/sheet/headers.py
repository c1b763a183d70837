"""What the columns of a table are headed, in one line of headers or two. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sync.sheet.store import RawTab

JOINT = " / "
"""Between the two lines of a header that has two, where the config names a column by both: "Q4 / Target"."""


def header_texts(raw: RawTab, header_row: int) -> tuple[str, ...]:
    """What each column is headed. A cell left empty below another one takes that one's text: a header of two lines
    has many columns in its upper line alone, merged or not.
    """
    cells = raw.cells[header_row] if header_row < len(raw.cells) else ()
    above = _upper_texts(raw, header_row)
    width = max(len(cells), len(above))
    own = [cells[at].shown.strip() if at < len(cells) else "" for at in range(width)]
    return tuple(text or (above[at] if at < len(above) else "") for at, text in enumerate(own))


def joint_texts(raw: RawTab, header_row: int) -> tuple[str, ...]:
    """The header of each column with the line above it, "Q4 / Target"; "" where one of the two is missing."""
    cells = raw.cells[header_row] if header_row < len(raw.cells) else ()
    above = _upper_texts(raw, header_row)
    return tuple(
        f"{above[at]}{JOINT}{cell.shown.strip()}" if at < len(above) and above[at] and cell.shown.strip() else ""
        for at, cell in enumerate(cells)
    )


def _upper_texts(raw: RawTab, header_row: int) -> list[str]:
    """The line above a header; the text of a merged cell stands for all its columns."""
    if header_row == 0 or header_row > len(raw.cells):
        return []
    texts = [cell.shown.strip() for cell in raw.cells[header_row - 1]]
    for area in raw.merges:
        if area.top <= header_row - 1 <= area.bottom and area.left < len(raw.cells[area.top]):
            texts += [""] * (area.right + 1 - len(texts))
            text = raw.cells[area.top][area.left].shown.strip()
            texts[area.left : area.right + 1] = [text] * (area.right + 1 - area.left)
    return texts


def goes_on(raw: RawTab, header_row: int, row: int, known: Collection[str]) -> bool:
    """Whether one of the known headers is merged down from a row of headers into a later row."""
    return any(
        area.top <= header_row < row <= area.bottom
        and area.left < len(raw.cells[area.top])
        and fold(raw.cells[area.top][area.left].shown) in known
        for area in raw.merges
    )


def fold(text: str) -> str:
    """A header as headers are compared: case and spaces don't count."""
    return " ".join(text.split()).casefold()


def fold_all(texts: Iterable[str]) -> tuple[str, ...]:
    """Several headers as they are compared."""
    return tuple(map(fold, texts))

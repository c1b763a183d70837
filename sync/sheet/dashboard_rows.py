"""The rows that all sections of the Dashboard are made of: headings, key results, bars and chips. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from okr.model import KeyResult
from okr.number import render_bar
from okr.problem import CellPlace
from okr.result import KeyResultResult, ObjectiveResult
from sync.sheet.dashboard_facts import DashboardFacts
from sync.sheet.store import Draw
from sync.sheet.style import BAR_STYLE, STATUS_STYLE, Style

WIDTHS = (84, 396, 136, 150, 60, 104, 76, 440)
"""Id, name, owner, progress, score, status, change, why: pixels."""

COLUMNS = len(WIDTHS)
SECTION_AT_MOST = 8
LABELS = ("Owner", "Progress", "Score", "Status", "14 days", "Why")
_INDENT = "    "

Row = tuple[Draw | None, ...]
EMPTY: Row = ()


def heading(text: str, labels: Sequence[str] = ()) -> Row:
    """A section's heading over its id and name; ``labels`` stand over the columns after them."""
    rest = (*labels, *("" for _ in range(COLUMNS - 2 - len(labels))))
    aligned = [Draw(label or None, _LABEL_STYLE.get(label, Style.LABEL)) for label in rest]
    return (Draw(text, Style.HEADING, span=2), None, *aligned)


_LABEL_STYLE = {
    "Score": Style.LABEL_RIGHT,
    "14 days": Style.LABEL_RIGHT,
    "7 days": Style.LABEL_RIGHT,
    "Expected": Style.LABEL_RIGHT,
    "Status": Style.LABEL_CENTRED,
}


def more(count: int, at_most: int = SECTION_AT_MOST) -> str:
    """ ": 8 of 12" where a section shows only the first of its rows."""
    return f": {at_most} of {count}" if count > at_most else ""


def key_result_row(
    facts: DashboardFacts,
    kr: KeyResult,
    result: KeyResultResult,
    *,
    depth: int = 0,
    change: Decimal | None = None,
    why: str | None = None,
) -> Row:
    """One key result as a row; ``change`` and ``why`` are its own unless a section has something else to say."""
    moved = result.change if change is None else change
    return (
        id_cell(kr.key.id, kr.place, Style.MUTED),
        Draw(f"{_INDENT * depth}{kr.name}", Style.WRAPPED),
        owner(kr.owner, Style.TEXT),
        *marks(result, is_stale=kr.key in facts.stale),
        Draw(moved, Style.SIGNED) if moved else None,
        Draw(result.why if why is None else why, Style.MUTED),
    )


def id_cell(own_id: str, place: CellPlace | None, style: Style) -> Draw:
    """An id that leads to its row. After a sort it leads beside it, until the Dashboard is drawn again."""
    if place is None or not place.address:
        return Draw(own_id, style)
    quoted = "'" + place.tab.replace("'", "''") + "'"
    return Draw(own_id, style, link=f"#{quoted}!{place.address}")


def owner(name: str, style: Style) -> Draw:
    """Whose it is, or that it is nobody's."""
    return Draw(name or "no owner", style if name else Style.MUTED)


def indented(text: str, depth: int) -> str:
    """A text moved in by a level of the tree."""
    return f"{_INDENT * depth}{text}"


def marks(result: KeyResultResult | ObjectiveResult, *, is_stale: bool = False) -> Row:
    """Bar, score and status; grey where the value is old."""
    score, status = result.score, result.status
    bar = Style.BAR_IDLE if is_stale else BAR_STYLE.get(status, Style.BAR_IDLE)
    word = Draw(result.word, Style.STALE if is_stale else STATUS_STYLE[status])
    if score is None:
        return None, None, word
    return Draw(render_bar(score), bar), Draw(score, Style.SCORE), word


def sentences(title: str, items: Sequence[str]) -> Iterator[Row]:
    """A section of sentences, each over the whole width."""
    if items:
        yield heading(f"{title}{more(len(items))}")
        yield from ((None, Draw(text, Style.TEXT, span=COLUMNS - 1)) for text in items[:SECTION_AT_MOST])

"""The number that the working copy of a mapping gives now, beside the one that stands in the sheet. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from mappings.detail import render_source
from mappings.model import Gap, Reading
from sync.gate import SOURCE_AT_MOST
from sync.sheet.cell import round_number
from sync.sheet.layout import Field
from sync.sheet.plain import clean_line
from sync.sheet.rules import MANUAL_SOURCE
from sync.tell.explain import Explanation
from sync.tell.explain_score import render_amount
from sync.tell.explain_source import Line, render_moment


def render_comparison(found: Explanation) -> Iterator[Line]:
    """What the source says now, what the last run read, what the sheet shows, and whether the mapping was edited."""
    if not found.is_mapped:
        return
    yield "now", _render_now(found)
    good, current = found.entry.good, _shown(found, Field.CURRENT)
    if good is not None:
        as_of = good.as_of or found.heartbeat
        moment = f", read {render_moment(as_of, found)}" if as_of else ""
        yield "last read", f"{render_amount(found, good.value)}{moment}"
    yield "sheet", f"{current or 'empty'}{_render_difference(found)}"
    edited = is_edited(found)
    if (_written(found) or "").startswith(MANUAL_SOURCE):
        yield "mapping", "new since the last run: people typed Current until then"
    elif edited is not None:
        yield "mapping", f"edited since; the last run read {_written(found)}" if edited else "as the last run read it"


def _render_now(found: Explanation) -> str:
    if isinstance(found.outcome, Reading):
        return f"{render_amount(found, found.outcome.value)}, of {render_moment(found.outcome.as_of, found)}"
    return f"no reading: {found.outcome.reason}" if isinstance(found.outcome, Gap) else "not asked"


def _render_difference(found: Explanation) -> str:
    """How far the value now is from the last one read."""
    good = found.entry.good
    if not isinstance(found.outcome, Reading) or good is None:
        return ""
    if any(cell.held or cell.waiting for cell in found.cells if cell.field is Field.CURRENT):
        return ", typed by a person"
    difference = _moved(found) or Decimal(0)
    if not difference:
        return "; the source says the same"
    size = render_amount(found, abs(difference)).replace(" %", " points")
    return f"; the source has moved {'up' if difference > 0 else 'down'} by {size}"


def _moved(found: Explanation) -> Decimal | None:
    """How far the value now is from the last good one, which was kept with as many digits as a cell holds."""
    good = found.entry.good
    if not isinstance(found.outcome, Reading) or good is None:
        return None
    return round_number(found.outcome.value) - good.value


def is_edited(found: Explanation) -> bool | None:
    """Whether the query is another than the one of the last run; ``None`` where that isn't known.

    The dates of its window move with the cycle, and count as another too.
    """
    written = _written(found)
    return written != clean_line(render_source(found.bound), SOURCE_AT_MOST) if written and found.bound else None


def _written(found: Explanation) -> str:
    """The Source cell as the machine last wrote it."""
    base = found.entry.bases.get(Field.SOURCE)
    return base if isinstance(base, str) else ""


def _shown(found: Explanation, field: Field) -> str:
    return next((cell.shown for cell in found.cells if cell.field is field), "")


def comparison_json(found: Explanation) -> dict[str, Any] | None:
    """The same for programs; ``None`` where nothing was asked."""
    if found.outcome is None:
        return None
    now = found.outcome.value if isinstance(found.outcome, Reading) else None
    good = found.entry.good
    return {
        "now": now,
        "last_good": good.value if good else None,
        "moved": _moved(found),
        "sheet": _shown(found, Field.CURRENT),
        "mapping_edited": is_edited(found),
    }

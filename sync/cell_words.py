"""What stands in a cell, as a person reads it. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from okr.model import KeyResult
from okr.number import render_number, render_score
from sync.sheet.layout import Field
from sync.sheet.merge import Want, Wanted


def render_canon(field: Field, value: Want, kr: KeyResult | None, today: date) -> str:
    """A cell's value as a person reads it."""
    if isinstance(value, Wanted):
        return "?"
    if value is None:
        return "nothing"
    if isinstance(value, date):
        return render_day(value, today)
    if isinstance(value, Decimal):
        if field is Field.CURRENT and kr is not None:
            return render_number(value, kr.unit, is_share=kr.is_share)
        return render_score(value) if field is Field.SCORE else f"{value:f}"
    return value

"""What vendors' JSON means as typed values: exact numbers, days, aware moments; empty is absent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from mappings.model import Value

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})")


def parse_number(found: float | Decimal) -> Decimal:
    """A number of JSON exactly as it was written; a float by its shortest text, never its binary expansion."""
    return found if isinstance(found, Decimal) else Decimal(str(found))


def parse_text(found: str) -> Value:
    """A text, or the day or moment that it spells in ISO 8601; ``None`` when it is empty."""
    try:
        if _DAY.fullmatch(found):
            return date.fromisoformat(found)
        if _MOMENT.fullmatch(found):
            moment = datetime.fromisoformat(found)
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except ValueError:  # 2026-02-31: a text that only looks like a day
        return found
    return found or None


def parse_plain(found: Any) -> Value:
    """A scalar of JSON. What is neither text, number nor truth is ``None``."""
    if isinstance(found, bool):
        return found
    if isinstance(found, int | float | Decimal):
        number = parse_number(found)
        return number if number.is_finite() else None
    return parse_text(found) if isinstance(found, str) else None


def parse_cell(found: Any) -> Value:
    """A value of any shape: several as a tuple, people and files by their names, a formula's error as empty."""
    if isinstance(found, list):
        return tuple(value for each in found if (value := parse_cell(each)) is not None) or None
    if isinstance(found, dict):
        named = (found.get(name) for name in ("name", "filename", "text", "label", "email", "value", "id"))
        return next((parse_plain(each) for each in named if each is not None), None)
    return parse_plain(found)

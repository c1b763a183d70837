"""What every source may be asked to filter by before we judge each record ourselves: only what loses none."""

from __future__ import annotations

import re

from mappings.number import parse_number

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}.*", re.S)
_TRUTH = {"yes", "no", "true", "false"}


def is_plain_text(value: str) -> bool:
    """Whether a field that equals this text also shows it: not a number, a day or a truth."""
    if not value or value != value.strip() or value.lower() in _TRUTH or parse_number(value) is not None:
        return False
    return _DATE.fullmatch(value) is None

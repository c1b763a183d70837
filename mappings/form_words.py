"""pydantic's error types in plain words: what was expected, and what was found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "text",
    "bool_parsing": "yes or no",
    "bool_type": "yes or no",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "finite_number": "a finite number",
    "date_parsing": "a day as 2026-12-31",
    "date_type": "a day as 2026-12-31",
    "date_from_datetime_parsing": "a day as 2026-12-31",
    "date_from_datetime_inexact": "a day as 2026-12-31",
    "datetime_parsing": "a time as 2026-12-31T08:00:00+01:00",
    "datetime_type": "a time as 2026-12-31T08:00:00+01:00",
    "datetime_from_date_parsing": "a time as 2026-12-31T08:00:00+01:00",
    "time_parsing": "a time of day as 08:00",
    "time_delta_parsing": "a length of time",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a map of keys",
    "mapping_type": "a map of keys",
    "model_type": "a map of keys",
    "model_attributes_type": "a map of keys",
    "url_parsing": "an address as https://example.com",
    "url_scheme": "an address as https://example.com",
}
_BOUND = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def explain_form_error(detail: ErrorDetails, found: str) -> str:
    """One sentence, without place and fix. ``found`` says what stands there."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, found {found}"
    if kind in _BOUND:
        words, key = _BOUND[kind]
        return f"expected {words} {context.get(key)}, found {found}"
    if kind in ("literal_error", "enum"):
        words = re.sub(r"'([^']*)'", r"\1", str(context.get("expected", "")))
        return f"expected {words}, found {found}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", detail["msg"]))
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "some text has to stand here, and it is empty"
    if kind in ("too_short", "string_too_short"):
        return f"expected at least {context.get('min_length')}, found {found}"
    if kind == "string_pattern_mismatch":
        return f"{found} is not written as expected here"
    message = detail["msg"]
    return f"{message[:1].lower()}{message[1:]}, found {found}"

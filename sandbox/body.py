"""JSON in requests and answers, with numbers that keep their digits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request, Response


def parse_json(request: Request) -> Any:
    """Read a request's JSON, numbers with a point as Decimal. Raises ValueError when it is none."""
    return json.loads(request.get_data(), parse_float=Decimal)


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer of JSON. A Decimal is written as the number it is."""
    text = json.dumps(body, ensure_ascii=False, default=_plain_number)
    return Response(text, status, headers=dict(headers or {}), content_type="application/json; charset=utf-8")


def _plain_number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{value!r} can't be written as JSON")


def read_body(request: Request) -> tuple[Any, str]:
    """Return a request's JSON, or None, and its text when it is no JSON; for the log."""
    raw = request.get_data()
    try:
        return (json.loads(raw, parse_float=Decimal) if raw else None), ""
    except ValueError:
        return None, raw.decode("utf-8", "replace")

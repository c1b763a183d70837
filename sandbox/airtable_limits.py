"""How much Airtable takes: calls a second, and the length of an address.

After airtable.com/developers/web/api, "Rate limits" and "URL length limit".
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from sandbox.wire import Quota

PENALTY = 30.0
LONGEST_URL = 16_000
"""Longer ones are refused (gtalarico/pyairtable#203) with 414 (Airtable/airtable.js#392); the body isn't known."""

_HOST = "https://api.airtable.com"
_TOO_LONG = "<html><head><title>414 Request-URI Too Large</title></head><body></body></html>"


def make_quotas() -> list[Quota]:
    """Make the limits: 5 requests a second for each base, 50 for each person or service account."""
    return [
        Quota(5, 1.0, key=_base_of, penalty=PENALTY, name="5 requests a second per base"),
        Quota(50, 1.0, key=_token_of, penalty=PENALTY, name="50 requests a second per person"),
    ]


def refuse_long(request: Request) -> Response | None:
    """Refuse a request whose address would be too long on the real host."""
    sent = request.environ.get("REQUEST_URI") or request.full_path
    return Response(_TOO_LONG, 414, content_type="text/html") if len(_HOST) + len(sent) > LONGEST_URL else None


def _token_of(request: Request) -> str | None:
    return request.headers.get("Authorization")


def _base_of(request: Request) -> str | None:
    """Return the base that a request is counted against."""
    parts = request.path.strip("/").split("/")
    found = parts[3] if parts[1:3] == ["meta", "bases"] and len(parts) > 3 else parts[1] if len(parts) > 1 else ""
    return found if found.startswith("app") else None

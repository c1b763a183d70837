"""What GitHub means by its refusals. Sends nothing.

"Rate limits for the REST API" and "Troubleshooting the REST API" (docs.github.com): a rate limit is a 403 or a 429.
With Retry-After one waits as long; else, with ``x-ratelimit-remaining: 0``, until ``x-ratelimit-reset`` (seconds since
1970, in UTC); else a minute at the least. What a token may not see is a 404, as if it weren't there; in a search a 422.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.base import SourceMisread, SourceRefused, SourceUnavailable
from connectors.known_limit import KnownLimit
from connectors.reply import Asked, parse_http_date, retry_after, service_message, trimmed

if TYPE_CHECKING:
    from requests import Response

_SEARCH = "https://docs.github.com/en/rest/search/search"
_RATES = "https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"
LIMITS = (
    KnownLimit("calls", "30 searches a minute, see searches; 5,000 other calls an hour for an account", _RATES),
    KnownLimit("penalty", "GitHub says how long to wait, for its limits and for secondary ones, and okr-sync waits"),
    KnownLimit("page", "100 records; a search lists 1,000 at the most and counts them all in one call", _SEARCH),
)
"""What decides how long a run takes."""


_A_MINUTE = 60.0
RIGHTS = "read access to Issues, Pull requests, Contents and Actions"


def make_look(asked: Asked, now: Callable[[], datetime]) -> Callable[[Response], None]:
    """What looks at every answer before its status is judged as any service's."""

    def look(response: Response) -> None:
        status = response.status_code
        if status in {403, 429}:
            _check_limits(response, asked, now())
            if status == 403:
                raise _say_forbidden(response, asked)
        if status == 404:
            raise SourceRefused(
                f"{asked.place} knows no {_subject(response)}, or doesn't let us see it (404).",
                fix=f"Check the name, and that the token of {asked.credential} has this repository and {RIGHTS}.",
            )
        if status == 422:
            raise _say_invalid(response, asked)

    return look


def _check_limits(response: Response, asked: Asked, now: datetime) -> None:
    wait = limit_wait(response.headers, service_message(response), now)
    if wait is not None:
        which = "secondary rate limit" if "secondary" in service_message(response).lower() else "rate limit"
        raise SourceUnavailable(
            f"{asked.place} asks to be left alone for {wait:,.0f} s ({response.status_code}, {which}).",
            retry_after=wait,
            fix="The next run tries again; other programs with the same token use up the same limit.",
        )


def limit_wait(headers: Mapping[str, str], said: str, now: datetime) -> float | None:
    """The seconds that a rate limit lasts; ``None`` where the refusal is of another kind."""
    told = retry_after(headers, now)
    if told is not None:
        return told
    if headers.get("X-RateLimit-Remaining") == "0" and headers.get("X-RateLimit-Reset", "").isdecimal():
        reset = datetime.fromtimestamp(int(headers["X-RateLimit-Reset"]), UTC)
        return max(1.0, (reset - (parse_http_date(headers.get("Date", "")) or now)).total_seconds())
    return _A_MINUTE if "rate limit" in said.lower() else None


def _say_forbidden(response: Response, asked: Asked) -> SourceRefused:
    said = service_message(response)
    if "SAML" in said or response.headers.get("X-GitHub-SSO"):
        fix = f"Authorize the token of {asked.credential} for the organization's single sign-on, in GitHub's settings."
    else:
        fix = f"Give the token of {asked.credential} this repository and {RIGHTS}."
    return SourceRefused(f"{asked.place} answered 403: {said or 'forbidden'}", fix=fix)


def _say_invalid(response: Response, asked: Asked) -> SourceMisread | SourceRefused:
    said = _validation(response)
    if "cannot be searched" in said:
        fix = f"Check the repository's name, and that the token of {asked.credential} has it and {RIGHTS}."
        return SourceRefused(f"{asked.place} answered 422: {said}", fix=fix)
    return SourceMisread(f"{asked.place} answered 422: {said}", fix="Correct the query.")


def _validation(response: Response) -> str:
    """All that a “Validation Failed” says: what failed stands in its ``errors``."""
    try:
        found: Any = json.loads(response.content)
        errors = [each.get("message") or each.get("code") for each in found.get("errors") or ()]
        return trimmed(" ".join(map(str, filter(None, errors))) or str(found.get("message", "")))
    except (ValueError, AttributeError, TypeError):
        return "the query is refused"


def _subject(response: Response) -> str:
    """What was asked for: ``acme/web``, ``workflow ci.yml in acme/web``."""
    parts = urlsplit(response.url or "").path.partition("/repos/")[2].split("/")
    if len(parts) < 2:
        return "such thing"
    repo = "/".join(parts[:2])
    return f"workflow {parts[4]} in {repo}" if parts[2:4] == ["actions", "workflows"] and len(parts) > 4 else repo


def parse_token_end(headers: Mapping[str, str]) -> datetime | None:
    """When the token of an answer ends, which GitHub tells of every personal access token that does.

    "Expiration options for personal access tokens" (github.blog, 26 July 2021); the zone is UTC or an offset.
    """
    text = headers.get("GitHub-Authentication-Token-Expiration", "").strip().replace(" UTC", " +0000")
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None

"""Tokens of which it is known until when they are good: a JSON Web Token has its end inside (RFC 7519, ``exp``), and of
some others the service tells it with its answers (GitHub).

Jira's and Airtable's own tell it to their services' pages only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.jwt import read_claims
from connectors.secret import Secret
from okr.problem import OkrSyncError
from sync.care.doctor_rules import Check, Level
from sync.load import Source

SOON = timedelta(days=14)
"""So long before its end a token is worth a look."""


def check_tokens(
    sources: Mapping[str, Source],
    environ: Mapping[str, str],
    folder: Path,
    now: datetime,
    told: Mapping[str, datetime],
) -> Iterator[Check]:
    """The tokens that end soon, or have. A secret that can't be had is told of where its source is asked.

    ``told`` is what services said with their answers, by source.
    """
    for name, source in sources.items():
        for field in type(source.options).model_fields:
            secret = getattr(source.options, field)
            ends = _find_end(secret, environ, folder) or told.get(name) if isinstance(secret, Secret) else None
            if ends is not None and ends - now < SOON:
                yield _say(name, secret, ends, now)


def _find_end(secret: Secret, environ: Mapping[str, str], folder: Path) -> datetime | None:
    try:
        return read_end(secret.fetch(environ, folder).reveal())
    except OkrSyncError:
        return None


def read_end(token: str) -> datetime | None:
    """The moment from which a token is no good any more; ``None`` for one that doesn't say."""
    try:
        return datetime.fromtimestamp(read_claims(token)["exp"], UTC)
    except (ValueError, TypeError, LookupError, OverflowError, OSError):
        return None


def _say(name: str, secret: Secret, ends: datetime, now: datetime) -> Check:
    when = ends.astimezone(now.tzinfo)
    said = f"its token {'ended' if ends <= now else 'ends'} on {when:%d %b %Y %H:%M}"
    return Check(name, Level.LOOK, said, f"Renew {secret.reference} before that.")

"""What the forms of several connectors share. Imports pydantic: import this inside ``options_form`` and ``form``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Form(BaseModel):
    """A form refuses what it doesn't know, so that a misspelt key is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def parse_url(text: str) -> str:
    """A service's address without a slash at its end.

    Raises:
        ValueError: it is no address, holds a password, or would send a token unencrypted over a network.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write the whole address: https://…")
    if parts.username or parts.password:
        raise ValueError("leave name and password out of the url; secrets are written as env:NAME")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("write https://: over http the token could be read on the way")
    return text.strip().rstrip("/")


def parse_zone(text: str) -> str:
    """A zone's name from the IANA database, such as Europe/Berlin. Raises ValueError."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a zone's name such as Europe/Berlin or UTC") from None
    return text


def parse_rate(calls: float) -> float:
    """Calls per second. Raises ValueError for what would never call."""
    if not 0 < calls <= 1000:
        raise ValueError("write how many calls a second, such as 5")
    return calls


Url = Annotated[str, AfterValidator(parse_url)]
Zone = Annotated[str, AfterValidator(parse_zone)]
Rate = Annotated[float, AfterValidator(parse_rate)]

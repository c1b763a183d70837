"""Google's credentials: JSON of a service account's key, a user, or a workload without a key; and their messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.base import SourceRefused, SourceUnavailable
from connectors.home import expand_home
from connectors.secret import Secret, remember_secret

_SECRETS = frozenset({"private_key", "refresh_token", "client_secret"})


class GoogleUnavailable(SourceUnavailable):
    """Google is down, slow, or over its quota; nothing was written. Reads were tried again already."""


class GoogleRefused(SourceRefused):
    """The account may not do this; says with whom to share the sheet."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a session's messages tell people to correct, and as what the account has to be let in.

    ``retries_pages``: whether a web page with status 200 in place of an answer is asked for again, or taken for what it
    mostly is, a proxy's login page.
    """

    sheet: str = "sheet.google"
    credentials: str = "sheet.credentials"
    role: str = "an editor"
    retries_pages: bool = True


def parse_credentials(credentials: Secret | Mapping[str, Any] | Path | str, setting: str) -> dict[str, Any]:
    """The credentials' JSON. Raises GoogleRefused, naming the setting, where there is none."""
    info: Any = (
        dict(credentials) if isinstance(credentials, Mapping) else _parse_key(_key_text(credentials, setting), setting)
    )
    _remember(info)
    return dict(info)


def _remember(info: Mapping[str, Any]) -> None:
    """Whatever in it is secret, also inside the person's credentials who acts as a service account."""
    for name, value in info.items():
        if isinstance(value, Mapping):
            _remember(value)
        elif isinstance(value, str) and name in _SECRETS:
            remember_secret(value)


def _key_text(credentials: Secret | Path | str, setting: str) -> str:
    if isinstance(credentials, Secret):
        return credentials.reveal()
    try:
        return expand_home(credentials).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GoogleRefused(
            f"The credentials file {credentials} can't be read ({type(error).__name__}).",
            fix=f"Correct {setting}.",
            everything=True,
        ) from None


def _parse_key(text: str, setting: str) -> Any:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        info = None
    if not isinstance(info, dict):
        raise GoogleRefused(
            f"{setting} lead to something that is no JSON key of a service account.",
            fix="Point them at the key file: file:/path/key.json.",
            everything=True,
        )
    return info

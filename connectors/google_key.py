"""Google's credentials: JSON of a service account's key, a user, or a workload without a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.google_error import GoogleRefused
from connectors.secret import Secret, remember_secret


def parse_credentials(credentials: Secret | Mapping[str, Any] | Path | str, setting: str) -> dict[str, Any]:
    """The credentials' JSON. Raises GoogleRefused, naming the setting, where there is none."""
    info: Any = (
        dict(credentials) if isinstance(credentials, Mapping) else _parse_key(_key_text(credentials, setting), setting)
    )
    for name in ("private_key", "refresh_token", "client_secret"):
        if isinstance(info.get(name), str):
            remember_secret(info[name])
            remember_secret(json.dumps(info[name])[1:-1])
    return dict(info)


def _key_text(credentials: Secret | Path | str, setting: str) -> str:
    if isinstance(credentials, Secret):
        return credentials.reveal()
    try:
        return Path(credentials).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GoogleRefused(
            f"The credentials file {credentials} can't be read ({type(error).__name__}).",
            fix=f"Correct {setting}.",
            everything=True,
        ) from None


def _parse_key(text: str, setting: str) -> Any:
    try:
        info = json.loads(text)
    except ValueError:
        info = None
    if not isinstance(info, dict):
        raise GoogleRefused(
            f"{setting} lead to something that is no JSON key of a service account.",
            fix="Point them at the key file: file:/path/key.json.",
            everything=True,
        )
    return info

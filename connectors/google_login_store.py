"""Where a person's sign-in is kept: a file in the user's config folder that nobody else may read, or the keyring."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.secret import Reference, Secret, SecretMissing, fetch_secret
from okr.problem import OkrSyncError

LOGIN = "login"
"""What the config says in place of a key."""

_SERVICE, _USER = "okr-sync", "google"
_KEYRING = Reference("keyring", f"{_SERVICE}/{_USER}")
_SIGN_IN = "Sign in: okr-sync login google."


class LoginNotStored(OkrSyncError):
    """The sign-in can't be kept. What was kept before stays."""


def find_login_file() -> Path:
    """The file; on Linux under XDG_CONFIG_HOME or ~/.config, elsewhere where that system keeps such things."""
    import click

    return Path(click.get_app_dir("okr-sync")) / "google.json"


def fetch_login_secret() -> Secret:
    """What was kept: the file's text, else the keyring's. ``where`` of the reference says which.

    Raises:
        SecretMissing: nobody has signed in; says that to the person who can.
    """
    path = find_login_file()
    if path.exists():
        return Secret(Reference(LOGIN, str(path)), fetch_secret(Reference("file", str(path)), {}).reveal())
    try:
        return Secret(Reference(LOGIN, "the keyring"), fetch_secret(_KEYRING, {}).reveal())
    except SecretMissing as error:
        tried = f" {error.message}" if sys.modules.get("keyring") else ""
        said = f"Nobody has signed in with Google on this machine: there is no {path}.{tried}"
        raise SecretMissing(said, fix=_SIGN_IN) from None


def apply_login(info: Mapping[str, Any], *, keyring: bool) -> str:
    """Keep a sign-in in place of an earlier one; where it is now.

    Raises:
        LoginNotStored: it can't be kept there.
    """
    text = json.dumps(info, indent=2)
    if not keyring:
        return _write(find_login_file(), text)
    _ask_keyring("set_password", text)
    find_login_file().unlink(missing_ok=True)
    return "the keyring"


def forget_login() -> bool:
    """Keep nothing any more; whether there was something. A keyring that can't be opened is left alone."""
    path = find_login_file()
    found = path.exists()
    path.unlink(missing_ok=True)
    try:
        if _ask_keyring("get_password") is None:
            return found
        _ask_keyring("delete_password")
    except LoginNotStored:
        return found
    return True


def _write(path: Path, text: str) -> str:
    """Whole or not at all; nobody else can read it at any moment."""
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        new.replace(path)
    except OSError as error:
        raise LoginNotStored(
            f"The sign-in can't be kept: {error.filename or path}: {error.strerror}.",
            fix="Correct that, and run okr-sync login google again; or keep it in the keyring: --keyring.",
        ) from None
    return str(path)


def _ask_keyring(call: str, *more: str) -> Any:
    """One call about our entry, with the errors in our words. Raises LoginNotStored."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]
    except ModuleNotFoundError:
        raise LoginNotStored(
            "--keyring needs the keyring library.", fix="Install it: pip install 'okr-sync[keyring]'"
        ) from None
    try:
        return getattr(keyring, call)(_SERVICE, _USER, *more)
    except Exception as error:  # noqa: BLE001 - back-ends raise whatever their desktop raises
        raise LoginNotStored(
            f"The keyring didn't answer: {type(error).__name__}.", fix="Unlock it, or leave out --keyring."
        ) from None

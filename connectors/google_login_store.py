"""Where a person's sign-in is kept: a file in the user's config folder that nobody else may read, or the keyring."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from connectors.home import expand_home
from connectors.secret import Reference, Secret, SecretMissing, fetch_secret, may_exist
from okr.problem import OkrSyncError

LOGIN = "login"
"""What the config says in place of a key."""

KEYRING = "the keyring"
_SERVICE, _USER = "okr-sync", "google"
_KEYRING = Reference("keyring", f"{_SERVICE}/{_USER}")
_SIGN_IN = "Sign in: okr-sync login google."


class LoginNotStored(OkrSyncError):
    """The sign-in can't be kept. What was kept before stays."""


def find_login_file() -> Path:
    """The file; on Linux under XDG_CONFIG_HOME or ~/.config, elsewhere where that system keeps such things.

    It is never looked for, nor kept, in the folder where somebody happens to be: XDG_CONFIG_HOME counts as not set
    where it is empty or relative (https://specifications.freedesktop.org/basedir-spec/latest/).

    Raises:
        SecretMissing: the user has no home folder, as in a container with a number for a user.
    """
    import click

    folder = Path(click.get_app_dir("okr-sync"))
    if not folder.is_absolute():
        folder = expand_home("~/.config") / "okr-sync"
    if not folder.is_absolute():
        raise SecretMissing(
            "This user has no home folder in which a sign-in to Google is kept.",
            fix="Set HOME; or name the kept file: credentials: file:PATH.",
        )
    return folder / "google.json"


def fetch_login_secret() -> Secret:
    """What was kept: the file's text, else the keyring's. ``where`` of the reference says which.

    Raises:
        SecretMissing: nobody has signed in; says that to the person who can.
    """
    path = find_login_file()
    if may_exist(path):
        return Secret(Reference(LOGIN, str(path)), fetch_secret(Reference("file", str(path)), {}).reveal())
    try:
        return Secret(Reference(LOGIN, KEYRING), fetch_secret(_KEYRING, {}).reveal())
    except SecretMissing as error:
        tried = f" {error.message}" if sys.modules.get("keyring") else ""
        said = f"Nobody has signed in with Google on this machine: there is no {path}.{tried}"
        raise SecretMissing(said, fix=_SIGN_IN) from None


def fetch_kept() -> list[str]:
    """All that is kept, in the file and in the keyring: earlier ones may lie in either. What can't be read is "".

    Raises:
        SecretMissing: the user has no home folder.
    """
    found = []
    path = find_login_file()
    if may_exist(path):
        try:
            found.append(fetch_secret(Reference("file", str(path)), {}).reveal())
        except SecretMissing:
            found.append("")
    try:
        found.append(fetch_secret(_KEYRING, {}).reveal())
    except SecretMissing:
        return found
    return found


def check_place(*, keyring: bool | None) -> bool:
    """Whether the keyring is the place to keep a sign-in: asked before anybody goes through one. ``None`` leaves it
    where the last one is.

    Raises:
        SecretMissing, LoginNotStored: it couldn't be kept there.
    """
    if keyring is None:
        keyring = _is_in_keyring()
    if keyring:
        _ask_keyring("get_password")
    else:
        with _fresh(find_login_file()):
            pass
    return keyring


def _is_in_keyring() -> bool:
    try:
        return fetch_login_secret().reference.where == KEYRING
    except SecretMissing:
        return False


def apply_login(info: Mapping[str, Any], *, keyring: bool) -> str:
    """Keep a sign-in in place of an earlier one; where it is now.

    Raises:
        LoginNotStored: it can't be kept there.
    """
    text = json.dumps(info, indent=2)
    if not keyring:
        return _write(find_login_file(), text)
    _ask_keyring("set_password", text)
    _delete(find_login_file())
    return KEYRING


def forget_login() -> bool:
    """Keep nothing any more; whether there was something. A keyring that can't be opened is left alone."""
    found = _delete(find_login_file())
    try:
        if _ask_keyring("get_password") is None:
            return found
        _ask_keyring("delete_password")
    except LoginNotStored:
        return found
    return True


def _delete(path: Path) -> bool:
    """Whether there was something. Raises LoginNotStored."""
    if not may_exist(path):
        return False
    try:
        path.unlink()
    except OSError as error:
        raise LoginNotStored(
            f"The sign-in in {path} can't be deleted: {error.strerror}.", fix="Delete that file yourself."
        ) from None
    return True


def _write(path: Path, text: str) -> str:
    """Whole or not at all; nobody else can read it at any moment."""
    with _fresh(path) as (file, new):
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
        new.replace(path)
    return str(path)


@contextmanager
def _fresh(path: Path) -> Iterator[tuple[IO[str], Path]]:
    """A new file beside the path, for its owner alone whatever the umask is; gone in the end if it is still there.

    It has a name of its own: somebody may be signing in twice at once. Raises LoginNotStored.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        new = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                new.chmod(0o600)
                yield file, new
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise LoginNotStored(
            f"The sign-in can't be kept in {path}: {error.strerror}.",
            fix="Correct that, and run okr-sync login google again; or keep it in the keyring: --keyring.",
        ) from None


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

"""Sign in to Google as oneself, and out again: which OAuth client, how the answer comes back, where it is kept."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.google_login import (
    MANAGE,
    Attempt,
    Client,
    LoginRefused,
    WrongAddress,
    fetch_login,
    is_answer,
    make_attempt,
    parse_answer,
    parse_client,
    revoke,
)
from connectors.google_login_store import apply_login, check_place, fetch_kept, fetch_login_secret, forget_login
from connectors.home import expand_home
from connectors.secret import SecretMissing
from sync.care.login_door import open_door

WAIT = 600.0
"""Seconds in which somebody finds their password, their phone and the right account."""

ELSEWHERE = "http://127.0.0.1:8085"
"""Where a browser on another machine is sent: nobody answers there, and its address bar keeps the code."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants to sign in. ``paste`` asks for the address that a browser elsewhere ended at, and is told what
    was wrong with the last one. ``keyring``: keep it there; ``None``: where the last one is.
    """

    client: Client
    show: Callable[[str], None]
    paste: Callable[[WrongAddress | None], str] | None = None
    read_only: bool = False
    keyring: bool | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and where that is kept."""

    account: str
    place: str


def load_client(path: Path | None) -> Client:
    """The OAuth client of a file, or that of the last sign-in.

    Raises:
        LoginRefused: there is none.
    """
    if path is not None:
        try:
            return parse_client(expand_home(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise LoginRefused(f"{path} can't be read: {why}.", fix="Name the JSON of your OAuth client.") from None
    try:
        return parse_client(fetch_login_secret().reveal())
    except SecretMissing:
        raise LoginRefused(
            "To sign in for the first time, okr-sync needs an OAuth client of yours.",
            fix="Make one in five minutes (docs/connect/google.md, “As yourself”), then: okr-sync login google "
            "--client client.json. From then on okr-sync login google is enough.",
        ) from None


def sign_in(wishes: Wishes) -> SignedIn:
    """Let a person say yes, and keep what Google gives.

    Raises:
        LoginRefused, LoginNotStored, SecretMissing: nobody signed in; an earlier sign-in stays.
    """
    keyring = check_place(keyring=wishes.keyring)
    attempt, code = _ask_here(wishes) if wishes.paste is None else _ask_elsewhere(wishes, wishes.paste)
    info = fetch_login(attempt, code)
    return SignedIn(str(info["account"]), apply_login(info, keyring=keyring))


def _ask_here(wishes: Wishes) -> tuple[Attempt, str]:
    with open_door() as door:
        attempt = make_attempt(wishes.client, door.address, read_only=wishes.read_only)
        door.is_answer = lambda address: is_answer(address, attempt)
        wishes.show(attempt.address)
        try:
            return attempt, parse_answer(door.wait(WAIT), attempt)
        except TimeoutError:
            raise LoginRefused(
                f"Nobody answered the consent page within {WAIT / 60:.0f} minutes.",
                fix="Run okr-sync login google again. Is the browser on another machine? Then add --no-browser.",
            ) from None


def _ask_elsewhere(wishes: Wishes, paste: Callable[[WrongAddress | None], str]) -> tuple[Attempt, str]:
    attempt = make_attempt(wishes.client, ELSEWHERE, read_only=wishes.read_only)
    wishes.show(attempt.address)
    wrong: WrongAddress | None = None
    while True:
        try:
            return attempt, parse_answer(paste(wrong), attempt)
        except WrongAddress as error:
            wrong = error


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What a sign-out did. ``trouble`` is why Google couldn't be told; empty where it was."""

    was_there: bool
    account: str = ""
    trouble: str = ""


def sign_out() -> SignedOut:
    """End the sign-in at Google, and forget it, also an earlier one in the other place. It is forgotten even where
    Google can't be told.

    Raises:
        SecretMissing, LoginNotStored: it can't be looked for, or not be deleted.
    """
    kept = [_parse(text) for text in fetch_kept()]
    troubles = dict.fromkeys(filter(None, map(_end, kept)))
    accounts = dict.fromkeys(str(info["account"]) for info in kept if info.get("account"))
    trouble = " ".join((*troubles, f"End it yourself: {MANAGE}")) if troubles else ""
    return SignedOut(was_there=forget_login() or bool(kept), account=" and ".join(accounts), trouble=trouble)


def _end(info: Mapping[str, Any]) -> str:
    """Tell Google; why it couldn't be told, empty where it was."""
    try:
        revoke(info)
    except LoginRefused as error:
        return error.message
    except LookupError:
        return "What was kept can't be read, or is no sign-in."
    return ""


def _parse(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def has_browser(environ: Mapping[str, str]) -> bool:
    """Whether a browser can be opened that a person sees: not the text browser of a server without a screen."""
    import webbrowser

    needs_screen = os.name == "posix" and sys.platform != "darwin"
    if needs_screen and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") or environ.get("BROWSER")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True

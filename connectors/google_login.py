"""How a person lets okr-sync act in their name at Google: by an OAuth client of their own, of the type Desktop app.

RFC 8252 and https://developers.google.com/identity/protocols/oauth2/native-app: the consent page sends the browser to a
loopback address with a code; the code is exchanged for a refresh token. ``state`` ties the answer to this attempt, and
only who knows the verifier of the challenge may exchange the code (PKCE with S256, RFC 7636).

google-auth-oauthlib does the same, but refuses a loopback stand-in unless a variable switches its checks off for the
whole process, ends at the first stray request of a browser, and can't take a pasted address (1.5.0).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors.google_ways import EMAIL, READ_ONLY, SPREADSHEETS
from connectors.jwt import read_claims
from connectors.secret import redact, remember_secret
from okr.problem import OkrSyncError

_TIMEOUT = (5, 60)
_MAKE = "Make a client of the type Desktop app in the Google Cloud console, and save its JSON: docs/connect/google.md."
_AGAIN = "Run okr-sync login google again."
MANAGE = "https://myaccount.google.com/connections"
"""Where people see and end what they allowed."""


class LoginRefused(OkrSyncError):
    """Nobody signed in; whatever was stored before stays."""


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client. Its secret is none for a desktop app, says Google, but goes nowhere all the same."""

    id: str
    secret: str = field(repr=False)
    auth_uri: str
    token_uri: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. ``redirect`` is where the browser comes back to."""

    client: Client
    redirect: str
    scopes: tuple[str, ...]
    state: str
    verifier: str = field(repr=False)

    @property
    def address(self) -> str:
        """The consent page. A refresh token comes with ``offline``, and surely with ``consent`` (the page above)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "client_id": self.client.id,
            "redirect_uri": self.redirect,
            "response_type": "code",
            "scope": " ".join(self.scopes),
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        return f"{self.client.auth_uri}?{urlencode(asked)}"


def parse_client(text: str) -> Client:
    """The client in the JSON that the console offers for download, or in an earlier sign-in.

    Raises:
        LoginRefused: it is something else.
    """
    try:
        found = json.loads(text)
        kind, found = ("installed", found) if "client_id" in found else next(iter(found.items()))
        client = Client(*(str(found[name]) for name in ("client_id", "client_secret", "auth_uri", "token_uri")))
    except (ValueError, TypeError, LookupError, StopIteration, AttributeError):
        raise LoginRefused("That is no JSON of an OAuth client.", fix=_MAKE) from None
    remember_secret(client.secret)
    if kind != "installed":
        raise LoginRefused(f"That OAuth client is of the type “{kind}”, not Desktop app.", fix=_MAKE)
    if not all(map(_is_private, (client.auth_uri, client.token_uri))):
        raise LoginRefused("That OAuth client names an address that isn't https.", fix=_MAKE)
    return client


def _is_private(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})


def make_attempt(client: Client, redirect: str, *, read_only: bool = False) -> Attempt:
    """A new try, with a state and a verifier that nobody can guess."""
    scopes = (*EMAIL, READ_ONLY if read_only else SPREADSHEETS)
    attempt = Attempt(client, redirect, scopes, secrets.token_urlsafe(24), secrets.token_urlsafe(64))
    remember_secret(attempt.verifier)
    return attempt


def is_answer(address: str, attempt: Attempt) -> bool:
    """Whether an address brings this attempt's answer, and not that of another, or of nobody."""
    told = parse_qs(urlsplit(address).query)
    return hmac.compare_digest(told.get("state", [""])[0].encode(), attempt.state.encode())


def parse_answer(address: str, attempt: Attempt) -> str:
    """The code in the address that the browser was sent to.

    Raises:
        LoginRefused: the person said no, or the address is another one.
    """
    told = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    remember_secret(told.get("code", ""))
    if not is_answer(address.strip(), attempt):
        raise LoginRefused(
            "That address doesn't belong to this sign-in.",
            fix="Copy the whole address that the browser shows at the end: it begins with "
            f"{attempt.redirect} and holds code= and state=.",
        )
    if told.get("error") == "access_denied":
        raise LoginRefused("Nobody signed in: the consent page was answered with no.", fix=_AGAIN)
    if "code" not in told:
        raise LoginRefused(f"Google's consent page says: {told.get('error', 'nothing')}.", fix=_AGAIN)
    return told["code"]


def fetch_login(attempt: Attempt, code: str) -> dict[str, Any]:
    """What is kept of a sign-in: the JSON that Google's libraries call an authorized user's.

    Raises:
        LoginRefused: Google doesn't give a token, or the person left out the right to sheets.
    """
    client = attempt.client
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": attempt.verifier,
        "redirect_uri": attempt.redirect,
        "client_id": client.id,
        "client_secret": client.secret,
    }
    told = _post(client.token_uri, form)
    for name in ("refresh_token", "access_token", "id_token"):
        remember_secret(str(told.get(name, "")))
    granted = str(told.get("scope", "")).split()
    if attempt.scopes[-1] not in granted:
        raise LoginRefused("The consent page was left without the right to spreadsheets.", fix=f"{_AGAIN} Tick it.")
    if not told.get("refresh_token"):
        raise LoginRefused("Google gave a token for an hour only.", fix=f"End the old sign-in at {MANAGE}. {_AGAIN}")
    return {
        "type": "authorized_user",
        "account": read_claims(str(told.get("id_token", ""))).get("email", ""),
        "client_id": client.id,
        "client_secret": client.secret,
        "auth_uri": client.auth_uri,
        "token_uri": client.token_uri,
        "refresh_token": told["refresh_token"],
        "scopes": granted,
    }


def revoke(info: Mapping[str, Any]) -> None:
    """Tell Google that the sign-in is over. One that it doesn't know any more is over as well.

    Raises:
        LoginRefused: Google can't be told.
    """
    address = str(info["token_uri"]).rpartition("/")[0] + "/revoke"
    try:
        _post(address, {"token": str(info["refresh_token"])})
    except _Known:
        return


class _Known(LoginRefused):
    """Google answered, and said no."""


def _post(address: str, form: Mapping[str, str]) -> dict[str, Any]:
    import requests

    try:
        with requests.Session() as session:
            answer = session.post(address, data=form, timeout=_TIMEOUT, allow_redirects=False)
        told = answer.json()
    except requests.exceptions.JSONDecodeError:
        raise LoginRefused("Google's sign-in answered with something else than JSON.", fix=_AGAIN) from None
    except requests.RequestException as error:
        raise LoginRefused(f"Google's sign-in can't be reached ({type(error).__name__}).", fix=_AGAIN) from None
    if not isinstance(told, dict):
        raise LoginRefused("Google's sign-in answered with something else than expected.", fix=_AGAIN)
    if answer.status_code != 200:
        raise _refusal(told)
    return told


def _refusal(told: Mapping[str, Any]) -> LoginRefused:
    error = str(told.get("error", "no reason given"))
    said = redact(f"{error} ({told['error_description']})" if told.get("error_description") else error)
    if error == "invalid_client":
        return _Known(f"Google doesn't know this OAuth client: {said}.", fix=f"Download its JSON again. {_MAKE}")
    return _Known(f"Google gave no token: {said}.", fix=f"{_AGAIN} A code is good for one try and ten minutes.")

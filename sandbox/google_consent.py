"""What people allow programs to do in their name: OAuth clients, consents, authorisation codes, refresh tokens.

As https://developers.google.com/identity/protocols/oauth2/native-app describes it for desktop apps: a code is good for
one exchange and ten minutes, and for whoever knows the verifier of its challenge (PKCE, RFC 7636) alone; a loopback
address of any port may be redirected to; a refresh token gives the rights that the person left ticked, no others.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

CLIENT = "100000000000-sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "sandbox-5ecret"  # noqa: S105 - what every sandbox's client says
GCLOUD_CLIENT = "764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com"
"""gcloud's own, which every installation has (google/auth/_cloud_sdk.py)."""

SCOPES = "https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive"
CODE_LIFE = timedelta(minutes=10)


class OAuthError(Exception):
    """A refusal of the token endpoint: ``{"error", "error_description"}`` with status 400."""

    def __init__(self, kind: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": kind, "error_description": description}


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody let a client do."""

    email: str
    client: str
    scopes: str


@dataclass(frozen=True, slots=True)
class _Code:
    consent: Consent
    redirect: str
    challenge: str
    until: datetime


class Consents:
    """The clients that are known, and what people allowed them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._clients = {CLIENT: CLIENT_SECRET, GCLOUD_CLIENT: CLIENT_SECRET}
        self._offered: dict[str, Consent] = {}
        self._codes: dict[str, _Code] = {}

    def offer(self, email: str, client: str = CLIENT, scopes: str = SCOPES) -> str:
        """Return a refresh token of a person, who has let the client in."""
        token = "1//sandbox-" + secrets.token_urlsafe(24)
        self._offered[token] = Consent(email, client, scopes)
        return token

    def withdraw(self) -> None:
        """Let every person take back what they allowed: refresh tokens are of no use any more."""
        self._offered.clear()

    def revoke(self, token: str) -> bool:
        """Let one refresh token end; whether there was one."""
        return self._offered.pop(token, None) is not None

    def check_asked(self, asked: Mapping[str, str]) -> str:
        """What is wrong with a request to the consent page, as Google's error page names it; empty where it is fine."""
        redirect = urlsplit(asked.get("redirect_uri", ""))
        if asked.get("client_id") not in self._clients:
            return "invalid_client"
        if redirect.scheme != "http" or redirect.hostname not in {"127.0.0.1", "localhost", "::1"}:
            return "redirect_uri_mismatch"
        if asked.get("response_type") != "code" or not asked.get("scope"):
            return "invalid_request"
        if bool(asked.get("code_challenge")) != (asked.get("code_challenge_method") == "S256"):
            return "invalid_request"
        return ""

    def make_code(self, email: str, asked: Mapping[str, str], scopes: str) -> str:
        """A code for what the person allowed."""
        code = "4/0sandbox-" + secrets.token_urlsafe(24)
        consent = Consent(email, asked["client_id"], scopes)
        until = self._now() + CODE_LIFE
        self._codes[code] = _Code(consent, asked["redirect_uri"], asked.get("code_challenge", ""), until)
        return code

    def exchange(self, form: Mapping[str, str]) -> tuple[Consent, str]:
        """What a code stands for, and a refresh token. Raises OAuthError."""
        self._check_client(form)
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.consent.client != form["client_id"] or code.until <= self._now():
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if code.redirect != form.get("redirect_uri"):
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if code.challenge and code.challenge != _challenge(form.get("code_verifier", "")):
            raise OAuthError("invalid_grant", "Missing or invalid code verifier.")
        return code.consent, self.offer(code.consent.email, code.consent.client, code.consent.scopes)

    def refresh(self, form: Mapping[str, str]) -> Consent:
        """What a refresh token stands for. Raises OAuthError, also where more is asked for than was allowed."""
        self._check_client(form)
        consent = self._offered.get(form.get("refresh_token", ""))
        if consent is None or consent.client != form["client_id"]:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        asked = form.get("scope", "").split()
        if set(asked) - set(consent.scopes.split()):
            raise OAuthError("invalid_scope", "Bad Request")
        return Consent(consent.email, consent.client, " ".join(asked)) if asked else consent

    def _check_client(self, form: Mapping[str, str]) -> None:
        if self._clients.get(form.get("client_id", "")) != form.get("client_secret"):
            raise OAuthError("invalid_client", "The OAuth client was not found.")


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

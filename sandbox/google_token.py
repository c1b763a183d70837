"""Access tokens: a key made at run time, the JWT and refresh-token grants, and who a token belongs to."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sandbox.google_error import scope_insufficient, unauthenticated

REFRESH = "refresh_token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
LIFE = timedelta(hours=1)
CLIENT = "100000000000-sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "sandbox"  # noqa: S105 - what every sandbox's client says
SCOPES = "https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive"

WRITING = frozenset(f"https://www.googleapis.com/auth/{scope}" for scope in ("spreadsheets", "drive", "drive.file"))


class OAuthError(Exception):
    """A refusal of the token endpoint: ``{"error", "error_description"}`` with status 400."""

    def __init__(self, kind: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": kind, "error_description": description}


@cache
def _key() -> Any:
    """Make one RSA key a process; a 2048-bit key takes a tenth of a second."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def private_pem() -> str:
    """Return the private key as a service account's file holds it."""
    from cryptography.hazmat.primitives import serialization

    pem = _key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return str(pem.decode())


class Tokens:
    """The accounts that the stand-in knows, and the tokens it gave them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._accounts: set[str] = set()
        self._offered: dict[str, str] = {}
        self._tokens: dict[str, tuple[str, datetime | None]] = {}
        self._scopes: dict[str, str] = {}
        self._workloads: dict[str, str] = {}
        self._federated: dict[str, str] = {}

    def know(self, email: str) -> None:
        """Accept JWTs of this account."""
        self._accounts.add(email)

    def accept(self, token: str, email: str) -> None:
        """Accept a fixed token that never expires."""
        self._tokens[token] = (email, None)

    def revoke(self) -> None:
        """Let every token that was given out so far expire now."""
        self._tokens = {token: each for token, each in self._tokens.items() if each[1] is None}

    def grant(self, form: dict[str, str]) -> dict[str, Any]:
        """Exchange a signed JWT or a refresh token for an access token. Raises OAuthError as Google's endpoint does."""
        if form.get("grant_type") == REFRESH:
            return self._refreshed(form)
        if form.get("grant_type") == EXCHANGE:
            return self._exchanged(form)
        if form.get("grant_type") != GRANT:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = _claims(form.get("assertion", ""))
        email = claims.get("iss", "")
        if email not in self._accounts:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        if not claims.get("scope"):
            raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return self._given(email, str(claims["scope"]))

    def offer(self, email: str) -> str:
        """Return a refresh token of a person, who has let the client in."""
        token = "1//sandbox-" + secrets.token_urlsafe(24)
        self._offered[token] = email
        return token

    def withdraw(self) -> None:
        """Let every person take back what they allowed: refresh tokens are of no use any more."""
        self._offered.clear()

    def trust(self, subject: str, email: str) -> None:
        """Let whoever shows this token of another issuer's act as the service account."""
        self._workloads[subject] = email

    def _exchanged(self, form: dict[str, str]) -> dict[str, Any]:
        """The Security Token Service's answer (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token)."""
        email = self._workloads.get(form.get("subject_token", ""))
        if email is None:
            raise OAuthError("invalid_grant", "The audience or subject token is not trusted by this pool.")
        token = "ya29.d.sandbox-" + secrets.token_urlsafe(24)
        self._federated[token] = email
        kind = "urn:ietf:params:oauth:token-type:access_token"
        return {"access_token": token, "issued_token_type": kind, "token_type": "Bearer", "expires_in": 3600}

    def impersonate(self, email: str, authorization: str | None, scope: str) -> dict[str, Any]:
        """Hand out a service account's token to a workload. Raises ApiError where it may not act as that account."""
        token = (authorization or "").partition(" ")[2].strip()
        if self._federated.get(token) != email:
            raise unauthenticated(missing=not token)
        given = self._given(email, scope)
        until = (self._now() + LIFE).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"accessToken": given["access_token"], "expireTime": until}

    def _refreshed(self, form: dict[str, str]) -> dict[str, Any]:
        if form.get("client_id") != CLIENT or form.get("client_secret") != CLIENT_SECRET:
            raise OAuthError("invalid_client", "The OAuth client was not found.")
        email = self._offered.get(form.get("refresh_token", ""))
        if email is None:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        scope = form.get("scope") or SCOPES
        return self._given(email, scope) | {"scope": scope}

    def _given(self, email: str, scope: str) -> dict[str, Any]:
        token = "ya29.sandbox-" + secrets.token_urlsafe(24)
        self._scopes[token] = scope
        self._tokens[token] = (email, self._now() + LIFE)
        return {"access_token": token, "expires_in": int(LIFE.total_seconds()) - 1, "token_type": "Bearer"}

    def owner(self, authorization: str | None) -> str:
        """Return whose token a request carries. Raises ApiError when it is missing, unknown or expired."""
        if not authorization:
            raise unauthenticated(missing=True)
        kind, _, token = authorization.partition(" ")
        email, until = self._tokens.get(token.strip(), ("", None))
        if kind.lower() != "bearer" or not email or (until is not None and until <= self._now()):
            raise unauthenticated(missing=False)
        return email

    def check_write(self, authorization: str | None) -> None:
        """Refuse a token that was given for reading alone. Only GET is free to it: reads by data filter aren't.

        https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate lists the scopes.
        """
        token = (authorization or "").partition(" ")[2].strip()
        if not WRITING & set(self._scopes.get(token, SCOPES).split()):
            raise scope_insufficient()


def _claims(assertion: str) -> dict[str, Any]:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        head, body, signature = assertion.split(".")
        claims = json.loads(_decode(body))
        _key().public_key().verify(_decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
    except ValueError as error:
        raise OAuthError("invalid_grant", "Bad Request") from error
    except InvalidSignature as error:
        raise OAuthError("invalid_grant", "Invalid JWT Signature.") from error
    if not isinstance(claims, dict):
        raise OAuthError("invalid_grant", "Bad Request")
    return claims


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

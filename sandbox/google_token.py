"""Access tokens: a key made at run time, the JWT and refresh-token grants, and who a token belongs to."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sandbox.google_consent import GCLOUD_CLIENT, SCOPES, Consent, Consents, OAuthError
from sandbox.google_error import project_missing, scope_insufficient, unauthenticated

REFRESH, CODE = "refresh_token", "authorization_code"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
LIFE = timedelta(hours=1)
_AUTH = "https://www.googleapis.com/auth/"
WRITING = frozenset(_AUTH + scope for scope in ("spreadsheets", "drive", "drive.file"))
READING = WRITING | {_AUTH + scope for scope in ("spreadsheets.readonly", "drive.readonly")}
CLOUD = _AUTH + "cloud-platform"


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
        self.consents = Consents(now)
        self._tokens: dict[str, tuple[str, datetime | None]] = {}
        self._scopes: dict[str, str] = {}
        self._clients: dict[str, str] = {}
        self._workloads: dict[str, str] = {}
        self._creators: set[tuple[str, str]] = set()
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
        """Exchange a signed JWT, a code or a refresh token for an access token. Raises OAuthError as Google does."""
        if form.get("grant_type") == REFRESH:
            return self._consented(self.consents.refresh(form))
        if form.get("grant_type") == CODE:
            consent, refresh = self.consents.exchange(form)
            return self._consented(consent) | {"refresh_token": refresh}
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
        return self.give(email, str(claims["scope"]))

    def trust(self, subject: str, email: str) -> None:
        """Let whoever shows this token of another issuer's act as the service account."""
        self._workloads[subject] = email

    def let_act(self, email: str, account: str) -> None:
        """Make a person a Service Account Token Creator of a service account."""
        self._creators.add((email, account))

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
        if self._federated.get(token) != email and not self._may_create(token, email):
            raise unauthenticated(missing=not token)
        given = self.give(email, scope)
        until = (self._now() + LIFE).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"accessToken": given["access_token"], "expireTime": until}

    def _may_create(self, token: str, account: str) -> bool:
        """Whether it is a person's who may act as the account, and allowed the client to use Google Cloud."""
        allowed = CLOUD in self._scopes.get(token, "").split()
        return allowed and (self._tokens[token][0], account) in self._creators

    def _consented(self, consent: Consent) -> dict[str, Any]:
        """A person's token, with what it may do; and an ID token where the client may know who it is."""
        given = self.give(consent.email, consent.scopes)
        self._clients[given["access_token"]] = consent.client
        told = {"id_token": _id_token(consent)} if "openid" in consent.scopes.split() else {}
        return given | {"scope": consent.scopes} | told

    def give(self, email: str, scope: str) -> dict[str, Any]:
        """A token of an account, good for these scopes and an hour."""
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

    def check_scope(self, authorization: str | None, *, writes: bool) -> None:
        """Refuse a token that was given for something else, or for reading alone where it writes.

        Only GET is reading: reads by data filter aren't.
        https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate lists the scopes.
        """
        token = (authorization or "").partition(" ")[2].strip()
        if not (WRITING if writes else READING) & set(self._scopes.get(token, SCOPES).split()):
            raise scope_insufficient()

    def check_project(self, authorization: str | None, project: str) -> None:
        """Refuse a person's token of gcloud's own client where no project of theirs is named to count the call.

        https://cloud.google.com/docs/authentication/troubleshoot-adc
        """
        token = (authorization or "").partition(" ")[2].strip()
        if self._clients.get(token) == GCLOUD_CLIENT and not project:
            raise project_missing()


def _id_token(consent: Consent) -> str:
    """Who the person is; signed by nobody."""
    parts = ({"alg": "none"}, {"iss": "https://accounts.google.com", "aud": consent.client, "email": consent.email})
    return ".".join([*(_encode(json.dumps(each).encode()) for each in parts), ""])


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


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

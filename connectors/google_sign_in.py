"""Signing in to Google: credentials of three kinds, and the token that each request bears. All of google-auth is here.

No AuthorizedSession: it sends requests again by itself, and before the first one google-auth 2.62 asks
iamcredentials.googleapis.com where the account may be used from (_regional_access_boundary_utils).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.google_error import GoogleRefused, GoogleUnavailable, Settings
from connectors.secret import remember_secret

_TIMEOUT = (5, 60)


class SignIn:
    """The token of one account. ``account`` is the e-mail address that sheets are shared with; "" where unknown."""

    def __init__(self, info: Mapping[str, Any], scopes: Sequence[str], settings: Settings) -> None:
        """Nothing is asked yet.

        Raises:
            GoogleRefused: these can't be credentials.
        """
        import requests

        self._auth, self._settings = _make_credentials(info, scopes, settings), settings
        self.account = str(info.get("client_email") or getattr(self._auth, "service_account_email", None) or "")
        self._is_workload = hasattr(self._auth, "service_account_email") and not hasattr(self._auth, "signer")
        self._session = requests.Session()

    def fetch_token(self, *, anew: bool = False) -> str:
        """The token that is valid now, asked for where there is none; with ``anew`` another one in any case.

        Raises:
            GoogleUnavailable: the sign-in can't be reached; nothing was sent to a sheet.
            GoogleRefused: it doesn't accept the credentials.
        """
        if anew or not self._auth.valid:
            self._refresh()
        return str(self._auth.token or "")

    def close(self) -> None:
        """Give back the connection."""
        self._session.close()

    def _refresh(self) -> None:
        from google.auth.exceptions import GoogleAuthError, OAuthError, RefreshError, TransportError
        from google.auth.transport.requests import Request

        try:
            self._auth.refresh(partial(Request(self._session), timeout=_TIMEOUT))
        except TransportError:
            raise GoogleUnavailable("Google's sign-in can't be reached.") from None
        except (RefreshError, OAuthError) as error:
            if error.retryable:
                raise GoogleUnavailable("Google's sign-in doesn't answer.") from None
            raise self._refused() from None
        except GoogleAuthError as error:
            raise GoogleRefused(f"The credentials can't be used ({type(error).__name__}).", everything=True) from None
        except (ValueError, TypeError, KeyError, AttributeError):  # google-auth takes any page for a token's JSON
            raise GoogleUnavailable(
                "Google's sign-in answered with something that is no token.",
                fix="A proxy's login page may stand in between: open https://oauth2.googleapis.com from this machine.",
            ) from None
        if self._auth.token:
            remember_secret(self._auth.token)

    def _refused(self) -> GoogleRefused:
        why = "the key may be deleted, or this machine's clock wrong"
        if self._is_workload:
            why = "the identity pool may not trust this workload, or not let it act as this account"
        return GoogleRefused(
            f"Google didn't accept the credentials{f' of {self.account}' if self.account else ''}.",
            fix=f"Check {self._settings.credentials}: {why}.",
            everything=True,
        )


def _make_credentials(info: Mapping[str, Any], scopes: Sequence[str], settings: Settings) -> Any:
    from google.auth.exceptions import GoogleAuthError

    make = _MAKERS.get(str(info.get("type")), _make_service_account)
    try:
        return make(info, scopes)
    except (GoogleAuthError, ValueError, KeyError, TypeError):
        raise GoogleRefused(
            f"{settings.credentials} are not the JSON of a service account's key.",
            fix="Download the key again from the Google Cloud console.",
            everything=True,
        ) from None


def _make_service_account(info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    from google.oauth2.service_account import Credentials

    return Credentials.from_service_account_info(info, scopes=list(scopes))  # type: ignore[no-untyped-call]


def _make_user(info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    from google.oauth2.credentials import Credentials

    return Credentials.from_authorized_user_info(info, scopes=list(scopes))  # type: ignore[no-untyped-call]


def _make_workload(info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    """A token of the platform's own (Kubernetes, GitHub Actions, Azure), exchanged for a service account's.

    Only from a file or an address: this class of google-auth knows no programs, so a JSON that names one is refused.
    https://google.aip.dev/auth/4117 describes the form.
    """
    from google.auth.identity_pool import Credentials

    return Credentials.from_info(info, scopes=list(scopes))  # type: ignore[no-untyped-call]


_MAKERS = {"authorized_user": _make_user, "external_account": _make_workload}

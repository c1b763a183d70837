"""As whom okr-sync acts at Google: credentials become the headers of a call. The only file that imports google-auth.

No AuthorizedSession: it sends requests again by itself, and before the first one google-auth 2.62 asks
iamcredentials.googleapis.com where the account may be used from (_regional_access_boundary_utils).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.google_key import GoogleRefused, GoogleUnavailable, Settings
from connectors.google_ways import KEY, PERSON, WORKLOAD, Way
from connectors.secret import remember_secret


class SignIn:
    """Credentials, and the token that they give for about an hour. Nothing is asked before the first call needs it."""

    def __init__(self, auth: Any, account: str, way: Way, settings: Settings, timeout: tuple[float, float]) -> None:
        import requests

        self.way = way
        self._auth, self._account, self._settings, self._timeout = auth, account, settings, timeout
        self._session = requests.Session()

    @property
    def account(self) -> str:
        """The e-mail address that sheets are shared with; empty where the credentials have none."""
        return self._account

    def fetch_headers(self) -> Mapping[str, str]:
        """What a call carries; ``{}`` where nothing has changed since the last one.

        Raises:
            GoogleUnavailable, GoogleRefused: nothing was sent to the sheet.
        """
        if self._auth.valid:
            return {}
        self._refresh()
        if not self._auth.token:
            return {}
        remember_secret(self._auth.token)
        return {"Authorization": f"Bearer {self._auth.token}"}

    def close(self) -> None:
        """Give back the connections."""
        self._session.close()

    def _refresh(self) -> None:
        from google.auth.exceptions import GoogleAuthError, OAuthError, RefreshError, TransportError
        from google.auth.transport.requests import Request

        try:
            self._auth.refresh(partial(Request(self._session), timeout=self._timeout))
        except TransportError:
            raise GoogleUnavailable("Google's sign-in can't be reached.") from None
        except (RefreshError, OAuthError) as error:
            if error.retryable:
                raise GoogleUnavailable("Google's sign-in doesn't answer.") from None
            raise GoogleRefused(
                f"Google didn't accept the credentials{f' of {self.account}' if self.account else ''}.",
                fix=self.way.say_refused(self._settings.credentials),
                everything=True,
            ) from None
        except GoogleAuthError as error:
            raise GoogleRefused(f"The credentials can't be used ({type(error).__name__}).", everything=True) from None
        except (ValueError, TypeError, KeyError, AttributeError):  # google-auth takes any page for a token's JSON
            raise GoogleUnavailable(
                "Google's sign-in answered with something that is no token.",
                fix="A proxy's login page may stand in between: open https://oauth2.googleapis.com from this machine.",
            ) from None


def make_sign_in(
    info: Mapping[str, Any], scopes: Sequence[str], settings: Settings, timeout: tuple[float, float]
) -> SignIn:
    """The sign-in of credentials' JSON.

    Raises:
        GoogleRefused: they can't be credentials.
    """
    from google.auth.exceptions import GoogleAuthError

    kind = _KINDS.get(str(info.get("type")), _SERVICE_ACCOUNT)
    try:
        auth = kind.make(info, scopes)
    except (GoogleAuthError, ValueError, KeyError, TypeError):
        raise GoogleRefused(
            f"{settings.credentials} are not the JSON of a service account's key.",
            fix="Download the key again from the Google Cloud console.",
            everything=True,
        ) from None
    account = str(info.get("client_email") or getattr(auth, "service_account_email", None) or "")
    return SignIn(auth, account, kind.way, settings, timeout)


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


@dataclass(frozen=True, slots=True)
class _Kind:
    make: Callable[[Mapping[str, Any], Sequence[str]], Any]
    way: Way


_SERVICE_ACCOUNT = _Kind(_make_service_account, KEY)
_KINDS = {"authorized_user": _Kind(_make_user, PERSON), "external_account": _Kind(_make_workload, WORKLOAD)}

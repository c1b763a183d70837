"""Google Sheets: a session with three calls. The only file that imports gspread and google-auth.

gspread opens spreadsheets with hidden reads, waits for ever by default, and its own back-off never gives up
(gspread 6.2.1). Only its plain ``HTTPClient.request`` is used. Reads are tried again; a write never is: one whose
answer was lost may have landed, and whoever wrote reads and plans again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import SourceError, SourceUnavailable, Surroundings
from connectors.clock import SET_CLOCK, is_off, say_off
from connectors.google_key import GoogleRefused, Settings, parse_credentials
from connectors.google_reply import (
    QUOTA,
    GoogleInvalid,
    GoogleLost,
    GoogleUnavailable,
    Page,
    Unanswered,
    classify_answer,
    parse_answer,
)
from connectors.limiter import Limiter
from connectors.reply import Asked, never_sent, parse_http_date, transport
from connectors.secret import Secret, remember_secret
from connectors.wire import Patience, retried

if TYPE_CHECKING:
    from gspread.http_client import HTTPClient
    from requests import Response

__all__ = [
    "READ_AND_WRITE", "READ_ONLY", "GoogleInvalid", "GoogleLost", "GoogleRefused", "GoogleSession", "GoogleUnavailable",
    "Settings", "open_session",
]  # fmt: skip

SHEETS = "https://sheets.googleapis.com"
READ_AND_WRITE = "https://www.googleapis.com/auth/spreadsheets"
READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
_TIMEOUT = (5, 60)
_PATIENCE = Patience(attempts=6, budget=300.0)
_SETTINGS = Settings()
_PER_MINUTE = 60  # reads, and as many writes, of one account (the same page)


class GoogleSession:
    """Three calls on spreadsheets, one at a time: Google wants about one a second for a sheet anyway.

    ``account`` is the e-mail address that sheets are shared with; empty where the credentials have none. ``clock_off``
    is how far Google's clock was ahead of ours at its last answer; ``None`` before that.
    """

    def __init__(
        self,
        client: HTTPClient,
        auth: Any,
        account: str,
        endpoint: str,
        around: Surroundings,
        patience: Patience,
        settings: Settings,
    ) -> None:
        import requests

        self.account = account
        self._is_workload = hasattr(auth, "service_account_email") and not hasattr(auth, "signer")
        self._client, self._auth, self._endpoint = client, auth, endpoint
        self._around, self._patience, self._settings = around, patience, settings
        self._sign_in = requests.Session()
        self.clock_off: timedelta | None = None
        for session in (client.session, self._sign_in):
            session.hooks["response"].append(self._hear)
        self._asked = Asked("Google Sheets", quota_wait=QUOTA)
        self._lock = threading.Lock()
        self._slots = {kind: _share_slot(around, account, endpoint, kind) for kind in ("read", "write")}

    def fetch_spreadsheet(self, id: str, ranges: Sequence[str] = (), fields: str = "") -> dict[str, Any]:  # noqa: A002
        """One read of what ``fields`` names. Raises GoogleUnavailable, GoogleRefused, GoogleInvalid."""
        params = {"ranges": list(ranges), "fields": fields}
        return self._read("get", f"/v4/spreadsheets/{id}", params=_given(params))

    def fetch_by_filter(self, id: str, filters: Sequence[Mapping[str, Any]], fields: str = "") -> dict[str, Any]:  # noqa: A002
        """One read of what data filters find: by tab id or developer metadata, whatever the tab is called now."""
        body = {"dataFilters": [dict(each) for each in filters]}
        return self._read(
            "post", f"/v4/spreadsheets/{id}:getByDataFilter", params=_given({"fields": fields}), body=body
        )

    def apply_batch(
        self,
        id: str,  # noqa: A002
        requests: Iterable[Mapping[str, Any]],
        *,
        response_ranges: Sequence[str] = (),
        fields: str = "",
        with_grid: bool | None = None,
    ) -> dict[str, Any]:
        """One write, all or nothing, sent once. With ``response_ranges`` the answer shows the sheet afterwards.

        ``with_grid`` says whether it shows cells; by default it does when ranges are given.

        Raises:
            GoogleUnavailable, GoogleRefused, GoogleInvalid: nothing was written.
            GoogleLost: it may have been written.
        """
        body: dict[str, Any] = {"requests": list(requests)}
        if response_ranges or with_grid is not None:
            body["includeSpreadsheetInResponse"] = True
            body["responseIncludeGridData"] = bool(response_ranges) if with_grid is None else with_grid
            body |= _given({"responseRanges": list(response_ranges)})
        with self._lock, self._slots["write"]():
            self._authorise()
            try:
                return self._send("post", f"/v4/spreadsheets/{id}:batchUpdate", _given({"fields": fields}), body)
            except Unanswered as error:
                raise GoogleLost(
                    f"The answer to a write was lost. {error.message} It may have landed.",
                    fix="Run again: the sheet is read first, and nothing is written twice.",
                ) from None

    def close(self) -> None:
        """Give back the connections."""
        self._client.session.close()
        self._sign_in.close()

    def _read(self, method: str, path: str, params: dict[str, Any], body: Any = None) -> dict[str, Any]:
        def fetch() -> dict[str, Any]:
            with self._lock, self._slots["read"]():
                self._authorise()
                try:
                    return self._send(method, path, params, body)
                except Page as page:
                    if self._settings.retries_pages:
                        raise
                    raise GoogleInvalid(
                        "Google answered with a login page instead of JSON.", fix=page.fix or ""
                    ) from None

        return retried(fetch, self._asked, self._around, self._patience)

    def _authorise(self) -> None:
        """Get a token first, apart: when this fails nothing was sent to the sheet."""
        from google.auth.exceptions import GoogleAuthError, OAuthError, RefreshError, TransportError
        from google.auth.transport.requests import Request

        auth = self._auth
        if auth.valid:
            return
        try:
            auth.refresh(partial(Request(self._sign_in), timeout=_TIMEOUT))
        except TransportError:
            raise GoogleUnavailable("Google's sign-in can't be reached.") from None
        except (RefreshError, OAuthError) as error:
            if error.retryable:
                raise GoogleUnavailable("Google's sign-in doesn't answer.") from None
            raise self._not_signed_in() from None
        except GoogleAuthError as error:
            raise GoogleRefused(f"The credentials can't be used ({type(error).__name__}).", everything=True) from None
        except (ValueError, TypeError, KeyError, AttributeError):  # google-auth takes any page for a token's JSON
            raise GoogleUnavailable(
                "Google's sign-in answered with something that is no token.",
                fix="A proxy's login page may stand in between: open https://oauth2.googleapis.com from this machine.",
            ) from None
        if auth.token:
            remember_secret(auth.token)
            self._client.session.headers["Authorization"] = f"Bearer {auth.token}"

    def _hear(self, response: Response, *_: Any, **__: Any) -> None:
        """Look at the clock in an answer (Date: RFC 9110, 6.6.1), unless a cache kept it (Age: RFC 9111)."""
        told = parse_http_date(response.headers.get("Date", ""))
        if told is not None and "Age" not in response.headers:
            self.clock_off = told - self._around.now()

    def _not_signed_in(self) -> GoogleRefused:
        """A key signs with the time, and Google takes nothing that isn't of this hour: "Invalid JWT: Token must be a
        short-lived token (60 minutes) and in a reasonable timeframe"
        (https://developers.google.com/identity/protocols/oauth2/service-account#error-codes).
        """
        said, fix = f"Google didn't accept the credentials{f' of {self.account}' if self.account else ''}", SET_CLOCK
        if self.clock_off is not None and is_off(self.clock_off) and hasattr(self._auth, "signer"):
            return GoogleRefused(f"{said}: {say_off(self.clock_off)}.", fix=fix, everything=True)
        fix = f"Check {self._settings.credentials}: {self._why_refused()}."
        return GoogleRefused(f"{said}.", fix=fix, everything=True)

    def _why_refused(self) -> str:
        if self._is_workload:
            return "the identity pool may not trust this workload, or not let it act as this account"
        return "the key may be deleted" + (", or this machine's clock wrong" if self.clock_off is None else "")

    def _send(self, method: str, path: str, params: dict[str, Any], body: Any) -> dict[str, Any]:
        from gspread.exceptions import APIError

        try:
            with transport(self._asked):
                response = self._client.request(method, self._endpoint + path, params=params, json=body)
        except APIError as error:
            raise classify_answer(error.response, self._settings, self.account, self._around.now()) from None
        except SourceUnavailable as error:
            kind = GoogleUnavailable if never_sent(error.__context__) else Unanswered
            raise kind(error.message) from None
        except SourceError as error:
            raise GoogleInvalid(error.message, fix=error.fix) from None
        return parse_answer(response, self._endpoint)


def _share_slot(
    around: Surroundings, account: str, endpoint: str, kind: str
) -> Callable[[], AbstractContextManager[None]]:
    """A slot within the account's calls per minute, where several sheets share it; one alone never comes near."""
    if around.limiters is None:
        return nullcontext
    make = partial(Limiter, None, around.monotonic, around.sleep, per_minute=_PER_MINUTE)
    return around.limiters.share((endpoint, account, kind), make).slot


def open_session(
    credentials: Secret | Mapping[str, Any] | Path | str,
    around: Surroundings,
    *,
    scopes: Sequence[str] = (READ_AND_WRITE,),
    endpoint: str | None = None,
    patience: Patience = _PATIENCE,
    settings: Settings = _SETTINGS,
) -> GoogleSession:
    """A session; nothing is asked yet. ``endpoint`` stands for Google's address in the sandbox.

    ``credentials`` are a service account's (or a user's) JSON: as a secret's text, a mapping, or a file's path.

    Raises:
        GoogleRefused: they can't be credentials.
    """
    import requests
    from google.auth.exceptions import GoogleAuthError
    from gspread.http_client import HTTPClient

    info = parse_credentials(credentials, settings.credentials)
    make = _MAKERS.get(str(info.get("type")), _make_service_account)
    try:
        auth = make(info, scopes)
    except (GoogleAuthError, ValueError, KeyError, TypeError):
        raise GoogleRefused(
            f"{settings.credentials} are not the JSON of a service account's key.",
            fix="Download the key again from the Google Cloud console.",
            everything=True,
        ) from None
    # No AuthorizedSession: it sends requests again by itself, and before the first one google-auth 2.62 asks
    # iamcredentials.googleapis.com where the account may be used from (_regional_access_boundary_utils).
    client = HTTPClient(None, session=requests.Session())
    client.set_timeout(around.extra.get("timeout", _TIMEOUT))
    client.session.headers["User-Agent"] = around.user_agent
    account = str(info.get("client_email") or getattr(auth, "service_account_email", None) or "")
    return GoogleSession(client, auth, account, (endpoint or SHEETS).rstrip("/"), around, patience, settings)


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


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value}

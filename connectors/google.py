"""Google Sheets: a session with three calls. The only file that imports gspread.

gspread opens spreadsheets with hidden reads, waits for ever by default, and its own back-off never gives up
(gspread 6.2.1). Only its plain ``HTTPClient.request`` is used. Reads are tried again; a write never is: one whose
answer was lost may have landed, and whoever wrote reads and plans again. The one exception is a token that Google
doesn't know any more, for then nothing was done.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import SourceError, SourceUnavailable, Surroundings
from connectors.clock import ServerClock
from connectors.google_error import (
    QUOTA,
    GoogleInvalid,
    GoogleLost,
    Unanswered,
    UnknownToken,
    WebPage,
    classify_google,
)
from connectors.google_key import GoogleRefused, GoogleUnavailable, Settings, parse_credentials
from connectors.google_reference import WORDS
from connectors.google_sign_in import SignIn, make_sign_in
from connectors.google_ways import READ_ONLY, SPREADSHEETS
from connectors.limiter import Limiter
from connectors.reply import Asked, never_sent, transport
from connectors.secret import Secret
from connectors.wire import Patience, retried

if TYPE_CHECKING:
    from gspread.http_client import HTTPClient
    from requests import Response

__all__ = [
    "READ_AND_WRITE", "READ_ONLY", "GoogleInvalid", "GoogleLost", "GoogleRefused", "GoogleSession", "GoogleUnavailable",
    "Settings", "open_session",
]  # fmt: skip

log = logging.getLogger(__name__)

SHEETS = "https://sheets.googleapis.com"
READ_AND_WRITE = SPREADSHEETS
_TIMEOUT = (5, 60)
_PATIENCE = Patience(attempts=6, budget=300.0)
_SETTINGS = Settings()
_PER_MINUTE = 60  # reads, and as many writes, of one account (the same page)


class GoogleSession:
    """Three calls on spreadsheets, one at a time: Google wants about one a second for a sheet anyway."""

    def __init__(
        self,
        client: HTTPClient,
        sign_in: SignIn,
        endpoint: str,
        around: Surroundings,
        patience: Patience,
        settings: Settings,
    ) -> None:
        self._client, self._sign_in, self._endpoint = client, sign_in, endpoint
        self._around, self._patience, self._settings = around, patience, settings
        self._asked = Asked("Google Sheets", quota_wait=QUOTA)
        self._clock = ServerClock(around.now)
        for session in (client.session, sign_in.session):
            session.hooks["response"].append(self._clock.hear)
        sign_in.clock = self._clock
        self._lock = threading.Lock()
        self._limiters = {kind: _share_limiter(around, sign_in.account, endpoint, kind) for kind in ("read", "write")}

    @property
    def account(self) -> str:
        """The e-mail address that sheets are shared with; empty where the credentials have none."""
        return self._sign_in.account

    @property
    def clock_off(self) -> timedelta | None:
        """How far Google's clock was ahead of ours at its last answer; ``None`` before that."""
        return self._clock.off

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
        """One write, all or nothing, done once. With ``response_ranges`` the answer shows the sheet afterwards.

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
        try:
            return self._ask("write", "post", f"/v4/spreadsheets/{id}:batchUpdate", _given({"fields": fields}), body)
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
            try:
                return self._ask("read", method, path, params, body)
            except WebPage as page:
                if self._settings.retries_pages:
                    raise
                raise GoogleInvalid("Google answered with a login page instead of JSON.", fix=page.fix or "") from None

        return retried(fetch, self._asked, self._around, self._patience)

    def _ask(self, kind: str, method: str, path: str, params: dict[str, Any], body: Any) -> dict[str, Any]:
        """One request that Google does; asked again, once, with another token where it doesn't know this one.

        A token may end before its time: somebody took it back, or this machine's clock is behind. Also a write may be
        asked for again then, as nothing was done for the first. google-auth's own session refreshes on a 401 too.
        """
        try:
            return self._ask_once(kind, method, path, params, body)
        except UnknownToken as error:
            log.info("%s Asking again with a new token.", error.message)
            return self._ask_once(kind, method, path, params, body, anew=True)

    def _ask_once(
        self, kind: str, method: str, path: str, params: dict[str, Any], body: Any, *, anew: bool = False
    ) -> dict[str, Any]:
        """One request. The token comes first, apart: when that fails nothing was sent to the sheet."""
        limiter = self._limiters[kind]
        try:
            with self._lock, limiter.slot():
                self._client.session.headers.update(self._sign_in.fetch_headers(anew=anew))
                return self._send(method, path, params, body)
        except GoogleUnavailable as error:
            if error.retry_after is not None:
                limiter.pause(error.retry_after)
            raise

    def _send(self, method: str, path: str, params: dict[str, Any], body: Any) -> dict[str, Any]:
        from gspread.exceptions import APIError

        try:
            with transport(self._asked):
                response = self._client.request(method, self._endpoint + path, params=params, json=body)
        except APIError as error:
            way = self._sign_in.way
            raise classify_google(error.response, self.account, way, self._settings, self._around.now()) from None
        except SourceUnavailable as error:
            kind = GoogleUnavailable if never_sent(error.__context__) else Unanswered
            raise kind(error.message) from None
        except SourceError as error:
            raise GoogleInvalid(error.message, fix=error.fix) from None
        return self._parse(response)

    def _parse(self, response: Response) -> dict[str, Any]:
        try:
            found = json.loads(response.content)
        except ValueError:
            said = "Google answered with something else than JSON."
            if response.content.lstrip()[:1] == b"<":
                fix = f"A proxy's login page may stand in between: open {self._endpoint} from this machine."
                raise WebPage(said, fix=fix) from None
            raise Unanswered(said) from None
        if not isinstance(found, dict):
            raise Unanswered("Google answered with something else than expected.")
        return found


def _share_limiter(around: Surroundings, account: str, endpoint: str, kind: str) -> Limiter:
    """The account's calls per minute, and its pauses, where several sheets share it; one alone never comes near."""
    if around.limiters is None:
        return Limiter(None, around.monotonic, around.sleep)
    make = partial(Limiter, None, around.monotonic, around.sleep, per_minute=_PER_MINUTE)
    return around.limiters.share((endpoint, account, kind), make)


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
    from gspread.http_client import HTTPClient

    how, settings = _say_where(credentials, settings)
    sign_in = make_sign_in(parse_credentials(credentials, settings.credentials), how, scopes, settings, _TIMEOUT)
    client = HTTPClient(None, session=requests.Session())
    client.set_timeout(around.extra.get("timeout", _TIMEOUT))
    client.session.headers["User-Agent"] = around.user_agent
    return GoogleSession(client, sign_in, (endpoint or SHEETS).rstrip("/"), around, patience, settings)


def _say_where(credentials: object, settings: Settings) -> tuple[str, Settings]:
    """How the credentials were referred to; and settings that name the file that a mere word led to."""
    if not isinstance(credentials, Secret):
        return "", settings
    how, where = credentials.reference.how, credentials.reference.where
    if how not in WORDS or not where:
        return how, settings
    return how, replace(settings, credentials=f"{settings.credentials} ({how}: {where})")


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value}

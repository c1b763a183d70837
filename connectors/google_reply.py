"""What Google's answers mean: the JSON of a good one, and the class of error that says what to do next. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.base import SourceMisread
from connectors.google_key import GoogleRefused, GoogleUnavailable, Settings
from connectors.google_ways import QUOTA_PROJECT, Way
from connectors.reply import retry_after, service_message
from okr.problem import OkrSyncError

if TYPE_CHECKING:
    from requests import Response

QUOTA = 60.0  # seconds: Google counts calls per minute (developers.google.com/workspace/sheets/api/limits)
_PROTECTED = "protected"
_NO_PROJECT = ("requires a quota project", "required permission to use project")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asked, for messages: the settings to correct, the account that sheets are shared with, how it signs in."""

    settings: Settings
    account: str
    way: Way


class Unanswered(GoogleUnavailable):
    """The request was sent, and no proper answer came: of a write nobody knows whether it landed."""


class Page(Unanswered):
    """A web page with status 200 stood in the place of an answer."""


class GoogleInvalid(SourceMisread):
    """Google doesn't accept the request, and applied nothing of it (400)."""


class GoogleLost(OkrSyncError):
    """A write was sent and its answer lost: it may have landed, whole. Read the sheet and plan again."""


def parse_answer(response: Response, endpoint: str) -> dict[str, Any]:
    """The JSON object of a good answer. Raises Unanswered: it is none, so that nobody knows what a write did."""
    try:
        found = json.loads(response.content)
    except ValueError:
        said = "Google answered with something else than JSON."
        if response.content.lstrip()[:1] == b"<":
            fix = f"A proxy's login page may stand in between: open {endpoint} from this machine."
            raise Page(said, fix=fix) from None
        raise Unanswered(said) from None
    if not isinstance(found, dict):
        raise Unanswered("Google answered with something else than expected.")
    return found


def classify_answer(response: Response, asking: Asking, now: datetime) -> OkrSyncError:
    """What an answer with an error's status means."""
    status, said = response.status_code, service_message(response)
    if status == 429:
        wait = retry_after(response.headers, now)
        return GoogleUnavailable("Google's quota of calls per minute is used up.", retry_after=wait or QUOTA)
    if status in {401, 403, 404} or (status == 400 and _PROTECTED in said.lower()):
        return _refuse(status, said, asking)
    if status >= 500 or status == 408:
        return Unanswered(f"Google answered {status}.")
    return GoogleInvalid(f"Google doesn't accept the request ({status}): {said or 'no reason given'}")


def _refuse(status: int, said: str, asking: Asking) -> GoogleRefused:
    settings, account = asking.settings, asking.account or "this account"
    share = f"Share the sheet with {account}"
    if status == 401:
        return GoogleRefused(f"Google refuses (401): {said or 'unknown account'}", fix=f"Check {settings.credentials}.")
    if status == 404:
        return GoogleRefused("There is no such spreadsheet.", fix=f"Check {settings.sheet}. {share}.")
    if status == 400:
        return GoogleRefused(
            f"A person protected cells that okr-sync writes: {said}", fix=f"Let {account} edit the protected range."
        )
    if "insufficient authentication scopes" in said and asking.way.unscoped:
        return GoogleRefused(f"Google refuses ({status}): {said}", fix=asking.way.unscoped, everything=True)
    if any(words in said for words in _NO_PROJECT):
        return GoogleRefused(f"Google refuses ({status}): {said}", fix=QUOTA_PROJECT, everything=True)
    if "has not been used" in said or "disabled" in said:
        return GoogleRefused(f"The Google Sheets API is off: {said}", fix="Turn it on for the account's project.")
    return GoogleRefused(f"Google refuses ({status}): {said or 'no permission'}", fix=f"{share} as {settings.role}.")

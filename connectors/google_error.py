"""What a failed call to Google means: the errors of ``connectors.google``, and which of them an answer is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.base import SourceMisread
from connectors.google_key import GoogleRefused, GoogleUnavailable, Settings
from connectors.google_ways import QUOTA_PROJECT, Way
from connectors.reply import retry_after, service_message
from okr.problem import OkrSyncError

if TYPE_CHECKING:
    from requests import Response

QUOTA = 60.0
"""Seconds: Google counts calls per minute (developers.google.com/workspace/sheets/api/limits)."""
_PROTECTED = "protected"
_NO_PROJECT = ("requires a quota project", "required permission to use project")


class Unanswered(GoogleUnavailable):
    """The request was sent, and no proper answer came: of a write nobody knows whether it landed."""


class WebPage(Unanswered):
    """A web page with status 200 stood in the place of an answer."""


class UnknownToken(GoogleRefused):
    """Google doesn't know the token, or no more. Nothing was done for the request (RFC 9110, 15.5.2)."""


class GoogleInvalid(SourceMisread):
    """Google doesn't accept the request, and applied nothing of it (400)."""


class GoogleLost(OkrSyncError):
    """A write was sent and its answer lost: it may have landed, whole. Read the sheet and plan again."""


def classify_google(response: Response, account: str, way: Way, settings: Settings, now: datetime) -> OkrSyncError:
    """What an answer other than a good one means. ``account`` is whom to share the sheet with; "" where unknown.

    ``way`` is how okr-sync signs in.
    """
    status, said = response.status_code, service_message(response)
    if status == 429:
        wait = retry_after(response.headers, now)
        return GoogleUnavailable("Google's quota of calls per minute is used up.", retry_after=wait or QUOTA)
    if status in {401, 403, 404} or (status == 400 and _PROTECTED in said.lower()):
        return _refusal(status, said, account or "this account", way, settings)
    if status >= 500 or status == 408:
        return Unanswered(f"Google answered {status}.")
    return GoogleInvalid(f"Google doesn't accept the request ({status}): {said or 'no reason given'}")


def _refusal(status: int, said: str, account: str, way: Way, settings: Settings) -> GoogleRefused:
    share = f"Share the sheet with {account}"
    if status == 401:
        fix = way.say_refused(settings.credentials)
        return UnknownToken(f"Google refuses (401): {said or 'unknown account'}", fix=fix)
    if status == 404:
        return GoogleRefused("There is no such spreadsheet.", fix=f"Check {settings.sheet}. {share}.")
    if status == 400:
        return GoogleRefused(
            f"A person protected cells that okr-sync writes: {said}", fix=f"Let {account} edit the protected range."
        )
    if "insufficient authentication scopes" in said and way.unscoped:
        return GoogleRefused(f"Google refuses ({status}): {said}", fix=way.unscoped, everything=True)
    if any(words in said for words in _NO_PROJECT):
        return GoogleRefused(f"Google refuses ({status}): {said}", fix=QUOTA_PROJECT, everything=True)
    if "has not been used" in said or "disabled" in said:
        return GoogleRefused(f"The Google Sheets API is off: {said}", fix="Turn it on for the account's project.")
    return GoogleRefused(f"Google refuses ({status}): {said or 'no permission'}", fix=f"{share} as {settings.role}.")

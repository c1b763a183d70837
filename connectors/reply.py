"""What an HTTP answer, or the lack of one, means: the errors of ``connectors.base``, in a person's words.

Messages are trimmed and carry neither headers nor whole bodies: those hold cookies, tokens and 50 KB of HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from connectors.base import SourceError, SourceMisread, SourceRefused, SourceUnavailable
from connectors.secret import redact

if TYPE_CHECKING:
    from requests import Response

_LONGEST = 240
_TAG = re.compile(r"<[^>]*>")
_MESSAGE_KEYS = ("errorMessages", "message", "errorMessage", "errors", "error", "type")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, for messages: the source's name in the config, its host, and the credential's reference.

    ``quota_wait`` is how long a 429 needs at the least, in seconds; a shorter Retry-After doesn't help.
    """

    source: str
    host: str = ""
    credential: str = ""
    quota_wait: float = 0.0

    @property
    def place(self) -> str:
        """The source and where it lives: ``jira (acme.atlassian.net)``."""
        return f"{self.source} ({self.host})" if self.host else self.source


def classify(response: Response, asked: Asked, now: datetime) -> None:
    """Raise what an answer other than a good one means; pass a good one and a redirect.

    Raises:
        SourceUnavailable: 408, 425, 429 and 5xx, with how long the service asks us to wait.
        SourceRefused: 401 and 403, naming the credential.
        SourceMisread: anything else, with the service's own message.
    """
    status = response.status_code
    if status < 400:
        return
    message = f"{asked.place} answered {status}" + _say(service_message(response))
    if status == 429:
        told = retry_after(response.headers, now)
        wait = max(told or 0.0, asked.quota_wait) or None
        raise SourceUnavailable(f"{asked.place} asks to be left alone for a while (429).", retry_after=wait)
    if status in {408, 425} or status >= 500:
        raise SourceUnavailable(message, retry_after=retry_after(response.headers, now))
    if status in {401, 407}:
        raise SourceRefused(message, fix=_credential_fix(asked), everything=True)
    if status == 403:
        raise SourceRefused(
            message, fix=f"Give the account of {asked.credential or 'this source'} permission to read it."
        )
    if status == 404:
        raise SourceMisread(message, fix=f"Check the url of {asked.source} and the name that was asked for.")
    raise SourceMisread(message, fix="Correct the query.")


def parse_answer(response: Response, asked: Asked) -> dict[str, Any]:
    """The JSON object of a good answer, numbers with a point as Decimal.

    Raises:
        SourceMisread: it is a web page, mostly a login page, or JSON of another shape.
        SourceUnavailable: it was cut off.
    """
    found = parse_json(response, asked)
    if not isinstance(found, dict):
        raise SourceMisread(f"{asked.place} answered with something else than expected (no JSON object).")
    return found


def parse_json(response: Response, asked: Asked) -> Any:
    """Any JSON of a good answer; as ``parse_answer`` otherwise."""
    text = response.content.decode("utf-8", "replace")
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        kind = response.headers.get("Content-Type", "")
        if "html" in kind or text.lstrip()[:1] == "<":
            raise SourceMisread(
                f"{asked.place} answered with a login page instead of JSON.",
                fix=f"Check the url and {asked.credential or 'the credential'}; single sign-on may stand between.",
            ) from None
        raise SourceUnavailable(f"The answer of {asked.place} was cut off in the middle.") from None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, written as seconds or as an HTTP date (RFC 9110, 10.2.3).

    A date is compared with the service's own Date where it sends one: its clock and ours may differ by minutes.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        until = parse_http_date(text)
        if until is None:
            return None
        seconds = (until - (parse_http_date(headers.get("Date", "")) or now)).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None


def parse_http_date(text: str) -> datetime | None:
    """A header's date, aware; ``None`` where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def service_message(response: Response) -> str:
    """What the service says in its own words, in one trimmed line; empty where it says nothing for people."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return ""
    return trimmed(_first_text(body))


def trimmed(text: str) -> str:
    """A foreign text made fit for a message: one line, no markup, no secret, not long.

    Secrets go before markup does: one that holds a "<" wouldn't be known any more without it.
    """
    line = " ".join(redact(_TAG.sub(" ", redact(text))).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


@contextmanager
def transport(asked: Asked) -> Iterator[None]:
    """Turn what ``requests`` raises on the way into our errors; ours pass untouched."""
    import requests.exceptions as broken

    try:
        yield
    except SourceError:
        raise
    except broken.SSLError as error:
        raise _untrusted(asked, error) from None
    except broken.Timeout:
        raise SourceUnavailable(f"{asked.place} gave no answer in time.") from None
    except (broken.InvalidURL, broken.MissingSchema, broken.InvalidSchema, broken.TooManyRedirects):
        raise SourceMisread(f"The url of {asked.source} leads nowhere.", fix="Correct the url in the config.") from None
    except broken.InvalidJSONError:
        raise SourceUnavailable(f"The answer of {asked.place} was cut off in the middle.") from None
    except broken.RequestException as error:
        raise SourceUnavailable(f"{asked.place} can't be reached ({_kind_of(error)}).") from None


def never_sent(error: BaseException | None) -> bool:
    """Whether a request failed before a connection stood, so that the service can't have seen it."""
    import requests.exceptions as broken

    if isinstance(error, broken.ConnectTimeout | broken.InvalidURL | broken.MissingSchema | broken.InvalidSchema):
        return True
    return any(name in repr(error) for name in ("NameResolutionError", "NewConnectionError"))


def _untrusted(asked: Asked, error: Exception) -> SourceError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SourceMisread(
            f"The certificate of {asked.place} can't be verified.",
            fix="Point REQUESTS_CA_BUNDLE at your company's certificates.",
        )
    return SourceUnavailable(f"The encrypted connection to {asked.place} broke.")


def _kind_of(error: Exception) -> str:
    words = {"NameResolutionError": "unknown host name", "NewConnectionError": "connection refused",
             "RemoteDisconnected": "connection cut", "IncompleteRead": "answer cut off",
             "ProtocolError": "connection cut", "ProxyError": "proxy"}  # fmt: skip
    text = repr(error)
    return next((said for name, said in words.items() if name in text), "connection broke")


def _credential_fix(asked: Asked) -> str:
    where = asked.credential or "the credential"
    return f"Check {where}: it may be wrong, expired or revoked."


def _say(message: str) -> str:
    return f": {message}" + ("" if message[-1:] in ".!?…" else ".") if message else "."


def _first_text(found: Any) -> str:
    """The first thing in a vendor's error body that reads as a message."""
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return " ".join(filter(None, map(_first_text, found)))
    if isinstance(found, dict):
        named = [text for key in _MESSAGE_KEYS if key in found and (text := _first_text(found[key]))]
        if named:
            return named[0]
        return " ".join(value for value in found.values() if isinstance(value, str))
    return ""

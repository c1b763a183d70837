"""One GET or POST with everything that makes it safe: checked addresses, no foreign redirect, limits of size and time.

What every kind shares that asks an address which people write (``http``, recipes, files at a url).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from connectors.address import guard, resolve
from connectors.base import SourceMisread, SourceUnavailable, Surroundings
from connectors.reply import Asked, classify

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

TIMEOUT = (5, 30)
_CHUNK = 1 << 16
_HOPS = 5


@dataclass(frozen=True, slots=True)
class WebLimits:
    """``bytes`` of an answer after decompression, ``seconds`` for all of it, and whether private hosts are asked."""

    bytes: int = 50_000_000
    seconds: float = 120.0
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    url: str
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    body: Any = None


def make_session(around: Surroundings, limits: WebLimits, headers: Mapping[str, str]) -> Session:
    """A session for one thread. ``around.extra["resolve"]`` replaces the system's resolver in tests."""
    import requests

    session = requests.Session()
    session.headers.update({"User-Agent": around.user_agent, "Accept": "application/json", **headers})
    if not limits.allow_private:
        guard(session, around.extra.get("resolve", resolve))
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        session.verify = bundle or True
    return session


def fetch(
    session: Session,
    ask: Ask,
    asked: Asked,
    around: Surroundings,
    limits: WebLimits,
    auth: Callable[[PreparedRequest], PreparedRequest] | None = None,
    look: Callable[[Response], None] | None = None,
) -> Response:
    """A good answer, read to its end. ``look`` sees every answer before it is judged by its status.

    A redirect is followed within the same host only: elsewhere, the credential would go with it.

    Raises:
        SourceError: see ``reply.classify``; misread too where it is too large or redirects to another host.
    """
    url = ask.url
    for _ in range(_HOPS):
        response = session.request(
            ask.method,
            url,
            params=list(ask.params) or None if url == ask.url else None,
            json=ask.body,
            timeout=around.extra.get("timeout", TIMEOUT),
            auth=auth or _no_auth,
            stream=True,
            allow_redirects=False,
        )
        with response:
            _read(response, asked, around, limits)
        target = response.headers.get("Location")
        if not (response.is_redirect and target):
            if look is not None:
                look(response)
            classify(response, asked, around.now())
            return response
        url = _follow(response.url, target, asked)
    raise SourceMisread(f"{asked.place} redirects again and again.", fix=f"Correct the url of {asked.source}.")


def is_same_host(one: str, other: str) -> bool:
    """Whether two urls have the same host and port, and the second is encrypted if the first is."""
    first, second = urlsplit(one), urlsplit(other)
    try:
        same = (first.hostname, _port(first)) == (second.hostname, _port(second))
    except ValueError:
        return False
    upgraded = first.scheme == "http" and second.scheme == "https" and first.hostname == second.hostname
    return upgraded or (same and first.scheme == second.scheme)


def _port(parts: Any) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _follow(url: str, target: str, asked: Asked) -> str:
    there = urljoin(url, target)
    if not is_same_host(url, there):
        host = urlsplit(there).hostname or "elsewhere"
        raise SourceMisread(
            f"{asked.place} redirects to {host}, where nothing is sent.",
            fix=f"If it has moved, write its new address as the url of {asked.source}.",
        )
    return there


def _read(response: Response, asked: Asked, around: Surroundings, limits: WebLimits) -> None:
    """The whole body, counted after decompression: a small answer may unfold to gigabytes."""
    end = around.monotonic() + limits.seconds
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(_CHUNK):
        size += len(piece)
        if size > limits.bytes:
            raise SourceMisread(
                f"{asked.place} answered with more than {limits.bytes / 1e6:,.0f} MB.",
                fix="Ask for less (fewer fields, a filter, smaller pages).",
            )
        if around.monotonic() > end:
            raise SourceUnavailable(f"{asked.place} took more than {limits.seconds:.0f} s for one answer.")
        pieces.append(piece)
    response._content = b"".join(pieces)


def _no_auth(request: PreparedRequest) -> PreparedRequest:
    """Keeps a .netrc from adding a password of its own."""
    return request

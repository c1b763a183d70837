"""Services that quote in their errors what they were sent: credentials in headers, addresses and bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Request

from sandbox.faults import Fault
from sandbox.wire import Service

_ANSWER = re.compile(r"([a-z])(\d{3})(p?)")


@dataclass(frozen=True)
class Trouble:
    """What services answer by their letters, such as "j401 d500p": a status, and as a page ("p") or in the vendor's own
    shape all that they were sent. ``part`` is in the path of what they answer so.

    ``shown``: whose answers people get to see something of, so that a secret in them has to be struck out.
    """

    answers: str
    shown: str = ""
    part: str = ""

    @property
    def services(self) -> set[str]:
        """The letters."""
        return {found[0] for found in _ANSWER.findall(self.answers)}

    def start(self, services: Mapping[str, Service], elsewhere: str) -> list[str]:
        """Answer so from now on; whatever is quoted is added to the list. ``elsewhere`` is where a 302 leads."""
        quoted: list[str] = []
        for letter, status, page in _ANSWER.findall(self.answers):
            services[letter].faults.add(self._fault(letter, int(status), bool(page), elsewhere, quoted))
        return quoted

    def _fault(self, letter: str, status: int, is_page: bool, elsewhere: str, quoted: list[str]) -> Fault:
        def match(request: Request) -> bool:
            if self.part not in request.path:
                return False
            text = quote_back(request)
            quoted.append(text)
            fault.body = f"<title>{text}</title><pre>{text}</pre>" if is_page else _word(letter, request, text)
            safe = quote(text[:2000])
            fault.headers = {"X-Quoted": safe, "WWW-Authenticate": f'Basic realm="{safe}"'}
            fault.headers |= {"Location": f"{elsewhere}/{safe}"} if status == 302 else {}
            return True

        fault = Fault(match=match, status=status, times=None)
        return fault


def quote_back(request: Request) -> str:
    """What a request brought that may sign it in."""
    brought = (
        request.headers.get("Authorization", ""), request.args.get("key", ""), request.query_string.decode(),
        request.get_data(as_text=True)[:3000],
    )  # fmt: skip
    return " ".join(("you sent", *filter(None, brought)))


def _word(letter: str, request: Request, text: str) -> Any:
    """An error as this service words it."""
    if request.path == "/token":
        return {"error": "invalid_grant", "error_description": text}
    return {
        "g": {"error": {"code": 400, "message": text, "status": "INVALID_ARGUMENT"}},
        "j": {"errorMessages": [text], "errors": {"jql": text}},
        "a": {"error": {"type": "INVALID_REQUEST", "message": text}},
        "d": {"message": text},
    }[letter]

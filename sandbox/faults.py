"""What can go wrong between a client and a stand-in, as a script: which request, when, how, how often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from werkzeug.wrappers import Request

Match = str | Callable[[Request], bool] | None
Kind = Literal["status", "cut", "truncate", "html", "slow", "timeout"]
When = Literal["before", "after"]

LOGIN_PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Log in to continue</title></head>
<body><form action="/login" method="post"><input name="email"><input name="password" type="password">
<button>Log in</button></form></body></html>
"""


def matches(match: Match, request: Request) -> bool:
    """Tell whether ``match`` names the request: part of "GET /path?query", a predicate, or None for any."""
    if match is None:
        return True
    if callable(match):
        return match(request)
    return match in f"{request.method} {request.full_path.rstrip('?')}"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    ``before``: the request is never handled, nothing is committed. ``after``: it is handled, then its
    answer is lost or replaced. Kinds:

    - ``status``: an error answer: ``status``, ``headers``, ``retry_after`` (any text or number), ``body``
      (a dict or list as JSON, a string as text, None in the service's own words).
    - ``cut``: the connection closes without an answer.
    - ``truncate``: handled, then half of the answer under the full Content-Length, then the connection closes.
    - ``html``: a login page with status 200.
    - ``slow``: answered properly after ``seconds`` more.
    - ``timeout``: silence until the client gives up.

    It skips the first ``skip`` requests that match, then happens ``times`` times (None: for ever).
    """

    match: Match = None
    kind: Kind = "status"
    when: When = "before"
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    retry_after: str | float | None = None
    seconds: float = 1.0
    times: int | None = 1
    skip: int = 0

    def __post_init__(self) -> None:
        if self.kind == "truncate":
            self.when = "after"


class Faults:
    """The script of a service: faults in the order they were added; the first that fits a request is its fate."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Add a fault to the script."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults.clear()

    @property
    def waiting(self) -> int:
        """How many faults of the script have not spent themselves."""
        return len(self._faults)

    def draw(self, request: Request) -> Fault | None:
        """Take the fault that befalls this request, and count it."""
        with self._lock:
            for fault in self._faults:
                if matches(fault.match, request) and _is_due(fault):
                    if fault.times == 0:
                        self._faults.remove(fault)
                    return fault
        return None


def _is_due(fault: Fault) -> bool:
    if fault.skip > 0:
        fault.skip -= 1
        return False
    if fault.times is not None:
        fault.times -= 1
    return True

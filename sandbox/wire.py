"""What all stand-ins share: routes, a request log, latency, quotas, faults, a person who edits.

A request passes in this order: latency, quotas, a fault before, then under the lock the person before, the
handler, the person after, then a fault after, the log, and the answer. ``sandbox.server`` puts it on a port.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, TypeVar
from urllib.parse import parse_qs

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.body import json_response, parse_json, read_body
from sandbox.clock import Clock
from sandbox.faults import LOGIN_PAGE, Fault, Faults, Match, matches
from sandbox.quota import Quota

__all__ = [
    "Clock",
    "Fate",
    "Fault",
    "Logged",
    "Quota",
    "Route",
    "Service",
    "json_response",
    "parse_json",
    "route",
]

Answer = Response | dict[str, Any] | list[Any] | None
Handler = Callable[..., Answer]
_F = TypeVar("_F", bound=Callable[..., Any])


class Route(NamedTuple):
    """A method and path pattern (in Werkzeug's rule syntax), and what answers it."""

    method: str
    pattern: str
    handler: Handler


def route(method: str, *patterns: str) -> Callable[[_F], _F]:
    """Mark a service's method as the handler of these path patterns; may be stacked."""

    def mark(handler: _F) -> _F:
        served = getattr(handler, "served", ())
        handler.served = (*served, *((method, pattern) for pattern in patterns))  # type: ignore[attr-defined]
        return handler

    return mark


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as the service saw it. ``started`` and ``ended`` are seconds on the service's timer.

    ``status`` is what the service or the fault answered, 0 where there was no answer. ``fault`` is the
    kind of fault that befell it. ``body`` is the parsed JSON (numbers with a point as Decimal), or None;
    ``text`` is a body that was no JSON.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    status: int
    at: datetime
    started: float
    ended: float
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What goes back on the wire: an answer, half of one, or nothing (closed at once, or after silence)."""

    response: Response | None
    half: bool = False
    silent: bool = False


@dataclass(slots=True)
class _Person:
    match: Match
    action: Callable[[], object]
    times: int


class Service:
    """A stand-in for one vendor's API. Subclasses set ``name`` and mark their handlers with ``route``.

    A handler is called with the request and the pattern's arguments while ``lock`` is held, and returns a
    response, JSON as a dict or list, or None for an empty 204; ``werkzeug.exceptions.abort(response)`` works
    too. Whatever has no handler is answered with a loud 501, so that nobody mistakes silence for success.
    """

    name: ClassVar[str] = "service"

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        latency: float = 0.0,
        quotas: Iterable[Quota] = (),
        wait: Callable[[float], object] = time.sleep,
        timer: Callable[[], float] = time.monotonic,
        port: int = 0,
    ) -> None:
        self.clock = clock or Clock(running=True)
        self.tell_time: Callable[[], datetime | None] = self.clock.now
        """What the Date header of every answer says; ``None``: there is none."""
        self.latency = latency
        self.quotas = list(quotas)
        self.wait = wait
        self.timer = timer
        self.port = port
        self.url = ""
        self.lock = threading.RLock()
        self.faults = Faults()
        self.requests: list[Logged] = []
        self.failures: list[str] = []
        self._before: list[_Person] = []
        self._after: list[_Person] = []
        self._handlers = {f"{number}": each for number, each in enumerate(self.rules())}
        rules = [Rule(each.pattern, methods=[each.method], endpoint=key) for key, each in self._handlers.items()]
        self._routes = Map(rules, strict_slashes=False, merge_slashes=False).bind("127.0.0.1")

    def rules(self) -> Iterable[Route]:
        """Return every route: by default the methods marked with ``route``."""
        for name in dir(type(self)):
            for method, pattern in getattr(getattr(type(self), name), "served", ()):
                yield Route(method, pattern, getattr(self, name))

    # What a vendor words in its own way

    def refusal(self, status: int, request: Request) -> Response:
        """Word an error answer as the vendor does. Used by faults that bring no body of their own."""
        return json_response({"error": f"{self.name} answers {status} to {request.method} {request.path}"}, status)

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """Word the answer to a call that exceeds ``quota`` and might pass after ``wait`` seconds."""
        response = self.refusal(429, request)
        response.headers["Retry-After"] = str(max(1, round(wait + 0.5)))
        return response

    def unserved(self, request: Request) -> Response:
        """Answer what the sandbox does not serve, so that it can't pass for the vendor's answer."""
        text = f"The sandbox's {self.name} does not serve {request.method} {request.path}."
        return json_response({"sandbox": text, "errorMessages": [text], "error": text}, 501)

    # A person who edits between a named read and a named write

    def before(self, match: Match, action: Callable[[], object], times: int = 1) -> None:
        """Run ``action`` with the lock held just before the next ``times`` matching requests are handled."""
        self._before.append(_Person(match, action, times))

    def after(self, match: Match, action: Callable[[], object], times: int = 1) -> None:
        """Run ``action`` with the lock held just after the next ``times`` matching requests were handled."""
        self._after.append(_Person(match, action, times))

    # The way of a request

    def answer(self, request: Request) -> Fate:
        """Take a request through latency, quotas, faults and its handler, log it, and say what goes back."""
        started = self.timer()
        if self.latency:
            self.wait(self.latency)
        fault: Fault | None = None
        if (response := self._check_quotas(request)) is not None:
            fate = Fate(response)
        else:
            fault = self.faults.draw(request)
            if fault is not None and fault.when == "before" and fault.kind != "slow":
                fate = self._spoil(fault, request, None)
            else:
                if fault is not None and fault.when == "before":
                    self.wait(fault.seconds)
                fate = Fate(self._handle(request))
                if fault is not None and fault.when == "after":
                    fate = self._spoil(fault, request, fate.response)
        self._log(request, fate, fault, started)
        return fate

    def _check_quotas(self, request: Request) -> Response | None:
        with self.lock:
            now = self.timer()
            for quota in self.quotas:
                if (wait := quota.wait(request, now)) > 0:
                    return self.over_quota(request, quota, wait)
            for quota in self.quotas:
                quota.count(request, now)
        return None

    def _handle(self, request: Request) -> Response:
        with self.lock:
            self._let_person(self._before, request)
            response = self._dispatch(request)
            self._let_person(self._after, request)
        return response

    def _dispatch(self, request: Request) -> Response:
        try:
            key, arguments = self._routes.match(request.path, request.method)
        except (NotFound, MethodNotAllowed):
            return self.unserved(request)
        try:
            return _make_response(self._handlers[key].handler(request, **arguments))
        except HTTPException as error:
            return Response.force_type(error.get_response(request.environ), request.environ)
        except Exception:  # noqa: BLE001 - a bug of the stand-in must be loud on both sides of the wire
            self.failures.append(traceback.format_exc())
            return json_response({"sandbox": f"{self.name} failed", "traceback": self.failures[-1]}, 500)

    def _let_person(self, persons: list[_Person], request: Request) -> None:
        for person in [each for each in persons if matches(each.match, request)]:
            person.times -= 1
            if person.times <= 0:
                persons.remove(person)
            person.action()

    def _spoil(self, fault: Fault, request: Request, response: Response | None) -> Fate:
        match fault.kind:
            case "cut":
                return Fate(None)
            case "timeout":
                return Fate(None, silent=True)
            case "truncate":
                return Fate(response, half=True)
            case "slow":
                self.wait(fault.seconds)
                return Fate(response)
            case "html":
                return Fate(Response(LOGIN_PAGE, 200, content_type="text/html; charset=utf-8"))
            case "status":
                return Fate(self._error(fault, request))

    def _error(self, fault: Fault, request: Request) -> Response:
        if fault.body is None:
            response = self.refusal(fault.status, request)
        elif isinstance(fault.body, str | bytes):
            response = Response(fault.body, fault.status, content_type="text/html; charset=utf-8")
        else:
            response = json_response(fault.body, fault.status)
        response.headers.update(fault.headers)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def _log(self, request: Request, fate: Fate, fault: Fault | None, started: float) -> None:
        body, text = read_body(request)
        logged = Logged(
            method=request.method,
            path=request.path,
            query=parse_qs(request.query_string.decode(), keep_blank_values=True),
            body=body,
            status=fate.response.status_code if fate.response is not None else 0,
            at=self.clock.now(),
            started=started,
            ended=self.timer(),
            headers=dict(request.headers),
            text=text,
            fault=fault.kind if fault is not None else None,
        )
        with self.lock:
            self.requests.append(logged)


def _make_response(answer: Answer) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(status=204) if answer is None else json_response(answer)

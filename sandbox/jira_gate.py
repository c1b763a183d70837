"""The door of the Jira stand-in: who may come in, how often, and how a refusal is worded."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Literal

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request, Response

from sandbox.jira_issue_json import IssueJson
from sandbox.jira_site import JiraSite, User
from sandbox.jql_lex import JqlError, JqlUnserved
from sandbox.jql_where import Search, make_search
from sandbox.quota import Quota
from sandbox.wire import Answer, Route, Service, json_response

API = "/rest/api/<any('2','3','latest'):version>"
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
_THINGS = re.compile(r"/(?:[A-Z][A-Z0-9_]*-)?\d+(?=/|$)")
_NEAR = 0.2
_PUBLIC = frozenset({"server_info", "describe_server", "tenant_info"})


def burst_limit(calls: int, per_seconds: float) -> Quota:
    """Return Jira's burst limit: so many calls of one method to one endpoint, whichever issue they are about."""
    return Quota(calls, per_seconds, key=_endpoint, name="jira-burst-based")


def _endpoint(request: Request) -> str:
    return f"{request.method} {_THINGS.sub('/…', request.path)}"


class JiraGate(Service):
    """A site behind its door: basic auth by e-mail and token, scoped tokens at ``/ex/jira/{cloudId}`` only.

    ``unknown`` says what a search does with a field or value that the site doesn't have: "refuse" it with
    400, or "ignore" it, answering 200 without those issues. Public accounts of Cloud have seen both.
    """

    data_center: ClassVar[bool] = False
    renderer: ClassVar[type[IssueJson]] = IssueJson

    def __init__(self, site: JiraSite, *, unknown: Literal["refuse", "ignore"] = "refuse", **options: Any) -> None:
        self.site = site
        self.unknown = unknown
        super().__init__(site.clock, **options)

    def rules(self) -> Iterable[Route]:
        """Return every route, at the site and on Cloud also behind the gateway for scoped tokens."""
        for each in super().rules():
            public = getattr(each.handler, "__name__", "") in _PUBLIC
            yield Route(each.method, each.pattern, partial(self._enter, each.handler, public, None))
            if not self.data_center:
                gate = f"/ex/jira/<cloud_id>{each.pattern}"
                yield Route(each.method, gate, partial(self._enter_gateway, each.handler, public))

    def find(self, request: Request, jql: str, *, bounded: bool = True, lenient: bool = False) -> Search:
        """Read and check a query for the asker. Raises JqlError."""
        return make_search(
            self.site,
            asker(request),
            jql,
            bounded=bounded and not self.data_center,
            lenient=lenient or self.unknown == "ignore",
            data_center=self.data_center,
        )

    # Who may come in

    def _enter_gateway(
        self, handler: Callable[..., Answer], public: bool, request: Request, cloud_id: str, **arguments: str
    ) -> Answer:
        if cloud_id != self.site.cloud_id:
            return json_response({"code": 404, "message": "No message available"}, 404)
        return self._enter(handler, public, cloud_id, request, **arguments)

    def _enter(
        self, handler: Callable[..., Answer], public: bool, cloud_id: str | None, request: Request, **arguments: str
    ) -> Answer:
        request.environ["jira.base"] = self.url + (f"/ex/jira/{cloud_id}" if cloud_id else "")
        user = self.find_user(request, scoped=cloud_id is not None)
        if user is None and (request.authorization is not None or not public):
            return self.refuse_entry(request, scoped=cloud_id is not None)
        request.environ["jira.user"] = user
        try:
            answer = handler(request, **arguments)
        except JqlError as error:
            return refuse(400, *error.messages)
        except JqlUnserved as error:
            return json_response({"sandbox": f"The sandbox's Jira does not serve {error}."}, 501)
        return self._with_limits(request, answer)

    def find_user(self, request: Request, *, scoped: bool) -> User | None:
        """Return who asks, by their credentials; None when these are missing or wrong."""
        given = request.authorization
        if given is None:
            return None
        tokens = self.site.scoped_tokens if scoped else self.site.tokens
        if given.type == "bearer" and scoped:
            email = next((each for each, token in tokens.items() if token == given.token), "")
        else:
            email = given.username or ""
            if given.type != "basic" or not email or tokens.get(email) != given.password:
                return None
        return next((user for user in self.site.users.values() if user.email == email), None)

    def refuse_entry(self, request: Request, *, scoped: bool) -> Response:
        """Word the answer to somebody who may not come in."""
        if scoped:
            return json_response({"code": 401, "message": "Unauthorized; scope does not match"}, 401)
        if request.authorization is not None and request.authorization.type == "bearer":
            return json_response({"error": "Failed to parse Connect Session Auth Token"}, 403)
        text = "Client must be authenticated to access this resource."
        reason = "AUTHENTICATED_FAILED" if request.authorization else "OUT"
        headers = {"X-Seraph-Loginreason": reason, "WWW-Authenticate": 'OAuth realm="https%3A%2F%2Facme.atlassian.net"'}
        return json_response({"message": text, "status-code": 401}, 401, headers)

    # Limits

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """Refuse a burst: 429 with Retry-After in whole seconds and the moment, to the minute, when it ends."""
        response = refuse(429, "Rate limit exceeded.")
        response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        response.headers["RateLimit-Reason"] = quota.name or "jira-burst-based"
        response.headers.update(self.limits(request, quota, wait))
        return response

    def _with_limits(self, request: Request, answer: Answer) -> Answer:
        if not self.quotas:
            return answer
        response = answer if isinstance(answer, Response) else json_response(answer)
        response.headers.update(self.limits(request, self.quotas[0], self.quotas[0].per_seconds))
        return response

    def limits(self, request: Request, quota: Quota, wait: float) -> dict[str, str]:
        """Return the headers that say how much of a limit is left."""
        reset, left = self.clock.now() + timedelta(seconds=wait), quota.left(request, self.timer())
        return {
            "X-RateLimit-Limit": str(quota.calls),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%MZ}",
        } | ({"X-RateLimit-NearLimit": "true"} if left < _NEAR * quota.calls else {})

    def refusal(self, status: int, request: Request) -> Response:
        """Word an error answer as Jira does."""
        words = {429: "Rate limit exceeded.", 503: "Service Unavailable", 500: "Internal server error"}
        return refuse(status, words.get(status, f"Error {status}"))

    def render(self, request: Request, version: str) -> IssueJson:
        """Return the renderer for the asker."""
        return self.renderer(self.site, request.environ["jira.base"], asker(request), version)


def refuse(status: int, *messages: str) -> Response:
    """Make a refusal in Jira's shape."""
    return json_response({"errorMessages": list(messages), "errors": {}}, status)


def asker(request: Request) -> User:
    """Return who asks."""
    user: User = request.environ["jira.user"]
    return user


def read_json(request: Request, known: frozenset[str]) -> Mapping[str, Any]:
    """Read a body. What is no object, or has a key that Jira doesn't know, is refused."""
    try:
        body = json.loads(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict) or not body.keys() <= known:
        abort(refuse(400, BAD_PAYLOAD))
    return body

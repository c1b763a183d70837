"""Jira Data Center on loopback, version 10: API version 2 with its old search, and personal access tokens.

What only Cloud has (search/jql, approximate counts, jql/parse, pages of changelogs, the gateway, API version 3)
is a 404 in the words of Data Center (kelos-dev/kelos#1439); what neither serves here stays a loud 501.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC
from functools import partial
from typing import Any, ClassVar

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request, Response

from sandbox.jira_data_center_json import ONLY_ON_CLOUD, DataCenterJson
from sandbox.jira_epics import JiraEpics
from sandbox.jira_gate import refuse
from sandbox.jira_lists import JiraLists
from sandbox.jira_search import wanted_fields
from sandbox.jira_site import User
from sandbox.quota import Quota
from sandbox.wire import Answer, Route, json_response, route

API_2 = "/rest/api/<any('2','latest'):version>"
MOST_ISSUES = 1000
_VERSION = [10, 3, 6]
_ONLY_CLOUD = frozenset(
    {"tenant_info", "changelog", "changelogs", "search_projects", "search_filters", "my_filters", "server_info"}
)  # fmt: skip
_KNOWN = {"jql", "startAt", "maxResults", "validateQuery", "fields", "expand"}


class JiraDataCenter(JiraLists, JiraEpics):
    """A Data Center site: bearer tokens, or basic auth by user name (the e-mail's part before the @) and token."""

    name = "Jira Data Center"
    data_center = True
    renderer: ClassVar[type[DataCenterJson]] = DataCenterJson

    def rules(self) -> Iterable[Route]:
        """Return the routes of Data Center, then those of Cloud that it answers with 404."""
        for each in super().rules():
            handler = each.handler.args[0] if isinstance(each.handler, partial) else each.handler
            if handler.__name__ not in _ONLY_CLOUD:
                yield Route(
                    each.method, each.pattern.replace("any('2','3','latest')", "any('2','latest')"), each.handler
                )
        for method in ("GET", "POST"):
            for pattern in (f"{API_2}/search/<path:rest>", f"{API_2}/jql/<path:rest>", "/rest/api/3/<path:rest>",
                            f"{API_2}/changelog/<path:rest>", f"{API_2}/issue/<key>/changelog", "/ex/<path:rest>",
                            "/_edge/<path:rest>"):  # fmt: skip
                yield Route(method, pattern, _absent)

    @route("GET", f"{API_2}/serverInfo")
    def describe_server(self, request: Request, version: str) -> Answer:
        """Describe the server; a Data Center calls itself "Server", too."""
        now = self.clock.now().astimezone(UTC)
        number = ".".join(map(str, _VERSION))
        return {
            "baseUrl": self.url,
            "version": number,
            "versionNumbers": _VERSION,
            "deploymentType": "Server",
            "buildNumber": 10_030_006,
            "buildDate": "2026-10-20T00:00:00.000+0000",
            "databaseBuildNumber": 10_030_006,
            "serverTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}+0000",
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
        }

    @route("GET", f"{API_2}/field")
    def fields(self, request: Request, version: str) -> Answer:
        """List the fields."""
        render = self.render(request, "2")
        return [render.field(each) for each in self.site.fields.values() if each.id not in ONLY_ON_CLOUD]

    @route("GET", f"{API_2}/search")
    @route("POST", f"{API_2}/search")
    def search(self, request: Request, version: str) -> Answer:
        """Return a page of issues, and exactly how many there are."""
        asked = _read(request)
        validate = str(asked.get("validateQuery", "strict")).lower()
        search = self.find(request, str(asked.get("jql") or ""), lenient=validate in ("warn", "none", "false"))
        rows, render = search.run(), self.render(request, "2")
        start, size = _number(asked, "startAt", 0), _number(asked, "maxResults", 50)
        size = MOST_ISSUES if size < 0 else min(size, MOST_ISSUES)
        fields = asked.get("fields")
        wanted = render.default_fields() if fields is None else wanted_fields(render, fields)
        expand = asked.get("expand") or []
        changelog = MOST_ISSUES if "changelog" in expand else 0
        body: dict[str, Any] = {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(rows)}
        body["issues"] = [render.issue(row, wanted, changelog=changelog) for row in rows[start : start + size]]
        if "names" in expand:
            body["names"] = {name: self.site.fields[name].name for name in wanted}
        return body | ({"warningMessages": list(search.warnings)} if search.warnings and validate == "warn" else {})

    # Who may come in

    def find_user(self, request: Request, *, scoped: bool) -> User | None:
        """Return who asks, by a personal access token or by user name and token."""
        given, tokens = request.authorization, self.site.tokens
        for user in self.site.users.values():
            token = tokens.get(user.email)
            if given is None or not token:
                continue
            if given.type == "bearer" and given.token == token:
                return user
            if given.type == "basic" and (given.username, given.password) == (user.login, token):
                return user
        return None

    def refuse_entry(self, request: Request, *, scoped: bool) -> Response:
        """Refuse who is nobody with JSON, and wrong credentials with a page."""
        headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED" if request.authorization else "OUT",
                   "WWW-Authenticate": 'OAuth realm="https%3A%2F%2Fjira.acme.example"'}  # fmt: skip
        if request.authorization is not None:
            page = "<html><head><title>Unauthorized (401)</title></head><body><h1>Unauthorized (401)</h1></body></html>"
            return Response(page, 401, headers, content_type="text/html;charset=UTF-8")
        text = "Client must be authenticated to access this resource."
        return json_response({"message": text, "status-code": 401}, 401, headers)

    # Limits

    def limits(self, request: Request, quota: Quota, wait: float) -> dict[str, str]:
        """Return the headers of Data Center's token bucket."""
        left = quota.left(request, self.timer())
        return {
            "X-RateLimit-Limit": str(quota.calls),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-FillRate": str(quota.calls),
            "X-RateLimit-Interval-Seconds": f"{quota.per_seconds:g}",
            "Retry-After": str(0 if left else max(1, round(wait + 0.5))),
        }

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """Refuse a call that the bucket has no token for."""
        return json_response({"message": "Rate limit exceeded."}, 429, self.limits(request, quota, wait))


def rate_limit(calls: int, per_seconds: float) -> Quota:
    """Return Data Center's rate limit: so many calls of one person."""
    return Quota(calls, per_seconds, key=lambda request: request.headers.get("Authorization"), name="rate-limit")


def _absent(_: Request, **__: str) -> Answer:
    return json_response({"message": "HTTP 404 Not Found", "status-code": 404, "sub-code": -1}, 404)


def _read(request: Request) -> Mapping[str, Any]:
    if request.method == "GET":
        lists = {name: [part.strip() for each in request.args.getlist(name) for part in each.split(",") if part.strip()]
                 for name in ("fields", "expand") if name in request.args}  # fmt: skip
        return {**request.args.to_dict(), **lists}
    try:
        body = json.loads(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        abort(refuse(400, "Unexpected character: the body is no JSON object."))
    if unknown := body.keys() - _KNOWN:
        bean = "com.atlassian.jira.rest.v2.search.SearchRequestBean"
        abort(refuse(400, f'Unrecognized field "{min(unknown)}" (Class {bean}), not marked as ignorable'))
    return body


def _number(asked: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(asked.get(name, default))
    except (TypeError, ValueError):
        abort(refuse(400, f"The value of '{name}' must be a number."))

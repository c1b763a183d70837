"""The search of the Jira stand-in: pages by token, counts, and the check of many queries at once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request, Response

from sandbox.jira_gate import API, BAD_PAYLOAD, JiraGate, asker, read_json, refuse
from sandbox.jira_issue_json import IssueJson
from sandbox.jira_site import Row, User
from sandbox.jql import parse_jql
from sandbox.jql_json import render_structure
from sandbox.jql_lex import JqlError
from sandbox.jql_where import make_search
from sandbox.wire import Answer, route

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
MOST_IDS = 5000
MOST_ISSUES = 100
_TOKEN_LIFE = timedelta(days=7)
_SEARCH_KEYS = frozenset(
    {"jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "failFast",
     "reconcileIssues"}
)  # fmt: skip


class JiraSearch(JiraGate):
    """What searches."""

    _last: tuple[tuple[object, ...], object, list[Row]] | None = None

    @route("GET", f"{API}/search")
    @route("POST", f"{API}/search")
    def old_search(self, _: Request, version: str) -> Response:
        """Say that the old search is gone."""
        return refuse(410, GONE)

    @route("GET", f"{API}/search/jql")
    @route("POST", f"{API}/search/jql")
    def search(self, request: Request, version: str) -> Answer:
        """Return a page of issues."""
        asked = self._read_search(request)
        user, jql = asker(request), str(asked.get("jql") or "")
        start = self._read_token(asked.get("nextPageToken"), jql, user)
        wanted, only_ids = (
            wanted_fields(self.render(request, version), asked.get("fields")),
            _only_ids(asked.get("fields")),
        )
        size = min(_page_size(asked.get("maxResults")), MOST_IDS if not wanted else MOST_ISSUES)
        rows = self._rows(request, jql)
        page = rows[start : start + size]
        expand = asked.get("expand") or ""
        changelog = MOST_ISSUES if "changelog" in (expand if isinstance(expand, list) else expand.split(",")) else 0
        body: dict[str, Any] = {"issues": self._render(request, version, page, wanted, changelog, only_ids=only_ids)}
        if start + size < len(rows):
            body["nextPageToken"] = self._make_token(start + size, jql, user)
        return body | {"isLast": start + size >= len(rows)}

    @route("POST", f"{API}/search/approximate-count")
    def count(self, request: Request, version: str) -> Answer:
        """Return how many issues a query means; here the estimate is exact."""
        body = read_json(request, frozenset({"jql"}))
        return {"count": len(self.find(request, str(body.get("jql") or "")).run())}

    @route("POST", f"{API}/jql/parse")
    def parse(self, request: Request, version: str) -> Answer:
        """Read and check many queries at once."""
        queries = read_json(request, frozenset({"queries"})).get("queries")
        if not isinstance(queries, list) or not queries:
            abort(refuse(400, BAD_PAYLOAD))
        how = request.args.get("validation", "strict")
        return {"queries": [self._parse_one(request, str(query), how) for query in queries]}

    def _parse_one(self, request: Request, text: str, how: str) -> dict[str, Any]:
        body: dict[str, Any] = {"query": text}
        try:
            structure = render_structure(parse_jql(text))
            if how != "none":
                make_search(self.site, asker(request), text, bounded=False)
        except JqlError as error:
            body["errors"] = error.messages
            if how != "warn" or any("Error in the JQL Query" in each for each in error.messages):
                return body
            structure = render_structure(parse_jql(text))
        return body | {"structure": structure}

    def _rows(self, request: Request, jql: str) -> list[Row]:
        """Return what a query means. The last answer is kept while nothing moves: pages of it are asked for in turn."""
        key = (jql, asker(request), self.site.now(), self.unknown)
        view = self.site.version()
        if self._last is None or self._last[0] != key or self._last[1] is not view:
            self._last = (key, view, self.find(request, jql).run())
        return self._last[2]

    def _read_search(self, request: Request) -> Mapping[str, Any]:
        if request.method == "POST":
            return read_json(request, _SEARCH_KEYS)
        lists = {"fields": [part for each in request.args.getlist("fields") for part in each.split(",") if part]}
        return {**request.args.to_dict(), **(lists if lists["fields"] else {"fields": None})}

    def _render(
        self, request: Request, version: str, rows: list[Row], wanted: list[str], changelog: int, *, only_ids: bool
    ) -> list[dict[str, Any]]:
        if only_ids and not changelog:
            return [{"id": str(row.issue.id)} for row in rows]
        render = self.render(request, version)
        issues = [render.issue(row, wanted, changelog=changelog) for row in rows]
        if not wanted:
            for issue in issues:
                del issue["fields"]
        return issues

    # Page tokens: bound to the query and the asker, alive for seven days

    def _make_token(self, start: int, jql: str, user: User) -> str:
        token = [start, _fingerprint(jql, user), self.clock.now().isoformat()]
        return base64.urlsafe_b64encode(json.dumps(token).encode()).decode()

    def _read_token(self, token: str | None, jql: str, user: User) -> int:
        if not token:
            return 0
        try:
            start, fingerprint, made = json.loads(base64.urlsafe_b64decode(token))
            fresh = self.clock.now() - datetime.fromisoformat(made) <= _TOKEN_LIFE
        except (ValueError, TypeError):
            fresh, fingerprint, start = False, "", 0
        if not fresh or fingerprint != _fingerprint(jql, user):
            abort(refuse(400, "The provided next page token is invalid or expired."))
        return int(start)


def wanted_fields(render: IssueJson, asked: Any) -> list[str]:
    """Return the field ids that a search's ``fields`` ask for."""
    names = _asked(asked)
    wanted: list[str] = []
    for each in names:
        if each in ("*all", "*navigable"):
            wanted += render.default_fields()
        elif each in render.site.fields and each != "issuekey":
            wanted.append(each)
    dropped = {each[1:] for each in names if each.startswith("-")}
    if dropped and not wanted:
        wanted = render.default_fields()
    return [each for each in dict.fromkeys(wanted) if each not in dropped]


def _only_ids(asked: Any) -> bool:
    return set(_asked(asked)) <= {"id"}


def _asked(fields: Any) -> list[str]:
    return [str(each).strip() for each in fields or [] if str(each).strip()]


def _page_size(given: Any) -> int:
    try:
        size = int(50 if given is None else given)
    except (TypeError, ValueError):
        size = 0
    if size < 1:
        abort(refuse(400, BAD_PAYLOAD))
    return size


def _fingerprint(jql: str, user: User) -> str:
    return hashlib.sha256(f"{user.account_id}\n{jql}".encode()).hexdigest()[:16]

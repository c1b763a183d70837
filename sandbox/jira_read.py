"""What the Jira stand-in says of itself: the server, the asker, fields, lists of names, projects, single issues."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from sandbox.jira_gate import API, BAD_PAYLOAD, JiraGate, asker, read_json, refuse
from sandbox.jira_json import CATEGORIES
from sandbox.jira_site import Change, Project, Row
from sandbox.wire import Answer, route

NO_ISSUE = "Issue does not exist or you do not have permission to see it."
_HISTORIES = 100
_MOST_ISSUES_OF_BULK = 1000


class JiraRead(JiraGate):
    """What is read without a search."""

    @route("GET", f"{API}/serverInfo")
    def server_info(self, request: Request, version: str) -> Answer:
        """Describe the server; the client learns here that it talks to Cloud."""
        now = self.clock.now().astimezone(UTC)
        return {
            "baseUrl": self.url,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100291,
            "buildDate": "2026-11-20T03:21:44.000+0000",
            "serverTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}+0000",
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
            "defaultLocale": {"locale": "en_US"},
            "serverTimeZone": "Etc/UTC",
        }

    @route("GET", "/_edge/tenant_info")
    def tenant_info(self, request: Request) -> Answer:
        """Give the cloud id that the path form needs."""
        return {"cloudId": self.site.cloud_id}

    @route("GET", f"{API}/myself")
    def myself(self, request: Request, version: str) -> Answer:
        """Describe the asker, with the time zone in which their JQL is read."""
        user = self.render(request, version).user(asker(request).account_id)
        none = {"size": 0, "items": []}
        return user | {"locale": "en_US", "groups": none, "applicationRoles": none, "expand": "groups,applicationRoles"}

    @route("GET", f"{API}/field")
    def fields(self, request: Request, version: str) -> Answer:
        """List the fields."""
        render = self.render(request, version)
        return [render.field(each) for each in self.site.fields.values()]

    @route("GET", f"{API}/status")
    def statuses(self, request: Request, version: str) -> Answer:
        """List the statuses."""
        return [self.render(request, version).status(name) for name in self.site.statuses]

    @route("GET", f"{API}/status/<name>")
    def status(self, request: Request, version: str, name: str) -> Answer:
        """Describe a status, by its name or id."""
        found = [each.name for each in self.site.statuses.values() if name.lower() in (each.name.lower(), each.id)]
        if not found:
            abort(refuse(404, f"The status '{name}' was not found"))
        return self.render(request, version).status(found[0])

    @route("GET", f"{API}/statuscategory")
    def categories(self, request: Request, version: str) -> Answer:
        """List the three categories of statuses, and the one for none."""
        return [self.render(request, version).category(key) for key in CATEGORIES]

    @route("GET", f"{API}/statuscategory/<name>")
    def category(self, request: Request, version: str, name: str) -> Answer:
        """Describe a category of statuses, by its key or id."""
        found = [key for key, (number, *_) in CATEGORIES.items() if name in (key, str(number))]
        if not found:
            abort(refuse(404, f"The status category with id or key '{name}' was not found"))
        return self.render(request, version).category(found[0])

    @route("GET", f"{API}/priority")
    def priorities(self, request: Request, version: str) -> Answer:
        """List the priorities, most important first."""
        return [self.render(request, version).priority(name) for name in self.site.priorities]

    @route("GET", f"{API}/resolution")
    def resolutions(self, request: Request, version: str) -> Answer:
        """List the resolutions."""
        return [self.render(request, version).resolution(name) for name in self.site.resolutions]

    @route("GET", f"{API}/issuetype")
    def types(self, request: Request, version: str) -> Answer:
        """List the issue types."""
        return [self.render(request, version).type(name) for name in self.site.types]

    @route("GET", f"{API}/project")
    def projects(self, request: Request, version: str) -> Answer:
        """List the projects."""
        render = self.render(request, version)
        return [render.project(each) for each in self.site.projects.values()]

    @route("GET", f"{API}/project/search")
    def search_projects(self, request: Request, version: str) -> Answer:
        """Return a page of projects, those whose key or name has ``query`` in it."""
        render, query = self.render(request, version), request.args.get("query", "").lower()
        found = [p for p in self.site.projects.values() if query in p.key.lower() or query in p.name.lower()]
        page = paged(request, found)
        here = f"{render.rest}/project/search"
        return {"self": here} | page | {"values": [render.project(each) for each in page["values"]]}

    @route("GET", f"{API}/project/<key>")
    def project(self, request: Request, version: str, key: str) -> Answer:
        """Describe a project."""
        return self.render(request, version).project(self.find_project(key), whole=True)

    @route("GET", f"{API}/project/<key>/statuses")
    def project_statuses(self, request: Request, version: str, key: str) -> Answer:
        """List the statuses of each of a project's issue types."""
        self.find_project(key)
        render = self.render(request, version)
        statuses = [render.status(name) for name in self.site.statuses]
        return [render.type(name) | {"statuses": statuses} for name in self.site.types]

    @route("GET", f"{API}/issue/<key>")
    def issue(self, request: Request, version: str, key: str) -> Answer:
        """Describe an issue, on request with its changelog."""
        row = self.find_issue(key)
        asked = [part for each in request.args.getlist("fields") for part in each.split(",") if part]
        wanted = [each for each in asked if each in self.site.fields and each != "issuekey"]
        everything = not asked or any(each.startswith(("*", "-")) for each in asked)
        dropped = {each[1:] for each in asked if each.startswith("-")}
        render = self.render(request, version)
        names = [each for each in (render.default_fields() if everything else wanted) if each not in dropped]
        changelog = _HISTORIES if "changelog" in request.args.get("expand", "").split(",") else 0
        return render.issue(row, names, changelog=changelog)

    @route("GET", f"{API}/issue/<key>/changelog")
    def changelog(self, request: Request, version: str, key: str) -> Answer:
        """Return a page of an issue's changelog, oldest first."""
        render, row = self.render(request, version), self.find_issue(key)
        page = paged(request, row.changes, most=100)
        here = f"{render.rest}/issue/{row.issue.key}/changelog"
        body = {"self": f"{here}?startAt={page['startAt']}&maxResults={page['maxResults']}"} | page
        if not page["isLast"]:
            after = page["startAt"] + page["maxResults"]
            body["nextPage"] = f"{here}?startAt={after}&maxResults={page['maxResults']}"
        return body | {"values": [render.history(each) for each in page["values"]]}

    @route("POST", "/rest/api/3/changelog/bulkfetch")
    def changelogs(self, request: Request) -> Answer:
        """Return the changelogs of up to 1,000 issues, of the fields asked for, oldest first."""
        body = read_json(request, frozenset({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"}))
        keys, names = body.get("issueIdsOrKeys"), set(body.get("fieldIds") or ())
        if not isinstance(keys, list) or not 0 < len(keys) <= _MOST_ISSUES_OF_BULK:
            abort(refuse(400, BAD_PAYLOAD))
        start, size = int(body.get("nextPageToken") or 0), int(body.get("maxResults") or 1000)
        rows = [row for key in keys if (row := self.site.row(str(key))) is not None]
        entries = [(row, c) for row in rows for c in row.changes if not names or names & {i.field for i in c.items}]
        answer: dict[str, Any] = {"issueChangeLogs": self._grouped(request, entries[start : start + size], names)}
        return answer | ({"nextPageToken": str(start + size)} if start + size < len(entries) else {})

    def _grouped(self, request: Request, entries: list[tuple[Row, Change]], names: set[str]) -> list[dict[str, Any]]:
        render = self.render(request, "3")
        by_issue: dict[int, list[dict[str, Any]]] = {}
        for row, change in entries:
            history = render.history(change) | {"created": int(change.at.timestamp() * 1000)}
            history["items"] = [each for each in history["items"] if not names or each["fieldId"] in names]
            by_issue.setdefault(row.issue.id, []).append(history)
        return [{"issueId": str(number), "changeHistories": each} for number, each in by_issue.items()]

    def find_issue(self, key: str) -> Row:
        """Return an issue by its key or id, or refuse."""
        row = self.site.row(key)
        if row is None:
            abort(refuse(404, NO_ISSUE))
        return row

    def find_project(self, key: str) -> Project:
        """Return a project by its key or id, or refuse."""
        found = [p for p in self.site.projects.values() if key.upper() == p.key or key == p.id]
        if not found:
            abort(refuse(404, f"No project could be found with key '{key}'."))
        return found[0]


def paged(request: Request, items: list[Any], most: int = 50) -> dict[str, Any]:
    """Cut the page that ``startAt`` and ``maxResults`` ask for."""
    start, size = request.args.get("startAt", 0, int), min(request.args.get("maxResults", most, int), most)
    return {
        "maxResults": size,
        "startAt": start,
        "total": len(items),
        "isLast": start + size >= len(items),
        "values": items[start : start + size],
    }

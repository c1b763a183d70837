"""Versions, components and saved filters of the Jira stand-in."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from sandbox.jira_gate import API, asker, refuse
from sandbox.jira_read import JiraRead, paged
from sandbox.jira_site import Row, SavedFilter, Version
from sandbox.wire import Answer, route

_DETAILS = ("description", "favourite", "favouritedCount", "jql", "owner", "searchUrl", "sharePermissions",
            "editPermissions", "subscriptions", "viewUrl")  # fmt: skip


class JiraLists(JiraRead):
    """What a project is divided into, and what people saved."""

    @route("GET", f"{API}/project/<key>/versions")
    def versions(self, request: Request, version: str, key: str) -> Answer:
        """List a project's versions."""
        render = self.render(request, version)
        return [render.version(each) for each in self._versions_of(key)]

    @route("GET", f"{API}/project/<key>/version")
    def version_page(self, request: Request, version: str, key: str) -> Answer:
        """Return a page of a project's versions, on request released or unreleased ones, or by name."""
        render, asked = self.render(request, version), request.args
        states = asked.get("status", "released,unreleased").split(",")
        bodies = [render.version(each) for each in self._versions_of(key)]
        found = [
            body
            for body in bodies
            if ("released" if body["released"] else "unreleased") in states
            and asked.get("query", "").lower() in body["name"].lower()
        ]
        here = f"{render.rest}/project/{key}/version"
        return {"self": here} | paged(request, found)

    @route("GET", f"{API}/version/<number>")
    def version(self, request: Request, version: str, number: str) -> Answer:
        """Describe a version."""
        return self.render(request, version).version(self._find_version(number))

    @route("GET", f"{API}/version/<number>/relatedIssueCounts")
    def version_counts(self, request: Request, version: str, number: str) -> Answer:
        """Count the issues that a version fixes and affects."""
        found = self._find_version(number)
        return {
            "self": f"{self.render(request, version).rest}/version/{found.id}",
            "issuesFixedCount": len(self._rows_of(found, "fixVersions")),
            "issuesAffectedCount": len(self._rows_of(found, "versions")),
            "issueCountWithCustomFieldsShowingVersion": 0,
            "customFieldUsage": [],
        }

    @route("GET", f"{API}/version/<number>/unresolvedIssueCount")
    def version_unresolved(self, request: Request, version: str, number: str) -> Answer:
        """Count the issues that a version is to fix, and those of them that are not resolved."""
        found = self._find_version(number)
        rows = self._rows_of(found, "fixVersions")
        return {
            "self": f"{self.render(request, version).rest}/version/{found.id}",
            "issuesCount": len(rows),
            "issuesUnresolvedCount": sum(not row.values.get("resolution") for row in rows),
        }

    @route("GET", f"{API}/project/<key>/components")
    def components(self, request: Request, version: str, key: str) -> Answer:
        """List a project's components."""
        project, render = self.find_project(key), self.render(request, version)
        own = {"project": project.key, "projectId": int(project.id), "isAssigneeTypeValid": False}
        return [render.component(name) | own for name in sorted(self.site.components.get(project.key, ()))]

    @route("GET", f"{API}/label")
    def labels(self, request: Request, version: str) -> Answer:
        """Return a page of all labels, as mere texts."""
        found = {label for row in self.site.rows() for label in row.values.get("labels") or ()}
        return paged(request, sorted(found), most=1000)

    # Saved filters

    @route("GET", f"{API}/filter/search")
    def search_filters(self, request: Request, version: str) -> Answer:
        """Return a page of saved filters, on request by name, owner or id; more of each by ``expand``."""
        asked, render = request.args, self.render(request, version)
        expand = set(asked.get("expand", "").split(","))
        ids = asked.getlist("id")
        found = [
            saved
            for saved in self.site.filters.values()
            if asked.get("filterName", "").strip('"').lower() in saved.name.lower()
            and asked.get("accountId", saved.owner) == saved.owner
            and (not ids or saved.id in ids)
        ]
        page = paged(request, sorted(found, key=lambda saved: saved.name.lower()))
        bodies = [_without(render.saved(saved), expand) for saved in page["values"]]
        return {"self": f"{render.rest}/filter/search"} | page | {"values": bodies}

    @route("GET", f"{API}/filter/my")
    def my_filters(self, request: Request, version: str) -> Answer:
        """List the asker's own saved filters."""
        owner = asker(request).account_id
        return [self._saved(request, version, each) for each in self.site.filters.values() if each.owner == owner]

    @route("GET", f"{API}/filter/<number>")
    def filter(self, request: Request, version: str, number: str) -> Answer:
        """Describe a saved filter."""
        found = self.site.filters.get(number)
        if found is None:
            abort(refuse(400, "The selected filter is not available to you, perhaps it has been deleted or had its "
                              "permissions changed."))  # fmt: skip
        return self._saved(request, version, found)

    def _saved(self, request: Request, version: str, saved: SavedFilter) -> dict[str, Any]:
        body = self.render(request, version).saved(saved)
        return body | {
            "sharedUsers": {"size": 0, "items": [], "max-results": 1000, "start-index": 0, "end-index": 0},
            "subscriptions": {"size": 0, "items": [], "max-results": 1000, "start-index": 0, "end-index": 0},
        }

    def _versions_of(self, key: str) -> list[Version]:
        project = self.find_project(key)
        return [each for each in self.site.versions.values() if each.project == project.key]

    def _find_version(self, number: str) -> Version:
        found = self.site.versions.get(number)
        if found is None:
            abort(refuse(404, f"Could not find version for id '{number}'"))
        return found

    def _rows_of(self, version: Version, field: str) -> list[Row]:
        return [row for row in self.site.rows() if version.id in (row.values.get(field) or ())]


def _without(body: dict[str, Any], expand: set[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _DETAILS or name in expand}

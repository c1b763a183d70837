"""What a Jira site is made of as JSON, in the shapes of Atlassian's OpenAPI documents for Jira Cloud."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from sandbox.jira_fields import Field
from sandbox.jira_site import Board, JiraSite, Project, SavedFilter, Sprint, User, Version

CATEGORIES = {
    "undefined": (1, "No Category", "medium-gray"),
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}


class JiraJson:
    """Renders for one asker: links start at ``base``, times are in their zone, texts fit the API ``version``."""

    def __init__(self, site: JiraSite, base: str, asker: User, version: str = "3") -> None:
        self.site = site
        self.base = base
        self.rest = f"{base}/rest/api/{version}"
        self.agile = f"{base}/rest/agile/1.0"
        self.zone = ZoneInfo(asker.zone)
        self.rich = version != "2"

    def time(self, moment: datetime) -> str:
        """Write a moment as Jira does: in the asker's zone, with milliseconds."""
        local = moment.astimezone(self.zone)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    # What a site is made of

    def user(self, account_id: str) -> dict[str, Any]:
        """Render a user."""
        user = self.site.users[account_id]
        avatar = f"https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/{account_id[-12:]}"
        return {
            "self": f"{self.rest}/user?accountId={account_id}",
            "accountId": account_id,
            "accountType": "atlassian",
            "emailAddress": user.email,
            "displayName": user.name,
            "active": user.active,
            "timeZone": user.zone,
            "avatarUrls": {size: f"{avatar}/{size}" for size in ("16x16", "24x24", "32x32", "48x48")},
        }

    def category(self, key: str) -> dict[str, Any]:
        """Render a status category."""
        number, name, color = CATEGORIES[key]
        link = f"{self.rest}/statuscategory/{number}"
        return {"self": link, "id": number, "key": key, "colorName": color, "name": name}

    def status(self, name: str) -> dict[str, Any]:
        """Render a status."""
        status = self.site.statuses[name]
        return {
            "self": f"{self.rest}/status/{status.id}",
            "description": "",
            "iconUrl": "",
            "name": name,
            "id": status.id,
            "statusCategory": self.category(status.group),
        }

    def type(self, name: str) -> dict[str, Any]:
        """Render an issue type."""
        kind = self.site.types[name]
        return {
            "self": f"{self.rest}/issuetype/{kind.id}",
            "id": kind.id,
            "description": "",
            "iconUrl": "",
            "name": name,
            "subtask": kind.group == "-1",
            "hierarchyLevel": int(kind.group),
        }

    def priority(self, name: str) -> dict[str, Any]:
        """Render a priority."""
        number = self.site.priorities[name].id
        return {"self": f"{self.rest}/priority/{number}", "iconUrl": "", "name": name, "id": number}

    def resolution(self, name: str) -> dict[str, Any]:
        """Render a resolution."""
        number = self.site.resolutions[name].id
        return {"self": f"{self.rest}/resolution/{number}", "id": number, "description": "", "name": name}

    def project(self, project: Project, *, whole: bool = False) -> dict[str, Any]:
        """Render a project; ``whole`` with its lead and types, as when it is asked for by itself."""
        body: dict[str, Any] = {
            "self": f"{self.rest}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": project.style == "next-gen",
            "avatarUrls": {},
        }
        if whole:
            body |= {
                "style": project.style,
                "lead": self.user(project.lead),
                "issueTypes": [self.type(name) for name in self.site.types],
                "versions": [self.version(v) for v in self.site.versions.values() if v.project == project.key],
            }
        return body

    def version(self, version: Version) -> dict[str, Any]:
        """Render a version."""
        today = self.site.now().astimezone(self.zone).date()
        body: dict[str, Any] = {
            "self": f"{self.rest}/version/{version.id}",
            "id": version.id,
            "name": version.name,
            "projectId": int(self.site.projects[version.project].id),
            "archived": False,
            "released": version.released is not None and version.released <= today,
        }
        if version.released is not None:
            body["releaseDate"] = version.released.isoformat()
        return body

    def saved(self, saved: SavedFilter) -> dict[str, Any]:
        """Render a saved filter."""
        return {
            "self": f"{self.rest}/filter/{saved.id}",
            "id": saved.id,
            "name": saved.name,
            "description": "",
            "owner": self.user(saved.owner),
            "jql": saved.jql,
            "viewUrl": f"{self.base}/issues/?filter={saved.id}",
            "searchUrl": f"{self.rest}/search/jql?jql={quote_plus(saved.jql)}",
            "favourite": False,
            "favouritedCount": 0,
            "sharePermissions": [],
            "editPermissions": [],
            "subscriptions": [],
        }

    def component(self, name: str) -> dict[str, Any]:
        """Render a component."""
        number = str(10_000 + sum(place * ord(letter) for place, letter in enumerate(name, 1)) % 80_000)
        return {"self": f"{self.rest}/component/{number}", "id": number, "name": name}

    def field(self, field: Field) -> dict[str, Any]:
        """Render a field as ``GET /field`` does."""
        names = [f"cf[{field.schema['customId']}]", field.name] if field.is_custom else list(field.clauses)
        body: dict[str, Any] = {
            "id": field.id,
            "key": field.id,
            "name": field.name,
            "custom": field.is_custom,
            "orderable": field.orderable,
            "navigable": True,
            "searchable": bool(field.clauses),
            "clauseNames": names,
        }
        if field.is_custom:
            body["untranslatedName"] = field.name
        return body | ({"schema": field.schema} if field.schema else {})

    def board(self, board: Board) -> dict[str, Any]:
        """Render a board."""
        project = self.site.projects[board.project]
        return {
            "id": board.id,
            "self": f"{self.agile}/board/{board.id}",
            "name": board.name,
            "type": board.kind,
            "location": {
                "projectId": int(project.id),
                "displayName": f"{project.name} ({project.key})",
                "projectName": project.name,
                "projectKey": project.key,
                "projectTypeKey": "software",
                "name": f"{project.name} ({project.key})",
            },
        }

    def sprint(self, sprint: Sprint, board: str = "originBoardId") -> dict[str, Any]:
        """Render a sprint as it is at the moment. ``board`` is what its board is called: as a field "boardId"."""
        now = self.site.now()
        body: dict[str, Any] = {
            "id": sprint.id,
            "self": f"{self.agile}/sprint/{sprint.id}",
            "name": sprint.name,
            "state": sprint.state(now),
            board: sprint.board,
            "goal": sprint.goal,
        }
        dates = {"startDate": sprint.start, "endDate": sprint.end}
        if sprint.completed is not None and sprint.completed <= now:
            dates["completeDate"] = sprint.completed
        return body | {name: _utc(moment) for name, moment in dates.items() if moment is not None}


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"

"""Issues and their parts as JSON, where Data Center (API version 2) differs from Cloud.

People have a user name and a key instead of an account id; sprints are printed Java objects; epics hang on
the field Epic Link; changelogs are whole and oldest first. After Atlassian's Data Center REST documentation
and bodies quoted in public issue threads (go-jira/jira#324 for sprints).
"""

from __future__ import annotations

import zlib
from typing import Any

from sandbox.jira_fields import STORY_POINT_ESTIMATE, Field
from sandbox.jira_issue import Row
from sandbox.jira_issue_json import IssueJson
from sandbox.jira_site import Project, Sprint
from sandbox.jql_names import epic_of

ONLY_ON_CLOUD = frozenset({"parent", "statusCategory", "statuscategorychangedate", STORY_POINT_ESTIMATE})
"""Fields that Data Center does not list."""

_DATES = "startDate", "endDate", "completeDate"


class DataCenterJson(IssueJson):
    """Renders issues for one asker."""

    def user(self, account_id: str) -> dict[str, Any]:
        """Render a user, whom the login name tells apart."""
        user = self.site.users[account_id]
        number = 10_000 + list(self.site.users).index(account_id)
        avatar = f"{self.base}/secure/useravatar?avatarId=10122"
        return {
            "self": f"{self.rest}/user?username={user.login}",
            "name": user.login,
            "key": f"JIRAUSER{number}",
            "emailAddress": user.email,
            "avatarUrls": {f"{size}x{size}": avatar for size in (16, 24, 32, 48)},
            "displayName": user.name,
            "active": user.active,
            "timeZone": user.zone,
        }

    def type(self, name: str) -> dict[str, Any]:
        """Render an issue type."""
        body = super().type(name)
        del body["hierarchyLevel"]
        return body | {"avatarId": 10_300}

    def project(self, project: Project, *, whole: bool = False) -> dict[str, Any]:
        """Render a project."""
        body = super().project(project, whole=whole)
        return {name: value for name, value in body.items() if name not in ("simplified", "style")}

    def field(self, field: Field) -> dict[str, Any]:
        """Render a field as ``GET /field`` does."""
        body = super().field(field)
        return {name: value for name, value in body.items() if name not in ("key", "untranslatedName")}

    def default_fields(self) -> list[str]:
        """Return the fields that every issue shows; ``parent`` comes with sub-tasks only."""
        return [name for name in super().default_fields() if name not in ONLY_ON_CLOUD] + ["parent"]

    def issue(self, row: Row, wanted: Any, *, changelog: int = 0) -> dict[str, Any]:
        """Render an issue with the wanted fields, and on request its whole changelog."""
        body = super().issue(row, [name for name in wanted if name not in ONLY_ON_CLOUD - {"parent"}],
                             changelog=changelog)  # fmt: skip
        body["expand"] = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
        if body["fields"].get("parent") is None or epic_of(self.site, row):
            body["fields"].pop("parent", None)
        return body

    def changelog(self, row: Row, most: int) -> dict[str, Any]:
        """Render the whole changelog, oldest first."""
        histories = [self.history(change) for change in row.changes]
        return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}

    def sprint(self, sprint: Sprint, board: str = "originBoardId") -> Any:
        """Render a sprint; as a field of an issue ("boardId") it is a printed Java object."""
        body = super().sprint(sprint)
        if board == "originBoardId":
            return body
        dates = ",".join(f"{name}={body.get(name, '<null>')}" for name in _DATES)
        number = f"{zlib.crc32(sprint.name.encode()):x}"
        state = body["state"].upper()
        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@{number}[id={sprint.id},rapidViewId={sprint.board},"
            f"state={state},name={sprint.name},{dates},activatedDate={body.get('startDate', '<null>')},"
            f"sequence={sprint.id},goal={sprint.goal},autoStartStop=false,synced=false]"
        )

    def history(self, change: Any) -> dict[str, Any]:
        """Render one entry of a changelog, whose items have no field id here."""
        body = super().history(change)
        for item in body["items"]:
            if item["fieldId"] == "parent":
                item |= {"field": "Epic Link", "fieldtype": "custom"}
            del item["fieldId"]
        return body

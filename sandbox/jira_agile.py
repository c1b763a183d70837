"""Boards and sprints: what the Jira stand-in serves of the Agile API 1.0. Their epics: ``jira_epics``."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from sandbox.jira_fields import RANK, SPRINT
from sandbox.jira_gate import JiraGate, refuse
from sandbox.jira_read import paged
from sandbox.jira_site import Board, Row, Sprint
from sandbox.wire import Answer, route

AGILE = "/rest/agile/1.0"
_BY_STATE = {"closed": 0, "active": 1, "future": 2}


class JiraAgile(JiraGate):
    """What is read of boards."""

    @route("GET", f"{AGILE}/board")
    def boards(self, request: Request) -> Answer:
        """Return a page of boards, on request of one project, some types, or a name."""
        asked, render = request.args, self.render(request, "2")
        found = [
            each
            for each in self.site.boards.values()
            if asked.get("projectKeyOrId", each.project) in (each.project, self.site.projects[each.project].id)
            and each.kind in asked.get("type", each.kind).split(",")
            and asked.get("name", "").lower() in each.name.lower()
        ]
        if "name" in asked.get("orderBy", ""):
            found.sort(key=lambda each: each.name.lower(), reverse=asked["orderBy"].startswith("-"))
        page = paged(request, found)
        return page | {"values": [render.board(each) for each in page["values"]]}

    @route("GET", f"{AGILE}/board/<int:number>")
    def board(self, request: Request, number: int) -> Answer:
        """Describe a board."""
        return self.render(request, "2").board(self.find_board(number))

    @route("GET", f"{AGILE}/board/<int:number>/configuration")
    def configuration(self, request: Request, number: int) -> Answer:
        """Describe a board's columns and the field that it sums up."""
        board, render = self.find_board(number), self.render(request, "2")
        columns: dict[str, list[dict[str, str]]] = {}
        for name, status in self.site.statuses.items():
            column = render.category(status.group)["name"]
            columns.setdefault(column, []).append({"id": status.id, "self": render.status(name)["self"]})
        field = self.site.fields[board.estimate]
        estimation = {"type": "field", "field": {"fieldId": field.id, "displayName": field.name}}
        return {
            "id": board.id,
            "name": board.name,
            "type": board.kind,
            "self": f"{render.agile}/board/{board.id}/configuration",
            "location": {"type": "project", "key": board.project, "id": self.site.projects[board.project].id},
            "columnConfig": {
                "columns": [{"name": name, "statuses": each} for name, each in columns.items()],
                "constraintType": "none",
            },
            "ranking": {"rankCustomFieldId": int(RANK.removeprefix("customfield_"))},
        } | ({"estimation": estimation} if board.kind != "kanban" else {})

    @route("GET", f"{AGILE}/board/<int:number>/project")
    def board_projects(self, request: Request, number: int) -> Answer:
        """Return a page of the projects that a board shows."""
        render = self.render(request, "2")
        page = paged(request, [self.site.projects[self.find_board(number).project]])
        return page | {"values": [render.project(each) for each in page["values"]]}

    @route("GET", f"{AGILE}/board/<int:number>/version")
    def board_versions(self, request: Request, number: int) -> Answer:
        """Return a page of the versions of a board's project, on request only those (un)released."""
        board, render = self.find_board(number), self.render(request, "2")
        bodies = [render.version(each) for each in self.site.versions.values() if each.project == board.project]
        if wanted := request.args.get("released"):
            bodies = [each for each in bodies if each["released"] == (wanted == "true")]
        return paged(request, bodies)

    @route("GET", f"{AGILE}/board/<int:number>/sprint")
    def sprints(self, request: Request, number: int) -> Answer:
        """Return a page of a board's sprints, on request in some states: closed, active, future ones."""
        board, render, now = self.find_board(number), self.render(request, "2"), self.clock.now()
        if board.kind == "kanban":
            abort(refuse(400, "The board does not support sprints"))
        states = set(request.args.get("state", "future,active,closed").split(","))
        if not states <= _BY_STATE.keys():
            abort(refuse(400, "The sprint state must be one of: future, active, closed."))
        found = [s for s in self.site.sprints.values() if s.board == board.id and s.state(now) in states]
        page = paged(request, sorted(found, key=lambda sprint: _BY_STATE[sprint.state(now)]))
        return page | {"values": [render.sprint(each) for each in page["values"]]}

    @route("GET", f"{AGILE}/sprint/<int:number>")
    def sprint(self, request: Request, number: int) -> Answer:
        """Describe a sprint."""
        return self.render(request, "2").sprint(self.find_sprint(number))

    @route("GET", f"{AGILE}/sprint/<int:number>/issue")
    def sprint_issues(self, request: Request, number: int) -> Answer:
        """Return a page of a sprint's issues."""
        sprint = self.find_sprint(number)
        return self.issue_page(request, [row for row in self.searched(request) if sprint.id in _sprints_of(row)])

    @route("GET", f"{AGILE}/board/<int:number>/sprint/<int:sprint_number>/issue")
    def board_sprint_issues(self, request: Request, number: int, sprint_number: int) -> Answer:
        """Return a page of the issues that a board shows in a sprint."""
        sprint, rows = self.find_sprint(sprint_number), self.rows_of_board(request, number)
        return self.issue_page(request, [row for row in rows if sprint.id in _sprints_of(row)])

    @route("GET", f"{AGILE}/board/<int:number>/issue")
    def board_issues(self, request: Request, number: int) -> Answer:
        """Return a page of a board's issues."""
        return self.issue_page(request, self.rows_of_board(request, number))

    @route("GET", f"{AGILE}/board/<int:number>/backlog")
    def backlog(self, request: Request, number: int) -> Answer:
        """Return a page of a board's open issues that are in no active or future sprint."""
        now, rows = self.clock.now(), self.rows_of_board(request, number)
        running = {each.id for each in self.site.sprints.values() if each.state(now) != "closed"}
        waiting = [row for row in rows if not running & set(_sprints_of(row)) and not self.is_done(row)]
        return self.issue_page(request, [row for row in waiting if not self.is_epic(row)])

    # What the other pages of the API lean on, too

    def searched(self, request: Request) -> list[Row]:
        """Return the issues that the asker's ``jql`` means, or all, in rank's order."""
        jql = request.args.get("jql", "")
        search = self.find(request, jql, bounded=False)
        return search.run() if search.order else search.run()[::-1]

    def rows_of_board(self, request: Request, number: int) -> list[Row]:
        """Return the issues of a board's project, of those asked for."""
        board = self.find_board(number)
        return [row for row in self.searched(request) if row.issue.project == board.project]

    def issue_page(self, request: Request, rows: list[Row]) -> dict[str, Any]:
        """Render the page of issues that is asked for."""
        asked = [part for each in request.args.getlist("fields") for part in each.split(",") if part]
        render, page = self.render(request, "2"), paged(request, rows)
        wanted = [each for each in asked if each in self.site.fields] or render.default_fields()
        changelog = 100 if "changelog" in request.args.get("expand", "").split(",") else 0
        issues = [render.issue(row, wanted, changelog=changelog) for row in page.pop("values")]
        del page["isLast"]
        return {"expand": "schema,names"} | page | {"issues": issues}

    def is_epic(self, row: Row) -> bool:
        """Tell whether an issue is an epic."""
        return self.site.types[row.values["issuetype"]].group == "1"

    def is_done(self, row: Row) -> bool:
        """Tell whether an issue's status is in the category Done."""
        return self.site.category(row.values["status"]) == "done"

    def find_board(self, number: int) -> Board:
        """Return a board, or refuse."""
        if number not in self.site.boards:
            abort(refuse(404, "The requested board cannot be viewed because it either does not exist or you do not "
                              "have permission to view it."))  # fmt: skip
        return self.site.boards[number]

    def find_sprint(self, number: int) -> Sprint:
        """Return a sprint, or refuse."""
        if number not in self.site.sprints:
            abort(refuse(404, "Sprint does not exist."))
        return self.site.sprints[number]


def _sprints_of(row: Row) -> tuple[int, ...]:
    return row.values.get(SPRINT) or ()

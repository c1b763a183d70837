"""Boards, sprints and epics: what the Jira stand-in serves of the Agile API 1.0."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from sandbox.jira_fields import RANK, SPRINT
from sandbox.jira_gate import JiraGate, asker, refuse
from sandbox.jira_issue_json import default_fields
from sandbox.jira_read import paged
from sandbox.jira_site import Board, Row, Sprint
from sandbox.jql_where import make_search
from sandbox.wire import Answer, route

AGILE = "/rest/agile/1.0"


class JiraAgile(JiraGate):
    """What is read of boards."""

    @route("GET", f"{AGILE}/board")
    def boards(self, request: Request) -> Answer:
        """Return a page of boards, on request of one project, type or name."""
        asked, render = request.args, self.render(request, "2")
        found = [
            each
            for each in self.site.boards.values()
            if asked.get("projectKeyOrId", each.project) in (each.project, self.site.projects[each.project].id)
            and each.kind in asked.get("type", each.kind).split(",")
            and asked.get("name", "").lower() in each.name.lower()
        ]
        page = paged(request, found)
        return page | {"values": [render.board(each) for each in page["values"]]}

    @route("GET", f"{AGILE}/board/<int:number>")
    def board(self, request: Request, number: int) -> Answer:
        """Describe a board."""
        return self.render(request, "2").board(self._find_board(number))

    @route("GET", f"{AGILE}/board/<int:number>/configuration")
    def configuration(self, request: Request, number: int) -> Answer:
        """Describe a board's columns and the field that it sums up."""
        board, render = self._find_board(number), self.render(request, "2")
        columns: dict[str, list[dict[str, str]]] = {}
        for name, status in self.site.statuses.items():
            column = render.category(status.group)["name"]
            columns.setdefault(column, []).append({"id": status.id, "self": render.status(name)["self"]})
        field = self.site.fields[board.estimate]
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
            "estimation": {"type": "field", "field": {"fieldId": field.id, "displayName": field.name}},
            "ranking": {"rankCustomFieldId": int(RANK.removeprefix("customfield_"))},
        }

    @route("GET", f"{AGILE}/board/<int:number>/sprint")
    def sprints(self, request: Request, number: int) -> Answer:
        """Return a page of a board's sprints, on request in some states."""
        board, render, now = self._find_board(number), self.render(request, "2"), self.clock.now()
        if board.kind == "kanban":
            abort(refuse(400, "The board does not support sprints"))
        states = set(request.args.get("state", "future,active,closed").split(","))
        found = [s for s in self.site.sprints.values() if s.board == board.id and s.state(now) in states]
        page = paged(request, found)
        return page | {"values": [render.sprint(each) for each in page["values"]]}

    @route("GET", f"{AGILE}/sprint/<int:number>")
    def sprint(self, request: Request, number: int) -> Answer:
        """Describe a sprint."""
        return self.render(request, "2").sprint(self._find_sprint(number))

    @route("GET", f"{AGILE}/sprint/<int:number>/issue")
    def sprint_issues(self, request: Request, number: int) -> Answer:
        """Return a page of a sprint's issues."""
        sprint = self._find_sprint(number)
        return self._issues(request, [r for r in self._search(request) if sprint.id in (r.values.get(SPRINT) or ())])

    @route("GET", f"{AGILE}/board/<int:number>/issue")
    def board_issues(self, request: Request, number: int) -> Answer:
        """Return a page of a board's issues."""
        board = self._find_board(number)
        return self._issues(request, [row for row in self._search(request) if row.issue.project == board.project])

    @route("GET", f"{AGILE}/board/<int:number>/epic")
    def epics(self, request: Request, number: int) -> Answer:
        """Return a page of a board's epics."""
        board = self._find_board(number)
        rows = [r for r in self.site.rows() if r.issue.project == board.project and self._is_epic(r)]
        done = request.args.get("done")
        page = paged(request, [r for r in rows if done is None or (done == "true") == self._is_done(r)])
        return page | {"values": [self._epic(request, each) for each in page["values"]]}

    @route("GET", f"{AGILE}/epic/<key>")
    def epic(self, request: Request, key: str) -> Answer:
        """Describe an epic."""
        row = self.site.row(key)
        if row is None or not self._is_epic(row):
            abort(refuse(404, "The requested epic does not exist or you do not have permission to view it."))
        return self._epic(request, row)

    def _epic(self, request: Request, row: Row) -> dict[str, Any]:
        return {
            "id": row.issue.id,
            "key": row.issue.key,
            "self": f"{self.render(request, '2').agile}/epic/{row.issue.id}",
            "name": row.values["summary"],
            "summary": row.values["summary"],
            "color": {"key": "color_1"},
            "done": self._is_done(row),
        }

    def _search(self, request: Request) -> list[Row]:
        return make_search(self.site, asker(request), request.args.get("jql", ""), bounded=False).run()

    def _issues(self, request: Request, rows: list[Row]) -> dict[str, Any]:
        asked = [part for each in request.args.getlist("fields") for part in each.split(",") if part]
        wanted = [each for each in asked if each in self.site.fields] or default_fields(self.site)
        render, page = self.render(request, "2"), paged(request, rows, most=100)
        issues = [render.issue(row, wanted) for row in page.pop("values")]
        del page["isLast"]
        return {"expand": "schema,names"} | page | {"issues": issues}

    def _is_epic(self, row: Row) -> bool:
        return self.site.types[row.values["issuetype"]].group == "1"

    def _is_done(self, row: Row) -> bool:
        return self.site.category(row.values["status"]) == "done"

    def _find_board(self, number: int) -> Board:
        if number not in self.site.boards:
            abort(refuse(404, "The requested board cannot be viewed because it either does not exist or you do not "
                              "have permission to view it."))  # fmt: skip
        return self.site.boards[number]

    def _find_sprint(self, number: int) -> Sprint:
        if number not in self.site.sprints:
            abort(refuse(404, "Sprint does not exist."))
        return self.site.sprints[number]

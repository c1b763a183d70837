"""Epics, their issues, and single issues with their estimates, by the Agile API 1.0."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from sandbox.jira_agile import AGILE, JiraAgile
from sandbox.jira_gate import refuse
from sandbox.jira_read import NO_ISSUE, paged
from sandbox.jira_site import Row
from sandbox.jql_names import epic_of
from sandbox.wire import Answer, route


class JiraEpics(JiraAgile):
    """What is read of epics."""

    @route("GET", f"{AGILE}/board/<int:number>/epic")
    def epics(self, request: Request, number: int) -> Answer:
        """Return a page of a board's epics, on request only those (not) done."""
        board = self.find_board(number)
        rows = [row for row in self.site.rows() if row.issue.project == board.project and self.is_epic(row)]
        done = request.args.get("done")
        page = paged(request, [row for row in rows if done is None or (done == "true") == self.is_done(row)])
        return page | {"values": [self._epic(request, each) for each in page["values"]]}

    @route("GET", f"{AGILE}/epic/<key>")
    def epic(self, request: Request, key: str) -> Answer:
        """Describe an epic."""
        return self._epic(request, self._find_epic(key))

    @route("GET", f"{AGILE}/epic/<key>/issue")
    def epic_issues(self, request: Request, key: str) -> Answer:
        """Return a page of an epic's issues; of those in none when the key is "none"."""
        return self._within(request, self.searched(request), key)

    @route("GET", f"{AGILE}/board/<int:number>/epic/<key>/issue")
    def board_epic_issues(self, request: Request, number: int, key: str) -> Answer:
        """Return a page of an epic's issues on a board; of those in none when the key is "none"."""
        return self._within(request, self.rows_of_board(request, number), key)

    @route("GET", f"{AGILE}/issue/<key>")
    def agile_issue(self, request: Request, key: str) -> Answer:
        """Describe an issue."""
        render = self.render(request, "2")
        return render.issue(self._find_row(key), render.default_fields())

    @route("GET", f"{AGILE}/issue/<key>/estimation")
    def estimation(self, request: Request, key: str) -> Answer:
        """Give an issue's estimate in the field that a board sums up."""
        row, board = self._find_row(key), self.find_board(request.args.get("boardId", 0, int))
        value = row.values.get(board.estimate)
        return {"fieldId": board.estimate, "value": None if value is None else str(float(value))}

    def _within(self, request: Request, rows: list[Row], key: str) -> dict[str, Any]:
        epic = None if key == "none" else self._find_epic(key).issue.key
        inside = [row for row in rows if epic_of(self.site, row) == epic and not self.is_epic(row)]
        return self.issue_page(request, inside)

    def _epic(self, request: Request, row: Row) -> dict[str, Any]:
        return {
            "id": row.issue.id,
            "key": row.issue.key,
            "self": f"{self.render(request, '2').agile}/epic/{row.issue.id}",
            "name": row.values["summary"],
            "summary": row.values["summary"],
            "color": {"key": "color_1"},
            "done": self.is_done(row),
        }

    def _find_epic(self, key: str) -> Row:
        row = self.site.row(key)
        if row is None or not self.is_epic(row):
            abort(refuse(404, "The requested epic does not exist or you do not have permission to view it."))
        return row

    def _find_row(self, key: str) -> Row:
        row = self.site.row(key)
        if row is None:
            abort(refuse(404, NO_ISSUE))
        return row

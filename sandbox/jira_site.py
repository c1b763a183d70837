"""A Jira Cloud site in memory, whose issues are what their dated changelog makes them at the clock's moment.

Fill it with the ``add_`` methods and ``change``, in any order of issues but in order of time within one
issue; dates in the future are welcome: an issue created tomorrow does not exist today.

What a field's value is, by kind: text, type, status, priority, resolution, option: its name (str); user: an
account id; labels, component: a tuple of names; version: a tuple of version ids; sprint: a tuple of sprint
ids; issue (parent): an issue key; date: a date; datetime: an aware datetime; number: int, float or Decimal.
None, () and "" are empty. Values are kept by field id ("status", "customfield_10026").
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from sandbox.clock import Clock
from sandbox.jira_extras import NOTHING, Comment, Link, Mark, Work, standard_link_types
from sandbox.jira_fields import EPIC_LINK, STORY_POINTS, Field, standard_fields
from sandbox.jira_issue import Change, Issue, Item, Row, View
from sandbox.jira_parts import Board, Category, Named, Project, SavedFilter, Sprint, User, Version

__all__ = [
    "Board", "Change", "Issue", "Item", "JiraSite", "Named", "Project", "Row", "SavedFilter", "Sprint", "User",
    "Version",
]  # fmt: skip
_SPACE = uuid.UUID("6f6b722d-7379-6e63-a000-000000000000")


class JiraSite:
    """Everything that a site holds, and its view at the clock's moment."""

    def __init__(self, clock: Clock, *, name: str = "acme") -> None:
        self.clock = clock
        self.name = name
        self.cloud_id = str(uuid.uuid5(_SPACE, name))
        self.users: dict[str, User] = {}
        self.tokens: dict[str, str] = {}
        self.scoped_tokens: dict[str, str] = {}
        self.projects: dict[str, Project] = {}
        self.boards: dict[int, Board] = {}
        self.sprints: dict[int, Sprint] = {}
        self.versions: dict[str, Version] = {}
        self.filters: dict[str, SavedFilter] = {}
        self.groups: dict[str, frozenset[str]] = {}
        self.components: dict[str, set[str]] = {}
        self.issues: dict[str, Issue] = {}
        self.fields: dict[str, Field] = {each.id: each for each in standard_fields()}
        self.statuses = _named("To Do:new", "In Progress:indeterminate", "In Review:indeterminate", "Done:done")
        self.types = _named("Epic:1", "Story:0", "Task:0", "Bug:0", "Sub-task:-1")
        self.priorities = _named("Highest", "High", "Medium", "Low", "Lowest", first=1)
        self.resolutions = _named("Done", "Won't Do", "Duplicate")
        self.link_types = standard_link_types()
        self._numbers: dict[str, int] = {}
        self._change_id = 10_000
        self._view: View | None = None

    # Filling it

    def add_user(
        self,
        name: str,
        email: str,
        *,
        token: str = "",
        scoped_token: str = "",
        zone: str = "Europe/Berlin",
        account_id: str = "",
    ) -> User:
        """Add a person; a token lets them in by basic auth, a scoped one at ``/ex/jira/{cloudId}`` only."""
        user = User(account_id or f"712020:{uuid.uuid5(_SPACE, email)}", name, email, zone)
        self.users[user.account_id] = user
        if token:
            self.tokens[email] = token
        if scoped_token:
            self.scoped_tokens[email] = scoped_token
        return user

    def add_group(self, name: str, *members: str) -> None:
        """Add a group of people, by their account ids."""
        self.groups[name] = frozenset(members)

    def add_project(self, key: str, name: str, lead: str, style: Literal["classic", "next-gen"] = "classic") -> Project:
        """Add a project; ``lead`` is an account id."""
        project = Project(str(10_000 + len(self.projects)), key, name, lead, style)
        self.projects[key] = project
        return project

    def add_board(
        self,
        project: str,
        name: str,
        kind: Literal["scrum", "kanban", "simple"] = "scrum",
        estimate: str = STORY_POINTS,
    ) -> Board:
        """Add a board over a project."""
        board = Board(len(self.boards) + 1, name, project, kind, estimate)
        self.boards[board.id] = board
        return board

    def add_sprint(
        self,
        board: int,
        name: str,
        start: datetime | None = None,
        end: datetime | None = None,
        completed: datetime | None = None,
        goal: str = "",
    ) -> Sprint:
        """Add a sprint to a board."""
        sprint = Sprint(len(self.sprints) + 1, name, board, start, end, completed, goal)
        self.sprints[sprint.id] = sprint
        return sprint

    def add_version(self, project: str, name: str, released: date | None = None) -> Version:
        """Add a version to a project."""
        version = Version(str(10_100 + len(self.versions)), name, project, released)
        self.versions[version.id] = version
        return version

    def add_filter(self, name: str, jql: str, owner: str) -> SavedFilter:
        """Save a query under a name; ``owner`` is an account id."""
        saved = SavedFilter(str(10_000 + len(self.filters)), name, jql, owner)
        self.filters[saved.id] = saved
        return saved

    def add_field(self, added: Field) -> None:
        """Add a custom field (see ``sandbox.jira_fields`` for the makers)."""
        self.fields[added.id] = added

    def add_status(self, name: str, category: Category) -> None:
        """Add a status."""
        self.statuses[name] = Named(str(10_000 + len(self.statuses)), name, category)

    def add_issue(
        self,
        project: str,
        kind: str,
        summary: str,
        created: datetime,
        creator: str,
        values: Mapping[str, Any] | None = None,
    ) -> Issue:
        """Create an issue; without a status it starts in To Do, without a priority at Medium."""
        first: dict[str, Any] = {
            "issuetype": kind,
            "summary": summary,
            "reporter": creator,
            "status": "To Do",
            "priority": "Medium",
        }
        first |= self._check(values or {})
        first["statuscategorychangedate"] = created
        number = self._numbers[project] = self._numbers.get(project, 0) + 1
        self._note_components(project, first)
        issue = Issue(10_000 + len(self.issues), f"{project}-{number}", project, _aware(created), creator, first)
        if self._is_done(first["status"]):
            first.setdefault("resolution", "Done")
            first["resolutiondate"] = created
        self.issues[issue.key] = issue
        self._view = None
        return issue

    def change(self, issue: Issue, at: datetime, by: str, values: Mapping[str, Any]) -> Change:
        """Record a change. A status in the category "done" resolves the issue, another one reopens it.

        Raises ValueError for a moment before the issue's last change, and for names that the site lacks.
        """
        if at < (issue.changes[-1].at if issue.changes else issue.created):
            raise ValueError(f"{issue.key} can't change at {at}: it has changed later already")
        new = self._check(values)
        self._note_components(issue.project, new)
        if "status" in new and "resolution" not in new:
            done = self._is_done(new["status"])
            if done != self._is_done(issue.last("status")):
                new["resolution"] = "Done" if done else None
        items = tuple(Item(name, old, value) for name, value in new.items() if (old := issue.last(name)) != value)
        change = Change(self._next_id(), _aware(at), by, items)
        issue.changes.append(change)
        self._view = None
        return change

    def comment(self, issue: Issue, at: datetime, by: str, text: str) -> None:
        """Let somebody comment on an issue."""
        self._leave(issue, comments=Comment(self._next_id(), _aware(at), by, text))

    def log_work(
        self, issue: Issue, at: datetime, by: str, seconds: int, text: str = "", day: date | None = None
    ) -> None:
        """Let somebody log time that they worked on an issue, on the day of ``at`` or on another one."""
        self._leave(issue, work=Work(self._next_id(), _aware(at), by, day or at.date(), seconds, text))

    def vote(self, issue: Issue, at: datetime, by: str) -> None:
        """Let somebody vote for an issue."""
        self._leave(issue, votes=Mark(_aware(at), by))

    def watch(self, issue: Issue, at: datetime, by: str) -> None:
        """Let somebody watch an issue."""
        self._leave(issue, watches=Mark(_aware(at), by))

    def link(self, issue: Issue, kind: str, other: Issue, at: datetime) -> None:
        """Link two issues: ``site.link(one, "Blocks", other, at)`` says that one blocks the other."""
        number, kind_of = self._next_id(), self.link_types[kind]
        self._leave(issue, links=Link(number, _aware(at), kind_of, outward=True, other=other.key))
        self._leave(other, links=Link(number, at, kind_of, outward=False, other=issue.key))

    # Reading it

    def now(self) -> datetime:
        """Return the clock's moment."""
        return self.clock.now()

    def rows(self) -> list[Row]:
        """Return every issue that exists now, as it is now, oldest id first."""
        return self._see().rows

    def row(self, key_or_id: str) -> Row | None:
        """Return one issue as it is now, by its key (in any case) or id."""
        view = self._see()
        return view.by_key.get(key_or_id.upper()) or view.by_key.get(key_or_id)

    def version(self) -> object:
        """Return a token that stays the same for as long as every issue is the same."""
        return self._see()

    def category(self, status: str) -> str:
        """Return a status's category: new, indeterminate or done."""
        return self.statuses[status].group

    def _see(self) -> View:
        now = self.clock.now()
        if self._view is None or not self._view.moment <= now < self._view.until:
            self._view = View(self.issues.values(), {each.name: each.group for each in self.statuses.values()}, now)
        return self._view

    def _leave(self, issue: Issue, **left: Any) -> None:
        self._view = None
        before = issue.extras or NOTHING
        issue.extras = replace(before, **{name: (*getattr(before, name), each) for name, each in left.items()})

    def _next_id(self) -> int:
        self._change_id += 1
        return self._change_id

    def _is_done(self, status: str) -> bool:
        return self.statuses[status].group == "done"

    def _note_components(self, project: str, values: Mapping[str, Any]) -> None:
        if names := values.get("components"):
            self.components.setdefault(project, set()).update(names)

    def _check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        known = {"status": self.statuses, "issuetype": self.types, "priority": self.priorities,
                 "resolution": self.resolutions, "assignee": self.users, "reporter": self.users,
                 "parent": self.issues}  # fmt: skip
        for name, value in values.items():
            if name not in self.fields:
                raise ValueError(f"the site has no field {name!r}")
            if name in known and value is not None and value not in known[name]:  # type: ignore[operator]
                raise ValueError(f"the site has no {name} {value!r}")
        if EPIC_LINK in values:
            raise ValueError("set parent: the epic link follows from it")
        return dict(values)


def _named(*texts: str, first: int = 10_000) -> dict[str, Named]:
    def pairs() -> Iterable[tuple[str, Named]]:
        for number, text in enumerate(texts, first):
            name, _, group = text.partition(":")
            yield name, Named(str(number), name, group)

    return dict(pairs())


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} needs a zone")
    return moment

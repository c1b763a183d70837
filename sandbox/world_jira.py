"""Puts Acme's tickets into the Jira stand-in: people, sprints, versions, and every ticket's dated changes."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.jira_fields import FOUND_IN, SPRINT, STORY_POINTS, select_field
from sandbox.jira_site import Issue, JiraSite, Sprint, Version
from sandbox.world_issues import NEVER, Ticket
from sandbox.world_projects import NAMES, make_tickets
from sandbox.world_time import FIRST_DAY, LAST_DAY, Season

_TEAMS = {
    "WEB": ("Planner",),
    "APP": ("Mobile",),
    "OPS": ("Platform",),
    "DATA": ("Data",),
}
_COMPONENTS = {
    "WEB": ("Roster", "Export", "Rules"),
    "APP": ("Android", "iOS", "Messages"),
    "OPS": ("Database", "Deploy", "Network"),
    "DATA": ("Forecast", "Pay rules", "Reports"),
}
_REMARKS = ("Reported again by a customer.", "Can't reproduce it yet.", "Found the cause, fix is on its way.")
_SPRINT_DAYS = 14


def make_jira(clock: Clock, season: Season, people: list[dict[str, str]], email: str, token: str) -> JiraSite:
    """Make Acme's site. ``people`` are the rows of the sheet's People tab; ``email`` reads with ``token``."""
    site = JiraSite(clock, name="acme")
    site.add_field(select_field(FOUND_IN, "Found in", "Production", "Testing", "Review"))
    reader = site.add_user("OKR sync", email, token=token)
    team: dict[str, list[str]] = {}
    for person in people:
        user = site.add_user(person["Name"], person["E-mail"])
        team.setdefault(person["Team"], []).append(user.account_id)
    rng = season.rng
    for project, tickets in make_tickets(rng).items():
        members = [account for name in _TEAMS[project] for account in team.get(name, [reader.account_id])]
        site.add_project(project, NAMES[project], members[0])
        _Desk(site, season, project, members, rng).file(tickets)
    return site


class _Desk:
    """Files one project's tickets."""

    def __init__(self, site: JiraSite, season: Season, project: str, members: list[str], rng: random.Random) -> None:
        self.site, self.season, self.project, self.members, self.rng = site, season, project, members, rng
        board = site.add_board(project, f"{NAMES[project]} board")
        self.sprints = self._add_sprints(board.id)
        self.versions = self._add_versions()
        self.epics: dict[str, str] = {}
        self.talk = random.Random(f"what people say about {project}")  # noqa: S311 - a made-up world, and repeatable

    def _add_sprints(self, board: int) -> list[Sprint]:
        first = FIRST_DAY - (self.season.today + timedelta(days=FIRST_DAY)).weekday()
        starts = range(first, LAST_DAY, _SPRINT_DAYS)
        return [self._add_sprint(board, number, day) for number, day in enumerate(starts, 1)]

    def _add_sprint(self, board: int, number: int, day: int) -> Sprint:
        start = self.season.moment(day)
        end = start + timedelta(days=_SPRINT_DAYS, hours=-1)
        return self.site.add_sprint(board, f"{self.project} Sprint {number}", start, end, end)

    def _add_versions(self) -> list[Version]:
        days = range(FIRST_DAY + 20, LAST_DAY, 30)
        return [
            self.site.add_version(self.project, f"{self.project.lower()}-{4 + number // 6}.{number % 6}",
                                  self.season.date(day))
            for number, day in enumerate(days)
        ]  # fmt: skip

    def file(self, tickets: list[Ticket]) -> None:
        """Add the tickets in their order, so that the first get the first keys."""
        for ticket in tickets:
            issue = self._add(ticket)
            if ticket.kind == "Epic":
                self.epics[ticket.summary] = issue.key
            self._live(issue, ticket)
        self._discuss([issue for issue in self.site.issues.values() if issue.project == self.project])

    def _discuss(self, issues: list[Issue]) -> None:
        """Let people comment on bugs, vote for some, watch them, and say what they block."""
        stories = [issue for issue in issues if issue.first["issuetype"] == "Story"]
        for bug in (issue for issue in issues if issue.first["issuetype"] == "Bug"):
            for person in self.talk.sample(self.members, self.talk.randrange(len(self.members))):
                self.site.watch(bug, bug.created, person)
                if self.talk.random() < 0.5:
                    self.site.vote(bug, bug.created, person)
            if bug.changes and self.talk.random() < 0.3:
                said = self.talk.choice(_REMARKS)
                self.site.comment(bug, bug.changes[0].at, self.talk.choice(self.members), said)
            if stories and self.talk.random() < 0.1:
                story = self.talk.choice(stories)
                self.site.link(bug, "Blocks", story, max(bug.created, story.created))

    def _add(self, ticket: Ticket) -> Issue:
        values: dict[str, Any] = {
            "priority": ticket.priority,
            "labels": ticket.labels,
            "components": (self.rng.choice(_COMPONENTS[self.project]),) if self.rng.random() < 0.8 else (),
            "parent": self.epics.get(ticket.parent or ""),
            STORY_POINTS: ticket.points,
            FOUND_IN: ticket.found_in,
        }
        created = self.season.moment(ticket.created, any_hour=ticket.any_hour)
        filled = {name: value for name, value in values.items() if value not in (None, ())}
        return self.site.add_issue(
            self.project, ticket.kind, ticket.summary, created, self.rng.choice(self.members), filled
        )

    def _live(self, issue: Issue, ticket: Ticket) -> None:
        """Let it be taken, reviewed and done; one that stays open may be taken too."""
        if ticket.done == NEVER:
            if ticket.kind != "Epic" and self.rng.random() < 0.3:
                self._take(issue, self._between(issue.created, self._moment(ticket, ticket.created + 20), 0.7))
            return
        done = max(self._moment(ticket, ticket.done), issue.created + timedelta(minutes=40))
        days = min(12.0, max(0.4, (ticket.done - ticket.created) * 0.5))
        taken = max(self._between(issue.created, done, 0.25), done - timedelta(days=days))
        by = self._take(issue, taken)
        if self.rng.random() < 0.75:
            self.site.change(issue, self._between(taken, done, 0.6), by, {"status": "In Review"})
        self.site.change(issue, done, by, {"status": "Done", "fixVersions": self._version(done)})
        self._reopen(issue, done, by)

    def _take(self, issue: Issue, at: datetime) -> str:
        by = self.rng.choice(self.members)
        values = {"status": "In Progress", "assignee": by, SPRINT: self._sprint(at)}
        self.site.change(issue, at, by, {name: value for name, value in values.items() if value})
        return by

    def _reopen(self, issue: Issue, done: datetime, by: str) -> None:
        """Some come back for a day."""
        if issue.first["issuetype"] == "Story" and self.rng.random() < 0.04:
            self.site.change(issue, done + timedelta(hours=3), by, {"status": "In Progress"})
            self.site.change(issue, done + timedelta(hours=26), by, {"status": "Done"})

    def _moment(self, ticket: Ticket, day: float) -> datetime:
        return self.season.moment(day, any_hour=ticket.any_hour)

    def _sprint(self, at: datetime) -> tuple[int, ...]:
        running = [each.id for each in self.sprints if each.start and each.end and each.start <= at <= each.end]
        return tuple(running[:1])

    def _version(self, done: datetime) -> tuple[str, ...]:
        ahead = [each.id for each in self.versions if each.released and each.released >= done.date()]
        return tuple(ahead[:1])

    def _between(self, start: datetime, end: datetime, share: float) -> datetime:
        return (start + (end - start) * share).replace(microsecond=0)

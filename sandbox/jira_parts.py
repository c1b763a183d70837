"""What a Jira site is made of beside its issues: people, projects, boards, sprints, versions, saved filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sandbox.jira_fields import STORY_POINTS

Category = Literal["new", "indeterminate", "done"]


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account. ``zone`` is the time zone in which Jira reads dates in their JQL."""

    account_id: str
    name: str
    email: str
    zone: str = "Europe/Berlin"
    active: bool = True

    @property
    def login(self) -> str:
        """The user name by which Data Center knows the person; Cloud has none."""
        return self.email.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Named:
    """A status, issue type, priority or resolution. ``group`` is a status's category, a type's level."""

    id: str
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A project. ``style`` is "classic" (company-managed) or "next-gen" (team-managed)."""

    id: str
    key: str
    name: str
    lead: str
    style: Literal["classic", "next-gen"] = "classic"


@dataclass(frozen=True, slots=True)
class Board:
    """A board of one project. ``estimate`` is the field that it sums up."""

    id: int
    name: str
    project: str
    kind: Literal["scrum", "kanban", "simple"] = "scrum"
    estimate: str = STORY_POINTS


@dataclass(frozen=True, slots=True)
class Sprint:
    """A sprint: future until ``start``, closed from ``completed`` on."""

    id: int
    name: str
    board: int
    start: datetime | None
    end: datetime | None
    completed: datetime | None = None
    goal: str = ""

    def state(self, now: datetime) -> Literal["future", "active", "closed"]:
        """Return what Jira would call it at that moment."""
        if self.completed is not None and self.completed <= now:
            return "closed"
        return "active" if self.start is not None and self.start <= now else "future"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a project, released from the day ``released`` on."""

    id: str
    name: str
    project: str
    released: date | None = None


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A query that somebody saved under a name."""

    id: str
    name: str
    jql: str
    owner: str

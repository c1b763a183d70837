"""An issue of the Jira stand-in: as it was created, what changed, and what it therefore is at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.jira_extras import NOTHING, Extras


@dataclass(frozen=True, slots=True)
class Item:
    """One field's step from one value to another."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What one person changed at one moment; an entry of the changelog."""

    id: int
    at: datetime
    by: str
    items: tuple[Item, ...]


@dataclass(slots=True)
class Issue:
    """An issue as it was created, and everything that changed, in order of time (past and future)."""

    id: int
    key: str
    project: str
    created: datetime
    creator: str
    first: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    extras: Extras | None = None

    def last(self, name: str) -> Any:
        """Return a field's value after all changes, the future ones too."""
        for change in reversed(self.changes):
            for item in change.items:
                if item.field == name:
                    return item.new
        return self.first.get(name)


@dataclass(slots=True)
class Row:
    """An issue at a moment: ``values`` by field id, and how many of its changes have ``happened``."""

    issue: Issue
    values: dict[str, Any]
    happened: int = 0
    extras: Extras = NOTHING

    @property
    def updated(self) -> datetime:
        """When it was last changed or commented on, as of the moment."""
        changed = self.issue.changes[self.happened - 1].at if self.happened else self.issue.created
        return max((changed, *self.extras.touched()))

    @property
    def changes(self) -> list[Change]:
        """The changelog as of the moment, oldest first."""
        return self.issue.changes[: self.happened]


class View:
    """All issues at a moment. It holds ``until`` the next thing happens.

    ``categories`` are the statuses' categories: a status that moves to another one is dated.
    """

    __slots__ = ("by_key", "moment", "rows", "until")

    def __init__(self, issues: Iterable[Issue], categories: Mapping[str, str], moment: datetime) -> None:
        self.moment = moment
        self.until = datetime.max.replace(tzinfo=moment.tzinfo)
        self.rows: list[Row] = []
        self.by_key: dict[str, Row] = {}
        for issue in issues:
            if issue.created > moment:
                self.until = min(self.until, issue.created)
                continue
            row = self._make_row(categories, issue)
            self.rows.append(row)
            self.by_key[issue.key] = self.by_key[str(issue.id)] = row

    def _make_row(self, categories: Mapping[str, str], issue: Issue) -> Row:
        values, happened = issue.first, 0
        for change in issue.changes:
            if change.at > self.moment:
                self.until = min(self.until, change.at)
                break
            if not happened:
                values = dict(values)
            happened += 1
            _apply(categories, values, change)
        return Row(issue, values, happened, self._extras(issue))

    def _extras(self, issue: Issue) -> Extras:
        if issue.extras is None:
            return NOTHING
        self.until = min(self.until, *(at for at in issue.extras.times() if at > self.moment), self.until)
        return issue.extras.until(self.moment)


def _apply(categories: Mapping[str, str], values: dict[str, Any], change: Change) -> None:
    for item in change.items:
        values[item.field] = item.new
        if item.field == "resolution":
            values["resolutiondate"] = change.at if item.new else None
        elif item.field == "status" and categories[item.old] != categories[item.new]:
            values["statuscategorychangedate"] = change.at

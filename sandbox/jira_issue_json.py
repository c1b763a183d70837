"""Issues, their fields and changelogs as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.jira_extras_json import EXTRA_FIELDS, ExtrasJson, document
from sandbox.jira_fields import EPIC_LINK, Field
from sandbox.jira_json import JiraJson
from sandbox.jira_site import Change, Item, Row
from sandbox.jql_names import epic_of

_HISTORY_NAMES = {"fixVersions": "Fix Version", "versions": "Version", "components": "Component",
                  "parent": "IssueParentAssociation"}  # fmt: skip


class IssueJson(JiraJson):
    """Renders issues for one asker."""

    @property
    def extras(self) -> ExtrasJson:
        """What renders the comments, votes and links of an issue."""
        return ExtrasJson(self, lambda key: self.short(key, ("summary", "status", "priority", "issuetype")))

    def issue(self, row: Row, wanted: Iterable[str], *, changelog: int = 0) -> dict[str, Any]:
        """Render an issue with the wanted fields, and its last ``changelog`` changes, newest first."""
        body: dict[str, Any] = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": str(row.issue.id),
            "self": f"{self.rest}/issue/{row.issue.id}",
            "key": row.issue.key,
            "fields": {name: self.value(row, self.site.fields[name]) for name in wanted},
        }
        if changelog:
            body["changelog"] = self.changelog(row, changelog)
        return body

    def changelog(self, row: Row, most: int) -> dict[str, Any]:
        """Render an issue's last changes, newest first."""
        histories = [self.history(change) for change in row.changes[::-1][:most]]
        total = len(row.changes)
        return {"startAt": 0, "maxResults": len(histories), "total": total, "histories": histories}

    def default_fields(self) -> list[str]:
        """Return the ids that ``*all`` and ``*navigable`` mean: every field but the key, and those that are pages."""
        hidden = ("issuekey", EPIC_LINK, "comment", "worklog")
        return [name for name in self.site.fields if name not in hidden] + [EPIC_LINK]

    def value(self, row: Row, field: Field) -> Any:
        """Render the value of one field of an issue."""
        match field.id:
            case "issuekey":
                return row.issue.key
            case "project":
                return self.project(self.site.projects[row.issue.project])
            case "created":
                return self.time(row.issue.created)
            case "updated":
                return self.time(row.updated)
            case "creator":
                return self.user(row.issue.creator)
            case "statusCategory":
                return self.category(self.site.category(row.values["status"]))
            case "customfield_10014":
                return epic_of(self.site, row)
            case name if name in EXTRA_FIELDS:
                return self.extras.value(row, name)
            case _:
                return self._plain(field, row.values.get(field.id))

    def _plain(self, field: Field, value: Any) -> Any:
        if field.kind in ("labels", "component", "version"):
            return [self._one(field, each) for each in value or ()]
        if value is None or value in ((), ""):
            return None
        return [self._one(field, each) for each in value] if isinstance(value, tuple) else self._one(field, value)

    def _one(self, field: Field, value: Any) -> Any:
        match field.kind:
            case "type" | "status" | "priority" | "resolution" | "user":
                return getattr(self, field.kind)(value)
            case "version":
                return self.version(self.site.versions[value])
            case "component":
                return self.component(value)
            case "sprint":
                return self.sprint(self.site.sprints[value], "boardId")
            case "issue":
                return self.short(value, ("summary", "status", "priority", "issuetype"))
            case "option":
                number = _number(f"{field.id}{value}")
                return {"self": f"{self.rest}/customFieldOption/{number}", "value": value, "id": number}
            case "number":
                return float(value)
            case "datetime":
                return self.time(value)
            case "date":
                return value.isoformat()
            case _:
                return document(value) if self.rich and field.id == "description" else value

    def short(self, key: str, names: Iterable[str]) -> dict[str, Any]:
        """Render an issue as another one names it: by its key and a few fields."""
        row = self.site.row(key)
        if row is None:
            return {"key": key}
        fields = {name: self.value(row, self.site.fields[name]) for name in names}
        return {"id": str(row.issue.id), "key": key, "self": f"{self.rest}/issue/{row.issue.id}", "fields": fields}

    # The changelog

    def history(self, change: Change) -> dict[str, Any]:
        """Render one entry of a changelog."""
        return {
            "id": str(change.id),
            "author": self.user(change.by),
            "created": self.time(change.at),
            "items": [self.item(item) for item in change.items],
        }

    def item(self, item: Item) -> dict[str, Any]:
        """Render one field's step."""
        field = self.site.fields[item.field]
        old, old_text = self._logged(field, item.old)
        new, new_text = self._logged(field, item.new)
        return {
            "field": _HISTORY_NAMES.get(field.id, field.name if field.is_custom else field.id),
            "fieldtype": "custom" if field.is_custom else "jira",
            "fieldId": field.id,
            "from": old,
            "fromString": old_text,
            "to": new,
            "toString": new_text,
        }

    def _logged(self, field: Field, value: Any) -> tuple[str | None, str | None]:
        """Return a value's id and text as the changelog has them."""
        if value is None or value in ((), ""):
            return (None, "") if field.kind in ("labels", "sprint") else (None, None)
        tables: Mapping[str, Mapping[Any, Any]] = {
            "status": self.site.statuses, "type": self.site.types, "priority": self.site.priorities,
            "resolution": self.site.resolutions, "user": self.site.users, "sprint": self.site.sprints,
            "version": self.site.versions,
        }  # fmt: skip
        if field.kind == "labels":
            return None, " ".join(value)
        values = value if isinstance(value, tuple) else (value,)
        if field.kind in tables:
            named = [tables[field.kind][each] for each in values]
            ids = ", ".join(str(getattr(each, "id", getattr(each, "account_id", ""))) for each in named)
            return ids, ", ".join(each.name for each in named)
        if field.kind == "issue":
            return str(self.site.issues[value].id), value
        return None, ", ".join(_text(each) for each in values)


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _number(name: str) -> str:
    """Return a stable id for something that the site knows by name only."""
    return str(10_000 + sum(position * ord(letter) for position, letter in enumerate(name, 1)) % 80_000)

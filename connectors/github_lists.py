"""What GitHub lists, and the fields that each record of a list has. Sends nothing.

Shapes: the schemas ``issue-search-result-item``, ``release``, ``workflow-run`` and ``milestone`` of GitHub's OpenAPI
description (github.com/github/rest-api-description). An issue found by search that is a pull request says in
``pull_request.merged_at`` when it was merged.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from connectors.value import parse_cell, parse_plain, parse_text
from mappings.model import Record, StatusChange, Value

SEARCHED = ("issues", "pulls")
_HOUR, _MINUTE = Decimal(3600), Decimal(60)
_WORKDAYS_A_WEEK = 5

_ISSUE: Mapping[str, str] = {
    "number": "number", "title": "title", "state": "state", "labels": "labels", "author": "user",
    "assignees": "assignees", "milestone": "milestone", "comments": "comments", "created": "created_at",
    "updated": "updated_at", "closed": "closed_at",
}  # fmt: skip
_PATHS: Mapping[str, Mapping[str, str]] = {
    "issues": {**_ISSUE, "reason": "state_reason", "type": "type"},
    "pulls": {**_ISSUE, "draft": "draft", "merged": "pull_request.merged_at"},
    "releases": {
        "name": "name", "tag": "tag_name", "prerelease": "prerelease", "author": "author", "created": "created_at",
        "published": "published_at",
    },
    "runs": {
        "number": "run_number", "workflow": "name", "title": "display_title", "event": "event", "branch": "head_branch",
        "status": "status", "conclusion": "conclusion", "attempt": "run_attempt", "actor": "actor",
        "created": "created_at", "started": "run_started_at", "updated": "updated_at",
    },
    "milestones": {
        "number": "number", "title": "title", "state": "state", "open_issues": "open_issues",
        "closed_issues": "closed_issues", "created": "created_at", "updated": "updated_at", "closed": "closed_at",
        "due": "due_on",
    },
}  # fmt: skip
_MADE: Mapping[str, tuple[str, ...]] = {
    "issues": ("hours_to_close", "workhours_to_close"),
    "pulls": ("hours_to_merge", "workhours_to_merge", "hours_to_close", "workhours_to_close"),
    "releases": (),
    "runs": ("minutes",),
    "milestones": ("progress",),
}
FIELDS: Mapping[str, tuple[str, ...]] = {name: (*paths, *_MADE[name]) for name, paths in _PATHS.items()}
"""Every field by list, in the order in which people are told them."""

DATES: Mapping[str, frozenset[str]] = {
    "issues": frozenset({"created", "updated", "closed"}),
    "pulls": frozenset({"created", "updated", "closed", "merged"}),
    "releases": frozenset({"created", "published"}),
    "runs": frozenset({"created", "started", "updated"}),
    "milestones": frozenset({"created", "updated", "closed", "due"}),
}
STATUSES: Mapping[str, tuple[str, ...]] = {"issues": ("opened", "closed"), "pulls": ("opened", "merged", "closed")}
"""What workdays can be counted between, where a record tells."""

CASELESS = frozenset({"labels", "author", "assignees", "milestone"})
"""Names that GitHub compares without regard to case ("Search is not case sensitive", Searching issues and PRs)."""


STATES: Mapping[str, tuple[str, ...]] = {
    "issues": ("open", "closed"),
    "pulls": ("open", "merged", "closed"),
    "milestones": ("open", "closed"),
}
_USUAL: Mapping[str, tuple[str, ...]] = {
    "reason": ("completed", "not_planned", "duplicate", "reopened"),
    "status": ("queued", "in_progress", "completed", "requested", "waiting", "pending"),
    "conclusion": (
        "success", "failure", "cancelled", "skipped", "timed_out", "neutral", "action_required", "stale",
        "startup_failure",
    ),
}  # fmt: skip
"""Words that GitHub uses today; it may add others."""


def say_unlikely(list_: str, field: str, value: str) -> str | None:
    """That no record will ever have this value, mostly for its spelling; ``None`` where one may."""
    if field == "state" and value not in STATES.get(list_, (value,)):
        return f"The state of {list_} is one of {', '.join(STATES[list_])}, never “{value}”."
    usual = _USUAL.get(field, ())
    close = difflib.get_close_matches(value.casefold().replace(" ", "_"), usual, n=1, cutoff=0.8)
    return f"GitHub calls this {field} {close[0]}, not “{value}”." if close and value not in usual else None


def say_unknown(list_: str, names: Iterable[str]) -> tuple[str, str] | None:
    """That a list has no such fields, and what may have been meant; ``None`` where it has them all."""
    known = FIELDS[list_]
    missing = sorted(set(names) - set(known))
    if not missing:
        return None
    close = [match for name in missing for match in difflib.get_close_matches(name, known, n=1, cutoff=0.5)]
    shown = " or ".join(f"“{name}”" for name in missing)
    hint = f"Did you mean “{close[0]}”?" if close else f"They have {', '.join(known)}."
    return f"GitHub's {list_} have no field {shown}", hint


def make_record(list_: str, found: Mapping[str, Any], zone: tzinfo) -> Record:
    """One record of a list with all its fields. ``zone`` is the company's, in which a day is a workday or none.

    Raises:
        KeyError, TypeError, AttributeError: it isn't what GitHub documents.
    """
    fields = {name: value for name, path in _PATHS[list_].items() if (value := _value(found, path)) is not None}
    fields |= {name: value for name, value in _MAKERS[list_](fields, zone).items() if value is not None}
    title = next((text for key in ("title", "display_title", "name", "tag_name") if (text := found.get(key))), "")
    updated = fields.get("updated", fields.get("published", fields.get("created")))
    number = found["tag_name"] if list_ == "releases" else found["run_number"] if list_ == "runs" else found["number"]
    return Record(
        id=f"{_repo_of(found)}#{number}",
        fields=fields,
        title=str(title),
        link=str(found["html_url"]),
        done=fields["state"] == ("merged" if list_ == "pulls" else "closed") if "state" in fields else None,
        timeline=_timeline(list_, fields),
        at=updated if isinstance(updated, datetime) else None,
    )


def _repo_of(found: Mapping[str, Any]) -> str:
    """owner/name, out of the page's address, which every record has."""
    return "/".join(str(found["html_url"]).split("/")[3:5])


def _value(found: Mapping[str, Any], path: str) -> Value:
    here: Any = found
    for part in path.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return _named(here)


def _named(found: Any) -> Value:
    """Labels by their names, people by their logins, milestones by their titles."""
    if isinstance(found, list):
        return tuple(value for each in found if (value := _named(each)) is not None) or None
    if isinstance(found, dict):
        return next((parse_plain(found[key]) for key in ("login", "title", "name") if found.get(key)), None)
    return parse_text(found) if isinstance(found, str) else parse_cell(found)


def _make_issue(fields: Mapping[str, Value], zone: tzinfo) -> dict[str, Value]:
    return _spans(fields, "closed", "close", zone)


def _make_pull(fields: Mapping[str, Value], zone: tzinfo) -> dict[str, Value]:
    state = {"state": "merged"} if "merged" in fields else {}
    return {**state, **_spans(fields, "merged", "merge", zone), **_spans(fields, "closed", "close", zone)}


def _make_run(fields: Mapping[str, Value], _: tzinfo) -> dict[str, Value]:
    """How long its last attempt took: from its start until it was last changed, once it is over."""
    start, end = fields.get("started"), fields.get("updated")
    if fields.get("status") != "completed" or not isinstance(start, datetime) or not isinstance(end, datetime):
        return {}
    return {"minutes": _seconds(end - start) / _MINUTE}


def _make_milestone(fields: Mapping[str, Value], _: tzinfo) -> dict[str, Value]:
    """The share of its issues and pull requests that are closed, as the bar on its page shows."""
    opened, closed = fields["open_issues"], fields["closed_issues"]
    assert isinstance(opened, Decimal)
    assert isinstance(closed, Decimal)
    return {"progress": closed / (opened + closed)} if opened + closed else {}


def _make_nothing(_: Mapping[str, Value], __: tzinfo) -> dict[str, Value]:
    return {}


_MAKERS: Mapping[str, Callable[[Mapping[str, Value], tzinfo], dict[str, Value]]] = {
    "issues": _make_issue,
    "pulls": _make_pull,
    "releases": _make_nothing,
    "runs": _make_run,
    "milestones": _make_milestone,
}


def _spans(fields: Mapping[str, Value], end: str, word: str, zone: tzinfo) -> dict[str, Value]:
    first, last = fields.get("created"), fields.get(end)
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return {}
    hours, workhours = _seconds(last - first) / _HOUR, work_seconds(first, last, zone) / _HOUR
    return {f"hours_to_{word}": hours, f"workhours_to_{word}": workhours}


def _seconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(microseconds=1)) / 1_000_000


def work_seconds(first: datetime, last: datetime, zone: tzinfo) -> Decimal:
    """The seconds between two moments that aren't on a Saturday or Sunday in the zone. A day's night counts."""
    total, here = Decimal(0), first
    while here < last:
        day = here.astimezone(zone)
        following = datetime.combine(day.date() + timedelta(days=1), datetime.min.time(), zone).astimezone(first.tzinfo)
        until = min(following, last)
        if day.weekday() < _WORKDAYS_A_WEEK:
            total += _seconds(until - here)
        here = until
    return total


def _timeline(list_: str, fields: Mapping[str, Value]) -> tuple[StatusChange, ...] | None:
    if list_ not in STATUSES:
        return None
    ends = (("opened", "created"), ("merged", "merged"), ("closed", "closed"))
    moments = [(name, fields.get(field)) for name, field in ends]
    return tuple(StatusChange(name, at) for name, at in moments if isinstance(at, datetime))

"""When issues changed their status: Jira's changelogs as timelines. Sends nothing itself.

A changelog holds changes only: an issue's first status is what its first change came from, or what it still is.
Changelogs of up to 1,000 issues come with ``POST /rest/api/3/changelog/bulkfetch``, of the fields asked for
(Atlassian's REST reference, "Bulk fetch changelogs"); there, moments are milliseconds since 1970, where a single
issue's changelog writes ISO 8601. Data Center has no such call and gives the changelogs with the issues of a search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from mappings.model import StatusChange

FIELDS = ("created", "status")
"""What an issue has to be read with."""

ADDRESS = "changelog/bulkfetch"
ISSUES_A_CALL = 1000
_CHANGES_A_PAGE = 10_000
_MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138

Issue = Mapping[str, Any]
Timelines = dict[str, tuple[StatusChange, ...]]


def with_timelines(
    issues: Iterable[Issue], fetch: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Iterator[tuple[Issue, tuple[StatusChange, ...]]]:
    """Every issue with its timeline, oldest first. ``fetch`` sends a body to ADDRESS and gives the answer.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: an answer isn't what Jira documents.
    """
    stream = iter(issues)
    while some := list(islice(stream, ISSUES_A_CALL)):
        changes = _fetch_changes([str(issue["id"]) for issue in some], fetch)
        for issue in some:
            yield issue, make_timeline(issue, changes.get(str(issue["id"]), []))


def make_timeline(issue: Issue, changes: list[tuple[datetime, str, str]]) -> tuple[StatusChange, ...]:
    """The statuses that an issue came to; ``changes`` are (moment, from, to), in any order."""
    ordered = sorted(changes, key=lambda change: change[0])
    first = ordered[0][1] if ordered else str(issue["fields"]["status"]["name"])
    created = datetime.fromisoformat(issue["fields"]["created"])
    return (StatusChange(first, created), *(StatusChange(to, at) for at, _, to in ordered))


def parse_timeline(issue: Issue) -> tuple[StatusChange, ...]:
    """The statuses of an issue that was read with its changelog, as Data Center gives it.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it isn't what Jira documents, or isn't whole.
    """
    log = issue["changelog"]
    if log.get("total", 0) > len(log["histories"]):
        raise ValueError("a changelog was cut off")
    return make_timeline(issue, list(_parse_changes(log["histories"])))


def _fetch_changes(
    ids: list[str], fetch: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> dict[str, list[tuple[datetime, str, str]]]:
    found: dict[str, list[tuple[datetime, str, str]]] = {}
    body: dict[str, Any] = {"issueIdsOrKeys": ids, "fieldIds": ["status"], "maxResults": _CHANGES_A_PAGE}
    tokens: set[str] = set()
    while True:
        page = fetch(body)
        for log in page["issueChangeLogs"]:
            found.setdefault(str(log["issueId"]), []).extend(_parse_changes(log["changeHistories"]))
        token = page.get("nextPageToken")
        if not token:
            return found
        if token in tokens:
            raise ValueError("the same page of changelogs came twice")
        tokens.add(token)
        body = {**body, "nextPageToken": token}


def _parse_changes(histories: Iterable[Mapping[str, Any]]) -> Iterator[tuple[datetime, str, str]]:
    for history in histories:
        for item in history["items"]:
            if item.get("fieldId") == "status" or item.get("field") == "status":
                yield _parse_moment(history["created"]), str(item["fromString"]), str(item["toString"])


def _parse_moment(created: float | str) -> datetime:
    if isinstance(created, str):
        return datetime.fromisoformat(created)
    return datetime.fromtimestamp(created / 1000 if created >= _MILLISECONDS_FROM else created, UTC)

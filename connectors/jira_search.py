"""Jira's searches: every issue of a JQL, and how many there are, on Cloud and on Data Center.

Cloud pages by token and has no exact count: ids are listed, 5,000 a page, or its own estimate is taken where that was
allowed (``approximate``). Data Center pages by position and tells the exact total, without an issue for
``maxResults: 0`` (Atlassian's REST references: "Issue search" of Cloud v3, "search" of Data Center 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.base import ScanExpired, SourceMisread, no_note
from connectors.jira_check import parse_verdicts
from connectors.jira_door import JiraDoor
from connectors.jira_history import ISSUES_A_CALL
from connectors.jira_record import parse_issues, parse_warnings
from connectors.known_limit import KnownLimit
from connectors.seen import Seen

Note = Callable[[str], None]
Issue = dict[str, Any]

ESTIMATE = "Jira's own estimate, as approximate: true allows; the latest changes may be missing."
_IDS_A_PAGE = 5000
_ISSUES_A_PAGE = 1000
_CHANGELOGS_A_PAGE = 100

_REFERENCE = "https://developer.atlassian.com/cloud/jira/platform/rest/v3"
LIMITS = (
    KnownLimit(
        "calls",
        "bursts for each address of a site, of an unpublished size; rate sets a limit of ours",
        "https://developer.atlassian.com/cloud/jira/platform/rate-limiting/",
    ),
    KnownLimit("penalty", "a 429 says how long to wait (Retry-After), and okr-sync waits as long"),
    KnownLimit(
        "page",
        f"{_ISSUES_A_PAGE:,} issues with fields, {_IDS_A_PAGE:,} ids: a count of 12,000 issues is three calls, and one "
        "by approximate: true; Data Center counts in one",
        f"{_REFERENCE}/api-group-issue-search/",
    ),
    KnownLimit(
        "changelogs",
        f"workdays need a call more for each {ISSUES_A_CALL:,} issues",
        f"{_REFERENCE}/api-group-issues/",
    ),
)
"""What decides how long a run takes."""


def fetch_issues(
    door: JiraDoor, jql: str, fields: Sequence[str], note: Note, *, changelogs: bool = False
) -> Iterator[Issue]:
    """Every issue of a search, streamed; one may come twice. Raises SourceError.

    ``changelogs``: with each issue's whole changelog, which only Data Center gives here.
    """
    return _by_token(door, jql, fields, note) if door.is_cloud else _by_position(door, jql, fields, note, changelogs)


def fetch_count(door: JiraDoor, jql: str, note: Note, *, approximate: bool = False) -> int:
    """How many issues: exact, but where Cloud's estimate is allowed. Raises SourceError."""
    if not door.is_cloud:
        page = door.post("search", {"jql": jql, "startAt": 0, "maxResults": 0, "fields": ["id"]})
        _tell_warnings(door, page, note)
        return _parse_number(door, page, "total")
    if approximate:
        found = _parse_number(door, door.post("search/approximate-count", {"jql": jql}), "count")
        note(ESTIMATE)
        return found
    seen = Seen()
    return sum(seen.is_new(str(issue["id"])) for issue in _by_token(door, jql, ["id"], note))


def fetch_verdicts(door: JiraDoor, texts: Sequence[str]) -> dict[str, str]:
    """Jira's complaint by the JQL that it is about. Data Center has no such check: there each is counted.

    Raises:
        SourceError: Jira didn't answer.
    """
    if door.is_cloud:
        return parse_verdicts(door.post("jql/parse", {"queries": list(texts)}, validation="strict"), door.asked.place)
    said: dict[str, str] = {}
    for text in texts:
        try:
            fetch_count(door, text, no_note)
        except SourceMisread as error:
            said[text] = error.message
    return said


def _by_token(door: JiraDoor, jql: str, fields: Sequence[str], note: Note) -> Iterator[Issue]:
    """Page after page until Jira gives no further token."""
    size = _IDS_A_PAGE if list(fields) in (["id"], ["key"]) else _ISSUES_A_PAGE
    body: dict[str, Any] = {"jql": jql, "maxResults": size, "fields": list(fields)}
    tokens: set[str] = set()
    while True:
        page = door.post("search/jql", body)
        _tell_warnings(door, page, note)
        yield from parse_issues(page, door.asked.place)
        token = page.get("nextPageToken")
        if not token:
            if page.get("isLast") is False:
                raise SourceMisread(f"{door.asked.place} said that more issues follow but not how to ask for them.")
            return
        if token in tokens:
            raise SourceMisread(f"{door.asked.place} gave the same page of issues twice; nothing was counted.")
        tokens.add(token)
        body = {**body, "nextPageToken": token}


def _by_position(door: JiraDoor, jql: str, fields: Sequence[str], note: Note, changelogs: bool) -> Iterator[Issue]:
    """Page after page until all are there. A site may give fewer a page than it is asked for."""
    body: dict[str, Any] = {
        "jql": f"{jql} ORDER BY key",  # in no order of its own an issue could be skipped between two pages
        "maxResults": _CHANGELOGS_A_PAGE if changelogs else _ISSUES_A_PAGE,
        "fields": list(fields),
        **({"expand": ["changelog"]} if changelogs else {}),
    }
    start = total = 0
    while True:
        page = door.post("search", {**body, "startAt": start})
        _tell_warnings(door, page, note)
        issues = parse_issues(page, door.asked.place)
        before, total = total, _parse_number(door, page, "total")
        if total < before:  # the later pages moved up by what left the list: an issue would be missed
            raise ScanExpired(f"Issues left the list of {door.asked.place} while it was read.")
        yield from issues
        start += len(issues)
        if start >= total:
            return
        if not issues:
            raise SourceMisread(f"{door.asked.place} said that there are {total} issues and gave {start} of them.")


def _parse_number(door: JiraDoor, found: dict[str, Any], name: str) -> int:
    """A count that Jira gives. One that isn't there is no zero."""
    number = found.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise SourceMisread(f"{door.asked.place} answered a count without its number ({name}).")
    return number


def _tell_warnings(door: JiraDoor, page: dict[str, Any], note: Note) -> None:
    for text in parse_warnings(page, door.asked.place):
        note(f"Jira says: {text}")

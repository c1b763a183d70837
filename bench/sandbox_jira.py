"""How much memory and time the Jira stand-in takes for a large site: ``python -m bench.sandbox_jira [ISSUES]``.

The whole process is measured (peak resident memory), so run it by itself.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import requests

from bench.memory import peak_megabytes
from sandbox.clock import Clock
from sandbox.jira import Jira
from sandbox.jira_fields import SPRINT, STORY_POINTS
from sandbox.jira_site import JiraSite
from sandbox.server import Server

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ISSUES = 100_000
MOST_MEGABYTES = 1000
ANN = ("ann@acme.example", "token-of-ann")


def make_site(size: int) -> JiraSite:
    """A site of ``size`` issues with texts, people, points, sprints, labels, and two or three changes each."""
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", ANN[0], token=ANN[1]).account_id
    bob = site.add_user("Bob Ray", "bob@acme.example").account_id
    site.add_project("WEB", "Web shop", ann)
    board = site.add_board("WEB", "Web board").id
    fortnight = timedelta(14)
    sprints = [site.add_sprint(board, f"Web {n}", NOW - n * fortnight, NOW - (n - 1) * fortnight).id for n in range(50)]
    for number in range(size):
        at = NOW - timedelta(days=3, minutes=5 * (size - number))
        values = {
            "labels": (f"team{number % 20}", "q4"),
            "assignee": bob,
            "description": f"What is to be done about case {number}.",
            STORY_POINTS: number % 8,
            SPRINT: (sprints[number % 50],),
        }
        issue = site.add_issue("WEB", ("Story", "Task", "Bug")[number % 3], f"Case {number}", at, ann, values)
        site.change(issue, at + timedelta(minutes=30), bob, {"status": "In Progress"})
        site.change(issue, at + timedelta(minutes=300), bob, {"assignee": ann})
        if number % 2:
            site.change(issue, at + timedelta(minutes=2000), ann, {"status": "Done"})
    return site


def measure(size: int) -> dict[str, float]:
    """Fill a site, ask it over HTTP, and say what that took: seconds, and megabytes at the peak."""
    figures: dict[str, float] = {"issues": size}
    started = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        figures[name], started = round(time.perf_counter() - started, 2), time.perf_counter()

    site = make_site(size)
    lap("fill s")
    with Server(jira := Jira(site)), requests.Session() as http:
        http.auth = ANN
        figures["counted"] = len(_all_ids(http, jira, "project = WEB"))
        lap("list all ids s")
        figures["done of late"] = len(_all_ids(http, jira, "status changed to Done after -30d"))
        lap("by history s")
        figures["found by text"] = len(_all_ids(http, jira, "text ~ 'case 7*'"))
        lap("by text s")
    figures["MB at the peak"] = round(peak_megabytes())
    return figures


def _all_ids(http: requests.Session, jira: Jira, jql: str) -> set[str]:
    ids: set[str] = set()
    token: str | None = None
    while True:
        body = {"jql": jql, "fields": ["id"], "maxResults": 5000} | ({"nextPageToken": token} if token else {})
        page = http.post(f"{jira.url}/rest/api/3/search/jql", json=body, timeout=60).json()
        ids |= {issue["id"] for issue in page["issues"]}
        if not (token := page.get("nextPageToken")):
            return ids


def main() -> str:
    """The bench's line for the full size."""
    figures = measure(ISSUES)
    verdict = "ok" if figures["MB at the peak"] < MOST_MEGABYTES else f"MORE THAN {MOST_MEGABYTES} MB"
    return f"sandbox_jira: {', '.join(f'{name} {value:,}' for name, value in figures.items())}: {verdict}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        print(main())

"""JQL as Atlassian's pages explain it: over 300 of their examples and rules, over a small site of plain data.

``data/jql_documented.json`` holds the site and, for every query, the keys that the page's words make of it
(worked out apart from the program), with the page's address.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.jira_extras import LinkType
from sandbox.jira_fields import SPRINT, STORY_POINTS, select_field
from sandbox.jira_site import JiraSite, Named
from sandbox.jql_lex import JqlError
from sandbox.jql_where import make_search

DATA = json.loads((Path(__file__).parent / "data" / "jql_documented.json").read_text())
LOCATION = "customfield_10003"
MODES = ("cloud", "dc")


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@pytest.fixture(scope="module")
def site():
    site = JiraSite(Clock(moment(DATA["now"])))
    ids = {}
    for account_id, name, email in DATA["users"]:
        ids[name] = site.add_user(name, email, zone="UTC", account_id=account_id).account_id
    for key, name, lead in DATA["projects"]:
        site.add_project(key, name, ids[lead])
    for name, category in DATA["statuses"]:
        site.add_status(name, category)
    site.priorities = {name: Named(str(number), name) for number, name in enumerate(DATA["priorities"], 1)}
    site.resolutions = {name: Named(str(number), name) for number, name in enumerate(DATA["resolutions"], 10_000)}
    site.types = {name: Named(str(n), name, str(level)) for n, (name, level) in enumerate(DATA["types"], 10_000)}
    versions = {}
    for project, name, released in DATA["versions"]:
        versions[f"{project}/{name}"] = site.add_version(project, name, released and date.fromisoformat(released)).id
    board = site.add_board("JRA", "Board").id
    sprints = {
        name: site.add_sprint(board, name, *map(moment, (start, end, completed))).id
        for name, start, end, completed in DATA["sprints"]
    }
    site.add_field(select_field(LOCATION, "Location", *DATA["locations"]))
    for name, jql, owner in DATA["filters"]:
        site.add_filter(name, jql, ids[owner])

    def values(written):
        readers = {
            "assignee": ("assignee", ids.get),
            "reporter": ("reporter", ids.get),
            "due": ("duedate", date.fromisoformat),
            "fix": ("fixVersions", lambda names: tuple(versions[each] for each in names)),
            "affects": ("versions", lambda names: tuple(versions[each] for each in names)),
            "comps": ("components", tuple),
            "labels": ("labels", tuple),
            "sprint": (SPRINT, lambda names: tuple(sprints[each] for each in names)),
            "points": (STORY_POINTS, int),
            "location": (LOCATION, str),
        }
        read = {}
        for name, value in written.items():
            field, reader = readers.get(name, (name, lambda same: same))
            read[field] = None if value is None else reader(value)
        return read

    for each in DATA["issues"]:
        project, made = each["key"].rpartition("-")[0], values(each["values"])
        issue = site.add_issue(
            project, each["type"], each["summary"], moment(each["created"]), ids[each["creator"]], made
        )
        assert issue.key == each["key"]
        for at, by, changed in each["changes"]:
            site.change(issue, moment(at), ids[by], values(changed))
    leave_extras(site, ids)
    return site


def leave_extras(site, ids):
    """Leave comments, votes, watches, links and logged work on the issues, at the moment of their creation."""
    left, at = DATA["left"], {key: issue.created for key, issue in site.issues.items()}
    for name, members in left["groups"].items():
        site.add_group(name, *(ids[each] for each in members))
    site.link_types["Problem/Incident"] = LinkType("10010", "Problem/Incident", "causes", "is caused by")
    for key, by, text in left["comments"]:
        site.comment(site.issues[key], at[key], ids[by], text)
    for mark, marks in ((site.vote, left["votes"]), (site.watch, left["watches"])):
        for key, names in marks.items():
            for by in names:
                mark(site.issues[key], at[key], ids[by])
    for key, kind, other in left["links"]:
        site.link(site.issues[key], kind, site.issues[other], max(at[key], at[other]))
    for key, hours in left["hours estimated"].items():
        site.issues[key].first["timeoriginalestimate"] = hours * 3600
    for key, by, day, hours, text in left["hours worked"]:
        site.log_work(site.issues[key], at[key], ids[by], hours * 3600, text, day=date.fromisoformat(day))


def search(site, jql, mode):
    asker = next(user for user in site.users.values() if user.name == DATA["asker"])
    return make_search(site, asker, jql, data_center=mode == "dc")


def by_mode(cases):
    return [(case, mode) for case in cases for mode in MODES if case.get("only", mode) == mode]


def name_of(value):
    return value["jql"] if isinstance(value, dict) else value


@pytest.mark.parametrize(("case", "mode"), by_mode(DATA["cases"]), ids=name_of)
def test_a_query_finds_what_the_page_says(site, case, mode):
    found = [row.issue.key for row in search(site, case["jql"], mode).run()]
    assert (found if case.get("ordered") else sorted(found)) == case["keys"], case.get("says")


def test_an_operator_that_the_page_calls_unsupported_is_refused(site):
    accepted = []
    for case in DATA["refused"]:
        try:
            search(site, case["jql"], "cloud")
        except JqlError:
            continue
        accepted.append(case["jql"])
    assert accepted == []


def test_the_page_says_how_many_cases_there_are():
    page = " ".join((Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8").split())
    assert f"{len(DATA['cases'])} queries with the issues that Atlassian's pages say" in page
    assert f"{len(DATA['refused'])} with operators that they call unsupported" in page


def test_the_cases_are_many_sourced_and_not_all_empty():
    cases = DATA["cases"]
    assert len({case["jql"] for case in cases}) >= 200
    assert all(case["source"].startswith("https://") for case in cases + DATA["refused"])
    assert sum(not case["keys"] for case in cases) < 15

"""Boards, sprints, epics, versions, components and saved filters of the Jira stand-in."""

from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from jira import JIRA

from sandbox.clock import Clock
from sandbox.jira import Jira
from sandbox.jira_fields import SPRINT, STORY_POINT_ESTIMATE, STORY_POINTS
from sandbox.jira_site import JiraSite
from sandbox.server import Server

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ANN = ("ann@acme.example", "token-of-ann")


def make_site():
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", ANN[0], token=ANN[1]).account_id
    bob = site.add_user("Bob Ray", "bob@acme.example", token="token-of-bob").account_id
    site.add_project("WEB", "Web shop", ann)
    site.add_project("APP", "Mobile app", ann, style="next-gen")
    web = site.add_board("WEB", "Web board").id
    site.add_board("APP", "App board", kind="simple", estimate=STORY_POINT_ESTIMATE)
    site.add_board("APP", "App flow", kind="kanban")
    sprints = [
        site.add_sprint(web, f"Web {number}", NOW + timedelta(days), NOW + timedelta(days + 14), done).id
        for number, days, done in [(1, 10, None), (2, -4, None), (3, -20, NOW - timedelta(6))]
    ]
    old = site.add_version("WEB", "1.0", date(2026, 11, 1)).id
    site.add_version("WEB", "2.0")
    epic = site.add_issue("WEB", "Epic", "Faster checkout", NOW - timedelta(60), ann)  # WEB-1
    for number in range(4):  # WEB-2 … WEB-5
        values = {"parent": epic.key if number < 3 else None, STORY_POINTS: number or None,
                  SPRINT: (sprints[number],) if number < 3 else (), "fixVersions": (old,) if number < 2 else (),
                  "components": ("Cart",) if number else ()}  # fmt: skip
        site.add_issue("WEB", "Story", f"Story {number}", NOW - timedelta(50 - number), ann, values)
    site.change(site.issues["WEB-3"], NOW - timedelta(1), ann, {"status": "Done"})
    site.add_issue("WEB", "Epic", "Nicer cart", NOW - timedelta(40), ann, {"status": "Done"})  # WEB-6
    site.add_issue("APP", "Task", "Icons", NOW - timedelta(30), bob, {STORY_POINT_ESTIMATE: 3})
    site.add_filter("Web stories", "project = WEB and type = Story order by key desc", ann)
    site.add_filter("Bob's", 'filter = "Web stories" and resolution is empty', bob)
    return site


@pytest.fixture(scope="module")
def jira():
    service = Jira(make_site())
    with Server(service):
        yield service
    assert service.failures == []


@pytest.fixture(scope="module")
def get(jira):
    with requests.Session() as http:
        http.auth = ANN

        def get(path, expected=200, **params):
            answer = http.get(f"{jira.url}{path}", params=params)
            assert answer.status_code == expected
            return answer.json()

        yield get


def keys(page):
    return [issue["key"] for issue in page["issues"]]


AGILE, API = "/rest/agile/1.0", "/rest/api/3"


def test_boards_are_listed_by_project_type_and_name(get):
    def names(**asked):
        return [board["name"] for board in get(f"{AGILE}/board", **asked)["values"]]

    assert names() == ["Web board", "App board", "App flow"]
    assert names(projectKeyOrId="APP") == names(projectKeyOrId="10001") == ["App board", "App flow"]
    assert names(type="scrum,kanban") == ["Web board", "App flow"]
    assert names(name="app", orderBy="-name") == ["App flow", "App board"]
    page = get(f"{AGILE}/board", startAt=1, maxResults=1)
    assert (page["total"], page["isLast"], page["values"][0]["location"]["projectKey"]) == (3, False, "APP")
    assert get(f"{AGILE}/board/1")["type"] == "scrum"
    assert "does not exist" in get(f"{AGILE}/board/9", 404)["errorMessages"][0]
    assert [each["key"] for each in get(f"{AGILE}/board/2/project")["values"]] == ["APP"]
    assert [each["name"] for each in get(f"{AGILE}/board/1/version", released="false")["values"]] == ["2.0"]


def test_a_board_says_what_it_sums_up(get):
    web, app, flow = (get(f"{AGILE}/board/{number}/configuration") for number in (1, 2, 3))
    assert web["estimation"]["field"] == {"fieldId": STORY_POINTS, "displayName": "Story Points"}
    assert app["estimation"]["field"]["fieldId"] == STORY_POINT_ESTIMATE
    assert "estimation" not in flow  # for Scrum only
    assert [each["name"] for each in web["columnConfig"]["columns"]] == ["To Do", "In Progress", "Done"]
    assert web["location"]["key"] == "WEB"


def test_sprints_come_closed_ones_first_and_in_pages(get):
    def names(**asked):
        return [sprint["name"] for sprint in get(f"{AGILE}/board/1/sprint", **asked)["values"]]

    assert names() == ["Web 3", "Web 2", "Web 1"]
    assert names(state="active") == ["Web 2"]
    assert names(state="future,closed", maxResults=1, startAt=1) == ["Web 1"]
    closed = get(f"{AGILE}/sprint/3")
    assert (closed["state"], closed["originBoardId"]) == ("closed", 1)
    assert closed["completeDate"] == "2026-11-16T09:30:00.000Z"
    assert "completeDate" not in get(f"{AGILE}/sprint/2")
    get(f"{AGILE}/board/3/sprint", 400)
    get(f"{AGILE}/board/1/sprint", 400, state="running")
    get(f"{AGILE}/sprint/9", 404)


def test_the_issues_of_sprints_boards_and_backlogs(get):
    assert keys(get(f"{AGILE}/sprint/2/issue")) == ["WEB-3"]
    assert keys(get(f"{AGILE}/sprint/2/issue", jql="status != Done")) == []
    assert keys(get(f"{AGILE}/board/1/sprint/1/issue")) == ["WEB-2"]
    assert keys(get(f"{AGILE}/board/2/sprint/1/issue")) == []
    page = get(f"{AGILE}/board/1/issue", jql="order by key desc", fields="summary", maxResults=2)
    assert (page["total"], keys(page)) == (6, ["WEB-6", "WEB-5"])
    assert page["issues"][0]["fields"] == {"summary": "Nicer cart"}
    assert keys(get(f"{AGILE}/board/1/backlog")) == ["WEB-4", "WEB-5"]  # the sprint of WEB-4 is over
    assert "universe" in get(f"{AGILE}/board/1/issue", 400, jql="universe = 42")["errorMessages"][0]


def test_epics_and_their_issues(get):
    assert [each["key"] for each in get(f"{AGILE}/board/1/epic")["values"]] == ["WEB-1", "WEB-6"]
    assert [each["key"] for each in get(f"{AGILE}/board/1/epic", done="true")["values"]] == ["WEB-6"]
    assert get(f"{AGILE}/epic/WEB-6")["done"] is True
    get(f"{AGILE}/epic/WEB-2", 404)
    assert keys(get(f"{AGILE}/epic/WEB-1/issue")) == ["WEB-2", "WEB-3", "WEB-4"]
    assert keys(get(f"{AGILE}/epic/WEB-1/issue", jql="resolution is empty", maxResults=1)) == ["WEB-2"]
    assert keys(get(f"{AGILE}/epic/none/issue")) == ["WEB-5", "APP-1"]
    assert keys(get(f"{AGILE}/board/1/epic/none/issue")) == ["WEB-5"]
    assert keys(get(f"{AGILE}/board/2/epic/WEB-1/issue")) == []


def test_an_issue_and_its_estimate(get):
    assert get(f"{AGILE}/issue/WEB-3")["fields"]["status"]["name"] == "Done"
    assert get(f"{AGILE}/issue/WEB-3/estimation", boardId=1) == {"fieldId": STORY_POINTS, "value": "1.0"}
    assert get(f"{AGILE}/issue/WEB-2/estimation", boardId=1)["value"] is None
    get(f"{AGILE}/issue/WEB-3/estimation", 404)
    get(f"{AGILE}/issue/WEB-99", 404)


def test_versions_and_components(get):
    page = get(f"{API}/project/WEB/version", status="unreleased")
    assert (page["total"], page["values"][0]["name"]) == (1, "2.0")
    assert [each["name"] for each in get(f"{API}/project/web/versions")] == ["1.0", "2.0"]
    old = get(f"{API}/version/10100")
    assert (old["released"], old["releaseDate"], old["projectId"]) == (True, "2026-11-01", 10000)
    assert get(f"{API}/version/10100/relatedIssueCounts")["issuesFixedCount"] == 2
    counts = get(f"{API}/version/10100/unresolvedIssueCount")
    assert (counts["issuesCount"], counts["issuesUnresolvedCount"]) == (2, 1)
    get(f"{API}/version/1", 404)
    assert [each["name"] for each in get(f"{API}/project/WEB/components")] == ["Cart"]


def test_saved_filters_are_found_and_searched(get):
    page = get(f"{API}/filter/search", filterName="stories", expand="jql,owner")
    assert (page["total"], page["values"][0]["owner"]["displayName"]) == (1, "Ann Lee")
    assert page["values"][0]["jql"].startswith("project = WEB")
    assert "jql" not in get(f"{API}/filter/search")["values"][0]
    assert [each["name"] for each in get(f"{API}/filter/search")["values"]] == ["Bob's", "Web stories"]
    assert get(f"{API}/filter/10000")["name"] == "Web stories"
    assert [each["id"] for each in get(f"{API}/filter/my")] == ["10000"]
    get(f"{API}/filter/77", 400)

    def found(jql):
        return keys(get(f"{API}/search/jql", jql=jql, fields="key"))

    assert found('filter = "web stories" order by key') == ["WEB-2", "WEB-3", "WEB-4", "WEB-5"]
    assert found("filter = 10000 and status = Done") == ["WEB-3"]
    assert found('filter = "Bob\'s" order by key') == ["WEB-2", "WEB-4", "WEB-5"]
    assert found("filter != 10000 order by key") == ["APP-1", "WEB-1", "WEB-6"]
    assert found("not filter in (10000, 10001) and project = APP") == ["APP-1"]


def test_a_filter_that_leads_back_to_itself_is_refused():
    site = make_site()
    ann = next(iter(site.users))
    site.add_filter("A", "filter = B", ann)
    site.add_filter("B", "filter = A or project = WEB", ann)
    with Server(jira := Jira(site)):
        answer = requests.get(f"{jira.url}{API}/search/jql", params={"jql": "filter = A"}, auth=ANN, timeout=5)
    assert (answer.status_code, jira.failures) == (400, [])
    assert "causes a cyclical reference" in answer.json()["errorMessages"][0]


def test_the_real_client_reads_boards_and_versions(jira):
    client = JIRA(jira.url, basic_auth=ANN, max_retries=0)
    assert [sprint.name for sprint in client.sprints(1, state="closed,active")] == ["Web 3", "Web 2"]
    assert client.sprint(2).state == "active"
    assert [version.name for version in client.project_versions("WEB")] == ["1.0", "2.0"]
    assert client.filter("10000").jql.startswith("project = WEB")
    assert [each.name for each in client.project_components("WEB")] == ["Cart"]
    client.close()

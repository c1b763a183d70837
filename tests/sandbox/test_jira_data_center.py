"""The Data Center stand-in under the real ``jira`` client and plain requests."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from jira import JIRA, JIRAError

from sandbox.clock import Clock
from sandbox.jira import JiraDataCenter, rate_limit
from sandbox.jira_fields import SPRINT, STORY_POINTS
from sandbox.jira_site import JiraSite
from sandbox.server import Server

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOKEN = "pat-of-ann"
SIZE = 230


@pytest.fixture(scope="module")
def site():
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", "ann@acme.example", token=TOKEN).account_id
    bob = site.add_user("Bob Ray", "bob@acme.example", token="pat-of-bob").account_id
    site.add_project("WEB", "Web shop", ann)
    site.add_project("APP", "Mobile app", ann)
    board = site.add_board("WEB", "Web board")
    sprint = site.add_sprint(board.id, "Web 1", NOW - timedelta(7), NOW + timedelta(7), goal="Ship").id
    nine = site.add_version("WEB", "9.0.1").id
    epic = site.add_issue("WEB", "Epic", "Faster checkout", NOW - timedelta(60), ann)  # WEB-1
    story = site.add_issue(
        "WEB", "Story", "Pay with one click", NOW - timedelta(50), ann,
        {"parent": epic.key, STORY_POINTS: 5, SPRINT: (sprint,), "assignee": bob, "description": "One\ntwo",
         "fixVersions": (nine,)},
    )  # fmt: skip
    site.add_issue("WEB", "Sub-task", "Draw a button", NOW - timedelta(49), ann, {"parent": story.key})  # WEB-3
    site.change(story, NOW - timedelta(3), ann, {"status": "In Progress"})
    site.change(story, NOW - timedelta(1), bob, {"status": "Done"})
    for number in range(SIZE):
        site.add_issue("APP", "Task", f"Task {number}", NOW - timedelta(hours=number), ann)
    return site


@pytest.fixture(scope="module")
def jira(site):
    service = JiraDataCenter(site)
    with Server(service):
        yield service
    assert service.failures == []


@pytest.fixture(scope="module")
def http(jira):
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        yield session


@pytest.fixture(scope="module")
def client(jira):
    made = JIRA(jira.url, token_auth=TOKEN, max_retries=0, timeout=(5, 5))
    yield made
    made.close()


@pytest.fixture(scope="module")
def find(http, jira):
    def find(jql, status=200, **asked):
        answer = http.get(f"{jira.url}/rest/api/2/search", params={"jql": jql, **asked})
        assert answer.status_code == status
        return answer.json()

    return find


def keys(page):
    return [issue["key"] for issue in page["issues"]]


# The real client


def test_the_client_knows_that_it_is_no_cloud(client):
    assert not client._is_cloud
    assert client.server_info()["deploymentType"] == "Server"
    assert client._version == (10, 3, 6)
    myself = client.myself()
    assert (myself["name"], myself["key"], "accountId" in myself) == ("ann", "JIRAUSER10000", False)


def test_the_client_pages_through_everything(client):
    issues = client.search_issues("project = APP order by key", maxResults=False)
    assert [issue.key for issue in issues] == [f"APP-{number + 1}" for number in range(SIZE)]
    page = client.search_issues("project = APP order by key", startAt=225, maxResults=50)
    assert (page.total, len(page), page[0].key) == (SIZE, 5, "APP-226")


def test_the_client_reads_an_issue_with_its_changelog(client):
    issue = client.issue("WEB-2", expand="changelog")
    assert issue.fields.description == "One\ntwo"
    assert issue.fields.assignee.name == "bob"
    assert issue.fields.customfield_10014 == "WEB-1"  # the epic link
    assert not hasattr(issue.fields, "parent")
    assert client.issue("WEB-3").fields.parent.key == "WEB-2"
    assert [each.items[0].toString for each in issue.changelog.histories] == ["In Progress", "Done"]  # oldest first
    assert issue.changelog.histories[0].author.name == "ann"
    sprint = issue.fields.customfield_10020[0]
    assert sprint.startswith("com.atlassian.greenhopper.service.sprint.Sprint@")
    assert ",state=ACTIVE,name=Web 1,startDate=2026-11-15T09:30:00.000Z," in sprint
    assert "completeDate=<null>" in sprint


def test_the_client_lists_fields_projects_boards_and_sprints(client):
    fields = {each["id"]: each for each in client.fields()}
    assert fields["customfield_10026"]["name"] == "Story Points"
    assert "customfield_10016" not in fields
    assert "key" not in fields["status"]
    assert [project.key for project in client.projects()] == ["WEB", "APP"]
    assert [version.name for version in client.project_versions("WEB")] == ["9.0.1"]
    assert [sprint.name for sprint in client.sprints(client.boards()[0].id)] == ["Web 1"]
    assert client.issue_types()[0].name == "Epic"


def test_the_client_is_told_why(client):
    with pytest.raises(JIRAError) as refused:
        client.search_issues("project = NOPE")
    assert (refused.value.status_code, "'NOPE' does not exist" in refused.value.text) == (400, True)


# The old search


def test_a_search_says_exactly_how_many_there_are(http, jira, find):
    count = find("project = APP", maxResults=0)
    assert (count["total"], count["issues"], count["maxResults"]) == (SIZE, [], 0)
    assert (len(find("project = APP")["issues"]), find("project = APP")["startAt"]) == (50, 0)
    assert len(find("project = APP", maxResults=5000)["issues"]) == SIZE
    assert find("project = APP", maxResults=5000)["maxResults"] == 1000
    assert len(find("", maxResults=-1)["issues"]) == SIZE + 3  # unbounded is fine here
    body = {"jql": "project = APP order by key", "startAt": 228, "maxResults": 10, "fields": ["summary"]}
    page = http.post(f"{jira.url}/rest/api/latest/search", json=body).json()
    assert keys(page) == ["APP-229", "APP-230"]
    assert page["issues"][0]["fields"] == {"summary": "Task 228"}
    find("project = APP", 400, startAt="x")


def test_fields_and_expansions(find):
    page = find("key = WEB-2", fields="summary, status", expand="names,changelog")
    assert page["names"] == {"summary": "Summary", "status": "Status"}
    assert page["issues"][0]["fields"].keys() == {"summary", "status"}
    assert page["issues"][0]["changelog"]["total"] == 2
    assert "parent" not in find("key = WEB-2", fields="*all,-status")["issues"][0]["fields"]


def test_a_body_that_data_center_does_not_know(http, jira):
    for body, words in (({"jql": "", "nextPageToken": "x"}, 'Unrecognized field "nextPageToken"'), ([], "no JSON")):
        answer = http.post(f"{jira.url}/rest/api/2/search", json=body)
        assert (answer.status_code, words in answer.json()["errorMessages"][0]) == (400, True)


def test_a_query_may_be_validated_or_not(find):
    assert find("project = NOPE", 400)["errorMessages"] == ["The value 'NOPE' does not exist for the field 'project'."]
    warned = find("project = NOPE", validateQuery="warn")
    assert (warned["total"], warned["warningMessages"]) == (
        0,
        ["The value 'NOPE' does not exist for the field 'project'."],
    )
    assert find("project = NOPE", validateQuery="none").keys() >= {"total"}
    assert "warningMessages" not in find("project = NOPE", validateQuery="false")


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ("assignee = bob", "WEB-2"),
        ("status changed to Done by bob", "WEB-2"),
        ("parent = WEB-2", "WEB-3"),
        ("parent = WEB-1", ""),  # sub-tasks only
        ("'Epic Link' = WEB-1", "WEB-2"),
        ("fixVersion ~ '9*'", "WEB-2"),
        ("fixVersion !~ '9.0.1'", ""),
        ("fixVersion ~ '9.0'", ""),
    ],
)
def test_jql_by_the_rules_of_data_center(find, jql, expected):
    assert keys(find(jql)) == expected.split()


@pytest.mark.parametrize("jql", ["space = WEB", "key ~ 'WEB*'", "assignee = '712020:x'"])
def test_what_only_cloud_reads(find, jql):
    assert find(jql, 400)["errorMessages"]


@pytest.mark.parametrize(
    "path",
    ["2/search/jql", "latest/search/jql", "2/search/approximate-count", "2/jql/parse", "2/issue/WEB-2/changelog",
     "3/search", "3/myself"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_only_cloud_has_is_not_found(http, jira, path, method):
    answer = http.request(method, f"{jira.url}/rest/api/{path}", json={"jql": ""} if method == "POST" else None)
    assert answer.status_code == 404
    assert answer.json() == {"message": "HTTP 404 Not Found", "status-code": 404, "sub-code": -1}


def test_other_roads_lead_nowhere(http, jira):
    assert http.get(f"{jira.url}/_edge/tenant_info").status_code == 404
    assert http.get(f"{jira.url}/ex/jira/x/rest/api/2/myself").status_code == 404
    assert http.get(f"{jira.url}/rest/api/2/project/search").status_code == 404
    assert http.get(f"{jira.url}/rest/api/2/issue/WEB-1/worklog").status_code == 501


# Who may come in


def test_tokens_and_names_open_the_door(jira):
    url = f"{jira.url}/rest/api/2/myself"
    assert requests.get(url, auth=("ann", TOKEN), timeout=5).json()["displayName"] == "Ann Lee"
    bob = requests.get(url, headers={"Authorization": "Bearer pat-of-bob"}, timeout=5)
    assert bob.json()["displayName"] == "Bob Ray"
    nobody = requests.get(url, timeout=5)
    assert (nobody.status_code, nobody.json()["status-code"]) == (401, 401)
    for wrong in ({"headers": {"Authorization": "Bearer no"}}, {"auth": ("ann@acme.example", TOKEN)}):
        refused = requests.get(url, timeout=5, **wrong)
        assert (refused.status_code, refused.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
        assert "html" in refused.headers["Content-Type"]
    assert requests.get(f"{jira.url}/rest/api/2/serverInfo", timeout=5).ok


def test_a_bucket_that_is_empty(site):
    now = [0.0]
    jira = JiraDataCenter(site, quotas=[rate_limit(2, 60)], timer=lambda: now[0])
    with Server(jira), requests.Session() as http:
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        url = f"{jira.url}/rest/api/2/myself"
        first = http.get(url)
        assert (first.headers["X-RateLimit-Remaining"], first.headers["Retry-After"]) == ("1", "0")
        http.get(f"{jira.url}/rest/api/2/status")
        refused = http.get(url)
        assert (refused.status_code, refused.json()) == (429, {"message": "Rate limit exceeded."})
        assert refused.headers["X-RateLimit-Interval-Seconds"] == "60"
        assert refused.headers["X-RateLimit-FillRate"] == "2"
        assert int(refused.headers["Retry-After"]) >= 60
        now[0] += 61
        assert http.get(url).ok

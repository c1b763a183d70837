"""The Jira stand-in under the real ``jira`` client and plain requests, over real sockets."""

from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from jira import JIRA, JIRAError

from sandbox.clock import Clock
from sandbox.jira import Jira, burst_limit
from sandbox.jira_fields import FOUND_IN, SPRINT, STORY_POINT_ESTIMATE, STORY_POINTS, number_field
from sandbox.jira_site import JiraSite
from sandbox.server import Server
from sandbox.wire import Fault

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ANN, BOT = ("ann@acme.example", "token-of-ann"), ("bot@acme.example", "scoped-token")
SIZE = 250


def make_site():
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", ANN[0], token=ANN[1]).account_id
    site.add_user("Sync bot", BOT[0], scoped_token=BOT[1])
    site.add_project("WEB", "Web shop", ann)
    site.add_project("APP", "Mobile app", ann, style="next-gen")
    board = site.add_board("WEB", "Web board")
    site.add_board("APP", "App board", kind="kanban", estimate=STORY_POINT_ESTIMATE)
    sprint = site.add_sprint(board.id, "Web 1", NOW - timedelta(7), NOW + timedelta(7)).id
    version = site.add_version("WEB", "1.0", date(2026, 11, 1)).id
    epic = site.add_issue("WEB", "Epic", "Faster checkout", NOW - timedelta(60), ann)
    story = site.add_issue(
        "WEB", "Story", "Pay with one click", NOW - timedelta(50), ann,
        {"parent": epic.key, STORY_POINTS: 5, SPRINT: (sprint,), "labels": ("q4", "pay"), "assignee": ann,
         "description": "One\ntwo", "duedate": date(2026, 12, 1), FOUND_IN: "Production", "fixVersions": (version,)},
    )  # fmt: skip
    site.change(story, NOW - timedelta(3), ann, {"status": "In Progress", STORY_POINTS: 8})
    site.change(story, NOW - timedelta(1), ann, {"status": "Done", "labels": ("q4",)})
    site.change(story, NOW + timedelta(1), ann, {"status": "In Progress", "summary": "Pay with two clicks"})
    for number in range(SIZE):
        task = site.add_issue("APP", "Task", f"Task {number}", NOW - timedelta(hours=number), ann)
        site.change(task, NOW, ann, {STORY_POINT_ESTIMATE: number % 5, "assignee": ann})
    site.add_issue("APP", "Task", "In two days", NOW + timedelta(2), ann)
    return site


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def jira(site):
    service = Jira(site)
    with Server(service):
        yield service
    assert service.failures == []


@pytest.fixture
def http(jira):
    with requests.Session() as session:
        session.auth = ANN
        yield session


@pytest.fixture
def client(jira):
    made = JIRA(jira.url, basic_auth=ANN, max_retries=0, timeout=(5, 5))
    yield made
    made.close()


def search(http, jira, **body):
    return http.post(f"{jira.url}/rest/api/3/search/jql", json=body)


# The real client


def test_the_client_knows_that_it_is_cloud(client):
    assert client._is_cloud
    assert client.myself()["timeZone"] == "Europe/Berlin"


def test_the_client_pages_through_everything(client):
    issues = client.enhanced_search_issues("project = APP", maxResults=0)
    assert len({issue.key for issue in issues}) == SIZE
    assert client.approximate_issue_count("project = APP") == SIZE


def test_the_client_reads_an_issue_as_it_is_now(client):
    issue = client.issue("WEB-2", expand="changelog")
    assert (issue.fields.status.name, issue.fields.summary) == ("Done", "Pay with one click")
    assert issue.fields.resolution.name == "Done"
    assert issue.fields.customfield_10026 == 8.0
    assert issue.fields.customfield_10020[0].state == "active"
    assert issue.fields.parent.key == "WEB-1"
    assert [history.items[0].toString for history in issue.changelog.histories] == ["Done", "In Progress"]


def test_the_client_finds_fields_boards_and_sprints(client):
    fields = {each["id"]: each for each in client.fields()}
    assert fields["customfield_10016"]["schema"]["custom"] == "com.pyxis.greenhopper.jira:jsw-story-points"
    assert fields["customfield_10026"]["name"] == "Story Points"
    assert [board.name for board in client.boards(projectKeyOrID="WEB")] == ["Web board"]
    assert [sprint.name for sprint in client.sprints(1, state="active")] == ["Web 1"]
    assert client.sprints(1, state="closed") == []


def test_the_client_is_told_why(client):
    with pytest.raises(JIRAError) as refused:
        client.enhanced_search_issues("project = NOPE and universe = 42")
    assert refused.value.status_code == 400
    assert "The value 'NOPE' does not exist for the field 'project'." in refused.value.text
    assert "Field 'universe' does not exist" in refused.value.text
    with pytest.raises(JIRAError) as refused:
        client.issue("WEB-99")
    assert refused.value.status_code == 404


# Search


def test_pages_share_out_the_result_in_order(jira, http):
    keys, token = [], None
    for size in (100, 100, 50):
        body = {"jql": "project = APP order by key", "fields": ["summary"], "maxResults": 5000}
        page = search(http, jira, **body, **({"nextPageToken": token} if token else {})).json()
        assert len(page["issues"]) == size
        keys += [issue["key"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        assert page["isLast"] is (token is None)
    assert keys == [f"APP-{number + 1}" for number in range(SIZE)]


def test_pages_of_ids_are_large(jira, http):
    page = search(http, jira, jql="project = APP", maxResults=5000).json()
    assert len(page["issues"]) == SIZE
    assert page["issues"][0].keys() == {"id"}
    assert page["isLast"] is True
    assert "nextPageToken" not in page
    keys = search(http, jira, jql="project = APP", maxResults=5000, fields=["key"]).json()["issues"]
    assert len(keys) == SIZE
    assert keys[-1]["key"] == "APP-1"
    assert "fields" not in keys[0]
    assert len(search(http, jira, jql="project = APP").json()["issues"]) == 50


def test_a_token_is_bound_to_its_query_and_ages(jira, http, site):
    token = search(http, jira, jql="project = APP", maxResults=10).json()["nextPageToken"]
    assert search(http, jira, jql="project = WEB", nextPageToken=token).status_code == 400
    assert search(http, jira, jql="project = APP", nextPageToken="nonsense").status_code == 400
    site.clock.advance(timedelta(days=7))
    assert search(http, jira, jql="project = APP", nextPageToken=token).status_code == 200
    site.clock.advance(timedelta(seconds=1))
    assert search(http, jira, jql="project = APP", nextPageToken=token).status_code == 400


def test_only_the_wanted_fields_come(jira, http):
    url = f"{jira.url}/rest/api/3/search/jql"
    issue = http.get(url, params={"jql": "key = WEB-2", "fields": "summary,labels,resolution,nonsense"}).json()[
        "issues"
    ][0]
    assert issue["fields"] == {
        "summary": "Pay with one click",
        "labels": ["q4"],
        "resolution": issue["fields"]["resolution"],
    }
    everything = http.get(url, params={"jql": "key = WEB-1", "fields": "*all"}).json()["issues"][0]["fields"]
    assert everything["customfield_10026"] is None
    assert everything["labels"] == []
    less = http.get(url, params={"jql": "key = WEB-1", "fields": "*all,-labels"}).json()["issues"][0]["fields"]
    assert everything.keys() - less.keys() == {"labels"}
    assert "changelog" in http.get(url, params={"jql": "key = WEB-2", "expand": "names,changelog"}).json()["issues"][0]


@pytest.mark.parametrize(
    "body",
    [
        {"jql": "project = APP", "startAt": 0},
        {"jql": "project = APP", "maxResults": 0},
        [],
        {"jql": "project = APP", "maxResults": "x"},
    ],
)
def test_a_payload_that_jira_does_not_know(jira, http, body):
    answer = http.post(f"{jira.url}/rest/api/3/search/jql", json=body)
    assert answer.status_code == 400
    assert "Invalid request payload" in answer.json()["errorMessages"][0]


@pytest.mark.parametrize("path", ["search/jql", "search/approximate-count"])
def test_unbounded_queries_are_refused(jira, http, path):
    answer = http.post(f"{jira.url}/rest/api/3/{path}", json={"jql": "order by created"})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"][0].startswith("Unbounded JQL queries are not allowed here.")


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(jira, http, version, method):
    answer = http.request(method, f"{jira.url}/rest/api/{version}/search", params={"jql": "project = APP"}, json={})
    assert answer.status_code == 410
    assert "migrate to the /rest/api/3/search/jql API" in answer.json()["errorMessages"][0]


def test_many_queries_are_checked_at_once(jira, http):
    lines = [
        'project = WEB and "Story Points" > 3 order by key desc',
        "universe = 42",
        "invalid query",
        "created > -7d",
    ]
    url = f"{jira.url}/rest/api/3/jql/parse"
    good, unknown, unread, dates = http.post(url, json={"queries": lines}).json()["queries"]
    assert good["structure"]["where"]["clauses"][1] == {
        "field": {"name": "Story Points", "encodedName": '"Story Points"'},
        "operator": ">",
        "operand": {"value": "3", "encodedValue": "3"},
    }
    assert good["structure"]["orderBy"]["fields"] == [
        {"field": {"name": "key", "encodedName": "key"}, "direction": "desc"}
    ]
    assert unknown == {
        "query": lines[1],
        "errors": ["Field 'universe' does not exist or you do not have permission to view it."],
    }
    assert "structure" not in unread
    assert "errors" not in dates
    warned = http.post(f"{url}?validation=warn", json={"queries": lines[1:2]}).json()["queries"][0]
    assert warned.keys() == {"query", "errors", "structure"}
    assert http.post(f"{url}?validation=none", json={"queries": lines[1:2]}).json()["queries"][0].keys() == {
        "query",
        "structure",
    }


def test_a_query_that_only_the_real_jira_answers_is_loud(jira, http):
    answer = search(http, jira, jql="issue in issueHistory()")
    assert answer.status_code == 501
    assert "issueHistory" in answer.json()["sandbox"]
    assert http.get(f"{jira.url}/rest/api/3/issue/WEB-1/worklog").status_code == 501


# The moment


def test_the_world_moves(jira, http, site):
    def status():
        return http.get(f"{jira.url}/rest/api/3/issue/WEB-2").json()["fields"]["status"]["name"]

    def count(jql):
        return http.post(f"{jira.url}/rest/api/3/search/approximate-count", json={"jql": jql}).json()["count"]

    assert (status(), count("project = APP"), count("status was Done")) == ("Done", SIZE, 1)
    site.clock.set(NOW - timedelta(days=2))
    assert (status(), count("status was Done")) == ("In Progress", 0)
    assert http.get(f"{jira.url}/rest/api/3/issue/WEB-2/changelog").json()["total"] == 1
    site.clock.set(NOW - timedelta(days=55))
    assert http.get(f"{jira.url}/rest/api/3/issue/WEB-2").status_code == 404
    site.clock.set(NOW + timedelta(days=2))
    assert (status(), count("project = APP"), count("resolution is empty and key = WEB-2")) == (
        "In Progress",
        SIZE + 1,
        1,
    )
    assert search(http, jira, jql="summary ~ 'two clicks'", fields=["updated"]).json()["issues"][0]["fields"] == {
        "updated": "2026-11-23T10:30:00.000+0100"
    }


def test_a_view_holds_until_the_next_thing_happens(site):
    first = site.version()
    site.clock.advance(timedelta(hours=23))
    assert site.version() is first
    site.clock.advance(timedelta(hours=1))
    assert site.version() is not first


def test_a_person_works_in_jira_while_we_read(jira, http, site):
    ann = next(iter(site.users))
    jira.after("search/jql", lambda: site.add_issue("APP", "Task", "Just now", site.now(), ann))
    assert len(search(http, jira, jql="project = APP", maxResults=5000).json()["issues"]) == SIZE
    assert len(search(http, jira, jql="project = APP", maxResults=5000).json()["issues"]) == SIZE + 1


def test_the_changelog_says_what_changed(jira, http, site):
    page = http.get(f"{jira.url}/rest/api/3/issue/WEB-2/changelog", params={"maxResults": 1}).json()
    assert (page["total"], page["isLast"], page["startAt"]) == (2, False, 0)
    assert page["values"][0]["created"] == "2026-11-19T10:30:00.000+0100"
    assert page["values"][0]["author"]["displayName"] == "Ann Lee"
    status, points = page["values"][0]["items"]
    assert {key: status[key] for key in ("fieldId", "fromString", "toString", "to")} == {
        "fieldId": "status", "fromString": "To Do", "toString": "In Progress", "to": site.statuses["In Progress"].id,
    }  # fmt: skip
    assert (points["fieldtype"], points["fromString"], points["toString"]) == ("custom", "5", "8")
    rest = http.get(page["nextPage"]).json()
    assert [item["fieldId"] for item in rest["values"][0]["items"]] == ["status", "labels", "resolution"]
    assert rest["isLast"] is True


def test_changelogs_of_many_issues_at_once(jira, http):
    url = f"{jira.url}/rest/api/3/changelog/bulkfetch"
    body = {"issueIdsOrKeys": ["WEB-2", "APP-1", "APP-2"], "fieldIds": ["status", "assignee"], "maxResults": 3}
    first = http.post(url, json=body).json()
    second = http.post(url, json=body | {"nextPageToken": first["nextPageToken"]}).json()
    logs = first["issueChangeLogs"] + second["issueChangeLogs"]
    assert sum(len(log["changeHistories"]) for log in logs) == 4
    assert {item["fieldId"] for log in logs for each in log["changeHistories"] for item in each["items"]} == {
        "status", "assignee",
    }  # fmt: skip
    assert logs[0]["changeHistories"][0]["created"] == int((NOW - timedelta(3)).timestamp() * 1000)


def test_texts_are_documents_in_version_3_and_strings_in_version_2(jira, http):
    def description(version):
        return http.get(f"{jira.url}/rest/api/{version}/issue/WEB-2").json()["fields"]["description"]

    assert description("2") == "One\ntwo"
    assert [p["content"][0]["text"] for p in description("3")["content"]] == ["One", "two"]


@pytest.mark.parametrize(
    ("jql", "message", "found"),
    [
        ("universe = 42", "Field 'universe' does not exist or you do not have permission to view it.", 0),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'.", 0),
        ("project in (WEB, NOPE)", "The value 'NOPE' does not exist for the field 'project'.", 2),
        ("status was Shipped", "The value 'Shipped' does not exist for the field 'status'.", 0),
        ("key = WEB-2 or sprint = 'Web 9'",
         "Sprint with name 'Web 9' does not exist or you do not have permission to view it", 1),
        ("project = WEB order by universe", "Not able to sort using field 'universe'.", 2),
    ],
)  # fmt: skip
def test_unknown_names_are_refused_or_ignored_as_one_chooses(site, jql, message, found):
    with Server(strict := Jira(site)), Server(lenient := Jira(site, unknown="ignore")), requests.Session() as http:
        http.auth = ANN
        refused = search(http, strict, jql=jql)
        assert (refused.status_code, refused.json()["errorMessages"]) == (400, [message])
        answered = search(http, lenient, jql=jql)
        assert (answered.status_code, len(answered.json()["issues"])) == (200, found)
        assert search(http, lenient, jql="labels > a").status_code == 400  # what can't be asked stays refused
    assert strict.failures == lenient.failures == []


# Who may come in


@pytest.mark.parametrize("auth", [None, (ANN[0], "wrong"), ("nobody@acme.example", ANN[1]), BOT])
def test_the_door_is_closed(jira, auth):
    answer = requests.get(f"{jira.url}/rest/api/3/myself", auth=auth, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Client must be authenticated to access this resource."
    search_ = requests.post(f"{jira.url}/rest/api/3/search/jql", json={"jql": "project = APP"}, auth=auth, timeout=5)
    assert search_.status_code == 401


def test_a_personal_access_token_is_not_for_cloud(jira):
    headers = {"Authorization": "Bearer of-something"}
    answer = requests.get(f"{jira.url}/rest/api/3/myself", headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (403, "Failed to parse Connect Session Auth Token")


def test_the_public_needs_no_credentials(jira, site):
    assert requests.get(f"{jira.url}/rest/api/3/serverInfo", timeout=5).json()["deploymentType"] == "Cloud"
    assert requests.get(f"{jira.url}/_edge/tenant_info", timeout=5).json() == {"cloudId": site.cloud_id}


def test_scoped_tokens_come_in_by_the_gateway(jira, site):
    gateway = f"{jira.url}/ex/jira/{site.cloud_id}"
    answer = requests.get(f"{gateway}/rest/api/3/myself", auth=BOT, timeout=5).json()
    assert answer["displayName"] == "Sync bot"
    assert answer["self"].startswith(gateway)
    bearer = {"Authorization": f"Bearer {BOT[1]}"}
    assert requests.get(f"{gateway}/rest/api/3/myself", headers=bearer, timeout=5).ok
    assert requests.get(f"{gateway}/rest/api/3/myself", auth=ANN, timeout=5).status_code == 401
    assert requests.get(f"{jira.url}/ex/jira/elsewhere/rest/api/3/myself", auth=BOT, timeout=5).status_code == 404
    client = JIRA(gateway, basic_auth=BOT, max_retries=0)
    assert client.approximate_issue_count("project = APP") == SIZE
    client.close()


# Limits and faults


def test_bursts_are_refused_by_endpoint_and_method(site):
    now = [0.0]
    jira = Jira(site, quotas=[burst_limit(2, 10)], timer=lambda: now[0])
    with Server(jira), requests.Session() as http:
        http.auth = ANN
        url = f"{jira.url}/rest/api/3/field"
        first = http.get(url)
        assert (first.status_code, first.headers["X-RateLimit-Remaining"]) == (200, "1")
        http.get(url)
        refused = http.get(url)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "10"
        assert refused.headers["RateLimit-Reason"] == "jira-burst-based"
        assert refused.headers["X-RateLimit-Limit"] == "2"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert refused.headers["X-RateLimit-Reset"] == "2026-11-22T09:30Z"
        assert refused.headers["X-RateLimit-NearLimit"] == "true"
        assert "X-RateLimit-NearLimit" not in first.headers
        assert refused.json() == {"errorMessages": ["Rate limit exceeded."], "errors": {}}
        assert http.get(f"{jira.url}/rest/api/3/status").ok  # another endpoint
        issues = [http.get(f"{jira.url}/rest/api/3/issue/APP-{number}").status_code for number in (1, 2, 3)]
        assert issues == [200, 200, 429]  # one endpoint, whichever issue
        now[0] += 10
        assert http.get(url).ok


def test_faults_are_worded_as_jiras(jira, http):
    jira.faults.add(Fault(match="search/jql", status=503, retry_after=7))
    answer = search(http, jira, jql="project = APP")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert answer.json() == {"errorMessages": ["Service Unavailable"], "errors": {}}


# The rest


def test_projects_and_lists(jira, http):
    api = f"{jira.url}/rest/api/3"
    assert [each["key"] for each in http.get(f"{api}/project").json()] == ["WEB", "APP"]
    assert http.get(f"{api}/project/search", params={"query": "mobile"}).json()["values"][0]["simplified"] is True
    assert http.get(f"{api}/project/web").json()["lead"]["displayName"] == "Ann Lee"
    assert http.get(f"{api}/project/NOPE").status_code == 404
    assert http.get(f"{api}/project/WEB/versions").json()[0]["released"] is True
    categories = http.get(f"{api}/statuscategory").json()
    assert [each["key"] for each in categories] == ["undefined", "new", "indeterminate", "done"]
    assert http.get(f"{api}/statuscategory/done").json() == http.get(f"{api}/statuscategory/3").json()
    assert http.get(f"{api}/statuscategory/odd").status_code == 404
    assert http.get(f"{api}/status/in progress").json()["statusCategory"]["key"] == "indeterminate"
    assert http.get(f"{api}/status/odd").status_code == 404
    assert [each["statusCategory"]["key"] for each in http.get(f"{api}/status").json()] == [
        "new", "indeterminate", "indeterminate", "done",
    ]  # fmt: skip
    assert http.get(f"{api}/priority").json()[0]["name"] == "Highest"
    assert http.get(f"{api}/issuetype").json()[0]["hierarchyLevel"] == 1
    assert http.get(f"{api}/resolution").json()[0]["name"] == "Done"
    assert "Sub-task" in [each["name"] for each in http.get(f"{api}/project/WEB/statuses").json()]


def test_a_site_refuses_what_it_can_not_hold(site):
    ann, story = next(iter(site.users)), site.issues["WEB-2"]
    with pytest.raises(ValueError, match="has changed later already"):
        site.change(story, NOW, ann, {"status": "Done"})
    for values in ({"status": "Shipped"}, {"size": 3}, {"parent": "WEB-77"}, {"customfield_10014": "WEB-1"}):
        with pytest.raises(ValueError, match=r"the site has no|epic link follows"):
            site.add_issue("WEB", "Task", "?", NOW, ann, values)
    site.add_field(number_field("customfield_10050", "Revenue"))
    site.add_status("Blocked", "indeterminate")
    assert site.add_issue("WEB", "Task", "!", NOW, ann, {"customfield_10050": 3, "status": "Blocked"}).key == "WEB-3"

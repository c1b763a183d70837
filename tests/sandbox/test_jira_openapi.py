"""Atlassian's OpenAPI documents against what the stand-in answers."""

import re
from urllib.parse import parse_qs

import pytest
import requests

from sandbox.jira import Jira
from sandbox.server import Server
from tests.sandbox.jira_openapi import document, needs_documents, wrong_in_answer, wrong_in_request
from tests.sandbox.test_jira_agile import ANN, make_site

pytestmark = needs_documents

ANSWERS = [
    ("/rest/api/3/serverInfo", ""),
    ("/rest/api/3/myself", ""),
    ("/rest/api/3/field", ""),
    ("/rest/api/3/status", ""),
    ("/rest/api/3/status/{idOrName}", "Done"),
    ("/rest/api/3/statuscategory", ""),
    ("/rest/api/3/statuscategory/{idOrKey}", "done"),
    ("/rest/api/3/priority", ""),
    ("/rest/api/3/resolution", ""),
    ("/rest/api/3/issuetype", ""),
    ("/rest/api/3/project", ""),
    ("/rest/api/3/project/search", ""),
    ("/rest/api/3/project/{projectIdOrKey}", "WEB"),
    ("/rest/api/3/project/{projectIdOrKey}/versions", "WEB"),
    ("/rest/api/3/project/{projectIdOrKey}/version", "WEB"),
    ("/rest/api/3/project/{projectIdOrKey}/statuses", "WEB"),
    ("/rest/api/3/project/{projectIdOrKey}/components", "WEB"),
    ("/rest/api/3/version/{id}", "10100"),
    ("/rest/api/3/version/{id}/relatedIssueCounts", "10100"),
    ("/rest/api/3/version/{id}/unresolvedIssueCount", "10100"),
    ("/rest/api/3/filter/search", "?expand=jql,owner,description,sharePermissions,subscriptions,viewUrl,searchUrl"),
    ("/rest/api/3/filter/my", ""),
    ("/rest/api/3/filter/{id}", "10000"),
    ("/rest/api/3/issue/{issueIdOrKey}", "WEB-2"),
    ("/rest/api/3/issue/{issueIdOrKey}", "WEB-3?expand=changelog"),
    ("/rest/api/3/issue/{issueIdOrKey}/changelog", "WEB-3"),
    ("/rest/api/3/search/jql", "?jql=project%20%3D%20WEB&maxResults=2&fields=*all&expand=changelog"),
    ("/rest/agile/1.0/board", ""),
    ("/rest/agile/1.0/board/{boardId}", "1"),
    ("/rest/agile/1.0/board/{boardId}/configuration", "1"),
    ("/rest/agile/1.0/board/{boardId}/configuration", "3"),
    ("/rest/agile/1.0/board/{boardId}/sprint", "1"),
    ("/rest/agile/1.0/board/{boardId}/epic", "1"),
    ("/rest/agile/1.0/board/{boardId}/issue", "1"),
    ("/rest/agile/1.0/board/{boardId}/backlog", "1"),
    ("/rest/agile/1.0/board/{boardId}/project", "1"),
    ("/rest/agile/1.0/board/{boardId}/version", "1"),
    ("/rest/agile/1.0/sprint/{sprintId}", "3"),
    ("/rest/agile/1.0/sprint/{sprintId}/issue", "2"),
    ("/rest/agile/1.0/epic/{epicIdOrKey}", "WEB-1"),
    ("/rest/agile/1.0/epic/{epicIdOrKey}/issue", "WEB-1"),
    ("/rest/agile/1.0/epic/none/issue", ""),
    ("/rest/agile/1.0/issue/{issueIdOrKey}", "WEB-3"),
    ("/rest/agile/1.0/issue/{issueIdOrKey}/estimation", "WEB-3?boardId=1"),
]
POSTS = [
    ("/rest/api/3/search/jql", {"jql": "project = WEB", "maxResults": 2, "fields": ["*all"]}),
    ("/rest/api/3/search/jql", {"jql": "project = WEB"}),
    ("/rest/api/3/search/approximate-count", {"jql": "project = WEB"}),
    (
        "/rest/api/3/jql/parse?validation=strict",
        {"queries": ["status changed to Done after -5d order by key", "a b", "x in (f(), 1)"]},
    ),
    ("/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["WEB-3", "WEB-2"]}),
]


@pytest.fixture(scope="module")
def jira():
    service = Jira(make_site())
    with Server(service):
        yield service
    assert service.failures == []


@pytest.mark.parametrize(("path", "filled"), ANSWERS)
def test_every_answer_has_the_documents_shape(jira, path, filled):
    argument, _, query = filled.partition("?")
    address = re.sub(r"\{\w+\}", argument, path) + (f"?{query}" if query else "")
    answer = requests.get(jira.url + address, auth=ANN, timeout=5)
    assert answer.status_code == 200
    assert answer.json()
    assert wrong_in_answer("GET", path, 200, answer.json()) == []


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_every_answer_to_a_post_has_the_documents_shape(jira, path, body):
    answer = requests.post(jira.url + path, json=body, auth=ANN, timeout=5)
    path, _, query = path.partition("?")
    assert answer.status_code == 200
    assert wrong_in_answer("POST", path, 200, answer.json()) == []
    assert wrong_in_request("POST", path, parse_qs(query), body) == []


def test_a_damaged_answer_is_noticed(jira):
    page = requests.get(f"{jira.url}/rest/agile/1.0/board", auth=ANN, timeout=5).json()
    page["values"][0]["id"] = "one"
    assert wrong_in_answer("GET", "/rest/agile/1.0/board", 200, page)


def test_every_route_of_cloud_is_in_the_documents():
    """The old addresses of the search are gone from them, and version 2 has a document of its own."""
    known = {(method.upper(), shape(path)) for name in ("jira-cloud-v3", "jira-agile-1.0")
             for path, calls in document(f"{name}.openapi.json")[0].items() for method in calls}  # fmt: skip
    served = {(route.method, shape(re.sub(r"<any\([^)]*\):version>", "3", route.pattern)))
              for route in Jira(make_site()).rules() if not route.pattern.startswith("/ex/")}  # fmt: skip
    unknown = {pattern for method, pattern in served if (method, pattern) not in known}
    assert unknown <= {"/rest/api/3/search", "/_edge/tenant_info"}


def shape(path):
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", path)

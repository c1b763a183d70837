"""Atlassian's OpenAPI documents against what the stand-in answers and against what our connector sends.

OKR_SYNC_ORACLES names the folder with both documents; they are no part of this repository.
"""

import functools
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from jsonschema import Draft202012Validator

from connectors.gather import Budget, gather
from connectors.testing import FakeTime
from mappings.evaluate import Bound
from sandbox.clock import Clock
from sandbox.jira import Jira
from sandbox.server import Server
from sandbox.world import make_acme
from tests.contract.test_acme_numbers import bind_all, make_connectors
from tests.sandbox.test_jira_agile import ANN, make_site

ORACLES = os.environ.get("OKR_SYNC_ORACLES")
pytestmark = pytest.mark.skipif(not ORACLES, reason="OKR_SYNC_ORACLES is not set")
DROPPED = {"example", "xml", "discriminator", "externalDocs", "readOnly", "writeOnly", "deprecated"}


def repaired(schema):
    """An OpenAPI 3.0 schema as JSON Schema."""
    if isinstance(schema, list):
        return [repaired(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: repaired(each) for name, each in schema.items() if name not in DROPPED}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/components/schemas/", "#/$defs/")
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


@functools.cache
def document(name):
    """The paths of a document, and its schemas, where its own examples contradict it put right: a field of an
    issue may be anything, a changelog's values may be null, its moments may be milliseconds."""
    read = json.loads((Path(ORACLES) / name).read_text())
    schemas = repaired(read["components"]["schemas"])
    for each in ("IssueBean", "SoftwareIssueBean"):
        if "fields" in schemas.get(each, {}).get("properties", {}):
            schemas[each]["properties"]["fields"] = {"type": "object"}
    if "ChangeDetails" in schemas:
        for side in ("from", "to", "fromString", "toString"):
            schemas["ChangeDetails"]["properties"][side] = {"type": ["string", "null"]}
    if "Changelog" in schemas:
        schemas["Changelog"]["properties"]["created"] = {"type": ["string", "integer"]}
    return read["paths"], schemas


def document_of(path):
    return document("jira-agile-1.0.openapi.json" if path.startswith("/rest/agile") else "jira-cloud-v3.openapi.json")


def wrong_in(schema, schemas, body):
    """What a document forbids. Keys that it lacks are let pass: real answers have more than it lists."""
    errors = Draft202012Validator({**repaired(schema), "$defs": schemas}).iter_errors(body)
    return sorted({f"{e.json_path} {e.message[:150]}" for e in errors if e.validator != "additionalProperties"})


def wrong_in_answer(method, path, status, body):
    paths, schemas = document_of(path)
    content = paths[path][method.lower()]["responses"][str(status)].get("content", {}).get("application/json", {})
    return wrong_in(content["schema"], schemas, body) if "schema" in content else []


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
    ("/rest/api/3/jql/parse", {"queries": ["status changed to Done after -5d order by key", "a b", "x in (f(), 1)"]}),
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
    assert answer.status_code == 200
    assert wrong_in_answer("POST", path, 200, answer.json()) == []
    assert wrong_in_request("POST", path, {}, body) == []


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


# What our own connector sends


def wrong_in_request(method, path, query, body):
    paths, schemas = document_of(path)
    pattern = next((each for each in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)
                    and method.lower() in paths[each]), None)  # fmt: skip
    if pattern is None:
        return [f"no {method} {path}"]
    call = paths[pattern][method.lower()]
    known = {each["name"] for each in call.get("parameters", ()) if each["in"] == "query"}
    wrong = [f"no parameter {name}" for name in query if name not in known]
    if body is not None:
        schema = call["requestBody"]["content"]["application/json"]["schema"]
        errors = Draft202012Validator({**repaired(schema), "$defs": schemas}).iter_errors(body)
        wrong += [f"{error.json_path} {error.message[:150]}" for error in errors]
    return wrong


@pytest.fixture(scope="module")
def sent():
    """The Jira requests of one run over Acme."""
    from sandbox.acme import AIRTABLE_TOKEN
    from sandbox.airtable import Airtable

    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    world, time = make_acme(Clock(now), now.date()), FakeTime(now)
    jira, airtable = Jira(world.jira), Airtable(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=world.clock)
    bound = [each for each in bind_all(now.date()).values() if isinstance(each, Bound)]
    metrics = [metric for each in bound for metric in each.metrics if metric.query.source == "jira"]
    with Server(jira, airtable):
        connectors = make_connectors(jira, airtable, time)
        gather(metrics, connectors, budget=Budget(), around=time.around())
        for connector in connectors.values():
            connector.close()
    return jira.requests


def test_every_request_that_we_send_is_in_the_document(sent):
    assert len(sent) > 20
    assert {each.status for each in sent} == {200}
    wrong = {f"{each.method} {each.path}": found for each in sent
             if (found := wrong_in_request(each.method, each.path, each.query, each.body))}  # fmt: skip
    assert wrong == {}


def test_a_damaged_request_is_noticed():
    path = "/rest/api/3/search/jql"
    assert wrong_in_request("POST", path, {}, {"jql": "a = b", "startAt": 5})
    assert wrong_in_request("POST", path, {}, {"jql": 5})
    assert wrong_in_request("POST", path, {"maxresults": ["5"]}, {"jql": "a = b"})
    assert wrong_in_request("PUT", path, {}, None)

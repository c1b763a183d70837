"""Atlassian's OpenAPI documents against what the stand-in answers and against what our connector sends.

OKR_SYNC_ORACLES names the folder with both documents; they are no part of this repository.
"""

import functools
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests
from jsonschema import Draft202012Validator

from connectors.gather import Budget, gather
from connectors.jira import Jira as JiraKind
from connectors.jira_forms import JiraOptions
from connectors.jira_grammar import JqlBody
from connectors.secret import Reference, Secret
from connectors.survey import survey
from connectors.testing import FakeTime
from mappings.evaluate import Bound
from mappings.model import Condition, Elapsed, Filter, Measure, Metric, Query, Window
from sandbox.acme import AIRTABLE_TOKEN, JIRA_EMAIL, JIRA_TOKEN
from sandbox.airtable import Airtable
from sandbox.clock import Clock
from sandbox.jira import Jira
from sandbox.server import Server
from sandbox.world import make_acme
from tests.contract.test_acme_numbers import bind_all, make_connectors
from tests.sandbox.test_jira_agile import ANN, make_site

ROOT = Path(__file__).resolve().parents[2]
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


# What our own connector sends


def wrong_in_request(method, path, query, body):
    paths, schemas = document_of(path)
    pattern = next((each for each in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)
                    and method.lower() in paths[each]), None)  # fmt: skip
    if pattern is None:
        return [f"no {method} {path}"]
    call = paths[pattern][method.lower()]
    known = {each["name"]: each for each in call.get("parameters", ()) if each["in"] == "query"}
    wrong = [f"no parameter {name}" for name in query if name not in known]
    wrong += [f"lacks {name}" for name, each in known.items() if each.get("required") and name not in query]
    for name in query.keys() & known.keys():
        wrong += [f"{name} {text}" for text in wrong_in_parameter(known[name]["schema"], schemas, query[name])]
    if body is not None:
        schema = call["requestBody"]["content"]["application/json"]["schema"]
        errors = Draft202012Validator({**repaired(schema), "$defs": schemas}).iter_errors(body)
        wrong += [f"{error.json_path} {error.message[:150]}" for error in errors]
    return wrong


def wrong_in_parameter(schema, schemas, texts):
    """A parameter's texts against what the document allows. Jira takes lists in one text too: ``a,b``, which the
    document of boards calls objects."""
    if schema.get("type") == "object" or "$ref" in schema:
        return []
    if schema["type"] == "array":
        return [text for each in texts for one in each.split(",")
                for text in wrong_in_parameter(schema["items"], schemas, [one])]  # fmt: skip
    [text] = texts
    if schema["type"] in ("integer", "boolean"):
        try:
            text = json.loads(text)
        except ValueError:
            return [f"{text!r} is no {schema['type']}"]
    return wrong_in(schema, schemas, text)


MEASURES = (
    Measure("count"), Measure("percent_done"), Measure("percent_done", "Story Points"), Measure("sum", "Story Points"),
    Measure("share", of=(Condition("Priority", "in", ("High", "Highest")),)), Measure("distinct", "assignee"),
    Measure("percent_done", "Story Points", of=(Condition("status", "in", ("Done",)),)),
    Measure("avg", elapsed=Elapsed("workdays", "In Progress", "Done")),
    Measure("median", elapsed=Elapsed("days", "created", "resolved")),
)  # fmt: skip
MONTH = Window("created", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
QUERIES = (
    Query("jira", JqlBody("project = WEB")),
    Query("jira", JqlBody("project = WEB", approximate=True), Filter((Condition("issuetype", "=", ("Bug",)),), MONTH)),
    Query("jira", JqlBody("project = WEB"), Filter((Condition("Story Points", ">", ("3",)),),
                                                   replace(MONTH, field="duedate"))),
)  # fmt: skip
LOGINS = ({"email": JIRA_EMAIL}, {"email": JIRA_EMAIL, "scoped": True})


def send_everything(jira, airtable, time, today):
    """Whatever our own code ever asks of Jira Cloud: tonight's run, ``explain``, ``check --live``, ``discover``."""
    bound = [each for each in bind_all(today).values() if isinstance(each, Bound)]
    metrics = [metric for each in bound for metric in each.metrics if metric.query.source == "jira"]
    metrics += [Metric(query, measure) for query in QUERIES for measure in MEASURES]
    for ask in (gather, survey, partial(gather, titles=True)):
        connectors = make_connectors(jira, airtable, time)
        ask(metrics, connectors, budget=Budget(), around=time.around())
        for connector in connectors.values():
            connector.close()
    token = Secret(Reference("env", "JIRA_TOKEN"), JIRA_TOKEN)
    for login in LOGINS:
        options = JiraOptions(url=jira.url, gateway=jira.url, token=token, **login)
        connector = JiraKind().make("jira", options, time.around())
        assert connector.discover().listings
        assert connector.refused_queries(QUERIES) == {}
        assert list(connector.refused_queries([Query("jira", JqlBody("Stroy = 1"))]).values())
        connector.close()


@pytest.fixture(scope="module")
def sent():
    """The Jira requests of all that our code does, with those at Atlassian's gateway as if at the site."""
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    world, time = make_acme(Clock(now), now.date()), FakeTime(now)
    jira, airtable = Jira(world.jira), Airtable(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=world.clock)
    world.jira.scoped_tokens[JIRA_EMAIL] = JIRA_TOKEN
    with Server(jira, airtable):
        send_everything(jira, airtable, time, now.date())
    assert (jira.failures, airtable.failures) == ([], [])
    return [replace(each, path=re.sub(r"^/ex/jira/[^/]+", "", each.path)) for each in jira.requests]


OUTSIDE = {"/_edge/tenant_info"}
"""What no document holds: the cloud id, which a site tells anybody."""


def test_every_request_that_we_send_is_in_the_document(sent):
    asked = [each for each in sent if each.path not in OUTSIDE]
    assert {each.status for each in sent} == {200}
    wrong = {f"{each.method} {each.path}": found for each in asked
             if (found := wrong_in_request(each.method, each.path, each.query, each.body))}  # fmt: skip
    assert wrong == {}


def test_every_address_that_our_code_holds_was_asked_for(sent):
    """So that none is left unchecked: a new one in the connector has to be sent here too."""
    bare = {re.sub(r"^/(rest/(api/3|agile/1\.0)/)?", "", each.path) for each in sent}
    asked = {re.sub(r"/(\d+|[A-Z]+)(?=/|$)", "/{}", path) for path in bare}
    assert asked == {
        "_edge/tenant_info", "board", "board/{}/configuration", "board/{}/sprint", "changelog/bulkfetch", "field",
        "filter/search", "issuetype", "jql/parse", "label", "myself", "project/search", "project/{}/version",
        "search/approximate-count", "search/jql", "status",
    }  # fmt: skip
    written = "".join((ROOT / "connectors" / f"{name}.py").read_text() for name in
                      ("jira", "jira_search", "jira_discover", "jira_door", "jira_history"))  # fmt: skip
    held = set(
        re.findall(r"""(?:\bfetch\(|door\.(?:get|post)\(|_pages\(fetch, |_pages, fetch, )f?"([^"{]+)""", written)
    )
    assert held - {"search", "project"} <= {each.partition("{")[0] for each in asked}  # those two: Data Center's own
    assert len(held) > 9


@pytest.mark.parametrize(
    ("path", "query"),
    [("/rest/api/3/project/search", {"startAt": ["x"]}), ("/rest/api/3/project/search", {"status": ["gone"]}),
     ("/rest/api/3/label", {"maxresults": ["5"]}), ("/rest/api/3/projects", {})],
)  # fmt: skip
def test_a_damaged_question_is_noticed(path, query):
    assert wrong_in_request("GET", path, query, None)


def test_a_damaged_request_is_noticed():
    path = "/rest/api/3/search/jql"
    assert wrong_in_request("POST", path, {}, {"jql": "a = b", "startAt": 5})
    assert wrong_in_request("POST", path, {}, {"jql": 5})
    assert wrong_in_request("POST", path, {"maxresults": ["5"]}, {"jql": "a = b"})
    assert wrong_in_request("POST", "/rest/api/3/jql/parse", {"validation": ["fierce"]}, {"queries": ["a = b"]})
    assert wrong_in_request("POST", "/rest/api/3/jql/parse", {}, {"queries": ["a = b"]})
    assert wrong_in_request("PUT", path, {}, None)

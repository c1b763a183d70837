"""Atlassian's OpenAPI documents against whatever our own code sends to Jira Cloud."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

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
from tests.sandbox.jira_openapi import needs_documents, wrong_in_request

ROOT = Path(__file__).resolve().parents[2]
pytestmark = needs_documents

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

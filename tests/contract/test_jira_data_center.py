"""Jira Data Center: the contract, exact totals, pages by position, and its own shapes, over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import requests

from connectors.jira_field import parse_value
from connectors.jira_grammar import JqlBody
from connectors.testing import TOKEN, FakeTime, StandIn
from mappings.model import Condition, Elapsed, Filter, GapKind, Measure, Metric, Query, Window
from sandbox.jira import JiraDataCenter
from sandbox.jira_site import JiraSite
from sandbox.server import Server
from sandbox.wire import Fault
from tests.contract.stand_in import SandboxStandIn
from tests.contract.test_jira import BERLIN, NOW, TestJiraContract, make_moving_site, make_site, metric

SEARCH = "POST /rest/api/2/search"
OPTIONS = {"deployment": "datacenter", "token": "env:SOURCE_TOKEN"}


@contextmanager
def serving(site: JiraSite | None = None) -> Iterator[JiraDataCenter]:
    service = JiraDataCenter(site or make_site())
    service.tell_time = lambda: None  # whoever asks lives in a time of their own
    with Server(service):
        yield service
    assert service.failures == []


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.jira_search._ISSUES_A_PAGE", 60)


class TestDataCenterContract(TestJiraContract):
    reads = frozenset({"GET", SEARCH})
    bad_options: ClassVar[Any] = (
        ({"deployment": "server"}, "deployment"),
        ({"url": "http://jira.acme.example"}, "url"),
        ({"timezone": "Berlin"}, "timezone"),
    )

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with serving() as service:
            yield SandboxStandIn(service)

    def options(self, url: str) -> dict[str, Any]:
        return {"url": url, **OPTIONS}


def one(service: JiraDataCenter, asked: Any, **written: Any) -> Any:
    contract = TestDataCenterContract()
    contract.options = lambda url: {"url": url, **OPTIONS, **written}  # type: ignore[method-assign]
    return contract.ask(SandboxStandIn(service), FakeTime(NOW), asked)[asked]


def paths(service: JiraDataCenter) -> list[str]:
    return [f"{logged.method} {logged.path}" for logged in service.requests]


def bodies(service: JiraDataCenter) -> list[dict[str, Any]]:
    return [logged.body for logged in service.requests if logged.path.endswith("/search")]


def test_a_count_is_one_call_without_an_issue() -> None:
    with serving() as service:
        assert one(service, metric("project = WEB")).value == 250
        assert bodies(service) == [{"jql": "project = WEB", "startAt": 0, "maxResults": 0, "fields": ["id"]}]
        assert paths(service) == [SEARCH]


def test_issues_are_read_in_the_order_of_their_keys() -> None:
    with serving() as service:
        reading = one(service, metric("project = WEB", "percent_done", "Story Points"))
        assert (reading.value, reading.numerator, reading.denominator) == (Decimal("0.2"), 5, 25)
        assert [body["startAt"] for body in bodies(service)] == [0, 60, 120, 180, 240]
        assert {body["jql"] for body in bodies(service)} == {"project = WEB ORDER BY key"}


def test_a_site_that_gives_fewer_a_page_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.jira_data_center.MOST_ISSUES", 25)
    with serving() as service:
        assert one(service, metric("project = WEB", "sum", "Story Points")).value == 25
        assert len(bodies(service)) == 10


def test_a_personal_access_token_goes_as_bearer() -> None:
    with serving() as service:
        one(service, metric("project = OPS"))
        assert service.requests[0].headers["Authorization"].startswith("Bearer ")


def test_a_window_is_written_in_the_account_s_zone() -> None:
    start = NOW - timedelta(days=60, minutes=1)
    with serving() as service:
        asked = metric("project = WEB", only=Filter((), Window("created", start, start + timedelta(minutes=2))))
        assert one(service, asked).value == 250
        assert paths(service) == ["GET /rest/api/2/myself", SEARCH]


def test_workdays_come_from_the_changelogs_of_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.jira_search._CHANGELOGS_A_PAGE", 5)
    workdays = Elapsed("workdays", "In Progress", "Done", BERLIN)
    with serving(make_moving_site(10)) as service:
        reading = one(service, metric("project = WEB", "max", elapsed=workdays))
        assert (reading.value, reading.counted, reading.left_out) == (5, 10, 1)
        assert paths(service) == [SEARCH] * 3


def test_a_cut_changelog_is_misread() -> None:
    log = {"total": 2, "histories": []}
    issue = {"id": "1", "key": "WEB-1", "fields": {"created": "2026-11-02T09:00:00.000+0000"}, "changelog": log}
    with serving() as service:
        service.faults.add(Fault(match="/search", status=200, body={"total": 1, "issues": [issue]}))
        gap = one(service, metric("project = WEB", "max", elapsed=Elapsed("workdays", "To Do", "Done", BERLIN)))
        assert gap.kind is GapKind.MISREAD
        assert "changelogs in an unknown shape" in gap.reason


@pytest.mark.parametrize("page", [{"issues": []}, {"issues": [], "total": None}, {"issues": [], "total": True}])
def test_an_answer_without_a_total_is_no_zero(page: dict[str, Any]) -> None:
    with serving() as service:
        service.faults.add(Fault(match="/search", status=200, body=page))
        gap = one(service, metric("project = WEB"))
        assert gap.kind is GapKind.MISREAD
        assert "without its number (total)" in gap.reason


def _page(total: int, *ids: str) -> Fault:
    issues = [{"id": id_, "key": f"WEB-{id_}", "fields": {"labels": [id_]}} for id_ in ids]
    return Fault(match="/search", status=200, body={"total": total, "issues": issues})


def test_issues_that_leave_the_list_make_it_begin_again() -> None:
    with serving() as service:
        for page in (_page(3, "1", "2"), _page(2), _page(2, "2", "3")):
            service.faults.add(page)
        reading = one(service, metric("project = WEB", "distinct", "labels"))
        assert (reading.value, reading.counted) == (2, 2)
        assert [body["startAt"] for body in bodies(service)] == [0, 2, 0]


def test_issues_that_join_the_list_are_read_once() -> None:
    with serving() as service:
        for page in (_page(2, "2"), _page(3, "2", "3")):
            service.faults.add(page)
        assert one(service, metric("project = WEB", "distinct", "labels")).counted == 2


def test_a_list_that_ends_before_its_total_is_misread() -> None:
    with serving() as service:
        for page in (_page(3, "1", "2"), _page(3)):
            service.faults.add(page)
        gap = one(service, metric("project = WEB", "distinct", "labels"))
        assert gap.kind is GapKind.MISREAD
        assert "there are 3 issues and gave 2" in gap.reason


def test_a_printed_sprint_is_known_by_its_name() -> None:
    site = make_site()
    ann = next(iter(site.users))
    sprint = site.add_sprint(site.add_board("OPS", "Ops").id, "Sprint 7, the [last]", NOW - timedelta(days=7))
    site.add_issue("OPS", "Task", "In a sprint", NOW - timedelta(days=2), ann, {"customfield_10020": (sprint.id,)})
    with serving(site) as service:
        [issue] = _ask(service, "sprint is not EMPTY", "customfield_10020")
        assert issue["fields"]["customfield_10020"][0].startswith("com.atlassian.greenhopper")
        assert parse_value(issue["fields"]["customfield_10020"]) == ("Sprint 7, the [last]",)
        asked = metric("project = OPS", only=Filter((Condition("Sprint", "=", ("Sprint 7, the [last]",)),)))
        assert one(service, asked).value == 1


def _ask(service: JiraDataCenter, jql: str, field: str) -> list[dict[str, Any]]:
    body = {"jql": jql, "fields": [field]}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.post(f"{service.url}/rest/api/2/search", json=body, headers=headers, timeout=5)
    issues: list[dict[str, Any]] = answer.json()["issues"]
    return issues


def test_a_site_describes_itself() -> None:
    with serving() as service, TestDataCenterContract().connected(SandboxStandIn(service), FakeTime(NOW)) as found:
        listings = {listing.title: listing for listing in found.discover().listings}  # type: ignore[attr-defined]
        assert {item.id for item in listings["Projects"].items} >= {"WEB", "OPS"}
        assert listings["Fields"].items


def test_queries_are_checked_one_by_one() -> None:
    right, wrong = metric("project = WEB").query, metric("project = NOPE").query
    with serving() as service, TestDataCenterContract().connected(SandboxStandIn(service), FakeTime(NOW)) as found:
        said = found.refused_queries([right, wrong])  # type: ignore[attr-defined]
        assert list(said) == [wrong]
        assert "NOPE" in said[wrong]


def test_an_unknown_token_is_refused_and_says_what_to_check() -> None:
    with serving() as service:
        service.site.tokens.clear()
        gap = one(service, metric("project = WEB"))
        assert gap.kind is GapKind.REFUSED
        assert "the token env:SOURCE_TOKEN" in gap.reason
        assert "personal access token" in gap.fix


def test_a_user_name_and_its_token_are_let_in() -> None:
    with serving() as service:
        assert one(service, metric("project = OPS"), email="ann").value == 3


def test_an_allowed_estimate_is_exact_here() -> None:
    with serving() as service:
        reading = one(service, Metric(Query("jira", JqlBody("project = WEB", approximate=True)), Measure("count")))
        assert (reading.value, reading.notes) == (250, ())

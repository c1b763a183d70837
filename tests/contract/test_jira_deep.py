"""Jira Cloud in depth: logins, estimates, one's own idea of done, and the recipes of docs/connectors/jira.md."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.jira_forms import JiraQuery
from connectors.jira_grammar import JiraGrammar, JqlBody
from connectors.testing import TOKEN
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Window
from sandbox.jira_fields import STORY_POINTS
from sandbox.jira_site import JiraSite
from sandbox.wire import Fault
from tests.contract.test_jira import NOW, make_site, metric, one, paths, serving

GATE = "/ex/jira/"
COUNT = "POST /rest/api/3/search/approximate-count"


def scoped_site() -> JiraSite:
    site = make_site()
    site.scoped_tokens["ann@acme.example"] = TOKEN
    site.tokens.clear()
    return site


class TestLogins:
    @pytest.mark.parametrize("login", [{"scoped": True}, {"email": None}], ids=["scoped", "bearer"])
    def test_the_gateway_is_found_by_the_site_s_cloud_id_once(self, login: dict[str, Any]) -> None:
        with serving(scoped_site()) as service:
            reading = one(service, metric("project = OPS", "sum", "Story Points"), gateway=service.url, **login)
            assert reading.value == 3
            assert reading.samples[0].link == f"{service.url}/browse/OPS-3"
            tenant, *others = paths(service)
            assert tenant == "GET /_edge/tenant_info"
            assert all(f"{GATE}{service.site.cloud_id}/rest/api/3/" in path for path in others)

    def test_nobody_logs_in_to_ask_for_the_cloud_id(self) -> None:
        with serving(scoped_site()) as service:
            one(service, metric("project = OPS"), gateway=service.url, email=None)
            assert "Authorization" not in service.requests[0].headers
            assert service.requests[1].headers["Authorization"] == f"Bearer {TOKEN}"

    @pytest.mark.parametrize("cloud_id", [None, "", "../evil", 7])
    def test_a_cloud_id_that_is_none_is_misread(self, cloud_id: Any) -> None:
        with serving(scoped_site()) as service:
            service.faults.add(Fault(match="tenant_info", status=200, body={"cloudId": cloud_id}))
            gap = one(service, metric("project = OPS"), gateway=service.url, scoped=True)
            assert gap.kind is GapKind.MISREAD
            assert "cloud id" in gap.reason
            assert len(service.requests) == 1

    def test_a_scoped_token_at_the_site_itself_is_told_of_the_option(self) -> None:
        with serving(scoped_site()) as service:
            gap = one(service, metric("project = OPS"))
            assert gap.kind is GapKind.REFUSED
            assert "scoped: true" in gap.fix

    def test_a_token_that_the_gateway_refuses_is_told_of_its_scopes(self) -> None:
        with serving(make_site()) as service:
            gap = one(service, metric("project = OPS"), gateway=service.url, scoped=True)
            assert gap.kind is GapKind.REFUSED
            assert "read:jira-work" in gap.fix

    def test_an_api_token_without_its_e_mail_is_told_of_it(self) -> None:
        with serving(make_site()) as service:
            gap = one(service, metric("project = OPS"), gateway=service.url, email=None)
            assert gap.kind is GapKind.REFUSED
            assert "email" in gap.fix

    def test_data_center_has_no_scoped_tokens(self) -> None:
        from pydantic import ValidationError

        from connectors.jira_forms import JiraOptions

        written = {"url": "https://jira.acme.example", "token": "env:T", "deployment": "datacenter", "scoped": True}
        with pytest.raises(ValidationError, match="only Jira Cloud"):
            JiraOptions.model_validate(written)


def estimated(jql: str, measure: str = "count", **more: Any) -> Metric:
    return Metric(Query("jira", JqlBody(jql, approximate=True)), Measure(measure, **more))


class TestEstimates:
    def test_an_estimate_is_one_call_and_says_so(self) -> None:
        with serving() as service:
            reading = one(service, estimated("project = WEB"))
            assert reading.value == 250
            assert "estimate" in reading.notes[0]
            assert paths(service) == [COUNT]

    def test_a_share_of_estimates_says_so_once(self) -> None:
        with serving() as service:
            reading = one(service, estimated("project = WEB", "percent_done"))
            assert (reading.value, len(reading.notes)) == (Decimal("0.2"), 1)
            assert paths(service) == [COUNT, COUNT]

    @pytest.mark.parametrize("body", [{}, {"count": None}, {"count": "3"}, {"count": -1}, {"count": True}])
    def test_an_answer_without_a_count_is_no_zero(self, body: dict[str, Any]) -> None:
        with serving() as service:
            service.faults.add(Fault(match="approximate-count", status=200, body=body))
            gap = one(service, estimated("project = WEB"))
            assert gap.kind is GapKind.MISREAD
            assert "without its number (count)" in gap.reason

    def test_an_exact_and_an_estimated_count_are_not_mixed_up(self) -> None:
        with serving() as service:
            assert one(service, metric("project = WEB")).notes == ()
            assert one(service, estimated("project = WEB")).notes != ()

    def test_only_counts_are_estimated(self) -> None:
        grammar = JiraGrammar()
        body = grammar.make_body(JiraQuery(jql="project = WEB", approximate=True))
        assert body == JqlBody("project = WEB", approximate=True)
        assert grammar.check_use(body, Filter(), Measure("count")) is None
        for measure in (Measure("sum", "Story Points"), Measure("percent_done", "Story Points")):
            assert "estimates counts only" in (grammar.check_use(body, Filter(), measure) or "")


REVIEWED = (Condition("status", "in", ("Done", "In Review")),)


def make_team_site() -> JiraSite:
    """Two sprints, an epic with children and a sub-task, a version, a saved filter."""
    site = make_site()
    ann = next(iter(site.users))
    site.add_project("TEAM", "Team", ann)
    board = site.add_board("TEAM", "Team board")
    weeks = [NOW - timedelta(weeks=number) for number in (4, 2, 0)]
    old = site.add_sprint(board.id, "Sprint 1", weeks[0], weeks[1], completed=weeks[1])
    new = site.add_sprint(board.id, "Sprint 2", weeks[1], weeks[2] + timedelta(days=1))
    version = site.add_version("TEAM", "2.0", date(2026, 12, 1))
    start = weeks[0]
    epic = site.add_issue("TEAM", "Epic", "Checkout", start, ann)
    plan = [("Done", 5, old), ("Done", 3, old), ("To Do", 2, old), ("Done", 1, new), ("In Review", 8, new)]
    for status, points, sprint in plan:
        values = {STORY_POINTS: points, "customfield_10020": (sprint.id,), "parent": epic.key}
        issue = site.add_issue("TEAM", "Story", "A story", start, ann, {**values, "fixVersions": (version.id,)})
        if status != "To Do":
            site.change(issue, sprint.start + timedelta(days=7), ann, {"status": status})
    site.add_filter("Team's open work", "project = TEAM AND statusCategory != Done AND type != Epic", ann)
    return site


class TestDone:
    def test_one_s_own_statuses_are_two_counts(self) -> None:
        with serving(make_team_site()) as service:
            reading = one(service, metric("project = TEAM AND type = Story", "percent_done", of=REVIEWED))
            assert (reading.numerator, reading.denominator) == (4, 5)
            assert len(service.requests) == 2

    def test_one_s_own_statuses_by_points(self) -> None:
        with serving(make_team_site()) as service:
            done = metric("project = TEAM AND type = Story", "percent_done", "Story Points", of=REVIEWED)
            reading = one(service, done)
            assert (reading.numerator, reading.denominator) == (17, 19)
            assert paths(service).count("GET /rest/api/3/status") == 1

    @pytest.mark.parametrize("field", [None, "Story Points"])
    def test_a_status_that_jira_does_not_know_is_no_zero(self, field: str | None) -> None:
        unknown = (Condition("status", "in", ("Done", "in review ")),)
        with serving(make_team_site()) as service:
            gap = one(service, metric("project = TEAM", "percent_done", field, of=unknown))
            assert gap.kind is GapKind.MISREAD
            assert "in review " in gap.reason
            if field:
                assert "“In Review”" in gap.fix


RECIPES = [
    ("children of an epic", "parent = TEAM-1", "percent_done", None, Decimal("0.6")),
    ("points of an epic's children", "parent = TEAM-1", "percent_done", "Story Points", Decimal(9) / 19),
    ("open sprint, completed share", "project = TEAM AND sprint in openSprints()", "percent_done", "Story Points",
     Decimal(1) / 9),
    ("a sprint by name", 'sprint = "Sprint 1"', "percent_done", None, Decimal(2) / 3),
    ("velocity of a sprint", 'sprint = "Sprint 1" AND statusCategory = Done', "sum", "Story Points", Decimal(8)),
    ("closed sprints", "project = TEAM AND sprint in closedSprints() AND statusCategory = Done", "sum",
     "Story Points", Decimal(8)),
    ("a version", 'project = TEAM AND fixVersion = "2.0"', "percent_done", None, Decimal("0.6")),
    ("unreleased versions", "project = TEAM AND fixVersion in unreleasedVersions()", "count", None, Decimal(5)),
    ("a saved filter by id", "filter = 10000", "count", None, Decimal(2)),
    ("a saved filter by name", "filter = \"Team's open work\"", "sum", "Story Points", Decimal(10)),
]  # fmt: skip


@pytest.mark.parametrize(("jql", "name", "field", "value"), [row[1:] for row in RECIPES], ids=[r[0] for r in RECIPES])
def test_the_recipes(jql: str, name: str, field: str | None, value: Decimal) -> None:
    with serving(make_team_site()) as service:
        assert one(service, metric(jql, name, field)).value == value


def test_velocity_over_the_last_four_weeks() -> None:
    only = Filter((), Window("resolved", NOW - timedelta(days=28), NOW))
    with serving(make_team_site()) as service:
        asked = metric("project = TEAM AND sprint is not EMPTY", "sum", "Story Points", only)
        assert one(service, asked, timezone="UTC").value == 9


def test_every_recipe_stands_in_the_page(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs/connectors/jira.md").read_text(encoding="utf-8")
    for name, jql, *_ in RECIPES:
        written = jql.replace("TEAM-1", "WEB-120").replace("TEAM", "WEB").replace("'", "''")
        assert f"'{written}'" in page, name

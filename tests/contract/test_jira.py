"""The Jira connector: the contract, and Jira's own traps, by the real client over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.gather import Budget, gather
from connectors.jira import Jira
from connectors.jira_grammar import JqlBody
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, StandIn
from mappings.model import Condition, Elapsed, Filter, Gap, GapKind, Measure, Metric, Query, Reading, Window
from sandbox.clock import Clock
from sandbox.jira import Jira as JiraService
from sandbox.jira_fields import STORY_POINT_ESTIMATE, STORY_POINTS, number_field
from sandbox.jira_site import JiraSite
from sandbox.server import Server
from tests.contract.stand_in import SandboxStandIn

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SEARCH = "POST /rest/api/3/search/jql"
CHANGELOGS = "POST /rest/api/3/changelog/bulkfetch"


def metric(
    jql: str, measure: str = "count", field: str | None = None, only: Filter | None = None, **more: Any
) -> Metric:
    return Metric(Query("jira", JqlBody(jql), only or Filter()), Measure(measure, field, **more))


def make_site() -> JiraSite:
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", "ann@acme.example", token=TOKEN, zone="America/New_York").account_id
    site.add_project("WEB", "Web shop", ann)
    site.add_project("OPS", "Operations", ann)
    for number in range(250):
        values: dict[str, Any] = {STORY_POINTS: Decimal("0.1"), "status": "Done" if number % 5 == 0 else "To Do"}
        site.add_issue("WEB", "Story", f"Story {number}", NOW - timedelta(days=60), ann, values)
    for number in range(3):
        labels = ("größe", "漢字", "🚀") if number < 2 else ("plain",)
        values = {"labels": labels, STORY_POINTS: number or None, "duedate": date(2026, 10, number + 1)}
        site.add_issue("OPS", "Task", "Größe 漢字 🚀", datetime(2026, 10, 1, 3, number, tzinfo=UTC), ann, values)
    return site


@contextmanager
def serving(site: JiraSite | None = None, **options: Any) -> Iterator[JiraService]:
    service = JiraService(site or make_site(), **options)
    service.tell_time = lambda: None  # whoever asks lives in a time of their own
    with Server(service):
        yield service
    assert service.failures == []


class TestJiraContract(ConnectorContract):
    factory = Jira()
    exact = Case(metric("project = WEB", "sum", "Story Points"), Decimal("25.0"))
    paged = Case(metric("project = WEB", "avg", "Story Points"), Decimal("0.1"))
    unicode = Case(metric('labels = "größe" AND labels = "漢字" AND labels = "🚀"', "distinct", "labels"), Decimal(3))
    none = metric("project = WEB AND labels = nobody", "avg", "Story Points")
    no_records = Case(metric("project = WEB AND labels = nobody"), Decimal(0))
    missing_field = (metric("project = WEB", "sum", "Stroy Points"), "Stroy Points")
    broken = metric("project = NOPE")
    budget = (
        (
            metric("project = WEB"),
            metric("project = OPS"),
            metric("project = WEB", "percent_done"),
            metric("project = WEB AND labels = nobody"),
        ),
        4,
    )
    reads = frozenset({"GET", SEARCH, CHANGELOGS})
    bad_options = (
        ({"url": "acme"}, "url"),
        ({"url": "http://acme.atlassian.net"}, "url"),
        ({"timezone": "Berlin"}, "timezone"),
        ({"story_points": "Points"}, "story_points"),
        ({"rate": "0"}, "rate"),
        ({"email": ""}, "email"),
        ({"token": "env:"}, "token"),
    )

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with serving() as service:
            yield SandboxStandIn(service)

    def options(self, url: str) -> dict[str, Any]:
        return {"url": url, "email": "ann@acme.example", "token": "env:SOURCE_TOKEN"}


def ask(service: JiraService, *metrics: Metric, time: FakeTime | None = None, **written: Any) -> dict[Metric, Any]:
    contract = TestJiraContract()
    time = time or FakeTime(NOW)
    stand_in = SandboxStandIn(service)
    contract.options = lambda url: {**TestJiraContract.options(contract, url), **written}  # type: ignore[method-assign]
    return contract.ask(stand_in, time, *metrics)


def one(service: JiraService, asked: Metric, **written: Any) -> Any:
    return ask(service, asked, **written)[asked]


def bodies(service: JiraService) -> list[dict[str, Any]]:
    return [logged.body for logged in service.requests if logged.path.endswith("search/jql")]


def paths(service: JiraService) -> list[str]:
    return [f"{logged.method} {logged.path}" for logged in service.requests]


class TestCounts:
    def test_a_count_lists_ids_only_and_as_many_as_a_page_holds(self) -> None:
        with serving() as service:
            assert one(service, metric("project = WEB")).value == 250
            assert bodies(service) == [{"jql": "project = WEB", "maxResults": 5000, "fields": ["id"]}]
            assert paths(service) == [SEARCH]  # neither /field nor serverInfo nor myself

    def test_pages_of_ids_are_followed_to_the_last_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.jira_search._IDS_A_PAGE", 60)
        with serving() as service:
            assert one(service, metric("project = WEB")).value == 250
            assert len(bodies(service)) == 5

    def test_percent_done_is_two_counts(self) -> None:
        with serving() as service:
            reading = one(service, metric("project = WEB OR project = OPS", "percent_done"))
            assert (reading.numerator, reading.denominator) == (50, 253)
            assert reading.value == Decimal(50) / Decimal(253)
            assert [body["jql"] for body in bodies(service)] == [
                "project = WEB OR project = OPS",
                '(project = WEB OR project = OPS) AND (statusCategory = "Done")',
            ]

    def test_a_count_and_a_share_of_one_query_share_their_count(self) -> None:
        with serving() as service:
            ask(service, metric("project = WEB"), metric("project = WEB", "percent_done"))
            assert len(bodies(service)) == 2

    def test_a_share_of_nothing_is_a_gap_after_one_call(self) -> None:
        with serving() as service:
            gap = one(service, metric("project = WEB AND labels = nobody", "percent_done"))
            assert isinstance(gap, Gap)
            assert gap.kind is GapKind.EMPTY
            assert len(bodies(service)) == 1

    def test_a_share_by_condition_is_two_counts(self) -> None:
        with serving() as service:
            share = metric("project = OPS", "share", of=(Condition("labels", "in", ("plain", "größe")),))
            assert one(service, share).value == 1
            assert bodies(service)[1]["jql"] == '(project = OPS) AND (labels in ("plain", "größe"))'

    def test_600_counts_of_which_60_are_repeats_are_540_calls(self) -> None:
        with serving() as service:
            wanted = [metric(f"project = WEB AND created > -{number}d") for number in range(1, 541)]
            outcomes = ask(service, *wanted, *wanted[:60])
            assert len(outcomes) == 540
            assert len(service.requests) == 540
            assert outcomes[wanted[400]].value == 250


class TestScans:
    def test_percent_done_by_points_reads_only_points_and_status(self) -> None:
        with serving() as service:
            reading = one(service, metric("project = WEB", "percent_done", "Story Points"))
            assert (reading.value, reading.numerator, reading.denominator) == (Decimal("0.2"), 5, 25)
            assert {tuple(body["fields"]) for body in bodies(service)} == {(STORY_POINTS, "status")}

    def test_system_fields_need_no_list_of_fields(self) -> None:
        with serving() as service:
            assert one(service, metric("project = OPS", "distinct", "labels")).value == 4
            assert paths(service) == [SEARCH]

    def test_fields_are_listed_once_for_all_queries(self) -> None:
        with serving() as service:
            wanted = [metric(f"project = WEB AND created > -{n}d", "sum", "Story Points") for n in range(1, 20)]
            ask(service, *wanted)
            assert paths(service).count("GET /rest/api/3/field") == 1

    @pytest.mark.parametrize("name", ["cf[10026]", STORY_POINTS, "story points", "Story Points"])
    def test_a_field_may_be_named_in_any_way(self, name: str) -> None:
        with serving() as service:
            reading = one(service, metric("project = OPS", "sum", name))
            assert (reading.value, reading.counted, reading.left_out) == (3, 2, 1)

    def test_two_fields_of_one_name_are_ambiguous_and_both_named(self) -> None:
        site = make_site()
        site.add_field(number_field("customfield_10077", "Story Points"))
        with serving(site) as service:
            gap = one(service, metric("project = OPS", "sum", "Story Points"))
            assert gap.kind is GapKind.MISREAD
            assert STORY_POINTS in gap.reason
            assert "customfield_10077" in gap.reason
            assert "story_points" in gap.fix
            service.requests.clear()
            assert one(service, metric("project = OPS", "sum", "Story Points"), story_points="cf[10026]").value == 3

    def test_a_mistyped_field_gets_a_suggestion(self) -> None:
        with serving() as service:
            gap = one(service, metric("project = OPS", "sum", "Story Pionts"))
            assert "Story Points" in gap.fix
            assert bodies(service) == []

    def test_the_other_kind_of_points_is_another_field(self) -> None:
        with serving() as service:
            gap = one(service, metric("project = OPS", "sum", STORY_POINT_ESTIMATE))
            assert "none of 3 records" in gap.reason

    def test_records_carry_title_link_and_doneness_when_asked(self) -> None:
        with serving() as service:
            contract, time = TestJiraContract(), FakeTime(NOW)
            with contract.connected(SandboxStandIn(service), time) as connector:
                wanted = metric("project = OPS", "percent_done", "Story Points")
                found = gather([wanted], {"jira": connector}, budget=Budget(), around=time.around(), titles=True)
            reading = found[wanted]
            assert isinstance(reading, Reading)
            assert reading.samples[0].title == "Größe 漢字 🚀"
            assert reading.samples[0].link == f"{service.url}/browse/OPS-3"


def window(field: str, start: datetime, end: datetime) -> Filter:
    return Filter((), Window(field, start, end))


class TestWindows:
    start = datetime(2026, 10, 1, 5, 1, tzinfo=BERLIN)  # 03:01 UTC

    def test_moments_are_written_in_the_zone_of_the_account_which_is_asked_for_once(self) -> None:
        with serving() as service:
            only = window("created", self.start, self.start + timedelta(minutes=1))
            asked = metric("project = OPS", only=only)
            other = metric("project = OPS OR key = OPS-1", only=only)
            outcomes = ask(service, asked, other)
            assert [outcome.value for outcome in outcomes.values()] == [1, 1]
            assert paths(service).count("GET /rest/api/3/myself") == 1
            assert '(created >= "2026-09-30 23:01" AND created < "2026-09-30 23:02")' in bodies(service)[0]["jql"]

    def test_a_configured_zone_saves_the_question(self) -> None:
        with serving() as service:
            only = window("created", self.start, self.start + timedelta(days=1))
            one(service, metric("project = OPS", only=only), timezone="America/New_York")
            assert paths(service) == [SEARCH]

    def test_days_are_days_in_the_company_s_zone(self) -> None:
        with serving() as service:
            only = window("due", datetime(2026, 10, 2, tzinfo=BERLIN), datetime(2026, 10, 3, tzinfo=BERLIN))
            assert one(service, metric("project = OPS", only=only)).value == 1
            assert 'due >= "2026-10-02" AND due < "2026-10-03"' in bodies(service)[0]["jql"]
            assert paths(service) == [SEARCH]


class TestAnswersThatCannotBeTrusted:
    def search(self, service: JiraService, *pages: dict[str, Any]) -> Any:
        for page in pages:
            service.faults.add(_answer(page))
        return one(service, metric("project = WEB"))

    def test_an_answer_without_issues(self) -> None:
        with serving() as service:
            gap = self.search(service, {"isLast": True})
            assert gap.kind is GapKind.MISREAD
            assert "without its issues" in gap.reason

    def test_a_token_that_comes_again_ends_the_search(self) -> None:
        with serving() as service:
            page = {"issues": [{"id": "1"}], "nextPageToken": "a"}
            gap = self.search(service, page, page, page)
            assert gap.kind is GapKind.MISREAD
            assert len(service.requests) == 2

    def test_an_empty_page_with_a_token_is_not_the_end(self) -> None:
        with serving() as service:
            pages = ({"issues": [], "nextPageToken": "a"}, {"issues": [{"id": "1"}], "isLast": True})
            assert self.search(service, *pages).value == 1

    def test_a_list_that_breaks_off_is_misread(self) -> None:
        with serving() as service:
            assert self.search(service, {"issues": [{"id": "1"}], "isLast": False}).kind is GapKind.MISREAD

    def test_an_issue_that_comes_twice_counts_once(self) -> None:
        with serving() as service:
            pages = ({"issues": [{"id": "1"}], "nextPageToken": "a"}, {"issues": [{"id": "1"}, {"id": "2"}]})
            assert self.search(service, *pages).value == 2

    def test_a_warning_is_passed_on(self) -> None:
        with serving() as service:
            reading = self.search(service, {"issues": [{"id": "1"}], "warnings": ["The result was truncated."]})
            assert reading.value == 1
            assert reading.notes == ("Jira says: The result was truncated.",)

    def test_no_rows_and_a_warning_of_an_unknown_value_is_no_zero(self) -> None:
        said = "The value 'XY' does not exist for the field 'project'."
        with serving() as service:
            gap = self.search(service, {"issues": [], "warningMessages": [said]})
            assert gap.kind is GapKind.MISREAD
            assert said in gap.reason

    def test_a_login_that_failed_behind_a_status_of_200_is_refused(self) -> None:
        with serving() as service:
            fault = _answer({"issues": []})
            fault.headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
            service.faults.add(fault)
            gap = one(service, metric("project = WEB"))
            assert gap.kind is GapKind.REFUSED

    def test_an_error_page_of_50_kb_is_not_repeated(self) -> None:
        with serving() as service:
            fault = _answer("<html>" + "x" * 50_000)
            fault.status, fault.headers = 400, {"Set-Cookie": "session=abcdef"}
            service.faults.add(fault)
            gap = one(service, metric("project = WEB"))
            assert len(gap.reason) < 400
            assert "abcdef" not in repr(gap)


def _answer(body: Any) -> Any:
    from sandbox.wire import Fault

    return Fault(match="search/jql", status=200, body=body)


class TestTrouble:
    def test_a_wrong_token_is_shown_once_not_a_hundred_times(self) -> None:
        with serving() as service:
            service.site.tokens["ann@acme.example"] = "another"
            wanted = [metric(f"project = WEB AND created > -{n}d") for n in range(1, 101)]
            outcomes = ask(service, *wanted)
            assert {outcome.kind for outcome in outcomes.values()} == {GapKind.REFUSED}
            assert len(service.requests) <= 4  # one for each thread

    def test_a_dead_source_is_given_up(self) -> None:
        time = FakeTime(NOW)
        with serving() as service:
            url = service.url
        wanted = [metric(f"project = WEB AND created > -{n}d") for n in range(1, 101)]
        contract = TestJiraContract()
        options = contract.options(url)
        contract.options = lambda _: options  # type: ignore[method-assign]
        outcomes = contract.ask(SandboxStandIn(service), time, *wanted)
        assert {outcome.kind for outcome in outcomes.values()} == {GapKind.UNAVAILABLE}
        assert "can't be reached" in repr(outcomes[wanted[99]])

    def test_a_scoped_token_works_at_the_gateway_and_links_lead_to_the_site(self) -> None:
        site = make_site()
        site.scoped_tokens["ann@acme.example"] = TOKEN
        site.tokens.clear()
        with serving(site) as service:
            written = {"url": f"{service.url}/ex/jira/{site.cloud_id}", "browse_url": "https://acme.atlassian.net"}
            reading = one(service, metric("project = OPS", "sum", "Story Points"), **written)
            assert reading.value == 3
            assert reading.samples[0].link == "https://acme.atlassian.net/browse/OPS-3"

    def test_a_project_that_may_not_be_seen_leaves_the_others_alone(self) -> None:
        with serving() as service:
            outcomes = ask(service, metric("project = NOPE"), metric("project = OPS"))
            gap, reading = outcomes.values()
            assert "NOPE" in gap.reason
            assert reading.value == 3


def test_conditions_are_compiled_into_the_jql() -> None:
    conditions = (
        Condition("Found in", "!=", ("Staging",)),
        Condition("Story Points", ">=", ("1",)),
        Condition("labels", "=", ('pl"ain',)),
    )
    with serving() as service:
        asked = metric("project = OPS OR key = OPS-1", only=Filter(conditions))
        assert one(service, asked).value == 0
        assert bodies(service)[0]["jql"] == (
            '(project = OPS OR key = OPS-1) AND ("Found in" != "Staging" OR "Found in" is EMPTY)'
            ' AND ("Story Points" >= 1) AND (labels = "pl\\"ain")'
        )
        less = replace(asked, query=replace(asked.query, filter=Filter(conditions[:2])))
        assert one(service, less).value == 2


CYCLE_TIME = Elapsed("workdays", "In Progress", "Done", BERLIN)


def make_moving_site(issues: int) -> JiraSite:
    """Every issue was begun on Monday, 2 November, and done on that day or one of the four after it."""
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", "ann@acme.example", token=TOKEN).account_id
    site.add_project("WEB", "Web shop", ann)
    monday = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for number in range(issues):
        issue = site.add_issue("WEB", "Story", f"Story {number}", monday - timedelta(days=9), ann, {"status": "To Do"})
        site.change(issue, monday, ann, {"status": "In Progress"})
        site.change(issue, monday + timedelta(days=number % 5), ann, {"status": "Done", STORY_POINTS: 3})
    site.add_issue("WEB", "Story", "Never begun", monday, ann, {"status": "Done"})
    return site


@pytest.mark.parametrize(("name", "value"), [("avg", 3), ("max", 5), ("min", 1), ("median", 3), ("sum", 30)])
def test_workdays_come_from_changelogs(name: str, value: int) -> None:
    with serving(make_moving_site(10)) as service:
        reading = one(service, metric("project = WEB", name, elapsed=CYCLE_TIME))
        calls = [(logged.method, logged.path) for logged in service.requests]
    assert isinstance(reading, Reading), reading
    assert (reading.value, reading.counted, reading.left_out) == (value, 10, 1)
    assert len(calls) == 2


def test_many_issues_cost_one_more_call_a_thousand() -> None:
    with serving(make_moving_site(1200)) as service:
        reading = one(service, metric("project = WEB", "max", elapsed=CYCLE_TIME))
        paths = [logged.path for logged in service.requests]
    assert isinstance(reading, Reading), reading
    assert (reading.counted, reading.value) == (1200, 5)
    assert sum(path.endswith("bulkfetch") for path in paths) == 2


def test_an_issue_that_never_moved_has_its_first_status() -> None:
    site = make_moving_site(0)
    with serving(site) as service:
        gap = one(service, metric("project = WEB", "max", elapsed=CYCLE_TIME))
        done = one(service, metric("project = WEB", "max", elapsed=Elapsed("workdays", "Done", "Done", BERLIN)))
    assert isinstance(gap, Gap)
    assert "none of 1 record has workdays from In Progress to Done" in gap.reason
    assert isinstance(done, Reading)
    assert done.value == 1


def test_days_between_two_of_jiras_dates() -> None:
    with serving(make_moving_site(3)) as service:
        reading = one(service, metric("project = WEB", "max", elapsed=Elapsed("days", "created", "updated", BERLIN)))
    assert isinstance(reading, Reading), reading
    assert reading.value == 11

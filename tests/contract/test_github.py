"""The GitHub connector: the contract, and GitHub's own traps, over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.gather import Budget, gather
from connectors.github import Github
from connectors.github_grammar import GithubBody
from connectors.survey import survey
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, StandIn, make_options
from mappings.model import Condition, Elapsed, Filter, Gap, GapKind, Measure, Metric, Query, Reading, Window
from sandbox.clock import Clock
from sandbox.server import Server
from sandbox.wire import Fault
from tests.contract.stand_in import SandboxStandIn
from tests.support.github_site import GithubSite, Repo

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def make_web() -> Repo:
    """230 bugs, each open for six minutes more than whole hours; a few pull requests, releases, runs, milestones."""
    web = Repo("acme/web")
    for number in range(230):
        closed = None if number % 10 == 9 else f"2026-10-{number % 28 + 1:02}T09:06:00Z"
        labels = ["bug", *(["größe 🚀"] if number < 3 else []), *(["漢字"] if number in {3, 4} else [])]
        web.issue(f"2026-10-{number % 28 + 1:02}T09:00:00Z", closed, labels=labels,
                  reason="not_planned" if number in {0, 1} else "completed" if closed else None)  # fmt: skip
    web.issue("2026-09-01T00:00:00Z", labels=["Feature"], milestone="2.0", author="Bob", assignees=["ann", "bob"])
    # merged on Friday 23:00, Monday 01:00 and Monday 12:00 in Berlin (CET); one was closed, one is a draft
    web.issue("2026-11-06T22:00:00Z", merged="2026-11-06T22:30:00Z")
    web.issue("2026-11-06T22:00:00Z", merged="2026-11-09T00:00:00Z", labels=["bug"], milestone="2.0")
    web.issue("2026-11-06T10:00:00Z", merged="2026-11-09T11:00:00Z", author="dependabot[bot]")
    web.issue("2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z", pull=True)
    web.issue("2026-11-03T10:00:00Z", pull=True, draft=True)
    for number in range(3):
        web.release(f"v{number}", f"2026-1{number % 2}-01T10:00:00Z", prerelease=number == 2)
    web.release("v9", None)
    for number in range(20):
        day = f"2026-11-{number + 1:02}"
        web.run(f"{day}T10:00:00Z", f"{day}T10:{number + 1:02}:30Z", "failure" if number % 5 == 0 else "success",
                branch="main" if number < 15 else "dev")  # fmt: skip
    web.run("2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z", None)
    web.run("2026-11-21T10:00:00Z", "2026-11-21T10:05:00Z", workflow="Nightly", path=".github/workflows/nightly.yml")
    web.workflows = [
        {"id": 1, "name": "CI", "path": ".github/workflows/ci.yml", "state": "active"},
        {"id": 2, "name": "Nightly", "path": ".github/workflows/nightly.yml", "state": "active"},
    ]
    web.milestone("2.0", 3, 9, due="2026-12-01T00:00:00Z")
    web.milestone("1.0", 0, 8, state="closed")
    web.milestone("empty", 0, 0)
    web.labels = [{"name": "bug", "description": "Something is broken"}, {"name": "Feature", "description": None}]
    return web


def is_(field: str, *values: str, op: str = "") -> Condition:
    return Condition(field, op or ("in" if len(values) > 1 else "="), values)


def metric(
    measure: str = "count",
    field: str | None = None,
    *only: Condition,
    list: str = "issues",  # noqa: A002
    window: Window | None = None,
    of: tuple[Condition, ...] = (),
    elapsed: Elapsed | None = None,
    **body: Any,
) -> Metric:
    query = Query("github", GithubBody(list, **body), Filter(only, window))
    return Metric(query, Measure(measure, field, of=of, elapsed=elapsed))


def within(field: str, start: datetime, end: datetime) -> Window:
    return Window(field, start, end)


NOVEMBER = {"start": datetime(2026, 11, 1, tzinfo=BERLIN), "end": datetime(2026, 12, 1, tzinfo=BERLIN)}


class TestGithub(ConnectorContract):
    factory = Github()
    exact = Case(metric("sum", "hours_to_close"), Decimal("20.7"))
    paged = Case(metric("distinct", "number"), Decimal(231))
    unicode = Case(metric("count", None, is_("labels", "größe 🚀", "漢字")), Decimal(5))
    none = metric("avg", "hours_to_close", is_("labels", "nobody"))
    no_records = Case(metric("count", None, is_("labels", "nobody")), Decimal(0))
    missing_field = (metric("sum", "hours_to_clse"), "hours_to_clse")
    broken = metric(search="is:nonsense")
    budget = ((metric(), metric("sum", "hours_to_close"), metric("count", None, is_("labels", "bug")),
               metric("percent_done"), metric("share", None, of=(is_("labels", "bug"),))), 7)  # fmt: skip
    bad_options = (
        ({"url": "github"}, "url"),
        ({"repo": "web"}, "repo"),
        ({"repo": ["acme/web", "acme/../x"]}, "repo"),
        ({"searches": 0}, "searches"),
    )

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with Server(service := GithubSite(make_web())):
            yield SandboxStandIn(service)
        assert service.failures == []

    def options(self, url: str) -> dict[str, Any]:
        return {"url": url, "repo": "acme/web", "token": "env:SOURCE_TOKEN"}


@contextmanager
def serving(*repos: Repo, **more: Any) -> Iterator[GithubSite]:
    with Server(site := GithubSite(*(repos or (make_web(),)), clock=Clock(NOW), **more)):
        yield site
    assert site.failures == []


def connect(site: GithubSite, time: FakeTime, **options: Any) -> Any:
    written = {"url": f"{site.url}{site.prefix}", "repo": "acme/web", "token": "env:SOURCE_TOKEN", **options}
    around = replace(time.around(), timezone="Europe/Berlin")
    return Github().make("github", make_options(Github(), written, {"SOURCE_TOKEN": TOKEN}), around)


def ask(site: GithubSite, *metrics: Metric, time: FakeTime | None = None, budget: Budget | None = None,
        **options: Any) -> list[Any]:  # fmt: skip
    time = time or FakeTime(NOW)
    connector = connect(site, time, **options)
    try:
        found = gather(metrics, {"github": connector}, budget=budget or Budget(), around=time.around())
    finally:
        connector.close()
    return [found[one] for one in metrics]


def value(site: GithubSite, one: Metric, **options: Any) -> Decimal:
    [outcome] = ask(site, one, **options)
    assert isinstance(outcome, Reading), outcome
    return outcome.value


def gap(site: GithubSite, one: Metric, **options: Any) -> Gap:
    [outcome] = ask(site, one, **options)
    assert isinstance(outcome, Gap), outcome
    return outcome


def used_up(time: FakeTime, seconds: int) -> dict[str, str]:
    return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.now().timestamp()) + seconds)}


class TestCounts:
    @pytest.mark.parametrize(
        ("only", "count"),
        [
            ((), 231),
            ((is_("state", "open"),), 24),
            ((is_("state", "open", op="!="),), 207),
            ((is_("labels", "bug"), is_("labels", "漢字")), 2),
            ((is_("labels", "BUG"),), 230),
            ((is_("labels", "bug", op="!="),), 1),
            ((is_("reason", "not_planned"),), 2),
            ((is_("author", "bob"),), 1),
            ((is_("assignees", "bob"), is_("milestone", "2.0")), 1),
            ((is_("milestone", "2.0", op="!="),), 230),
            ((is_("created", "2026-10-01"),), 9),
            ((is_("created", "2026-10-01", op=">="), is_("created", "2026-10-03", op="<")), 18),
            ((is_("closed", "2026-10-01", op="<="),), 9),
        ],
    )
    def test_one_call_counts(self, only: tuple[Condition, ...], count: int) -> None:
        with serving() as site:
            assert value(site, metric("count", None, *only)) == count
            assert len(site.requests) == 1
            assert site.requests[0].query["per_page"] == ["1"]

    @pytest.mark.parametrize(
        ("only", "count"),
        [
            ((is_("number", "100", op="<="),), 100),
            ((is_("author", "bob", "ann"),), 231),
            ((is_("labels", 'a"b'),), 0),
            ((is_("labels", "FEATURE", 'a"b'),), 1),
            ((is_("comments", "0"),), 231),
        ],
    )
    def test_what_github_cannot_judge_exactly_is_judged_here(self, only: tuple[Condition, ...], count: int) -> None:
        with serving() as site:
            assert value(site, metric("count", None, *only)) == count
            assert len(site.requests) == (3 if count else len(site.requests))

    def test_both_ways_of_counting_agree(self) -> None:
        """The same conditions by GitHub's count, and by records (a condition that changes nothing forces them)."""
        conditions = [is_("labels", "bug"), is_("state", "closed"), is_("author", "ANN"), is_("milestone", "2.0")]
        with serving() as site:
            for each in conditions:
                counted, judged = ask(
                    site, metric("count", None, each), metric("count", None, each, is_("comments", "0"))
                )
                assert counted.value == judged.value

    def test_shares_take_two_calls_and_keep_their_parts(self) -> None:
        with serving() as site:
            [done] = ask(site, metric("percent_done"))
            assert (done.numerator, done.denominator, done.counted) == (207, 231, 231)
            assert len(site.requests) == 2

    def test_a_share_of_none_is_a_gap(self) -> None:
        with serving() as site:
            assert gap(site, metric("percent_done", None, is_("labels", "nobody"))).kind is GapKind.EMPTY

    @pytest.mark.parametrize(("state", "count"), [("open", 1), ("merged", 3), ("closed", 1)])
    def test_a_pull_request_is_open_merged_or_closed(self, state: str, count: int) -> None:
        with serving() as site:
            one = metric("count", None, is_("state", state), list="pulls")
            assert ask(site, one)[0].value == count
            assert value(site, replace(one, measure=Measure("distinct", "number"))) == count

    def test_a_pull_request_is_done_when_it_is_merged(self) -> None:
        with serving() as site:
            assert value(site, metric("percent_done", None, list="pulls")) == Decimal(3) / 5

    def test_an_app_is_an_author_too(self) -> None:
        with serving() as site:
            assert value(site, metric("count", None, is_("author", "dependabot[bot]"), list="pulls")) == 1

    def test_windows_are_half_open_in_the_companys_zone(self) -> None:
        web = Repo("acme/web")
        for moment in ("2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z", "2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z"):
            web.issue(moment)
        with serving(web) as site:
            one = metric(window=within("created", **NOVEMBER))
            assert value(site, one) == 2
            assert value(site, replace(one, measure=Measure("distinct", "number"))) == 2
            assert "created:2026-10-31T23:00:00Z..2026-11-30T22:59:59Z" in site.requests[0].query["q"][0]

    def test_several_repositories_are_asked_one_by_one(self) -> None:
        api = Repo("acme/api")
        api.issue("2026-10-01T00:00:00Z")
        with serving(make_web(), api) as site:
            assert value(site, metric(), repo=["acme/web", "acme/api"]) == 232
            assert value(site, metric(repos=("acme/api",))) == 1
            assert [each.query["q"][0].split()[0] for each in site.requests] == [
                "repo:acme/web", "repo:acme/api", "repo:acme/api"]  # fmt: skip

    def test_a_search_with_or_keeps_its_meaning_beside_the_rest(self) -> None:
        with serving() as site:
            assert value(site, metric("count", None, is_("state", "open"), search="label:漢字 OR label:Feature")) == 1

    def test_incomplete_results_are_no_number(self) -> None:
        with serving() as site:
            site.incomplete = True
            counted, listed = ask(site, metric(), metric("distinct", "number"))
        for found in (counted, listed):
            assert (found.kind, found.doubted) == (GapKind.DOUBT, 231)
            assert "may not be all" in found.reason


class TestLists:
    def test_more_than_a_thousand_can_be_counted_and_not_listed(self) -> None:
        big = Repo("acme/web")
        for _ in range(1001):
            big.issue("2026-10-01T00:00:00Z")
        with serving(big) as site:
            counted, listed = ask(site, metric(), metric("distinct", "number"))
            assert counted.value == 1001
            assert listed.kind is GapKind.MISREAD
            assert "finds 1,001 records and lists no more than the first 1,000" in listed.reason
            assert "shorter within" in listed.fix
            assert len(site.requests) == 2
            time = FakeTime(NOW)
            checked = survey([metric()], {"github": connect(site, time)}, budget=Budget(), around=time.around())
            assert isinstance(checked.outcomes[metric()], Reading)

    def test_a_thousand_are_listed(self) -> None:
        big = Repo("acme/web")
        for _ in range(1000):
            big.issue("2026-10-01T00:00:00Z")
        with serving(big) as site:
            assert value(site, metric("distinct", "number")) == 1000
            assert len(site.requests) == 10

    def test_hours_to_merge(self) -> None:
        with serving() as site:
            found = ask(site, *(metric(name, "hours_to_merge", list="pulls") for name in ("min", "median", "max")))
        assert [each.value for each in found] == [Decimal("0.5"), Decimal(50), Decimal(73)]
        assert found[0].left_out == 2

    def test_work_hours_leave_the_weekend_out_in_the_companys_zone(self) -> None:
        """Friday 23:00 to Monday 01:00 in Berlin is 2 hours; from Friday 11:00 to Monday 12:00 it is 13 + 12."""
        with serving() as site:
            measures = [metric(name, "workhours_to_merge", list="pulls") for name in ("min", "median", "max")]
            assert [each.value for each in ask(site, *measures)] == [Decimal("0.5"), Decimal(2), Decimal(25)]

    def test_workdays_between_opened_and_merged(self) -> None:
        elapsed = Elapsed("workdays", "Opened", "Merged", BERLIN)
        with serving() as site:
            found = ask(site, *(metric(name, elapsed=elapsed, list="pulls") for name in ("min", "max")))
        assert [each.value for each in found] == [1, 2]

    def test_releases_without_drafts(self) -> None:
        with serving() as site:
            assert value(site, metric(list="releases")) == 3
            assert value(site, metric("count", None, is_("prerelease", "no"), list="releases")) == 2
            assert value(site, metric(list="releases", window=within("published", **NOVEMBER))) == 1

    def test_the_share_of_green_runs_and_their_minutes(self) -> None:
        only = (is_("status", "completed"),)
        green = metric(
            "share", None, *only, list="runs", workflow="ci.yml", branch="main", of=(is_("conclusion", "success"),)
        )
        with serving() as site:
            [share, slow] = ask(site, green, replace(green, measure=Measure("median", "minutes")))
            assert (share.numerator, share.denominator) == (12, 15)
            assert slow.value == Decimal("8.5")
            assert len(site.requests) == 1
            assert site.requests[0].query["status"] == ["completed"]

    def test_runs_within_a_window(self) -> None:
        window = within("created", datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))
        with serving() as site:
            assert value(site, metric(list="runs", window=window)) == 2
            assert "created" in site.requests[0].query

    def test_a_thousand_runs_may_be_more(self) -> None:
        busy = Repo("acme/web")
        for _ in range(1000):
            busy.run("2026-11-01T00:00:00Z", "2026-11-01T00:01:00Z")
        with serving(busy) as site:
            assert "lists no more than the first 1,000" in gap(site, metric(list="runs", branch="main")).reason
            assert value(site, metric(list="runs")) == 1000

    def test_a_repositorys_whole_past_is_not_read(self) -> None:
        page = {"total_count": 10_000, "workflow_runs": []}
        with serving() as site:
            site.faults.add(Fault(status=200, body=page))
            assert "more than 10,000 aren't read" in gap(site, metric(list="runs")).reason
            assert len(site.requests) == 1

    def test_milestones_and_their_progress(self) -> None:
        named = is_("title", "2.0")
        with serving() as site:
            found = ask(
                site, metric("max", "progress", named, list="milestones"), metric("percent_done", list="milestones")
            )
            assert found[0].value == Decimal(9) / 12
            assert (found[1].numerator, found[1].denominator) == (1, 3)
            empty = gap(site, metric("max", "progress", is_("title", "empty"), list="milestones"))
            assert empty.kind is GapKind.EMPTY

    def test_samples_lead_to_their_pages(self) -> None:
        with serving() as site:
            [found] = ask(site, metric("max", "progress", is_("title", "2.0"), list="milestones"))
        assert (found.samples[0].id, found.samples[0].title) == ("acme/web#1", "2.0")
        assert found.samples[0].link == "https://github.com/acme/web/milestone/1"


class TestRefusals:
    def test_the_search_limit_is_kept_and_never_met(self) -> None:
        """65 counts at 30 a minute, all at once where the minute has room; the site would refuse the 31st."""
        time = FakeTime(NOW)
        with serving(timer=time.monotonic) as site:
            found = ask(site, *(metric(search=f"word{n}") for n in range(65)), time=time)
            assert {each.value for each in found} == {0}
            assert {each.status for each in site.requests} == {200}
            assert 120 <= time.monotonic() < 130

    def test_a_limit_that_somebody_else_used_up_is_waited_out(self) -> None:
        """By the server's own Date."""
        time = FakeTime(NOW)
        with serving() as site:
            site.faults.add(Fault(status=403, headers=used_up(time, 40), body={"message": "API rate limit exceeded"}))
            assert value(site, metric(), time=time) == 231
            assert 35 <= sum(time.slept) < 45

    @pytest.mark.parametrize("status", [403, 429])
    @pytest.mark.parametrize(("retry_after", "wait"), [("90", 90), (None, 60)])
    def test_a_secondary_limit_is_waited_out(self, status: int, retry_after: str | None, wait: int) -> None:
        time = FakeTime(NOW)
        said = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
        with serving() as site:
            site.faults.add(Fault(status=status, body=said, retry_after=retry_after))
            assert value(site, metric(), time=time) == 231
            assert wait <= sum(time.slept) < wait + 5

    def test_an_hour_is_not_waited_for(self) -> None:
        time = FakeTime()
        with serving() as site:
            said = {"message": "API rate limit exceeded for user ID 1."}
            site.faults.add(Fault(status=403, headers=used_up(time, 3000), body=said, times=None))
            found = gap(site, metric(), time=time)
            assert found.kind is GapKind.UNAVAILABLE
            assert "(403, rate limit)" in found.reason
            assert (len(site.requests), time.slept) == (1, [])

    def test_a_token_without_a_right(self) -> None:
        with serving() as site:
            site.no_actions = True
            found = gap(site, metric(list="runs"))
        assert found.kind is GapKind.REFUSED
        assert "not accessible by personal access token" in found.reason
        assert "Actions" in found.fix
        assert "env:SOURCE_TOKEN" in found.fix

    def test_single_sign_on(self) -> None:
        said = {"message": "Resource protected by organization SAML enforcement."}
        with serving() as site:
            site.faults.add(Fault(status=403, body=said))
            assert "single sign-on" in gap(site, metric()).fix

    @pytest.mark.parametrize(
        ("list_", "reason"), [("issues", "cannot be searched"), ("releases", "knows no acme/secret")]
    )
    def test_a_private_repository_is_as_if_it_were_not_there(self, list_: str, reason: str) -> None:
        with serving() as site:
            found = gap(site, metric(list=list_), repo="acme/secret")
        assert found.kind is GapKind.REFUSED
        assert reason in found.reason
        assert "env:SOURCE_TOKEN" in found.fix

    def test_a_workflow_that_is_not_there(self) -> None:
        with serving() as site:
            assert "no workflow nope.yml in acme/web" in gap(site, metric(list="runs", workflow="nope.yml")).reason

    def test_without_a_repository_nothing_is_asked(self) -> None:
        with serving() as site:
            assert "repo: owner/name" in gap(site, metric(), repo=[]).fix
            assert site.requests == []

    def test_a_next_page_elsewhere_is_not_asked(self) -> None:
        page = {"total_count": 300, "incomplete_results": False, "items": []}
        with serving() as site:
            site.faults.add(Fault(status=200, body=page, headers={"Link": '<https://evil.example/2>; rel="next"'}))
            found = gap(site, metric("distinct", "number"))
            assert "another host (evil.example)" in found.reason
            assert len(site.requests) == 1

    def test_a_page_that_comes_again_ends_the_list(self) -> None:
        with serving() as site:
            link = {"Link": f'<{site.url}/search/issues?page=2>; rel="next"'}
            page = {"total_count": 1, "incomplete_results": False, "items": []}
            site.faults.add(Fault(status=200, body=page, headers=link, times=None))
            assert "same page twice" in gap(site, metric("distinct", "number")).reason

    @pytest.mark.parametrize("body", [{}, {"total_count": None, "items": []}, {"total_count": 1, "items": "no"}, []])
    def test_an_answer_of_another_shape_is_no_number(self, body: Any) -> None:
        with serving() as site:
            site.faults.add(Fault(status=200, body=body, times=None))
            assert gap(site, metric("distinct", "number")).kind is GapKind.MISREAD


def test_an_enterprise_server_has_its_api_below_its_own_address() -> None:
    with serving(prefix="/api/v3") as site:
        assert value(site, metric()) == 231
        assert site.requests[0].path == "/api/v3/search/issues"


def test_the_token_goes_with_every_request_and_the_version_too() -> None:
    with serving() as site:
        value(site, metric("distinct", "number"))
        assert {each.headers["X-Github-Api-Version"] for each in site.requests} == {"2022-11-28"}
        assert len(site.requests) == 3


class TestDiscover:
    def test_lists_labels_milestones_and_workflows(self) -> None:
        with serving() as site:
            found = connect(site, FakeTime(NOW)).discover()
            listed = {each.title: each.items for each in found.listings}
            assert [item.name for item in listed["Labels of acme/web"]] == ["bug", "Feature"]
            assert listed["Milestones of acme/web"][0].note == "9 of 12 closed, due 2026-12-01"
            assert [item.id for item in listed["Workflows of acme/web"]] == ["ci.yml", "nightly.yml"]
            assert len(site.requests) == 3

    def test_the_mapping_that_it_prints_works(self) -> None:
        from mappings.evaluate import expand
        from mappings.resolve import resolve
        from okr.model import Cycle
        from tests.unit.okr_rows import key_result

        with serving() as site:
            text = "key_results:\n" + "".join(f"  {line}\n" for line in connect(site, FakeTime(NOW)).discover().mapping)
            mappings, problems = resolve({"m.yaml": text}, {"github": Github.grammar})
            assert problems == ()
            assert len(mappings.key_results) == 3
            cycle = Cycle("2026-Q4", NOW.date().replace(month=10), NOW.date().replace(month=12))
            for id_, mapping in mappings.key_results.items():
                [one] = expand(mapping, key_result(id_), cycle, NOW, BERLIN).metrics
                assert isinstance(ask(site, one)[0], Reading), id_

    def test_without_actions_the_rest_is_listed(self) -> None:
        with serving() as site:
            site.no_actions = True
            listed = {each.title: each for each in connect(site, FakeTime(NOW)).discover().listings}
        assert "not listed" in listed["Workflows of acme/web"].note
        assert listed["Labels of acme/web"].items

    def test_without_a_repository_it_lists_those_that_the_token_sees(self) -> None:
        with serving() as site:
            [only] = connect(site, FakeTime(NOW), repo=[]).discover().listings
        assert [item.name for item in only.items] == ["acme/web"]
        assert only.note == "write one as sources.github.repo"

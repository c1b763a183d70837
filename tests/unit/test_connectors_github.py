"""GitHub without GitHub: searches as text, records out of answers, hours, limits, links, what a query may say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.github import Github
from connectors.github_grammar import GithubBody, GithubGrammar
from connectors.github_lists import FIELDS, make_record, work_seconds
from connectors.github_reply import limit_wait
from connectors.github_search import check_search, compile_search, escape, keeps, quote, render_range
from mappings.grammar import QueryMistake
from mappings.model import Condition, Elapsed, Filter, Measure, Query, Record, Window
from tests.support.github_search import parse
from tests.support.github_site import Repo

BERLIN = ZoneInfo("Europe/Berlin")
LABELS = ("bug", "Größe 🚀", "in progress", "漢字")


def condition(field: str, op: str, *values: str) -> Condition:
    return Condition(field, op, values)


@pytest.mark.parametrize(
    ("list_", "one", "text"),
    [
        ("issues", condition("state", "=", "open"), "is:issue is:open"),
        ("pulls", condition("state", "=", "closed"), "is:pr is:closed is:unmerged"),
        ("pulls", condition("state", "!=", "merged"), "is:pr -is:merged"),
        ("issues", condition("labels", "=", "in progress"), 'is:issue label:"in progress"'),
        ("issues", condition("labels", "in", "a", "b c"), 'is:issue label:"a","b c"'),
        ("issues", condition("labels", "!=", "bug"), 'is:issue -label:"bug"'),
        ("issues", condition("reason", "=", "not_planned"), 'is:issue reason:"not planned"'),
        ("pulls", condition("author", "=", "dependabot[bot]"), "is:pr author:app/dependabot"),
        ("pulls", condition("draft", "=", "no"), "is:pr draft:false"),
        (
            "issues",
            condition("created", "=", "2026-10-01"),
            "is:issue created:2026-10-01T00:00:00Z..2026-10-01T23:59:59Z",
        ),
        ("issues", condition("created", ">", "2026-10-01"), "is:issue created:>=2026-10-02T00:00:00Z"),
        ("pulls", condition("merged", "<=", "2026-10-01"), "is:pr merged:<2026-10-02T00:00:00Z"),
    ],
)
def test_a_condition_is_a_qualifier(list_: str, one: Condition, text: str) -> None:
    found = compile_search(list_, "", Filter((one,)))
    assert found.text == text
    assert found.is_exact


@pytest.mark.parametrize(
    ("list_", "one"),
    [
        ("pulls", condition("state", "!=", "closed")),
        ("issues", condition("state", "=", "Open")),
        ("issues", condition("labels", "=", 'a"b')),
        ("issues", condition("labels", "=", "a,b")),
        ("issues", condition("author", "in", "ann", "bob")),
        ("issues", condition("reason", "=", "whatever")),
        ("issues", condition("title", "=", "A bug")),
        ("issues", condition("comments", ">=", "3")),
        ("issues", condition("created", ">=", "2026-10-01T10:00:00Z")),
        ("issues", condition("created", "!=", "2026-10-01")),
        ("issues", condition("milestone", "=", " ")),
    ],
)
def test_what_github_may_understand_otherwise_is_not_asked(list_: str, one: Condition) -> None:
    found = compile_search(list_, "", Filter((one,)))
    assert found.text in {"is:issue", "is:pr"}
    assert found.rest == Filter((one,))


@pytest.mark.parametrize(
    ("search", "only", "text", "rest"),
    [
        ("author:ann", (condition("author", "=", "bob"),), "is:issue author:ann", 1),
        ("is:open", (condition("state", "=", "closed"),), "is:issue is:open", 1),
        ("", (condition("state", "=", "open"), condition("state", "=", "closed")), "is:issue", 2),
        ("label:a", (condition("labels", "=", "b"),), 'is:issue label:a label:"b"', 0),
        ("created:>2026-01-01", (), "is:issue created:>2026-01-01", 0),
    ],
)
def test_no_field_is_named_twice(search: str, only: tuple[Condition, ...], text: str, rest: int) -> None:
    found = compile_search("issues", search, Filter(only))
    assert (found.text, len(found.rest.conditions), found.is_exact) == (text, rest, rest == 0)


def test_a_window_over_a_date_that_the_search_names_is_judged_here() -> None:
    window = Window("created", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    found = compile_search("issues", "created:>2026-01-01", Filter((), window))
    assert (found.text, found.rest.window, found.is_exact) == ("is:issue created:>2026-01-01", window, False)


issues = st.builds(
    lambda labels, author, closed, reason: {"labels": labels, "author": author, "closed": closed, "reason": reason},
    st.lists(st.sampled_from(LABELS), max_size=2, unique=True),
    st.sampled_from(["ann", "Bob", "robot[bot]"]),
    st.sampled_from([None, "2026-10-02T00:00:00Z"]),
    st.sampled_from(["completed", "not_planned"]),
)
conditions = st.one_of(
    st.builds(Condition, st.just("labels"), st.sampled_from(["=", "!="]), st.tuples(st.sampled_from((*LABELS, "BUG")))),
    st.builds(
        lambda two: Condition("labels", "in", tuple(two)), st.lists(st.sampled_from(LABELS), min_size=1, max_size=3)
    ),
    st.builds(
        Condition, st.just("author"), st.sampled_from(["=", "!="]), st.tuples(st.sampled_from(["ANN", "robot[bot]"]))
    ),
    st.builds(
        Condition, st.just("state"), st.sampled_from(["=", "!="]), st.tuples(st.sampled_from(["open", "closed"]))
    ),
    st.builds(Condition, st.just("reason"), st.just("="), st.tuples(st.sampled_from(["completed", "not_planned"]))),
    st.builds(
        Condition,
        st.sampled_from(["created", "closed"]),
        st.sampled_from(["=", "<", "<=", ">", ">=", "!=", "in"]),
        st.tuples(st.sampled_from(["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03"])),
    ),
)


@given(issues, st.lists(conditions, max_size=3))
def test_what_is_sent_means_what_is_judged(issue: dict[str, Any], some: list[Condition]) -> None:
    """GitHub's search, as its documentation tells it, finds an issue exactly where the conditions hold."""
    closed, reason = issue["closed"], issue["reason"]
    named = {"labels": issue["labels"], "author": issue["author"], "reason": reason if closed else None}
    made = Repo("acme/web").issue("2026-10-01T00:00:00Z", closed, **named)
    record, only = make_record("issues", made, UTC), Filter(tuple(some))
    found = compile_search("issues", "", only)
    assert (parse(found.text)(made) and keeps(record, found.rest)) is keeps(record, only)


YEAR = (datetime(2026, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001 - drawn with a zone
moments = st.datetimes(*YEAR, timezones=st.sampled_from([UTC, BERLIN]))


@given(moments, moments, moments)
def test_a_range_holds_what_the_window_holds(start: datetime, end: datetime, moment: datetime) -> None:
    if end.astimezone(UTC) <= start.astimezone(UTC):
        return
    moment = moment.astimezone(UTC).replace(microsecond=0)
    first, last = map(datetime.fromisoformat, render_range(Window("created", start, end)).split(".."))
    assert (first <= moment <= last) is (start <= moment < end)


@given(st.text(max_size=20))
def test_no_value_leaves_its_literal(text: str) -> None:
    assert '"' not in escape(text)
    whole = quote(text)
    assert (whole.startswith('"') and whole.endswith('"') and whole.count('"') == 2) or whole.replace(
        "@", "").replace("/", "").replace(".", "").replace("-", "").replace("_", "").isalnum()  # fmt: skip


@pytest.mark.parametrize(
    ("text", "list_", "said", "at"),
    [
        ('label:"in progress', "issues", "never closed", 6),
        ("(label:a", "issues", "never closed", 0),
        ("label:a)", "issues", "nothing was opened", 7),
        ("label:a is:pr", "issues", "issues are no pulls", 8),
    ],
)
def test_a_search_that_cannot_be_right(text: str, list_: str, said: str, at: int) -> None:
    with pytest.raises(QueryMistake, match=said) as caught:
        check_search(text, list_)
    assert caught.value.offset == at


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        ("2026-11-06T22:00:00Z", "2026-11-09T00:00:00Z", 2),  # Friday 23:00 to Monday 01:00 in Berlin
        ("2026-11-07T10:00:00Z", "2026-11-08T10:00:00Z", 0),  # within a weekend
        (
            "2026-10-23T12:00:00Z",
            "2026-10-26T12:00:00Z",
            23,
        ),  # Friday 14:00 to Monday 13:00, the clocks go back on Sunday
        ("2026-11-02T00:00:00Z", "2026-11-02T00:00:00Z", 0),
    ],
)
def test_work_hours_leave_out_weekends(first: str, last: str, hours: int) -> None:
    found = work_seconds(datetime.fromisoformat(first), datetime.fromisoformat(last), BERLIN)
    assert found == hours * 3600


@given(moments, moments)
def test_work_hours_are_never_more_than_hours(first: datetime, last: datetime) -> None:
    first, last = sorted((first.astimezone(UTC), last.astimezone(UTC)))
    worked = work_seconds(first, last, BERLIN)
    assert 0 <= worked <= Decimal(str((last - first) / timedelta(seconds=1))) + Decimal("0.001")


def test_every_field_is_made_by_somebody() -> None:
    repo = Repo("acme/web")
    repo.issue("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", labels=["a"], assignees=["b"], milestone="2.0")
    pull = repo.issue(
        "2026-10-01T00:00:00Z", merged="2026-10-02T00:00:00Z", labels=["a"], assignees=["b"], milestone="2"
    )
    repo.release("v1", "2026-10-02T00:00:00Z")
    repo.run("2026-10-01T00:00:00Z", "2026-10-01T00:03:00Z")
    repo.milestone("2.0", 1, 1, due="2026-10-02T00:00:00Z")
    repo.milestones[0]["closed_at"] = "2026-10-02T00:00:00Z"
    repo.issues[0]["type"] = {"name": "Bug"}
    made = {"issues": repo.issues[0], "pulls": pull, "releases": repo.releases[0], "runs": repo.runs[0],
            "milestones": repo.milestones[0]}  # fmt: skip
    for list_, found in made.items():
        record = make_record(list_, found, UTC)
        assert set(record.fields) == set(FIELDS[list_])
        assert record.id.startswith("acme/web#")
        assert record.link


@pytest.mark.parametrize(
    ("headers", "said", "wait"),
    [
        ({"Retry-After": "30"}, "", 30),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795338040"}, "", 40),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795330000"}, "", 1),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, "API rate limit exceeded", 60),
        ({}, "You have exceeded a secondary rate limit.", 60),
        ({"X-RateLimit-Remaining": "12"}, "Resource not accessible", None),
    ],
)
def test_how_long_a_refusal_lasts(headers: dict[str, str], said: str, wait: float | None) -> None:
    assert limit_wait(headers, said, datetime.fromtimestamp(1795338000, UTC)) == wait


@pytest.mark.parametrize(
    ("body", "measure", "said"),
    [
        (GithubBody("pulls"), Measure("median", "hours_to_mrge"), "Did you mean “hours_to_merge”?"),
        (GithubBody("runs"), Measure("percent_done"), "Nobody closes runs"),
        (GithubBody("runs"), Measure("avg", elapsed=Elapsed("workdays", "a", "b")), "doesn't tell when their status"),
        (GithubBody("pulls"), Measure("avg", elapsed=Elapsed("workdays", "In Progress", "merged")), "opened, merged"),
        (GithubBody("pulls"), Measure("avg", elapsed=Elapsed("workdays", "Opened", "Merged")), None),
        (GithubBody("pulls"), Measure("avg", elapsed=Elapsed("days", "created", "merged")), None),
        (GithubBody("milestones"), Measure("percent_done"), None),
        (GithubBody("issues"), Measure("share", of=(Condition("merged", "=", ("x",)),)), "no field “merged”"),
    ],
)
def test_what_can_be_measured(body: GithubBody, measure: Measure, said: str | None) -> None:
    found = GithubGrammar().check_use(body, Filter(), measure)
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize(
    ("list_", "field", "value", "said"),
    [
        ("issues", "state", "Open", "one of open, closed, never “Open”"),
        ("issues", "state", "merged", "one of open, closed"),
        ("pulls", "state", "merged", None),
        ("issues", "reason", "not planned", "reason not_planned"),
        ("runs", "conclusion", "Success", "conclusion success"),
        ("runs", "conclusion", "succes", "conclusion success"),
        ("runs", "conclusion", "something_new", None),
        ("issues", "labels", "Open", None),
    ],
)
def test_a_value_that_no_record_ever_has(list_: str, field: str, value: str, said: str | None) -> None:
    """In a condition, and in a share, where it would be a silent 0 %."""
    one = Condition(field, "in", (value,))
    for only, measure in ((Filter((one,)), Measure("count")), (Filter(), Measure("share", of=(one,)))):
        found = GithubGrammar().check_use(GithubBody(list_), only, measure)
        assert found is None if said is None else said in str(found)


def test_a_window_looks_at_a_date() -> None:
    window = Window("labels", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    said = GithubGrammar().check_use(GithubBody("issues"), Filter((), window), Measure("count"))
    assert said == "“labels” is no date; a window of issues looks at one of closed, created, updated."


@pytest.mark.parametrize(
    ("written", "body", "link"),
    [
        ({"repo": "acme/web"}, GithubBody("issues", "label:a"), "https://github.com/acme/web/issues?q=is%3Aissue+label%3Aa"),
        ({"repo": "acme/web"}, GithubBody("pulls"), "https://github.com/acme/web/pulls?q=is%3Apr"),
        (
            {"repo": ["acme/web", "acme/api"]},
            GithubBody("pulls"),
            "https://github.com/search?q=repo%3Aacme%2Fweb+repo%3Aacme%2Fapi+is%3Apr&type=pullrequests",
        ),
        ({"repo": "acme/web"}, GithubBody("runs", workflow="ci.yml", branch="main"),
         "https://github.com/acme/web/actions/workflows/ci.yml?query=branch%3Amain"),
        ({"repo": "acme/web", "url": "https://git.acme.example/api/v3"}, GithubBody("releases"),
         "https://git.acme.example/acme/web/releases"),
        ({"repo": "acme/web", "url": "https://api.acme.ghe.com"}, GithubBody("milestones"),
         "https://acme.ghe.com/acme/web/milestones"),
        ({"repo": ["acme/web", "acme/api"]}, GithubBody("releases"), None),
    ],
)  # fmt: skip
def test_where_people_look(written: dict[str, Any], body: GithubBody, link: str | None) -> None:
    options = Github().options_form().model_validate({"token": "env:T", **written})
    assert Github().make_link(options, Query("github", body)) == link  # type: ignore[arg-type]


def test_names_compare_as_github_compares_them_and_texts_exactly() -> None:
    record = Record("1", {"labels": ("Bug",), "title": "Bug"})
    assert keeps(record, Filter((Condition("labels", "=", ("bUG",)),)))
    assert not keeps(record, Filter((Condition("title", "=", ("bug",)),)))

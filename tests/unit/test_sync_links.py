"""Where Source leads: addresses out of options and queries, and when they are written."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.airtable import Airtable
from connectors.airtable_grammar import TableBody
from connectors.jira import Jira
from connectors.jira_grammar import JqlBody
from mappings.model import Condition, Filter, Measure, Metric, Query, Window
from sync.links import MAX_LINK, check_link, find_links
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry
from sync.sheet.ledger_text import parse_entry
from sync.sheet.merge import unlearn
from sync.standings import Asked
from tests.unit.sync_plans import A, asked_of, plan_of
from tests.unit.sync_sheets import HEAD, NOW, TODAY, kr, ledger_tab

SITE = "https://acme.atlassian.net"


def jira(**more):
    written = {"url": SITE, "email": "ann@acme.example", "token": "env:JIRA_TOKEN", **more}
    return Jira().options_form().model_validate(written)


def airtable():
    return Airtable().options_form().model_validate({"base": "appAcmeSales00001", "token": "env:AIRTABLE_TOKEN"})


def jql_of(link):
    parts = urlsplit(link)
    assert (f"{parts.scheme}://{parts.netloc}{parts.path}", parts.fragment) == (f"{SITE}/issues/", "")
    return parse_qs(parts.query, strict_parsing=True)["jql"][0]


def test_jira_opens_the_search_that_is_counted():
    window = Window("created", datetime(2026, 9, 28, tzinfo=UTC), datetime(2026, 12, 28, tzinfo=UTC))
    only = Filter((Condition("Story Points", ">", ("3",)),), window)
    query = Query("jira", JqlBody('project = WEB AND labels in ("R&D", "50% off", "#1+2") AND summary ~ "ü"'), only)
    link = Jira().make_link(jira(story_points="customfield_10026"), query)
    jql = jql_of(link)
    assert jql.startswith('(project = WEB AND labels in ("R&D", "50% off", "#1+2") AND summary ~ "ü")')
    assert "(cf[10026] > 3)" in jql
    assert "2026-09-28" in jql
    assert "2026-12-28" in jql
    assert check_link(link) == link


def test_a_scoped_token_needs_the_site_that_people_see():
    api = "https://api.atlassian.com/ex/jira/c1"
    query = Query("jira", JqlBody("project = WEB"))
    assert Jira().make_link(jira(url=api), query) is None
    assert jql_of(Jira().make_link(jira(url=api, browse_url=SITE), query)) == "project = WEB"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (TableBody("Deals", "Won"), ""),
        (TableBody("tblDeals000000001", "Won"), "/tblDeals000000001"),
        (TableBody("tblDeals000000001", "viwWon00000000001"), "/tblDeals000000001/viwWon00000000001"),
        (TableBody("Deals", "viwWon00000000001"), ""),
        (TableBody("tbl../../elsewhere"), ""),
    ],
)
def test_airtable_opens_the_view_where_the_mapping_names_ids(body, path):
    link = Airtable().make_link(airtable(), Query("crm", body))
    assert link == f"https://airtable.com/appAcmeSales00001{path}"


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "https://",
        "//acme.example/x",
        "https://ann:secret@acme.example/",
        "https://acme.example/a b",
        "https://acme.example/\nx",
        "https://acme.example/ü",
        "https://[broken/",
        "https://acme.example/" + "x" * MAX_LINK,
    ],
)
def test_other_addresses_than_web_pages_are_no_links(link):
    source = SimpleNamespace(factory=Fixed(link), options=None)
    assert find_links({A: bound("x")}, {"desk": source}) == {}


class Fixed:
    def __init__(self, link):
        self.link = link

    def make_link(self, options, query):
        if isinstance(self.link, Exception):
            raise self.link
        return self.link(query) if callable(self.link) else self.link


def bound(*bodies, source="desk"):
    metrics = tuple(Metric(Query(source, body), Measure("count")) for body in bodies)
    return SimpleNamespace(metrics=metrics)


def test_a_row_that_draws_on_one_page_leads_there_and_on_several_nowhere():
    def page(query):
        return f"https://desk.example/{query.body}"

    sources = {
        "desk": SimpleNamespace(factory=Fixed(page), options=None),
        "broken": SimpleNamespace(factory=Fixed(RuntimeError("a stranger's mistake")), options=None),
        "silent": SimpleNamespace(factory=object(), options=None),
    }
    bounds = {"one": bound("a"), "same": bound("a", "a"), "two": bound("a", "b")}
    bounds |= {name: bound("a", source=name) for name in ("broken", "silent", "unknown")}
    assert find_links(bounds, sources) == {"one": "https://desk.example/a", "same": "https://desk.example/a"}


# When it is written


OLD, NEW = "https://desk.example/?q=1", "https://desk.example/?q=2"


def asked_with(link, value=5) -> Asked:
    return replace(asked_of(A=value), links={A: link} if link else {})


def settled(link, *, refreshed: date = TODAY):
    """A sheet on which a run with this link has been."""
    first = plan_of({Tab.KEY_RESULTS: [kr("A")]}, asked_with(link)).rows[0]
    cells = {write.field: write.value for write in first.cells if not write.note_only}
    return kr("A", **{name.value: value for name, value in cells.items()}), ledger_tab(
        {A: parse_entry(first.line)}, replace(HEAD, refreshed=refreshed), heartbeat=NOW - timedelta(hours=1)
    )


def links_of(plan) -> list[tuple[Field, str]]:
    return [(write.field, write.link) for row in plan.rows for write in row.cells if write.link is not None]


def plan_again(link, asked, **more):
    row, ledger = settled(link, **more)
    return plan_of({Tab.KEY_RESULTS: [row]}, asked, ledger=ledger)


def test_the_first_write_of_source_carries_its_link_and_no_other_cell_does():
    plan = plan_of({Tab.KEY_RESULTS: [kr("A"), kr("M")]}, asked_with(OLD))
    assert links_of(plan) == [(Field.SOURCE, OLD), (Field.SOURCE, "")]


def test_the_same_link_is_never_written_again():
    assert plan_again(OLD, asked_with(OLD)).rows == ()
    assert links_of(plan_again(OLD, asked_with(OLD), refreshed=TODAY - timedelta(days=1))) == []
    assert links_of(plan_again(OLD, asked_with(OLD, value=6))) == []


@pytest.mark.parametrize("link", [NEW, ""])
def test_another_link_waits_for_the_rows_next_change_or_the_days_refresh(link):
    assert plan_again(OLD, asked_with(link)).rows == ()
    for plan in (
        plan_again(OLD, asked_with(link, value=6)),
        plan_again(OLD, asked_with(link), refreshed=TODAY - timedelta(days=1)),
    ):
        assert links_of(plan) == [(Field.SOURCE, link)]
        assert (parse_entry(plan.rows[0].line).link == "") is (link == "")
        assert all(change.field is not Field.SOURCE for change in (*plan.rows[0].changes, *plan.rows[0].history))


def test_a_text_that_a_person_typed_into_source_gets_no_link():
    row, ledger = settled(OLD, refreshed=TODAY - timedelta(days=1))
    plan = plan_of({Tab.KEY_RESULTS: [row | {Field.SOURCE: "ask Maya"}]}, asked_with(NEW), ledger=ledger)
    assert links_of(plan) == []


def test_what_is_put_back_forgets_that_its_link_was_written():
    before = Entry(bases={Field.SOURCE: "x"}, link="1")
    after = replace(before, link="2")
    assert unlearn(after, before, {Field.SOURCE}).link == "1"
    assert unlearn(after, before, {Field.WHY}).link == "2"
    assert unlearn(after, NO_ENTRY, {Field.SOURCE}).link == ""

"""What the connectors say that a source has: by the real clients over real sockets, in few calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from connectors.airtable import Airtable, AirtableConnector
from connectors.base import CanDiscover, SourceMisread, SourceRefused, Surroundings
from connectors.findings import Findings, Item, Listing
from connectors.jira import Jira, JiraConnector
from connectors.registry import load_factory
from connectors.secret import Reference, Secret
from connectors.testing import FakeTime
from mappings.resolve import resolve
from sandbox.acme import AIRTABLE_TOKEN, CRM_BASE, JIRA_EMAIL, JIRA_TOKEN
from sandbox.airtable import Airtable as AirtableService
from sandbox.clock import Clock
from sandbox.jira import Jira as JiraService
from sandbox.server import Server
from sandbox.wire import Fault
from sandbox.world import make_acme

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def acme() -> Iterator[tuple[JiraService, AirtableService]]:
    world = make_acme(Clock(NOW), NOW.date())
    jira = JiraService(world.jira)
    airtable = AirtableService(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=Clock(NOW))
    with Server(jira, airtable):
        yield jira, airtable


@pytest.fixture
def jira(acme: tuple[JiraService, AirtableService]) -> Iterator[JiraService]:
    yield acme[0]
    acme[0].faults.clear()


@pytest.fixture
def airtable(acme: tuple[JiraService, AirtableService]) -> Iterator[AirtableService]:
    yield acme[1]
    acme[1].faults.clear()


def around() -> Surroundings:
    return FakeTime(NOW).around()


@contextmanager
def jira_connector(service: JiraService, **more: object) -> Iterator[JiraConnector]:
    token = Secret(Reference("env", "JIRA_TOKEN"), JIRA_TOKEN)
    form = Jira().options_form()
    connector = Jira().make("jira", form(url=service.url, email=JIRA_EMAIL, token=token, **more), around())  # type: ignore[arg-type]
    yield connector
    connector.close()


@contextmanager
def airtable_connector(service: AirtableService) -> Iterator[AirtableConnector]:
    token = Secret(Reference("env", "AIRTABLE_TOKEN"), AIRTABLE_TOKEN)
    form = Airtable().options_form()
    connector = Airtable().make("crm", form(url=service.url, base=CRM_BASE, token=token), around())  # type: ignore[arg-type]
    yield connector
    connector.close()


def listing(found: Findings, title: str) -> Listing:
    return next(each for each in found.listings if each.title == title)


class TestJira:
    def test_lists_what_jql_can_name(self, jira: JiraService) -> None:
        with jira_connector(jira) as connector:
            found = connector.discover()
        assert [item.id for item in listing(found, "Projects").items] == ["WEB", "APP", "OPS", "DATA"]
        assert Item("In Review", kind="In Progress") in listing(found, "Statuses").items
        assert Item("Found in", "customfield_10040", "option") in listing(found, "Fields").items
        assert listing(found, "Boards").items[0].note == "WEB, estimates in customfield_10026"
        assert {item.kind for item in listing(found, "Sprints, active and future").items} == {"active", "future"}
        assert "web-5.3" in [item.name for item in listing(found, "Versions not yet released").items]
        assert "incident" in [item.name for item in listing(found, "Labels").items]

    def test_says_which_field_holds_story_points_and_why(self, jira: JiraService) -> None:
        with jira_connector(jira) as connector:
            points = listing(connector.discover(), "Story points")
        assert "set sources.jira.story_points: customfield_10026" in points.note
        notes = {item.id: item.note for item in points.items}
        assert notes["customfield_10026"].startswith("4 boards estimate in it")
        assert "team-managed" in notes["customfield_10016"]

    def test_asks_nothing_more_where_the_field_is_chosen(self, jira: JiraService) -> None:
        with jira_connector(jira, story_points="customfield_10016") as connector:
            points = listing(connector.discover(), "Story points")
        assert points.note == ""
        assert points.items[0].note.startswith("chosen under sources.jira")

    def test_asks_no_address_twice_and_two_for_each_board(self, jira: JiraService) -> None:
        before = len(jira.requests)
        with jira_connector(jira) as connector:
            found = connector.discover()
        asked = [(each.path, str(each.query)) for each in jira.requests[before:]]
        assert len(asked) == len(set(asked))
        boards, projects = (len(listing(found, title).items) for title in ("Boards", "Projects"))
        assert len(asked) == 7 + 2 * boards + projects

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_a_list_that_the_account_may_not_see_stops_nothing_else(self, jira: JiraService, status: int) -> None:
        jira.faults.add(Fault(match="/rest/agile/1.0/board", status=status))
        with jira_connector(jira) as connector:
            found = connector.discover()
        assert "not listed" in listing(found, "Boards").note
        assert listing(found, "Fields").items

    def test_a_wrong_token_is_one_error(self, jira: JiraService) -> None:
        jira.faults.add(Fault(status=401))
        with jira_connector(jira) as connector, pytest.raises(SourceRefused, match="401") as caught:
            connector.discover()
        assert "JIRA_TOKEN" in str(caught.value.fix)


class TestAirtable:
    def test_lists_tables_fields_choices_and_views(self, airtable: AirtableService) -> None:
        with airtable_connector(airtable) as connector:
            found = connector.discover()
        assert [item.name for item in listing(found, "Tables").items] == ["Accounts", "Deals", "Invoices", "Balance"]
        stage = next(item for item in listing(found, "Fields of Deals").items if item.name == "Stage")
        assert (stage.kind, stage.note[:15]) == ("singleSelect", "Qualified, Demo")
        assert [item.name for item in listing(found, "Views of Deals").items] == ["Grid view", "Open deals"]
        assert next(item for item in listing(found, "Bases").items if item.id == CRM_BASE).note == "this source"

    def test_asks_three_times(self, airtable: AirtableService) -> None:
        before = len(airtable.requests)
        with airtable_connector(airtable) as connector:
            connector.discover()
        assert len(airtable.requests) - before == 3

    @pytest.mark.parametrize(
        ("path", "scope"),
        [(f"/v0/meta/bases/{CRM_BASE}/tables", "schema.bases:read"), (f"/v0/{CRM_BASE}/", "data.records:read")],
    )
    def test_names_the_scope_that_the_token_lacks(self, airtable: AirtableService, path: str, scope: str) -> None:
        airtable.faults.add(Fault(match=path, status=403))
        with airtable_connector(airtable) as connector, pytest.raises(SourceRefused) as caught:
            connector.discover()
        assert scope in str(caught.value.fix)
        assert "AIRTABLE_TOKEN" in str(caught.value.fix)


@pytest.mark.parametrize("kind", ["jira", "airtable"])
@pytest.mark.parametrize(
    "body", [{"fields": 3}, [{"nothing": 1}], [3], "<html>Log in</html>", {"tables": [{"id": "x"}]}]
)
def test_an_answer_of_another_shape_is_misread(
    kind: str, body: object, jira: JiraService, airtable: AirtableService
) -> None:
    service = jira if kind == "jira" else airtable
    service.faults.add(Fault(status=200, body=body, times=None))
    opened = jira_connector(jira) if kind == "jira" else airtable_connector(airtable)
    with opened as connector, pytest.raises(SourceMisread):
        connector.discover()


@pytest.mark.parametrize("kind", ["jira", "airtable"])
def test_the_mapping_that_it_prints_can_be_used(kind: str, jira: JiraService, airtable: AirtableService) -> None:
    opened = jira_connector(jira) if kind == "jira" else airtable_connector(airtable)
    with opened as connector:
        assert isinstance(connector, CanDiscover)
        found = connector.discover()
        text = "key_results:\n" + "".join(f"  {line}\n" for line in found.mapping)
        mappings, problems = resolve({"first.yaml": text}, {connector.name: load_factory(kind).grammar})
    assert problems == ()
    assert sorted(mappings.key_results) == ["KR-1", "KR-2", "KR-3"]


def test_a_filter_keeps_what_has_the_text_and_whole_listings_that_are_called_so() -> None:
    fields = Listing("Fields", (Item("Amount", "f1"), Item("Stage", "f2", note="Won, Lost")))
    found = Findings((fields, Listing("Won deals", (Item("a"),))), ("x",))
    assert found.only("WON").listings == (Listing("Fields", (fields.items[1],)), Listing("Won deals", (Item("a"),)))
    assert found.only("nothing").listings == ()

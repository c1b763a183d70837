"""Mappings read as ``check --live`` reads them: by the real clients, every query once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.airtable import Airtable
from connectors.airtable_grammar import TableBody
from connectors.base import Connector
from connectors.beside import WithSamples, as_connectors
from connectors.gather import Budget, gather
from connectors.jira import Jira
from connectors.jira_grammar import JqlBody
from connectors.secret import Reference, Secret
from connectors.survey import MOST_IDS, survey
from connectors.testing import TOKEN, FakeTime
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Reading, Window
from sandbox.airtable import Airtable as AirtableService
from sandbox.airtable_base import Base, choices, column
from sandbox.clock import Clock
from sandbox.jira import Jira as JiraService
from sandbox.server import Server
from sandbox.wire import Fault
from tests.contract.test_airtable import BASE, make_base, where
from tests.contract.test_airtable import metric as rows_of
from tests.contract.test_jira import make_site

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BUDGET = Budget(source=300, total=300)


def issues(jql: str, measure: str = "count", field: str | None = None, **more: Any) -> Metric:
    return Metric(Query("jira", JqlBody(jql), Filter(**more)), Measure(measure, field))


def open_jira(service: JiraService, time: FakeTime) -> Connector:
    token = Secret(Reference("env", "JIRA_TOKEN"), TOKEN)
    options = Jira().options_form()(url=service.url, email="ann@acme.example", token=token)
    return Jira().make("jira", options, time.around())  # type: ignore[arg-type]


def open_crm(service: AirtableService, time: FakeTime) -> Connector:
    token = Secret(Reference("env", "AIRTABLE_TOKEN"), TOKEN)
    options = Airtable().options_form()(url=service.url, base=BASE, token=token, rate="1000")
    return Airtable().make("crm", options, time.around())  # type: ignore[arg-type]


def asked(service: Any) -> Counter[str]:
    return Counter(f"{each.method} {each.path} {each.query} {each.body}" for each in service.requests)


def test_all_queries_of_jira_are_checked_in_one_call_and_the_good_ones_read_once() -> None:
    time = FakeTime(NOW)
    good = [
        issues("project = WEB AND labels = nobody"),
        issues("project = OPS"),
        issues("project = OPS", "distinct", "labels"),
    ]
    bad = [issues("project = NOPE"), issues("status = Dnoe"), issues("project = OPS AND (")]
    lost = issues("project = OPS", conditions=(Condition("Nowhere", "=", ("x",)),))
    with Server(service := JiraService(make_site())):
        jira = open_jira(service, time)
        found = survey([*good, *bad, lost], {"jira": jira}, budget=BUDGET, around=time.around())
        jira.close()
    assert set(found.refused) == {metric.query for metric in (*bad, lost)}
    assert "NOPE" in found.refused[bad[0].query]
    assert "Nowhere" in found.refused[lost.query]
    paths = Counter(each.path.rsplit("/", 2)[-2] + "/" + each.path.rsplit("/", 1)[-1] for each in service.requests)
    assert paths == {"3/field": 1, "jql/parse": 1, "search/jql": 2}
    assert max(asked(service).values()) == 1


def test_it_gives_what_gather_gives_and_the_records_besides() -> None:
    time = FakeTime(NOW)
    metrics = [
        issues("project = OPS"),
        issues("project = OPS", "sum", "Story Points"),
        issues("project = OPS", "percent_done"),
    ]
    with Server(service := JiraService(make_site())):
        jira = open_jira(service, time)
        found = survey(metrics, {"jira": jira}, budget=BUDGET, around=time.around())
        plain = gather(metrics, {"jira": jira}, budget=BUDGET, around=time.around())
        jira.close()
    values = {metric: outcome.value for metric, outcome in found.outcomes.items() if isinstance(outcome, Reading)}
    assert values == {metric: outcome.value for metric, outcome in plain.items() if isinstance(outcome, Reading)}
    seen = found.seen[metrics[0].query]
    assert (seen.total, seen.ids) == (3, frozenset({"OPS-1", "OPS-2", "OPS-3"}))
    assert seen.latest is not None
    assert seen.latest >= datetime(2026, 10, 1, tzinfo=UTC)


def test_queries_of_one_table_share_its_pass_and_each_has_its_own_records() -> None:
    time = FakeTime(NOW)
    won = rows_of(only=where(Condition("Stage", "=", ("Won",))))
    every = rows_of()
    with Server(service := AirtableService([make_base()], {TOKEN: None}, clock=Clock(NOW))):
        crm = open_crm(service, time)
        found = survey([won, every], {"crm": crm}, budget=BUDGET, around=time.around())
        crm.close()
    assert len(service.requests) == 3
    assert (found.seen[won.query].total, found.seen[every.query].total) == (23, 230)
    assert found.seen[every.query].latest == NOW - timedelta(days=90)
    ids, mine = found.seen[every.query].ids, found.seen[won.query].ids
    assert ids is not None
    assert mine is not None
    assert mine < ids
    assert len(ids) < MOST_IDS


def test_a_record_that_was_made_long_ago_is_as_new_as_the_date_by_which_it_counts() -> None:
    """A deal that came in last year and was closed last week is no old one."""
    time, base = FakeTime(NOW), Base(BASE, "CRM")
    deals = base.add_table("Deals", column("Closed", "date"), column("Signed", "dateTime"))
    signed = datetime(2026, 11, 20, 8, tzinfo=UTC)
    deals.add(NOW - timedelta(days=300), {"Closed": date(2026, 11, 12), "Signed": signed})
    ever = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    closed, when_signed, all_ = (
        rows_of(only=where(window=Window("Closed", *ever))),
        rows_of(only=where(window=Window("Signed", *ever))),
        rows_of(),
    )
    with Server(service := AirtableService([base], {TOKEN: None}, clock=Clock(NOW))):
        crm = open_crm(service, time)
        found = survey([closed, when_signed, all_], {"crm": crm}, budget=BUDGET, around=time.around())
        crm.close()
    latest = [found.seen[metric.query].latest for metric in (closed, when_signed, all_)]
    assert latest == [datetime(2026, 11, 12, tzinfo=UTC), signed, NOW - timedelta(days=300)]


TABLES, QUERIES, DOUBLED, KEY_RESULTS = 20, 600, 60, 1000


def make_tables() -> Base:
    base = Base(BASE, "Company")
    for number in range(TABLES):
        table = base.add_table(
            f"Table {number}",
            column("Amount", "number", precision=2),
            column("Stage", "singleSelect", **choices("Won", "Lost", "Open")),
            column("Closed", "date"),
        )
        for row in range(3):
            cells = {"Amount": row, "Stage": ("Won", "Lost", "Open")[row], "Closed": date(2026, 10, 5 + row)}
            table.add(NOW - timedelta(days=30), cells)
    return base


def make_thousand() -> list[Metric]:
    """A thousand key results: 600 of Jira, of which 60 ask what another asks; 400 over twenty tables."""
    jql = [f'project = OPS AND labels = "team-{number}"' for number in range(QUERIES - DOUBLED)]
    of_jira = [issues(text) for text in (*jql, *jql[:DOUBLED])]
    window = Window("Closed", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    stages = [Filter((Condition("Stage", "=", (stage,)),), window) for stage in ("Won", "Lost", "Open")]
    of_tables = [
        Metric(
            Query("crm", TableBody(f"Table {number % TABLES}"), stages[number % 3]),
            Measure("count") if number % 2 else Measure("sum", "Amount"),
        )
        for number in range(KEY_RESULTS - QUERIES)
    ]
    return [*of_jira, *of_tables]


def test_a_thousand_key_results_make_no_request_twice() -> None:
    time = FakeTime(NOW)
    metrics = make_thousand()
    assert (len(metrics), len({metric.query for metric in metrics[:QUERIES]})) == (KEY_RESULTS, QUERIES - DOUBLED)
    jira, airtable = JiraService(make_site()), AirtableService([make_tables()], {TOKEN: None}, clock=Clock(NOW))
    with Server(jira, airtable):
        opened = {"jira": open_jira(jira, time), "crm": open_crm(airtable, time)}
        found = gather(metrics, opened, budget=BUDGET, around=time.around())
        for connector in opened.values():
            connector.close()
    assert all(isinstance(outcome, Reading) for outcome in found.values())
    assert max(asked(jira).values()) == max(asked(airtable).values()) == 1
    assert (len(jira.requests), len(airtable.requests)) == (QUERIES - DOUBLED, TABLES)


def test_the_live_check_of_a_thousand_adds_one_call() -> None:
    time = FakeTime(NOW)
    metrics = make_thousand()
    jira, airtable = JiraService(make_site()), AirtableService([make_tables()], {TOKEN: None}, clock=Clock(NOW))
    with Server(jira, airtable):
        opened = {"jira": open_jira(jira, time), "crm": open_crm(airtable, time)}
        found = survey(metrics, opened, budget=BUDGET, around=time.around())
        for connector in opened.values():
            connector.close()
    assert found.refused == {}
    assert all(isinstance(outcome, Reading) for outcome in found.outcomes.values())
    assert max(asked(jira).values()) == max(asked(airtable).values()) == 1
    assert (len(jira.requests), len(airtable.requests)) == (QUERIES - DOUBLED + 1, TABLES)
    assert {found.outcomes[metric].value for metric in metrics[:QUERIES]} == {Decimal(0)}  # type: ignore[union-attr]


def test_queries_that_are_the_same_jql_are_checked_once() -> None:
    time = FakeTime(NOW)
    written = issues('(project = OPS) AND (labels = "plain")')
    mapped = issues("project = OPS", conditions=(Condition("labels", "=", ("plain",)),))
    with Server(service := JiraService(make_site())):
        jira = open_jira(service, time)
        found = survey([written, mapped], {"jira": jira}, budget=BUDGET, around=time.around())
        jira.close()
    (checked,) = [each.body["queries"] for each in service.requests if each.path.endswith("/jql/parse")]
    assert len(checked) == len(set(checked))
    assert {found.seen[metric.query].total for metric in (written, mapped)} == {1}


def test_a_renamed_field_in_a_query_comes_with_the_likely_new_name() -> None:
    time = FakeTime(NOW)
    asked_for = [issues('project = OPS AND "Story Pionts" > 3'), issues('project = OPS AND "Qqq" > 3')]
    with Server(service := JiraService(make_site())):
        jira = open_jira(service, time)
        found = survey(asked_for, {"jira": jira}, budget=BUDGET, around=time.around())
        jira.close()
    first, second = (found.refused[metric.query] for metric in asked_for)
    assert first.endswith("Did you mean “Story Points”?")
    assert "Did you mean" not in second
    assert max(asked(service).values()) == 1


def test_without_time_nothing_is_asked_and_everything_is_a_gap() -> None:
    time = FakeTime(NOW)
    metrics = [issues("project = OPS"), issues("project = WEB")]
    with Server(service := JiraService(make_site())):
        jira = open_jira(service, time)
        found = survey(metrics, {"jira": jira}, budget=Budget(source=0, total=0), around=time.around())
        jira.close()
    assert service.requests == []
    assert [getattr(outcome, "kind", None) for outcome in found.outcomes.values()] == [GapKind.UNAVAILABLE] * 2


def test_samples_cost_one_page_more_and_never_the_number() -> None:
    time = FakeTime(NOW)
    count = issues("project = WEB")
    with Server(service := JiraService(make_site())):
        jira = open_jira(service, time)
        shown = as_connectors({"jira": WithSamples(jira)})
        found = gather([count], shown, budget=BUDGET, around=time.around(), titles=True)[count]
        calls = len(service.requests)
        service.faults.add(Fault(match="/search/jql", status=400, skip=1, times=None))
        bare = gather([issues("project = OPS")], shown, budget=BUDGET, around=time.around(), titles=True)
        jira.close()
    assert isinstance(found, Reading)
    assert (found.value, calls) == (250, 2)
    assert [(sample.id[:4], sample.title[:5]) for sample in found.samples] == [("WEB-", "Story")] * 3
    (outcome,) = bare.values()
    assert isinstance(outcome, Reading)
    assert (outcome.value, outcome.samples) == (3, ())

"""``where`` and ``within`` mean the same for every source: what is pushed down gives what is judged here.

The same rows lie in Jira, Airtable, a database and a file. Whatever the conditions, each source's count is that of the
rows which ``passes`` lets through: a condition that is compiled into JQL, a formula or SQL changes no number.
"""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.airtable import Airtable
from connectors.airtable_grammar import TableBody
from connectors.base import Connector
from connectors.file import File
from connectors.file_grammar import FileBody
from connectors.gather import Budget, gather
from connectors.jira import Jira
from connectors.jira_grammar import JqlBody
from connectors.sql import Sql
from connectors.testing import TOKEN, FakeTime, make_options
from mappings.model import Condition, Filter, Measure, Metric, Query, Reading, Record, Window
from mappings.where import passes
from sandbox.airtable import Airtable as AirtableService
from sandbox.airtable_base import Base, choices, column
from sandbox.clock import Clock
from sandbox.jira import Jira as JiraService
from sandbox.jira_fields import STORY_POINTS
from sandbox.jira_site import JiraSite
from sandbox.server import Server

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
BASE = "appAcmeCrm0000001"
STAGES, TAGS = ("Highest", "High", "Medium", "Low"), ("größe", "it's", "plain")
POINTS = (None, Decimal(0), Decimal("0.1"), Decimal(3), Decimal(13))
FIRST = date(2026, 10, 24)  # a Saturday; the clocks go back in the night that follows


@dataclass(frozen=True)
class Row:
    stage: str
    points: Decimal | None
    day: date | None
    tags: tuple[str, ...]


ROWS = tuple(
    Row(
        STAGES[number % 4],
        POINTS[number % 5],
        FIRST + timedelta(days=number % 6) if number % 7 else None,
        tuple(tag for at, tag in enumerate(TAGS) if number >> at & 1),
    )
    for number in range(28)
)
NAMES = {
    "jira": {"stage": "priority", "points": "Story Points", "day": "duedate", "tags": "labels"},
    "crm": {"stage": "Stage", "points": "Points", "day": "Day", "tags": "Tags"},
    "db": {"stage": "stage", "points": "points", "day": "day"},
    "sales": {"stage": "stage", "points": "points", "day": "day"},
}
BODIES: dict[str, Any] = {"jira": JqlBody("project = WEB"), "crm": TableBody("Deals"), "sales": FileBody()}
texts = {"stage": STAGES, "points": ("0", "0.1", "3", "3.0", "13", "-1"), "tags": TAGS,
         "day": tuple(str(FIRST + timedelta(days=number)) for number in (-1, 0, 1, 3, 5, 6))}  # fmt: skip
ordered = {"points", "day"}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(sorted(texts)))
    op = draw(st.sampled_from(["=", "!=", "in", *(["<", "<=", ">", ">="] if field in ordered else [])]))
    several = st.lists(st.sampled_from(texts[field]), min_size=1, max_size=3, unique=True)
    values = draw(several) if op == "in" else [draw(st.sampled_from(texts[field]))]
    return Condition(field, op, tuple(values))


@st.composite
def windows(draw: st.DrawFn) -> Window | None:
    if draw(st.booleans()):
        return None
    start = FIRST + timedelta(days=draw(st.integers(-2, 5)))
    after = start + timedelta(days=draw(st.integers(1, 4)))
    return Window("day", *(datetime(each.year, each.month, each.day, tzinfo=BERLIN) for each in (start, after)))


filters = st.builds(Filter, st.lists(conditions(), max_size=3).map(tuple), windows())


def fields_of(row: Row) -> dict[str, Any]:
    return {name: value for name in ("stage", "points", "day", "tags")
            if (value := getattr(row, name)) not in (None, ())}  # fmt: skip


def true_count(only: Filter) -> int:
    return sum(passes(Record(str(at), fields_of(row)), only) for at, row in enumerate(ROWS))


def asked_of(source: str, only: Filter) -> Metric | None:
    """The question in the source's own names; ``None`` where it has no such field."""
    names = NAMES[source]
    if not {condition.field for condition in only.conditions} <= names.keys():
        return None
    if source == "sales" and any("3.0" in each.values and each.op in ("=", "!=", "in") for each in only.conditions):
        return None  # a CSV has no types: its cells equal what is written as they are
    mine = tuple(Condition(names[each.field], each.op, each.values) for each in only.conditions)
    window = only.window and Window(names[only.window.field], only.window.start, only.window.end)
    return Metric(Query(source, BODIES[source], Filter(mine, window)), Measure("count"))


def make_site() -> JiraSite:
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", "ann@acme.example", token=TOKEN, zone="America/New_York").account_id
    site.add_project("WEB", "Web shop", ann)
    for row in ROWS:
        values = {"priority": row.stage, STORY_POINTS: row.points, "duedate": row.day, "labels": row.tags}
        site.add_issue("WEB", "Story", "A story", NOW - timedelta(days=60), ann, values)
    return site


def make_base() -> Base:
    base = Base(BASE, "CRM")
    deals = base.add_table(
        "Deals",
        column("Stage", "singleSelect", **choices(*STAGES)),
        column("Points", "number", precision=1),
        column("Day", "date"),
        column("Tags", "multipleSelects", **choices(*TAGS)),
    )
    for row in ROWS:
        cells = {"Stage": row.stage, "Points": row.points, "Day": row.day, "Tags": row.tags or None}
        deals.add(NOW - timedelta(days=60), {name: value for name, value in cells.items() if value is not None})
    return base


def fill_files(folder: Path) -> None:
    with sqlite3.connect(folder / "deals.db") as database:
        database.execute("CREATE TABLE deals (id INTEGER, stage TEXT, points NUMERIC, day TEXT)")
        for at, row in enumerate(ROWS):
            points = None if row.points is None else float(row.points)
            database.execute("INSERT INTO deals VALUES (?, ?, ?, ?)", (at, row.stage, points, row.day and str(row.day)))
    with (folder / "deals.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["stage", "points", "day"])
        writer.writerows([row.stage, row.points, row.day] for row in ROWS)


@contextmanager
def connecting(folder: Path) -> Iterator[dict[str, Connector]]:
    fill_files(folder)
    jira, airtable = JiraService(make_site()), AirtableService([make_base()], {TOKEN: None}, clock=Clock(NOW))
    around = FakeTime(NOW).around()
    with Server(jira, airtable):
        login = {"email": "ann@acme.example", "token": "env:SOURCE_TOKEN"}
        written: dict[str, tuple[Any, dict[str, Any]]] = {
            "jira": (Jira(), {"url": jira.url, **login}),
            "crm": (Airtable(), {"url": airtable.url, "base": BASE, "token": "env:SOURCE_TOKEN", "rate": "1000"}),
            "db": (Sql(), {"url": f"sqlite:///{folder / 'deals.db'}"}),
            "sales": (File(), {"path": str(folder / "deals.csv")}),
        }
        made = {
            name: kind.make(name, make_options(kind, options, {"SOURCE_TOKEN": TOKEN}), around)
            for name, (kind, options) in written.items()
        }
        yield made
        for connector in made.values():
            connector.close()
    assert (jira.failures, airtable.failures) == ([], [])


@pytest.fixture(scope="module")
def connectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Connector]]:
    from connectors.sql_forms import SqlQuery

    BODIES["db"] = Sql.grammar.make_body(SqlQuery(table="deals"))
    with connecting(tmp_path_factory.mktemp("rows")) as made:
        yield made


def counts(connectors: dict[str, Connector], only: Filter) -> dict[str, Any]:
    metrics = {name: metric for name in NAMES if (metric := asked_of(name, only)) is not None}
    found = gather(metrics.values(), connectors, budget=Budget(60, 60), around=FakeTime(NOW).around())
    return {name: one.value if isinstance(one := found[metric], Reading) else one for name, metric in metrics.items()}


@given(filters)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_source_counts_what_we_would_count(connectors: dict[str, Connector], only: Filter) -> None:
    found = counts(connectors, only)
    assert found == dict.fromkeys(found, true_count(only))


@pytest.mark.parametrize("field", sorted(texts))
@pytest.mark.parametrize("op", ["=", "!=", "in", "<", "<=", ">", ">="])
def test_each_comparison_of_each_kind_of_field(connectors: dict[str, Connector], field: str, op: str) -> None:
    if op in {"<", "<=", ">", ">="} and field not in ordered:
        return
    for text in texts[field]:
        only = Filter((Condition(field, op, (text,)),))
        found = counts(connectors, only)
        assert found == dict.fromkeys(found, true_count(only)), only
    assert len(found) >= 2

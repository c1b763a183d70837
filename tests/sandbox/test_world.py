"""Acme: what its people wrote fits together, and its world says what the story says."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from statistics import fmean, median

import pytest
import yaml

from connectors.base import Surroundings
from connectors.gather import Budget, gather
from mappings.evaluate import evaluate
from mappings.expand import Bound, expand
from okr.model import Cycle, Key, KeyResult
from sandbox.acme import (
    AIRTABLE_TOKEN,
    JIRA_TOKEN,
    SURVEYS_BASE,
    TIMEZONE,
    acme_config,
    acme_cycle,
    acme_mappings,
    acme_sheet,
)
from sandbox.airtable import Airtable
from sandbox.clock import Clock
from sandbox.jira import Jira
from sandbox.jira_fields import FOUND_IN, STORY_POINTS
from sandbox.server import Server
from sandbox.world import World, make_acme
from sandbox.world_truth import true_values
from sync.load import load_project, open_connectors

SUNDAY = date(2026, 11, 22)
KINDS = {"Increase", "Decrease", "At least", "At most", "Between", "Yes/No", "Milestones"}


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@lru_cache(maxsize=8)
def acme(today: date = SUNDAY, seed: int = 1) -> World:
    return make_acme(Clock(noon(today)), today, seed=seed)


@pytest.fixture
def world() -> World:
    found = acme()
    found.clock.set(noon(SUNDAY))
    return found


def entries(section: str) -> dict[str, dict]:
    files = map(yaml.safe_load, acme_mappings(SUNDAY).values())
    return {name: entry for file in files for name, entry in file.get(section, {}).items()}


def number(text: str | None) -> float | None:
    if text is None:
        return None
    if text in ("Yes", "No"):
        return float(text == "Yes")
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


# What people wrote


@pytest.mark.parametrize(
    ("today", "name", "start"),
    [
        (date(2026, 11, 22), "2026-Q4", date(2026, 9, 21)),
        (date(2026, 11, 16), "2026-Q4", date(2026, 9, 21)),
        (date(2026, 11, 23), "2026-Q4", date(2026, 9, 28)),
        (date(2027, 3, 1), "2027-Q1", date(2027, 1, 4)),
    ],
)
def test_the_cycle_is_thirteen_weeks_from_a_monday(today, name, start):
    cycle = acme_cycle(today)
    assert (cycle.name, cycle.start) == (name, start)
    assert cycle.end - cycle.start == timedelta(days=90)
    assert cycle.start.weekday() == 0


def test_the_sheet_fits_together():
    sheet = acme_sheet(SUNDAY)
    people = {row["Name"]: row for row in sheet["People"]}
    objectives = {row["Objective ID"]: row for row in sheet["Objectives"]}
    results = {row["KR ID"]: row for row in sheet["Key Results"]}
    assert len(objectives) == len(sheet["Objectives"]) >= 14
    assert len(results) == len(sheet["Key Results"]) >= 48
    assert {row["Level"] for row in objectives.values()} == {"Company", "Team", "Person"}
    assert {row["Kind"] for row in results.values()} == KINDS
    assert {row["Objective ID"] for row in results.values()} == set(objectives)
    for row in objectives.values():
        assert (row.get("Parent") in objectives) == (row["Level"] != "Company"), row
        assert row["Owner"] in people
    for row in (*results.values(), *sheet["KPIs"]):
        assert row["Owner"] in people
    for row in (*sheet["Steps"], *sheet["Check-ins"]):
        assert row["KR ID"] in results
    assert [name for name, row in people.items() if "Left" in row] == ["Daniel Whitcombe"]
    assert all(row.get("Manager", "Katharina Vogel") in people for row in people.values())


def test_every_key_result_can_be_scored():
    for row in acme_sheet(SUNDAY)["Key Results"]:
        baseline, target = number(row.get("Baseline")), number(row.get("Target"))
        match row["Kind"]:
            case "Increase":
                assert baseline < target, row
            case "Decrease":
                assert baseline > target, row
            case "Between":
                assert target < number(row["Target to"]), row
            case "Milestones":
                assert target is None
            case _:
                assert target is not None, row
        percents = [row[name].endswith("%") for name in ("Baseline", "Target", "Current") if name in row]
        assert len(set(percents)) < 2, f"{row['KR ID']} mixes percent with plain numbers"


def test_days_are_typed_as_dates_of_the_cycle():
    sheet, cycle = acme_sheet(SUNDAY), acme_cycle(SUNDAY)
    days = [row["Date"] for row in sheet["Check-ins"]] + [row["Due"] for row in sheet["Steps"]]
    assert all(cycle.start <= date.fromisoformat(day) <= cycle.end for day in days)
    monday = date(2026, 11, 16)  # the day on which the least of the cycle has passed
    said = [date.fromisoformat(row["Date"]) for row in acme_sheet(monday)["Check-ins"]]
    assert max(said) < monday
    assert not any(re.search(r"[+$]\w", value) for rows in sheet.values() for row in rows for value in row.values())


def test_mappings_name_rows_of_the_sheet():
    sheet = acme_sheet(SUNDAY)
    mapped, kpis = entries("key_results"), entries("kpis")
    results = {row["KR ID"]: row for row in sheet["Key Results"]}
    assert set(mapped) <= set(results)
    assert set(kpis) == {row["KPI ID"] for row in sheet["KPIs"]}
    manual = set(results) - set(mapped)
    assert {row for row in results if "Current" in results[row]} < manual
    assert 7 <= len(manual) <= 9
    steps = {row["Step"] for row in sheet["Steps"] if row["KR ID"] == "OPS-2.1"}
    assert set(mapped["OPS-2.1"]["steps"]) == steps


def test_mappings_name_tables_and_fields_that_exist(world):
    bases = {"crm": world.crm, "surveys": world.surveys}
    asked = [*entries("key_results").values(), *entries("kpis").values(), *entries("metrics").values()]
    found = 0
    for entry in asked:
        for source, base in bases.items():
            if source not in entry:
                continue
            query, found = entry[source], found + 1
            table = base.tables[query["table"]]
            named = [*(entry.get("within") or {}).values()]
            where = query.get("where") or {}
            named += re.findall(r"\{(.+?)\}", where) if isinstance(where, str) else list(where)
            measure = entry["measure"]
            for name, argument in measure.items() if isinstance(measure, dict) else ():
                named += list(argument) if name == "share" else [argument]
            assert [name for name in named if table.field(name) is None] == [], entry
    assert found > 25


def test_the_configuration_is_yaml_with_everything_filled_in():
    sheet = {"google": "sheet-id", "credentials": "file:key.json", "endpoint": "http://127.0.0.1:1"}
    text = acme_config(SUNDAY, sheet=sheet, jira_url="http://127.0.0.1:2", airtable_url="http://127.0.0.1:3")
    config = yaml.safe_load(text)
    assert "$" not in text
    assert config["sheet"] == sheet
    assert config["calendar"]["cycles"] == {"2026-Q4": {"start": date(2026, 9, 21), "end": date(2026, 12, 20)}}
    assert {name: source["kind"] for name, source in config["sources"].items()} == {
        "jira": "jira", "crm": "airtable", "surveys": "airtable",
    }  # fmt: skip
    assert config["sources"]["surveys"]["base"] == SURVEYS_BASE


# What the world holds


@pytest.mark.parametrize("today", [SUNDAY, date(2026, 11, 21), date(2026, 11, 16), date(2027, 3, 31)])
def test_its_size_at_the_end_of_today(today):
    world = acme(today)
    world.clock.set(datetime.combine(today + timedelta(days=1), time(0), world.zone) - timedelta(seconds=1))
    projects = Counter(row.issue.project for row in world.jira.rows())
    assert sum(projects.values()) == 2500
    assert set(projects) == {"WEB", "APP", "OPS", "DATA"}
    assert min(projects.values()) > 300
    tables = {name: table for base in world.bases.values() for name, table in base.tables.items()}
    assert set(tables) == {"Accounts", "Balance", "Deals", "Invoices", "NPS"}
    weeks = tables.pop("Balance")
    assert 39 <= len(weeks.present(world.clock.now())) <= 40
    assert sum(len(table.present(world.clock.now())) for table in tables.values()) == 1600


def test_issues_are_as_rich_as_real_ones(world):
    rows = world.jira.rows()
    filled = Counter(name for row in rows for name, value in row.values.items() if value not in (None, (), ""))
    for name in ("assignee", "labels", "components", "fixVersions", "parent", STORY_POINTS, FOUND_IN,
                 "customfield_10020", "resolution", "resolutiondate"):  # fmt: skip
        assert 100 < filled[name] < len(rows), name
    assert {row.values["issuetype"] for row in rows} == {"Epic", "Story", "Task", "Bug"}
    assert {row.values["priority"] for row in rows} == {"Highest", "High", "Medium", "Low", "Lowest"}
    assert sum(len(row.changes) for row in rows) > 5000
    assert any(
        not value for row in rows if row.values["issuetype"] == "Story" for value in [row.values.get(STORY_POINTS)]
    )
    reopened = [row for row in rows for change in row.changes for item in change.items
                if item.field == "status" and item.old == "Done"]  # fmt: skip
    assert reopened
    assert 50 < sum(bool(row.extras.votes) for row in rows) < len(rows)
    assert sum(len(row.extras.comments) for row in rows) > 50
    assert {link.says for row in rows for link in row.extras.links} == {"blocks", "is blocked by"}
    states = {sprint.state(world.clock.now()) for sprint in world.jira.sprints.values()}
    assert states == {"closed", "active", "future"}


def test_the_keys_that_mappings_name(world):
    summaries = {key: world.jira.row(key).values["summary"] for key in ("WEB-4", "APP-6", "OPS-3", "OPS-5", "OPS-7")}
    assert summaries == {
        "WEB-4": "Auto-fill keeps the law",
        "APP-6": "Works councils agree to swaps in the app",
        "OPS-3": "Second region: copy within a minute",
        "OPS-5": "Second region: choose the site",
        "OPS-7": "Second region: cut over",
    }


def test_records_have_empty_cells_and_every_type(world):
    now = world.clock.now()
    types = {field.type for base in world.bases.values() for table in base.tables.values() for field in table.fields}
    assert types >= {"number", "currency", "percent", "date", "dateTime", "checkbox", "singleSelect", "multipleSelects",
                     "multipleRecordLinks", "autoNumber"}  # fmt: skip
    for base in world.bases.values():
        for name, table in base.tables.items():
            cells = table.cells(now)
            assert any(len(each) < len(cells[-1]) or "Closed" not in each for each in cells), name
    stages = Counter(deal["Stage"] for deal in world.crm.tables["Deals"].cells(now))
    assert set(stages) == {"Qualified", "Demo", "Proposal", "Negotiation", "Won", "Lost"}


def test_the_same_seed_gives_the_same_world_and_another_one_another():
    first, again, other = (make_acme(Clock(noon(SUNDAY)), SUNDAY, seed=seed) for seed in (1, 1, 2))
    assert first.jira.issues == again.jira.issues
    for id_, base in first.bases.items():
        for name, table in base.tables.items():
            assert table.records == again.bases[id_].tables[name].records
    assert first.jira.issues != other.jira.issues


def test_the_clock_alone_moves_it(world):
    seen = {}
    for days in (-14, -7, 0, 7):
        world.clock.set(noon(SUNDAY) + timedelta(days=days))
        seen[days] = true_values(world)
    for earlier, later in ((-14, -7), (-7, 0), (0, 7)):
        moved = sum(seen[earlier][name] != seen[later][name] for name in seen[0])
        assert moved > 25, f"only {moved} numbers moved from day {earlier} to day {later}"
    world.clock.set(noon(SUNDAY))
    assert true_values(world) == seen[0]


# What is true, counted again from the objects' histories


def status_at(issue, now: datetime) -> str:
    status = issue.first["status"]
    for change in issue.changes:
        if change.at <= now:
            status = next((item.new for item in change.items if item.field == "status"), status)
    return status


def test_the_truth_about_jira(world):
    now, cycle, zone = world.clock.now(), world.cycle, world.zone
    issues = [issue for issue in world.jira.issues.values() if issue.created <= now]
    done = {issue.key for issue in issues if status_at(issue, now) == "Done"}

    def labelled(label: str, project: str = "") -> list:
        return [each for each in issues if label in each.first.get("labels", ()) and each.key.startswith(project)]

    def in_cycle(issue) -> bool:
        return cycle.start <= issue.created.astimezone(zone).date() <= cycle.end

    requests, flaky = labelled("top-request", "WEB"), labelled("flaky-test")
    rules = [each for each in issues if each.first.get("parent") == "WEB-4"]
    points = {each.key: each.first.get(STORY_POINTS) or 1 for each in rules}
    web_bugs = [each for each in issues if each.project == "WEB" and each.first["issuetype"] == "Bug"]
    since = datetime.combine(SUNDAY - timedelta(days=27), time(0), zone)
    truth = true_values(world)
    assert truth["WEB-1.1"] == sum(each.key in done for each in requests) / len(requests)
    assert truth["REL-1.1"] == sum(each.key in done for each in flaky) / len(flaky)
    assert truth["WEB-1.3"] == sum(size for key, size in points.items() if key in done) / sum(points.values())
    assert truth["WEB-2.1"] == sum(in_cycle(each) and each.first.get(FOUND_IN) == "Production" for each in web_bugs)
    assert truth["WEB-2.3"] == sum(each.first["priority"] == "High" and each.key not in done for each in web_bugs)
    assert truth["APP-2.1"] == sum(each.created >= since for each in labelled("crash", "APP"))
    assert truth["DATA-1.2"] == sum(each.key not in done for each in labelled("wrong-figure", "DATA"))
    assert truth["OPS-1.3"] == sum(map(in_cycle, labelled("rollback")))
    assert truth["APP-1.3"] == ("APP-6" in done) == 1
    assert truth["OPS-2.3"] == ("OPS-8" in done) == 0


def test_the_truth_about_airtable(world):
    now, cycle = world.clock.now(), world.cycle
    cells = {name: table.cells(now) for base in world.bases.values() for name, table in base.tables.items()}
    closed = [deal for deal in cells["Deals"] if cycle.start <= deal.get("Closed", date.max) <= cycle.end]
    won = [deal for deal in closed if deal["Stage"] == "Won"]
    live = [
        each for each in cells["Accounts"] if SUNDAY - timedelta(days=89) <= each.get("Live on", date.min) <= SUNDAY
    ]
    paid = [each for each in cells["Invoices"] if cycle.start <= each.get("Paid", date.min) <= cycle.end]
    since = datetime.combine(SUNDAY - timedelta(days=89), time(0), world.zone)
    scores = [each["Score"] for each in cells["NPS"] if "Score" in each and each.get("Answered", now) >= since]
    truth = true_values(world)
    assert truth["C-2.1"] == pytest.approx(sum(deal["Amount EUR"] for deal in won) / 1000)
    assert truth["C-2.2"] == pytest.approx(len(won) / len(closed))
    assert truth["IBE-1.1"] == sum(deal["Region"] == "Iberia" for deal in won)
    assert truth["CX-1.2"] == pytest.approx(fmean(each["Days to live"] <= 30 for each in live))
    assert truth["CX-1.3"] == pytest.approx(fmean(each.get("Planners trained", 0) for each in live))
    assert truth["FIN-1.3"] == pytest.approx(fmean(each["Days late"] <= 0 for each in paid))
    assert truth["C-3.1"] == pytest.approx(100 * fmean((score >= 9) - (score <= 6) for score in scores))
    late = [deal["Days to close"] for deal in cells["Deals"]
            if deal["Stage"] == "Won" and SUNDAY - timedelta(days=89) <= deal["Closed"] <= SUNDAY]  # fmt: skip
    assert truth["GRO-1.2"] == median(late)


def test_the_engine_counts_what_is_true(world, tmp_path):
    """Every mapped number, asked over real sockets by the real clients, is the one counted in plain Python."""
    timer = Clock(noon(SUNDAY))
    airtable = Airtable(
        world.bases.values(), {AIRTABLE_TOKEN: None}, limited=True, clock=world.clock, timer=timer.seconds
    )
    jira = Jira(world.jira)
    (tmp_path / "mappings").mkdir()
    for name, text in acme_mappings(SUNDAY).items():
        (tmp_path / "mappings" / name).write_text(text, encoding="utf-8")
    around = Surroundings(world.clock.now, timer.sleep, timer.seconds, timezone=TIMEZONE)
    secrets = {"JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    with Server(airtable, jira):
        config = acme_config(SUNDAY, sheet={"workbook": "x.xlsx"}, jira_url=jira.url, airtable_url=airtable.url)
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        project = load_project(tmp_path / "config.yaml")
        assert project.problems == ()
        bounds = bind(project, world)
        metrics = tuple(dict.fromkeys(metric for bound in bounds.values() for metric in bound.metrics))
        connectors, problems = open_connectors(project, secrets, around, frozenset({"jira", "crm", "surveys"}))
        outcomes = gather(metrics, connectors, budget=Budget(600.0, 600.0), around=around)
        for connector in connectors.values():
            connector.close()
    assert (problems, airtable.failures, jira.failures) == ((), [], [])
    assert {each.status for each in (*airtable.requests, *jira.requests)} == {200}  # no quota was exceeded
    truth = true_values(world)
    found = {id_: evaluate(bound, outcomes) for id_, bound in bounds.items()}
    assert set(found) == set(truth)
    assert {id_: float(getattr(each, "value", "nan")) for id_, each in found.items()} == pytest.approx(truth)


def bind(project, world: World) -> dict[str, Bound]:
    now, cycle = world.clock.now().astimezone(world.zone), world.cycle
    named = Cycle(cycle.name, cycle.start, cycle.end)
    mappings = {**project.mappings.key_results, **project.mappings.kpis}
    found = {
        id_: expand(mapping, KeyResult(Key(cycle.name, id_), id_), named, now, world.zone)
        for id_, mapping in mappings.items()
    }
    return {id_: bound for id_, bound in found.items() if isinstance(bound, Bound)}


# The mix a manager sees


def progress(row: dict[str, str], value: float) -> float:
    baseline, target = number(row.get("Baseline")), number(row.get("Target"))
    match row["Kind"]:
        case "Milestones" | "Yes/No":
            return value
        case "At most":
            return 1.0 if value <= target else (baseline - value) / (baseline - target)
        case "At least":
            return 1.0 if value >= target else (value - baseline) / (target - baseline)
        case "Between":
            upper = number(row["Target to"])
            return 1.0 if target <= value <= upper else (baseline - value) / (baseline - upper)
    return (value - baseline) / (target - baseline)


@pytest.mark.parametrize(("today", "seed"), [(SUNDAY, 1), (date(2026, 11, 16), 1), (date(2027, 3, 10), 1), (SUNDAY, 5)])
def test_the_mix_is_believable(today, seed):
    world = acme(today, seed)
    world.clock.set(noon(today))
    truth, sheet = true_values(world), acme_sheet(today)
    pace = ((today - world.cycle.start).days + 1) / 91
    mix: Counter[str] = Counter()
    for row in sheet["Key Results"]:
        value = truth.get(row["KR ID"], number(row.get("Current")))
        if value is None or row["KR ID"] in ("GRO-2.3", "OPS-2.3"):  # paused; begins later
            continue
        share = progress(row, value) / (pace * (0.7 if row["Commitment"] == "Aspirational" else 1))
        mix["on track" if share >= 0.9 else "at risk" if share >= 0.7 else "off track"] += 1
    whole = sum(mix.values())
    assert 0.5 <= mix["on track"] / whole <= 0.75, mix
    assert 5 <= mix["at risk"] <= 18, mix
    assert 3 <= mix["off track"] <= 10, mix

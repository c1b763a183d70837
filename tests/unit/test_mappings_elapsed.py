"""Days of a record: as spreadsheets count them, in the company's zone; what can't be said is never a zero."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.accumulate import make_accumulator
from mappings.elapsed import count_workdays, measure_days
from mappings.measure import parse_measure, render_measure
from mappings.model import Elapsed, Gap, GapKind, Measure, Metric, Query, Reading, Record, StatusChange
from mappings.node import Tree
from mappings.yaml_text import parse_yaml

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
CYCLE_TIME = Elapsed("workdays", "In Progress", "Done")


def record(*changes: tuple[str, str], id_: str = "WEB-1") -> Record:
    timeline = tuple(StatusChange(status, datetime.fromisoformat(at).replace(tzinfo=UTC)) for status, at in changes)
    return Record(id_, {}, timeline=timeline)


def outcome(elapsed: Elapsed, *records: Record, name: str = "max", missing: Decimal | None = None):
    metric = Metric(Query("jira", "body"), Measure(name, elapsed=elapsed), missing)
    accumulator = make_accumulator(metric, NOW)
    for each in records:
        accumulator.add(each)
    return accumulator.outcome()


@pytest.mark.parametrize(
    ("first", "last", "workdays"),
    [
        ("2026-11-16", "2026-11-16", 1),  # a Monday
        ("2026-11-16", "2026-11-20", 5),
        ("2026-11-16", "2026-11-23", 6),
        ("2026-11-20", "2026-11-23", 2),
        ("2026-11-21", "2026-11-22", 0),  # a weekend
        ("2026-12-21", "2026-12-31", 8),  # without the 25th
        ("2026-12-25", "2026-12-25", 0),
    ],
)
def test_workdays_are_those_of_networkdays(first, last, workdays):
    off = {date(2026, 12, 25), date(2026, 12, 26)}  # the second is a Saturday
    assert count_workdays(date.fromisoformat(first), date.fromisoformat(last), off) == workdays


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 400), st.sets(st.integers(0, 420), max_size=9))
def test_workdays_are_counted_day_by_day(first, length, off):
    days = [first + timedelta(days=number) for number in range(length + 1)]
    holidays = {first + timedelta(days=number) for number in off}
    expected = sum(day.weekday() < 5 and day not in holidays for day in days)
    assert count_workdays(first, days[-1], holidays) == expected


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ((("To Do", "2026-11-01T09:00"), ("In Progress", "2026-11-16T09:00"), ("Done", "2026-11-18T09:00")), 3),
        ((("IN PROGRESS", "2026-11-16T09:00"), ("done", "2026-11-16T09:05")), 1),
        (
            (("In Progress", "2026-11-16T09:00"), ("Done", "2026-11-17T09:00"), ("In Progress", "2026-11-18T09:00"),
             ("Done", "2026-11-20T09:00")),
            5,
        ),
        ((("Done", "2026-11-16T09:00"), ("In Progress", "2026-11-17T09:00")), None),
        ((("To Do", "2026-11-16T09:00"), ("Done", "2026-11-17T09:00")), None),
        ((("In Progress", "2026-11-16T09:00"),), None),
        ((), None),
    ],
    ids=["plainly", "in any case", "reopened", "the wrong way", "never begun", "not done yet", "nothing known"],
)  # fmt: skip
def test_workdays_from_one_status_to_another(changes, days):
    assert measure_days(record(*changes), CYCLE_TIME) == (None if days is None else Decimal(days))


def test_a_moment_belongs_to_its_day_in_the_companys_zone():
    late = record(("In Progress", "2026-11-16T22:30"), ("Done", "2026-11-16T23:30"))
    assert measure_days(late, CYCLE_TIME) == 1
    assert measure_days(late, Elapsed("workdays", "In Progress", "Done", BERLIN)) == 2


@pytest.mark.parametrize(
    ("opened", "closed", "days"),
    [
        (date(2026, 11, 16), date(2026, 11, 20), 4),
        ("2026-11-16", datetime(2026, 11, 16, 23, 30, tzinfo=UTC), 1),
        ("2026-11-16T23:30:00Z", "2026-11-20", 3),
        ((date(2026, 11, 20),), date(2026, 11, 16), -4),
        (date(2026, 11, 16), None, None),
        (date(2026, 11, 16), "", None),
    ],
)
def test_days_between_two_dates(opened, closed, days):
    fields = {"Opened": opened} | ({} if closed is None else {"Closed": closed})
    found = measure_days(Record("r1", fields), Elapsed("days", "Opened", "Closed", BERLIN))
    assert found == (None if days is None else Decimal(days))


def test_what_never_went_that_way_is_left_out_and_said_so():
    done = record(("In Progress", "2026-11-16T09:00"), ("Done", "2026-11-18T09:00"))
    reading = outcome(CYCLE_TIME, done, record(("To Do", "2026-11-18T09:00"), id_="WEB-2"))
    assert isinstance(reading, Reading)
    assert (reading.value, reading.counted, reading.left_out) == (3, 1, 1)
    assert "workdays from In Progress to Done" in reading.notes[0]


def test_a_misspelt_status_is_a_gap_that_says_so():
    gap = outcome(CYCLE_TIME, record(("To Do", "2026-11-18T09:00")))
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.EMPTY
    assert gap.fix == "Check how jira spells the two statuses."


@pytest.mark.parametrize(
    ("elapsed", "made", "said"),
    [
        (CYCLE_TIME, Record("r1", {}), "jira doesn't tell when r1 changed its status"),
        (Elapsed("days", "Opened", "Closed"), Record("r1", {"Opened": "soon"}), "has no date in “Opened” of r1"),
        (Elapsed("days", "Opened", "Closed"), Record("r1", {"Opened": Decimal(3)}), "has no date in “Opened” of r1"),
    ],
)
def test_what_can_not_be_read_is_a_gap(elapsed, made, said):
    gap = outcome(elapsed, made)
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.MISREAD
    assert said in gap.reason


def parse(text: str):
    tree = parse_yaml(text, "m.yaml")
    assert isinstance(tree, Tree)
    return parse_measure(tree.root)


@pytest.mark.parametrize("word", ["sum", "avg", "min", "max", "median", "p85"])
def test_what_takes_days(word):
    measure, problems = parse(f"{{{word}: {{workdays: [In Progress, Done]}}}}")
    assert problems == ()
    assert measure.elapsed == CYCLE_TIME
    assert render_measure(measure).endswith(" of workdays from In Progress to Done")
    assert measure.reads_timeline
    assert measure.fields == frozenset()


def test_days_read_two_fields():
    measure, _ = parse("{avg: {days: [Opened, Closed]}}")
    assert measure.fields == {"Opened", "Closed"}
    assert not measure.reads_timeline


@pytest.mark.parametrize(
    ("text", "said", "column"),
    [
        ("{p85: {wrokdays: [A, B]}}", "nothing is measured in “wrokdays”", 8),
        ("{p85: {workdays: [A]}}", "lie between two statuses", 18),
        ("{p85: {workdays: [A, {b: c}]}}", "lie between two statuses", 18),
        ("{avg: {days: }}", "lie between two date fields", 8),
        ("{avg: {days: A, workdays: B}}", "one of workdays and days", 7),
        ("{avg: {}}", "one of workdays and days", 7),
        ("{nps: {days: [A, B]}}", "takes the name of one field", 7),
    ],
)
def test_mistakes_have_their_place(text, said, column):
    measure, (problem,) = parse(text)
    assert measure is None
    assert said in problem.message
    assert problem.place.column == column

"""Measures: their words, and their arithmetic. Empty is never zero."""

import statistics
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.accumulate import make_accumulator
from mappings.measure import parse_measure, render_measure
from mappings.model import Condition, Filter, Gap, GapKind, Measure, Metric, Query, Reading, Record, Sample, Window
from mappings.node import Tree
from mappings.statistic import percentile
from mappings.yaml_text import parse_yaml

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WON = (Condition("Stage", "=", ("Won",)),)
WINDOW = Window("Day", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def parse(text: str):
    tree = parse_yaml(text, "m.yaml")
    assert isinstance(tree, Tree)
    return parse_measure(tree.root.entries["measure"].value)


def outcome(measure: Measure, records, missing=None, window=None):
    metric = Metric(Query("crm", "body", Filter((), window)), measure, missing)
    accumulator = make_accumulator(metric, NOW)
    for record in records:
        accumulator.add(record)
    return accumulator.outcome()


def rows(*values, name="F"):
    return [Record(f"r{n}", {} if value is None else {name: value}) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("text", "measure", "said"),
    [
        ("count", Measure("count"), "count"),
        ("percent_done", Measure("percent_done"), "percent done"),
        ("{percent_done: Story Points}", Measure("percent_done", "Story Points"), "percent done by Story Points"),
        (
            "{percent_done: {statuses: [Done, Released]}}",
            Measure("percent_done", of=(Condition("status", "in", ("Done", "Released")),)),
            "percent done (Done or Released)",
        ),
        (
            "{percent_done: {by: Points, statuses: Released}}",
            Measure("percent_done", "Points", of=(Condition("status", "in", ("Released",)),)),
            "percent done by Points (Released)",
        ),
        ("{percent_done: {by: Points}}", Measure("percent_done", "Points"), "percent done by Points"),
        ("{sum: F}", Measure("sum", "F"), "sum of F"),
        ("{avg: F}", Measure("avg", "F"), "average of F"),
        ("{min: F}", Measure("min", "F"), "min of F"),
        ("{max: F}", Measure("max", "F"), "max of F"),
        ("{median: F}", Measure("median", "F"), "median of F"),
        ("{p85: F}", Measure("percentile", "F", argument=Decimal(85)), "p85 of F"),
        ("{p99.5: F}", Measure("percentile", "F", argument=Decimal("99.5")), "p99.5 of F"),
        ("{p100: F}", Measure("percentile", "F", argument=Decimal(100)), "p100 of F"),
        ("{distinct: F}", Measure("distinct", "F"), "different values of F"),
        ("{latest: F}", Measure("latest", "F"), "latest of F"),
        ("{share: {Stage: Won}}", Measure("share", of=WON), "share with Stage = Won"),
        ("{nps: Score}", Measure("nps", "Score"), "NPS of Score"),
    ],
)
def test_words(text, measure, said):
    assert parse(f"measure: {text}") == (measure, ())
    assert render_measure(measure) == said


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("cuont", "no measure is called “cuont”", "did you mean “count”?"),
        ("{smu: F}", "no measure is called “smu”", "did you mean “sum”?"),
        ("{p101: F}", "no measure is called “p101”", ""),
        ("sum", "“sum” needs the field", "{sum: Amount}"),
        ("p85", "“p85” needs the field", "{p85: Amount}"),
        ("share", "needs what it is the share of", "{share: {Stage: Won}}"),
        ("{count: F}", "“count” takes no field", "{distinct: Field}"),
        ("{sum: }", "takes the name of one field, found nothing", "{sum: Amount}"),
        ("{nps: {workdays: [a, b]}}", "takes the name of one field, found a map", ""),
        ("{sum: F, avg: F}", "found 2 keys", ""),
        ("[count]", "found a list", ""),
        ("{share: Won}", "conditions are a map", ""),
    ],
)
def test_what_is_no_measure(text, said, fix):
    measure, (problem,) = parse(f"measure: {text}")
    assert measure is None
    assert said in problem.message
    assert fix in (problem.fix or "")


D = Decimal


@pytest.mark.parametrize(
    ("measure", "values", "value", "counted", "left_out"),
    [
        (Measure("count"), [1, None], 2, 2, 0),
        (Measure("count"), [], 0, 0, 0),
        (Measure("sum", "F"), [D("0.1"), D("0.2"), None], D("0.3"), 2, 1),
        (Measure("sum", "F"), [], 0, 0, 0),
        (Measure("sum", "F"), ["1.5", (D(2),)], D("3.5"), 2, 0),
        (Measure("avg", "F"), [D(1), D(2), None], D("1.5"), 2, 1),
        (Measure("min", "F"), [D(3), D(-1)], -1, 2, 0),
        (Measure("max", "F"), [D(3), D(-1)], 3, 2, 0),
        (Measure("median", "F"), [D(9), D(1), D(3)], 3, 3, 0),
        (Measure("median", "F"), [D(1), D(4)], D("2.5"), 2, 0),
        (Measure("percentile", "F", argument=D(85)), [D(n) for n in range(1, 11)], D("8.65"), 10, 0),
        (Measure("percentile", "F", argument=D(0)), [D(5), D(2)], 2, 2, 0),
        (Measure("percentile", "F", argument=D(100)), [D(5), D(2)], 5, 2, 0),
        (Measure("percentile", "F", argument=D(85)), [D(7)], 7, 1, 0),
        (Measure("distinct", "F"), ["a", "b", "a", None, ("b", "c")], 3, 4, 1),
        (Measure("distinct", "F"), [], 0, 0, 0),
    ],
)
def test_numbers(measure, values, value, counted, left_out):
    reading = outcome(measure, rows(*values))
    assert isinstance(reading, Reading)
    assert (reading.value, reading.counted, reading.left_out) == (value, counted, left_out)
    assert reading.as_of == NOW
    assert bool(reading.notes) is bool(left_out)


@pytest.mark.parametrize(
    "name", ["avg", "min", "max", "median", "percentile", "nps", "latest", "percent_done", "share"]
)
def test_nothing_to_measure_is_a_gap_never_zero(name):
    gap = outcome(Measure(name, None if name in ("percent_done", "share") else "F", WON), [], window=WINDOW)
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.EMPTY
    assert "no records" in gap.reason


@pytest.mark.parametrize("name", ["sum", "avg", "median", "nps", "distinct", "percent_done"])
def test_records_of_which_none_has_the_field_are_a_gap(name):
    gap = outcome(Measure(name, "Typo"), [Record(f"r{n}", {"F": D(1)}, done=True) for n in range(31)])
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.EMPTY
    assert gap.reason == "none of 31 records has “Typo”"
    assert "crm" in gap.fix


def test_missing_counts_as_what_it_says():
    assert outcome(Measure("avg", "F"), rows(D(4), None), missing=D(0)).value == 2
    assert outcome(Measure("sum", "F"), rows(None, None), missing=D(1)).value == 2
    half = [Record("a", {"P": D(3)}, done=True), Record("b", {}, done=False)]
    assert outcome(Measure("percent_done", "P"), half, missing=D(1)).value == D("0.75")
    assert outcome(Measure("percent_done", "P"), half, missing=D(1)).left_out == 0


@pytest.mark.parametrize(
    "bad", ["abc", "NaN", "Infinity", "1e99999999", True, date(2026, 1, 1), (D(1), D(2)), D("NaN")]
)
@pytest.mark.parametrize("name", ["sum", "avg", "max", "percentile", "nps", "percent_done"])
def test_what_is_no_number_names_field_and_record(name, bad):
    records = [Record("r-1", {"F": D(1)}, done=True), Record("r-2", {"F": bad}, done=True)]
    gap = outcome(Measure(name, "F"), records)
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.MISREAD
    assert "“F” of r-2" in gap.reason
    assert gap.source == "crm"


def test_percent_done_by_records_and_by_a_field():
    records = [
        Record("a", {"P": D(5)}, done=True),
        Record("b", {"P": D(3)}, done=False),
        Record("c", {}, done=False),
    ]
    plain = outcome(Measure("percent_done"), records)
    assert (plain.numerator, plain.denominator, plain.counted) == (1, 3, 3)
    assert plain.value == D(1) / D(3)
    weighted = outcome(Measure("percent_done", "P"), records)
    assert (weighted.value, weighted.numerator, weighted.denominator) == (D("0.625"), 5, 8)
    assert (weighted.counted, weighted.left_out) == (2, 1)


def test_percent_done_needs_to_know_what_is_done():
    gap = outcome(Measure("percent_done"), [Record("a", {})])
    assert gap.kind is GapKind.MISREAD
    assert "done" in gap.reason


def test_percent_done_of_weights_that_add_up_to_nothing_is_a_gap():
    assert outcome(Measure("percent_done", "P"), [Record("a", {"P": D(0)}, done=True)]).kind is GapKind.EMPTY


def test_a_share_keeps_both_numbers():
    reading = outcome(Measure("share", of=WON), rows("Won", "Lost", None, "Won", name="Stage"))
    assert (reading.value, reading.numerator, reading.denominator, reading.counted) == (D("0.5"), 2, 4, 4)


@pytest.mark.parametrize(
    ("scores", "value"),
    [([10, 9], 100), ([0, 6], -100), ([7, 8], 0), ([9, 9, 7, 3], 25), ([10, 0, 0], D(-100) / 3)],
)
def test_nps(scores, value):
    reading = outcome(Measure("nps", "F"), rows(*map(D, scores)))
    assert (reading.value, reading.denominator) == (value, len(scores))
    assert reading.counted == len(scores)


def test_an_nps_answer_runs_from_0_to_10():
    gap = outcome(Measure("nps", "F"), rows(D(9), D(11)))
    assert gap.kind is GapKind.MISREAD
    assert "0 to 10" in gap.reason


def test_the_latest_by_the_windows_date():
    records = [
        Record("a", {"Day": date(2026, 3, 1), "F": D(1)}),
        Record("b", {"Day": datetime(2026, 3, 2, 12, tzinfo=UTC), "F": D(2)}),
        Record("c", {"Day": date(2026, 3, 3)}),
        Record("d", {"F": D(4)}),
        Record("e", {"Day": "2026-02-28", "F": D(5)}),
    ]
    for order in (records, records[::-1]):
        reading = outcome(Measure("latest", "F"), order, window=WINDOW)
        assert (reading.value, reading.left_out) == (2, 2)
        assert reading.samples == (Sample("b"),)


def test_of_equal_dates_the_greater_id_is_the_latest():
    records = [Record(i, {"Day": date(2026, 3, 1), "F": D(n)}) for n, i in enumerate("bca")]
    assert outcome(Measure("latest", "F"), records, window=WINDOW).value == 1


def test_up_to_three_samples_are_kept():
    reading = outcome(Measure("count"), [Record(str(n), {}, f"t{n}", f"l{n}") for n in range(5)])
    assert reading.samples == (Sample("0", "t0", "l0"), Sample("1", "t1", "l1"), Sample("2", "t2", "l2"))


NUMBERS = st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1, max_size=30)


@given(NUMBERS, st.randoms())
def test_the_order_of_records_makes_no_difference(numbers, random):
    shuffled = numbers[:]
    random.shuffle(shuffled)
    for name in ("sum", "avg", "min", "max", "median", "distinct"):
        measure = Measure(name, "F")
        assert outcome(measure, rows(*numbers)).value == outcome(measure, rows(*shuffled)).value


@given(NUMBERS | st.lists(st.integers(-60, 60).map(lambda power: Decimal(1).scaleb(power)), min_size=1, max_size=9))
def test_sums_are_exact(numbers):
    assert Fraction(outcome(Measure("sum", "F"), rows(*numbers)).value) == sum(map(Fraction, numbers))


@given(st.lists(st.integers(-1000, 1000).map(Decimal), min_size=2, max_size=30))
def test_percentiles_are_what_the_standard_library_and_spreadsheets_say(numbers):
    quartiles = statistics.quantiles(map(float, numbers), n=4, method="inclusive")
    ours = [percentile(numbers, Decimal(rank)) for rank in (25, 50, 75)]
    assert [float(number) for number in ours] == pytest.approx(quartiles)
    assert percentile(numbers, Decimal(50)) == Decimal(statistics.median(numbers))


def test_statuses_decide_what_is_done_where_they_are_named():
    released = Measure("percent_done", "P", of=(Condition("status", "in", ("Released",)),))
    records = [
        Record("a", {"P": D(3), "status": "Released"}, done=False),
        Record("b", {"P": D(1), "status": "Done"}, done=True),
    ]
    reading = outcome(released, records)
    assert (reading.value, reading.numerator, reading.denominator) == (D("0.75"), 3, 4)
    assert released.fields == {"P", "status"}


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("{percent_done: {status: Done}}", "knows no “status”", "statuses"),
        ("{percent_done: {}}", "nothing says what percent_done reads", "Write {statuses"),
        ("{percent_done: {statuses: []}}", "takes the names of statuses", "Write {statuses"),
        ("{percent_done: {statuses: }}", "takes the names of statuses", "Write {statuses"),
        ("{percent_done: {statuses: [Done, [x]]}}", "takes the names of statuses", "Write {statuses"),
        ("{percent_done: {by: [a, b]}}", "takes the name of one field", "Write {statuses"),
    ],
)
def test_what_percent_done_does_not_take(text: str, said: str, fix: str):
    measure, problems = parse(f"measure: {text}")
    assert measure is None
    assert said in problems[0].message
    assert fix in (problems[0].fix or "")

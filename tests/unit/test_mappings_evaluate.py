"""From a mapping to a reading in the Target cell's scale: variables, windows, formulas, steps, guards."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mappings.evaluate import Bound, evaluate, expand, expand_kpi, render_source
from mappings.model import Gap, GapKind, Reading, Sample
from okr.model import Cycle, Key, KeyResult, Kpi, Step
from tests.unit.mapping_grammar import resolve_one

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already the 23rd in Berlin
CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
D = Decimal


def key_result(**changes) -> KeyResult:
    return replace(KeyResult(Key("2026-Q4", "A-1"), "A", owner="Ann", target=D(60)), **changes)


def bind(entry: str, metrics: str = "", **changes) -> Bound | Gap:
    mappings, problems = resolve_one(f"metrics: {{{metrics}}}\nkey_results:\n  A-1: {entry}\n")
    assert problems == (), problems
    return expand(mappings.key_results["A-1"], key_result(**changes), CYCLE, NOW, BERLIN)


def read(value, **parts) -> Reading:
    return Reading(D(value), NOW, **parts)


def answer(bound: Bound, *outcomes, **options):
    return evaluate(bound, dict(zip(bound.metrics, outcomes, strict=True)), **options)


def test_variables_are_filled_in_and_windows_dated():
    entry = "{jira: 'who = ${kr.owner} AND day = \"${date}\"', within: {cycle: d}, measure: count}"
    bound = bind(entry, owner="Ann Lee")
    (metric,) = bound.metrics
    assert metric.query.body[0] == 'who = "Ann Lee" AND day = "2026-11-23"'
    window = metric.query.filter.window
    assert (window.start, window.end) == (
        datetime(2026, 10, 1, tzinfo=BERLIN),
        datetime(2027, 1, 1, tzinfo=BERLIN),
    )
    assert hash(metric) == hash(bind(entry, owner="Ann Lee").metrics[0])


def test_today_is_the_day_in_the_companys_zone():
    (metric,) = bind("{jira: x, within: {1d: d}, measure: count}").metrics
    assert metric.query.filter.window.start == datetime(2026, 11, 23, tzinfo=BERLIN)


def test_holes_may_hold_variables_of_the_key_result():
    bound = bind(
        "{metric: t, with: {who: 'team ${kr.owner}'}}", "t: {jira: 'a = ${who}', measure: count}", owner='A "B"'
    )
    assert bound.metrics[0].query.body[0] == 'a = "team A \\"B\\""'


def test_variables_in_where_and_measure():
    bound = bind("{crm: {table: T, where: {Owner: '${kr.owner}'}}, measure: {share: {Team: '${kr.unit}'}}}", unit="a'b")
    (metric,) = bound.metrics
    assert metric.query.filter.conditions[0].values == ("Ann",)
    assert metric.measure.of[0].values == ("a'b",)
    assert bound.factor == 100


def test_what_the_key_result_lacks_is_a_gap_that_says_so():
    gap = bind("{jira: 'who = ${kr.owner}', measure: count}", owner="")
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.DEFINITION
    assert gap.reason == "the query needs ${kr.owner}, and A-1 has none"
    assert gap.place.line == 3


def test_a_query_that_breaks_with_the_real_value_is_a_gap():
    gap = bind("{jira: 'who = ${kr.owner}', measure: count}", owner="never;")
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.DEFINITION


def test_a_cycle_at_the_end_of_time_is_a_gap():
    mappings, _ = resolve_one("key_results: {A-1: {jira: x, within: {cycle: d}, measure: count}}")
    endless = Cycle("x", date(2026, 1, 1), date.max)
    gap = expand(mappings.key_results["A-1"], key_result(), endless, NOW, BERLIN)
    assert isinstance(gap, Gap)


SHARE = "{jira: x, measure: percent_done}"
HALF = read("0.5", numerator=D(1), denominator=D(2))


@pytest.mark.parametrize(
    ("entry", "changes", "expected"),
    [
        (SHARE, {"target": D(60)}, "50"),
        (SHARE, {"target": D("0.6"), "is_share": True}, "0.5"),
        (SHARE, {"target": D("0.6")}, "0.5"),
        (SHARE, {"target": D(1)}, "0.5"),
        (SHARE, {"target": D(1), "baseline": D(40)}, "50"),
        (SHARE, {"target": None}, "0.5"),
        (SHARE, {"target": D(40), "target_to": D(60), "is_share": True}, "0.5"),
        ("{jira: x, measure: percent_done, scale: 10}", {}, "5"),
        ("{jira: x, measure: {share: {a: b}}}", {}, "50"),
        ("{jira: x, measure: {avg: F}}", {}, "0.5"),
        ("{jira: x, measure: {avg: F}, scale: 0.001}", {}, "0.0005"),
        ("{metric: t, with: {a: b}}", {}, "50"),
        ("{formula: t2}", {}, "0.5"),
    ],
)
def test_shares_are_fractions_inside_and_written_in_the_targets_scale(entry, changes, expected):
    metrics = "t: {jira: 'x = ${a}', measure: percent_done}, t2: {jira: x, measure: percent_done}"
    reading = answer(bind(entry, metrics, **changes), HALF)
    assert reading.value == D(expected)


@pytest.mark.parametrize(
    ("measure", "reading", "detail"),
    [
        ("count", read(112, counted=112), "112 records"),
        ("count", read(1), "1 record"),
        ("percent_done", read("0.4", numerator=D(31), denominator=D(74), counted=74), "31 of 74 done"),
        ("{percent_done: Points}",
         read("0.4", numerator=D("12.5"), denominator=D(74), counted=9), "12.5 of 74 Points done"),
        ("{share: {Stage: Won}}", read("0.4", numerator=D(31), denominator=D(1074)), "31 of 1,074 Won"),
        ("{share: {Days: {'<=': 3}}}", read("0.4", numerator=D(3), denominator=D(9)), "3 of 9 records"),
        ("{nps: S}", read(12, counted=48), "from 48 records"),
        ("{avg: S}", read(12, counted=48, left_out=2), "from 48 records, 2 left out"),
        ("{sum: S}", read(12, counted=1), "1 record"),
        ("{avg: S}", read(12), ""),
        ("count", read(12, detail="as the source says"), "as the source says"),
    ],
)  # fmt: skip
def test_evidence_in_a_few_words(measure, reading, detail):
    assert answer(bind(f"{{jira: x, measure: {measure}}}"), reading).detail == detail


WON = "won: {jira: x, measure: count}, made: {jira: y, measure: count}"


def test_a_formula_over_metrics():
    bound = bind("{formula: 100 * won / made, scale: 2}", WON)
    early = datetime(2026, 11, 20, tzinfo=UTC)
    reading = answer(  # parts are in the order of the formula: won, made
        bound, Reading(D(10), early, counted=10, left_out=1, samples=(Sample("1"), Sample("2"))),
        read(40, counted=40, notes=("a",), samples=(Sample("3"), Sample("4"))),
    )  # fmt: skip
    assert reading.value == 50
    assert reading.as_of == early
    assert (reading.counted, reading.left_out, reading.notes) == (10, 1, ("a",))
    assert [sample.id for sample in reading.samples] == ["1", "2", "3"]
    assert reading.detail == "won 10, made 40"


def test_a_share_in_a_formula_is_told_by_its_parts():
    bound = bind("{formula: 100 * won_share}", "won_share: {jira: x, measure: {share: {status: Won}}}")
    reading = answer(bound, read("0.45714", numerator=D(16), denominator=D(35)))
    assert reading.detail == "won share 16 of 35"


def test_a_formula_that_divides_by_zero_is_a_gap_with_its_place():
    gap = answer(bind("{formula: won / made}", WON), read(3), read(0))
    assert gap.kind is GapKind.FORMULA
    assert gap.place.line == 3


def test_one_gap_is_the_formulas_gap_and_says_whose():
    gap = answer(bind("{formula: won / made}", WON), Gap(GapKind.UNAVAILABLE, "Jira is down", "Wait.", "jira"), read(3))
    assert (gap.kind, gap.reason, gap.fix, gap.source) == (GapKind.UNAVAILABLE, "won: Jira is down", "Wait.", "jira")


def test_a_single_metrics_gap_is_told_as_it_is():
    assert answer(bind("{jira: x, measure: count}"), Gap(GapKind.REFUSED, "no")).reason == "no"


def test_a_metric_that_was_not_asked_is_a_gap():
    gap = evaluate(bind("{jira: x, measure: count}"), {})
    assert gap.kind is GapKind.UNAVAILABLE
    assert gap.source == "jira"


STEPS = "{steps: {One: {jira: a}, Two: {jira: b, measure: percent_done, weight: 2}, Three: {jira: c, weight: 3}}}"


def test_steps_weigh_in_with_what_is_done():
    bound = bind(STEPS, target=None, is_share=True, steps=(Step("One", weight=D(5)), Step("Two", weight=D(9))))
    reading = answer(bound, read(4, counted=4), read("0.25"), read(0))
    assert reading.steps == {"One": 1, "Two": D("0.25"), "Three": 0}
    assert reading.value == D("0.55")  # (5 · 1 + 2 · 0.25 + 3 · 0) / 10: One's weight stands in Steps
    assert reading.detail == "1 of 3 steps done"
    assert (reading.numerator, reading.denominator) == (D("5.5"), 10)


def test_steps_against_a_target_of_100():
    assert answer(bind(STEPS, target=D(100)), read(1), read(1), read(1)).value == 100


def test_a_step_without_a_reading_is_the_whole_gap():
    gap = answer(bind(STEPS), read(1), Gap(GapKind.MISREAD, "odd"), read(1))
    assert gap.reason == "Two: odd"


def test_steps_that_all_weigh_nothing_are_a_gap():
    weightless = tuple(Step(name, weight=D(0)) for name in ("One", "Two"))
    bound = bind("{steps: {One: {jira: a}, Two: {jira: b}}}", steps=weightless)
    assert answer(bound, read(1), read(1)).kind is GapKind.DEFINITION


def test_equal_metrics_of_steps_are_asked_once():
    bound = bind("{steps: {One: {jira: a}, Two: {jira: a}}}")
    assert len(bound.metrics) == 1
    assert answer(bound, read(1)).steps == {"One": 1, "Two": 1}


def test_guards_look_at_the_value_in_the_targets_scale():
    bound = bind("{jira: x, measure: percent_done, guard: {max: 40, confirm: 2}}")
    doubt = answer(bound, HALF, last=D(30), doubt_days=1)
    assert doubt.kind is GapKind.DOUBT
    assert (doubt.doubted, doubt.source, doubt.place.line) == (50, "jira", 3)
    assert answer(bound, HALF, last=D(30), doubt_days=2).value == 50


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{jira: 'project = WEB', measure: percent_done}", "jira: project = WEB → percent done"),
        ("{jira: a, measure: {sum: EUR}, scale: 0.001}", "jira: a → sum of EUR, times 0.001"),
        ("{crm: {table: T, where: {A: [b, c]}}, measure: count}", "crm: T A in b or c → count"),
        ("{formula: won / made}", "won / made, where won = jira: x → count; made = jira: y → count"),
        ("{steps: {One: {jira: a}, Two: {jira: b, measure: percent_done}}}",
         "steps: One: jira: a → done when there is one; Two: jira: b → percent done"),
        ("{jira: \"a\\n  b\", measure: count}", "jira: a b → count"),
    ],
)  # fmt: skip
def test_the_source_cell(entry, said):
    assert render_source(bind(entry, WON)) == said


def test_kpis():
    text = "kpis:\n  K-1: {jira: 'a = ${kpi.owner}', within: {month: d}, measure: percent_done}\n"
    mappings, problems = resolve_one(text)
    assert problems == ()
    kpi = Kpi("K-1", "Health", owner="Ann", healthy_from=D(30), healthy_to=D(70))
    bound = expand_kpi(mappings.kpis["K-1"], kpi, NOW, BERLIN)
    assert bound.metrics[0].query.body[0] == "a = Ann"
    assert answer(bound, HALF).value == 50
    assert expand_kpi(mappings.kpis["K-1"], replace(kpi, owner=""), NOW, BERLIN).kind is GapKind.DEFINITION
    fraction = replace(kpi, healthy_from=D("0.3"), healthy_to=None)
    assert answer(expand_kpi(mappings.kpis["K-1"], fraction, NOW, BERLIN), HALF).value == D("0.5")

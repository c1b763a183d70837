"""Whether a measure fits its key result: judged by unit, direction, scale and time; each warning has its place."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.airtable_grammar import AirtableGrammar
from connectors.jira_grammar import JiraGrammar
from mappings.evaluate import Bound, expand
from mappings.formula_shape import formula_shape
from mappings.mapping import FormulaOver
from mappings.pointing import point, quoted_words
from mappings.resolve import resolve
from mappings.suits import check_suits, check_value
from okr.model import Cycle, Key, KeyResult, Kind
from okr.problem import Severity, TextPlace

CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
D = Decimal
PLAIN = KeyResult(Key("2026-Q4", "A"), "A", target=D(50), baseline=D(0))
PERCENT = replace(PLAIN, target=D("0.6"), is_share=True)
DOWN = replace(PLAIN, kind=Kind.DECREASE, baseline=D(50), target=D(5))


METRICS = """\
metrics:
  won: {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: count}
  made: {crm: {table: Deals}, within: {cycle: Created}, measure: count}
  ever: {crm: {table: Deals}, measure: count}
  sold: {crm: {table: Deals}, within: {cycle: Closed}, measure: {sum: Amount}}
  seats: {crm: {table: Deals}, within: {cycle: Closed}, measure: {sum: Seats}}
  done: {jira: 'project = WEB AND labels = q4', measure: percent_done}
  late: {crm: {table: Deals}, within: {cycle: Closed}, measure: {share: {Late: yes}}}
"""


def bound_of(entry: str, kr: KeyResult = PLAIN) -> Bound:
    named = METRICS if "formula" in entry or "metric:" in entry else ""
    text = f"{named}key_results:\n  A: {entry}\n"
    mappings, problems = resolve({"m.yaml": text}, {"jira": JiraGrammar(), "crm": AirtableGrammar()})
    assert problems == ()
    found = expand(mappings.key_results["A"], kr, CYCLE, NOW, UTC)
    assert isinstance(found, Bound)
    return found


def codes(entry: str, kr: KeyResult) -> list[str]:
    return [problem.code.removeprefix("live.") for problem in check_suits(kr, bound_of(entry, kr))]


COUNT = "{jira: 'project = WEB', within: {cycle: created}, measure: count}"
DONE = "{jira: 'project = WEB AND labels = q4', measure: percent_done}"


@pytest.mark.parametrize(
    ("entry", "kr", "found"),
    [
        (COUNT, PLAIN, []),
        (COUNT, PERCENT, ["unit"]),
        (COUNT, replace(PLAIN, unit="%"), ["unit"]),
        (COUNT, replace(PLAIN, unit="days"), ["unit"]),
        (COUNT, replace(PLAIN, unit="EUR"), ["unit"]),
        (COUNT, replace(PLAIN, unit="bugs"), []),
        (COUNT.replace("count}", "count, scale: 0.01}"), PERCENT, []),
        (DONE, PERCENT, []),
        (DONE, replace(PLAIN, target=D(80)), []),
        (DONE, replace(PLAIN, target=D("0.3")), ["scale"]),
        (DONE, replace(PLAIN, target=D(250)), ["scale"]),
        (DONE, replace(PLAIN, target=D(100)), []),
        (DONE, replace(DOWN, baseline=D(80), target=D(20)), ["direction"]),
        ("{jira: 'project = WEB', measure: count}", PLAIN, ["no-time-bound"]),
        ("{jira: 'project = WEB', measure: count}", DOWN, []),
        ("{jira: 'project = WEB', measure: count}", replace(PLAIN, baseline=None), ["no-time-bound"]),
        ("{jira: 'project = WEB', measure: count}", replace(PLAIN, baseline=D(20)), []),  # a level, as customers are
        ("{jira: 'project = WEB AND sprint = 7', measure: count}", PLAIN, []),
        ("{jira: 'project = WEB AND created >= startOfYear()', measure: count}", PLAIN, []),
        ("{crm: {table: Deals, where: {Stage: Won}}, measure: {sum: Amount}}", PLAIN, ["no-time-bound"]),
        ("{crm: {table: Deals, view: This quarter}, measure: {sum: Amount}}", PLAIN, []),
        ("{crm: {table: Deals}, measure: {avg: Amount}}", PLAIN, []),
        ("{steps: {One: {jira: 'project = WEB', measure: percent_done}}}", PERCENT, []),
        (COUNT, replace(PERCENT, kind=Kind.BOOLEAN), []),
    ],
)
def test_what_fits_and_what_does_not(entry: str, kr: KeyResult, found: list[str]) -> None:
    assert codes(entry, kr) == found


@pytest.mark.parametrize(
    ("kr", "value", "fix"),
    [
        (PLAIN, D(31), None),
        (PLAIN, D(0), None),
        (PLAIN, D(14_000), None),
        (PLAIN, D(52_000), "0.001"),
        (PLAIN, D(61_000_000), "0.000001"),
        (PERCENT, D("0.42"), None),
        (PERCENT, D("1.3"), None),
        (PERCENT, D(42), "0.01"),
        (replace(PLAIN, target=None), D(1_000_000), None),
    ],
)
def test_a_value_far_from_target_and_baseline_is_a_forgotten_scale(kr: KeyResult, value: D, fix: str | None) -> None:
    found = list(check_value(kr, bound_of(COUNT, PLAIN), value))
    assert [f"scale: {fix} missing" in str(problem.fix) for problem in found] == ([] if fix is None else [True])


def test_a_warning_stands_under_the_measure() -> None:
    (problem,) = check_suits(PERCENT, bound_of(COUNT, PERCENT))
    assert problem.severity is Severity.WARNING
    assert isinstance(problem.place, TextPlace)
    assert problem.line_text is not None
    start = problem.place.column - 1
    assert problem.line_text[start : start + problem.place.length] == "count"


def test_a_finding_points_at_the_word_that_the_source_complains_of() -> None:
    draft = bound_of("{jira: 'project = WBE AND type = Bug', measure: count}").mapping.drafts[0]
    words = quoted_words("The value 'WBE' does not exist for the field 'project'.")
    assert words == ("WBE", "project")
    place = point(draft, "jira", "x", "m", None, words=words).place
    assert isinstance(place, TextPlace)
    assert (place.line, place.column, place.length) == (2, 24, 3)


def test_without_such_a_word_it_points_at_the_query() -> None:
    draft = bound_of("{crm: {table: Deals, where: {Stage: Won}}, measure: count}").mapping.drafts[0]
    found = point(draft, "crm", "x", "m", None, words=("nowhere",))
    assert isinstance(found.place, TextPlace)
    assert (found.place.column, found.place.length) == (20, 5)


DAYS, MONEY = replace(PLAIN, unit="days"), replace(PLAIN, unit="k EUR")
WHOLE_PERCENT = replace(PLAIN, unit="%", target=D(60))


@pytest.mark.parametrize(
    ("formula", "kr", "found"),
    [
        ("won + made", PLAIN, []),
        ("won + made", PERCENT, ["unit"]),
        ("max(won, made)", DAYS, ["unit"]),
        ("won - 3", MONEY, ["unit"]),
        ("sold / 1000", MONEY, []),
        ("sold / won", PERCENT, []),  # nobody can tell
        ("won / made", PERCENT, []),
        ("won / made", MONEY, ["unit"]),
        ("100 * won / made", PERCENT, ["scale"]),
        ("won / made / 0.01", PERCENT, ["scale"]),
        ("100 * won / made", WHOLE_PERCENT, []),
        ("won / made", WHOLE_PERCENT, ["scale"]),
        ("round(100 * won / made, 1)", WHOLE_PERCENT, []),
        ("round(won / made, 3)", WHOLE_PERCENT, ["scale"]),
        ("sold / seats", WHOLE_PERCENT, []),
        ("100 * late", replace(WHOLE_PERCENT, target=D(250)), ["scale"]),
        ("100 * won / made", replace(WHOLE_PERCENT, target=D(250)), []),  # a ratio may well be more than 1
        ("100 * done", WHOLE_PERCENT, []),
        ("100 * done", replace(DOWN, unit="%", baseline=D(80), target=D(20)), ["direction"]),
        ("100 - 100 * done", replace(DOWN, unit="%", baseline=D(80), target=D(20)), []),
        ("100 - 100 * done", WHOLE_PERCENT, ["direction"]),
        ("1 - late", replace(PERCENT, baseline=D(0)), []),
        ("ever + won", PLAIN, ["no-time-bound"]),
        ("ever - won", PLAIN, []),  # what is left is a stock
        ("ever + won", DOWN, []),
        ("ever + won", replace(PLAIN, baseline=D(20)), []),
        ("won / ever", PERCENT, ["no-time-bound"]),
        ("ever / (2 * ever)", PERCENT, []),
    ],
)
def test_formulas_over_named_metrics_too(formula: str, kr: KeyResult, found: list[str]) -> None:
    assert codes(f"{{formula: '{formula}'}}", kr) == found


def test_a_scale_of_the_mapping_says_that_somebody_thought_of_it() -> None:
    assert codes("{formula: 100 * won / made, scale: 0.01}", PERCENT) == []


def test_named_metrics_are_looked_at_where_they_are_written() -> None:
    (problem,) = check_suits(PERCENT, bound_of("{metric: won}", PERCENT))
    assert problem.code == "live.unit"
    assert str(problem.place).endswith("metrics.won.measure")


@pytest.mark.parametrize(
    ("kr", "found"),
    [
        (PERCENT, []),
        (MONEY, ["unit"]),
        (replace(DOWN, target=D("0.1"), baseline=D("0.9"), is_share=True), ["direction"]),
        (replace(PERCENT, target=D("1.2")), ["scale"]),
        (replace(PLAIN, target=D(100)), []),
    ],
)
def test_steps_give_the_share_that_is_done(kr: KeyResult, found: list[str]) -> None:
    assert codes("{steps: {One: {jira: 'key = WEB-1'}}}", kr) == found


@pytest.mark.parametrize(
    ("formula", "kind", "factor", "done"),
    [
        ("won", "count", 1, 0),
        ("-won", "count", -1, 0),
        ("won + 3", "count", 1, 0),
        ("2 * won + 2 * made", "count", 2, 0),
        ("2 * won + made", "", 1, 0),
        ("won + sold", "", 1, 0),
        ("won * made", "", 1, 0),
        ("won ** 2", "", 1, 0),
        ("won / 0", "", 1, 0),
        ("100 * (1 - done)", "share", 100, -1),
        ("done + late", "ratio", 1, 0),
        ("done + done", "ratio", 1, 1),
        ("done / -2", "share", "-0.5", -1),
        ("100 * won / (2 * made)", "ratio", 50, 0),
        ("clamp(won / made, 0, 1)", "ratio", 1, 0),
        ("min(won, 9)", "count", 1, 0),
        ("min(won, sold)", "", 1, 0),
        ("sold / sold", "ratio", 1, 0),
        ("sold / seats", "", 1, 0),
        ("(2 + 3) * done", "share", 5, 1),
    ],
)
def test_what_kind_of_number_a_formula_gives(formula: str, kind: str, factor: object, done: int) -> None:
    bound = bound_of(f"{{formula: '{formula}'}}")
    reads = bound.mapping.reads
    assert isinstance(reads, FormulaOver)
    shape = formula_shape(reads.formula, {part.name: part.metric.measure for part in bound.parts})
    assert (shape.kind, shape.factor, shape.done) == (kind, D(str(factor)), done)

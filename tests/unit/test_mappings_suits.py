"""Whether a measure fits its key result: judged by unit, direction, scale and time; each warning has its place."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.airtable_grammar import AirtableGrammar
from connectors.jira_grammar import JiraGrammar
from mappings.evaluate import Bound, expand
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


def bound_of(entry: str, kr: KeyResult = PLAIN) -> Bound:
    text = f"key_results:\n  A: {entry}\n"
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

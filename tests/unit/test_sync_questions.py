from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mappings.model import Elapsed, Gap, GapKind, Reading
from mappings.resolve import resolve
from okr.calendar import Calendar
from okr.problem import Severity
from sync.questions import make_asked, make_questions
from sync.sheet.layout import Tab
from sync.sheet.ledger import NO_ENTRY, Good
from tests.support.fake_source import NumberGrammar
from tests.unit.sync_sheets import NOW, Q4, kpi_row, kr, ledger_tab, row_key, snapshot_of

D = Decimal
KR, KPI = Tab.KEY_RESULTS, Tab.KPIS
A, B, K = row_key("A"), row_key("B"), row_key("K", KPI)
BERLIN = ZoneInfo("Europe/Berlin")
MAPPED = "key_results: {A: {desk: {number: a}, measure: count}}"
ROWS = {KR: [kr("A"), kr("B")], KPI: [kpi_row()]}


def mappings_of(text):
    return resolve({"mappings.yaml": text}, {"desk": NumberGrammar()})[0]


def questions_of(text=MAPPED, rows=ROWS, *, year_starts=1, now=NOW, open_cycles=(Q4,), **rest):
    cycles = {cycle.name: cycle for cycle in open_cycles}
    snapshot = snapshot_of(rows, **rest)
    return make_questions(mappings_of(text), snapshot, cycles, now.astimezone(BERLIN), BERLIN, Calendar(year_starts))


def bodies(questions):
    return [metric.query.body for metric in questions.metrics]


def test_each_mapped_row_is_asked_for():
    questions = questions_of(
        "key_results: {A: {desk: {number: a}, measure: count}}\nkpis: {K: {desk: {number: k}, measure: count}}"
    )
    assert set(questions.bounds) == {A, K}
    assert bodies(questions) == ["a", "k"]
    assert (questions.gaps, questions.paused, questions.problems) == ({}, {}, ())
    assert set(questions.sources) == {A, K}
    assert "number a" in questions.sources[A]


def test_equal_metrics_are_asked_for_once():
    line = "{desk: {number: a}, measure: count}"
    questions = questions_of(f"key_results: {{A: {line}, B: {line}}}")
    assert set(questions.bounds) == {A, B}
    assert bodies(questions) == ["a"]


def test_rows_of_cycles_that_are_not_open_are_not_asked_for():
    assert bodies(questions_of(rows={KR: [kr("A", cycle="2026-Q3")]})) == []


def test_a_key_results_id_is_not_a_kpis():
    questions = questions_of("key_results: {K: {desk: {number: a}, measure: count}}")
    assert questions.bounds == {}
    assert [problem.subject for problem in questions.problems] == ["K"]


@pytest.mark.parametrize(
    ("text", "tab", "line"),
    [
        ("key_results:\n  Z: {desk: {number: a}, measure: count}", "Key Results", 2),
        ("kpis:\n\n  Z: {desk: {number: a}, measure: count}", "KPIs", 3),
    ],
)
def test_a_mapped_id_that_is_not_in_the_sheet_is_a_warning_with_its_place(text, tab, line):
    questions = questions_of(text)
    (problem,) = questions.problems
    assert (problem.code, problem.subject, problem.severity) == ("mapping.no-row", "Z", Severity.WARNING)
    assert (problem.place.file, problem.place.line) == ("mappings.yaml", line)
    assert tab in problem.fix
    assert questions.metrics == ()


PAUSED = "key_results: {A: {desk: {number: a}, measure: count, pause: {why: the migration, until: 2026-11-25}}}"


@pytest.mark.parametrize(
    ("day", "paused"), [("2026-11-22", True), ("2026-11-24", True), ("2026-11-25", False), ("2026-11-30", False)]
)
def test_paused_rows_are_not_asked_for(day, paused):
    now = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    questions = questions_of(PAUSED, now=now)
    assert questions.paused == ({A: "the migration"} if paused else {})
    assert bodies(questions) == ([] if paused else ["a"])
    assert A in questions.sources  # it is mapped all the same


def test_the_pause_ends_by_the_companys_day():
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # the 25th in Berlin
    assert questions_of(PAUSED, now=late).paused == {}


@pytest.mark.parametrize("section", ["key_results", "kpis"])
def test_a_broken_mapping_is_a_gap_with_its_message(section):
    own_id, key = ("A", A) if section == "key_results" else ("K", K)
    questions = questions_of(f"{section}: {{{own_id}: {{desk: {{number: a}}, measure: guess}}}}")
    gap = questions.gaps[key]
    assert gap.kind is GapKind.DEFINITION
    assert gap.reason.startswith("its mapping can't be used: ")
    assert "guess" in gap.reason
    assert "okr-sync check" in gap.fix
    assert key in questions.sources  # its Current doesn't become people's
    assert questions.metrics == ()


def window_of(text, year_starts=1):
    (metric,) = questions_of(text, year_starts=year_starts).metrics
    window = metric.query.filter.window
    return window.start.date().isoformat(), window.end.date().isoformat()


@pytest.mark.parametrize(("starts", "first"), [(1, "2026-01-01"), (4, "2026-04-01"), (12, "2025-12-01")])
@pytest.mark.parametrize("section", ["key_results", "kpis"])
def test_the_fiscal_year_reaches_the_window(section, starts, first):
    own_id = "A" if section == "key_results" else "K"
    text = f"{section}: {{{own_id}: {{desk: {{number: a}}, within: {{year: Closed}}, measure: count}}}}"
    assert window_of(text, starts) == (first, "2026-11-23")


def test_the_cycle_reaches_the_window():
    text = "key_results: {A: {desk: {number: a}, within: {cycle: Closed}, measure: count}}"
    assert window_of(text)[0] == "2026-10-01"


# What came back


def asked_of(outcomes, text=MAPPED, entry=NO_ENTRY, now=NOW):
    snapshot = snapshot_of(ROWS, ledger=ledger_tab({A: entry} if entry != NO_ENTRY else {}))
    questions = make_questions(mappings_of(text), snapshot, {Q4.name: Q4}, now, UTC)
    found = {metric: outcomes[str(metric.query.body)] for metric in questions.metrics if metric.query.body in outcomes}
    return make_asked(questions, found, snapshot, now)


def test_outcomes_by_row():
    asked = asked_of({"a": Reading(D(7), NOW)})
    assert asked.outcomes[A].value == D(7)
    assert set(asked.sources) == {A}


def test_what_was_not_asked_has_no_outcome():
    assert asked_of({}).outcomes == {}
    assert set(asked_of({}).sources) == {A}


def test_a_scale_is_applied():
    text = "key_results: {A: {desk: {number: a}, measure: count, scale: 0.001}}"
    assert asked_of({"a": Reading(D(7000), NOW)}, text).outcomes[A].value == D(7)


def test_a_paused_row_has_no_outcome_and_says_why():
    asked = asked_of({"a": Reading(D(7), NOW)}, PAUSED)
    assert (asked.outcomes, asked.paused) == ({}, {A: "the migration"})


def test_a_paused_row_learns_nothing_from_another_rows_equal_metric():
    line = "desk: {number: a}, measure: count"
    text = f"key_results: {{A: {{{line}, pause: {{why: later}}}}, B: {{{line}}}}}"
    assert set(asked_of({"a": Reading(D(7), NOW)}, text).outcomes) == {B}


def test_a_broken_mapping_comes_back_as_its_gap():
    asked = asked_of({}, "key_results: {A: {desk: {number: a}, measure: guess}}")
    assert asked.outcomes[A].kind is GapKind.DEFINITION


def test_a_sources_gap_stays_one():
    asked = asked_of({"a": Gap(GapKind.UNAVAILABLE, "down", source="desk")})
    assert (asked.outcomes[A].kind, asked.outcomes[A].source) == (GapKind.UNAVAILABLE, "desk")


@pytest.mark.parametrize(
    ("doubt_days", "days_ago", "kind"), [(0, None, Gap), (1, 1, Gap), (2, 0, Gap), (2, 1, Reading), (3, 0, Reading)]
)
def test_a_guard_compares_with_the_last_good_reading_and_yields_in_time(doubt_days, days_ago, kind):
    text = "key_results: {A: {desk: {number: a}, measure: count, guard: {max_change: 10 %, confirm: 3}}}"
    doubted = None if days_ago is None else NOW.date() - timedelta(days=days_ago)
    entry = replace(NO_ENTRY, good=Good(D(100), None), doubt_days=doubt_days, doubted=doubted)
    outcome = asked_of({"a": Reading(D(7), NOW)}, text, entry).outcomes[A]
    assert isinstance(outcome, kind)
    assert kind is Reading or outcome.kind is GapKind.DOUBT


def test_workdays_are_the_companys():
    """Its zone, and its holidays, reach the measure."""
    off = date(2026, 12, 25)
    snapshot, cycles = snapshot_of(ROWS), {Q4.name: Q4}
    text = "key_results:\n  A: {desk: {number: a}, measure: {p85: {workdays: [In Progress, Done]}}}\n"
    calendar = Calendar(holidays=frozenset({off}))
    (metric,) = make_questions(mappings_of(text), snapshot, cycles, NOW.astimezone(BERLIN), BERLIN, calendar).metrics
    assert metric.measure.elapsed == Elapsed("workdays", "In Progress", "Done", BERLIN, frozenset({off}))

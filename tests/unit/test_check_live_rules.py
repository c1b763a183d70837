"""What the sources' answers tell of mappings: pure, by made-up answers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.survey import Seen, Survey
from mappings.model import Gap, GapKind, Outcome, Reading
from okr.model import KeyResult, Kind
from okr.problem import Problem, Severity
from sync.care.live_overlap import Asked
from sync.care.live_rules import check_owners, check_survey, dead_sources
from tests.unit.test_mappings_suits import DOWN, NOW, PLAIN, bound_of

D = Decimal
BUGS = "{jira: 'project = WEB', within: {cycle: created}, measure: count}"
AMOUNT = "{crm: {table: Deals}, within: {cycle: Closed}, measure: {sum: Amount}}"
MANY = frozenset(map(str, range(40)))


def asked(entry: str = BUGS, kr: KeyResult = PLAIN, id_: str = "A") -> Asked:
    return Asked(id_, bound_of(entry, kr), kr)


def told(
    row: Asked, outcome: Outcome | None = None, seen: Seen | None = None, refused: str | None = None
) -> list[Problem]:
    (metric,) = row.bound.metrics
    survey = Survey(
        {metric: outcome} if outcome else {},
        {metric.query: seen} if seen else {},
        {metric.query: refused} if refused else {},
    )
    return list(check_survey([row], survey, NOW))


def reading(value: int = 12, counted: int = 12, left_out: int = 0) -> Reading:
    return Reading(D(value), NOW, counted=counted, left_out=left_out)


def test_all_is_well() -> None:
    assert told(asked(), reading(), Seen(12, NOW - timedelta(days=1), MANY)) == []


def test_a_refused_query_is_an_error_at_the_word_in_question() -> None:
    (problem,) = told(asked(), refused="The value 'WEB' does not exist for the field 'project'.")
    assert (problem.code, problem.severity, problem.subject) == ("live.refused", Severity.ERROR, "A")
    assert str(problem.place).startswith("m.yaml:2:24")


def test_a_renamed_field_is_an_error_with_the_likely_new_name() -> None:
    gap = Gap(GapKind.MISREAD, "The table Deals has no field “Amount”.", "Did you mean “Amount EUR”?", "crm")
    (problem,) = told(asked(AMOUNT), gap)
    assert (problem.code, problem.fix) == ("live.field", "Did you mean “Amount EUR”?")
    assert problem.line_text is not None
    assert problem.line_text[problem.place.column - 1 :].startswith("Amount}")  # type: ignore[union-attr]


def test_a_renamed_field_of_the_window_is_pointed_at_too() -> None:
    gap = Gap(GapKind.MISREAD, "The table Deals has no field “Closed”.", None, "crm")
    (problem,) = told(asked(AMOUNT), gap)
    assert problem.line_text is not None
    assert problem.line_text[problem.place.column - 1 :].startswith("Closed}")  # type: ignore[union-attr]


def test_a_source_that_says_itself_that_nothing_is_there() -> None:
    gap = Gap(GapKind.EMPTY, "prom has no sample for the query.", "Check its name.", "prom")
    (problem,) = told(asked(), gap)
    assert (problem.code, problem.severity, problem.message) == (
        "live.quiet",
        Severity.WARNING,
        "prom has no sample for the query",
    )


@pytest.mark.parametrize(
    ("counted", "left_out", "is_said"), [(4, 5, True), (5, 5, False), (1, 3, False), (0, 9, True), (50, 1, False)]
)
def test_a_field_that_most_records_lack(counted: int, left_out: int, is_said: bool) -> None:
    codes = [problem.code for problem in told(asked(AMOUNT), reading(counted=counted, left_out=left_out))]
    assert codes == (["live.empty-field"] if is_said else [])


OLD, FRESH = NOW - timedelta(weeks=8, days=1), NOW - timedelta(weeks=7)
NO_WINDOW = "{jira: 'project = WEB AND labels = q3', measure: percent_done}"


@pytest.mark.parametrize(
    ("entry", "kr", "seen", "words"),
    [
        (NO_WINDOW, PLAIN, Seen(0, None, frozenset()), "no record matches"),
        (NO_WINDOW, replace(PLAIN, kind=Kind.AT_MOST, target=D(0)), Seen(0, None, frozenset()), ""),
        (NO_WINDOW, replace(PLAIN, kind=Kind.BOOLEAN), Seen(0, None, frozenset()), ""),  # not done yet
        (BUGS, PLAIN, Seen(0, None, frozenset()), ""),  # the cycle is seven weeks old
        (BUGS.replace("cycle", "90d"), PLAIN, Seen(0, None, frozenset()), "eight weeks before"),
        (NO_WINDOW, PLAIN, Seen(9, OLD, MANY), "the newest of its 9 records is of 26 Sep"),
        (NO_WINDOW.replace("percent_done", "{share: {status: Done}}"), PLAIN, Seen(9, OLD, MANY), ""),
        ("{steps: {One: {jira: 'key = WEB-1'}}}", PLAIN, Seen(0, None, frozenset()), ""),
        (NO_WINDOW, PLAIN, Seen(9, FRESH, MANY), ""),
        (NO_WINDOW, PLAIN, Seen(9, None, MANY), ""),
    ],
)
def test_no_rows_in_eight_weeks(entry: str, kr: KeyResult, seen: Seen, words: str) -> None:
    found = [problem for problem in told(asked(entry, kr), seen=seen) if problem.code == "live.quiet"]
    assert [words in problem.message for problem in found] == ([True] if words else [])


def test_a_table_that_is_kept_from_us_is_an_error_at_the_query_while_others_answer() -> None:
    gap = Gap(GapKind.REFUSED, "crm knows no such table.", "Check the names.", "crm")
    rows = [asked(AMOUNT), asked(AMOUNT.replace("Deals", "Other"), id_="B")]
    metrics = [row.bound.metrics[0] for row in rows]
    found = check_survey(rows, Survey({metrics[0]: gap, metrics[1]: reading()}, {}, {}), NOW)
    assert [(problem.code, problem.subject) for problem in found] == [("live.refused", "A")]
    everything = Survey(dict.fromkeys(metrics, gap), {}, {})
    assert check_survey(rows, everything, NOW) == ()
    assert dead_sources(everything) == {"crm": gap}


def test_a_forgotten_scale_is_seen_in_the_number() -> None:
    (problem,) = told(asked(AMOUNT), reading(52_000))
    assert problem.code == "live.scale"


def both(first: Asked, second: Asked, *ids: frozenset[str]) -> list[Problem]:
    """What is said of two key results whose queries, each once and in the order of their parts, have these records."""
    queries = list(dict.fromkeys(metric.query for row in (first, second) for metric in row.bound.metrics))
    seen = {query: Seen(len(each), NOW, each) for query, each in zip(queries, ids, strict=True)}
    return [one for one in check_survey([first, second], Survey({}, seen, {}), NOW) if "same" in one.code]


def test_two_key_results_that_count_the_same_are_one_warning_by_item_ids() -> None:
    other = asked(BUGS.replace("WEB", "APP"), id_="B")
    (problem,) = both(asked(), other, MANY, MANY - {"0", "1"})
    assert problem.code == "live.same-records"
    assert problem.message == "B and A count mostly the same records (38 of 40)"


def test_different_measures_of_the_same_records_are_two_questions() -> None:
    amount = asked(AMOUNT)
    seats = asked(AMOUNT.replace("Amount", "Seats"), id_="B")
    assert both(amount, seats, MANY) == []


SOME, OTHERS = frozenset(map(str, range(30))), frozenset(map(str, range(30, 60)))


def formula(text: str, id_: str = "A") -> Asked:
    return asked(f"{{formula: '{text}'}}", id_=id_)


@pytest.mark.parametrize(
    ("first", "second", "ids", "message"),
    [
        # a sum of counts against one count of all of it, and against a part of it
        (formula("won + made"), asked(AMOUNT.replace("{sum: Amount}", "count"), id_="B"), (OTHERS, SOME, SOME | OTHERS),
         "A and B count the same 60 records"),
        (formula("won + made"), asked(AMOUNT.replace("{sum: Amount}", "count"), id_="B"), (OTHERS, SOME, SOME), ""),
        # two ratios, also when one is in percent; not when they are upside down, or another's whole
        (formula("won / made"), formula("100 * won / made", "B"), (MANY, SOME), "A and B count the same 40 records"),
        (formula("won / made"), formula("made / won", "B"), (OTHERS, SOME), ""),
        (formula("won / made"), formula("won / ever", "B"), (SOME, OTHERS, frozenset(map(str, range(99)))), ""),
        # other formulas: only in the same form
        (formula("won - made"), formula("won - made", "B"), (SOME, OTHERS), "A and B count the same 60 records"),
        (formula("won - made"), formula("won * made", "B"), (SOME, OTHERS), ""),
        # named metrics
        (asked("{metric: won}"), asked("{metric: made}", id_="B"), (MANY, MANY), "A and B count the same 40 records"),
        (asked("{metric: won}"), asked("{metric: sold}", id_="B"), (MANY, MANY), ""),
        # steps against steps
        (asked("{steps: {One: {jira: a = 1}, Two: {jira: b = 2}}}"),
         asked("{steps: {Uno: {jira: a = 1}, Due: {jira: c = 3}}}", id_="B"),
         (SOME, frozenset({"99"}), frozenset()), "A and B count mostly the same records (30 of 31)"),
        (asked("{steps: {One: {jira: a = 1}}}"), asked("{steps: {One: {jira: b = 2}}}", id_="B"), (SOME, OTHERS), ""),
    ],
)  # fmt: skip
def test_what_counts_the_same_and_what_only_seems_to(
    first: Asked, second: Asked, ids: tuple[frozenset[str], ...], message: str
) -> None:
    said = [problem.message.replace("B and A", "A and B") for problem in both(first, second, *ids)]
    assert said == ([message] if message else [])


def test_shares_of_the_same_records_with_different_parts_are_two_questions() -> None:
    won = asked("{crm: Deals, within: {cycle: Closed}, measure: {share: {Stage: Won}}}")
    lost = asked("{crm: Deals, within: {cycle: Closed}, measure: {share: {Stage: Lost}}}", id_="B")
    assert both(won, lost, MANY) == []
    again = asked("{crm: Deals, within: {cycle: Closed}, measure: {share: {Stage: Won}}}", id_="B")
    assert [problem.message for problem in both(won, again, MANY)] == ["A and B count the same 40 records"]


def test_a_formula_with_a_part_that_is_too_large_to_keep_is_not_compared() -> None:
    first, second = formula("won / made"), formula("won / made", "B")
    won, made = (metric.query for metric in first.bound.metrics)
    seen = {won: Seen(40, NOW, MANY), made: Seen(30_000, NOW, None)}
    assert check_survey([first, second], Survey({}, seen, {}), NOW) == ()


def test_too_many_records_to_compare_are_not_compared() -> None:
    query = asked().bound.metrics[0].query
    assert list(check_survey([asked(), asked(id_="B")], Survey({}, {query: Seen(30_000, NOW, None)}, {}), NOW)) == []


def test_what_is_said_of_a_shared_metric_is_said_once() -> None:
    rows = [asked(kr=DOWN), asked(kr=DOWN, id_="B")]
    query = rows[0].bound.metrics[0].query
    found = check_survey(rows, Survey({}, {}, {query: "No."}), NOW)
    assert [problem.code for problem in found] == ["live.refused"]


def test_a_key_result_without_an_owner_unless_its_time_is_over() -> None:
    today = date(2026, 11, 22)
    krs = [PLAIN, replace(PLAIN, owner="Ann"), replace(PLAIN, due=date(2026, 11, 1)), replace(PLAIN, owner="  ")]
    assert [problem.code for problem in check_owners(krs, today)] == ["okr.no-owner"] * 2

from datetime import date
from decimal import Decimal

import pytest

from okr.model import Commitment, Key, Kind, Level
from okr.problem import Severity
from sync.sheet.cell import Cell
from sync.sheet.definitions import infer_kind, parse_okrs
from sync.sheet.layout import Field, Tab
from tests.unit.okr_rows import step
from tests.unit.sync_sheets import CYCLES, Q4, cell, formula, kpi_row, kr, objective_row, percent, view_of

D = Decimal


def okrs_of(check_ins=(), fields=None, **rows):
    """All definitions out of rows by tab name in small letters."""
    views = {Tab[name.upper()]: view_of(Tab[name.upper()], items, fields=fields) for name, items in rows.items()}
    ins = {Q4.name: view_of(Tab.CHECK_INS, check_ins)}
    return parse_okrs(views, ins, CYCLES)


def only_kr(row, **rest):
    (found,) = okrs_of(key_results=[row], **rest).key_results
    return found


def codes(item):
    return [problem.code for problem in item.problems]


def test_a_full_row():
    row = kr(
        "WEB-1.1",
        owner="Mira",
        target=20,
        target_to=25,
        kind="between",
        unit="days",
        weight=2,
        commitment="aspirational",
        start=date(2026, 10, 5),
        due="2026-12-15",
    )
    found = only_kr(row)
    assert found.key == Key("2026-Q4", "WEB-1.1")
    assert (found.name, found.objective, found.owner, found.unit) == ("Result WEB-1.1", "O", "Mira", "days")
    assert (found.kind, found.commitment) == (Kind.BETWEEN, Commitment.ASPIRATIONAL)
    assert (found.baseline, found.target, found.target_to, found.weight) == (D(0), D(20), D(25), D(2))
    assert (found.start, found.due) == (date(2026, 10, 5), date(2026, 12, 15))
    assert (found.is_share, found.approved, found.problems) == (False, True, ())
    assert str(found.place) == "Key Results!A2"


def test_what_is_left_empty():
    found = only_kr(kr(baseline=None, target=None, objective_id=None))
    assert (found.objective, found.weight, found.kind) == (None, D(1), Kind.INCREASE)
    assert (found.baseline, found.target, found.start, found.due, found.problems) == (None, None, None, None, ())


@pytest.mark.parametrize(
    ("field", "written", "code", "address"),
    [
        ("target", "as many as possible", "sheet.not-a-number", "E2"),
        ("target", "45 days", "sheet.not-a-number", "E2"),
        ("baseline", "1,5", "sheet.not-a-number", "Q2"),
        ("weight", "much", "sheet.not-a-number", "T2"),
        ("kind", "Growth", "sheet.unknown-word", "P2"),
        ("commitment", "maybe", "sheet.unknown-word", "U2"),
        ("due", "22.11.2026", "sheet.not-a-date", "W2"),
        ("due", "2026-02-30", "sheet.not-a-date", "W2"),
        ("start", 46000, "sheet.not-a-date", "V2"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_cell(field, written, code, address):
    found = only_kr(kr("A", **{field: written}))
    (problem,) = found.problems
    assert (problem.code, problem.subject, problem.severity) == (code, "A", Severity.ERROR)
    assert str(problem.place) == f"Key Results!{address}"
    assert str(written) in problem.message
    assert problem.fix


def test_a_formula_that_fails_is_no_number():
    found = only_kr(kr(target=Cell(None, "#N/A", formula="=1/0", error="#N/A")))
    assert codes(found) == ["sheet.not-a-number"]
    assert "#N/A" in found.problems[0].message
    assert "formula" in found.problems[0].fix


def test_a_day_whose_formula_fails_is_no_empty_day():
    found = only_kr(kr(due=Cell(None, "#REF!", formula="=X9", error="#REF!")))
    assert codes(found) == ["sheet.not-a-date"]
    assert "#REF!" in found.problems[0].message


def test_a_formula_counts_as_what_it_gives():
    assert only_kr(kr(target=formula("=3*4", D(12)))).target == 12


def test_an_id_stays_as_it_is_displayed():
    found = only_kr(kr(Cell(D("1.1"), "1.10")))
    assert found.key.id == "1.10"


# Scales


@pytest.mark.parametrize(
    ("baseline", "target", "mixed"),
    [
        (percent(20), percent(45), False),
        (20, 45, False),
        (20, percent(45), True),
        (percent(20), 45, True),
        ("20 %", percent(45), False),
        ("20%", 45, True),
        (20, "45%", True),
        (0, percent(45), False),  # nought is nought in either scale
        (None, percent(45), False),
    ],
)
def test_baseline_and_target_stand_in_one_scale(baseline, target, mixed):
    found = only_kr(kr(baseline=baseline, target=target))
    assert codes(found) == (["sheet.mixed-scales"] if mixed else [])
    if mixed:
        assert str(found.problems[0].place) == "Key Results!Q2"


def test_a_mixed_upper_end_is_named_too():
    found = only_kr(kr(kind="Between", baseline=None, target=percent(20), target_to=45))
    assert codes(found) == ["sheet.mixed-scales"]
    assert str(found.problems[0].place) == "Key Results!R2"
    assert "percent" in found.problems[0].fix


def test_percent_targets_are_fractions_and_known_as_shares():
    found = only_kr(kr(baseline=percent(20), target=percent(45)))
    assert (found.target, found.is_share) == (D("0.45"), True)
    text = only_kr(kr(baseline=None, target="45 %"))
    assert (text.target, text.is_share) == (D("0.45"), True)
    assert not only_kr(kr()).is_share


@pytest.mark.parametrize("kind", [Kind.MILESTONES, Kind.BOOLEAN])
def test_kinds_without_a_scale_are_not_asked_for_one(kind):
    assert codes(only_kr(kr(kind=kind.value, baseline=5, target=percent(100)))) == []


# Kinds


@pytest.mark.parametrize(
    ("baseline", "target", "steps", "kind"),
    [
        (0, 10, (), Kind.INCREASE),
        (10, 0, (), Kind.DECREASE),
        (10, 10, (), Kind.INCREASE),
        (None, 10, (), Kind.INCREASE),
        (None, None, (), Kind.INCREASE),
        (None, None, (step("a"),), Kind.MILESTONES),
        (None, None, (step("a", expected=3),), Kind.INCREASE),
        (None, None, (step("a", expected=3), step("b")), Kind.MILESTONES),
        (None, 10, (step("a"),), Kind.INCREASE),
        (10, 5, (step("a"),), Kind.DECREASE),
    ],
)
def test_an_empty_kind_follows_from_numbers_and_steps(baseline, target, steps, kind):
    assert infer_kind(baseline, target, steps) is kind


# Rows that can't be told apart, cycles, approval


def test_ids_used_twice_are_a_problem_on_each_row_with_both_rows():
    found = okrs_of(key_results=[kr("A"), kr("B"), kr("A")]).key_results
    assert [codes(item) for item in found] == [["sheet.id-twice"], [], ["sheet.id-twice"]]
    assert [str(found[at].problems[0].place) for at in (0, 2)] == ["Key Results!A2", "Key Results!A4"]
    assert "Rows 2, 4" in found[0].problems[0].fix


def test_one_id_in_two_cycles_is_two_rows():
    found = okrs_of(key_results=[kr("A"), kr("A", cycle="2026-Q3")]).key_results
    assert [codes(item) for item in found] == [[], []]
    assert [item.key.cycle for item in found] == ["2026-Q4", "2026-Q3"]


def test_an_unknown_cycle_is_a_warning_with_the_known_ones():
    (found,) = only_kr(kr(cycle="Spring")).problems
    assert (found.code, found.severity, str(found.place)) == ("sheet.unknown-cycle", Severity.WARNING, "Key Results!X2")
    assert "2026-Q3, 2026-Q4" in found.fix


@pytest.mark.parametrize(
    ("written", "approved"), [("yes", True), (True, True), (1, True), ("no", False), (False, False), (None, False)]
)
def test_where_approved_is_used_only_approved_rows_are(written, approved):
    found = okrs_of(key_results=[kr("A", approved=written), kr("B", approved=True)]).key_results
    assert found[0].approved is approved


def test_an_unused_approved_column_asks_nobody():
    assert all(item.approved for item in okrs_of(key_results=[kr("A"), kr("B")]).key_results)


# The other tabs


def test_objectives():
    rows = [objective_row("C", level="company"), objective_row("W", parent="C", team="Web", owner="Mira", weight=3)]
    company, web = okrs_of(objectives=rows).objectives
    assert (company.level, company.parent, company.weight) == (Level.COMPANY, None, D(1))
    assert (web.level, web.parent, web.team, web.owner, web.weight) == (Level.TEAM, "C", "Web", "Mira", D(3))
    assert str(web.place) == "Objectives!A3"


def test_what_is_wrong_with_an_objective():
    rows = [objective_row("C", level="Galaxy", weight="x"), objective_row("C")]
    one, two = okrs_of(objectives=rows).objectives
    assert codes(one) == ["sheet.not-a-number", "sheet.unknown-word", "sheet.id-twice"]
    assert [str(item.problems[-1].place) for item in (one, two)] == ["Objectives!A2", "Objectives!A3"]


def test_steps_belong_to_their_key_result():
    rows = [
        {Field.KR_ID: "A", Field.STEP: "Design", Field.DONE: "yes"},
        {Field.KR_ID: "A", Field.STEP: "Build", Field.WEIGHT: 3, Field.DONE: percent(50), Field.DUE: "2026-12-01"},
        {Field.KR_ID: "B", Field.STEP: "Other", Field.EXPECTED: 7},
    ]
    found = okrs_of(key_results=[kr("A", target=None), kr("B")], steps=rows).key_results
    design, build = found[0].steps
    assert (design.done, design.weight, design.due) == (D(1), D(1), None)
    assert (build.done, build.weight, build.due) == (D("0.5"), D(3), date(2026, 12, 1))
    assert found[0].kind is Kind.MILESTONES
    assert [item.expected for item in found[1].steps] == [D(7)]


def test_a_step_that_cannot_be_read_is_its_key_results_problem():
    rows = [{Field.KR_ID: "A", Field.STEP: "Design", Field.DUE: "soon", Field.WEIGHT: "heavy"}]
    found = okrs_of(key_results=[kr("A"), kr("B")], steps=rows).key_results
    assert codes(found[0]) == ["sheet.not-a-number", "sheet.not-a-date"]
    assert str(found[0].problems[0].place) == "Steps!D2"
    assert codes(found[1]) == []


def test_kpis_have_no_cycle():
    (found,) = okrs_of(kpis=[kpi_row("UP", healthy_from=percent(99), healthy_to="x", owner="Ops")]).kpis
    assert (found.key, found.healthy_from, found.owner) == (Key("", "UP"), D("0.99"), "Ops")
    assert codes(found) == ["sheet.not-a-number"]
    twice = okrs_of(kpis=[kpi_row("UP"), kpi_row("UP")]).kpis
    assert [codes(item) for item in twice] == [["sheet.id-twice"], ["sheet.id-twice"]]
    assert str(twice[1].problems[0].place) == "KPIs!A3"


def test_people():
    rows = [{Field.NAME: "Mira", Field.EMAIL: "m@example.org", Field.LEFT: date(2026, 11, 1)}]
    (found,) = okrs_of(people=rows).people
    assert (found.name, found.email, found.left) == ("Mira", "m@example.org", date(2026, 11, 1))


def test_check_ins_without_a_day_or_an_id_are_none():
    rows = [
        {Field.DATE: date(2026, 11, 2), Field.KR_ID: "A", Field.CONFIDENCE: 7, Field.COMMENT: "good", Field.BY: "Mira"},
        {Field.DATE: "2026-11-09", Field.KR_ID: "A"},
        {Field.DATE: "last week", Field.KR_ID: "A", Field.CONFIDENCE: 3},
        {Field.DATE: date(2026, 11, 9), Field.CONFIDENCE: 3},
    ]
    one, two = okrs_of(check_ins=rows).check_ins
    assert (one.key, one.day, one.confidence, one.by) == (Key("2026-Q4", "A"), date(2026, 11, 2), 7, "Mira")
    assert (two.day, two.confidence) == (date(2026, 11, 9), None)


def test_a_sheet_without_the_optional_tabs():
    found = okrs_of(key_results=[kr()])
    assert (found.objectives, found.kpis, found.people, found.check_ins) == ((), (), (), ())


def test_one_bad_row_does_not_stop_the_others():
    found = okrs_of(key_results=[kr("A", target="?", kind="?"), kr("B", target=cell(5))]).key_results
    assert [bool(item.problems) for item in found] == [True, False]
    assert found[1].target == 5

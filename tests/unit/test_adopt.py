"""Adopting sheets as companies keep them: what is seen in each, and that the engine then finds it all by itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Key
from sync.care.adopt import AdoptRefused, make_proposal
from sync.care.adopt_config import agrees, quote, render_names
from sync.care.adopt_ground import AdoptWishes
from sync.care.adopt_offers import say_value
from sync.config import parse_config
from sync.sheet.cell import Cell, column_letters
from sync.sheet.columns import find_column
from sync.sheet.layout import Field, Role, Tab
from sync.sheet.locate import drop_headings, find_columns, locate_tab
from sync.sheet.snapshot import SheetNames
from sync.sheet.store import CellRange
from tests.unit.adopt_sheets import COMPANIES, make_raw, make_raw_tab


def propose(company, **wishes):
    return make_proposal(make_raw(*company.tabs), AdoptWishes(quarter=4, **wishes))


def propose_text(text, *merges, **wishes):
    return make_proposal(make_raw(make_raw_tab("OKRs", text, *merges)), AdoptWishes(quarter=4, **wishes))


@pytest.fixture(params=COMPANIES)
def company(request):
    return COMPANIES[request.param]


def test_the_table_its_headers_and_columns_are_found(company):
    proposal = propose(company)
    assert (proposal.table.raw.title, proposal.table.header_row + 1) == (company.tab, company.header_row)
    theirs = {choice.field.value: column_letters(choice.at) for choice in proposal.choices if choice.at is not None}
    assert theirs == company.columns
    ours = {choice.field.value for choice in proposal.choices if choice.at is None and choice.header}
    assert company.ours | {"objective_id", "why", "progress"} <= ours
    headers = {field.value: header for field, header in proposal.headers.items()}
    assert {name: headers.get(name) for name in company.headers} == company.headers


def test_every_row_is_understood(company):
    proposal = propose(company)
    assert {found.row + 1: found.id for found in proposal.key_results} == company.ids
    assert {found.id: found.name for found in proposal.objectives} == company.objectives
    assert {found.row + 1: found.why for found in proposal.skipped} == company.skipped
    assert {found.objective for found in proposal.key_results} <= set(company.objectives)


def test_what_stands_in_text_is_offered_and_no_more(company):
    proposal = propose(company)
    offers = {
        f"{offer.field.value} {found.row + 1}": say_value(offer)
        for found in proposal.key_results
        for offer in found.offers
    }
    assert offers == company.offers
    for offer in proposal.offers:
        assert offer.text
        assert offer.place.tab == company.tab


def test_a_tab_of_theirs_is_never_taken_for_one_of_ours(company):
    proposal = propose(company)
    assert {tab.value: title for tab, title in proposal.tabs.items()} == company.config_tabs
    names = SheetNames(proposal.tabs)
    ours = {names.title(tab) for tab in Tab if tab is not Tab.KEY_RESULTS}
    assert ours & {tab.title for tab in company.tabs} == set()


def test_the_engine_finds_the_same_by_the_config(company):
    """Their columns, no other of theirs, and no row that is no key result."""
    proposal = propose(company)
    raw = next(tab for tab in company.tabs if tab.title == company.tab)
    view = locate_tab(Tab.KEY_RESULTS, raw, headers=proposal.headers, remembered={}, open_cycle="2026-Q4")
    assert {field.value: column_letters(at) for field, at in view.columns.items()} == company.columns
    assert view.header_row + 1 == company.header_row
    assert [warning for warning in proposal.warnings if "told apart" in warning] == []
    if Field.KR_ID in view.columns:
        made = make_raw_tab(
            "Objectives", "Objective ID | Objective\n" + "\n".join(f"{id_} | x" for id_ in company.objectives)
        )
        objectives = locate_tab(Tab.OBJECTIVES, made, headers={}, remembered={}, open_cycle="2026-Q4")
        kept = drop_headings(view, objectives)
        assert {row.index + 1: row.key.id for row in kept.rows} == company.ids
        assert kept.duplicates == frozenset()


def test_the_config_says_what_is_proposed_and_a_second_look_agrees(company):
    proposal = propose(company)
    text = f"sheet:\n  workbook: okrs.xlsx\n{render_names(proposal)}\nsources: {{}}\nmappings: m.yaml\n"
    config, problems = parse_config(text, "config.yaml")
    assert problems == ()
    assert config is not None
    assert agrees(proposal, config.sheet.names)
    again = propose(company, names=config.sheet.names)
    assert agrees(again, config.sheet.names)
    assert (again.key_results, again.objectives) == (proposal.key_results, proposal.objectives)


def test_the_same_sheet_gives_the_same_ids(company):
    assert propose(company) == propose(company)


# What a person says comes first


SIMPLE = """
Objective | Key result  | Goal | Goal 2026 | Now
Grow      | Won deals   | 40   | 60        | 12
"""


def test_a_header_that_the_config_names_is_taken_whatever_is_guessed():
    assert propose_text(SIMPLE).headers[Field.TARGET] == "Goal"
    names = SheetNames(columns={Tab.KEY_RESULTS: {Field.TARGET: "Goal 2026"}})
    proposal = propose_text(SIMPLE, names=names)
    assert proposal.headers[Field.TARGET] == "Goal 2026"
    assert next(each.at for each in proposal.choices if each.field is Field.TARGET) == 3


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [("10", "2", Field.BASELINE), ("2026-10-01", "2026-11-01", Field.START), ("", "", Field.START)],
)
def test_start_is_a_baseline_where_it_holds_numbers_and_a_day_where_it_holds_days(first, second, field):
    text = f"Key result | Owner | Start | Target\nWon deals | Ida | {first} | 60\nPartners | Ben | {second} | 9"
    proposal = propose_text(text)
    assert {choice.field for choice in proposal.choices if choice.at == 2} == {field}


def test_a_tab_can_be_chosen():
    teams = COMPANIES["one tab for each team"]
    proposal = propose(teams, tab="Customer Success")
    assert [(found.id, found.name) for found in proposal.key_results] == [("CS-1.1", "NPS")]


def test_ids_that_were_taken_once_do_not_come_back():
    proposal = propose_text(SIMPLE, taken=("O-1", "O-2.7"))
    assert [found.id for found in proposal.objectives] == ["O-2"]
    assert [found.id for found in proposal.key_results] == ["O-2.8"]


def test_a_header_over_two_lines_of_a_cell_is_one():
    raw = make_raw_tab("OKRs", "Key result | Owner | Target\nDeals | Ida | 60")
    cells = ((Cell("Key\nresult", "Key\nresult"), *raw.cells[0][1:]), *raw.cells[1:])
    proposal = make_proposal(make_raw(replace(raw, cells=cells)), AdoptWishes())
    assert [found.name for found in proposal.key_results] == ["Deals"]


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("Schlüsselergebnis", "NPS von 32 auf 45 steigern", "Neue Kunden: 40 gewinnen"),
        ("Key Result", "Ship the app to 5 pilot customers", "$1.5M of new pipeline"),
        ("KR", "Signer 20 contrats", "Churn below 2% a month"),
    ],
)
def test_key_results_that_say_their_numbers_shortly_are_no_targets(header, first, second):
    proposal = propose_text(f"Nr | {header} | Target\n1 | {first} | 45\n2 | {second} | 40")
    assert [found.name for found in proposal.key_results] == [first, second]
    assert {choice.at for choice in proposal.choices if choice.field is Field.KEY_RESULT} == {1}


def test_headers_merged_down_end_in_their_second_row():
    text = """
Ziel    | Schlüsselergebnis | Werte         |          | Verantwortlich
        |                   | Ausgangswert  | Zielwert |
Wachsen | Neue Kunden       | 900.000 €     | 1,2 Mio. | Anna
        | Weniger Austritte | 4,1 Prozent   | 2,5      | Ben
"""
    proposal = propose_text(text, "A1:A2", "B1:B2", "C1:D1", "E1:E2", "A3:A4")
    assert proposal.table.header_row == 1
    assert proposal.warnings == ()
    view = locate_tab(
        Tab.KEY_RESULTS, proposal.table.raw, headers=proposal.headers, remembered={}, open_cycle="2026-Q4"
    )
    assert view.header_row == 1


@pytest.mark.parametrize("target", ["31 Dec", "TBD", "?", "300ms"])
def test_a_target_that_says_no_number_leaves_it_to_the_text(target):
    proposal = propose_text(f"Key Result | Owner | Target\nCut latency from 900ms to 300ms | Raj | {target}")
    offers = {offer.field: (offer.value, offer.place.address) for offer in proposal.offers}
    assert offers[Field.TARGET] == (300, "A2")
    assert offers[Field.BASELINE] == (900, "A2")


def test_objectives_of_one_name_and_two_numbers_are_two():
    proposal = propose_text(
        "Objective | Key Result | Target\nO1: Grow | Deals won | 5\nO2: Grow | Partners found | 6\nGrow | Visits | 7"
    )
    assert [each.id for each in proposal.objectives] == ["O1", "O2"]
    assert [each.objective for each in proposal.key_results] == ["O1", "O2", "O1"]


def test_a_column_of_another_kind_shows_the_cell_that_is():
    proposal = propose_text("Key Result | Target | Current\nDeals won | 5 | 38\nPartners | 6 | see chat")
    assert "“see chat”" in next(each.reason for each in proposal.choices if each.field is Field.CURRENT)


@pytest.mark.parametrize(
    ("header", "day"),
    [("Échéance", "31/12/2026"), ("Fällig am", "31.12.2026"), ("Due", "Dec 31, 2026"), ("Deadline", "31.12.")],
)
def test_days_as_text_are_not_used_and_it_is_said(header, day):
    proposal = propose_text(f"Key Result | Target | {header}\nDeals won | 5 | {day}\nPartners | 6 | {day}")
    due = next(each for each in proposal.choices if each.field is Field.DUE)
    assert (due.at, due.header) == (None, "")
    assert f"column C holds what okr-sync can't read as Due, such as “{day}”; make it days" in due.reason


def test_formulas_that_nobody_worked_out_yet_are_said():
    raw = make_raw_tab("OKRs", "Key Result | Target | Current\nDeals won | 5 | 1")
    cells = (raw.cells[0], (*raw.cells[1][:2], Cell(formula="=B2/2", error="formula without a value")))
    proposal = make_proposal(make_raw(replace(raw, cells=cells)), AdoptWishes())
    reason = next(each.reason for each in proposal.choices if each.field is Field.CURRENT)
    assert "column C holds formulas without a value yet; open and save the file in Excel" in reason


def test_a_column_without_a_header_is_taken_for_nothing():
    proposal = propose_text("Objective | | Owner | Target\nGrow | Deals won with hospitals | Ida | 60")
    assert 1 not in {each.at for each in proposal.choices}
    assert all(each.header for each in proposal.choices if each.is_written)


# What can't be used


def choice(text, field):
    return next(each for each in propose_text(text).choices if each.field is field)


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        (("A-1", "A-1"), "the same id more than once"),
        (("A-1", ""), "empty in 1 key results"),
        (("1.1", "1.2"), "numbers"),
    ],
)
def test_ids_that_do_not_serve(ids, why):
    text = f"ID | Objective | Key result | Target\n{ids[0]} | Grow | Deals | 60\n{ids[1]} | Grow | Days | 40"
    made = choice(text, Field.KR_ID)
    assert made.at is None
    assert why in made.reason
    assert made.header == "KR ID"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("=B2*2⇒0.4", "=B3*2⇒0.5"), "formulas of yours"),
        (("38", "61"), "in other words"),
    ],
)
def test_a_score_of_theirs_that_is_none_of_ours_stays_theirs(cells, why):
    text = "Key result | Owner | Target | Now | Score\nDeals | Ida | 60 | 12 | {}\nDays | Ben | 40 | 44 | {}"
    made = choice(text.format(*cells), Field.SCORE)
    assert (made.at, made.header) == (None, "Score (okr-sync)")
    assert why in made.reason


def test_a_merged_column_is_not_written_into():
    text = "Key result | Target | Now | Status\nDeals | 60 | 12 | On track\nDays | 40 | 44 |"
    raw = make_raw(make_raw_tab("OKRs", text, "D2:D3"))
    made = next(each for each in make_proposal(raw, AdoptWishes()).choices if each.field is Field.STATUS)
    assert (made.at, made.header) == (None, "Status (okr-sync)")


def test_what_lies_past_its_target_is_said():
    proposal = propose_text("Key result | Target | Now\nDays to contract | 40 | 44\nWon deals | 60 | 12")
    assert next(each for each in proposal.warnings if "past the target" in each).startswith("“Days to contract”")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Month | Revenue | Cost\nJan | 12 | 9", "“Month”, “Revenue”, “Cost”"),
        ("just a note", "No row there has two filled cells"),
        ("", "No row there has two filled cells"),
    ],
)
def test_a_sheet_without_okrs_says_what_was_seen_and_what_to_do(text, seen):
    with pytest.raises(AdoptRefused) as refused:
        propose_text(text)
    assert seen in str(refused.value)
    assert "sheet.columns" in str(refused.value)
    assert "Nothing was written" in str(refused.value)


def test_a_tab_that_is_not_there():
    with pytest.raises(AdoptRefused, match=r"no tab “Q1”.*“OKRs”"):
        propose_text(SIMPLE, tab="Q1")


def test_hidden_tabs_are_not_looked_at():
    raw = make_raw(replace(make_raw_tab("Old", SIMPLE), hidden=True))
    with pytest.raises(AdoptRefused):
        make_proposal(raw, AdoptWishes())


def test_a_comment_of_the_config_stays_on_its_line():
    proposal = propose_text('Key result | Owner | Ziel 2026: "alles"\nDeals | Ida | 60')
    (line,) = [line for line in render_names(proposal).splitlines() if "Target:" in line]
    assert line.strip().startswith('Target: "Ziel 2026: \\"alles\\""')


def test_headings_with_a_target_of_their_own_are_not_dropped():
    raw = make_raw_tab("K", "KR ID | Key result | Target\nO1 | Grow | 5\nO2 | Win |\nK1 | Deals | 60")
    made = make_raw_tab("Objectives", "Objective ID | Objective\nO1 | Grow\nO2 | Win")
    view = locate_tab(Tab.KEY_RESULTS, raw, headers={}, remembered={}, open_cycle="Q")
    objectives = locate_tab(Tab.OBJECTIVES, made, headers={}, remembered={}, open_cycle="Q")
    assert [row.key for row in drop_headings(view, objectives).rows] == [Key("Q", "O1"), Key("Q", "K1")]


# Any sheet at all


words = st.sampled_from(
    ("", "Objective", "Key result", "Target", "Actual", "Owner", "O1", "KR1.1: Win", "O2: Grow", "32 → 45", "45%", "12",
     "Total", "from 3 to 5", "Status", "a longer text of somebody's", "=A1⇒3", "2026-12-31", "Q4 Target", "Progress")
)  # fmt: skip
grids = st.lists(st.lists(words, max_size=6), max_size=9)
corners = st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3))


@given(grids, st.lists(corners, max_size=3))
def test_no_sheet_is_too_odd(grid, merges):
    """It is understood, with ids that differ and columns that the engine finds, or refused in words."""
    raw = make_raw_tab("Any", "\n".join(" | ".join(row) for row in grid))
    areas = tuple(CellRange(top, left, top + down, left + right) for top, left, down, right in merges)
    try:
        proposal = make_proposal(make_raw(replace(raw, merges=areas)), AdoptWishes(quarter=4))
    except AdoptRefused:
        return
    ids = [found.id for found in proposal.key_results]
    assert len(set(ids)) == len(ids)
    assert all(ids)
    rows = {found.row for found in proposal.key_results}
    assert not rows & {found.row for found in proposal.skipped}
    assert not rows & proposal.headings
    found, _ = find_columns(Tab.KEY_RESULTS, raw, proposal.table.header_row, proposal.headers, {})
    taken = {choice.at for choice in proposal.choices if choice.at is not None}
    machine = {field: at for field, at in found.items() if find_column(Tab.KEY_RESULTS, field).role is not Role.PERSON}
    if not areas:
        assert set(machine.values()) <= taken


@given(st.text(min_size=1, max_size=30))
def test_any_header_comes_back_out_of_the_config(text):
    config, problems = parse_config(
        f"sheet:\n  workbook: a.xlsx\n  columns:\n    Key Results:\n      Owner: {quote(text)}  # theirs\n"
        "sources: {}\nmappings: m.yaml\n",
        "config.yaml",
    )
    assert problems == ()
    assert config.sheet.names.columns[Tab.KEY_RESULTS][Field.OWNER] == text

"""Finding header row, columns and rows, whatever people do to a sheet's looks."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Key
from okr.problem import Severity
from sync.sheet.cell import EMPTY, Cell
from sync.sheet.columns import COLUMNS
from sync.sheet.headers import header_texts, joint_texts
from sync.sheet.layout import Field, Tab
from sync.sheet.locate import (
    HEADER_SEARCH,
    find_columns,
    find_header_row,
    id_text,
    locate_tab,
)
from sync.sheet.store import CellRange, RawTab
from tests.unit.sync_sheets import Q3, Q4, cell, entry_of, kpi_row, kr, make_tab, row_key

KR = Tab.KEY_RESULTS
HEADERS = [column.header for column in COLUMNS[KR]]
AT = {column.field: at for at, column in enumerate(COLUMNS[KR])}
REMEMBERED = {column.field.value: (at, column.header) for at, column in enumerate(COLUMNS[KR])}


def tab_of(*rows, markers=None):
    return RawTab(7, "Key Results", cells=tuple(tuple(cell(value) for value in row) for row in rows), markers=markers)


def columns(headers, remembered=None, configured=None, markers=None):
    """Where the columns of a header row are found."""
    raw = tab_of(headers, markers=markers)
    return find_columns(KR, raw, 0, configured or {}, REMEMBERED if remembered is None else remembered)[0]


def problems(headers):
    return find_columns(KR, tab_of(headers), 0, {}, {})[1]


def renamed(field, text):
    return [text if at == AT[field] else header for at, header in enumerate(HEADERS)]


def locate(raw, remembered=None, *, headers=None, entries=None):
    return locate_tab(
        KR,
        raw,
        headers=headers or {},
        remembered=remembered or {},
        open_cycle=Q4.name,
        entries=entries or {},
    )


# The header row


@pytest.mark.parametrize("above", range(HEADER_SEARCH))
def test_the_header_row_need_not_be_the_first(above):
    rows = [["Our OKRs"], *[[None]] * (above - 1)] if above else []
    raw = tab_of(*rows, HEADERS, ["A", "Result"])
    assert find_header_row(KR, raw, {}) == above
    assert [row.key.id for row in locate(raw).rows] == ["A"]


def test_a_row_that_mentions_a_header_or_two_is_not_taken_for_it():
    raw = tab_of(["Status", "of our OKRs"], HEADERS)
    assert find_header_row(KR, raw, {}) == 1


@pytest.mark.parametrize("rows", [(), (["nothing", "known"],)])
def test_without_known_headers_it_is_the_first(rows):
    assert find_header_row(KR, tab_of(*rows), {}) == 0


# Columns


def test_columns_are_found_by_their_headers():
    assert columns(HEADERS, {}) == AT


@given(st.permutations(HEADERS))
def test_in_any_order(order):
    assert columns(order, {}) == {field: order.index(HEADERS[at]) for field, at in AT.items()}


@pytest.mark.parametrize("text", ["kr id", "  KR   ID ", "Kr Id"])
def test_case_and_spaces_do_not_count(text):
    assert columns(renamed(Field.KR_ID, text), {})[Field.KR_ID] == 0


@pytest.mark.parametrize(("alias", "field"), [("Actual", Field.CURRENT), ("RAG", Field.STATUS), ("DRI", Field.OWNER)])
def test_aliases(alias, field):
    assert columns(renamed(field, alias), {})[field] == AT[field]


def test_a_header_comes_before_an_alias():
    headers = [*HEADERS, "Actual"]
    assert columns(headers, {})[Field.CURRENT] == AT[Field.CURRENT]


def test_configured_headers_come_in_place_of_ours():
    headers = renamed(Field.CURRENT, "Ist")
    assert columns(headers, {}, {Field.CURRENT: "Ist"})[Field.CURRENT] == AT[Field.CURRENT]
    assert Field.CURRENT not in columns(HEADERS, {}, {Field.CURRENT: "Ist"})


def test_markers_come_first():
    headers = ["Status", *HEADERS[1:], "Why not"]
    found = columns(headers, {}, markers={len(HEADERS): "status"})
    assert found[Field.STATUS] == len(HEADERS)


def test_a_marker_beyond_the_headers_is_passed_over():
    assert columns(HEADERS, {}, markers={99: "status"})[Field.STATUS] == AT[Field.STATUS]


def test_a_header_that_stands_twice_is_the_left_one_and_a_problem():
    found = problems([*HEADERS, "Status"])
    assert [(item.code, item.severity, str(item.place)) for item in found] == [
        ("sheet.header-twice", Severity.WARNING, "Key Results!AG1")
    ]
    assert columns([*HEADERS, "Status"], {})[Field.STATUS] == AT[Field.STATUS]


@pytest.mark.parametrize(("field", "severity"), [(Field.TARGET, Severity.ERROR), (Field.TREND, Severity.WARNING)])
def test_a_missing_column_is_a_problem_and_worse_where_it_is_needed(field, severity):
    headers = [header for header in HEADERS if header != HEADERS[AT[field]]]
    assert [(item.code, item.severity) for item in problems(headers)] == [("sheet.column-missing", severity)]


def test_two_missing_columns_of_a_tab_are_two_problems_so_that_the_second_is_new():
    gone = {HEADERS[AT[field]] for field in (Field.TARGET, Field.TREND, Field.PACE)}
    found = problems([header for header in HEADERS if header not in gone] + ["Status", "Why"])
    assert len(found) == len({item.identity for item in found}) == 5


# Renamed and moved


@pytest.mark.parametrize("field", [Field.KR_ID, Field.CURRENT, Field.WHY])
def test_a_header_that_was_renamed_in_place_is_followed(field):
    assert columns(renamed(field, "Ganz anders"))[field] == AT[field]


def test_a_renamed_header_that_was_seen_once_is_followed_everywhere():
    headers = renamed(Field.WHY, "Warum")
    remembered = REMEMBERED | {"why": (AT[Field.WHY], "Warum")}
    moved = [headers[AT[Field.WHY]], *(header for header in headers if header != "Warum")]
    assert columns(moved, remembered)[Field.WHY] == 0


def test_a_renamed_and_moved_header_is_not_guessed():
    headers = [header for header in HEADERS if header != "Why"] + ["Warum"]
    assert Field.WHY not in columns(headers)


def test_a_persons_column_that_slid_into_the_place_of_a_deleted_one_is_theirs():
    last = COLUMNS[KR][-1].field
    headers = [*HEADERS[:-1], "Ours"]
    remembered = REMEMBERED | {"+Ours": (len(HEADERS), "Ours")}
    assert last not in columns(headers, remembered)


def test_where_columns_carry_markers_one_without_is_none_of_ours():
    markers = {at: field.value for field, at in AT.items() if field is not Field.WHY}
    assert Field.WHY not in columns(renamed(Field.WHY, "Ganz anders"), markers=markers)


def test_an_empty_header_is_no_renamed_one():
    assert Field.WHY not in columns(renamed(Field.WHY, None))


@pytest.mark.parametrize(("stands", "found"), [("because", True), ("something else", False)])
def test_a_machine_column_under_a_new_header_is_known_by_what_we_wrote(stands, found):
    raw = make_tab(KR, [kr("A", why=stands), kr("B", why=stands)])
    header = list(raw.cells[0])
    header[AT[Field.WHY]] = cell("Ganz anders")
    raw = replace(raw, cells=(tuple(header), *raw.cells[1:]))
    entries = {row_key("A"): entry_of(why="because"), row_key("B"): entry_of(why="because")}
    assert (Field.WHY in locate(raw, REMEMBERED, entries=entries).columns) is found


# Rows


def test_rows_are_known_by_cycle_and_id():
    raw = make_tab(KR, [kr("A"), kr("A", cycle=Q3.name), kr("B", cycle=Q4.name)])
    view = locate(raw)
    assert [row.key for row in view.rows] == [Key(Q4.name, "A"), Key(Q3.name, "A"), Key(Q4.name, "B")]
    assert view.duplicates == frozenset()


def test_rows_without_an_id_are_none():
    view = locate(make_tab(KR, [kr("A"), {Field.KEY_RESULT: "a heading"}, kr("B")]))
    assert [(row.index, row.key.id) for row in view.rows] == [(1, "A"), (3, "B")]


def test_an_id_that_stands_twice_is_known():
    view = locate(make_tab(KR, [kr("A"), kr("B"), kr("A")]))
    assert view.duplicates == {Key(Q4.name, "A")}
    assert len(view.rows) == 3


def test_steps_may_share_their_key_result():
    rows = [{Field.KR_ID: "A", Field.STEP: text} for text in ("one", "two")]
    view = locate_tab(Tab.STEPS, make_tab(Tab.STEPS, rows), headers={}, remembered={}, open_cycle=Q4.name)
    assert view.duplicates == frozenset()


def test_kpis_have_no_cycle():
    view = locate_tab(Tab.KPIS, make_tab(Tab.KPIS, [kpi_row("K")]), headers={}, remembered={}, open_cycle=Q4.name)
    assert [row.key for row in view.rows] == [Key("", "K")]


def test_without_an_id_column_there_are_no_rows():
    assert locate(tab_of(HEADERS[1:], ["Result"])).rows == ()


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Cell("1.10", "1.10"), "1.10"),
        (Cell(Decimal("1.1"), "1.10"), "1.10"),  # a number, but shown with its zero
        (Cell(Decimal("1.1"), ""), "1.1"),
        (Cell(" A ", " A "), "A"),
        (EMPTY, ""),
    ],
)
def test_ids_are_what_people_see(one, text):
    assert id_text(one) == text


def test_cells_by_field_and_their_addresses():
    view = locate(make_tab(KR, [kr("A", current=3)]))
    (row,) = view.rows
    assert view.cell(row, Field.CURRENT).value == 3
    assert view.cell(row, Field.SOURCE) is EMPTY
    assert view.cell(row, Field.OBJECTIVE) is EMPTY
    assert str(view.place(row, Field.CURRENT)) == "Key Results!D2"


# Headers of two lines, and tables that people keep in their own way


def merged(*areas):
    """Two lines of headers with quarters above; areas as (top, left, bottom, right)."""
    raw = tab_of(
        ["KR ID", "Key result", "Q3", None, "Q4", None],
        [None, None, "Target", "Actual", "Target", "Actual"],
        ["A", "Deals", 30, 31, 60, 12],
    )
    return replace(raw, merges=tuple(CellRange(*area) for area in areas))


QUARTERS = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5))


def test_a_column_is_named_by_both_lines_of_its_header():
    headers = {Field.TARGET: "Q4 / Target", Field.CURRENT: "q4 /  actual"}
    view = locate(merged(*QUARTERS), headers=headers)
    assert view.header_row == 1
    assert [view.columns[field] for field in (Field.KR_ID, Field.KEY_RESULT, Field.TARGET, Field.CURRENT)] == [
        0,
        1,
        4,
        5,
    ]
    assert [row.key.id for row in view.rows] == ["A"]


def test_a_cell_left_empty_below_a_header_has_that_header_merged_or_not():
    assert header_texts(merged(), 1) == ("KR ID", "Key result", "Target", "Actual", "Target", "Actual")
    assert joint_texts(merged(*QUARTERS), 1)[2:] == ("Q3 / Target", "Q3 / Actual", "Q4 / Target", "Q4 / Actual")


def test_a_first_row_below_the_headers_is_not_taken_for_them():
    raw = tab_of(HEADERS, [None, "Objective: grow"], ["A", "Deals"])
    assert find_header_row(KR, raw, {}) == 0


def test_a_header_that_the_config_leaves_empty_is_looked_for_nowhere():
    assert Field.WEIGHT not in columns(HEADERS, {}, {Field.WEIGHT: ""})
    raw = tab_of(HEADERS)
    found = find_columns(KR, raw, 0, {Field.WEIGHT: ""}, {})[1]
    assert found == ()


def test_a_column_that_is_a_choice_is_missed_only_where_the_config_names_it():
    headers = [header for header in HEADERS if header != "Weight"]
    assert problems(headers) == ()
    (problem,) = find_columns(KR, tab_of(headers), 0, {Field.WEIGHT: "Gewicht"}, {})[1]
    assert "Gewicht" in problem.message


def test_headers_that_come_again_are_no_key_result():
    raw = tab_of(HEADERS, ["A", "Deals"], HEADERS, ["B", "Days"])
    assert [row.key.id for row in locate(raw).rows] == ["A", "B"]

from dataclasses import replace
from datetime import date

import pytest

from okr.model import Cycle, Key
from okr.problem import Severity
from sync.sheet.columns import KEY_RESULT_COLUMNS, OBJECTIVE_COLUMNS
from sync.sheet.ended import check_ended, find_ended, find_going
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Ledger, LedgerError
from sync.sheet.ledger_text import LEDGER_VERSION
from sync.sheet.locate import locate_tab
from sync.sheet.merged import check_merged
from sync.sheet.nameless import check_nameless
from sync.sheet.snapshot import (
    GUARD_TITLES,
    LedgerLost,
    SheetNames,
    find_renamed,
    make_snapshot,
    make_titles,
    remember_columns,
)
from sync.sheet.store import CellRange, RawSheet, RawTab
from sync.sheet.store_error import LayoutError
from tests.unit.sync_sheets import (
    CYCLES,
    HEAD,
    Q3,
    Q4,
    cell,
    entry_of,
    formula,
    kpi_row,
    kr,
    ledger_tab,
    make_tab,
    objective_row,
    raw_sheet,
    row_key,
    snapshot_of,
    view_of,
)

KR, KPI, OBJECTIVE = Tab.KEY_RESULTS, Tab.KPIS, Tab.OBJECTIVES
BOTH = (Q4.name, Q3.name)


def codes(snapshot):
    return [problem.code for problem in snapshot.problems]


# Titles


def test_titles_of_the_tabs_that_are_read():
    whole, heads = make_titles(SheetNames(), BOTH)
    assert set(whole) == {
        *("Key Results", "Objectives", "KPIs", "Steps", "People", "Dashboard", "_okr_sync"),
        *("Check-ins 2026-Q4", "Check-ins 2026-Q3"),
        *GUARD_TITLES,
    }
    assert set(heads) == {"History 2026-Q4", "History 2026-Q3", "Runs"}
    assert GUARD_TITLES == ("_okr_sync_before_1", "_okr_sync_before_2", "_okr_sync_before_3")


def test_titles_follow_the_config_and_what_people_renamed():
    names = SheetNames({KR: "Ziele", Tab.CHECK_INS: "Wochen"}, renamed={"Wochen 2026-Q4": "Wochen Herbst", "Runs": "R"})
    assert names.title(KR) == "Ziele"
    assert names.title(Tab.CHECK_INS, "2026-Q4") == "Wochen Herbst"
    assert names.title(Tab.CHECK_INS, "2026-Q3") == "Wochen 2026-Q3"
    assert names.title(OBJECTIVE, "2026-Q4") == "Objectives"  # one for all cycles
    whole, heads = make_titles(names, (Q4.name,))
    assert {"Ziele", "Wochen Herbst"} <= set(whole)
    assert "R" in heads


def known_tabs(**ids):
    return ledger_tab(head=replace(HEAD, tabs={title.replace("_", " "): tab_id for title, tab_id in ids.items()}))


@pytest.mark.parametrize(
    ("present", "others", "wanted", "renamed"),
    [
        ((), {"KRs": 3}, ("Key Results",), {"Key Results": "KRs"}),
        ((), {"KRs": 4}, ("Key Results",), {}),  # another tab
        (("Key Results",), {"KRs": 3}, ("Key Results",), {}),  # it is there
        ((), {}, ("Key Results",), {}),  # it is gone
        ((), {"KRs": 3}, ("Steps",), {}),  # never seen
    ],
)
def test_a_renamed_tab_is_known_by_its_id(present, others, wanted, renamed):
    tabs = tuple(make_tab(Tab(title)) for title in present)
    raw = RawSheet("sheet-1", "", "", (known_tabs(Key_Results=3, Runs=8), *tabs), tuple(others), other_ids=others)
    assert find_renamed(raw, wanted) == renamed


def test_without_a_ledger_nothing_is_known_of_renamed_tabs():
    raw = RawSheet("sheet-1", "", "", (), ("KRs",), other_ids={"KRs": 3})
    assert find_renamed(raw, ("Key Results",)) == {}
    empty = replace(raw, tabs=(RawTab(9, "_okr_sync"),))
    assert find_renamed(empty, ("Key Results",)) == {}


def test_a_renamed_tab_is_read_under_its_new_title():
    names = SheetNames(renamed={"Key Results": "KRs"})
    snapshot = snapshot_of({KR: [kr("A")]}, titles={KR: "KRs"}, names=names)
    assert [item.key.id for item in snapshot.okrs.key_results] == ["A"]
    assert str(snapshot.okrs.key_results[0].place) == "KRs!A2"


# What a plan can't do without


def test_a_sheet_that_was_never_prepared():
    with pytest.raises(LayoutError, match="not prepared") as error:
        snapshot_of({}, without=(Tab.LEDGER, Tab.RUNS))
    assert "okr-sync layout" in error.value.fix


def test_a_sheet_that_lost_its_hidden_tab_is_told_from_one_that_never_had_it():
    with pytest.raises(LedgerLost, match="is gone") as error:
        snapshot_of({}, without=(Tab.LEDGER,))
    assert "from History" in error.value.fix
    with pytest.raises(LedgerLost):
        snapshot_of({}, ledger=RawTab(99, "_okr_sync"))


@pytest.mark.parametrize("tab", [KR, OBJECTIVE])
def test_a_missing_tab_stops_the_run(tab):
    with pytest.raises(LayoutError, match=f"no tab “{tab.value}”") as error:
        snapshot_of({}, without=(tab,))
    assert "Nothing was written" in error.value.fix


@pytest.mark.parametrize("tab", [Tab.STEPS, KPI, Tab.PEOPLE, Tab.CHECK_INS, Tab.RUNS, Tab.HISTORY])
def test_other_tabs_may_be_missing(tab):
    snapshot = snapshot_of({KR: [kr("A")]}, without=(tab,))
    assert [item.key.id for item in snapshot.okrs.key_results] == ["A"]


NEEDED = [(KR, column) for column in KEY_RESULT_COLUMNS if column.required] + [
    (OBJECTIVE, column) for column in OBJECTIVE_COLUMNS if column.required
]


def test_a_missing_column_is_called_as_the_sheet_calls_it():
    fields = [column.field for column in KEY_RESULT_COLUMNS if column.field is not Field.TARGET]
    names = SheetNames(columns={KR: {Field.TARGET: "Cible"}})
    with pytest.raises(LayoutError, match="no column “Cible”"):
        snapshot_of({}, fields={KR: fields}, names=names)


@pytest.mark.parametrize(("tab", "column"), NEEDED, ids=[f"{tab.value}, {column.header}" for tab, column in NEEDED])
def test_a_missing_needed_column_stops_the_run(tab, column):
    columns = KEY_RESULT_COLUMNS if tab is KR else OBJECTIVE_COLUMNS
    fields = [other.field for other in columns if other.field is not column.field]
    with pytest.raises(LayoutError, match=f"“{column.header}”") as error:
        snapshot_of({KR: [kr("A")], OBJECTIVE: [objective_row()]}, fields={tab: fields})
    assert str(error.value.place) == tab.value
    assert "Nothing was written" in error.value.fix


def test_another_missing_column_is_a_problem_and_no_more():
    fields = [column.field for column in KEY_RESULT_COLUMNS if column.field is not Field.WHY]
    snapshot = snapshot_of({KR: [kr("A")]}, fields={KR: fields})
    (problem,) = snapshot.problems
    assert (problem.code, str(problem.place)) == ("sheet.column-missing", "Key Results")
    assert "“Why”" in problem.message


def test_a_newer_ledger_stops_the_run():
    head = ledger_tab(head=f'{{"v":{LEDGER_VERSION + 1}}}')
    with pytest.raises(LedgerError, match="newer"):
        snapshot_of({KR: [kr("A")]}, ledger=head)


# What one read means


def test_the_whole_sheet():
    check_ins = [{Field.DATE: "2026-11-02", Field.KR_ID: "A", Field.CONFIDENCE: 7}]
    snapshot = snapshot_of(
        {KR: [kr("A")], OBJECTIVE: [objective_row()], KPI: [kpi_row()], Tab.CHECK_INS: check_ins},
        ledger=ledger_tab({row_key("A"): entry_of(status="On track")}),
    )
    assert snapshot.problems == ()
    assert set(snapshot.views) == {KR, OBJECTIVE, KPI, Tab.STEPS, Tab.PEOPLE}
    assert snapshot.okrs.check_ins[0].key == Key("2026-Q4", "A")
    assert snapshot.ledger.entries == {row_key("A"): entry_of(status="On track")}
    assert snapshot.history[Q4.name].title == "History 2026-Q4"
    assert (snapshot.runs.title, snapshot.dashboard.title) == ("Runs", "Dashboard")
    assert snapshot.guard == (901, 902, 903)


def test_guards_that_a_person_deleted_are_not_there():
    assert snapshot_of({}, guard=(901,)).guard == (901,)


def test_an_empty_cycle_is_the_first_open_one():
    snapshot = make_snapshot(raw_sheet({KR: [kr("A"), kr("B", cycle="2026-Q3")]}), SheetNames(), CYCLES, BOTH)
    assert [item.key for item in snapshot.okrs.key_results] == [Key("2026-Q4", "A"), Key("2026-Q3", "B")]


def test_damaged_lines_are_the_snapshots_problems():
    snapshot = snapshot_of({KR: [kr("A")]}, ledger=ledger_tab({row_key("A"): "{"}))
    assert codes(snapshot) == ["sheet.ledger-line"]


def test_a_copied_sheet_gives_a_warning():
    snapshot = snapshot_of({KR: [kr("A")]}, sheet_id="another")
    (problem,) = snapshot.problems
    assert (problem.code, problem.severity) == ("sheet.copy", Severity.WARNING)
    assert "epoch" in problem.message


@pytest.mark.parametrize("known", ["", "sheet-1"])
def test_the_same_sheet_gives_none(known):
    assert codes(snapshot_of({}, ledger=ledger_tab(head=replace(HEAD, sheet_id=known)))) == []


# Rows of a cycle that has ended


def test_rows_without_a_cycle_stay_with_the_one_that_ended():
    lines = {row_key(own_id, cycle=Q3.name): entry_of(score=None) for own_id in ("A", "B")}
    lines |= {row_key("B"): entry_of(score=None)}  # B was synced in the new cycle already
    lines |= {row_key("O", OBJECTIVE, Q3.name): entry_of()}
    rows = {KR: [kr("A"), kr("B"), kr("C"), kr("D", cycle=Q3.name)], OBJECTIVE: [objective_row()]}
    snapshot = snapshot_of(rows, ledger=ledger_tab(lines))
    assert [item.key.cycle for item in snapshot.okrs.key_results] == [Q3.name, Q4.name, Q4.name, Q3.name]
    assert snapshot.okrs.objectives[0].key.cycle == Q3.name
    assert codes(snapshot) == ["sheet.cycle-ended", "sheet.cycle-ended"]  # one of each tab
    problem = next(problem for problem in snapshot.problems if problem.place.tab == "Key Results")
    assert problem.severity is Severity.WARNING
    assert problem.message.startswith("1 rows")
    assert str(problem.place) == "Key Results!X2"
    assert "2026-Q3" in problem.fix
    assert "2026-Q4" in problem.fix


def test_a_cycle_that_settles_keeps_its_rows_and_nobody_is_warned_yet():
    """Else the new cycle would write over the final numbers on its first day, while the old one is still read."""
    ledger = ledger_tab({row_key("A", cycle=Q3.name): entry_of(score=None)})
    snapshot = snapshot_of({KR: [kr("A"), kr("B")]}, ledger=ledger, open_cycles=BOTH)
    assert [item.key.cycle for item in snapshot.okrs.key_results] == [Q3.name, Q4.name]
    assert codes(snapshot) == []


def test_a_cycle_around_the_first_one_has_not_ended():
    year = Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))
    cycles = CYCLES | {year.name: year}
    assert find_going((Q4.name, year.name, Q3.name), cycles) == (Q4.name, year.name)
    assert find_going((Q4.name,), {}) == (Q4.name,)
    assert find_going((), {}) == ()


def lines_of(*keys):
    return Ledger(HEAD, None, {}, {key: at for at, key in enumerate(keys, 1)}, {})


@pytest.mark.parametrize(
    ("keys", "going", "ended"),
    [
        ((row_key("A", cycle=Q3.name),), (Q4.name,), {"A": Q3.name}),
        ((row_key("A", cycle=Q3.name),), BOTH, {}),  # it goes on beside the other
        ((row_key("A", cycle=Q3.name), row_key("A")), (Q4.name,), {}),  # it went on
        ((row_key("A"),), (Q4.name,), {}),
        ((row_key("A", OBJECTIVE, Q3.name),), (Q4.name,), {}),  # another tab
        ((row_key("A", cycle=""),), (Q4.name,), {}),
    ],
)
def test_which_ids_belong_to_an_ended_cycle(keys, going, ended):
    assert find_ended(KR, lines_of(*keys), going) == ended


def test_many_rows_left_are_one_warning():
    view = view_of(KR, [kr("A"), kr("B"), kr("C", cycle=Q3.name)])
    rows = tuple(replace(row, key=Key(Q3.name, row.key.id)) for row in view.rows)
    (problem,) = check_ended(replace(view, rows=rows), (Q4.name,))
    assert problem.message.startswith("2 rows")
    assert check_ended(view, (Q4.name, Q3.name)) == []
    assert check_ended(replace(view, rows=rows), ()) == []


def test_kpis_have_no_cycle_to_end():
    assert codes(snapshot_of({KPI: [kpi_row()]}, ledger=ledger_tab({row_key("K", KPI): entry_of()}))) == []


# What the next run has to know


def test_columns_are_remembered_with_those_of_people():
    snapshot = snapshot_of({KR: [kr("A")]})
    kept = remember_columns(snapshot)["Key Results"]
    assert kept["kr_id"] == (0, "KR ID")
    assert kept["score"] == (6, "Score")
    tab = make_tab(KR, [kr("A")])
    head = (*tab.cells[0], cell("Ours"), cell(None))
    raw = raw_sheet({})
    tabs = (replace(tab, cells=(head, *tab.cells[1:])), *(each for each in raw.tabs if each.title != "Key Results"))
    kept = remember_columns(make_snapshot(replace(raw, tabs=tabs), SheetNames(), CYCLES, (Q4.name,)))["Key Results"]
    assert kept["+Ours"] == (len(tab.cells[0]), "Ours")
    assert len(kept) == len(tab.cells[0]) + 1


# Rows without an id


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([kr("A")], None),
        ([kr("A"), kr("", target=60)], "row 3 looks like a key result and has no id: nothing syncs it"),
        ([kr("", target=1), kr("", target=2)], "rows 2, 3 look like a key result and have no id: nothing syncs them"),
        ([kr("", target=None)], None),
        ([kr("", target=formula("=SUM(E2:E4)", 12))], None),
        ([kr("", key_result=None, target=60)], None),
    ],
)
def test_key_results_without_an_id_are_said_as_one_problem(rows, told):
    found = check_nameless(view_of(KR, rows))
    assert [problem.message for problem in found] == ([told] if told else [])
    assert all(problem.severity is Severity.WARNING for problem in found)


# Merged cells


STATUS_AT = next(at for at, column in enumerate(KEY_RESULT_COLUMNS) if column.field is Field.STATUS)


@pytest.mark.parametrize(
    ("area", "told"),
    [
        ((1, STATUS_AT, 2, STATUS_AT), ["H2:H3 are merged, and okr-sync writes into cells that this hides"]),
        ((1, STATUS_AT, 1, STATUS_AT), []),
        ((0, 0, 0, 9), []),
        ((1, 1, 2, 1), []),  # a column of people's
        ((5, STATUS_AT, 9, STATUS_AT), []),  # no key results there
    ],
)
def test_machine_cells_that_a_merge_hides_are_said(area, told):
    raw = replace(make_tab(KR, [kr("A"), kr("B")]), merges=(CellRange(*area),))
    view = locate_tab(KR, raw, headers={}, remembered={}, open_cycle=Q4.name)
    assert [problem.message for problem in check_merged(view)] == told

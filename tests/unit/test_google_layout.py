from datetime import date

import pytest

from sync.sheet.cell import Cell
from sync.sheet.columns import COLUMNS, KEY_RESULT_COLUMNS
from sync.sheet.google_ground import LAYOUT_MASK, FoundTab, Ground
from sync.sheet.google_layout import make_layout, make_tab_id
from sync.sheet.google_marks import MARKER, WARNING, mark_formula
from sync.sheet.layout import PER_CYCLE, Field, Tab
from sync.sheet.store import Draw, Drawing, RawTab
from sync.sheet.wish import LayoutWish, NewTab
from tests.unit.google_discovery import mask_faults, request_faults

DASHBOARD = Drawing((100,), ((Draw("OKRs"),),))


def wish(*tabs, headers=None):
    wanted = tabs or tuple(Tab)
    return LayoutWish(
        tabs=tuple(
            NewTab(
                tab,
                f"{tab} 2026-Q4" if tab in PER_CYCLE else tab.value,
                DASHBOARD if tab is Tab.DASHBOARD else None,
            )
            for tab in wanted
        ),
        guard=(901, 902, 903),
        head='{"v":1}',
        stale_days=3,
        today=date(2026, 11, 22),
        headers=headers,
    )


def ground(*found, blank=None):
    raws = [each.raw for each in found] + ([blank] if blank else [])
    tabs = {each.raw.title: each for each in found}
    return Ground(tabs, frozenset(raw.tab_id for raw in raws), blank)


GUARDS = tuple(FoundTab(RawTab(900 + n, f"_okr_sync_before_{n}", hidden=True)) for n in (1, 2, 3))
BLANK = RawTab(0, "Tabelle1", row_count=1000, column_count=26)


def of_kind(requests, kind):
    return [each[kind] for each in requests if kind in each]


def header_row(*titles):
    return tuple(Cell(title, title) for title in titles)


def theirs(*titles, tab="Key Results", rows=1000, columns=26, content=(), markers=None):
    cells = (header_row(*titles), *content)
    return FoundTab(RawTab(5, tab, cells=cells, row_count=rows, column_count=columns, markers=markers))


@pytest.fixture(scope="module")
def fresh():
    return make_layout(wish(), ground(blank=BLANK))


def test_a_new_spreadsheet_gets_everything_in_order(fresh):
    requests, prepared = fresh
    assert request_faults(requests) == []
    assert prepared.tabs[:3] == ("Dashboard", "Objectives", "Key Results")
    assert prepared.tabs[-4:] == ("_okr_sync", "_okr_sync_before_1", "_okr_sync_before_2", "_okr_sync_before_3")
    assert prepared.columns == prepared.repairs == ()


def test_the_empty_first_tab_is_renamed_and_the_others_added(fresh):
    requests, _ = fresh
    first = requests[0]["updateSheetProperties"]["properties"]
    assert (first["sheetId"], first["title"]) == (0, "Dashboard")
    added = [each["properties"] for each in of_kind(requests, "addSheet")]
    assert len({each["sheetId"] for each in added} | {0}) == len(added) + 1
    assert [each["title"] for each in added if each.get("hidden")] == [
        "_okr_sync",
        "_okr_sync_before_1",
        "_okr_sync_before_2",
        "_okr_sync_before_3",
    ]
    assert [each["sheetId"] for each in added[-3:]] == [901, 902, 903]


def test_a_tab_that_is_not_blank_stays():
    requests, prepared = make_layout(wish(), ground(theirs("Budget", tab="Budget")))
    assert "updateSheetProperties" not in requests[0]
    assert prepared.tabs[0] == "Dashboard"


def test_headers_have_notes_and_two_looks():
    requests, _ = make_layout(wish(Tab.KEY_RESULTS), ground(*GUARDS))
    (update,) = of_kind(requests, "updateCells")
    values = update["rows"][0]["values"]
    assert [each["userEnteredValue"]["stringValue"] for each in values] == [c.header for c in KEY_RESULT_COLUMNS]
    people, machine = values[0]["userEnteredFormat"], values[3]["userEnteredFormat"]
    assert people["backgroundColorStyle"] != machine["backgroundColorStyle"]
    assert values[3]["note"].startswith("Where it stands now.")
    assert values[3]["userEnteredFormat"]["horizontalAlignment"] == "RIGHT"
    assert "horizontalAlignment" not in people


def test_ids_are_text_and_a_person_may_type_a_share():
    requests, _ = make_layout(wish(Tab.KEY_RESULTS), ground(*GUARDS))
    formats = {
        each["range"]["startColumnIndex"]: each["cell"]["userEnteredFormat"] for each in of_kind(requests, "repeatCell")
    }
    at = {column.field: place for place, column in enumerate(KEY_RESULT_COLUMNS)}
    assert formats[at[Field.KR_ID]]["numberFormat"] == {"type": "TEXT"}
    assert "numberFormat" not in formats[at[Field.TARGET]]
    assert formats[at[Field.SCORE]]["numberFormat"] == {"type": "NUMBER", "pattern": "0.00"}
    assert formats[at[Field.DUE]]["numberFormat"]["type"] == "DATE"


def test_people_choose_from_lists_and_may_overrule_a_status():
    requests, _ = make_layout(wish(Tab.KEY_RESULTS), ground(*GUARDS))
    strict = {
        KEY_RESULT_COLUMNS[each["range"]["startColumnIndex"]].field: each["rule"]["strict"]
        for each in of_kind(requests, "setDataValidation")
    }
    assert {name for name, is_strict in strict.items() if is_strict} == {Field.KIND, Field.COMMITMENT, Field.AT_CLOSE}
    assert {name for name, is_strict in strict.items() if not is_strict} == {
        Field.STATUS,
        Field.CONFIDENCE,
        Field.APPROVED,
    }


def test_owners_are_chosen_from_people_wherever_they_stand(fresh):
    requests, _ = fresh
    lists = [
        (at, each)
        for at, request in enumerate(requests)
        if (each := request.get("setDataValidation")) and each["rule"]["condition"]["type"] == "ONE_OF_RANGE"
    ]
    made = {
        request["addSheet"]["properties"]["title"]: at for at, request in enumerate(requests) if "addSheet" in request
    }
    assert len(lists) == 5  # three owners, who checked in, the manager
    for at, each in lists:
        assert at > made["People"], "a list can't point at a tab that comes later"
        assert each["rule"]["condition"]["values"] == [{"userEnteredValue": "='People'!$A$2:$A"}]
        assert each["rule"]["strict"] is False
    people = theirs("Team", "Name", "E-mail", tab="People")
    requests, _ = make_layout(wish(Tab.KEY_RESULTS, Tab.PEOPLE), ground(people, *GUARDS))
    (named,) = [
        each["rule"]["condition"]["values"][0]["userEnteredValue"]
        for each in of_kind(requests, "setDataValidation")
        if each["rule"]["condition"]["type"] == "ONE_OF_RANGE"
    ]
    assert named == "='People'!$B$2:$B"


def test_groups_that_touch_are_nested_and_folded():
    requests, _ = make_layout(wish(Tab.KEY_RESULTS), ground(*GUARDS))
    added = [
        (each["range"]["startIndex"], each["range"]["endIndex"]) for each in of_kind(requests, "addDimensionGroup")
    ]
    assert added == [(14, 32), (26, 32)]
    folded = [each["dimensionGroup"] for each in of_kind(requests, "updateDimensionGroup")]
    assert [(each["depth"], each["collapsed"]) for each in folded] == [(1, True), (2, True)]


def test_every_column_is_marked(fresh):
    requests, _ = fresh
    marked = [
        each["developerMetadata"]["metadataValue"]
        for each in of_kind(requests, "createDeveloperMetadata")
        if each["developerMetadata"]["location"]["dimensionRange"]["sheetId"] == make_tab_id("Key Results", set())
    ]
    assert marked == [column.field.value for column in COLUMNS[Tab.KEY_RESULTS]]


def test_rules_are_marked_and_need_no_separator(fresh):
    requests, _ = fresh
    formulas = [
        each["rule"]["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
        for each in of_kind(requests, "addConditionalFormatRule")
    ]
    assert formulas
    for formula in formulas:
        assert MARKER in formula
        assert not set(",;{") & set(formula)
    assert mark_formula('=$H2="On track"') == '=(($H2="On track")*("okr-sync"<>""))>0'


def test_warnings_never_stop_anybody_and_spare_what_people_may_type(fresh):
    requests, _ = fresh
    found = [each["protectedRange"] for each in of_kind(requests, "addProtectedRange")]
    assert all(each["warningOnly"] and each["description"].startswith(WARNING) for each in found)
    tab_id = make_tab_id("Key Results", set())
    guarded = {each["range"]["startColumnIndex"] for each in found if each["range"]["sheetId"] == tab_id}
    names = {KEY_RESULT_COLUMNS[at].header for at in guarded}
    assert names == {"Progress", "Why", "Change", "Freshness", "Pace", "Forecast", "Trend", "Updated", "Source", "Hint"}
    whole = [each["range"] for each in found if "startColumnIndex" not in each["range"]]
    assert len(whole) == 5  # Dashboard, History, Runs, Guide, ledger


def test_the_ledger_gets_its_first_line(fresh):
    requests, _ = fresh
    ledger = make_tab_id("_okr_sync", set())
    (line,) = [each for each in of_kind(requests, "updateCells") if each.get("start", {}).get("sheetId") == ledger]
    texts = [each["userEnteredValue"]["stringValue"] for each in line["rows"][0]["values"]]
    assert texts[1] == '{"v":1}'
    assert "okr-sync's memory" in texts[0]


def test_missing_columns_go_to_the_right_edge_and_nothing_moves():
    found = theirs("ID", "Key Results", "Goal", "Budget", columns=6, content=(header_row("A", "b", "3", "4", "loose"),))
    requests, prepared = make_layout(wish(Tab.KEY_RESULTS), ground(found, *GUARDS))
    assert request_faults(requests) == []
    assert prepared.columns == (
        "Current", "Progress", "Score", "Status", "Why", "Change", "Freshness", "Confidence",
        "Objective ID", "Pace", "Forecast", "Trend", "Updated", "Source", "Hint",
    )  # fmt: skip
    (grow,) = of_kind(requests, "appendDimension")
    assert grow == {"sheetId": 5, "dimension": "COLUMNS", "length": 14}
    for update in of_kind(requests, "updateCells"):
        assert update["start"]["columnIndex"] >= 5
    for repeat in of_kind(requests, "repeatCell"):
        assert repeat["range"]["startColumnIndex"] >= 5
    assert not of_kind(requests, "insertDimension")
    marked = {
        each["developerMetadata"]["metadataValue"]: each["developerMetadata"]["location"]["dimensionRange"][
            "startIndex"
        ]
        for each in of_kind(requests, "createDeveloperMetadata")
    }
    assert marked | {"kr_id": 0, "key_result": 1, "target": 2, "current": 5} == marked


def test_configured_headers_are_found_and_given():
    headers = {Tab.PEOPLE: {Field.NAME: "Wer", Field.EMAIL: "Post"}}
    requests, prepared = make_layout(wish(Tab.PEOPLE, headers=headers), ground(theirs("Wer", tab="People"), *GUARDS))
    assert prepared.columns == ()
    requests, _ = make_layout(wish(Tab.PEOPLE, headers=headers), ground(*GUARDS))
    (update,) = of_kind(requests, "updateCells")
    assert update["rows"][0]["values"][1]["userEnteredValue"]["stringValue"] == "Post"


def test_peoples_own_rules_and_warnings_stay():
    own_rule = {
        "ranges": [{"sheetId": 5, "startColumnIndex": 0, "endColumnIndex": 1}],
        "booleanRule": {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=A1>3"}]}},
    }
    old_rule = {
        "ranges": [{"sheetId": 5, "startColumnIndex": 7, "endColumnIndex": 8, "startRowIndex": 1}],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": mark_formula('=$Z2="Old"')}]}
        },
    }
    own_warning = {
        "range": {"sheetId": 5, "startColumnIndex": 8, "endColumnIndex": 9},
        "description": "Please ask Mara",
    }
    headers = [column.header for column in KEY_RESULT_COLUMNS]
    markers = {at: column.field.value for at, column in enumerate(KEY_RESULT_COLUMNS)}
    raw = theirs(*headers, columns=31, markers=markers).raw
    found = FoundTab(raw, [own_rule, old_rule, own_rule, old_rule], [own_warning])
    requests, prepared = make_layout(wish(Tab.KEY_RESULTS), ground(found, *GUARDS))
    assert [each["index"] for each in of_kind(requests, "deleteConditionalFormatRule")] == [3, 1]
    assert not of_kind(requests, "deleteProtectedRange")
    assert len(of_kind(requests, "addProtectedRange")) == 10
    assert prepared.repairs == ("colours of Key Results", "warnings of Key Results")


def test_a_tab_id_is_free_and_the_same_again():
    first = make_tab_id("Runs", set())
    assert make_tab_id("Runs", set()) == first
    assert make_tab_id("Runs", {first}) != first
    assert 0 < first < 2**31


def test_the_layout_mask_names_what_google_has():
    assert mask_faults("Spreadsheet", LAYOUT_MASK) == []


def test_an_empty_tab_of_that_name_gets_every_column():
    found = FoundTab(RawTab(5, "People", row_count=1000, column_count=26))
    _, prepared = make_layout(wish(Tab.PEOPLE), ground(found, *GUARDS))
    assert prepared.columns == ("Name", "E-mail", "Team", "Manager", "Left")
    _, prepared = make_layout(wish(Tab.PEOPLE), ground(theirs("Name", tab="People"), *GUARDS))
    assert prepared.columns == ()

"""The Google store against the sandbox: calls counted, values kept, nobody overwritten, refusals understood."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.google import GoogleInvalid, GoogleSession
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.google_document import MOST_CELLS
from sandbox.google_document import Tab as GoogleTab
from sandbox.google_person import OWNER
from sandbox.server import Server
from sandbox.wire import Fault
from sync.sheet import google_layout
from sync.sheet.google import GoogleStore
from sync.sheet.layout import LAYOUT_VERSION, Field, Tab
from sync.sheet.number_format import plain_code
from sync.sheet.readback import check_receipt, make_put_back
from sync.sheet.store import Append, Batch, CellWrite, Draw, Drawing, GuardSwap, LedgerLine, Receipt
from sync.sheet.store_error import SheetBusy, SheetRefused, SheetUnavailable, WriteUnconfirmed
from sync.sheet.wish import LayoutWish, Migration
from tests.contract.google_stand_in import ROWS, Sheet, TypedPerson, open_prepared, open_sheet, score
from tests.contract.store_contract import AT, GUARD_TITLES, KR, House, StoreContract, make_wish, title_of

GET, POST = "GET", "POST batchUpdate"


GRID = 40


@pytest.fixture(scope="module")
def service() -> Iterator[GoogleSheets]:
    """The sandbox; new tabs are shorter than in life, because it draws every formatted cell."""
    service = GoogleSheets()
    with pytest.MonkeyPatch.context() as patch, Server(service):
        patch.setattr(google_layout, "ROWS", GRID)
        patch.setattr(google_layout, "LEDGER_SIZE", (GRID, 4))
        yield service


@pytest.fixture
def sheet(service: GoogleSheets) -> Iterator[Sheet]:
    service.requests.clear()
    yield open_prepared(service)
    service.faults.clear()
    assert service.failures == []


class TestGoogleStore(StoreContract):
    @pytest.fixture
    def house(self, service: GoogleSheets) -> Iterator[House]:
        sheet = open_sheet(service)
        sheet.store.prepare(make_wish())
        yield House(
            sheet.store,
            TypedPerson(sheet.document),
            lambda act: service.before(":batchUpdate", act),
        )
        assert service.failures == []


# Calls


def test_a_read_is_one_call(sheet: Sheet) -> None:
    read = sheet.read()
    assert sheet.calls() == [GET]
    assert read.others == ()
    assert {tab.title for tab in read.tabs} >= {KR, *GUARD_TITLES}
    assert read.find_tab(GUARD_TITLES[0]).hidden
    assert (read.title, read.locale, read.timezone) == ("OKRs", "en_GB", "Europe/Berlin")


def test_a_tab_that_is_gone_costs_two_calls_more(sheet: Sheet) -> None:
    sheet.person.rename_tab("Objectives", "Ziele: “O'Neill”")
    read = sheet.read()
    assert sheet.calls() == [GET, GET, GET]
    assert read.find_tab("Objectives") is None
    tab_id = next(tab.id for tab in sheet.document.tabs if tab.title.startswith("Ziele"))
    assert read.other_ids["Ziele: “O'Neill”"] == tab_id
    assert set(read.others) == set(read.other_ids)
    assert sheet.read("Ziele: “O'Neill”").find_tab("Ziele: “O'Neill”").cells
    assert sheet.calls() == [GET]


def test_a_sheet_with_nothing_of_ours_reads_as_nothing(service: GoogleSheets) -> None:
    read = open_sheet(service).store.fetch_sheet([KR])
    assert read.tabs == ()
    assert read.others == ("Sheet1",)


def test_a_write_is_one_call(sheet: Sheet) -> None:
    read = sheet.read()
    ledger = read.find_tab(Tab.LEDGER.value)
    runs, history = read.find_tab("Runs"), read.find_tab(title_of(Tab.HISTORY))
    batch = sheet.batch(
        read,
        score(1, "0.42"),
        score(3, "0.1"),
        head='{"v":1,"rev":1}',
        ledger=(LedgerLine(1, "Key Results|2026-Q4|WEB-1.1", '{"b":{}}'),),
        appends=(Append(runs.tab_id, (("r1", "ok"),)), Append(history.tab_id, (("2026", "r1"), ("2026", "r1")))),
        drawings=((read.find_tab("Dashboard").tab_id, Drawing((80,), ((Draw("new"),),))),),
    )
    sheet.calls()
    receipt = sheet.store.apply_batch(batch)
    assert sheet.calls() == [POST]
    assert check_receipt(batch, receipt, {tab.tab_id: tab.cells for tab in read.tabs}) == ()
    after = sheet.read(KR, Tab.LEDGER.value, "Dashboard", "Runs")
    assert after.find_tab(KR).cells[1][AT[Field.SCORE]].shown == "0.42"
    assert [cell.value for cell in after.find_tab("_okr_sync").cells[1]] == ["Key Results|2026-Q4|WEB-1.1", '{"b":{}}']
    assert after.find_tab("_okr_sync").cells[0][1].value == '{"v":1,"rev":1}'
    assert [[cell.shown for cell in row] for row in after.find_tab("Dashboard").cells] == [["new"]]
    assert [cell.value for cell in after.find_tab("Runs").cells[1]] == ["r1", "ok"]
    assert [after.find_tab(title).tab_id for title in GUARD_TITLES] == list(batch.guard.new)
    assert ledger.tab_id == after.find_tab("_okr_sync").tab_id


def test_a_heartbeat_is_one_call_and_only_that(sheet: Sheet) -> None:
    read = sheet.read()
    before = sheet.read()
    sheet.calls()
    moment = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    receipt = sheet.store.apply_batch(Batch(read.find_tab("_okr_sync").tab_id, moment))
    assert sheet.calls() == [POST]
    assert receipt == Receipt()
    after = sheet.read()
    head = after.find_tab("_okr_sync").cells[0]
    assert head[2].value == Decimal("46349.27083333")
    assert datetime.fromisoformat(str(head[3].value)) == moment
    assert [tab for tab in after.tabs if tab.title != "_okr_sync"] == [
        tab for tab in before.tabs if tab.title != "_okr_sync"
    ]


# Cells


def test_a_share_is_shown_in_percent(sheet: Sheet) -> None:
    writes = [
        CellWrite(1, AT[Field.CURRENT], Decimal("0.31"), is_percent=True),
        CellWrite(2, AT[Field.CURRENT], Decimal("0.315"), is_percent=True),
        CellWrite(3, AT[Field.CURRENT], Decimal("1412.5"), is_percent=False),
    ]
    sheet.store.apply_batch(sheet.batch(sheet.read(), *writes))
    cells = [row[AT[Field.CURRENT]] for row in sheet.tab().cells[1:]]
    assert [cell.shown for cell in cells] == ["31%", "31.5%", "1,412.5"]
    assert [cell.is_percent for cell in cells] == [True, True, False]


def test_a_number_is_shown_by_its_unit_and_the_format_is_known_again_as_ours(sheet: Sheet) -> None:
    codes = {"1240.4": plain_code(Decimal("1240.4"), "€", Decimal(5000)), "12.5": plain_code(Decimal("12.5"), "days")}
    writes = [
        CellWrite(row, AT[Field.CURRENT], Decimal(value), is_percent=False, code=code)
        for row, (value, code) in enumerate(codes.items(), 1)
    ]
    sheet.store.apply_batch(sheet.batch(sheet.read(), *writes))
    cells = [row[AT[Field.CURRENT]] for row in sheet.tab().cells[1:3]]
    assert [cell.shown for cell in cells] == ["€\u200a1,240", "12.5\u00a0days"]
    assert [cell.value for cell in cells] == [Decimal("1240.4"), Decimal("12.5")]
    assert not any(cell.has_own_format or cell.is_percent for cell in cells)


def test_what_people_type_is_read_as_they_mean_it(sheet: Sheet) -> None:
    who = sheet.person
    for address, text in {
        "A2": "1.10",
        "E2": "60%",
        "D2": "=6*7",
        "D3": "=1/0",
        "V2": "1 Oct 2026",
        "G2": "TRUE",
    }.items():
        who.type(KR, address, text)
    who.add_note(KR, "D2", "mine")
    row, third = sheet.tab().cells[1:3]
    assert row[0].value == "1.10"
    assert (row[4].value, row[4].is_percent) == (Decimal("0.6"), True)
    assert (row[3].value, row[3].formula, row[3].note) == (Decimal(42), "=6*7", "mine")
    assert (third[3].value, third[3].error) == (None, "#DIV/0!")
    assert row[AT[Field.START]].value == date(2026, 10, 1)
    assert row[6].value is True


def test_the_ledger_grows_and_rows_go_below_the_last(sheet: Sheet) -> None:
    for number in range(2):
        read = sheet.read()
        lines = tuple(LedgerLine(row, f"Key Results|2026-Q4|K{row}", "{}") for row in range(30, 60))
        appends = (Append(read.find_tab("Runs").tab_id, tuple((f"r{number}", date(2026, 11, 22)) for _ in range(30))),)
        sheet.store.apply_batch(sheet.batch(read, ledger=lines, appends=appends))
    ledger = sheet.tab("_okr_sync")
    assert (ledger.used_rows, ledger.cells[59][0].value) == (60, "Key Results|2026-Q4|K59")
    runs = sheet.tab("Runs")
    assert [row[0].value for row in runs.cells] == ["Run"] + ["r0"] * 30 + ["r1"] * 30
    assert runs.cells[60][1].value == date(2026, 11, 22)


def test_a_second_batch_of_one_read_adds_no_rows_twice(sheet: Sheet) -> None:
    read = sheet.read()
    line = LedgerLine(GRID, "Key Results|2026-Q4|LAST", "{}")
    first = sheet.batch(read, ledger=(line,))
    sheet.store.apply_batch(first)
    second = sheet.batch(read, ledger=(replace(line, text='{"b":{}}'),))
    sheet.store.apply_batch(replace(second, guard=GuardSwap(first.guard.new, second.guard.new)))
    ledger = sheet.tab("_okr_sync")
    assert ledger.cells[GRID][1].value == '{"b":{}}'
    assert ledger.row_count == GRID + 51


# Two who write at once


def test_two_first_runs_cannot_both_win(sheet: Sheet) -> None:
    for title in GUARD_TITLES:
        sheet.person.delete_tab(title)
    read = sheet.read()
    first, second = sheet.batch(read, score(1, "0.1")), sheet.batch(read, score(1, "0.9"))
    assert first.guard.old == ()
    sheet.store.apply_batch(first)
    with pytest.raises(SheetBusy):
        sheet.store.apply_batch(second)
    same_ids = replace(second, guard=GuardSwap((), first.guard.new))
    with pytest.raises(SheetBusy):
        sheet.store.apply_batch(same_ids)


def rows_of(sheet: Sheet) -> list[list[str]]:
    """What a person sees, without the empty ends of rows."""
    rows = [" | ".join(row).rstrip(" |") for row in sheet.person.rows(KR)]
    return [row.split(" | ") for row in rows]


PEOPLE = {
    "inserts a row": lambda who: who.insert_row(KR, 2, ["NEW-1", "typed", "", "7"]),
    "deletes a row": lambda who: who.delete_row(KR, 2),
    "sorts": lambda who: who.sort(KR, "KR ID", descending=True),
    "types into the cell": lambda who: who.type(KR, "G2", "0.77"),
    "writes a formula there": lambda who: who.type(KR, "G2", "=1/4"),
    "moves a column": lambda who: who.move_column(KR, "Score", "Owner"),
    "inserts a column": lambda who: who.insert_column(KR, "Current", "Budget"),
    "renames the header": lambda who: who.rename_header(KR, "Score", "Points"),
    "changes the id": lambda who: who.type(KR, "A2", "WEB-9"),
}


@pytest.mark.parametrize("edit", PEOPLE)
def test_what_people_do_between_read_and_write_is_not_lost(sheet: Sheet, edit: str) -> None:
    sheet.store.apply_batch(sheet.batch(sheet.read(), score(1, "0.1"), score(2, "0.2"), score(3, "0.3")))
    read = sheet.read()
    batch = sheet.batch(read, score(1, "0.9"))
    left: list[list[str]] = []

    def act() -> None:
        PEOPLE[edit](sheet.person)
        left.extend(rows_of(sheet))

    sheet.service.before(":batchUpdate", act)
    receipt = sheet.store.apply_batch(batch)
    misplaced = check_receipt(batch, receipt, {tab.tab_id: tab.cells for tab in read.tabs})
    assert [miss.write.row_id for miss in misplaced] == ["WEB-1.1"]
    assert misplaced[0].is_certain
    (back,) = make_put_back(misplaced).values()
    sheet.store.apply_batch(sheet.batch(sheet.read(), *back))
    assert rows_of(sheet) == left
    if edit == "writes a formula there":
        assert sheet.tab().cells[1][AT[Field.SCORE]].formula == "=1/4"


def test_what_people_type_elsewhere_does_not_matter(sheet: Sheet) -> None:
    read = sheet.read()
    batch = sheet.batch(read, score(1, "0.9"))
    sheet.service.before(":batchUpdate", lambda: sheet.person.type(KR, "N2", "a note"))
    receipt = sheet.store.apply_batch(batch)
    assert check_receipt(batch, receipt, {tab.tab_id: tab.cells for tab in read.tabs}) == ()
    assert sheet.person.text(KR, "N2") == "a note"


@pytest.mark.parametrize("tab", [KR, *GUARD_TITLES[:1]])
def test_a_tab_deleted_in_between_refuses_the_whole_batch(sheet: Sheet, tab: str) -> None:
    batch = sheet.batch(sheet.read(), score(1, "0.9"), head="new")
    sheet.service.before(":batchUpdate", lambda: sheet.person.delete_tab(tab))
    with pytest.raises(SheetBusy):
        sheet.store.apply_batch(batch)
    assert sheet.tab("_okr_sync").cells[0][1].value == '{"v":1}'


def test_rows_deleted_in_between_refuse_the_whole_batch(sheet: Sheet) -> None:
    sheet.person.type(KR, f"A{GRID}", "LAST")
    batch = sheet.batch(sheet.read(), CellWrite(GRID - 1, AT[Field.SCORE], Decimal(1)))
    sheet.service.before(":batchUpdate", lambda: sheet.person.delete_row(KR, 3))
    with pytest.raises(SheetBusy):
        sheet.store.apply_batch(batch)


# Refusals and failures


def test_a_protected_cell_is_refused_with_the_account_to_let_in(sheet: Sheet) -> None:
    tab = next(each for each in sheet.document.tabs if each.title == KR)
    area = {"sheetId": tab.id, "startColumnIndex": 6, "endColumnIndex": 7}
    tab.lists["protectedRanges"].append(
        {"protectedRangeId": 5, "range": area, "editors": {"users": ["boss@acme.example"]}}
    )
    before = rows_of(sheet)
    with pytest.raises(SheetRefused, match="protected") as caught:
        sheet.store.apply_batch(sheet.batch(sheet.read(), score(1, "0.9")))
    assert ROBOT in str(caught.value.fix)
    assert "Nothing was written" in caught.value.message
    assert rows_of(sheet) == before


def test_a_sheet_that_is_not_shared_names_whom_to_share_it_with(service: GoogleSheets) -> None:
    with pytest.raises(SheetRefused, match="Share the sheet with " + ROBOT):
        open_sheet(service, shared=False).store.fetch_sheet([KR])


def test_a_sheet_that_may_only_be_read_refuses_writes(sheet: Sheet) -> None:
    read = sheet.read()
    sheet.document.share(ROBOT, role="reader")
    with pytest.raises(SheetRefused, match="as an editor"):
        sheet.store.apply_batch(sheet.batch(read, score(1, "0.9")))


def test_a_spreadsheet_that_is_full_keeps_everything_and_says_what_to_delete(sheet: Sheet) -> None:
    batch = sheet.batch(sheet.read(), score(1, "0.9"))
    used = sum(tab.row_count * tab.column_count for tab in sheet.document.tabs)
    sheet.document.tabs.append(GoogleTab(4_711, "Archive", (MOST_CELLS - used) // 10, 10))
    before = rows_of(sheet)
    with pytest.raises(SheetRefused, match="above the limit of 10000000 cells") as caught:
        sheet.store.apply_batch(batch)
    assert "Delete" in str(caught.value.fix)
    assert rows_of(sheet) == before


@pytest.mark.parametrize("kind", ["cut", "status", "truncate", "html"])
def test_a_lost_answer_is_unconfirmed_and_never_sent_again(sheet: Sheet, kind: str) -> None:
    batch = sheet.batch(sheet.read(), score(1, "0.9"))
    sheet.calls()
    sheet.service.faults.add(Fault(match=":batchUpdate", kind=kind, when="after", status=503))
    with pytest.raises(WriteUnconfirmed):
        sheet.store.apply_batch(batch)
    assert sheet.calls() == [POST]
    assert sheet.tab().cells[1][AT[Field.SCORE]].value == Decimal("0.9")
    with pytest.raises(SheetBusy):
        sheet.store.apply_batch(batch)


def test_over_the_quota_nothing_was_written(sheet: Sheet) -> None:
    batch = sheet.batch(sheet.read(), score(1, "0.9"))
    sheet.service.faults.add(Fault(match=":batchUpdate", status=429))
    with pytest.raises(SheetUnavailable, match="Nothing was written"):
        sheet.store.apply_batch(batch)
    sheet.store.apply_batch(batch)


def test_an_answer_without_the_pre_image_is_unconfirmed(sheet: Sheet) -> None:
    batch = sheet.batch(sheet.read(), score(1, "0.9"))
    body = {"spreadsheetId": sheet.document.id}
    sheet.service.faults.add(Fault(match=":batchUpdate", when="after", status=200, body=body))
    with pytest.raises(WriteUnconfirmed):
        sheet.store.apply_batch(batch)


# Layout


def test_layout_is_two_reads_and_one_write_and_then_nothing(service: GoogleSheets) -> None:
    sheet = open_sheet(service)
    sheet.calls()
    made = sheet.store.prepare(make_wish())
    assert sheet.calls() == [GET, GET, POST]
    assert [tab.title for tab in sheet.document.tabs] == list(made.tabs)
    assert sheet.store.prepare(make_wish()).is_nothing
    assert sheet.calls() == [GET, GET]


def test_layout_stays_nothing_while_people_work(sheet: Sheet) -> None:
    who = sheet.person
    who.rename_header(KR, "Score", "Punkte")
    who.move_column(KR, "Notes", "Owner")
    who.insert_column(KR, "Current", "Budget")
    who.sort(KR, "KR ID")
    who.insert_row(KR, 3, ["NEW"])
    who.delete_column(KR, "Unit")
    sheet.store.apply_batch(sheet.batch(sheet.read(), score(1, "0.5")))
    assert sheet.store.prepare(make_wish()).is_nothing


def test_layout_knows_a_tab_that_people_renamed(sheet: Sheet) -> None:
    sheet.person.rename_tab(KR, "Our results")
    assert sheet.store.prepare(make_wish()).is_nothing
    sheet.person.delete_column("Our results", "Score")
    assert sheet.store.prepare(make_wish()).columns == ("Score",)
    assert KR not in {tab.title for tab in sheet.document.tabs}
    sheet.person.rename_tab("Check-ins 2026-Q4", "Check-ins 2026-Q3")
    assert sheet.store.prepare(make_wish()).tabs == ("Check-ins 2026-Q4",)


def test_layout_mends_what_people_deleted(sheet: Sheet) -> None:
    who = sheet.person
    who.delete_column(KR, "Score")
    who.delete_tab("KPIs")
    who.delete_tab(GUARD_TITLES[1])
    who.clear("_okr_sync", "A1:B1")
    made = sheet.store.prepare(replace(make_wish(), guard=(951, 952, 953)))
    assert made.tabs == ("KPIs", GUARD_TITLES[1])
    assert made.columns == ("Score",)
    assert "the first line of _okr_sync" in made.repairs
    assert sheet.tab().cells[0][31].value == "Score"
    assert sheet.store.prepare(make_wish()).is_nothing


def test_a_sheet_of_theirs_keeps_every_cell_and_its_place(service: GoogleSheets) -> None:
    sheet = open_sheet(service)
    who = sheet.person
    who.rename_tab("Sheet1", KR)
    who.paste(KR, "A1", [["ID", "Key result", "Goal", "Budget"], ["1.10", "Grow", "60%", "=2*21"], ["1.2", "", "", ""]])
    who.type(KR, "Z3", "far out")
    before = rows_of(sheet)
    made = sheet.store.prepare(make_wish())
    assert "Objectives" in made.tabs
    assert made.columns[0] == "Current"
    after = rows_of(sheet)
    assert after[1:3] == before[1:3]
    assert after[0][:4] == before[0]
    assert after[0][26] == "Current"
    assert sheet.store.prepare(make_wish()).is_nothing


def test_what_people_let_a_column_take_is_theirs_also_when_layout_runs(sheet: Sheet) -> None:
    tab = sheet.document.tabs[[each.title for each in sheet.document.tabs].index(KR)]
    own = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Maya"}]}, "strict": True}
    area = {"sheetId": tab.id, "startRowIndex": 1, "endRowIndex": 9}
    fields = (Field.OWNER, Field.STATUS, Field.TARGET)
    rules = [
        {"setDataValidation": {"range": {**area, "startColumnIndex": AT[f], "endColumnIndex": AT[f] + 1}, "rule": own}}
        for f in fields
    ]
    apply_batch(sheet.document, OWNER, {"requests": rules})
    sheet.document.tabs.remove(next(each for each in sheet.document.tabs if each.title == Tab.PEOPLE.value))
    assert sheet.store.prepare(make_wish()).tabs == (Tab.PEOPLE.value,)
    assert [tab.cell(3, AT[f]).rule for f in fields] == [own] * len(fields)


def test_ids_stay_text_in_what_layout_made(sheet: Sheet) -> None:
    sheet.person.type(KR, "A5", "1.10")
    assert sheet.tab().cells[4][0].shown == "1.10"
    assert [row[0].shown for row in sheet.tab().cells[1:4]] == [own_id for own_id, *_ in ROWS]


def test_layout_and_a_person_at_once(service: GoogleSheets) -> None:
    sheet = open_sheet(service)
    body = {"requests": [{"addSheet": {"properties": {"title": "Runs"}}}]}
    sheet.service.before(":batchUpdate", lambda: apply_batch(sheet.document, ROBOT, body))
    with pytest.raises(SheetBusy):
        sheet.store.prepare(make_wish())
    assert [tab.title for tab in sheet.document.tabs] == ["Sheet1", "Runs"]


def migrating(sheet: Sheet) -> LayoutWish:
    raw = sheet.read()
    guard = tuple(tab.tab_id for title in GUARD_TITLES if (tab := raw.find_tab(title)))
    migration = Migration(1, '{"v":1}', guard)
    return replace(make_wish(), head='{"v":1,"rev":1}', guard=(961, 962, 963), migration=migration)


def test_a_migration_gives_missing_notes_back_in_one_write(sheet: Sheet) -> None:
    wish = migrating(sheet)
    TypedPerson(sheet.document).note(KR, 0, AT[Field.OWNER], "")
    sheet.calls()
    assert sheet.store.prepare(wish).repairs == (f"the layout, from version 1 to {LAYOUT_VERSION}",)
    assert sheet.calls() == [GET, GET, GET, POST]
    assert (sheet.tab().cells[0][AT[Field.OWNER]].note or "").startswith("One person who answers for it")


def test_a_migration_loses_against_a_run_that_was_faster(sheet: Sheet) -> None:
    wish = migrating(sheet)
    sheet.store.apply_batch(sheet.batch(sheet.read(), score(1, "0.5"), head='{"v":1,"rev":9}'))
    TypedPerson(sheet.document).note(KR, 0, AT[Field.OWNER], "")
    with pytest.raises(SheetBusy):
        sheet.store.prepare(wish)
    assert sheet.tab("_okr_sync").cells[0][1].value == '{"v":1,"rev":9}'
    assert not sheet.tab().cells[0][AT[Field.OWNER]].note


# The guard's proof


class Lenient:
    """A service that keeps what it must refuse: the first request of a call that has a wrong one lands anyway."""

    def __init__(self, session: GoogleSession, *, says_so: bool) -> None:
        self._session, self._says_so = session, says_so

    def fetch_spreadsheet(self, *words: Any, **more: Any) -> Any:
        return self._session.fetch_spreadsheet(*words, **more)

    def apply_batch(self, own_id: str, requests: Sequence[Any], **more: Any) -> Any:
        try:
            return self._session.apply_batch(own_id, requests, **more)
        except GoogleInvalid:
            self._session.apply_batch(own_id, requests[:1], **more)
            if self._says_so:
                return {}
            raise


def tabs_of(sheet: Sheet) -> list[tuple[str, int]]:
    return [(tab.title, tab.id) for tab in sheet.document.tabs]


def test_the_guard_is_proven_on_the_sheet_itself_and_nothing_changes(sheet: Sheet) -> None:
    before = tabs_of(sheet), rows_of(sheet)
    sheet.calls()
    assert sheet.store.prove_guard() == (
        "a run that was overtaken is refused as a whole",
        "two runs can't take one guard",
    )
    assert sheet.calls() == [GET, POST, GET, POST, GET]
    assert (tabs_of(sheet), rows_of(sheet)) == before


@pytest.mark.parametrize("says_so", [True, False], ids=["accepts all", "keeps half of what it refuses"])
def test_a_service_that_accepts_a_stale_guard_is_found_out_and_cleaned(sheet: Sheet, says_so: bool) -> None:
    before = tabs_of(sheet)
    session = sheet.store._session
    store = GoogleStore(Lenient(session, says_so=says_so), sheet.document.id)  # type: ignore[arg-type]
    with pytest.raises(SheetRefused) as refused:
        store.prove_guard()
    assert "can't be synced safely" in refused.value.message
    assert "two runs can't take one guard" in refused.value.message
    assert "Don't run okr-sync on this sheet" in (refused.value.fix or "")
    assert tabs_of(sheet) == before


def test_a_proof_that_died_is_cleared_by_the_next(sheet: Sheet) -> None:
    before = tabs_of(sheet)
    body = {"requests": [{"addSheet": {"properties": {"title": "_okr_sync_proof", "hidden": True}}}]}
    apply_batch(sheet.document, ROBOT, body)
    assert len(sheet.store.prove_guard()) == 2
    assert tabs_of(sheet) == before


def test_a_sheet_that_takes_no_writes_is_not_taken_for_a_proof(sheet: Sheet) -> None:
    body = {"error": {"code": 400, "message": "Invalid requests[0].addSheet: full", "status": "INVALID_ARGUMENT"}}
    sheet.service.faults.add(Fault(match=":batchUpdate", status=400, body=body))
    with pytest.raises(SheetRefused, match="full"):
        sheet.store.prove_guard()


def test_a_place_is_where_people_open_it(sheet: Sheet) -> None:
    assert sheet.store.place == f"https://docs.google.com/spreadsheets/d/{sheet.document.id}"
    assert sheet.read().url == sheet.store.place

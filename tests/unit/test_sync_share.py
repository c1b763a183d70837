"""Several configs on one sheet: each keeps its own rows and memory; others are refused."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from okr.model import Origin
from sync.care.leave_part import PartLeaving, find_leaving, leave_part
from sync.cli.output import exit_code_of
from sync.engine import Engine
from sync.guards import UnsafePlan
from sync.run import RunReport, RunWishes, apply_run, preview
from sync.run_saved import apply_saved, preview_to_save
from sync.saved_plan import SavedPlan, StalePlan, parse_saved, render_saved
from sync.share import ForeignConfigError, Share, make_share
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Head, OpenProblem, Part, RowKey
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.merge import ShuffleError
from sync.sheet.store_error import SheetBusy
from sync.sheet.wish import LeaveWish
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.faulty_store import FaultyStore
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE
from tests.unit.sync_sheets import NOW

ZONE = "calendar: {timezone: Europe/Berlin}"
KR = Tab.KEY_RESULTS
A_ROW, B_ROW = 1, 2


@dataclass
class Office:
    """A sheet, and engines with configs of their own on it."""

    sheet: LivedSheet

    @property
    def world(self) -> World:
        return self.sheet.world

    @property
    def store(self) -> MemoryStore:
        assert isinstance(self.sheet.store.inner, MemoryStore)
        return self.sheet.store.inner

    def engine(
        self,
        mapped: dict[str, str],
        *,
        rows: str = "",
        name: str = "",
        kpis: dict[str, str] | None = None,
        more: str = "",
    ):
        more = "\n".join(filter(None, (ZONE, f"name: {name}" if name else "", more)))
        sheet = f", rows: [{rows}]" if rows else ""
        return make_engine(self.world, FaultyStore(self.store), make_mapping_text(mapped, kpis), more=more, sheet=sheet)

    def value(self, row: int, name: Field, tab: Tab = KR):
        return self.store.cell(tab.value, row, self.sheet.at(tab, name)).value

    def head(self) -> Head:
        return self.sheet.look().ledger.head


@pytest.fixture(params=[True, False], ids=["google", "workbook"])
def office(request: pytest.FixtureRequest) -> Office:
    store = MemoryStore(has_before=request.param)
    return Office(open_lived_sheet(store, MemoryPeople(store)))


def run(engine: Engine) -> RunReport:
    return apply_run(engine, RunWishes())


def west(office: Office) -> Engine:
    return office.engine({"A": "a"}, rows="A, M, O, K", name="west", kpis={"K": "k"})


def east(office: Office) -> Engine:
    return office.engine({"B": "b", "C": "c"}, rows="'[BC]'", name="east")


def refuse(engine: Engine, store: MemoryStore) -> ForeignConfigError:
    writes = store.writes
    with pytest.raises(ForeignConfigError) as caught:
        run(engine)
    assert store.writes == writes
    assert exit_code_of(caught.value) == 6
    assert "Nothing was written" in str(caught.value)
    return caught.value


def test_a_config_that_maps_none_of_the_sheets_rows_is_refused(office: Office):
    run(office.engine({"A": "a", "B": "b"}))
    asked = len(office.world.asked)
    error = refuse(office.engine({"C": "c", "M": "a"}), office.store)
    assert "A, B" in error.message
    assert len(office.world.asked) == asked


def test_an_edited_config_is_still_the_same_one(office: Office):
    run(office.engine({"A": "a", "B": "b"}))
    run(office.engine({"B": "b", "C": "c"}))
    run(office.engine({}))
    run(office.engine({"A": "a"}))
    run(office.engine({"B": "b"}))


def test_a_name_takes_a_sheet_over_and_is_kept(office: Office):
    run(office.engine({"A": "a", "B": "b"}))
    run(office.engine({"C": "c", "M": "a"}, name="new"))
    assert office.head().config == "new"
    run(office.engine({"A": "a"}, name="new"))
    assert "called “other”" in refuse(office.engine({"A": "a"}, name="other"), office.store).message
    assert "has no name" in refuse(office.engine({"A": "a"}), office.store).message


def test_two_configs_that_declare_their_rows_keep_one_sheet(office: Office):
    run(west(office))
    before = office.value(B_ROW, Field.CURRENT)
    office.world.numbers |= {"a": Decimal(2), "b": Decimal(3)}
    report = run(east(office))
    assert (before, office.value(B_ROW, Field.CURRENT), office.value(A_ROW, Field.CURRENT)) == (None, 3, 1)
    assert {row.key.id for row in report.plan.rows} == {"B", "C"}
    assert {row.key.id for row in run(west(office)).plan.rows} == {"A", "O"}
    assert office.value(A_ROW, Field.CURRENT) == 2
    assert office.value(A_ROW, Field.SOURCE) != "manual"
    assert office.value(1, Field.COVERAGE, Tab.OBJECTIVES) == "3 of 4"


def settle(office: Office, rounds: int = 2) -> None:
    for _ in range(rounds):
        run(west(office))
        run(east(office))


def test_both_come_to_rest(office: Office):
    settle(office)
    assert preview(west(office), RunWishes()).is_quiet
    assert preview(east(office), RunWishes()).is_quiet
    office.world.pass_days()
    settle(office)
    assert preview(west(office), RunWishes()).is_quiet
    assert preview(east(office), RunWishes()).is_quiet


def test_each_remembers_its_own_problems_and_its_own_refresh(office: Office):
    settle(office)
    office.world.is_down = True
    assert run(west(office)).plan.new_problems
    office.world.is_down = False
    assert not run(east(office)).plan.problems
    office.world.is_down = True
    assert not run(west(office)).plan.new_problems
    assert run(east(office)).plan.new_problems
    office.world.pass_days()
    assert run(west(office)).plan.refreshes
    assert run(east(office)).plan.refreshes


def test_a_hold_of_the_others_rows_stays(office: Office):
    settle(office)
    office.sheet.type(KR, B_ROW, Field.SCORE, Decimal("0.9"))
    assert not run(west(office)).plan.rows or office.value(B_ROW, Field.SCORE) == Decimal("0.9")
    (held,) = [hold for row in run(east(office)).plan.rows for hold in row.holds]
    assert (held.key.id, held.is_new) == ("B", True)
    run(west(office))
    assert office.value(B_ROW, Field.SCORE) == Decimal("0.9")


def test_a_config_that_stopped_does_not_look_fresh_by_the_other_ones_heartbeat(office: Office):
    settle(office)
    read = office.world.now.date()
    for _ in range(5):
        office.world.pass_days()
        run(west(office))
    office.world.is_down = True
    run(east(office))
    assert office.value(B_ROW, Field.FRESHNESS) == read
    assert office.sheet.look().ledger.heartbeat is not None


def test_the_other_ones_rows_stand_with_their_last_good_reading_as_of_their_own_run(office: Office):
    settle(office)
    read = office.world.now
    office.world.pass_days()
    run(west(office))
    office.world.pass_days()
    found = run(west(office)).plan.standings[RowKey(KR, CYCLE, "B")]
    assert found.is_mapped
    assert found.standing.origin is Origin.LAST_GOOD
    assert found.standing.as_of == read


def test_each_reports_its_own_rows_only(office: Office):
    settle(office)
    office.sheet.type(KR, B_ROW, Field.SCORE, "good")
    assert run(west(office)).plan.problems == ()
    assert [item.subject for item in run(east(office)).plan.problems] == ["B"]


def test_a_quiet_run_notes_its_own_heartbeat_in_one_write(office: Office):
    settle(office)
    writes, office.world.now = office.store.writes, office.world.now + timedelta(hours=1)
    run(east(office))
    assert office.store.writes == writes + 1
    parts = office.head().parts
    assert parts["east"].heartbeat == office.world.now
    assert parts["west"].heartbeat == office.world.now - timedelta(hours=1)


def test_a_row_that_two_declare_is_written_by_neither_and_said_by_both(office: Office):
    run(west(office))
    run(office.engine({"A": "c", "B": "b"}, rows="A, B", name="east"))
    office.world.numbers["a"] = office.world.numbers["c"] = Decimal(3)
    for engine in (west(office), office.engine({"A": "c", "B": "b"}, rows="A, B", name="east")):
        plan = run(engine).plan
        assert [(item.code, item.subject) for item in plan.problems] == [("sheet.rows-overlap", "A")]
    assert office.value(A_ROW, Field.CURRENT) == 1


def test_a_mapping_of_a_row_that_is_not_declared_is_said(office: Office):
    plan = run(office.engine({"A": "a", "B": "b"}, rows="A", name="west")).plan
    assert [(item.code, item.subject) for item in plan.problems] == [("sheet.rows-not-ours", "B")]
    assert "b" not in office.world.asked


def test_a_config_without_rows_is_refused_on_a_shared_sheet(office: Office):
    run(west(office))
    assert "“west” (A, M, O, K)" in refuse(office.engine({"A": "a"}), office.store).message
    assert "declares no rows" in refuse(office.engine({"A": "a"}, name="whole"), office.store).message


def test_a_config_with_rows_is_refused_until_the_first_one_declares_its_own(office: Office):
    run(office.engine({"A": "a"}, name="west", kpis={"K": "k"}))
    refuse(east(office), office.store)
    run(west(office))
    run(east(office))
    assert set(office.head().parts) == {"west", "east"}


def test_a_nameless_config_that_declares_its_rows_now_goes_on(office: Office):
    run(office.engine({"A": "a", "B": "b"}, kpis={"K": "k"}))
    run(west(office))
    run(east(office))
    assert set(office.head().parts) == {"west", "east"}


def test_who_has_not_run_for_a_month_has_no_rows_any_more():
    head = Head(
        "s", "e", parts={"old": Part(("A",), heartbeat=NOW - timedelta(days=31)), "b": Part(("B",), heartbeat=NOW)}
    )
    share = make_share("me", ("A", "B"), head, NOW)
    assert (share.owns("A"), share.owns("B")) == (True, False)


def test_two_runs_at_once(office: Office):
    settle(office)
    office.world.numbers |= {"a": Decimal(3), "b": Decimal(0)}
    first, second = west(office), east(office)
    assert isinstance(first.store, FaultyStore)
    first.store.act = lambda: run(second) and None
    run(first)
    assert (office.value(A_ROW, Field.CURRENT), office.value(B_ROW, Field.CURRENT)) == (3, 0)
    settle(office, 1)
    assert preview(first, RunWishes()).is_quiet


def test_the_heads_parts_read_back():
    part = Part(("A-*",), {"p": OpenProblem(NOW.date(), "down")}, NOW.date(), NOW)
    head = Head("s", "e", parts={"west": part, "east": Part()})
    assert parse_head(render_head(head)) == head
    assert "parts" not in render_head(replace(head, parts={}))


@pytest.mark.parametrize(
    ("rows", "own_id", "expected"),
    [((), "X", True), (("WEB-*",), "WEB-1.1", True), (("WEB-*",), "web-1", False), (("A", "K?"), "K1", True)],
)
def test_a_row_is_known_by_its_id(rows: tuple[str, ...], own_id: str, expected: bool):
    assert Share("me", rows).owns(own_id) is expected


def test_a_sort_across_the_rows_of_two_configs_is_refused_by_both(office: Office):
    office.world.numbers.update(a=Decimal(1), b=Decimal(2), c=Decimal(3))
    run(west(office))
    run(east(office))
    office.sheet.sort_apart(KR, (5, 2, 0, 1, 3, 4))
    before = office.sheet.look()
    for engine in (west(office), east(office)):
        with pytest.raises(ShuffleError) as caught:
            run(engine)
        assert {row.id for row in caught.value.rows} == {"A", "B", "C"}
    assert office.sheet.look() == before


def test_a_sort_of_the_other_ones_rows_is_theirs_to_refuse(office: Office):
    office.world.numbers.update(a=Decimal(1), b=Decimal(2), c=Decimal(3))
    whole = office.engine({"A": "a", "B": "b", "C": "c"}, rows="A, B, C, O", name="many")
    few = office.engine({}, rows="M, K", name="few", kpis={"K": "k"})
    run(whole)
    run(few)
    office.sheet.sort_apart(KR, (5, 2, 0, 1, 3, 4))
    run(few)
    with pytest.raises(ShuffleError):
        run(whole)


def test_what_the_other_one_holds_already_is_no_sort(office: Office):
    office.world.numbers.update(a=Decimal(1), b=Decimal(2), c=Decimal(3))
    run(west(office))
    run(east(office))
    scores = [office.value(row, Field.SCORE) for row in (1, 2, 3)]
    for row, takes, engine in ((2, 3, east), (3, 1, east), (1, 2, west)):  # one after the other, each on its own night
        office.sheet.type(KR, row, Field.CURRENT, Decimal(takes))
        office.sheet.type(KR, row, Field.SCORE, scores[takes % 3])
        run(engine(office))
    assert {key.id for key, entry in office.sheet.look().ledger.entries.items() if entry.holds} == {"A", "B", "C"}


def save(engine: Engine) -> SavedPlan:
    """Plan, write the file, read it again."""
    _, saved = preview_to_save(engine, RunWishes())
    return parse_saved(json.dumps({"version": 1, **render_saved(saved, {})}, default=str), "plan.json")


@pytest.mark.parametrize("is_quiet", [True, False], ids=["quiet", "moved"])
def test_a_saved_plan_outlives_the_other_ones_runs(office: Office, is_quiet: bool):
    """Another team's schedule is none of its business, as long as its own rows come out as they were shown."""
    settle(office)
    office.world.numbers["a"] = Decimal(2)
    saved = save(west(office))
    if not is_quiet:
        office.store.type(KR.value, A_ROW + 1, office.sheet.at(KR, Field.NOTES), "said meanwhile")
        office.world.numbers["c"] = Decimal(0)
    office.world.now += timedelta(minutes=10)
    run(east(office))
    asked = len(office.world.asked)
    if is_quiet:
        report = apply_saved(west(office), saved, RunWishes())
        assert (report.stamp.result, office.value(A_ROW, Field.CURRENT)) == ("ok", 2)
        assert len(office.world.asked) == asked
    else:
        with pytest.raises(StalePlan, match="otherwise for O"):
            apply_saved(west(office), saved, RunWishes())
        assert office.value(A_ROW, Field.CURRENT) == 1


def test_a_saved_plan_is_stale_after_a_run_of_its_own_config(office: Office):
    settle(office)
    office.world.numbers["a"] = Decimal(2)
    saved = save(west(office))
    office.world.now += timedelta(minutes=10)
    run(west(office))
    with pytest.raises(StalePlan, match=r"written the sheet since|asked the sources again"):
        apply_saved(west(office), saved, RunWishes())


def test_a_saved_plan_is_no_other_configs(office: Office):
    settle(office)
    saved = save(west(office))
    other = east(office)
    with pytest.raises(StalePlan, match="config or the mappings have changed"):
        apply_saved(replace(other, project=replace(other.project, fingerprint="east")), saved, RunWishes())


def test_guards_count_the_readings_of_its_own_rows_only(office: Office):
    """Three of three moved, whatever the others' stand at: their rows neither dilute nor set off the guard."""
    five = {"A": "a", "B": "b", "C": "c"}
    office.sheet.type(KR, 4, Field.KR_ID, "M")
    guards = "guards: {moved: 60%}"
    mine = office.engine(five, rows="A, B, C, O", name="west", more=guards)
    theirs = office.engine({"M": "a"}, rows="M", name="east", kpis={"K": "k"}, more=guards)
    for engine in (mine, theirs, mine):
        run(engine)
    office.world.numbers |= {name: Decimal(7) for name in "abck"}
    run(theirs)
    with pytest.raises(UnsafePlan, match="3 of 3 readings moved"):
        run(mine)
    assert office.value(A_ROW, Field.CURRENT) == 1


def leave(engine: Engine) -> PartLeaving:
    found = find_leaving(engine, with_tabs=False)
    assert isinstance(found, PartLeaving)
    assert leave_part(engine) == found
    return found


def test_who_leaves_takes_its_own_memory_and_keeps_the_others(office: Office):
    settle(office)
    for row in (A_ROW, B_ROW):
        office.sheet.type(KR, row, Field.SCORE, Decimal("0.9"))
    settle(office)
    before = office.sheet.look()
    left = leave(west(office))
    assert (left.others, left.rows, left.notes) == (("east",), ("A", "K", "M", "O"), 1)
    after = office.sheet.look()
    for tab in (KR, Tab.OBJECTIVES, Tab.KPIS):
        assert [[(cell.value, cell.formula) for cell in row] for row in after.rows(tab)] == [
            [(cell.value, cell.formula) for cell in row] for row in before.rows(tab)
        ]
    score = office.sheet.at(KR, Field.SCORE)
    assert after.cell(KR, A_ROW, score).note is None
    assert after.cell(KR, B_ROW, score).note is not None
    assert {key.id for key in after.ledger.entries} == {"B", "C"}
    assert {key: entry for key, entry in before.ledger.entries.items() if key.id in "BC"} == after.ledger.entries
    assert after.ledger.head.parts == {"east": before.ledger.head.parts["east"]}
    assert after.ledger.heartbeat == before.ledger.heartbeat


def test_the_others_go_on_as_if_nothing_had_been(office: Office):
    settle(office)
    office.sheet.type(KR, B_ROW, Field.SCORE, Decimal("0.9"))
    settle(office)
    leave(west(office))
    assert preview(east(office), RunWishes()).is_quiet
    office.world.numbers["b"] = Decimal(3)
    run(east(office))
    assert (office.value(B_ROW, Field.CURRENT), office.value(B_ROW, Field.SCORE)) == (3, Decimal("0.9"))
    assert office.value(A_ROW, Field.CURRENT) == 1


def test_who_left_may_come_back_and_the_last_one_takes_everything(office: Office):
    settle(office)
    leave(west(office))
    assert find_leaving(west(office), with_tabs=False).is_nothing
    office.world.numbers["a"] = Decimal(2)
    run(west(office))
    assert set(office.head().parts) == {"west", "east"}
    leave(west(office))
    wish = find_leaving(east(office), with_tabs=False)
    assert isinstance(wish, LeaveWish)
    assert "_okr_sync" in wish.drop


def test_a_config_that_does_not_keep_the_sheet_can_not_take_it_apart(office: Office):
    settle(office)
    with pytest.raises(ForeignConfigError):
        find_leaving(office.engine({"A": "a"}), with_tabs=False)


def test_leaving_twice_at_once_or_while_rows_move_loses_nothing(office: Office):
    settle(office)
    office.sheet.type(KR, A_ROW, Field.SCORE, Decimal("0.9"))
    settle(office)
    engine = west(office)
    office.store.act = lambda: office.store.permute_rows(KR.value, [3, 1, 2])
    with pytest.raises(SheetBusy):
        leave_part(engine)
    leave_part(engine)
    rows = {cells[0].shown: cells for cells in office.sheet.look().rows(KR)[1:] if cells and cells[0].shown}
    at = office.sheet.at(KR, Field.SCORE)
    assert rows["A"][at].value == Decimal("0.9")
    assert all(cells[at].note is None for cells in rows.values() if len(cells) > at)
    assert {key.id for key in office.sheet.look().ledger.entries} == {"B", "C"}

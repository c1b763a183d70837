"""Guards on the whole plan: what is counted, what never is, and what a refused run leaves behind."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind
from sync.config import GuardRules
from sync.guards import AT_LEAST, UnsafePlan, check_plan
from sync.run import RunWishes, apply_run, find_alarms, preview
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Good, RowKey
from sync.standings import say_gap
from tests.support.fake_source import make_project
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.unit.sync_plans import asked_of, plan_of
from tests.unit.sync_sheets import entry_of, kr, ledger_tab, row_key

D = Decimal
ALL = GuardRules(moved=D("0.5"), vanished=D("0.2"), doubtful=D("0.2"))
IDS = [f"R{number}" for number in range(10)]
ZERO = Gap(GapKind.DOUBT, "0 all of a sudden", doubted=D(0))
ODD = Gap(GapKind.DOUBT, "above 9", doubted=D(99))
NOTHING = Gap(GapKind.EMPTY, "there is nothing to measure")
DOWN = Gap(GapKind.UNAVAILABLE, "no answer", source="desk")
SOURCE = "desk: a number"


def alarms(now, *, source=SOURCE, rules=ALL, accepted=(), **entry):
    """What goes off when each row was 1 and is now this."""
    before = replace(entry_of(current=D(1), source=source), **{"good": Good(D(1), None), **entry})
    plan = plan_of(
        {Tab.KEY_RESULTS: [kr(own_id) for own_id in IDS]},
        asked_of(**dict(zip(IDS, now, strict=True))),
        ledger=ledger_tab({row_key(own_id): before for own_id in IDS}),
    )
    return [(alarm.guard, len(alarm.keys), alarm.compared) for alarm in check_plan(plan, rules, frozenset(accepted))]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([1] * 10, []),
        ([2] * 5 + [1] * 5, []),
        ([2] * 6 + [1] * 4, [("moved", 6, 10)]),
        ([ZERO] * 2 + [1] * 8, []),
        ([ZERO, NOTHING, ZERO] + [1] * 7, [("vanished", 3, 10)]),
        ([ODD] * 3 + [1] * 7, [("doubtful", 3, 10)]),
        ([ODD] * 3 + [ZERO] * 3 + [1] * 4, [("vanished", 3, 10), ("doubtful", 3, 10)]),
        ([DOWN] * 10, []),
    ],
)
def test_what_goes_off(now, said):
    assert alarms(now) == said


def test_a_small_sheet_is_not_refused_for_two_rows():
    assert alarms([2] * (AT_LEAST - 1) + [None] * (11 - AT_LEAST)) == []
    assert alarms([2] * AT_LEAST + [None] * (10 - AT_LEAST)) == [("moved", AT_LEAST, AT_LEAST)]


def test_first_values_new_mappings_and_what_was_written_down_already_never_count():
    assert alarms([2] * 10, good=None) == []
    assert alarms([2] * 10, source="desk: another number") == []
    assert alarms([2] * 10, bases={Field.SOURCE: SOURCE}) == []  # it was manual until now
    assert alarms([ZERO] * 10, gap="0 all of a sudden") == []


@pytest.mark.parametrize("gap", [DOWN, replace(DOWN, kind=GapKind.REFUSED)])
def test_what_vanished_while_its_source_was_down_vanished_when_it_is_back(gap):
    """An outage tells nothing of the numbers; a table that comes back half full does."""
    assert alarms([ZERO] * 10, gap=say_gap(gap)) == [("vanished", 10, 10)]


def test_a_memory_made_anew_does_not_know_what_was_missing():
    made_anew = Good(D(1), datetime(2026, 11, 9, tzinfo=UTC))
    assert alarms([ZERO] * 10, good=made_anew) == []
    assert alarms([2] * 10, good=made_anew) == [("moved", 10, 10)]


def test_a_window_that_moves_along_is_no_new_mapping():
    assert alarms([2] * 10, source="desk: a number") == [("moved", 10, 10)]
    before = "jira: created >= 2026-11-01 AND created < 2026-11-29"
    plan_rows = {Tab.KEY_RESULTS: [kr(own_id) for own_id in IDS]}
    asked = asked_of(**dict.fromkeys(IDS, 2))
    asked = replace(asked, sources=dict.fromkeys(asked.sources, "jira: created >= 2026-11-02 AND created < 2026-11-30"))
    entry = replace(entry_of(current=D(1), source=before), good=Good(D(1), None))
    plan = plan_of(plan_rows, asked, ledger=ledger_tab({row_key(own_id): entry for own_id in IDS}))
    assert [alarm.guard for alarm in check_plan(plan, ALL)] == ["moved"]


def test_what_somebody_accepted_does_not_count():
    assert alarms([2] * 6 + [1] * 4, accepted=IDS[:3]) == []


def test_guards_that_are_off():
    assert alarms([2] * 10, rules=GuardRules()) == []


# A run


@pytest.fixture
def sheet() -> LivedSheet:
    """A sheet that was synced, whose readings may not all move."""
    store = MemoryStore()
    lived = open_lived_sheet(store, MemoryPeople(store))
    apply_run(lived.engine, RunWishes())
    config = lived.engine.project.config
    guarded = replace(config, guards=replace(config.guards, moved=D("0.5")))
    lived.engine = replace(lived.engine, project=replace(lived.engine.project, config=guarded))
    lived.world.numbers.update(a=D(2), b=D(2), c=D(2))
    return lived


def current(sheet: LivedSheet, row: int):
    return sheet.look().cell(Tab.KEY_RESULTS, row, sheet.at(Tab.KEY_RESULTS, Field.CURRENT)).value


def test_a_refused_run_writes_a_line_in_runs_and_nothing_else(sheet):
    before = sheet.look()
    with pytest.raises(UnsafePlan, match="3 of 4 readings moved at once, more than 50%: A, B, C"):
        apply_run(sheet.engine, RunWishes())
    after = sheet.look()
    assert all(before.rows(tab) == after.rows(tab) for tab in (Tab.KEY_RESULTS, Tab.OBJECTIVES, Tab.KPIS))
    assert (after.history, after.ledger.entries) == (before.history, before.ledger.entries)
    assert after.ledger.heartbeat == before.ledger.heartbeat
    runs = after.raw.find_tab(Tab.RUNS.value)
    assert runs is not None
    assert [cell.value for cell in runs.cells[-1]][3] == "refused"
    with pytest.raises(UnsafePlan):
        apply_run(sheet.engine, RunWishes())


def test_a_sheet_that_lost_its_memory_is_not_refused_for_what_was_missing_before(sheet):
    """The hidden tab was deleted after three of four numbers had gone: nobody knows any more that this was told."""
    sheet.world.numbers.update(a=D(1), b=D(1), c=D(1))
    for name in ("a", "b", "c"):
        del sheet.world.numbers[name]
    with pytest.raises(UnsafePlan, match="vanished"):
        apply_run(sheet.engine, RunWishes())
    sheet.people.delete_tab(Tab.LEDGER.value)
    assert apply_run(sheet.engine, RunWishes()).plan.gaps
    assert [current(sheet, row) for row in (1, 2, 3)] == [1, 1, 1]
    sheet.world.pass_days()
    apply_run(sheet.engine, RunWishes())


def test_a_plan_says_that_it_would_be_refused_and_writes_nothing(sheet):
    sheet.store.landed.clear()
    assert [alarm.guard for alarm in find_alarms(sheet.engine, RunWishes(), preview(sheet.engine, RunWishes()))] == [
        "moved"
    ]
    assert sheet.store.landed == []


@pytest.mark.parametrize("wishes", [RunWishes(accept=frozenset("ABC")), RunWishes(force=True)])
def test_an_accepted_run_is_written(sheet, wishes):
    apply_run(sheet.engine, wishes)
    assert [current(sheet, row) for row in (1, 2, 3)] == [2, 2, 2]


def test_a_doubted_reading_is_believed_when_somebody_accepts_it(sheet):
    mappings = "key_results:\n  A: {desk: {number: a}, measure: count, guard: {max: 1}}\n"
    project = make_project(sheet.world, mappings)
    engine = replace(sheet.engine, project=project)
    apply_run(engine, RunWishes())
    assert current(sheet, 1) == 1
    apply_run(engine, RunWishes(accept=frozenset("A")))
    assert current(sheet, 1) == 2
    assert sheet.look().ledger.entries[RowKey(Tab.KEY_RESULTS, "2026-Q4", "A")].doubted is None

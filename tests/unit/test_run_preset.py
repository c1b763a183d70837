"""From one rule to another product's: every cell is said anew, colours and lists follow, holds are understood."""

from datetime import UTC, datetime
from decimal import Decimal

from sync.prepare import prepare_sheet
from sync.run import RunWishes, apply_run, preview
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.memory_store import MemoryStore

MAPPINGS = make_mapping_text({"A": "a", "B": "b", "C": "c"})
OURS = "status: {rule: pace_ratio, on_track: 0.95, at_risk: 0.75, grace: 0}"


def at(tab: Tab, name: Field) -> int:
    return next(index for index, column in enumerate(COLUMNS[tab]) if column.field is name)


def words(store: MemoryStore) -> list[object]:
    return [store.cell(Tab.KEY_RESULTS.value, row, at(Tab.KEY_RESULTS, Field.STATUS)).value for row in (1, 2, 3)]


def start() -> tuple[World, MemoryStore]:
    world = World(now=datetime(2026, 11, 15, 6, 30, tzinfo=UTC))  # 46 of 92 days
    world.numbers = {"a": Decimal(5), "b": Decimal(4), "c": Decimal(1)}
    store = MemoryStore()
    prepare_sheet(make_engine(world, store, MAPPINGS, more=OURS))
    store.type(Tab.OBJECTIVES.value, 1, at(Tab.OBJECTIVES, Field.OBJECTIVE_ID), "O")
    store.type(Tab.OBJECTIVES.value, 1, at(Tab.OBJECTIVES, Field.OBJECTIVE), "Grow")
    for row, name in enumerate("ABC", 1):
        values = {Field.KR_ID: name, Field.KEY_RESULT: "Ten", Field.TARGET: Decimal(10), Field.OBJECTIVE_ID: "O"}
        for field, value in values.items():
            store.type(Tab.KEY_RESULTS.value, row, at(Tab.KEY_RESULTS, field), value)
    return world, store


def test_another_preset_says_every_cell_anew_because_the_rule_was_changed() -> None:
    world, store = start()
    apply_run(make_engine(world, store, MAPPINGS, more=OURS), RunWishes())
    assert words(store) == ["On track", "At risk", "Off track"]

    engine = make_engine(world, store, MAPPINGS, more="status: {preset: amoeboids}")
    plan = preview(engine, RunWishes())
    changes = {row.key.id: row.changes[0] for row in plan.moved}
    assert {name: (change.old, change.new, change.reason) for name, change in changes.items() if name != "O"} == {
        "B": ("At risk", "Lagging", "the rule was changed"),
        "C": ("Off track", "At risk", "the rule was changed"),
    }
    apply_run(engine, RunWishes())
    assert words(store) == ["On track", "Lagging", "At risk"]
    assert preview(engine, RunWishes()).is_quiet


def test_a_held_status_is_understood_in_the_products_words_and_in_ours() -> None:
    world, store = start()
    engine = make_engine(world, store, MAPPINGS, more="status: {preset: shamanr}")
    apply_run(engine, RunWishes())
    assert words(store) == ["OK", "OK", "Behind"]
    status = at(Tab.KEY_RESULTS, Field.STATUS)
    store.type(Tab.KEY_RESULTS.value, 2, status, "risk")
    store.type(Tab.KEY_RESULTS.value, 3, status, "On track")
    plan = preview(engine, RunWishes())
    assert [result.status.value for result in plan.scorecard.key_results.values()] == [
        "On track",
        "At risk",
        "On track",
    ]
    assert not [problem for problem in plan.problems if problem.code == "sheet.held-word"]
    store.type(Tab.KEY_RESULTS.value, 3, status, "fine")
    (problem,) = [item for item in preview(engine, RunWishes()).problems if item.code == "sheet.held-word"]
    assert "“fine”" in problem.message


def test_colours_are_prepared_again_once() -> None:
    world, store = start()
    engine = make_engine(world, store, MAPPINGS, more="status: {preset: oboard}")
    wishes = []
    prepare = store.prepare
    store.prepare = lambda wish: (wishes.append(wish.words), prepare(wish))[1]  # type: ignore[method-assign]
    apply_run(engine, RunWishes())
    apply_run(engine, RunWishes())
    assert [set(found.values()) for found in wishes] == [{"Behind", "At risk"}]

"""A small company that lives through a quarter in memory: two teams, four key results, people, check-ins."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sync.engine import Engine
from sync.prepare import prepare_sheet
from sync.run import RunWishes, apply_run
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.memory_store import MemoryStore

CONFIG = "calendar: {timezone: Europe/Berlin}"
START = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
A, B, C, M = 1, 2, 3, 4
"""The rows of Key Results: A is reached, B isn't, C has no source, M is a milestone nobody keeps."""


def at(tab: Tab, name: Field) -> int:
    return next(index for index, column in enumerate(COLUMNS[tab]) if column.field is name)


def put(store: MemoryStore, tab: Tab, row: int, *, title: str | None = None, **values: object) -> None:
    for name, value in values.items():
        number = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
        store.type(title or tab.value, row, at(tab, Field(name)), number)  # type: ignore[arg-type]


def shows(store: MemoryStore, row: int, name: Field, tab: Tab = Tab.KEY_RESULTS) -> object:
    return store.cell(tab.value, row, at(tab, name)).value


def make_company(*, more: str = CONFIG, has_before: bool = True, cycle: str | None = None):
    """The sheet on the first day of 2026-Q4. ``cycle`` stands in the Cycle cells."""
    world = World(now=START, numbers={"a": Decimal(0), "b": Decimal(0)})
    store = MemoryStore(has_before=has_before)
    engine = make_engine(world, store, make_mapping_text({"A": "a", "B": "b"}), more=more)
    prepare_sheet(engine)
    put(store, Tab.OBJECTIVES, 1, objective_id="CO", objective="Lead", level="Company", owner="Mo", cycle=cycle)
    put(store, Tab.OBJECTIVES, 2, objective_id="O", objective="Grow", team="Web", parent="CO", owner="Ann", cycle=cycle)
    put(store, Tab.OBJECTIVES, 3, objective_id="P", objective="Tidy up", team="Ops", owner="Bo", cycle=cycle)
    common = {"target": 10, "baseline": 0, "cycle": cycle}
    put(store, Tab.KEY_RESULTS, A, kr_id="A", key_result="Ten deals", objective_id="O", owner="Ann", **common)
    put(store, Tab.KEY_RESULTS, B, kr_id="B", key_result="Ten partners", objective_id="O", owner="Bo", **common)
    put(store, Tab.KEY_RESULTS, C, kr_id="C", key_result="Ten rules", objective_id="P", owner="Bo", **common)
    put(store, Tab.KEY_RESULTS, M, kr_id="M", key_result="Old thing", objective_id="P", owner="Bo", **common)
    put(store, Tab.KEY_RESULTS, A, at_close="Keep")
    put(store, Tab.KEY_RESULTS, B, at_close="Modify")
    put(store, Tab.KEY_RESULTS, M, at_close="Drop")
    for row, (name, manager) in enumerate({"Ann": "Mo", "Bo": "Mo", "Mo": ""}.items(), 1):
        put(store, Tab.PEOPLE, row, name=name, email=f"{name.lower()}@acme.test", manager=manager)
    return world, store, engine


def live_through(world: World, engine: Engine, *, days: int = 91) -> None:
    """Weekly runs until the last day: A grows steadily to 10, B slowly to 4."""
    first = world.now
    for day in [*range(0, days, 7), days]:
        world.now = first + timedelta(days=day)
        world.numbers |= {"a": Decimal(10 * day) / 91, "b": Decimal(4 * day) / 91}
        apply_run(engine, RunWishes())


def check_in(store: MemoryStore, row: int, day: date, kr_id: str, **values: object) -> None:
    put(store, Tab.CHECK_INS, row, title="Check-ins 2026-Q4", date=day, kr_id=kr_id, **values)

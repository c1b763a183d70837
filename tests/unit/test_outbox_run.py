"""News in the sheet's own memory through runs that lose, die and overlap: told, and told once."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from okr.problem import OkrSyncError
from sync.outbox_write import change_outbox
from sync.run import RunWishes, apply_run
from sync.sheet.outbox import NO_OUTBOX
from sync.tell.mail import tell_news
from tests.support.fake_source import make_engine, make_mapping_text
from tests.support.faulty_store import Crash, FaultyStore
from tests.unit.cycle_sheets import CONFIG, live_through, make_company

TELLS = f"{CONFIG}\nmessages: {{to: ['env:TEAM']}}"


class House:
    """The company of cycle_sheets with somebody to tell, and a list of what they were told."""

    def __init__(self, *, has_before: bool, sheet: str = "", more: str = TELLS) -> None:
        self.world, self.inner, first = make_company(has_before=has_before)
        live_through(self.world, first, days=28)
        self.store = FaultyStore(self.inner)
        self.engine = self.open(sheet=sheet, more=more)
        self.told: list[str] = []

    def open(self, *, sheet: str = "", more: str = TELLS):
        return make_engine(self.world, self.store, make_mapping_text({"A": "a", "B": "b"}), more=more, sheet=sheet)

    def deliver(self, _, messages):
        whole = [message for message in messages if not message.email]
        self.told += [line for message in whole for line in message.lines]
        return len(whole)

    def run(self, *, deliver=None):
        self.world.now += timedelta(minutes=1)
        report = apply_run(self.engine, RunWishes(tells=True))
        tell_news(self.engine, report.plan, deliver or self.deliver)
        return report

    def turn(self, value=0):
        """A is on its pace, and falls far behind it."""
        self.world.numbers["a"] = Decimal(value)

    @property
    def outbox(self):
        found = []
        change_outbox(self.engine, lambda _, outbox: found.append(outbox) or outbox)
        return found[0]


@pytest.fixture(params=[True, False], ids=["google", "workbook"])
def house(request):
    return House(has_before=request.param)


def test_it_is_told_once_and_a_quiet_run_writes_no_more_than_its_heartbeat(house):
    house.turn()
    house.run()
    assert len(house.told) == 1
    assert house.outbox == NO_OUTBOX
    writes = house.inner.writes
    house.run()
    assert house.inner.writes == writes + 1
    assert len(house.told) == 1


@pytest.mark.parametrize("fault", ["before", "unsent", "lost", "dies_before", "dies_after"])
@pytest.mark.parametrize("at", [0, 1], ids=["the run's write", "the note that it is told"])
def test_whatever_befalls_a_write_nothing_is_lost_and_nothing_told_twice(house, fault, at):
    house.turn()
    house.store.faults = ["", fault] if at else [fault]
    with suppress(Crash, OkrSyncError):
        house.run()
    house.store.faults.clear()
    house.world.now += timedelta(hours=2)
    for _ in range(3):
        house.run()
    twice = at == 1 and fault in ("before", "dies_before")  # it was told, and no note of that could be made
    assert len(house.told) == (2 if twice else 1)
    assert house.outbox == NO_OUTBOX


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_a_run_that_died_between_two_of_its_batches_left_nothing_untold(batches, monkeypatch):
    house = House(has_before=True)
    monkeypatch.setattr(FaultyStore, "batch_bytes", 900)
    house.turn()
    house.store.faults = [""] * batches + ["dies_before"]
    with pytest.raises(Crash):
        house.run()
    house.store.faults.clear()
    house.world.now += timedelta(hours=2)
    for _ in range(2):
        house.run()
    assert len(house.told) == 1
    assert house.outbox == NO_OUTBOX


def test_a_run_that_died_between_its_write_and_the_telling_is_made_good(house):
    house.turn()

    def die(*_):
        raise Crash

    with pytest.raises(Crash):
        house.run(deliver=die)
    house.run()
    assert house.told == [], "it may still be at it"
    house.world.now += timedelta(hours=1)
    house.run()
    house.run()
    assert len(house.told) == 1


def test_a_run_in_between_changes_it_again_and_that_is_told_too(house):
    house.turn()

    def overtaken(route, messages):
        house.turn(10)
        house.world.now += timedelta(seconds=30)
        apply_run(house.open(), RunWishes(tells=True))
        return house.deliver(route, messages)

    house.run(deliver=overtaken)
    assert len(house.told) == 1
    assert list(house.outbox.news.values()) == ["Off track"]
    house.run()
    assert len(house.told) == 2
    assert "Off track → " in house.told[1]
    assert house.outbox == NO_OUTBOX


def test_who_commands_something_else_tells_nobody_and_loses_nothing(house):
    house.turn()
    apply_run(house.engine, RunWishes(release=frozenset()))
    assert house.outbox == NO_OUTBOX
    house.run()
    assert house.told == []


def test_each_config_of_a_shared_sheet_has_news_of_its_own():
    house = House(has_before=True, sheet=", rows: [A, O]", more=f"{TELLS}\nname: web")
    other = house.open(sheet=", rows: [B, C, M, P, CO]", more=f"{TELLS}\nname: ops")
    heads = []
    house.run()
    apply_run(other, RunWishes(tells=True))
    house.turn()

    def nobody(*_):
        return 0

    house.run(deliver=nobody)
    assert len(house.outbox.news) == 1
    house.world.now += timedelta(minutes=1)
    report = apply_run(other, RunWishes(tells=True))
    assert report.plan.tells == {}
    change_outbox(other, lambda whole, outbox: heads.append(whole.ledger.head) or outbox)
    assert heads[0].outbox == NO_OUTBOX, "each config's stands in its own part"
    assert len(house.outbox.news) == 1, "another config's run doesn't touch it"
    house.run()
    assert len(house.told) == 1

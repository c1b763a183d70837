"""What people write on the Dashboard goes to Runs before it is drawn anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sync.engine import Engine
from sync.prepare import prepare_sheet
from sync.run import RunWishes, apply_run
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, parse_head, render_head
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.memory_store import MemoryStore, MemoryTab

BOARD, RUNS = Tab.DASHBOARD.value, Tab.RUNS.value
AT = {column.field: at for at, column in enumerate(COLUMNS[Tab.KEY_RESULTS])}
RESULT, REMARK = 3, 9


class Company:
    """A sheet with one key result, its source, and whoever writes on the Dashboard."""

    def __init__(self, *, has_before: bool = True, own_board: str = "") -> None:
        self.store = MemoryStore(has_before=has_before)
        self.world = World(numbers={"a": Decimal(1)})
        self.engine: Engine = make_engine(
            self.world, self.store, make_mapping_text({"A": "a"}), more="calendar: {timezone: Europe/Berlin}"
        )
        if own_board:
            self.store.tabs.append(MemoryTab(77, BOARD))
            self.store.type(BOARD, 3, 1, own_board)
        prepare_sheet(self.engine)
        for field, value in ((Field.KR_ID, "A"), (Field.KEY_RESULT, "Ten"), (Field.TARGET, Decimal(10))):
            self.store.type(Tab.KEY_RESULTS.value, 1, AT[field], value)

    def run(self, number: int) -> None:
        self.world.now += timedelta(minutes=5)
        self.world.numbers["a"] = Decimal(number)
        apply_run(self.engine, RunWishes())

    def drift(self) -> list[object]:
        rows = self.store.tab(RUNS).grid
        return [
            self.store.cell(RUNS, row, REMARK).value
            for row, column in sorted(rows)
            if column == RESULT and rows[row, column].value == "drift"
        ]

    def change_head(self, drawn: str) -> None:
        text = self.store.cell(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN).value
        head = replace(parse_head(str(text)), drawn=drawn)
        self.store.type(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN, render_head(head))


@pytest.fixture(params=[True, False])
def company(request: pytest.FixtureRequest) -> Company:
    return Company(has_before=request.param)


def test_what_somebody_wrote_is_in_runs_once(company: Company) -> None:
    company.run(1)
    company.run(2)
    assert company.drift() == [], "what the engine drew itself is none"
    company.store.type(BOARD, 40, 2, "call Maya")
    company.run(2)
    assert company.store.cell(BOARD, 40, 2).value == "call Maya", "a quiet run draws nothing"
    assert company.drift() == []
    company.run(3)
    assert company.store.cell(BOARD, 40, 2).value is None
    assert company.drift() == ["Dashboard!C41: call Maya"]
    company.run(4)
    assert company.drift() == ["Dashboard!C41: call Maya"]


def test_the_drift_stands_before_its_own_run_and_under_its_name(company: Company) -> None:
    company.run(1)
    company.store.type(BOARD, 40, 0, "mine")
    company.run(2)
    used = company.store.tab(RUNS).used_rows
    runs = [[company.store.cell(RUNS, row, column).value for column in (0, RESULT)] for row in range(used)]
    assert [row[1] for row in runs[-2:]] == ["drift", "ok"]
    assert runs[-2][0] == runs[-1][0]


def test_the_first_run_keeps_what_was_written_on_the_empty_dashboard(company: Company) -> None:
    company.store.type(BOARD, 5, 0, "are we live yet?")
    company.run(1)
    assert company.drift() == ["Dashboard!A6: are we live yet?"]


def test_a_dashboard_that_was_theirs_before_us_is_kept_whole() -> None:
    company = Company(own_board="Board of 2025")
    company.run(1)
    assert company.drift() == ["Dashboard!B4: Board of 2025"]


def test_of_a_ledger_that_knows_no_drawing_no_drift_is_claimed(company: Company) -> None:
    company.run(1)
    company.change_head("")
    company.store.type(BOARD, 40, 0, "who knows")
    company.run(2)
    assert company.drift() == []
    company.store.type(BOARD, 40, 0, "now it does")
    company.run(3)
    assert company.drift() == ["Dashboard!A41: now it does"]


def remove_board(company: Company) -> None:
    company.store.tabs = [tab for tab in company.store.tabs if tab.title != BOARD]


def remove_ledger(company: Company) -> None:
    company.store.tabs = [tab for tab in company.store.tabs if tab.title != Tab.LEDGER.value]


@pytest.mark.parametrize("remove", [remove_board, remove_ledger])
def test_what_layout_made_or_left_is_no_drift(company: Company, remove: Callable[[Company], None]) -> None:
    company.run(1)
    remove(company)
    prepare_sheet(company.engine)
    company.run(2)
    assert company.drift() == []


def test_without_runs_the_dashboard_keeps_what_was_written(company: Company) -> None:
    company.run(1)
    company.store.type(BOARD, 40, 0, "call Maya")
    company.store.tabs = [tab for tab in company.store.tabs if tab.title != RUNS]
    company.run(2)
    assert company.store.cell(BOARD, 40, 0).value == "call Maya"
    prepare_sheet(company.engine)
    company.run(3)
    assert company.drift() == ["Dashboard!A41: call Maya"]


def test_a_write_that_is_planned_again_tells_it_once(company: Company) -> None:
    company.run(1)
    company.store.type(BOARD, 40, 0, "call Maya")
    company.store.act = lambda: company.store.type(
        Tab.KEY_RESULTS.value, 1, AT[Field.SCORE], Decimal("0.7")
    )  # between the read and the write: it is put back, and planned again
    company.run(2)
    assert company.drift() == ["Dashboard!A41: call Maya"]

"""What people write on the Dashboard goes to Runs before it is drawn anew."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sync.engine import Engine
from sync.prepare import prepare_sheet
from sync.run import RunWishes, apply_run
from sync.sheet.chart import ChartName
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.rules import SYNC_ROW
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


def test_what_layout_made_is_no_drift(company: Company) -> None:
    company.run(1)
    remove_board(company)
    prepare_sheet(company.engine)
    company.run(2)
    assert company.drift() == []


def test_after_a_lost_memory_what_is_not_drawn_again_is_kept_in_one_row(company: Company) -> None:
    """Nobody can tell any more which of it was a person's."""
    company.run(1)
    company.store.type(BOARD, 40, 0, "call Maya")
    company.store.tabs = [tab for tab in company.store.tabs if tab.title != Tab.LEDGER.value]
    prepare_sheet(company.engine)
    company.run(2)
    (remark,) = company.drift()
    assert " / call Maya / " in f"{remark} / "
    assert "Objective · Score · Expected" not in str(remark)  # it stands there again
    company.run(3)
    assert company.drift() == [remark]


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


# Between the read and the write


def type_meanwhile(company: Company, text: str) -> None:
    company.store.act = lambda: company.store.type(BOARD, 40, 1, text)


def test_what_is_typed_between_the_read_and_the_write_is_in_runs() -> None:
    company = Company()
    company.run(1)
    type_meanwhile(company, "typed this very second")
    company.run(2)
    assert company.store.cell(BOARD, 40, 1).value is None, "it was drawn over"
    assert company.drift() == ["Dashboard!B41: typed this very second"]
    company.run(3)
    assert company.drift() == ["Dashboard!B41: typed this very second"], "once"


def test_a_workbook_that_changed_meanwhile_is_read_again_and_tells_it_too() -> None:
    company = Company(has_before=False)
    company.run(1)
    type_meanwhile(company, "typed this very second")
    company.run(2)
    assert company.drift() == ["Dashboard!B41: typed this very second"]


def test_what_was_left_before_the_read_isnt_told_twice() -> None:
    company = Company()
    company.run(1)
    company.store.type(BOARD, 45, 0, "left in the morning")
    type_meanwhile(company, "typed this very second")
    company.run(2)
    assert sorted(map(str, company.drift())) == [
        "Dashboard!A46: left in the morning",
        "Dashboard!B41: typed this very second",
    ]


def test_it_is_kept_when_the_answer_to_the_write_was_lost() -> None:
    company = Company()
    company.run(1)
    type_meanwhile(company, "typed this very second")
    company.store.fail = "after"
    company.run(2)
    assert company.drift() == ["Dashboard!B41: typed this very second"]


def test_it_is_kept_when_the_same_write_hit_a_cell_that_had_changed() -> None:
    company = Company()
    company.run(1)

    def act() -> None:
        company.store.type(BOARD, 40, 1, "typed this very second")
        company.store.type(Tab.KEY_RESULTS.value, 1, AT[Field.SCORE], Decimal("0.7"))

    company.store.act = act
    company.run(2)
    assert company.drift() == ["Dashboard!B41: typed this very second"]
    assert company.store.cell(Tab.KEY_RESULTS.value, 1, AT[Field.SCORE]).value == Decimal("0.7"), "held"


def test_where_runs_cant_be_told_the_log_has_it(caplog: pytest.LogCaptureFixture) -> None:
    company = Company()
    company.run(1)
    company.store.tabs = [tab for tab in company.store.tabs if tab.title != RUNS]
    type_meanwhile(company, "typed this very second")
    company.run(2)
    assert "Dashboard!B41: typed this very second" in caplog.text


# Drawn only when there is something else to say


def drawings(company: Company) -> int:
    return sum(bool(batch.drawings) for batch in company.store.batches)


def test_it_is_drawn_when_it_has_something_else_to_say(company: Company) -> None:
    company.run(1)
    assert drawings(company) == 1
    company.run(2)
    assert drawings(company) == 2


def test_a_write_that_leaves_its_content_alone_leaves_it_alone(company: Company) -> None:
    company.run(1)
    moved = company.store.cell(BOARD, SYNC_ROW, 4).value
    company.store.insert_column(Tab.KEY_RESULTS.value, 1)  # the head has to remember where the columns are now
    company.store.type(BOARD, 40, 1, "call Maya")
    company.run(1)
    assert len(company.store.batches) == 2
    assert company.store.batches[-1].head is not None, "no quiet run"
    assert drawings(company) == 1
    assert company.store.cell(BOARD, 40, 1).value == "call Maya"
    assert company.drift() == []
    assert company.store.cell(BOARD, SYNC_ROW, 4).value == moved


@pytest.mark.parametrize("damage", ["a row of ours", "layout"])
def test_it_is_drawn_again_where_it_doesnt_stand_as_it_was(company: Company, damage: str) -> None:
    company.run(1)
    if damage == "layout":
        remove_board(company)
        prepare_sheet(company.engine)
    else:
        company.store.type(BOARD, 3, 0, "I am the chart now")
    company.store.insert_column(Tab.KEY_RESULTS.value, 1)
    company.run(1)
    assert drawings(company) == 2
    assert company.drift() == ([] if damage == "layout" else ["Dashboard!A4: I am the chart now"])


def test_a_chart_of_ours_that_has_nothing_to_show_yet_has_it_drawn(company: Company) -> None:
    company.run(1)
    board = company.store.tab(BOARD)
    told = dict(board.charts)
    assert sorted(told) == sorted(ChartName)
    del board.charts[ChartName.SCORES]
    company.run(2)
    assert list(board_charts(company)) == [ChartName.COURSE], "a chart that somebody deleted stays deleted"
    prepare_sheet(company.engine)
    company.store.insert_column(Tab.KEY_RESULTS.value, 1)
    company.run(2)
    assert drawings(company) == 3
    assert board_charts(company)[ChartName.SCORES].startswith("No objective has a score")


def board_charts(company: Company) -> dict[ChartName, str]:
    return company.store.tab(BOARD).charts

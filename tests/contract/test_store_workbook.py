"""The workbook store keeps the contract, with a person who saves by openpyxl: another program, another hand."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from sync.sheet.cell import CellValue
from sync.sheet.chart import TITLES, ChartName
from sync.sheet.workbook import WorkbookStore
from tests.contract.store_contract import House, StoreContract, make_wish


@dataclass
class Colleague:
    """Somebody with another program, who opens, edits, saves and closes."""

    path: Path

    def type(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        def edit(cell: object) -> None:
            plain = float(value) if isinstance(value, Decimal) else value
            cell.value = formula or plain  # type: ignore[attr-defined]

        self._edit(title, row, column, edit)

    def note(self, title: str, row: int, column: int, text: str) -> None:
        def edit(cell: object) -> None:
            cell.comment = Comment(text, "Maya")  # type: ignore[attr-defined]

        self._edit(title, row, column, edit)

    def link(self, title: str, row: int, column: int) -> str | None:
        found = openpyxl.load_workbook(self.path)[title].cell(row + 1, column + 1).hyperlink
        return found.target if found else None

    def delete_chart(self, title: str, name: ChartName) -> None:
        """By its title: openpyxl forgets the names of charts, and ours are still known afterwards."""
        book = openpyxl.load_workbook(self.path)
        charts = book[title]._charts
        charts[:] = [chart for chart in charts if TITLES[title_of_chart(chart)] is not name]
        book.save(self.path)

    def _edit(self, title: str, row: int, column: int, edit: Callable[[object], None]) -> None:
        book = openpyxl.load_workbook(self.path)
        edit(book[title].cell(row + 1, column + 1))
        book.save(self.path)


def title_of_chart(chart: object) -> str:
    return "".join(run.t for line in chart.title.tx.rich.p for run in line.r)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("workbook") / "okrs.xlsx"
    WorkbookStore(path).prepare(make_wish())
    return path.read_bytes()


class TestWorkbook(StoreContract):
    @pytest.fixture
    def house(self, prepared: bytes, tmp_path: Path) -> House:
        path = tmp_path / "okrs.xlsx"
        path.write_bytes(prepared)
        return House(WorkbookStore(path), Colleague(path))

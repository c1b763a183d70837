"""The workbook store keeps the contract, with a person who saves by openpyxl: another program, another hand."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from sync.sheet.cell import CellValue
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

    def _edit(self, title: str, row: int, column: int, edit: Callable[[object], None]) -> None:
        book = openpyxl.load_workbook(self.path)
        edit(book[title].cell(row + 1, column + 1))
        book.save(self.path)


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

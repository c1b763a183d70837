"""The workbook store keeps the contract, with a person who saves by openpyxl: another program, another hand."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from sync.sheet.cell import CellValue, column_letters
from sync.sheet.chart import TITLES, ChartName
from sync.sheet.layout import Field, Tab
from sync.sheet.number_format import plain_code
from sync.sheet.workbook import WorkbookStore
from tests.contract.store_contract import AT, KR, House, StoreContract, make_wish, write
from tests.support.workbook_people import WorkbookPeople


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

    def delete_column(self, title: str, column: int) -> None:
        WorkbookPeople(self.path).delete_column(title, column)

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

    def test_a_number_is_shown_by_its_unit_and_a_person_s_format_stays(self, house: House, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(tmp_path / "okrs.xlsx")
        book[KR].cell(3, AT[Field.CURRENT] + 1).number_format = "[$€-407] #,##0.00"
        book.save(tmp_path / "okrs.xlsx")
        code = plain_code(Decimal("1240.4"), "€", Decimal(5000))
        writes = [write(row, Field.CURRENT, Decimal("1240.4"), is_percent=False, code=code) for row in (1, 2)]
        house.write(*writes)
        house.write(*(replace(each, value=Decimal(7), code=plain_code(Decimal(7), "days")) for each in writes))
        cells = [openpyxl.load_workbook(tmp_path / "okrs.xlsx")[KR].cell(row, AT[Field.CURRENT] + 1) for row in (2, 3)]
        assert [cell.number_format for cell in cells] == ['#,##0"\u00a0days"', "[$€-407] #,##0.00"]

    def test_what_people_let_a_column_take_is_theirs_also_when_layout_runs(self, house: House, tmp_path: Path) -> None:
        path = tmp_path / "okrs.xlsx"
        book = openpyxl.load_workbook(path)
        rule = DataValidation(type="list", formula1='"Maya,Ben"', sqref=f"{column_letters(AT[Field.OWNER])}2:C9")
        book[KR].data_validations.dataValidation[:] = [rule]
        del book[Tab.PEOPLE.value]
        book.save(path)
        assert house.store.prepare(make_wish()).tabs == (Tab.PEOPLE.value,)
        found = openpyxl.load_workbook(path)[KR].data_validations.dataValidation
        assert [(each.formula1, str(each.sqref)) for each in found] == [('"Maya,Ben"', "C2:C9")]

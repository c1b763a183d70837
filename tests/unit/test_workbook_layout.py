"""What ``layout`` makes of a workbook, as another program sees it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import openpyxl.comments
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from okr.model import Status
from sync.sheet.cell import column_letters
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import LAYOUT_VERSION, MERGED, Field, Role, Tab
from sync.sheet.store import Draw, Drawing
from sync.sheet.store_error import SheetBusy
from sync.sheet.style import LOOKS, Style
from sync.sheet.wish import Migration, NewTab, Prepared
from sync.sheet.workbook import WorkbookStore
from sync.sheet.workbook_columns import MAX_LIST
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_palette import read_palette
from sync.sheet.workbook_read import Book
from sync.sheet.workbook_style import PALETTE
from tests.contract.store_contract import AT, KR, LEDGER, make_wish, title_of
from tests.support.foreign_workbook import read_parts


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("layout") / "okrs.xlsx"
    made = WorkbookStore(path).prepare(make_wish())
    assert made == Prepared(tuple(title_of(tab) for tab in Tab))
    return path


@pytest.fixture(scope="module")
def book(prepared: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(prepared)


@pytest.fixture
def keys(book: openpyxl.Workbook) -> Worksheet:
    sheet = book[KR]
    assert isinstance(sheet, Worksheet)
    return sheet


def letters(field: Field) -> str:
    return column_letters(AT[field])


def test_tabs_stand_in_order_and_only_the_ledger_is_hidden(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [title_of(tab) for tab in Tab]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == [LEDGER]


def test_a_table_keeps_its_headers_in_sight_and_prints_on_wide_pages(keys: Worksheet) -> None:
    assert keys.freeze_panes == "C2"
    assert keys.auto_filter.ref == "A1:AF2000"
    assert keys.print_title_rows == "$1:$1"
    assert (keys.page_setup.orientation, keys.page_setup.fitToHeight) == ("landscape", 0)
    assert keys.sheet_properties.pageSetUpPr.fitToPage
    assert keys.sheet_properties.tabColor is not None


def test_columns_look_like_what_they_hold(keys: Worksheet) -> None:
    width = keys.column_dimensions[letters(Field.KEY_RESULT)].width
    assert width == pytest.approx(300 / 7, abs=0.01)
    assert keys.column_dimensions[letters(Field.KR_ID)].number_format == "@"
    assert keys.column_dimensions[letters(Field.OBJECTIVE_ID)].number_format == "@"
    assert keys.column_dimensions[letters(Field.FRESHNESS)].number_format == "d mmm yyyy"
    assert keys.column_dimensions[letters(Field.SCORE)].number_format == "0.00"
    assert keys.column_dimensions[letters(Field.CURRENT)].number_format == "General"


def test_headers_say_whose_a_column_is(keys: Worksheet) -> None:
    for at, column in enumerate(COLUMNS[Tab.KEY_RESULTS], start=1):
        header = keys.cell(1, at)
        assert header.value == column.header
        assert bool(header.font.i) is (column.role is not Role.PERSON)
        assert header.comment.text == column.note


def test_groups_are_folded_one_inside_the_other(keys: Worksheet) -> None:
    levels = {}
    for column in COLUMNS[Tab.KEY_RESULTS]:
        dimension = keys.column_dimensions.get(letters(column.field))
        levels[column.field] = (dimension.outlineLevel, dimension.hidden) if dimension else (0, False)
    assert levels[Field.NOTES] == (0, False)
    assert levels[Field.OBJECTIVE_ID] == (1, True)
    assert levels[Field.PACE] == (2, True)
    assert keys.sheet_properties.outlinePr.summaryRight is False


def test_dropdowns_offer_the_choices_and_forbid_nothing(book: openpyxl.Workbook) -> None:
    for tab, columns in COLUMNS.items():
        sheet = book[title_of(tab)]
        assert isinstance(sheet, Worksheet)
        rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
        wanted = {
            f"{column_letters(at)}2:{column_letters(at)}2000": column
            for at, column in enumerate(columns)
            if column.choices or column.between or column.is_person
        }
        assert rules.keys() == wanted.keys()
        for area, rule in rules.items():
            column = wanted[area]
            assert (rule.errorStyle, rule.allow_blank) == ("warning", True)
            assert len(rule.formula1) <= MAX_LIST + 2
            if column.choices:
                assert rule.formula1 == '"' + ",".join(column.choices) + '"'
                assert not any("," in choice for choice in column.choices)
            elif column.between:
                assert (rule.type, rule.operator, rule.formula1, rule.formula2) == ("decimal", "between", "1", "10")
            else:
                assert (rule.type, rule.formula1) == ("list", "'People'!$A$2:$A$2000")


def test_another_rule_s_words_replace_the_list_and_the_colours(tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    WorkbookStore(path).prepare(make_wish())
    made = WorkbookStore(path).prepare(replace(make_wish(), words={Status.AT_RISK: "Lagging"}))
    assert sorted(made.repairs) == sorted(f"colours of {title_of(tab)}" for tab in MERGED)
    sheet = openpyxl.load_workbook(path)[KR]
    area = f"{letters(Field.STATUS)}2:{letters(Field.STATUS)}2000"
    (rule,) = [each for each in sheet.data_validations.dataValidation if str(each.sqref) == area]
    assert rule.formula1.startswith('"Not started,On track,Lagging,Off track,')
    formulas = [rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules]
    assert any('="Lagging"' in formula for formula in formulas)
    assert not any('="At risk"' in formula for formula in formulas)


def test_old_rows_turn_grey_before_they_turn_green(keys: Worksheet) -> None:
    rules = sorted(
        ((rule.priority, str(area.sqref), rule) for area in keys.conditional_formatting for rule in area.rules),
        key=lambda each: each[0],
    )
    first = rules[0][2]
    assert rules[0][1] == "D2:D2000 F2:H2000 J2:K2000"
    assert "TODAY()-$K2>10" in first.formula[0]
    assert 'INDIRECT("_okr_sync!$C$1")' in first.formula[0]
    assert first.stopIfTrue
    assert first.dxf.fill.bgColor.rgb == "FFE5E7EB"
    assert '$H2="On track"' in rules[1][2].formula[0]
    assert len({priority for priority, _, _ in rules}) == len(rules)


def test_the_palette_holds_every_look(prepared: Path) -> None:
    book = Book(Package(prepared.read_bytes()))
    sheet = book.find_sheet(LEDGER)
    assert sheet is not None
    assert len(read_palette(book, sheet)) == len(PALETTE)


def test_a_run_finds_its_looks_in_the_palette_and_makes_no_new_ones(prepared: Path) -> None:
    data = prepared.read_bytes()
    package = Package(data)
    book = Book(package)
    sheet = book.find_sheet(LEDGER)
    assert sheet is not None
    book.styles.learn(read_palette(book, sheet))
    for style in Style:
        for value in (Decimal(45), Decimal("0.455"), "text", None):
            book.styles.look_for(style, value)
    with_new = package.render()
    assert Package(with_new).read("xl/styles.xml") == Package(data).read("xl/styles.xml")


def test_another_number_of_days_repaints_our_rules_and_leaves_theirs(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    path.write_bytes(prepared.read_bytes())
    book = openpyxl.load_workbook(path)
    theirs = openpyxl.formatting.rule.FormulaRule(formula=["$A2=1"], font=openpyxl.styles.Font(b=True))
    book[KR].conditional_formatting.add("A2:A5", theirs)
    book.save(path)
    before = openpyxl.load_workbook(path)[KR].conditional_formatting
    made = WorkbookStore(path).prepare(replace(make_wish(), stale_days=3))
    assert made.repairs == (
        "colours of Dashboard",
        "colours of Objectives",
        "colours of Key Results",
        "colours of KPIs",
    )
    after = openpyxl.load_workbook(path)[KR].conditional_formatting
    formulas = [rule.formula[0] for area in after for rule in area.rules]
    assert "$A2=1" in formulas
    assert any("TODAY()-$K2>3" in formula for formula in formulas)
    assert not any("TODAY()-$K2>10" in formula for formula in formulas)
    assert len(formulas) == sum(len(area.rules) for area in before)


def test_a_lost_ledger_line_and_palette_are_repaired(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    book = openpyxl.load_workbook(prepared)
    book[LEDGER].delete_rows(1)
    book.save(path)
    made = WorkbookStore(path).prepare(make_wish())
    assert made.repairs == (f"the first line of {LEDGER}", f"the palette in {LEDGER}")
    assert WorkbookStore(path).prepare(make_wish()).is_nothing


def test_a_migration_adds_missing_notes_and_loses_against_a_faster_run(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    book = openpyxl.load_workbook(prepared)
    book[KR].cell(1, AT[Field.OWNER] + 1).comment = None
    book[KR].cell(1, AT[Field.TARGET] + 1).comment = openpyxl.comments.Comment("Ask finance", "Mia")
    book.save(path)
    wish = replace(make_wish(), head='{"v":1,"rev":1}', migration=Migration(1, '{"v":1,"rev":9}'))
    before = path.read_bytes()
    with pytest.raises(SheetBusy):
        WorkbookStore(path).prepare(wish)
    assert path.read_bytes() == before
    made = WorkbookStore(path).prepare(replace(wish, migration=Migration(1, '{"v":1}')))
    assert f"the layout, from version 1 to {LAYOUT_VERSION}" in made.repairs
    keys = openpyxl.load_workbook(path)[KR]
    assert keys.cell(1, AT[Field.OWNER] + 1).comment.text.startswith("One person who answers for it")
    assert keys.cell(1, AT[Field.TARGET] + 1).comment.text == "Ask finance"


def test_a_tab_that_is_deleted_is_made_again_behind_the_others(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    book = openpyxl.load_workbook(prepared)
    del book["KPIs"]
    book.save(path)
    made = WorkbookStore(path).prepare(make_wish())
    assert made == Prepared(("KPIs",))
    assert openpyxl.load_workbook(path).sheetnames[-1] == "KPIs"


def test_an_empty_tab_that_exists_gets_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "People"
    book.save(path)
    made = WorkbookStore(path).prepare(make_wish(Tab.PEOPLE))
    assert made.tabs == (LEDGER,)
    assert made.columns == tuple(column.header for column in COLUMNS[Tab.PEOPLE])


def test_a_drawing_has_widths_heights_merges_and_links(tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    drawing = Drawing(
        (70, 140),
        (
            (Draw("Title", Style.TITLE, span=2),),
            (Draw("page", link="https://okr.example/a?b&c"), Draw("there", link="#'Key Results'!A1")),
            (Draw("many words " * 20, Style.WRAPPED, span=2),),
            (Draw(Decimal("0.5"), Style.PERCENT), Draw(Decimal(45), Style.NUMBER)),
        ),
        {1: 40},
    )
    wish = replace(make_wish(Tab.DASHBOARD), tabs=(NewTab(Tab.DASHBOARD, "Overview", drawing),))
    WorkbookStore(path).prepare(wish)
    sheet = openpyxl.load_workbook(path)["Overview"]
    assert sorted(str(area) for area in sheet.merged_cells.ranges) == ["A1:B1", "A3:B3"]
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [10, 20]
    assert sheet["A1"].font.sz == LOOKS[Style.TITLE].size
    assert sheet.row_dimensions[1].height > 24
    assert sheet.row_dimensions[2].height == 30
    assert sheet.row_dimensions[3].height > 60
    assert sheet["A2"].hyperlink.target == "https://okr.example/a?b&c"
    assert sheet["B2"].hyperlink.location == "'Key Results'!A1"
    assert (sheet["A4"].number_format, sheet["B4"].number_format) == ("0%", "#,##0")
    assert not sheet.sheet_view.showGridLines


def test_every_part_is_declared_and_every_relation_leads_somewhere(prepared: Path) -> None:
    package = Package(prepared.read_bytes())
    parts = read_parts(prepared)
    types = parts["[Content_Types].xml"].decode()
    for part in parts:
        extension = part.rpartition(".")[2]
        assert part == "[Content_Types].xml" or f'"/{part}"' in types or extension in ("rels", "vml")
        if not part.endswith(".rels"):
            for relation in package.relations(part):
                assert relation.is_external or relation.target in parts

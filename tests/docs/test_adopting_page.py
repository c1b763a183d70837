"""The page about adopting shows what the command really says."""

from tests.docs.pages import blocks, read
from tests.support.company import say
from tests.support.ugly_workbooks import make_merged_workbook

PAGE = "docs/adopting.md"


def test_the_example_is_what_is_printed(tmp_path):
    make_merged_workbook(tmp_path / "okrs.xlsx")
    calls = [block.split()[1:] for block in blocks(read(PAGE), "sh")]
    shown = blocks(read(PAGE), "text")
    assert len(calls) == len(shown) == 3
    for words, text in zip(calls, shown, strict=True):
        said = say(*words, folder=tmp_path)
        assert said.code == 0, said.text
        assert said.out.replace(f"{tmp_path}/", "") == text


def test_the_note_is_the_one_that_is_written(tmp_path):
    import openpyxl

    make_merged_workbook(tmp_path / "okrs.xlsx")
    assert say("adopt", "okrs.xlsx", "--apply", folder=tmp_path).code == 0
    sheet = openpyxl.load_workbook(tmp_path / "okrs.xlsx")["OKRs Q4"]
    notes = {cell.comment.text for row in sheet["A5:Z9"] for cell in row if cell.comment}
    (quoted,) = [line[2:] for line in read(PAGE).splitlines() if line.startswith("> ")]
    assert quoted in notes

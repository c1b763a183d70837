"""A home that nobody has is no crash: the file isn't found, and the message names it."""

from pathlib import Path

import pytest

from connectors.google_key import parse_credentials
from connectors.home import expand_home
from okr.problem import OkrSyncError
from sync.sheet.workbook import WorkbookStore

NOBODY = "~nobody-has-this-name"


def test_a_home_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/maya")
    assert expand_home("~/okrs.xlsx") == Path("/home/maya/okrs.xlsx")
    assert expand_home(f"{NOBODY}/okrs.xlsx") == Path(f"{NOBODY}/okrs.xlsx")


def test_a_workbook_in_nobodys_home_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OkrSyncError, match=NOBODY):
        WorkbookStore(Path(f"{NOBODY}/okrs.xlsx")).fetch_sheet(())


def test_a_key_in_nobodys_home_is_named() -> None:
    with pytest.raises(OkrSyncError, match=NOBODY):
        parse_credentials(f"{NOBODY}/key.json", "sheet.credentials")

"""The site of the handbook: it builds strictly, misses no page and no command, and shows nothing as markup."""

import re

import pytest
import yaml

from handbook.__main__ import main
from handbook.gather import gather, make_reference
from handbook.markdown import escape, table
from handbook.settings import render_settings
from sync.cli.main import COMMANDS
from tests.docs.pages import ROOT


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handbook")
    gather(ROOT, folder)
    return folder


def menu(entry):
    """The pages of a menu."""
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [page for each in inner for page in menu(each)]


def test_the_site_is_built_without_a_warning(tmp_path):
    assert main(tmp_path) == 0
    pages = {page.relative_to(tmp_path / "site").as_posix() for page in (tmp_path / "site").rglob("*.html")}
    assert {
        "index.html",
        "connect/google.html",
        "reference/commands.html",
        "decisions/004-the-merge-table.html",
    } <= pages
    text = (tmp_path / "site/reference/commands.html").read_text("utf-8")
    assert "\b" not in text
    for hostile in ("fonts.googleapis", "unpkg.com", "cdn."):
        assert hostile not in text


def test_a_dead_link_stops_the_build(tmp_path, monkeypatch, capfd):
    root = tmp_path / "root"
    gather(ROOT, root)
    (root / "docs/start.md").write_text("# Start\n\n[gone](gone.md)\n")
    monkeypatch.setattr("handbook.__main__.gather", lambda _root, _work: None)
    assert main(root) != 0
    assert "gone.md" in re.sub(r"\x1b\[[0-9;]*m", "", "".join(capfd.readouterr()))


def test_every_page_is_in_the_menu_once(gathered):
    found = menu(yaml.safe_load((gathered / "mkdocs.yml").read_text("utf-8"))["nav"])
    pages = {page.relative_to(gathered / "docs").as_posix() for page in (gathered / "docs").rglob("*.md")}
    assert sorted(found) == sorted(pages)


def test_every_command_is_there_with_an_example():
    text = make_reference(ROOT)["commands"]
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(COMMANDS) <= set(sections)
    assert {name for name in COMMANDS if not re.search(rf"Examples?:(?s:.+?)okr-sync {name}", sections[name])} == set()


def test_every_setting_is_there_under_its_heading():
    example = (ROOT / "config.example.yaml").read_text("utf-8")
    text = render_settings(example)
    kept = [line for line in text.splitlines() if line in example.splitlines() and line]
    assert kept == [line for line in example.splitlines() if line]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[1:] == [
        name for name in re.findall(r"^([a-z_]+):", example, re.MULTILINE) if name != "version"
    ]


def test_text_is_no_markup():
    assert escape("a_b *c* <d> [e]") == r"a\_b \*c\* \<d> \[e\]"
    assert table(("a",), [("b | `c|d`",)]) == "| a |\n| --- |\n| b \\| `c|d` |\n"

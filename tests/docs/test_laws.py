"""Every law of docs/laws.md names tests that hold it, and every name is a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from sync.sheet.merge import Verdict
from tests.docs.pages import ROOT, read, rows, section

PAGE = "docs/laws.md"
TABLES = {
    "The five laws": 5,
    "The merge table": 13,
    "What is looked at beyond one cell": 14,
    "Designs that lose what people wrote": 7,
}
LAWS = [(heading, row[:-1], row[-1]) for heading in TABLES for row in rows(section(read(PAGE), heading))]


@cache
def known_tests(path: str) -> frozenset[str]:
    """The tests of a file, also those of its classes."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def named(text: str) -> list[tuple[str, str]]:
    return re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text)


def exists(path: str, name: str) -> bool:
    return (ROOT / path).is_file() and name in known_tests(path)


@pytest.mark.parametrize(("heading", "law", "held"), LAWS, ids=[" ".join(law)[:50] for _, law, _ in LAWS])
def test_a_law_is_held_by_tests_that_exist(heading, law, held):
    found = named(held)
    assert found
    assert [each for each in found if not exists(*each)] == []
    assert len(found) == held.count("::")


@pytest.mark.parametrize(("heading", "count"), TABLES.items())
def test_no_law_is_taken_away_unseen(heading, count):
    assert sum(one == heading for one, _, _ in LAWS) == count


def test_every_verdict_stands_in_the_merge_table():
    happens = " ".join(law[2] for heading, law, _ in LAWS if heading == "The merge table")
    assert [verdict.value for verdict in Verdict if not re.search(rf"\b{verdict.value}\b", happens)] == []


def test_the_merge_table_is_the_one_of_the_decision():
    """Each row of the page where the two are told apart is there, too."""
    decided = [row[:2] for row in rows(section(read("docs/decisions/004-the-merge-table.md"), "Decision"))]
    page = [(law[0], law[1]) for heading, law, _ in LAWS if heading == "The merge table"]
    missing = [row for row in decided if not any(row[0] in (one, "any") and _says(two, row[1]) for one, two in page)]
    assert missing == []


def _says(cell: str, decided: str) -> bool:
    return cell.startswith(decided.strip("*"))


def test_a_test_that_is_none_is_noticed():
    assert not exists("tests/unit/test_sync_merge.py", "test_nothing_of_the_kind")
    assert not exists("tests/unit/test_no_file.py", "test_the_table")

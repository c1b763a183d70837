"""What files and databases say that they have; and that each line they suggest gives a number."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.base import CanDiscover, Connector, SourceMisread
from connectors.findings import Findings, Item
from connectors.gather import Budget, gather
from connectors.registry import load_factory
from connectors.testing import FakeTime, make_options
from mappings.evaluate import expand
from mappings.resolve import resolve
from okr.model import Cycle
from tests.contract.test_file import excel
from tests.contract.test_sql import fill
from tests.support.databases import needs_mariadb, needs_postgres, serving_mariadb, serving_postgres
from tests.unit.okr_rows import key_result

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
SALES = """\
Id;Customer;Amount;Stage;Closed
1;Müller;1.200,50;Won;03.10.2026
2;Weiß;800;Lost;05.11.2026
3;"Sánchez; Söhne";99;Won;30.09.2026
4;Ng;1;Won;01.12.2026
"""
ROWS = [{"Deal id": 1, "Amount": 2.5, "Closed": "2026-10-03"}, {"Deal id": 2, "Amount": 4, "Closed": "2026-10-04"}]


Make = Callable[..., Connector]


@pytest.fixture
def make() -> Iterator[Make]:
    """A connector of a kind, whose paths count from a folder; all are closed in the end."""
    with ExitStack() as opened:

        def make(folder: Path, kind: str, environ: dict[str, str] | None = None, **options: Any) -> Connector:
            factory = load_factory(kind)
            around = replace(FakeTime(NOW).around(), folder=folder)
            connector = factory.make("source", make_options(factory, options, environ or {}), around)
            opened.callback(connector.close)
            return connector

        yield make


def discover(connector: Connector) -> Findings:
    assert isinstance(connector, CanDiscover)
    return connector.discover()


def items(found: Findings, title: str) -> tuple[Item, ...]:
    return next(each.items for each in found.listings if each.title == title)


def numbers(connector: Connector, kind: str, lines: tuple[str, ...]) -> list[Any]:
    """What each suggested line gives when it is written into a mapping file."""
    text = "key_results:\n" + "".join(f"  {line}\n" for line in lines)
    mappings, problems = resolve({"first.yaml": text}, {"source": load_factory(kind).grammar})
    assert problems == ()
    metrics = [
        expand(mapping, key_result(id_), CYCLE, NOW, UTC).metrics[0] for id_, mapping in mappings.key_results.items()
    ]
    around = FakeTime(NOW).around()
    found = gather(metrics, {"source": connector}, budget=Budget(), around=around)
    return [getattr(found[metric], "value", found[metric]) for metric in metrics]


class TestFiles:
    def test_columns_with_types_examples_and_choices(self, make: Make, tmp_path: Path) -> None:
        (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")
        connector = make(tmp_path, "file", path="sales.csv", decimal=",", date_order="dmy")
        found = discover(connector)
        assert items(found, "Columns of sales.csv") == (
            Item("Id", kind="number", note="such as 1"),
            Item("Customer", kind="text", note="such as Müller"),
            Item("Amount", kind="number", note="such as 1200.50"),
            Item("Stage", kind="text", note="Won, Lost"),
            Item("Closed", kind="date", note="such as 2026-10-03"),
        )
        assert found.mapping == (
            "KR-1: {source: {}, within: {cycle: Closed}, measure: count}",
            "KR-2: {source: {}, within: {cycle: Closed}, measure: {sum: Amount}}",
            "KR-3: {source: {}, within: {cycle: Closed}, measure: {share: {Stage: Won}}}",
        )
        assert numbers(connector, "file", found.mapping) == [3, Decimal("2001.5"), Decimal(2) / 3]

    def test_the_newest_file_of_a_folder(self, make: Make, tmp_path: Path) -> None:
        (tmp_path / "sales-1.csv").write_text("Amount\n1\n")
        found = discover(make(tmp_path, "file", path=".", pattern="sales-*.csv"))
        assert [each.title for each in found.listings] == ["Columns of sales-1.csv"]

    def test_each_sheet_of_a_workbook_is_a_part(self, make: Make, tmp_path: Path) -> None:
        from openpyxl import load_workbook

        path = tmp_path / "sales.xlsx"
        path.write_bytes(excel([["Deal", "Amount"], ["a", 1], ["b", 2.5]]))
        book = load_workbook(path)
        book.create_sheet("Who").append(["Name"])
        book.save(path)
        connector = make(tmp_path, "file", path="sales.xlsx")
        found = discover(connector)
        assert [part.name for part in found.parts] == ["Data", "Who"]
        assert found.mapping == found.parts[0].mapping
        assert found.mapping[1] == "KR-2: {source: {sheet: Data}, measure: {sum: Amount}}"
        assert numbers(connector, "file", found.mapping) == [2, Decimal("3.5")]

    @pytest.mark.parametrize(
        ("name", "text", "query"),
        [
            ("a.json", json.dumps(ROWS), "{}"),
            ("a.json", json.dumps({"count": 2, "my deals": ROWS}), "{records: '\"my deals\"'}"),
            ("a.json", json.dumps({"deals": ROWS, "errors": []}), "{records: deals}"),
            ("a.jsonl", "\n".join(map(json.dumps, ROWS)), "{}"),
        ],
    )
    def test_where_the_records_of_json_stand(
        self, make: Make, tmp_path: Path, name: str, text: str, query: str
    ) -> None:
        (tmp_path / name).write_text(text)
        connector = make(tmp_path, "file", path=name)
        found = discover(connector)
        assert found.mapping[1] == f"KR-2: {{source: {query}, within: {{cycle: Closed}}, measure: {{sum: Amount}}}}"
        assert numbers(connector, "file", found.mapping) == [2, Decimal("6.5")]

    @pytest.mark.parametrize("text", ["", "\n", "Amount\n"])
    def test_an_empty_file_has_nothing_to_sum(self, make: Make, tmp_path: Path, text: str) -> None:
        (tmp_path / "empty.csv").write_text(text)
        assert len(discover(make(tmp_path, "file", path="empty.csv")).mapping) == 1

    @pytest.mark.parametrize(("name", "text"), [("a.csv", "<html>Log in</html>"), ("a.json", "{"), ("a.pdf", "x")])
    def test_what_is_no_table_is_misread(self, make: Make, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        with pytest.raises(SourceMisread):
            discover(make(tmp_path, "file", path=name))


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("databases")
    fill(f"sqlite:///{folder}/acme.db")
    return folder


class TestDatabases:
    def check(self, connector: Connector) -> None:
        found = discover(connector)
        kinds = {item.name: item.kind for item in items(found, "Columns of deals")}
        expected = {"id": "number", "stage": "text", "tag": "text", "closed": "date", "signed": "date"}
        assert kinds.items() >= expected.items()
        assert next(part for part in found.parts if part.is_called("DEALS")).mapping == found.mapping
        assert found.mapping[0] == "KR-1: {source: {table: deals}, within: {cycle: closed}, measure: count}"
        assert numbers(connector, "sql", found.mapping[:1]) == [60]

    def test_sqlite(self, make: Make, databases: Path) -> None:
        self.check(make(databases, "sql", url="sqlite:///acme.db"))

    @needs_postgres
    def test_postgresql(self, make: Make) -> None:
        with serving_postgres() as url:
            fill(url)
            self.check(make(Path(), "sql", {"DATABASE_URL": url}, url="env:DATABASE_URL"))

    @needs_mariadb
    def test_mariadb(self, make: Make) -> None:
        with serving_mariadb() as url:
            fill(url)
            self.check(make(Path(), "sql", {"DATABASE_URL": url}, url="env:DATABASE_URL"))

    def test_a_large_one_is_looked_into_in_part(
        self, make: Make, databases: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.sql._MOST_TABLES", 0)
        [tables] = discover(make(databases, "sql", url="sqlite:///acme.db")).listings
        assert tables.note == "the first 0; there are 1 more"

    def test_a_file_that_is_not_there_is_told(self, make: Make, tmp_path: Path) -> None:
        with pytest.raises(SourceMisread, match="unable to open"):
            discover(make(tmp_path, "sql", url="sqlite:///none.db"))

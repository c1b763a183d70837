"""The file connector: the contract at a url and on a disk, and what people's files look like."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook
from werkzeug.wrappers import Request, Response

from connectors.file import File
from connectors.file_grammar import FileBody
from connectors.file_table import Dialect, parse_csv_cell, parse_excel_cell
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, StandIn
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Window
from sandbox.body import json_response
from sandbox.server import Server
from sandbox.wire import Service, route
from tests.contract.stand_in import SandboxStandIn

BERLIN = ZoneInfo("Europe/Berlin")
DEALS = 230
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIELDS = ["Deal", "Amount", "Stage", "Tag", "Closed"]
ROWS = [
    [
        f"Deal {number}",
        "" if number == 7 else "0.1",
        "Won" if number % 10 == 0 else "Open",
        "größe 🚀" if number < 3 else "漢字" if number < 6 else "",
        f"2026-10-{number + 1:02}" if number < 30 else "",
    ]
    for number in range(DEALS)
]
CSV = "\n".join(",".join(row) for row in [FIELDS, *ROWS])


def is_(field: str, *values: str) -> Condition:
    return Condition(field, "in" if len(values) > 1 else "=", values)


def where(*conditions: Condition, window: Window | None = None) -> Filter:
    return Filter(conditions, window)


ANY = FileBody()


def metric(
    measure: str = "count",
    field: str | None = None,
    only: Filter | None = None,
    body: FileBody = ANY,
    **more: Any,
) -> Metric:
    return Metric(Query("sales", body, only or Filter()), Measure(measure, field, **more))


class Files(Service):
    """Files behind a token."""

    name = "files"

    @route("GET", "/deals.csv", "/none.csv")
    def deals(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return json_response({"message": "Who are you?"}, 401)
        return Response(CSV, content_type="text/csv")


class TestFileContract(ConnectorContract):
    """One file at a url: the network's troubles, and the table's."""

    factory = File()
    exact = Case(metric("sum", "Amount"), Decimal("22.9"))
    paged = Case(metric(), Decimal(DEALS))
    pages = 1
    unicode = Case(metric("count", None, where(is_("Tag", "größe 🚀", "漢字"))), Decimal(6))
    none = metric("avg", "Amount", where(is_("Stage", "Nothing")))
    no_records = Case(metric("count", None, where(is_("Stage", "Nothing"))), Decimal(0))
    missing_field = (metric("sum", "Amuont"), "Amuont")
    broken = metric(body=FileBody(header=900))
    budget = (
        (
            metric(),
            metric("sum", "Amount"),
            metric("avg", "Amount", where(is_("Stage", "Won"))),
            metric("share", of=(is_("Stage", "Won"),)),
        ),
        1,
    )
    bad_options = (
        ({"path": "ftp://x/y.csv"}, "path"),
        ({"format": "pdf"}, "format"),
        ({"encoding": "klingon"}, "encoding"),
        ({"pattern": "../*.csv"}, "pattern"),
    )
    without: ClassVar[dict[str, str]] = {
        "test_passing_trouble_is_overcome": "one file is one request; the test below spoils the first, not the second",
    }

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        service = Files()
        with Server(service):
            yield SandboxStandIn(service)
        assert service.failures == []

    def options(self, url: str) -> dict[str, Any]:
        return {"path": f"{url}/deals.csv", "token": "env:SOURCE_TOKEN", "allow_private": "true"}

    @pytest.mark.parametrize("kind", ["status", "cut", "truncate"])
    def test_trouble_with_the_only_request_is_overcome(self, kind: str, service: StandIn, time: FakeTime) -> None:
        from connectors.testing import Spoil

        service.spoil(Spoil(kind, 500))
        assert self.value(service, time, self.exact.metric) == self.exact.value
        assert time.slept

    def test_a_private_address_is_not_asked_unless_allowed(self, service: StandIn, time: FakeTime) -> None:
        contract = TestFileContract()
        contract.options = lambda url: {"path": f"{url}/deals.csv"}  # type: ignore[method-assign]
        gap = contract.gap(service, time, metric())
        assert "private address" in gap.reason
        assert service.calls() == []


def ask(folder: Path, *metrics: Metric, path: str = ".", **written: Any) -> list[Any]:
    from dataclasses import replace

    from connectors.gather import Budget, gather
    from connectors.testing import make_options

    time = FakeTime(NOW)
    around = replace(time.around(), folder=folder, timezone="Europe/Berlin")
    connector = File().make("sales", make_options(File(), {"path": path, **written}, {}), around)
    return list(gather(metrics, {"sales": connector}, budget=Budget(), around=around).values())


def write(folder: Path, name: str, data: str | bytes, age: timedelta = timedelta(hours=1)) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    moment = (NOW - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def excel(rows: list[list[Any]], *, sheet: str = "Data") -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class TestWhichFile:
    def test_the_newest_that_fits_is_read_and_a_reading_is_as_old_as_it(self, tmp_path: Path) -> None:
        write(tmp_path, "sales-1.csv", "A\n1\n", timedelta(days=9))
        write(tmp_path, "sales-2.csv", "A\n2\n", timedelta(days=2))
        write(tmp_path, "costs.csv", "A\n3\n", timedelta(days=1))
        write(tmp_path, "~$sales-9.csv", "A\n9\n", timedelta())
        sales, costs = ask(
            tmp_path, metric("sum", "A"), metric("sum", "A", body=FileBody("costs*")), pattern="sales-*.csv"
        )
        assert (sales.value, sales.as_of) == (2, NOW - timedelta(days=2))
        assert costs.value == 3

    def test_a_column_can_say_how_old_the_data_is(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "A,On\n1,2026-11-03\n2,2026-11-05\n")
        [one] = ask(tmp_path, metric("sum", "A"), path="a.csv", as_of="On")
        assert one.as_of == datetime(2026, 11, 5, tzinfo=BERLIN)

    def test_a_moment_to_come_is_now(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "A\n1\n", timedelta(days=-3))
        assert ask(tmp_path, metric("sum", "A"))[0].as_of == NOW

    def test_a_link_out_of_the_folder_is_no_file_of_it(self, tmp_path: Path) -> None:
        write(tmp_path, "secret.csv", "A\n1\n")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "x.csv").symlink_to(tmp_path / "secret.csv")
        [gap] = ask(tmp_path, metric("sum", "A"), path="in")
        assert "No file in in" in gap.reason

    def test_no_file_is_a_gap_that_says_where_it_was_looked_for(self, tmp_path: Path) -> None:
        [gap] = ask(tmp_path, metric(), path="nothing.csv")
        assert gap.kind is GapKind.MISREAD
        assert "nothing.csv" in gap.reason

    def test_a_file_is_read_once_in_a_run(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", CSV)
        found = ask(tmp_path, *[metric("count", None, where(is_("Deal", f"Deal {n}"))) for n in range(40)])
        assert {one.value for one in found} == {1}


class TestCsv:
    def test_a_german_export(self, tmp_path: Path) -> None:
        text = 'Kunde;Betrag;Am\nMüller;1.234,50;05.10.2026\n"Weiß; Co";-0,5;6.10.2026\n;;\n'
        write(tmp_path, "a.csv", text.encode("cp1252"))
        window = Window("Am", datetime(2026, 10, 6, tzinfo=BERLIN), datetime(2026, 10, 7, tzinfo=BERLIN))
        found = ask(
            tmp_path,
            metric("sum", "Betrag"),
            metric("count", None, where(window=window)),
            metric("count", None, where(is_("Kunde", "Weiß; Co"))),
            encoding="cp1252", decimal=",", date_order="dmy",
        )  # fmt: skip
        assert [one.value for one in found] == [Decimal("1234.0"), 1, 1]

    def test_what_excel_saves_as_unicode_text(self, tmp_path: Path) -> None:
        write(tmp_path, "a.txt", "Größe\tN\nx\t2\n".encode("utf-16"))
        assert ask(tmp_path, metric("sum", "N", where(is_("Größe", "x"))))[0].value == 2

    def test_a_wrong_encoding_says_so(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "A\nMüller\n".encode("cp1252"))
        [gap] = ask(tmp_path, metric())
        assert "line 2" in gap.reason
        assert "cp1252" in gap.fix

    def test_a_column_that_is_there_twice_is_not_guessed(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "A,A,B\n1,2,3\n")
        twice, other = ask(tmp_path, metric("sum", "A"), metric("sum", "B"))
        assert "two columns called “A”" in twice.reason
        assert other.value == 3 if hasattr(other, "value") else "two columns" in other.reason

    def test_headers_may_stand_lower(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "Report of sales\n\nA,B\n1,2\n")
        assert ask(tmp_path, metric("sum", "B", body=FileBody(header=3)))[0].value == 2

    def test_too_many_rows_or_bytes_are_refused_and_not_cut_off(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", CSV)
        assert "more than 10 rows" in ask(tmp_path, metric(), most_rows="10")[0].reason
        assert "MB" in ask(tmp_path, metric(), most_bytes="1000")[0].reason

    def test_an_empty_file_is_no_zero(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "")
        assert "no row 1 with columns" in ask(tmp_path, metric())[0].reason


class TestExcel:
    def test_values_of_a_sheet(self, tmp_path: Path) -> None:
        rows = [
            ["A", "B", "On"],
            [0.1, "x", datetime.fromisoformat("2026-10-05")],
            [0.2, "=1+1", date(2026, 10, 6)],
            [None, "", None],
        ]
        write(tmp_path, "a.xlsx", excel(rows, sheet="Zahlen ü"))
        window = Window("On", datetime(2026, 10, 6, tzinfo=BERLIN), datetime(2026, 10, 7, tzinfo=BERLIN))
        one, dated, gap = ask(
            tmp_path,
            metric("sum", "A"),
            metric("count", None, where(window=window), FileBody(sheet="Zahlen ü")),
            metric(body=FileBody(sheet="Nope")),
        )
        assert (one.value, dated.value) == (Decimal("0.3"), 1)
        assert gap.fix == "Its sheets: Zahlen ü."

    def test_a_small_file_that_unpacks_to_gigabytes_is_not_opened(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
        write(tmp_path, "a.xlsx", out.getvalue())
        [gap] = ask(tmp_path, metric(), most_bytes="20000000")
        assert "unpacked" in gap.reason

    def test_what_is_no_excel_file(self, tmp_path: Path) -> None:
        write(tmp_path, "a.xlsx", "not at all")
        assert "no Excel file" in ask(tmp_path, metric())[0].reason


class TestJson:
    def test_records_fields_and_paths(self, tmp_path: Path) -> None:
        data = {"items": [{"id": 1, "amount": 0.1, "who": {"n": "漢"}}, {"id": 2, "amount": 0.2, "who": {"n": "x"}}]}
        write(tmp_path, "a.json", json.dumps(data))
        items = FileBody(records="items", fields=(("name", "who.n"),))
        one, two, gap = ask(
            tmp_path, metric("sum", "amount", where(is_("name", "漢")), items),
            metric("count", None, where(is_("who.n", "x")), items), metric("sum", "amuont", body=items),
        )  # fmt: skip
        assert (one.value, two.value) == (Decimal("0.1"), 1)
        assert gap.fix == "Did you mean “amount”?"

    def test_lines(self, tmp_path: Path) -> None:
        write(tmp_path, "a.jsonl", '{"a": 0.1}\n\n{"a": 0.2}\n')
        assert ask(tmp_path, metric("sum", "a"))[0].value == Decimal("0.3")
        write(tmp_path, "a.jsonl", '{"a": 0.1}\n{"a": ')
        assert "(line 2)" in ask(tmp_path, metric("sum", "a"))[0].reason


@pytest.mark.parametrize(
    ("text", "decimal", "order", "value"),
    [
        ("1,234.50", ".", "iso", Decimal("1234.50")), ("1.234,50", ",", "iso", Decimal("1234.50")),
        ("1 234,5", ",", "iso", Decimal("1234.5")), ("12.10.2026", ".", "dmy", date(2026, 10, 12)),
        ("10/12/2026", ".", "mdy", date(2026, 10, 12)), ("31.02.2026", ".", "dmy", "31.02.2026"),
        ("2026-10-12 08:30:00", ".", "iso", datetime(2026, 10, 12, 8, 30, tzinfo=BERLIN)),
        ("  ", ".", "iso", None), ("#N/A", ".", "iso", None), ("007", ".", "iso", "007"),
        ("1.2.3", ".", "iso", "1.2.3"),
    ],
)  # fmt: skip
def test_a_cell_of_text(text: str, decimal: str, order: str, value: Any) -> None:
    assert parse_csv_cell(text, Dialect(decimal=decimal, date_order=order, zone=BERLIN)) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (0, Decimal(0)), (0.1, Decimal("0.1")), ("#REF!", None),
        (datetime.fromisoformat("2026-01-02"), date(2026, 1, 2)),
        (datetime.fromisoformat("2026-01-02T03:00"), datetime(2026, 1, 2, 3, tzinfo=BERLIN)),
        (False, False), ("", None), (timedelta(hours=1), Decimal("3600.0")),
    ],
)  # fmt: skip
def test_a_cell_of_excel(cell: Any, value: Any) -> None:
    assert parse_excel_cell(cell, BERLIN) == value

"""The SQL connector: the contract on SQLite, PostgreSQL and MariaDB, and what each does in its own way."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.sql import Sql
from connectors.sql_forms import SqlQuery
from connectors.sql_grammar import SqlBody, SqlGrammar
from connectors.sql_reply import parse_column
from connectors.testing import Case, ConnectorContract, FakeTime, StandIn
from mappings.model import Condition, Filter, Gap, GapKind, Measure, Metric, Query, Window
from tests.support.databases import PASSWORD, needs_mariadb, needs_postgres, serving_mariadb, serving_postgres

BERLIN = ZoneInfo("Europe/Berlin")
DEALS = 230
CHATTER = (
    "set ",
    "show ",
    "pragma",
    "select pg_catalog",
    "select version",
    "select @@",
    "rollback",
    "start tr",
    "select current_schema",
    "select cast('test",
)


def is_(field: str, *values: str) -> Condition:
    return Condition(field, "in" if len(values) > 1 else "=", values)


def where(*conditions: Condition, window: Window | None = None) -> Filter:
    return Filter(conditions, window)


WON = where(is_("stage", "Won"))
TABLE = SqlBody(table=("deals",))


def select(sql: str, *values: str) -> SqlBody:
    return SqlBody(sql, values)


def metric(
    measure: str = "count",
    field: str | None = None,
    only: Filter | None = None,
    body: SqlBody = TABLE,
    **more: Any,
) -> Metric:
    return Metric(Query("db", body, only or Filter()), Measure(measure, field, **more))


def fill(url: str) -> None:
    """The deals; on every database the same."""
    engine = sa.create_engine(url)
    meta = sa.MetaData()
    exact = sa.String(20) if url.startswith("sqlite") else sa.Numeric(20, 2)
    deals = sa.Table(
        "deals",
        meta,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount", exact),
        sa.Column("stage", sa.String(40)),
        sa.Column("tag", sa.String(40)),
        sa.Column("closed", sa.Date),
        sa.Column("signed", sa.DateTime),
        sa.Column("paid", sa.Boolean),
    )
    meta.create_all(engine)
    rows = [
        {
            "id": number,
            "amount": None if number == 7 else "0.1" if url.startswith("sqlite") else Decimal("0.1"),
            "stage": "Won" if number % 10 == 0 else "Lost" if number % 2 else "won" if number == 2 else "Open",
            "tag": "größe 🚀" if number < 3 else "漢字" if number < 6 else None,
            "closed": date(2026, 10, 1) + timedelta(days=number) if number < 60 else None,
            "signed": datetime.fromisoformat("2026-10-01") + timedelta(hours=number),
            "paid": number % 2 == 0,
        }
        for number in range(DEALS)
    ]
    with engine.begin() as connection:
        connection.execute(deals.insert(), rows)
    engine.dispose()


class Database:
    """A database as the contract wants its stand-in; every statement that is sent is seen."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sent: list[str] = []

    def calls(self) -> list[str]:
        return [text for text in self.sent if not text.lower().lstrip().startswith(CHATTER)]

    def spoil(self, spoil: Any) -> None:
        raise AssertionError("a database is spoilt by its own tests")


@contextmanager
def watched(url: str) -> Iterator[Database]:
    database = Database(url)

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        database.sent.append(statement.replace("/* okr-sync */ ", "").strip())

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield database
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


class SqlContract(ConnectorContract):
    factory = Sql()
    environ: ClassVar[dict[str, str]] = {"SOURCE_TOKEN": PASSWORD}
    exact = Case(metric("sum", "amount"), Decimal("22.9"))
    paged = Case(metric("distinct", "id"), Decimal(DEALS))
    pages = 1
    unicode = Case(metric("count", None, where(is_("tag", "größe 🚀", "漢字"))), Decimal(6))
    none = metric("avg", "amount", body=select("SELECT amount FROM deals WHERE stage = :v0", "Nobody's; --"))
    no_records = Case(metric(body=select("SELECT * FROM deals WHERE stage = :v0", "nobody")), Decimal(0))
    missing_field = (metric("sum", "amuont"), "amuont")
    broken = metric(body=SqlBody(table=("daels",)))
    budget = (
        (
            metric(),
            metric("sum", "amount"),
            metric("avg", "amount", WON),
            metric("share", of=(is_("stage", "Won"),)),
            metric("count", None, where(Condition("amount", ">=", ("0.05",)))),
        ),
        2,
    )
    reads = frozenset({"SELECT"})
    bad_options = (
        ({"url": "acme"}, "url"),
        ({"url": "postgresql://me:secret@host/db"}, "url"),
        ({"timeout": 0}, "timeout"),
        ({"most_rows": 0}, "most_rows"),
    )
    where_it_is = ""


HTTP_ONLY = dict.fromkeys(
    (
        "test_retry_after_in_seconds_is_obeyed",
        "test_retry_after_as_a_date_is_obeyed",
        "test_passing_trouble_is_overcome",
        "test_silence_ends",
        "test_trouble_that_stays_is_a_gap",
        "test_a_login_page_is_no_number",
        "test_a_wrong_token_is_not_tried_again",
        "test_secrets_are_nowhere",
    ),
    "a database speaks no HTTP; its own troubles are in TestTrouble, its password in ServerContract",
)


class TestSqliteContract(SqlContract):
    without: ClassVar[dict[str, str]] = {
        **HTTP_ONLY,
        "test_a_secret_in_the_config_is_refused": "a file has no password; the servers' contracts try it",
    }

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with watched(self.where_it_is) as database:
            yield database

    def options(self, url: str) -> dict[str, Any]:
        return {"url": url if url.startswith("sqlite") else "sqlite:///x.db"}

    @pytest.fixture(autouse=True)
    def _filled(self, sqlite: str) -> None:
        self.where_it_is = sqlite


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('sql')}/acme.db"
    fill(url)
    return url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with serving_postgres() as url:
        fill(url)
        yield url


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    with serving_mariadb() as url:
        fill(url)
        yield url


class ServerContract(SqlContract):
    """A server's address has a password, which the config refers to; its numbers have a scale."""

    exact = Case(metric("sum", "amount"), Decimal("22.90"))

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with watched(self.where_it_is) as database:
            yield database

    def options(self, url: str) -> dict[str, Any]:
        known = url if "owner" in url else "postgresql://owner@host/db"
        return {"url": known.replace(f":{PASSWORD}", ""), "password": "env:SOURCE_TOKEN"}

    def test_the_password_is_nowhere(
        self, service: StandIn, time: FakeTime, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level("DEBUG")
        outcomes = [self.ask(service, time, self.exact.metric), self.ask(service, time, self.broken)]
        with self.connected(service, time) as connector:
            seen = f"{outcomes!r} {connector!r} {connector.__dict__!r} {caplog.text} {capsys.readouterr()}"
        assert PASSWORD not in seen


@needs_postgres
class TestPostgresContract(ServerContract):
    without = HTTP_ONLY

    @pytest.fixture(autouse=True)
    def _filled(self, postgres: str) -> None:
        self.where_it_is = postgres


@needs_mariadb
class TestMariadbContract(ServerContract):
    without = HTTP_ONLY

    @pytest.fixture(autouse=True)
    def _filled(self, mariadb: str) -> None:
        self.where_it_is = mariadb


EVERY = ["sqlite", pytest.param("postgres", marks=needs_postgres), pytest.param("mariadb", marks=needs_mariadb)]


@pytest.fixture(params=EVERY)
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def ask(
    url: str, *metrics: Metric, time: FakeTime | None = None, seen: list[str] | None = None, **written: Any
) -> list[Any]:
    contract = TestSqliteContract()
    contract.environ = {"WHOLE_URL": url}  # type: ignore[misc]
    contract.options = lambda _: {"url": "env:WHOLE_URL", **written}  # type: ignore[method-assign]
    with watched(url) as database:
        outcomes = contract.ask(database, time or FakeTime(), *metrics)
        if seen is not None:
            seen.extend(database.calls())
    return list(outcomes.values())


class TestRows:
    def test_filters_mean_what_they_mean_everywhere(self, url: str) -> None:
        """MariaDB's own = finds “won” for “Won”, and SQLite's 0.1 is a text: we judge."""
        found = ask(
            url,
            metric("count", None, WON),
            metric("count", None, where(Condition("amount", "<", ("1",)))),
            metric("count", None, where(is_("id", "3"))),
            metric("count", None, where(Condition("tag", "!=", ("漢字",)))),
        )
        assert [one.value for one in found] == [23, 229, 1, 227]

    def test_a_number_is_not_compared_as_the_text_that_it_has(self, url: str) -> None:
        """The databases show 0.1 as 0.10: pushed down as a text, no row would come."""
        seen: list[str] = []
        [one] = ask(url, metric("count", None, where(is_("amount", "0.1"))), seen=seen)
        assert one.value == 229
        assert "WHERE" not in seen[0]

    def test_what_is_safe_is_pushed_down_as_bound_parameters(self, url: str) -> None:
        seen: list[str] = []
        hostile = "x' OR 1=1 --"
        both = (metric("count", None, WON), metric("count", None, where(is_("stage", hostile))))
        [won, none] = ask(url, *both, seen=seen)
        assert (won.value, none.value) == (23, 0)
        assert len(seen) == 1
        assert "WHERE" in seen[0]
        assert "Won" not in seen[0]
        assert hostile not in seen[0]

    def test_a_select_is_filtered_around(self, url: str) -> None:
        seen: list[str] = []
        body = select("SELECT tag AS s, sum(id) AS total FROM deals GROUP BY tag ORDER BY 1")
        [one] = ask(url, metric("sum", "total", where(is_("s", "漢字")), body), seen=seen)
        assert one.value == 3 + 4 + 5
        assert "AS q" in seen[0]
        assert len(seen) == 1

    @pytest.mark.parametrize(("field", "count"), [("closed", 3), ("signed", 72)])
    def test_windows_count_in_the_company_s_zone(self, url: str, field: str, count: int) -> None:
        window = Window(field, datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 8, tzinfo=UTC))
        seen: list[str] = []
        [one] = ask(url, metric("count", None, where(window=window)), seen=seen)
        assert one.value == count
        assert len(seen) == 1
        assert "WHERE" in seen[0]

    def test_a_window_over_a_column_of_another_type_is_judged_by_us(self, url: str) -> None:
        window = Window("id", datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 8, tzinfo=UTC))
        [one] = ask(url, metric("count", None, where(window=window)))
        assert one.value == 0

    def test_a_scalar_is_called_value(self, url: str) -> None:
        [one, none] = ask(
            url,
            metric("sum", "value", body=select("SELECT count(*) FROM deals WHERE stage = :v0", "Won")),
            metric("sum", "value", body=select("SELECT max(id) FROM deals WHERE stage = :v0", "Nobody")),
        )
        assert one.value >= 23  # MariaDB's own comparison takes “won” too: in the query's text, its rules hold
        assert none.kind is GapKind.EMPTY

    def test_variables_are_bound_as_the_column_needs_them(self, url: str) -> None:
        text = "SELECT id FROM deals WHERE closed >= :v0 AND closed <= :v1 AND stage <> :v2"
        [one] = ask(url, metric(body=select(text, "2026-10-05", "2026-10-07", "x' OR '1'='1")))
        assert one.value == 3

    def test_too_many_rows_are_refused_and_not_cut_off(self, url: str) -> None:
        [many, counted] = ask(url, metric("sum", "amount"), metric(), most_rows=100)
        assert "more than 100 rows" in many.reason
        assert counted.value == DEALS

    def test_a_missing_column_is_named_with_what_may_be_meant(self, url: str) -> None:
        bad, good, filtered = ask(
            url, metric("sum", "amuont"), metric("sum", "amount"), metric("count", None, where(is_("stge", "Won")))
        )
        assert bad.fix == "Did you mean “amount”?"
        assert good.value == Decimal("22.9")
        assert "“stge”" in filtered.reason

    def test_a_statement_that_takes_too_long_is_stopped(self, url: str) -> None:
        loop = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n"
        slow = {"sqlite": loop, "postgresql": "SELECT pg_sleep(20)", "mysql": "SELECT sleep(20) FROM deals"}
        [gap] = ask(url, metric("max", "value", body=select(slow[sa.make_url(url).get_backend_name()])), timeout=0.3)
        assert "after 0.3 s" in gap.reason

    def test_nothing_can_be_written_whatever_the_query_says(self, url: str) -> None:
        """The grammar refuses these; here it is passed by, and the transaction itself says no."""
        for text in ("DELETE FROM deals", "UPDATE deals SET stage = 'x'", "CREATE TABLE t (i int)"):
            [gap] = ask(url, metric("sum", "id", body=select(text)))
            assert isinstance(gap, Gap)
            assert any(word in gap.reason.lower() for word in ("read-only", "readonly", "read only", "syntax")), gap
        [count] = ask(url, metric("count", None, where(is_("stage", "Won"))))
        assert count.value == 23

    @pytest.mark.parametrize("server", EVERY[1:], indirect=True)
    def test_a_function_that_writes_is_stopped_by_the_transaction(self, server: str) -> None:
        """No reading of the text could tell: only the database knows what a function does."""
        engine = sa.create_engine(server)
        made = {
            "postgresql": "CREATE OR REPLACE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM deals; SELECT 1'",
            "mysql": "CREATE OR REPLACE FUNCTION wipe() RETURNS int BEGIN DELETE FROM deals; RETURN 1; END",
        }
        with engine.begin() as connection:
            connection.exec_driver_sql(made[engine.dialect.name])
        engine.dispose()
        [gap] = ask(server, metric("sum", "value", body=select("SELECT wipe()")))
        assert "read-only" in gap.reason.lower() or "read only" in gap.reason.lower()
        assert ask(server, metric())[0].value == DEALS

    def test_colons_and_percents_are_text(self, url: str) -> None:
        text = "SELECT count(*) FROM deals WHERE stage LIKE '%pe%' AND ' :a 10:30' <> ''"
        [one] = ask(url, metric("max", "value", body=SqlGrammar().make_body(SqlQuery(sql=text))))
        assert one.value == 91


class Gate:
    """Stands between a client and a server: can be shut, or cut what passes."""

    def __init__(self, port: int) -> None:
        self.to, self.cuts, self.shut = port, 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.shut or self.cuts > 0:
                self.cuts -= 1
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.to))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()


@pytest.fixture(params=EVERY[1:])
def server(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def gate(server: str) -> Iterator[tuple[Gate, str]]:
    parts = sa.make_url(server)
    gate = Gate(parts.port or 0)
    yield gate, parts.set(port=gate.port).render_as_string(hide_password=False)
    gate.listener.close()


class TestTrouble:
    def test_a_cut_connection_is_tried_again(self, gate: tuple[Gate, str]) -> None:
        time = FakeTime()
        gate[0].cuts = 2
        [one] = ask(gate[1], metric("sum", "amount"), time=time)
        assert one.value == Decimal("22.9")
        assert time.slept

    def test_a_server_that_is_down_is_a_gap(self, gate: tuple[Gate, str]) -> None:
        gate[0].shut = True
        [gap] = ask(gate[1], metric("sum", "amount"))
        assert gap.kind is GapKind.UNAVAILABLE

    def test_a_wrong_password_is_not_tried_again_and_appears_nowhere(
        self, server: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        time = FakeTime()
        wrong = server.replace(PASSWORD, "another-s3cret-of-ours")
        [gap] = ask(wrong, metric("sum", "amount"), time=time)
        assert gap.kind is GapKind.REFUSED
        assert "env:WHOLE_URL" in (gap.fix or "")
        assert time.slept == []
        assert "another-s3cret" not in f"{gap!r} {caplog.text}"


def test_a_missing_library_says_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from connectors.registry import KindUnusable
    from connectors.testing import make_options

    for module, url, line in (
        ("psycopg", "postgresql://owner@host/db", "okr-sync[postgresql]"),
        ("pymysql", "mysql://owner@host/db", "okr-sync[mysql]"),
        ("pymysql", "mariadb://owner@host/db", "okr-sync[mysql]"),
        ("sqlalchemy", "sqlite:///x.db", "okr-sync[sql]"),
    ):
        with monkeypatch.context() as hidden:
            hidden.setitem(sys.modules, module, None)
            with pytest.raises(KindUnusable) as caught:
                Sql().make("db", make_options(Sql(), {"url": url}, {}), FakeTime().around())
            assert line in (caught.value.fix or "")


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (Decimal("NaN"), None),
        (0.1, Decimal("0.1")),
        (datetime.fromisoformat("2026-10-01T08:00"), datetime(2026, 10, 1, 8, tzinfo=BERLIN)),
        (b"\x00", None),
        ("2026-10-01", date(2026, 10, 1)),
        ([1, None, "a"], (Decimal(1), "a")),
        (timedelta(minutes=2), Decimal(120)),
        (True, True),
    ],
)
def test_columns_become_values(found: Any, value: Any) -> None:
    assert parse_column(found, BERLIN) == value

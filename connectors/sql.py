"""SQL databases by SQLAlchemy 2: one SELECT, in a read-only transaction, within a time and a number of rows.

Rows are judged by us (``mappings.where``), so that a filter means the same in every database. What surely leaves
no wanted row out is pushed down as bound parameters, in a sub-select around the query; where the database refuses
that (a column of another type), the query is asked without it.

Read-only transactions: PostgreSQL "SET TRANSACTION", MariaDB "SET SESSION TRANSACTION", SQLite "PRAGMA query_only" and
``mode=ro``. Other dialects are rolled back; there the account's rights are the guarantee.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.base import Limits, Scan, SourceMisread, SourceUnavailable, Surroundings
from connectors.known_limit import KnownLimit
from connectors.registry import extra
from connectors.reply import Asked
from connectors.secret import Secret, remember_secret
from connectors.sieve import is_plain_text
from connectors.sql_grammar import SqlBody, SqlGrammar
from connectors.sql_reply import explain, parse_column, say_error
from connectors.wire import Wire
from mappings.model import Condition, Filter, Metric, Outcome, Reading, Record, Window

if TYPE_CHECKING:
    from pydantic import BaseModel
    from sqlalchemy import Connection, Engine, Select, TextClause
    from sqlalchemy.engine import URL

    from connectors.sql_forms import SqlOptions

VALUE = "value"
"""The name of the only column of a query that gives one."""

_TAG = "/* okr-sync */ "
_BATCH = 1000
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}


class Sql:
    """The kind ``sql``: one database."""

    kind: ClassVar[str] = "sql"
    grammar = SqlGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.sql_forms import SqlOptions

        return SqlOptions

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Ours: a database takes whatever it is asked."""
        return (
            KnownLimit("time", "a statement is given up after timeout: 30 s unless the source says otherwise"),
            KnownLimit("page", "none: rows are streamed; a query of more than most_rows rows is refused, not cut off"),
            KnownLimit("calls", "as many side by side as threads says: 2"),
        )

    def make(self, name: str, options: SqlOptions, around: Surroundings) -> SqlConnector:
        """A connector; nothing is asked yet. Raises KindUnusable where SQLAlchemy or the driver is missing."""
        return SqlConnector(name, options, around)


class SqlConnector:
    """One database for one run."""

    kind: ClassVar[str] = "sql"
    shares_scans: ClassVar[bool] = True

    def __init__(self, name: str, options: SqlOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=options.threads)
        self._options, self._around = options, around
        self._url = _make_url(options, around)
        self._dialect = self._url.get_backend_name()
        credential = options.password or (options.url if isinstance(options.url, Secret) else None)
        self._asked = Asked(name, _place(self._url), str(credential.reference) if credential else "its url")
        self._engine = self._make_engine()
        self._wire: Wire[Engine] = Wire(self._asked, around, lambda: self._engine)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"SqlConnector({self._asked.place})"

    def scan(self, scan: Scan) -> Iterator[Record]:
        """Every row; filters only make it fewer where they can. A query's rows are read whole before they count."""
        assert isinstance(scan.body, SqlBody)
        names, rows = self._fetch_rows(scan.body, scan.filters)
        self._check_fields(scan, names)
        ids = names.index(scan.body.id) if scan.body.id in names else 0
        for number, row in enumerate(rows, start=1):
            yield self._make_record(number, names, row, ids)

    def answer(self, metric: Metric) -> Outcome | None:
        """How many rows, counted by the database."""
        if metric.measure.name != "count" or not metric.query.filter.is_empty:
            return None
        assert isinstance(metric.query.body, SqlBody)
        as_of = self._around.now()
        _, rows = self._read(self._count(metric.query.body))
        count = Decimal(int(rows[0][0]))
        return Reading(count, as_of, counted=int(count))

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()
        self._engine.dispose()

    # Asking

    def _fetch_rows(self, body: SqlBody, filters: Iterable[Filter]) -> tuple[list[str], Sequence[Sequence[Any]]]:
        every = self._select(body)
        narrow = self._narrow(body, filters)
        if narrow is not None:
            try:
                return self._read(narrow)
            except SourceMisread:  # a column that is not there, or of a type that can't be compared: we judge ourselves
                pass
        return self._read(every)

    def _select(self, body: SqlBody) -> Select[Any] | TextClause:
        import sqlalchemy as sa

        if body.table:
            return sa.select(sa.text("*")).select_from(_table(body.table))
        return _text(body)

    def _count(self, body: SqlBody) -> Select[Any]:
        import sqlalchemy as sa

        return sa.select(sa.func.count()).select_from(_from(body))

    def _narrow(self, body: SqlBody, filters: Iterable[Filter]) -> Select[Any] | None:
        """The query with what every wanted row surely passes; ``None`` where nothing can be said."""
        import sqlalchemy as sa

        parts = [list(_sieve(only)) for only in sorted(filters, key=repr)]
        if not parts or not all(parts):
            return None
        return sa.select(sa.text("*")).select_from(_from(body)).where(sa.or_(*(sa.and_(*tests) for tests in parts)))

    def _read(self, statement: Any) -> tuple[list[str], Sequence[Sequence[Any]]]:
        return self._wire.ask(lambda engine: self._once(engine, statement))

    def _once(self, engine: Engine, statement: Any) -> tuple[list[str], Sequence[Sequence[Any]]]:
        most = self._options.most_rows
        with self._told(), engine.connect() as connection:
            self._begin(connection)
            result = connection.execution_options(stream_results=True, max_row_buffer=_BATCH).execute(
                statement.prefix_with(_TAG) if hasattr(statement, "prefix_with") else statement
            )
            rows = [tuple(row) for row in result.fetchmany(most + 1)]
            names = [str(name) for name in result.keys()]  # noqa: SIM118 - a result is no dict
            result.close()
            connection.rollback()
        if len(rows) > most:
            raise SourceMisread(
                f"The query of {self._asked.place} gives more than {most:,} rows.",
                fix="Let the database count or sum (SELECT sum(…)), narrow it with where, or raise most_rows.",
            )
        return names, rows

    def _begin(self, connection: Connection) -> None:
        """A read-only transaction whose statements end in time."""
        seconds = self._options.timeout
        run = connection.exec_driver_sql
        if self._dialect == "postgresql":
            run("SET TRANSACTION READ ONLY")
            run(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        elif self._dialect in {"mysql", "mariadb"}:
            if getattr(connection.dialect, "is_mariadb", False):
                run(f"SET SESSION max_statement_time = {seconds:f}")
            else:
                run(f"SET SESSION max_execution_time = {int(seconds * 1000)}")
            run("SET SESSION TRANSACTION READ ONLY")
        elif self._dialect == "sqlite":
            run("PRAGMA query_only = ON")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLAlchemy and the drivers raise into our errors."""
        import sqlalchemy.exc as broken

        try:
            yield
        except broken.DBAPIError as error:
            raise explain(error, self._asked, self._options.timeout) from None
        except broken.TimeoutError:
            raise SourceUnavailable(f"{self._asked.place} had no connection free.") from None
        except broken.SQLAlchemyError as error:
            raise SourceMisread(f"{self._asked.place}: {say_error(error)}", fix="Correct the query.") from None

    # Making

    def _make_engine(self) -> Engine:
        with extra("sql"):
            import sqlalchemy as sa
        more: dict[str, Any] = {}
        connect = self._around.extra.get("timeout", (5, 30))[0]
        arguments = {
            "postgresql": {"connect_timeout": max(1, int(connect))},
            "mysql": {"connect_timeout": max(1, int(connect)), "read_timeout": self._options.timeout + 5},
            "mariadb": {"connect_timeout": max(1, int(connect)), "read_timeout": self._options.timeout + 5},
        }.get(self._dialect, {})
        if self._dialect != "sqlite":
            more = {"pool_size": self._options.threads, "max_overflow": 0, "pool_timeout": self._options.timeout}
        driver = _DRIVERS.get(self._dialect)
        with extra(self._dialect if driver else "sql"):
            engine = sa.create_engine(
                self._url, connect_args=arguments, hide_parameters=True, pool_pre_ping=False, **more
            )
        if self._dialect == "sqlite":
            _time_sqlite(engine, self._options.timeout)
        return engine

    def _make_record(self, number: int, names: list[str], row: Sequence[Any], ids: int) -> Record:
        zone = ZoneInfo(self._around.timezone)
        values = {name: parse_column(value, zone) for name, value in zip(names, row, strict=True)}
        fields = {name: value for name, value in values.items() if value is not None}
        if len(names) == 1 and names[0] in fields:
            fields.setdefault(VALUE, fields[names[0]])
        found = values.get(names[ids]) if names else None
        return Record(id=f"row {number}" if found is None or len(names) == 1 else str(found), fields=fields)

    def _check_fields(self, scan: Scan, names: list[str]) -> None:
        known = {*names, VALUE} if len(names) == 1 else set(names)
        missing = sorted(scan.fields - known)
        if not missing:
            return
        close = [match for name in missing for match in difflib.get_close_matches(name, names, n=1, cutoff=0.5)]
        hint = f"Did you mean “{close[0]}”?" if close else f"Its columns: {', '.join(names[:12])}."
        shown = " or ".join(f"“{name}”" for name in missing)
        raise SourceMisread(f"The query of {self.name} has no column {shown}.", fix=hint, fields=frozenset(missing))


def _make_url(options: SqlOptions, around: Surroundings) -> URL:
    """The address with its password and driver; a relative SQLite file lies beside the config, opened for reading."""
    with extra("sql"):
        import sqlalchemy as sa
        import sqlalchemy.exc as broken
    written = options.url.reveal() if isinstance(options.url, Secret) else options.url
    try:
        url = sa.make_url(written)
    except broken.ArgumentError:
        raise SourceMisread("The url of the database can't be read.", fix="Write dialect://user@host/name.") from None
    if options.password is not None:
        url = url.set(password=options.password.reveal())
    if url.password:
        remember_secret(str(url.password))
    driver = _DRIVERS.get(url.get_backend_name())
    if driver and "+" not in url.drivername:
        url = url.set(drivername=f"{url.drivername}+{driver}")
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        path = (around.folder / url.database).resolve()
        url = url.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    return url


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database or "memory").rsplit("/", 1)[-1]
    return f"{url.host or 'localhost'}/{url.database or ''}"


def _table(parts: tuple[str, ...]) -> Any:
    import sqlalchemy as sa

    return sa.table(parts[-1], schema=".".join(parts[:-1]) or None)


def _text(body: SqlBody) -> TextClause:
    """The statement with its values bound. Without a type of ours, the database takes them as it needs them."""
    import sqlalchemy as sa

    bound = [sa.bindparam(f"v{number}", value, type_=sa.types.NullType()) for number, value in enumerate(body.values)]
    return sa.text(_TAG + body.sql).bindparams(*bound)


def _from(body: SqlBody) -> Any:
    """The query as something to select from."""
    return _table(body.table) if body.table else _text(body).columns().subquery("q")


def _sieve(only: Filter) -> Iterator[Any]:
    """Tests that every wanted row passes."""
    for condition in only.conditions:
        if condition.op in {"=", "in"} and all(map(is_plain_text, condition.values)):
            yield _is_one_of(condition)
    if only.window is not None:
        yield from _near(only.window)


def _is_one_of(condition: Condition) -> Any:
    import sqlalchemy as sa

    return sa.cast(sa.column(condition.field), sa.Text).in_(condition.values)


def _near(window: Window) -> Iterator[Any]:
    """The window's days with two to spare for zones; compared as the column's own type wherever it has one."""
    import sqlalchemy as sa

    column: Any = sa.column(window.field)
    spare = timedelta(days=2)
    for sign, day in (
        (">=", window.start.astimezone(UTC).date() - spare),
        ("<", window.end.astimezone(UTC).date() + spare),
    ):
        yield column.op(sign)(sa.bindparam(None, day.isoformat(), type_=sa.types.NullType()))


def _time_sqlite(engine: Engine, seconds: float) -> None:
    """SQLite has no statement time-out: its progress handler ends a statement that takes too long."""
    import time as clock

    import sqlalchemy as sa

    @sa.event.listens_for(engine, "before_cursor_execute")
    def start(connection: Any, *_: Any) -> None:
        end = clock.monotonic() + seconds
        connection.connection.dbapi_connection.set_progress_handler(lambda: clock.monotonic() > end, 100_000)

"""A database's door by SQLAlchemy 2: its address, its connections, read-only transactions that end in time.

Read-only transactions: PostgreSQL "SET TRANSACTION", MariaDB "SET SESSION TRANSACTION", SQLite "PRAGMA query_only" and
``mode=ro``. Other dialects are rolled back; there the account's rights are the guarantee.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.base import ScanExpired, SourceMisread, SourceUnavailable, Surroundings
from connectors.registry import extra
from connectors.reply import Asked
from connectors.secret import Secret, remember_secret
from connectors.sql_discover import Column, Table
from connectors.sql_reply import explain, say_error
from connectors.wire import Wire

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine
    from sqlalchemy.engine import URL
    from sqlalchemy.types import TypeEngine

    from connectors.sql_forms import SqlOptions

_BATCH = 1000
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}

Row = Sequence[Any]


class TooManyRows(SourceMisread):
    """More rows than are read: never cut off, always refused."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement gives: the columns' names, and the rows as they come."""

    names: tuple[str, ...]
    each: Iterator[Row]


class SqlDoor:
    """One database, asked by all threads of one run. Nothing is asked when it is made."""

    def __init__(self, name: str, options: SqlOptions, around: Surroundings) -> None:
        self._options, self._around = options, around
        self._url = _make_url(options, around)
        self._dialect = self._url.get_backend_name()
        credential = options.password or (options.url if isinstance(options.url, Secret) else None)
        self.asked = Asked(name, _place(self._url), str(credential.reference) if credential else "its url")
        self._engine = self._make_engine()
        self._wire: Wire[Engine] = Wire(self.asked, around, lambda: self._engine)

    @contextmanager
    def rows(self, statement: Any) -> Iterator[Rows]:
        """Run a statement in a transaction of its own, which ends with the block. The rows are streamed.

        Raises:
            TooManyRows: when the row after the last allowed one comes.
            ScanExpired: the connection was lost after the first rows had come; they don't count.
            SourceError: else.
        """
        connection, result, first = self._wire.ask(lambda engine: self._open(engine, statement))
        names = tuple(str(name) for name in result.keys())  # noqa: SIM118 - a result is no dict
        whole: list[bool] = []
        try:
            yield Rows(names, self._stream(connection, result, first, whole))
        finally:
            self._leave(connection, result, is_whole=bool(whole))

    def describe(self, most: int) -> tuple[list[Table], int]:
        """The tables and views of the usual schema with their columns, the first ``most``; and how many more there are.

        Raises SourceError.
        """
        return self._wire.ask(lambda engine: self._describe(engine, most))

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()
        self._engine.dispose()

    def _describe(self, engine: Engine, most: int) -> tuple[list[Table], int]:
        import sqlalchemy as sa

        with self._told(), engine.connect() as connection:
            self._begin(connection)
            look = sa.inspect(connection)
            views = look.get_view_names()
            names = sorted({*look.get_table_names(), *views})
            found = [
                Table(
                    name, tuple(_column(each["name"], each["type"]) for each in look.get_columns(name)), name in views
                )
                for name in names[:most]
            ]
            connection.rollback()
            return found, max(0, len(names) - most)

    def _open(self, engine: Engine, statement: Any) -> tuple[Connection, CursorResult[Any], Sequence[Row]]:
        """Up to the first rows, which may be tried again."""
        with self._told():
            connection = engine.connect()
            try:
                self._begin(connection)
                streamed = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
                result = streamed.execute(statement)
                return connection, result, result.fetchmany(_BATCH)
            except BaseException:
                connection.close()
                raise

    def _stream(
        self, connection: Connection, result: CursorResult[Any], batch: Sequence[Row], whole: list[bool]
    ) -> Iterator[Row]:
        count = 0
        while batch:
            count += len(batch)
            if count > self._options.most_rows:
                raise TooManyRows(
                    f"The query of {self.asked.place} gives more than {self._options.most_rows:,} rows.",
                    fix="Let the database count or sum (SELECT sum(…)), narrow it with where, or raise most_rows.",
                )
            yield from batch
            self._wire.check_time()
            batch = self._fetch_more(connection, result)
        whole.append(True)

    def _fetch_more(self, connection: Connection, result: CursorResult[Any]) -> Sequence[Row]:
        try:
            with self._told():
                if self._dialect == "sqlite":
                    _give_time(connection.connection.dbapi_connection, self._options.timeout)
                return result.fetchmany(_BATCH)
        except SourceUnavailable as error:
            raise ScanExpired(error.message, fix=error.fix) from None

    def _leave(self, connection: Connection, result: CursorResult[Any], *, is_whole: bool) -> None:
        """End the transaction. On MySQL, closing a result that isn't read to its end would read it: it is cut."""
        import sqlalchemy.exc as broken

        try:
            if is_whole or self._dialect not in {"mysql", "mariadb"}:
                result.close()
                connection.rollback()
            else:
                connection.invalidate()
        except broken.SQLAlchemyError:  # it was lost already
            connection.invalidate()
        finally:
            connection.close()

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
            raise explain(error, self.asked, self._options.timeout) from None
        except broken.TimeoutError:
            raise SourceUnavailable(f"{self.asked.place} had no connection free.") from None
        except broken.SQLAlchemyError as error:
            raise SourceMisread(f"{self.asked.place}: {say_error(error)}", fix="Correct the query.") from None

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
        with extra({"mariadb": "mysql"}.get(self._dialect, self._dialect) if driver else "sql"):
            engine = sa.create_engine(
                self._url, connect_args=arguments, hide_parameters=True, pool_pre_ping=False, **more
            )
        if self._dialect == "sqlite":
            _time_sqlite(engine, self._options.timeout)
        return engine


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


def _column(name: str, type_: TypeEngine[Any]) -> Column:
    """A column by its declared type; one that SQLAlchemy has no class for has no kind."""
    try:
        python = type_.python_type
    except NotImplementedError:
        python = object
    kinds = {bool: "yes or no", int: "number", float: "number", Decimal: "number", date: "date", datetime: "date"}
    return Column(name, kinds.get(python, "text" if python is str else ""), str(type_))


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database or "memory").rsplit("/", 1)[-1]
    return f"{url.host or 'localhost'}/{url.database or ''}"


def _time_sqlite(engine: Engine, seconds: float) -> None:
    """SQLite has no statement time-out: its progress handler ends a statement that takes too long."""
    import sqlalchemy as sa

    @sa.event.listens_for(engine, "before_cursor_execute")
    def start(connection: Any, *_: Any) -> None:
        _give_time(connection.connection.dbapi_connection, seconds)


def _give_time(connection: Any, seconds: float) -> None:
    import time as clock

    end = clock.monotonic() + seconds
    connection.set_progress_handler(lambda: clock.monotonic() > end, 100_000)

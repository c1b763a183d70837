"""SQL databases: one SELECT, in a read-only transaction, within a time and a number of rows, measured as it comes.

Rows are judged by us (``mappings.where``), so that a filter means the same in every database. The query is made shorter
where that surely leaves no wanted row out (``sql_statement``); where the database refuses that (a column of another
type), it is asked without it. The database itself is behind ``sql_door``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from connectors.base import Limits, Scan, ScanExpired, SourceMisread, Surroundings
from connectors.known_limit import KnownLimit
from connectors.sql_door import Row, SqlDoor, TooManyRows
from connectors.sql_grammar import SqlBody, SqlGrammar
from connectors.sql_reply import parse_column
from connectors.sql_statement import make_count, make_narrow, make_select
from mappings.model import Metric, Outcome, Reading, Record

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.findings import Findings
    from connectors.sql_forms import SqlOptions

_MOST_TABLES = 100  # that are looked into; a larger database is better known by who runs it
VALUE = "value"
"""The name of the only column of a query that gives one."""


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
        self._around = around
        self._door = SqlDoor(name, options, around)
        self._unnarrowed: set[SqlBody] = set()

    def __repr__(self) -> str:
        return f"SqlConnector({self._door.asked.place})"

    def scan(self, scan: Scan) -> Iterator[Record]:
        """Every row, as it comes; filters only make it fewer where they can."""
        body = scan.body
        assert isinstance(body, SqlBody)
        narrow = None if body in self._unnarrowed else make_narrow(body, scan.filters)
        if narrow is not None:
            begun = False
            try:
                for record in self._records(narrow, scan):
                    begun = True
                    yield record
                return
            except TooManyRows:
                raise
            except SourceMisread as error:  # a column that is not there, or of a type that can't be compared
                self._unnarrowed.add(body)
                if begun:
                    raise ScanExpired(error.message) from None
        yield from self._records(make_select(body), scan)

    def answer(self, metric: Metric) -> Outcome | None:
        """How many rows, counted by the database."""
        if metric.measure.name != "count" or not metric.query.filter.is_empty:
            return None
        assert isinstance(metric.query.body, SqlBody)
        as_of = self._around.now()
        with self._door.rows(make_count(metric.query.body)) as rows:
            [[found]] = rows.each
        count = Decimal(int(found))
        return Reading(count, as_of, counted=int(count))

    def discover(self) -> Findings:
        """Tables and views with their columns."""
        from connectors.sql_discover import make_findings

        tables, more = self._door.describe(_MOST_TABLES)
        return make_findings(self.name, tables, more)

    def close(self) -> None:
        """Give back the connections."""
        self._door.close()

    def _records(self, statement: Any, scan: Scan) -> Iterator[Record]:
        assert isinstance(scan.body, SqlBody)
        with self._door.rows(statement) as rows:
            self._check_fields(scan, rows.names)
            ids = rows.names.index(scan.body.id) if scan.body.id in rows.names else 0
            for number, row in enumerate(rows.each, start=1):
                yield self._make_record(number, rows.names, row, ids)

    def _make_record(self, number: int, names: tuple[str, ...], row: Row, ids: int) -> Record:
        zone = ZoneInfo(self._around.timezone)
        values = {name: parse_column(value, zone) for name, value in zip(names, row, strict=True)}
        fields = {name: value for name, value in values.items() if value is not None}
        if len(names) == 1 and names[0] in fields:
            fields.setdefault(VALUE, fields[names[0]])
        found = values.get(names[ids]) if names else None
        return Record(id=f"row {number}" if found is None or len(names) == 1 else str(found), fields=fields)

    def _check_fields(self, scan: Scan, names: tuple[str, ...]) -> None:
        known = {*names, VALUE} if len(names) == 1 else set(names)
        missing = sorted(scan.fields - known)
        if not missing:
            return
        close = [match for name in missing for match in difflib.get_close_matches(name, names, n=1, cutoff=0.5)]
        hint = f"Did you mean “{close[0]}”?" if close else f"Its columns: {', '.join(names[:12])}."
        shown = " or ".join(f"“{name}”" for name in missing)
        raise SourceMisread(f"The query of {self.name} has no column {shown}.", fix=hint, fields=frozenset(missing))

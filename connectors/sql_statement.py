"""Statements for a query, by SQLAlchemy's expressions: its rows, how many they are, and fewer where that is sure.

Rows are judged by us (``mappings.where``), so that a filter means the same in every database. What surely leaves
no wanted row out is pushed down as bound parameters, in a sub-select around the query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from connectors.sieve import is_plain_text
from connectors.sql_grammar import SqlBody
from mappings.model import Condition, Filter, Window

if TYPE_CHECKING:
    from sqlalchemy import Select, TextClause

_TAG = "/* okr-sync */ "


def make_select(body: SqlBody) -> Select[Any] | TextClause:
    """Every row."""
    import sqlalchemy as sa

    return _tagged(sa.select(sa.text("*")).select_from(_table(body.table))) if body.table else _text(body)


def make_count(body: SqlBody) -> Select[Any]:
    """How many rows."""
    import sqlalchemy as sa

    return _tagged(sa.select(sa.func.count()).select_from(_from(body)))


def make_narrow(body: SqlBody, filters: Iterable[Filter]) -> Select[Any] | None:
    """The query with what every wanted row surely passes; ``None`` where nothing can be said."""
    import sqlalchemy as sa

    parts = [list(_sieve(only)) for only in sorted(filters, key=repr)]
    if not parts or not all(parts):
        return None
    tests = sa.or_(*(sa.and_(*part) for part in parts))
    return _tagged(sa.select(sa.text("*")).select_from(_from(body)).where(tests))


def _tagged(statement: Select[Any]) -> Select[Any]:
    """With our name in it, for whoever watches the database."""
    return statement.prefix_with(_TAG)


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

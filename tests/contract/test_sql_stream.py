"""Rows of a database that are measured while they come: what happens after the first thousand."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ScanExpired, SourceMisread, SourceUnavailable
from mappings.model import Condition
from tests.contract.test_sql import ask, is_, metric, where


class TestStreaming:
    """Rows are measured as they come: what goes wrong after the first thousand leaves nothing counted twice."""

    @pytest.fixture
    def many(self, tmp_path: Path) -> str:
        with sqlite3.connect(tmp_path / "many.db") as database:
            database.execute("CREATE TABLE deals (id INTEGER, stage TEXT)")
            database.executemany("INSERT INTO deals VALUES (?, 'Won')", ((number,) for number in range(3500)))
        database.close()
        return f"sqlite:///{tmp_path / 'many.db'}"

    @pytest.mark.parametrize("only", [(), (is_("stage", "Won"),)])
    def test_a_connection_lost_in_the_middle_begins_again(
        self, many: str, only: tuple[Condition, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fails = iter([False, SourceUnavailable("lost")])
        self._spoil(monkeypatch, fails)
        [total] = ask(many, metric("sum", "id", where(*only)))
        assert total.value == sum(range(3500))
        assert next(fails, None) is None

    def test_what_is_refused_in_the_middle_of_the_shorter_query_is_asked_whole(
        self, many: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._spoil(monkeypatch, iter([False, SourceMisread("can't compare")]))
        [total] = ask(many, metric("sum", "id", where(is_("stage", "Won"))))
        assert total.value == sum(range(3500))

    def test_one_row_too_many_is_refused_when_it_comes(self, many: str) -> None:
        [gap] = ask(many, metric("sum", "id"), most_rows=3400)
        assert "more than 3,400 rows" in gap.reason

    @staticmethod
    def _spoil(monkeypatch: pytest.MonkeyPatch, fails: Iterator[Any]) -> None:
        from connectors.sql_door import SqlDoor

        fetch = SqlDoor._fetch_more

        def fetch_more(self: SqlDoor, *arguments: Any) -> Any:
            error = next(fails, None)
            if isinstance(error, SourceUnavailable):
                raise ScanExpired(str(error))
            if error:
                raise error
            return fetch(self, *arguments)

        monkeypatch.setattr(SqlDoor, "_fetch_more", fetch_more)

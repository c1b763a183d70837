"""Which run this process is doing, and for which of several sheets, so that every line of the log can name it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

_sheets: list[str] = []
_running: list[str] = []  # no context variable: the threads that ask the sources log too
_ended: list[str] = []


def make_run_id(started: datetime) -> str:
    """A run's name: its local second and four random digits, sortable and unique."""
    return f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def current_run() -> str:
    """The run that is going on; "" where there is none."""
    return _running[-1] if _running else ""


def last_run() -> str:
    """The run that goes on, or the one that has just ended, for what is said of its end; "" where there was none."""
    return current_run() or (_ended[-1] if _ended else "")


def forget_run() -> None:
    """Something else begins: what is said from here on is of no run."""
    _ended.clear()


@contextmanager
def run_named(run: str) -> Iterator[None]:
    """Everything inside belongs to this run."""
    _running.append(run)
    try:
        yield
    finally:
        _ended[:] = [_running.pop()]


def current_sheet() -> str:
    """Which of several sheets is being done; "" where there is one."""
    return _sheets[-1] if _sheets else ""


@contextmanager
def sheet_named(sheet: str) -> Iterator[None]:
    """Everything inside belongs to this one of several sheets."""
    forget_run()
    _sheets.append(sheet)
    try:
        yield
    finally:
        _sheets.pop()

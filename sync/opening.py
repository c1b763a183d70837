"""From a project to the store that holds its sheet, and to the engine of a run with the real clock."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.base import Surroundings
from connectors.google_reference import fetch_google_key
from connectors.limiter import Limiters
from sync.config import SheetConfig
from sync.engine import Engine
from sync.load import Project, load_project
from sync.run_log import current_run, make_run_id
from sync.sheet.store import Store


def make_around() -> Surroundings:
    """The real clock and sleep."""
    return Surroundings(now=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic)


_shared: list[Limiters] = []


@contextmanager
def sharing_limits() -> Iterator[None]:
    """All engines that are opened inside share the limits of each credential."""
    _shared.append(Limiters())
    try:
        yield
    finally:
        _shared.pop()


def open_engine(
    config: Path,
    *,
    environ: Mapping[str, str] | None = None,
    around: Surroundings | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
    read_only: bool = False,
) -> Engine:
    """The engine of a config file. Nothing is read but the files; no request is made.

    ``around`` replaces the real clock (the demo lives two weeks in a minute).

    Raises:
        ConfigError: the config can't be used.
        OkrSyncError: the credentials can't be had.
    """
    environ = os.environ if environ is None else environ
    project = load_project(config)
    around = replace(
        around or make_around(), timezone=project.config.timezone, limiters=_shared[-1] if _shared else None
    )
    store = open_store(project, environ, around, read_only=read_only)
    return Engine(project, store, around, environ, name_run, on_progress)


def open_store(project: Project, environ: Mapping[str, str], around: Surroundings, *, read_only: bool = False) -> Store:
    """The store that holds the project's sheet."""
    return open_sheet(project.config.sheet, project.folder, environ, around, read_only=read_only)


def open_sheet(
    sheet: SheetConfig, folder: Path, environ: Mapping[str, str], around: Surroundings, *, read_only: bool = False
) -> Store:
    """The store of a sheet. A workbook's path and a key's start in ``folder``."""
    if sheet.workbook is not None:
        from sync.sheet.workbook import WorkbookStore

        return WorkbookStore(folder / sheet.workbook)
    from connectors.google import READ_AND_WRITE, READ_ONLY, open_session
    from sync.sheet.google import GoogleStore

    assert sheet.google is not None
    assert sheet.credentials is not None
    key = fetch_google_key(sheet.credentials, environ, folder)
    scopes = (READ_ONLY,) if read_only else (READ_AND_WRITE,)
    session = open_session(key, around, scopes=scopes, endpoint=sheet.endpoint)
    return GoogleStore(session, sheet.google)


def name_run(started: datetime) -> str:
    """The name of the run that is going on already, or a new one."""
    return current_run() or make_run_id(started)

"""Which kinds of sources there are, and how each is loaded: only when a config uses it."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from connectors.base import ConnectorFactory
from okr.problem import OkrSyncError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "okr_sync.connectors"
"""The entry-point group by which other packages add kinds: ``name = "module:factory"``."""

BUILT_IN = {
    "airtable": "connectors.airtable:Airtable",
    "file": "connectors.file:File",
    "github": "connectors.github:Github",
    "google_sheet": "connectors.google_sheet:GoogleSheet",
    "http": "connectors.http:Http",
    "jira": "connectors.jira:Jira",
    "prometheus": "connectors.prometheus:Prometheus",
    "singer": "connectors.singer:Singer",
    "sql": "connectors.sql:Sql",
}


_LIBRARIES = {"sql": "sqlalchemy"}
"""What a kind needs that doesn't come with okr-sync itself: it is loaded when a connector is made."""


class UnknownKind(OkrSyncError):
    """No source of that kind is known; the fix says which are."""


class KindUnusable(OkrSyncError):
    """The kind is known but can't be loaded: a library is missing, or another package's connector is broken."""


def recipe_kinds() -> tuple[str, ...]:
    """The kinds that a YAML file makes (``connectors.recipe``)."""
    return tuple(
        sorted(item.name[:-5] for item in files("connectors.recipes").iterdir() if item.name.endswith(".yaml"))
    )


def kinds() -> tuple[str, ...]:
    """Every kind that ``sources.NAME.kind`` may be, sorted. Ours can't be replaced by another package's."""
    return tuple(sorted({*BUILT_IN, *recipe_kinds(), *(point.name for point in _plugged_in())}))


@cache
def load_factory(kind: str) -> ConnectorFactory:
    """The kind's factory: its grammar, its form, and how one is made.

    Raises:
        UnknownKind: with what may have been meant.
        KindUnusable: with the line that installs what is missing.
    """
    if kind in BUILT_IN:
        return _load(BUILT_IN[kind], kind)
    if kind in recipe_kinds():
        from connectors.recipe import Recipe

        return Recipe(kind)
    for point in _plugged_in():
        if point.name == kind:
            return _load(point.value, kind)
    close = difflib.get_close_matches(kind, kinds(), n=1, cutoff=0.5)
    known = ", ".join(kinds())
    raise UnknownKind(
        f"No kind of source is called “{kind}”.",
        fix=f"Did you mean “{close[0]}”?" if close else f"Known kinds: {known}.",
    )


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Wrap a vendor's import: where the library is missing, say how to install it.

    ``name`` is the extra of okr-sync that brings it; for another package's library any name will do.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = str(error.name)
        raise KindUnusable(f"The library {library} is not installed.", fix=_say_install(name, library)) from None


def check_installed(kind: str) -> None:
    """Find out without loading it whether a kind of ours has the library that it needs. Raises KindUnusable."""
    library = _LIBRARIES.get(kind)
    if library is not None:
        with extra(kind):
            if (library in sys.modules and sys.modules[library] is None) or find_spec(library) is None:
                raise ModuleNotFoundError(name=library)


def _say_install(name: str, library: str) -> str:
    """The exact line: an extra of ours, or the library by its own name where we have no such extra."""
    wanted = f"'okr-sync[{name}]'" if name in _extras() else library.partition(".")[0]
    return f"Install it: pip install {wanted}"


@cache
def _extras() -> frozenset[str]:
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        return frozenset(metadata("okr-sync").get_all("Provides-Extra") or ())
    except PackageNotFoundError:  # run from its folder, not installed
        return frozenset(_LIBRARIES)


def _plugged_in() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))


def _load(where: str, kind: str) -> ConnectorFactory:
    module, _, name = where.partition(":")
    try:
        factory: ConnectorFactory = getattr(import_module(module), name)()
    except ModuleNotFoundError as error:
        library = str(error.name)
        raise KindUnusable(f"The kind {kind} needs the library {library}.", fix=_say_install(kind, library)) from None
    except (ImportError, AttributeError, TypeError) as error:
        raise KindUnusable(
            f"The kind {kind} can't be loaded from {where}: {error}.", fix="Update its package."
        ) from error
    return factory

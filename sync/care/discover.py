"""``discover``: what a source has that a mapping can use; and which kinds of sources there are. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import CanDiscover, SourceError, Surroundings
from connectors.findings import Findings
from connectors.known_limit import KnownLimit, TellsLimits
from connectors.registry import check_installed, kinds, load_factory
from mappings.suggest import did_you_mean, one_of
from okr.problem import ConfigError, OkrSyncError, UnknownWord
from sync.load import Project, open_connectors

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Option:
    """One key under ``sources.NAME`` or in a query, with its default where there is one."""

    name: str
    about: str
    is_required: bool
    default: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source. ``missing`` says why it can't be used here, with what installs it."""

    name: str
    options: tuple[Option, ...] = ()
    query: tuple[Option, ...] = ()
    main: str = ""
    missing: str = ""
    limits: tuple[KnownLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class Discovered:
    """What one source has. ``file`` is where its mapping goes."""

    source: str
    kind: str
    findings: Findings
    file: str


def list_kinds() -> tuple[Kind, ...]:
    """Every kind of source, installed or not."""
    return tuple(_describe(name) for name in kinds())


def _describe(name: str) -> Kind:
    try:
        check_installed(name)
        factory = load_factory(name)
        options, query = factory.options_form(), factory.grammar.form()
    except OkrSyncError as error:
        return Kind(name, missing=" ".join(filter(None, (error.message, error.fix))))
    limits = factory.known_limits() if isinstance(factory, TellsLimits) else ()
    return Kind(name, _options(options), _options(query), factory.grammar.main, limits=limits)


def _options(form: type[BaseModel]) -> tuple[Option, ...]:
    return tuple(
        Option(field.alias or name, field.description or "", field.is_required(), _default(field))
        for name, field in form.model_fields.items()
    )


def _default(field: FieldInfo) -> str:
    """As one would write it in the file; what is empty needs no word."""
    value = field.get_default(call_default_factory=True)
    if field.is_required() or value is None or value in ({}, "", [], ()):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def discover(project: Project, name: str, environ: Mapping[str, str], around: Surroundings) -> Discovered:
    """Ask one source what it has.

    Raises:
        UnknownWord: no source of that name; the source's kind can't list anything.
        ConfigError: its secret can't be had.
        OkrSyncError: the source refused or didn't answer; with the place of its options in the config.
    """
    if name not in project.sources:
        fix = did_you_mean(name, project.sources) or f"Sources here: {one_of(project.sources)}."
        raise UnknownWord(f"No source is called “{name}”.", fix=fix[:1].upper() + fix[1:])
    found, problems = open_connectors(project, environ, around, frozenset({name}))
    if problems:
        raise ConfigError(problems)
    connector = found[name]
    try:
        if not isinstance(connector, CanDiscover):
            raise UnknownWord(f"Sources of the kind {connector.kind} can't list what they have.")
        return Discovered(name, connector.kind, connector.discover(), _mapping_file(project))
    except SourceError as error:
        place = project.config.sources[name].options.place
        raise OkrSyncError(error.message, place=place, fix=error.fix) from error
    finally:
        connector.close()


def _mapping_file(project: Project) -> str:
    """The first mapping file that is in use; a new one in the folder where there is none."""
    used = sorted(mapping.place.file for mapping in project.mappings.key_results.values())
    folder = project.config.mappings
    return used[0] if used else folder if folder.endswith((".yaml", ".yml")) else f"{folder.rstrip('/')}/first.yaml"

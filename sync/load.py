"""From files to a project: config, mappings, sources. The only place that knows both mappings and connectors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Connector, ConnectorFactory, Surroundings
from connectors.registry import load_factory
from connectors.secret import fetch_secrets
from mappings.form import parse_form
from mappings.grammar import QueryGrammar
from mappings.mapping import Mappings
from mappings.resolve import resolve
from okr.problem import ConfigError, OkrSyncError, Problem, Severity, TextPlace
from sync.config import Config, SourceConfig, parse_config
from sync.config_upgrade import STEPS, Step

if TYPE_CHECKING:
    from pydantic import BaseModel

DEFAULT_CONFIG = "config.yaml"
MAPPING_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Source:
    """A configured source: its factory and its checked options, whose secrets have not been fetched."""

    name: str
    factory: ConnectorFactory
    options: BaseModel


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that people wrote, checked. ``folder`` is where the config lies; its paths start there.

    ``fingerprint`` is a hash of all their texts.
    ``problems`` are those of single mapping entries: they stop their key results, never the others.
    """

    config: Config
    folder: Path
    sources: Mapping[str, Source]
    mappings: Mappings
    problems: tuple[Problem, ...]
    fingerprint: str = ""


def load_project(path: Path) -> Project:
    """The project of a config file.

    Raises:
        ConfigError: the config can't be used; carries every problem, also those of the mappings.
    """
    config = load_config(path)
    sources, source_problems = _load_sources(config)
    texts, file_problems = read_mappings(path.parent, config)
    grammars: dict[str, QueryGrammar] = {name: source.factory.grammar for name, source in sources.items()}
    mappings, mapping_problems = resolve(texts, grammars, config.guards.reading)
    mapping_problems = tuple(_place_source(problem, config) for problem in mapping_problems)
    if source_problems or file_problems or mappings.unread:
        raise ConfigError((*source_problems, *file_problems, *mapping_problems))
    fingerprint = make_fingerprint({**texts, f"config {path.name}": _read(path)})
    return Project(config, path.parent, sources, mappings, mapping_problems, fingerprint)


def draft_project(text: str, path: Path) -> Project:
    """The project of a config that isn't written yet, without mappings: for trying what it names.

    Raises:
        ConfigError: the config can't be used.
    """
    config, problems = parse_config(text, path.name)
    if config is None:
        raise ConfigError(problems)
    sources, problems = _load_sources(config)
    if problems:
        raise ConfigError(problems)
    return Project(config, path.parent, sources, Mappings(), ())


def make_fingerprint(texts: Mapping[str, str]) -> str:
    """A hash of files by name: another one as soon as a character of them changes."""
    whole = hashlib.sha256()
    for name, text in sorted(texts.items()):
        whole.update(f"{name}\0{len(text)}\0{text}".encode("utf-8", "replace"))
    return whole.hexdigest()[:32]


def _place_source(problem: Problem, config: Config) -> Problem:
    """The mappings know a source's name, but not where it is written."""
    source = config.sources.get(problem.subject or "")
    if problem.place is not None or source is None:
        return problem
    node = source.options
    return replace(problem, place=node.place, line_text=node.line_text)


def load_config(path: Path, steps: Sequence[Step] = STEPS) -> Config:
    """The configuration alone, as of today's version. Raises ConfigError with every problem in it."""
    text = _read(path, "okr-sync init writes one; --config names another file.")
    config, problems = parse_config(text, path.name, steps)
    if config is None:
        raise ConfigError(problems)
    return config


def _read(path: Path, fix: str = "", name: str = "") -> str:
    """A file's text; ``name`` is what people know it by. Raises ConfigError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError((_file_problem(str(path), "there is no such file", fix),)) from None
    except UnicodeDecodeError as error:
        raise ConfigError((_bytes_problem(name or path.name, error),)) from None
    except OSError as error:
        raise ConfigError((_file_problem(name or str(path), f"it can't be read: {error.strerror}", None),)) from None


def _file_problem(file: str, message: str, fix: str | None) -> Problem:
    return Problem("config.file", message, TextPlace(file), fix)


def _bytes_problem(file: str, error: UnicodeDecodeError) -> Problem:
    """Where a file stops to be UTF-8."""
    before = error.object[: error.start].decode("utf-8-sig", "replace")
    lines = before.split("\n")
    place = TextPlace(file, len(lines), len(lines[-1]) + 1)
    message = f"this is not UTF-8 text: a byte {error.object[error.start]:02X} stands here"
    return Problem("config.file", message, place, "Save it as UTF-8.")


def _load_sources(config: Config) -> tuple[dict[str, Source], tuple[Problem, ...]]:
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for name, item in config.sources.items():
        source, found = _load_source(item)
        problems += found
        if source is not None:
            sources[name] = source
    return sources, tuple(problems)


def _load_source(item: SourceConfig) -> tuple[Source | None, tuple[Problem, ...]]:
    try:
        factory = load_factory(item.kind)
    except OkrSyncError as error:
        kind = item.options.value("kind") or item.options
        return None, (kind.problem("config.kind", error.message, fix=error.fix),)
    options, problems = parse_form(item.options.without(["kind"]), factory.options_form(), code="config", also=["kind"])
    return (Source(item.name, factory, options) if options is not None else None), problems


def read_mappings(folder: Path, config: Config) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The mapping files' texts by the names people know them by; a folder is read in the order of its names."""
    path = folder / config.mappings
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.suffix in MAPPING_ENDINGS and item.is_file())
    elif path.is_file():
        files = [path]
    else:
        message = f"mappings: there is no file or folder “{config.mappings}”"
        fix = "okr-sync init writes a first one."
        return {}, (Problem("config.mappings", message, TextPlace(config.file, path="mappings"), fix),)
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for file in files:
        name = str(file.relative_to(folder))
        try:
            texts[name] = _read(file, name=name)
        except ConfigError as error:
            problems += error.problems
    return texts, tuple(problems)


def open_connectors(
    project: Project, environ: Mapping[str, str], around: Surroundings, needed: frozenset[str]
) -> tuple[dict[str, Connector], tuple[Problem, ...]]:
    """The connectors that a run needs. One whose secret is missing is a problem, and the others are there."""
    found: dict[str, Connector] = {}
    problems: list[Problem] = []
    for name in sorted(needed & project.sources.keys()):
        source = project.sources[name]
        try:
            options = fetch_secrets(source.options, environ, project.folder)
            found[name] = source.factory.make(name, options, replace(around, folder=project.folder))
        except OkrSyncError as error:
            place = project.config.sources[name].options.place
            problems.append(Problem("config.secret", error.message, place, error.fix, name, Severity.ERROR))
    return found, tuple(problems)

"""``schema``: what an editor needs to complete and check config.yaml and mapping files while one types."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.registry import kinds, load_factory
from mappings.form_schema import DRAFT, Schema, make_form_schema
from mappings.own_keys import RESERVED_KEYS
from mappings.schema import make_mapping_schema
from okr.problem import OkrSyncError
from sync.load import MAPPING_ENDINGS, load_config

CONFIG_SCHEMA = "config.schema.json"
MAPPING_SCHEMA = "mappings.schema.json"


@dataclass(frozen=True, slots=True)
class Schemas:
    """What was written, and how editors are told of it.

    ``modelines`` is the first line for a config and for a mapping file; ``settings`` is VS Code's.
    """

    written: tuple[str, ...]
    modelines: Mapping[str, str]
    settings: Mapping[str, Any]


def apply_schemas(config: Path, out: Path) -> Schemas:
    """Write both schemas into a folder, over those of an earlier call.

    Raises:
        ConfigError: the config can't be used, so that its sources aren't known.
        OkrSyncError: a source's kind isn't known, or the folder can't be written to.
    """
    loaded = load_config(config)
    found = {
        CONFIG_SCHEMA: make_config_schema(),
        MAPPING_SCHEMA: make_mapping_schema(
            {name: load_factory(item.kind).grammar for name, item in loaded.sources.items()}
        ),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, schema in found.items():
            (out / name).write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        reason = f"The schemas can't be written to {out}: {error.strerror}."
        raise OkrSyncError(reason, fix="Name another folder with --out.") from None
    mappings = config.parent / loaded.mappings
    return Schemas(
        tuple(str(out / name) for name in found),
        _make_modelines(config, mappings, out),
        {"yaml.schemas": _make_globs(config, mappings, out)},
    )


def make_config_schema() -> Schema:
    """The schema of config.yaml, with the options of every kind of source that can be loaded."""
    from sync.config_form import ConfigForm

    schema = make_form_schema(ConfigForm)
    sources = schema["properties"]["sources"]
    sources["propertyNames"] = {"not": {"enum": sorted(RESERVED_KEYS)}}
    sources["additionalProperties"] = _make_source_schema()
    return {"$schema": DRAFT, "title": "okr-sync config.yaml", **schema}


def _make_source_schema() -> Schema:
    """A source says its kind; its other keys are the kind's."""
    usable: dict[str, Schema] = {}
    for kind in kinds():
        try:
            usable[kind] = make_form_schema(load_factory(kind).options_form())
        except OkrSyncError:
            continue
    for form in usable.values():
        form["properties"] = {"kind": {}, **form["properties"]}
    named: Schema = {"enum": list(kinds()), "description": "What it is"}
    each = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": form}
        for kind, form in usable.items()
    ]
    return {"type": "object", "required": ["kind"], "properties": {"kind": named}, "allOf": each}


def _make_modelines(config: Path, mappings: Path, out: Path) -> dict[str, str]:
    """yaml-language-server reads a file's schema from a comment; its path starts at the file's folder."""
    folder = mappings if mappings.suffix not in MAPPING_ENDINGS else mappings.parent
    return {
        "config": f"# yaml-language-server: $schema={_relative(out / CONFIG_SCHEMA, config.parent)}",
        "mappings": f"# yaml-language-server: $schema={_relative(out / MAPPING_SCHEMA, folder)}",
    }


def _make_globs(config: Path, mappings: Path, out: Path) -> dict[str, list[str]]:
    """VS Code's ``yaml.schemas``, whose paths start at the opened folder: the config's."""
    here = config.parent
    file = _relative(mappings, here).removeprefix("./")
    is_file = mappings.suffix in MAPPING_ENDINGS
    return {
        _relative(out / CONFIG_SCHEMA, here): [config.name],
        _relative(out / MAPPING_SCHEMA, here): [file] if is_file else [f"{file}/**/*{end}" for end in MAPPING_ENDINGS],
    }


def _relative(path: Path, start: Path) -> str:
    text = os.path.relpath(path.absolute(), start.absolute()).replace(os.sep, "/")
    return text if text.startswith(".") else f"./{text}"

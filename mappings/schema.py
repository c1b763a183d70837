"""The grammar of mapping files as JSON Schema, for completion and checks in an editor while one types.

It says what a schema can say: keys, words, types. Names of metrics, variables, formulas and the sources' own
languages are left to ``check``. Whatever the schema refuses, the parser refuses too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mappings.by_hand import KEY as MANUAL
from mappings.form_schema import DRAFT, NAME, TEXT, Schema, make_form_schema
from mappings.grammar import QueryGrammar
from mappings.measure import BARE, OVER_DAYS, PERCENTILE, WITH_FIELD
from mappings.own_keys import READS
from mappings.where import OPERATORS, WORDS
from mappings.window import CALENDAR_PERIODS, LAST_PERIODS, LENGTH

_HOLE: Schema = {"type": "string", "pattern": r"\$\{"}
_SHARE: Schema = {
    "anyOf": [
        {"const": "percent_done"},
        *({"type": "object", "required": [word]} for word in ("percent_done", "share")),
    ]
}
_LISTED: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
_EXAMPLES = {
    "metrics": [{"won": {"crm": {"table": "Deals", "where": {"Stage": "Won"}}, "measure": "count"}}],
    "key_results": [{"WEB-1.1": {"jira": "project = WEB AND labels = q4", "measure": "percent_done"}}],
    "kpis": [{"KPI-1": {"crm": "Accounts", "measure": {"sum": "MRR EUR"}, "scale": 0.001}}],
}
_MEASURED = ("measure", "within", "missing")
_SINGLE: Schema = {"allOf": [{"maxProperties": 1}]}
"""One key. Beside its properties, yaml-language-server would offer none of them (1.24)."""


def make_mapping_schema(grammars: Mapping[str, QueryGrammar]) -> Schema:
    """The schema of a mapping file for these sources."""
    parts = {
        "metrics": (_make_named(grammars), "Named metrics; with ${holes} they are templates"),
        "key_results": (_with_manual(_make_entry(grammars, "within"), grammars), "Key result's id → what it reads"),
        "kpis": (_make_entry(grammars, "kpi_within"), "KPI's id → what it reads; a KPI has no cycle"),
    }
    return {
        "$schema": DRAFT,
        "title": "okr-sync mapping file",
        "description": "Which number belongs to which key result.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            name: {
                "type": ["object", "null"], "additionalProperties": entry, "description": said,
                "examples": _EXAMPLES[name],
            }
            for name, (entry, said) in parts.items()
        },
        "definitions": {
            "where": make_where_schema(),
            "measure": make_measure_schema(),
            "within": make_within_schema(has_cycle=True),
            "kpi_within": make_within_schema(has_cycle=False),
            **{f"query_{name}": make_query_schema(grammar) for name, grammar in grammars.items()},
        },
    }  # fmt: skip


def make_query_schema(grammar: QueryGrammar) -> Schema:
    """A query under its source's name: text, or the kind's own keys."""
    form = make_form_schema(grammar.form())
    own = form["properties"].pop("where", None)
    where = [{"$ref": "#/definitions/where"}, *([TEXT, {"type": "null"}] if own else [])]
    form["properties"]["where"] = {
        "anyOf": where,
        "description": "Which records: fields and values, the same for every source"
        + ("; or text in the source's own language" if own else ""),
        "defaultSnippets": _snippets({"Stage": "Won"}, {"Amount": {">=": 1000}}),
    }
    said = f"A query to a source of kind {grammar.kind}; text is its {grammar.main}"
    return {**_either(form, TEXT), "description": said}


def make_where_schema() -> Schema:
    """Fields and what they have to be."""
    several = {"=", "!=", "in", *(word for word, meant in WORDS.items() if meant in ("=", "!=", "in"))}
    words = {word: _LISTED if word in several else TEXT for word in (*OPERATORS, *WORDS)}
    compared: Schema = {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": words}
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [*_LISTED["anyOf"], compared]},
        "description": "Fields and values that must all hold",
    }


def make_measure_schema() -> Schema:
    """A word, or a word and what it reads."""
    between: Schema = {"type": "array", "items": NAME, "minItems": 2, "maxItems": 2}
    days: Schema = {
        "type": "object", "minProperties": 1, **_SINGLE, "additionalProperties": False,
        "properties": {
            "workdays": {**between, "description": "From one status to another", "examples": [["In Progress", "Done"]]},
            "days": {**between, "description": "From one date field to another", "examples": [["Opened", "Closed"]]},
        },
    }  # fmt: skip
    over_days: Schema = {"anyOf": [NAME, days]}
    words: Schema = {word: over_days if word in OVER_DAYS else NAME for word in sorted(WITH_FIELD)}
    statuses: Schema = {
        "type": "object", "minProperties": 1, "additionalProperties": False,
        "properties": {
            "by": {**NAME, "description": "The field that weighs, such as Story Points"},
            "statuses": {
                "anyOf": [NAME, {"type": "array", "items": NAME, "minItems": 1}],
                "description": "Which statuses count as done", "examples": [["Done", "Released"]],
            },
        },
    }  # fmt: skip
    words["percent_done"] = {"anyOf": [NAME, statuses]}
    words["share"] = {"$ref": "#/definitions/where"}
    one: Schema = {
        "type": "object", "minProperties": 1, **_SINGLE, "additionalProperties": False,
        "properties": words, "patternProperties": {f"^{PERCENTILE}$": over_days},
    }  # fmt: skip
    return {
        **_either(one, {"anyOf": [{"enum": sorted(BARE)}, _HOLE]}),
        "description": "How records become a number: count, percent_done, or a word and what it reads",
        "examples": ["count", "percent_done"],
        "defaultSnippets": _snippets({"sum": "Amount"}, {"p85": {"workdays": ["In Progress", "Done"]}}),
    }


def make_within_schema(*, has_cycle: bool) -> Schema:
    """A period and the date field that it looks at."""
    periods = (*(("cycle",) if has_cycle else ()), *CALENDAR_PERIODS, *LAST_PERIODS)
    return {
        "type": "object",
        "minProperties": 1,
        **_SINGLE,
        "additionalProperties": False,
        "properties": dict.fromkeys(periods, NAME),
        "patternProperties": {f"^{LENGTH}$": NAME},
        "description": "Which days count, and by which date field of the record",
        "defaultSnippets": _snippets({"cycle": "Closed"} if has_cycle else {"month": "Closed"}, {"28d": "resolved"}),
    }


def _either(form: Schema, other: Schema) -> Schema:
    """A map by its form, anything else by another. So an editor says what is wrong with the one that is written."""
    return {"if": {"type": ["object", "null"]}, "then": form, "else": other}


def _snippets(*examples: Schema) -> list[Schema]:
    """Maps to begin with. As ``examples``, editors would offer them as "[object Object]"."""
    return [{"label": json.dumps(each).replace('"', ""), "body": each} for each in examples]


def _make_measured(within: str) -> Schema:
    return {"measure": {"$ref": "#/definitions/measure"}, "within": {"$ref": f"#/definitions/{within}"}}


def _make_queries(grammars: Mapping[str, QueryGrammar]) -> Schema:
    return {name: {"$ref": f"#/definitions/query_{name}"} for name in grammars}


def _make_named(grammars: Mapping[str, QueryGrammar]) -> Schema:
    from mappings.forms import NamedMetric

    form = make_form_schema(NamedMetric)
    form["properties"] |= _make_measured("within") | _make_queries(grammars)
    return {**form, "required": ["measure"], "oneOf": _one_of(grammars)}


def _make_entry(grammars: Mapping[str, QueryGrammar], within: str) -> Schema:
    """An entry reads one thing, and what else it may say follows from what that is."""
    from mappings.forms import FormulaEntry, MetricEntry, QueryEntry

    properties: dict[str, Any] = {}
    for form in (FormulaEntry, MetricEntry, QueryEntry):
        properties |= make_form_schema(form)["properties"]
    properties |= _make_measured(within) | _make_queries(grammars) | {"steps": _make_steps(grammars, within)}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "allOf": [
            {"oneOf": _one_of((*grammars, *READS))},
            *({"if": {"required": [name]}, "then": {"required": ["measure"]}} for name in grammars),
            *_without(("metric", "formula", "steps"), _MEASURED),
            *_without((*grammars, "steps"), ("with",)),
        ],
    }


def _with_manual(entry: Schema, grammars: Mapping[str, QueryGrammar]) -> Schema:
    """The same, or a key result that stays with people."""
    from mappings.forms import ManualEntry

    form = make_form_schema(ManualEntry)["properties"]
    reads, *rest = entry["allOf"]
    strange = tuple(name for name in entry["properties"] if name not in form)
    own = tuple(name for name in form if name not in entry["properties"] and name != MANUAL)
    return {
        **entry,
        "properties": {**form, **entry["properties"]},
        "allOf": [
            {"oneOf": [*reads["oneOf"], {"required": [MANUAL]}]},
            *rest,
            *_without((MANUAL,), strange),
            *_without((*grammars, *READS), own),
        ],
    }


def _make_steps(grammars: Mapping[str, QueryGrammar], within: str) -> Schema:
    from mappings.forms import MetricStep, QueryStep

    properties = make_form_schema(QueryStep)["properties"] | make_form_schema(MetricStep)["properties"]
    share: Schema = {"allOf": [{"$ref": "#/definitions/measure"}, _SHARE], "description": "To which share it is done"}
    step: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties | {**_make_measured(within), "measure": share} | _make_queries(grammars),
        "allOf": [
            {"oneOf": _one_of((*grammars, "metric"))},
            *_without(("metric",), _MEASURED),
            *_without(tuple(grammars), ("with",)),
        ],
    }
    return {
        "type": "object", "minProperties": 1, "additionalProperties": step,
        "description": "Each step's name → what it reads; the value is the share that is done",
    }  # fmt: skip


def _one_of(names: Mapping[str, Any] | tuple[str, ...]) -> list[Schema]:
    return [{"required": [name]} for name in names]


def _without(reads: tuple[str, ...], keys: tuple[str, ...]) -> list[Schema]:
    """Where one of these is read, the keys mean nothing."""
    return [{"if": {"required": [read]}, "then": {"properties": dict.fromkeys(keys, False)}} for read in reads]

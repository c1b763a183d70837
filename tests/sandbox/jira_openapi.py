"""Atlassian's OpenAPI documents, and what in an answer or a question they forbid.

OKR_SYNC_ORACLES names the folder with both documents; they are no part of this repository.
"""

import functools
import json
import os
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ORACLES = os.environ.get("OKR_SYNC_ORACLES")
needs_documents = pytest.mark.skipif(not ORACLES, reason="OKR_SYNC_ORACLES is not set")
DROPPED = {"example", "xml", "discriminator", "externalDocs", "readOnly", "writeOnly", "deprecated"}


def repaired(schema):
    """An OpenAPI 3.0 schema as JSON Schema."""
    if isinstance(schema, list):
        return [repaired(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: repaired(each) for name, each in schema.items() if name not in DROPPED}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/components/schemas/", "#/$defs/")
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


@functools.cache
def document(name):
    """The paths of a document, and its schemas, where its own examples contradict it put right: a field of an
    issue may be anything, a changelog's values may be null, its moments may be milliseconds."""
    read = json.loads((Path(ORACLES) / name).read_text())
    schemas = repaired(read["components"]["schemas"])
    for each in ("IssueBean", "SoftwareIssueBean"):
        if "fields" in schemas.get(each, {}).get("properties", {}):
            schemas[each]["properties"]["fields"] = {"type": "object"}
    if "ChangeDetails" in schemas:
        for side in ("from", "to", "fromString", "toString"):
            schemas["ChangeDetails"]["properties"][side] = {"type": ["string", "null"]}
    if "Changelog" in schemas:
        schemas["Changelog"]["properties"]["created"] = {"type": ["string", "integer"]}
    return read["paths"], schemas


def document_of(path):
    return document("jira-agile-1.0.openapi.json" if path.startswith("/rest/agile") else "jira-cloud-v3.openapi.json")


def wrong_in(schema, schemas, body):
    """What a document forbids. Keys that it lacks are let pass: real answers have more than it lists."""
    errors = Draft202012Validator({**repaired(schema), "$defs": schemas}).iter_errors(body)
    return sorted({f"{e.json_path} {e.message[:150]}" for e in errors if e.validator != "additionalProperties"})


def wrong_in_answer(method, path, status, body):
    paths, schemas = document_of(path)
    content = paths[path][method.lower()]["responses"][str(status)].get("content", {}).get("application/json", {})
    return wrong_in(content["schema"], schemas, body) if "schema" in content else []


def wrong_in_request(method, path, query, body):
    paths, schemas = document_of(path)
    pattern = next((each for each in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)
                    and method.lower() in paths[each]), None)  # fmt: skip
    if pattern is None:
        return [f"no {method} {path}"]
    call = paths[pattern][method.lower()]
    known = {each["name"]: each for each in call.get("parameters", ()) if each["in"] == "query"}
    wrong = [f"no parameter {name}" for name in query if name not in known]
    wrong += [f"lacks {name}" for name, each in known.items() if each.get("required") and name not in query]
    for name in query.keys() & known.keys():
        wrong += [f"{name} {text}" for text in wrong_in_parameter(known[name]["schema"], schemas, query[name])]
    if body is not None:
        schema = call["requestBody"]["content"]["application/json"]["schema"]
        errors = Draft202012Validator({**repaired(schema), "$defs": schemas}).iter_errors(body)
        wrong += [f"{error.json_path} {error.message[:150]}" for error in errors]
    return wrong


def wrong_in_parameter(schema, schemas, texts):
    """A parameter's texts against what the document allows. Jira takes lists in one text too: ``a,b``, which the
    document of boards calls objects."""
    if schema.get("type") == "object" or "$ref" in schema:
        return []
    if schema["type"] == "array":
        return [text for each in texts for one in each.split(",")
                for text in wrong_in_parameter(schema["items"], schemas, [one])]  # fmt: skip
    [text] = texts
    if schema["type"] in ("integer", "boolean"):
        try:
            text = json.loads(text)
        except ValueError:
            return [f"{text!r} is no {schema['type']}"]
    return wrong_in(schema, schemas, text)

"""Field masks: ``sheets(properties(sheetId,title),data.rowData.values(note))``, for answers and for updates.

A mask is a tree: name to the mask below it; ``ALL`` (None) takes everything.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from sandbox.google_error import invalid, violations
from sandbox.google_schema import Json, messages

Mask = dict[str, Any] | None
ALL: Mask = None
TOKEN = re.compile(r"[A-Za-z_][\w\-]*|\*|[(),./]")


def parse_mask(text: str) -> Mask:
    """Parse a mask; ``.`` and ``/`` both go down, ``*`` is everything. Raises ApiError for what is no mask."""
    stripped = re.sub(r"\s+", "", text)
    tokens = TOKEN.findall(stripped)
    if "".join(tokens) != stripped:
        raise _no_path(text, text)
    tree, rest = _list(tokens, text)
    if rest:
        raise _no_path(text, text)
    return tree


def _list(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    tree: Mask = {}
    while True:
        tree, tokens = _path(tree, tokens, text)
        if not tokens or tokens[0] != ",":
            return tree, tokens
        tokens = tokens[1:]


def _path(tree: Mask, tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    if not tokens or not re.match(r"[\w*]", tokens[0]):
        raise _no_path(text, text)
    name, tokens = camel(tokens[0]), tokens[1:]
    below: Mask = ALL
    if tokens and tokens[0] in "./":
        below, tokens = _path({}, tokens[1:], text)
    elif tokens and tokens[0] == "(":
        below, tokens = _list(tokens[1:], text)
        if not tokens or tokens[0] != ")":
            raise _no_path(text, text)
        tokens = tokens[1:]
    return (ALL if name == "*" and below is None else _join(tree, {name: below})), tokens


def _join(one: Mask, other: Mask) -> Mask:
    if one is None or other is None:
        return ALL
    joined = dict(one)
    for name, below in other.items():
        joined[name] = _join(joined[name], below) if name in joined else below
    return joined


def camel(name: str) -> str:
    """Masks may say ``row_count`` or ``rowCount``."""
    return re.sub(r"_([a-z])", lambda m: m[1].upper(), name)


def below(mask: Mask, name: str) -> Mask | Literal[False]:
    """Return the mask under ``name``, or False when the mask leaves the name out."""
    if mask is None:
        return ALL
    if "*" in mask:
        return _join(mask["*"], mask.get(name, {}))
    found: Mask | Literal[False] = mask.get(name, False)
    return found


def select(value: Any, mask: Mask) -> Any:
    """Keep of an answer what the mask names. Lists are looked through; what is left of an object may be empty."""
    if mask is None or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [select(each, mask) for each in value]
    return {name: select(each, under) for name, each in value.items() if (under := below(mask, name)) is not False}


def check_answer_mask(mask: Mask, message: str, text: str) -> None:
    """Refuse a mask that names what an answer hasn't, as Google words it."""
    wrong = _unknown(mask, message, "")
    if wrong:
        raise _no_path(text, wrong[0])


def _no_path(text: str, path: str) -> Exception:
    description = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    return violations([(text, description)], "Request contains an invalid argument.")


def _unknown(mask: Mask, message: str, at: str) -> list[str]:
    if mask is None:
        return []
    fields = messages().get(message)
    if fields is None:
        return []
    found = []
    for name, under in mask.items():
        path = f"{at}.{name}" if at else name
        if name == "*":
            found += [wrong for each in fields.values() for wrong in _unknown(under, each.kind, path)]
        elif name not in fields:
            found.append(path)
        elif fields[name].kind in messages() and not fields[name].mapped:
            found += _unknown(under, fields[name].kind, path)
        elif under is not None and fields[name].kind not in ("any",) and not fields[name].mapped:
            found.append(f"{path}.{next(iter(under))}")
    return found


def parse_update_mask(text: str | None, message: str) -> Mask:
    """Parse the ``fields`` of an update of ``message``. Raises ApiError when it is missing or names no field."""
    if not text:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse_mask(text)
    wrong = _unknown(mask, message, "")
    if wrong:
        raise invalid(f"Invalid field: {wrong[0]}")
    return _pair(mask)


def _pair(mask: Mask) -> Mask:
    """A mask of a colour is a mask of its style, too."""
    if mask is None:
        return ALL
    paired: dict[str, Any] = {}
    for name, under in mask.items():
        paired[name] = _pair(under)
        if name.lower().endswith("color"):
            paired[f"{name}Style"] = ALL
        elif name.lower().endswith("colorstyle"):
            paired[name[:-5]] = ALL
            paired[name] = ALL
    return paired


def merge(old: Json, new: Json, mask: Mask) -> Json:
    """Return ``old`` with what the mask names taken from ``new``: set where it is there, cleared where not."""
    if mask is None:
        return dict(new)
    merged = dict(old)
    for name, under in mask.items():
        if name == "*":
            return dict(new)
        value = new.get(name)
        if under is None or not isinstance(value if value is not None else merged.get(name, {}), dict):
            if name in new:
                merged[name] = value
            else:
                merged.pop(name, None)
            continue
        inner = merge(merged.get(name, {}), value or {}, under)
        if inner:
            merged[name] = inner
        else:
            merged.pop(name, None)
    return merged

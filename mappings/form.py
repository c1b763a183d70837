"""A piece of YAML checked against a pydantic form; pydantic's complaints become placed problems in plain words.

Used for mapping files and for the configuration alike. pydantic is imported when the first form is checked.
"""

from __future__ import annotations

import typing
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeVar

from mappings.form_words import explain_form_error
from mappings.node import Node, NodeKind
from mappings.suggest import did_you_mean, nearest, one_of
from okr.problem import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    Form = TypeVar("Form", bound=BaseModel)


class Quoted(str):
    """A text that was written in quotes: "5" is a text where 5 is a number. For forms that keep YAML's types."""

    __slots__ = ()


class Filled(Quoted):
    """A text in which a variable was filled in: always a text, whatever its value reads as."""

    __slots__ = ()


Plain = str | None | list["Plain"] | dict[str, "Plain"]


def parse_form(
    node: Node, form: type[Form], *, code: str = "form", also: Collection[str] = ()
) -> tuple[Form | None, tuple[Problem, ...]]:
    """The filled-in form, or everything that is wrong with what stands at ``node``.

    Problems have the codes ``CODE.unknown-key``, ``CODE.missing-key`` and ``CODE.value``. ``also`` are keys
    that someone else reads, so that a mistyped one is recognised. One that was probably meant to be a missing key is
    told, and the missing key isn't.
    """
    from pydantic import ValidationError

    if node.kind not in (NodeKind.MAP, NodeKind.NOTHING):
        message = f"expected a map of keys, found {describe(node)}"
        return None, (node.problem(f"{code}.value", message, fix="Is a space missing after the colon?"),)
    try:
        return form.model_validate(make_plain(node) or {}), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
    meant = {_find_meant(form, detail, also) for detail in details}
    told = [detail for detail in details if detail["type"] != "missing" or detail["loc"] not in meant]
    return None, tuple(_make_problem(node, form, detail, code, also) for detail in told)


def make_plain(node: Node) -> Plain:
    """The tree as text, lists, dicts and None."""
    if node.kind is NodeKind.TEXT:
        return Filled(node.text) if node.spans else Quoted(node.text) if node.quoted else node.text
    if node.kind is NodeKind.LIST:
        return [make_plain(item) for item in node.items]
    if node.kind is NodeKind.MAP:
        return {key: make_plain(entry.value) for key, entry in node.entries.items()}
    return None


def describe(node: Node) -> str:
    """What stands there, for “found …”: a text is shown, the rest is named."""
    if node.kind is not NodeKind.TEXT:
        return str(node.kind)
    shown = node.text if len(node.text) <= 40 else f"{node.text[:39]}…"
    return f"“{shown}”"


def _find_meant(form: type[BaseModel], detail: ErrorDetails, also: Collection[str]) -> tuple[int | str, ...] | None:
    """Where the key would stand that an unknown one was probably meant to be."""
    loc = detail["loc"]
    if detail["type"] != "extra_forbidden" or not loc:
        return None
    meant = nearest(str(loc[-1]), _known_near(form, loc, also))
    return (*loc[:-1], meant) if meant is not None else None


def _known_near(form: type[BaseModel], loc: tuple[int | str, ...], also: Collection[str]) -> set[str]:
    """The keys that may stand where an unknown one stands."""
    return _known_keys(form, loc) | (set(also) if len(loc) == 1 else set())


def _make_problem(node: Node, form: type[BaseModel], detail: ErrorDetails, code: str, also: Collection[str]) -> Problem:
    where, key = _find(node, detail["loc"])
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden" and key is not None:
        return _unknown_key(key, name, _known_near(form, detail["loc"], also), code)
    if detail["type"] == "missing":
        mistyped = _find_mistyped(where, name, _known_keys(form, detail["loc"]))
        if mistyped is not None:
            return _unknown_key(mistyped, mistyped.text, {name}, code)
        message = f"“{name}” is missing here"
        return (key or where).problem(f"{code}.missing-key", message, fix=f"Add “{name}: …”.")
    known = set(_known_values(detail))
    message = explain_form_error(detail, describe(where))
    place = key if where.kind is NodeKind.NOTHING and key is not None else where
    fix = did_you_mean(where.text, known) if where.kind is NodeKind.TEXT and known else None
    return place.problem(f"{code}.value", message, fix=fix)


def _find_mistyped(node: Node, name: str, known: set[str]) -> Node | None:
    """The key that was probably meant to be a missing one, in a map whose other keys are somebody else's."""
    others = (entry.key for key, entry in node.entries.items() if key not in known)
    return next((key for key in others if nearest(key.text, {name})), None)


def _unknown_key(key: Node, name: str, known: set[str], code: str) -> Problem:
    fix = did_you_mean(name, known) or (f"Known here: {one_of(known)}." if known else None)
    if name.isdigit():
        fix = "Decimals stand behind a point, as in 1.5; a comma begins the next key."
    return key.problem(f"{code}.unknown-key", f"no setting is called “{name}” here", fix=fix)


def _find(node: Node, loc: tuple[int | str, ...]) -> tuple[Node, Node | None]:
    """The deepest node that an error's location leads to, and the key that it stands under."""
    key: Node | None = None
    for part in loc:
        if node.kind is NodeKind.MAP and str(part) in node.entries:
            key, node = node.entries[str(part)]
        elif node.kind is NodeKind.LIST and isinstance(part, int) and part < len(node.items):
            key, node = None, node.items[part]
    return node, key


def _known_values(detail: ErrorDetails) -> list[str]:
    """The words that a choice allows, from pydantic's "'a', 'b' or 'c'"."""
    expected = str(detail.get("ctx", {}).get("expected", ""))
    return expected.split("'")[1::2]


def _known_keys(form: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """The keys that the form allows at the map that holds the location's last part."""
    annotation: Any = form
    for part in loc[:-1]:
        annotation = _step(annotation, part)
    model = _find_form(annotation)
    return {field.alias or name for name, field in model.model_fields.items()} if model else set()


def _step(annotation: Any, part: int | str) -> Any:
    model = _find_form(annotation) if typing.get_origin(annotation) not in (dict, list, tuple) else None
    if model is None:
        arguments = typing.get_args(annotation)
        return arguments[-1] if arguments else annotation
    for name, field in model.model_fields.items():
        if part in (name, field.alias):
            return field.annotation
    return annotation


def _find_form(annotation: Any) -> type[BaseModel] | None:
    """The form in an annotation such as ``Form | None``."""
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in typing.get_args(annotation):
        found = _find_form(argument)
        if found is not None:
            return found
    return None

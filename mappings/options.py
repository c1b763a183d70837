"""What an entry says besides what it reads: scale, guard, pause, note."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mappings.draft import Setting
from mappings.form import parse_form
from mappings.guard import Guard
from mappings.node import Node
from mappings.own_keys import READS
from okr.problem import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel

    from mappings.forms import GuardForm

    Form = TypeVar("Form", bound=BaseModel)

Value = TypeVar("Value")
Problems = tuple[Problem, ...]
QUERY_KEYS = ("measure", "within")


def parse_options(
    node: Node, form: type[Form], setting: Setting, but: tuple[str, ...] = ()
) -> tuple[Form | None, Problems]:
    """The entry's options by a form; the keys in ``but`` are read by others."""
    also = (*setting.grammars, *READS, *but)
    given = node.entries.get("with")
    if given is None or any(field.alias == "with" for field in form.model_fields.values()):
        return parse_form(node.without(but), form, code="mapping", also=also)
    made, problems = parse_form(node.without((*but, "with")), form, code="mapping", also=also)
    message = "“with” fills the holes of a named metric, and none is named here"
    fix = "Write the query under metrics, and read it by {metric: NAME, with: {…}}."
    return made, (*problems, given.key.problem("mapping.unknown-key", message, fix=fix))


def make_guard(form: GuardForm, default: Guard) -> Guard:
    """The entry's guard over the default: what it doesn't say, the default says."""
    change = form.max_change
    absolute = change.amount if change and not change.is_share else None
    share = change.amount if change and change.is_share else None
    return Guard(
        min=_or(form.min, default.min),
        max=_or(form.max, default.max),
        max_change=absolute if change else default.max_change,
        max_change_share=share if change else default.max_change_share,
        zero=default.zero if form.zero is None else form.zero == "doubt",
        min_records=_or(form.min_records, default.min_records),
        confirm=_or(form.confirm, default.confirm),
        zero_confirm=default.zero_confirm if form.zero is None and form.confirm is None else None,
    )


def _or(own: Value | None, default: Value | None) -> Value | None:
    return default if own is None else own

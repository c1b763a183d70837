"""``steps:`` the parts of a milestone key result, each done when its query says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.draft import Setting, find_read, parse_draft
from mappings.form import describe
from mappings.mapping import Draft, MappedStep, Reads, StepsOf
from mappings.named import Library, use_entry
from mappings.node import Entry, Node, NodeKind
from mappings.options import QUERY_KEYS, Problems, parse_options
from okr.problem import Problem

if TYPE_CHECKING:
    from mappings.forms import Common, MetricStep, QueryStep


def parse_steps(node: Node, setting: Setting, library: Library) -> tuple[Common | None, Reads | None, Problems]:
    """The steps of a milestone key result, each with what it reads."""
    from mappings.forms import StepsEntry

    form, problems = parse_options(node, StepsEntry, setting, ("steps",))
    entry = node.entries["steps"]
    if entry.value.kind is not NodeKind.MAP or not entry.value.entries:
        message = "“steps” is a map of each step's name and what it reads"
        fix = "Write steps: {Site chosen: {jira: 'key = OPS-9'}}."
        return form, None, (*problems, entry.key.problem("mapping.steps", message, fix=fix))
    steps: list[MappedStep] = []
    for name, step_entry in entry.value.entries.items():
        step, more = _parse_step(name, step_entry, setting, library)
        steps.extend([step] if step else [])
        problems = (*problems, *more)
    return form, StepsOf(tuple(steps)), problems


def _parse_step(name: str, entry: Entry, setting: Setting, library: Library) -> tuple[MappedStep | None, Problems]:
    from mappings.forms import MetricStep, QueryStep

    node = entry.value
    if node.kind is not NodeKind.MAP:
        fix = "Write {SOURCE: 'query'}, or {metric: NAME}."
        message = f"expected what the step “{name}” reads, found {describe(node)}"
        return None, (entry.key.problem("mapping.steps", message, fix=fix),)
    found = find_read(node, setting.grammars, ("metric",))
    if isinstance(found, Problem):
        return None, (found,)
    form: MetricStep | QueryStep | None
    if found == "metric":
        form, problems = parse_options(node, MetricStep, setting)
        draft, more = use_entry(node, form.metric, form.holes, setting, library) if form else (None, ())
    else:
        form, problems = parse_options(node, QueryStep, setting, (found, *QUERY_KEYS))
        missing, measured = form.missing if form else None, "measure" in node.entries
        draft, more = parse_draft(node, name, found, setting, missing, measured=measured)
    problems = (*problems, *more, *(_check_step_measure(name, draft, node) if draft else ()))
    return (MappedStep(name, draft, form.weight) if form and draft and not problems else None), problems


def _check_step_measure(name: str, draft: Draft, node: Node) -> Problems:
    """A step is done to a share; a count or a sum says nothing of that."""
    if not draft.measured or draft.gives_share:
        return ()
    place = node.value("measure") or node.value("metric") or node
    message = f"the step “{name}” needs a share: percent_done or {{share: …}}"
    fix = "Without a measure, a step is done when its query returns a record."
    return (place.problem("mapping.steps", message, fix=fix),)

"""One entry under ``key_results`` or ``kpis``: what it reads, dispatched on its kind first, and its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.by_hand import KEY as BY_HAND
from mappings.draft import Setting, check_rest, find_read, parse_draft
from mappings.form import describe
from mappings.formula import parse_formula
from mappings.guard import Guard
from mappings.mapping import Draft, FormulaOver, KeyResultMapping, OneMetric, Pause, Reads
from mappings.named import Library, check_given, check_holes, use_entry, use_named
from mappings.node import Entry, Node, NodeKind
from mappings.options import QUERY_KEYS, Problems, make_guard, parse_options
from mappings.own_keys import READS
from mappings.steps import parse_steps
from mappings.suggest import nearest
from okr.problem import Problem

if TYPE_CHECKING:
    from mappings.forms import Common, FormulaEntry, MetricEntry, QueryEntry


def parse_entry(
    entry: Entry, setting: Setting, library: Library, default_guard: Guard
) -> tuple[KeyResultMapping | None, Problems]:
    """One mapping, or everything that is wrong with it."""
    node = entry.value
    if node.kind is not NodeKind.MAP:
        return None, (_no_map(entry, setting, library),)
    found = find_read(node, setting.grammars, READS, () if setting.is_kpi else (BY_HAND,))
    form, reads, problems = _parse_reads(node, found, setting, library)
    if form is None or reads is None or problems:
        return None, problems
    return _make_mapping(entry, setting.id, reads, form, default_guard), ()


def _no_map(entry: Entry, setting: Setting, library: Library) -> Problem:
    node = entry.value
    if node.text in library.metrics:
        fix = f"Write {{metric: {node.text}}}."
    else:
        fix = f"Write {{{min(setting.grammars, default='SOURCE')}: 'query', measure: count}}."
    place = entry.key if node.kind is NodeKind.NOTHING else node
    return place.problem("mapping.entry", f"expected what “{setting.id}” reads, found {describe(node)}", fix=fix)


def _parse_reads(
    node: Node, found: str | Problem, setting: Setting, library: Library
) -> tuple[Common | None, Reads | None, Problems]:
    if isinstance(found, Problem):
        return None, None, (found, *_check_around(node, found, setting))
    if found == "metric":
        return _parse_metric(node, setting, library)
    if found == "formula":
        return _parse_formula(node, setting, library)
    if found == "steps":
        return parse_steps(node, setting, library)
    return _parse_query(node, found, setting)


def _check_around(node: Node, found: Problem, setting: Setting) -> Problems:
    """The rest of an entry whose source is unknown or missing."""
    from mappings.forms import QueryEntry

    if found.code not in ("mapping.unknown-source", "mapping.no-read"):
        return ()
    strange = [key for key, entry in node.entries.items() if entry.key.place == found.place]
    others = {*READS, BY_HAND}
    is_query = any(nearest(key, {*setting.grammars, *others}) not in others for key in strange)
    _, problems = parse_options(node, QueryEntry, setting, (*strange, *QUERY_KEYS))
    return (*problems, *check_rest(node, measured=is_query))


def _parse_query(node: Node, source: str, setting: Setting) -> tuple[QueryEntry | None, Reads | None, Problems]:
    from mappings.forms import QueryEntry

    form, problems = parse_options(node, QueryEntry, setting, (source, *QUERY_KEYS))
    missing = form.missing if form else None
    draft, more = parse_draft(node, setting.id, source, setting, missing)
    return form, OneMetric(draft) if draft else None, (*problems, *more)


def _parse_metric(node: Node, setting: Setting, library: Library) -> tuple[MetricEntry | None, Reads | None, Problems]:
    from mappings.forms import MetricEntry

    form, problems = parse_options(node, MetricEntry, setting)
    if form is None:
        return None, None, problems
    draft, more = use_entry(node, form.metric, form.holes, setting, library)
    return form, OneMetric(draft) if draft else None, (*problems, *more)


def _parse_formula(
    node: Node, setting: Setting, library: Library
) -> tuple[FormulaEntry | None, Reads | None, Problems]:
    from mappings.forms import FormulaEntry

    form, problems = parse_options(node, FormulaEntry, setting)
    text, given = node.entries["formula"].value, node.value("with")
    if form is None or text.kind is not NodeKind.TEXT:
        return None, None, problems
    formula, mistakes = parse_formula(text.text, library.keys)
    if formula is None:
        placed = (
            text.problem("mapping.formula", each.message, fix=each.fix, offset=each.offset, length=each.length)
            for each in mistakes
        )
        return form, None, (*problems, *placed)
    names = list(formula.in_order)
    problems = (*problems, *check_holes(given, names, library), *check_given(given, setting))
    if not names:
        message = "the formula names no metric, so nothing would ever change"
        return form, None, (*problems, text.problem("mapping.formula", message))
    if problems:
        return form, None, problems
    drafts: list[Draft] = []
    for name in names:
        draft, more = use_named(name, text, library, setting, form.holes, given)
        problems = (*problems, *more)
        drafts.extend([draft] if draft else [])
    return form, FormulaOver(formula, tuple(drafts), text), problems


def _make_mapping(entry: Entry, id_: str, reads: Reads, form: Common, default_guard: Guard) -> KeyResultMapping:
    pause = Pause(form.pause.why, form.pause.until) if form.pause else None
    guard = make_guard(form.guard, default_guard)
    return KeyResultMapping(id_, reads, entry.key.place, form.scale, guard, pause, form.note)

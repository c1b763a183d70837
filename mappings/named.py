"""``metrics:``: named metrics and templates, and their use by key results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from mappings.draft import Setting, check_rest, find_read, parse_draft
from mappings.form import describe, parse_form
from mappings.grammar import QueryGrammar
from mappings.mapping import Draft
from mappings.node import Entry, Node, NodeKind, walk
from mappings.suggest import did_you_mean, one_of
from mappings.variables import CYCLE, KEY_RESULT, KPI, check_variables, names_in
from okr.problem import Problem, TextPlace

_ALL_VARIABLES = frozenset(("date", *CYCLE, *KEY_RESULT, *KPI))
_AT_USE = ("mapping.query", "mapping.use")


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """A metric under ``metrics``. ``holes`` are a template's; ``shared`` serves every use of one without variables."""

    name: str
    key: Node
    node: Node
    source: str
    missing: Decimal | None
    holes: frozenset[str]
    shared: Draft | None


@dataclass(frozen=True, slots=True)
class Library:
    """All named metrics, and why the broken ones can't be used."""

    metrics: Mapping[str, NamedMetric]
    broken: Mapping[str, tuple[Problem, ...]]
    keys: Mapping[str, Node]


def parse_named(
    name: str, entry: Entry, grammars: Mapping[str, QueryGrammar]
) -> tuple[NamedMetric | None, tuple[Problem, ...]]:
    """One named metric. What hangs on the values of a template's holes is checked where it is used."""
    from mappings.forms import NamedMetric as NamedMetricForm

    node = entry.value
    if node.kind is not NodeKind.MAP:
        place = entry.key if node.kind is NodeKind.NOTHING else node
        message = f"expected what “{name}” reads, found {describe(node)}"
        return None, (place.problem("mapping.entry", message, fix="Write {SOURCE: 'query', measure: count}."),)
    source = find_read(node, grammars, ())
    told = [key for key, each in node.entries.items() if isinstance(source, Problem) and each.key.place == source.place]
    rest = node.without((*told, *grammars, "measure", "within"))
    form, problems = parse_form(rest, NamedMetricForm, code="mapping", also=(*grammars, "measure", "within"))
    if isinstance(source, Problem):
        rest_problems = check_rest(node, measured=True) if source.code == "mapping.unknown-source" else ()
        return None, (source, *problems, *rest_problems)
    holes = frozenset(variable for variable in names_in(node) if variable not in _ALL_VARIABLES and "." not in variable)
    problems = (*problems, *check_variables(node, _ALL_VARIABLES | holes))
    if form is None or problems:
        return None, problems
    shared: Draft | None = None
    if not names_in(node):
        shared, problems = parse_draft(node, name, source, Setting(name, False, grammars), form.missing)
    else:
        problems = _check_open(node, name, source, grammars, holes)
    metric = NamedMetric(name, entry.key, node, source, form.missing, holes, shared)
    return (None if problems else metric), problems


def _check_open(
    node: Node, name: str, source: str, grammars: Mapping[str, QueryGrammar], holes: frozenset[str]
) -> tuple[Problem, ...]:
    """A metric with variables, checked with sample values; what hangs on a hole's value is checked at its uses."""
    is_kpi = any(variable in KPI for variable in names_in(node))
    samples = dict.fromkeys(holes, "Sample")
    found = parse_draft(node, name, source, Setting(name, is_kpi, grammars), holes=samples)[1]
    if not holes:
        return found
    open_paths = {part.path for part in walk(node) if part.kind is NodeKind.TEXT and "${" in part.text}
    return tuple(each for each in found if each.code not in _AT_USE and _path(each) not in open_paths)


def _path(problem: Problem) -> str:
    return problem.place.path if isinstance(problem.place, TextPlace) else ""


def use_named(
    name: str, place: Node, library: Library, setting: Setting, holes: Mapping[str, str], given: Node | None
) -> tuple[Draft | None, tuple[Problem, ...]]:
    """The named metric as this entry reads it. ``place`` is where its name stands, ``given`` its ``with`` map.

    A metric that is broken itself gives no second problem: its own says what to do. Holes that an entry with
    several metrics gives to another one are passed over here.
    """
    metric = library.metrics.get(name)
    if metric is None:
        if name in library.broken:
            return None, library.broken[name]
        return None, (_unknown_metric(name, place, library),)
    lacking = sorted(metric.holes - set(holes))
    if lacking:
        shown = ", ".join(f"{hole}: …" for hole in lacking)
        message = f"the metric “{name}” needs a value for {' and '.join(f'${{{hole}}}' for hole in lacking)}"
        near = did_you_mean(lacking[0], setting.variables)
        fix = f"Add with: {{{shown}}}." + (f" In the metric, {near}" if near and lacking[0] != near else "")
        return None, ((given or place).problem("mapping.missing-hole", message, fix=fix),)
    if metric.shared is not None and not (setting.is_kpi and _reads_cycle(metric.shared)):
        return metric.shared, ()
    mine = {hole: text for hole, text in holes.items() if hole in metric.holes}
    return parse_draft(metric.node, name, metric.source, setting, metric.missing, mine)


def use_entry(
    node: Node, name: str, holes: Mapping[str, str], setting: Setting, library: Library
) -> tuple[Draft | None, tuple[Problem, ...]]:
    """The metric that a map with ``metric`` and ``with`` names."""
    given = node.value("with")
    problems = (*check_holes(given, [name], library), *check_given(given, setting))
    if problems:
        return None, problems
    return use_named(name, node.entries["metric"].value, library, setting, holes, given)


def check_given(given: Node | None, setting: Setting) -> tuple[Problem, ...]:
    """The variables in the values of ``with``."""
    return check_variables(given, setting.variables) if given else ()


def _reads_cycle(draft: Draft) -> bool:
    within = draft.ready and draft.ready.within
    return bool(within and within.period == "cycle")


def _unknown_metric(name: str, place: Node, library: Library) -> Problem:
    known = {**library.keys}
    fix = did_you_mean(name, known, {key: node.place for key, node in known.items()}, place.source.file)
    fix = fix or (f"Known: {one_of(known)}." if known else "Add it under “metrics”.")
    return place.problem("mapping.unknown-metric", f"no metric is named “{name}”", fix=fix)


def check_holes(given: Node | None, metrics: list[str], library: Library) -> tuple[Problem, ...]:
    """Values of ``with`` that no metric of the entry has a hole for."""
    if given is None or any(name not in library.metrics for name in metrics):
        return ()
    wanted = frozenset(hole for name in metrics for hole in library.metrics[name].holes)
    return tuple(
        entry.key.problem(
            "mapping.unknown-hole",
            f"no metric here has a hole ${{{key}}}",
            fix=did_you_mean(key, wanted) or (f"Its holes: {one_of(wanted)}." if wanted else "Take it out."),
        )
        for key, entry in given.entries.items()
        if key not in wanted
    )

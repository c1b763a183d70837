"""A mapping bound to one row: variables filled in, windows dated, so that its metrics can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from mappings.draft import fill_holes
from mappings.grammar import QueryGrammar
from mappings.mapping import Draft, KeyResultMapping, StepsOf, Undated
from mappings.model import Gap, GapKind, Metric
from mappings.undated import make_undated
from mappings.variables import Scope, make_kpi_scope, make_scope
from mappings.window import make_window
from okr.model import Cycle, KeyResult, Kpi


@dataclass(frozen=True, slots=True)
class Part:
    """One metric of a bound mapping, by its name in the formula or its step's name. Weights are the steps'."""

    name: str
    metric: Metric
    grammar: QueryGrammar
    weight: Decimal = Decimal(1)
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """A mapping for one row on one day.

    ``factor`` brings the value into the scale of the Target cell: the mapping's ``scale``, or 100 where the
    measure is a share and the target is written as 60 for 60 %.
    """

    mapping: KeyResultMapping
    parts: tuple[Part, ...]
    factor: Decimal = Decimal(1)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What has to be asked, each once."""
        return tuple(dict.fromkeys(part.metric for part in self.parts))


def expand(
    mapping: KeyResultMapping,
    key_result: KeyResult,
    cycle: Cycle,
    now: datetime,
    timezone: tzinfo,
    year_starts: int = 1,
    holidays: frozenset[date] = frozenset(),
) -> Bound | Gap:
    """The mapping for a key result; a gap where the key result lacks what the query needs.

    ``timezone`` is the company's zone, ``year_starts`` the month in which its year begins,
    ``holidays`` its days off.
    """
    today = now.astimezone(timezone).date()
    weights = {step.name: step.weight for step in key_result.steps}
    numbers = (key_result.baseline, key_result.target, key_result.target_to)
    factor = _factor(mapping, key_result.is_share, numbers)
    dating = _Dating(today, timezone, cycle, year_starts, holidays)
    return _bind(mapping, make_scope(key_result, cycle, today), dating, factor, weights)


def expand_kpi(
    mapping: KeyResultMapping,
    kpi: Kpi,
    now: datetime,
    timezone: tzinfo,
    year_starts: int = 1,
    holidays: frozenset[date] = frozenset(),
) -> Bound | Gap:
    """The mapping for a KPI, which has no cycle; its band says how shares are written."""
    today = now.astimezone(timezone).date()
    factor = _factor(mapping, False, (kpi.healthy_from, kpi.healthy_to))
    dating = _Dating(today, timezone, None, year_starts, holidays)
    return _bind(mapping, make_kpi_scope(kpi, today), dating, factor, {})


@dataclass(frozen=True, slots=True)
class _Dating:
    """What dates a window and counts workdays."""

    today: date
    zone: tzinfo
    cycle: Cycle | None
    year_starts: int
    holidays: frozenset[date]


def _bind(
    mapping: KeyResultMapping, scope: Scope, dating: _Dating, factor: Decimal, weights: dict[str, Decimal]
) -> Bound | Gap:
    parts: list[Part] = []
    steps = mapping.reads.steps if isinstance(mapping.reads, StepsOf) else ()
    own_weights = {step.name: step.weight for step in steps}
    names = [step.name for step in steps] or [draft.name for draft in mapping.drafts]
    for name, draft in zip(names, mapping.drafts, strict=True):
        metric = _make_metric(mapping, draft, scope, dating)
        if isinstance(metric, Gap):
            return metric
        weight = own_weights.get(name) or weights.get(name, Decimal(1))
        parts.append(Part(name, metric, draft.grammar, weight, draft.measured))
    return Bound(mapping, tuple(parts), factor)


def _make_metric(mapping: KeyResultMapping, draft: Draft, scope: Scope, dating: _Dating) -> Metric | Gap:
    undated = draft.ready or _fill(mapping, draft, scope)
    if isinstance(undated, Gap):
        return undated
    window = None
    if undated.within is not None:
        try:
            window = make_window(undated.within, dating.today, dating.zone, dating.cycle, dating.year_starts)
        except (ValueError, OverflowError):
            return _gap(mapping, f"no dates can be made of within {undated.within.period}", "Check the cycle's dates.")
    return undated.dated(window, dating.zone, dating.holidays)


def _fill(mapping: KeyResultMapping, draft: Draft, scope: Scope) -> Undated | Gap:
    """The metric with its variables filled in."""
    try:
        filled = fill_holes(draft.holes, scope)
        undated, problems = make_undated(
            draft.node, draft.source, draft.grammar, filled, draft.missing, measured=draft.measured
        )
    except KeyError as error:
        name = str(error.args[0])
        reason = f"the query needs ${{{name}}}, and {mapping.id} has none"
        return _gap(mapping, reason, f"Fill in the {name.split('.')[-1]} in the sheet.")
    if undated is None:
        return _gap(mapping, problems[0].message, problems[0].fix)
    return undated


def _gap(mapping: KeyResultMapping, reason: str, fix: str | None) -> Gap:
    return Gap(GapKind.DEFINITION, reason, fix, place=mapping.place)


def _factor(mapping: KeyResultMapping, is_share: bool, numbers: tuple[Decimal | None, ...]) -> Decimal:
    """What brings the value into the Target cell's scale.

    A share stays a fraction where the Target is in percent (60 % is 0.6 there) or is itself a fraction. Where
    baseline or target lie beyond 1, as 60 does, the sheet writes percent as plain numbers, and 0.45 is 45. A
    mapping's own ``scale`` decides instead. Formulas are never touched.
    """
    if mapping.scale is not None:
        return mapping.scale
    beyond = any(number is not None and abs(number) > 1 for number in numbers)
    return Decimal(100) if _gives_share(mapping) and not is_share and beyond else Decimal(1)


def _gives_share(mapping: KeyResultMapping) -> bool:
    if isinstance(mapping.reads, StepsOf):
        return True
    drafts = mapping.drafts
    if len(drafts) != 1 or not hasattr(mapping.reads, "draft"):
        return False
    return drafts[0].gives_share

"""The first half of an explanation: the mapping, what was asked, what came back, formula, scale, guard. Pure.

Every function gives lines as (label, text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from mappings.expand import Bound, Part
from mappings.formula import Formula
from mappings.grammar import SaysWhatIsSent
from mappings.guard import Guard
from mappings.mapping import Draft, FormulaOver, StepsOf
from mappings.measure import render_measure
from mappings.model import Gap, Metric, Outcome, Reading, Sample, Window
from mappings.number import render_number
from okr.calendar import render_day
from sync.sheet.rules import EVERY_DAYS
from sync.tell.explain import Explanation

Line = tuple[str, str]
_PLACES = 4


def render_mapping(found: Explanation) -> Iterator[Line]:
    """Where the mapping stands, or that there is none."""
    if found.by_hand is not None:
        yield "mapping", str(found.by_hand.place)
        yield "by hand", "People type Current into the sheet, and okr-sync scores it."
        yield "how", found.by_hand.how
        yield "typed", f"once a {found.by_hand.every}; after {EVERY_DAYS[found.by_hand.every]} days it is old"
        if found.by_hand.note:
            yield "note", found.by_hand.note
        return
    if not found.is_mapped:
        yield "", "No mapping: people type Current into the sheet, and okr-sync scores it."
        return
    yield "mapping", str(found.place)
    if found.broken:
        yield "", found.broken
        if isinstance(found.outcome, Gap) and found.outcome.fix:
            yield "fix", found.outcome.fix
    if found.mapping is not None and found.mapping.note:
        yield "note", found.mapping.note
    if found.paused:
        yield "paused", f"{found.paused}; a run doesn't ask it meanwhile"


def render_asked(found: Explanation) -> Iterator[Line]:
    """Each query as it is sent, and what came back."""
    if found.bound is None:
        if isinstance(found.outcome, Gap) and not found.broken:
            yield from _render_gap(found.outcome)
        return
    several = len(found.bound.parts) > 1
    for draft, part in zip(found.bound.mapping.drafts, found.bound.parts, strict=True):
        if several:
            yield f"{part.name}:", ""
        yield from _render_named(draft)
        yield from _render_query(part, found)
        yield "measure", _render_measure(part)
        yield from _render_outcome(found.outcomes.get(part.metric), part.metric, found)


def _render_named(draft: Draft) -> Iterator[Line]:
    """The named metric or template that it comes from, and what its holes are filled with."""
    place = draft.node.place
    if not place.path.startswith("metrics."):
        return
    holes = ", ".join(f"{name} = {text}" for name, text in draft.holes.items())
    filled = f", with {holes}" if holes else ""
    yield "metric", f"{draft.name} at {place.file}:{place.line}:{place.column}{filled}"


def _render_query(part: Part, found: Explanation) -> Iterator[Line]:
    query = part.metric.query
    text = " ".join(part.grammar.render_query(query.body, query.filter).split())
    yield query.source, text
    if (sent := find_sent(part, found)) and sent != text:
        yield "sent", sent
    if query.filter.window is not None:
        yield "within", render_window(query.filter.window, found)


def find_sent(part: Part, found: Explanation) -> str:
    """The query as it goes over the wire; empty where it is as a person reads it."""
    query, outcome = part.metric.query, found.outcomes.get(part.metric)
    sent = outcome.sent if isinstance(outcome, Reading) else ""
    if not sent and isinstance(part.grammar, SaysWhatIsSent):
        sent = part.grammar.render_sent(query.body, query.filter)
    return " ".join(sent.split())


def render_window(window: Window, found: Explanation) -> str:
    """Its days, both inclusive: "Closed from 28 Sep to 27 Dec"."""
    last = (window.end - timedelta(seconds=1)).date()
    return f"{window.field} from {render_day(window.start.date(), found.day)} to {render_day(last, found.day)}"


def _render_measure(part: Part) -> str:
    text = render_measure(part.metric.measure) if part.measured else "done when a record is there"
    missing = part.metric.missing
    return text if missing is None else f"{text}; a record without it counts as {render_number(missing)}"


def _render_outcome(outcome: Outcome | None, metric: Metric, found: Explanation) -> Iterator[Line]:
    if outcome is None:
        yield "answer", "not asked in this run"
    elif isinstance(outcome, Gap):
        yield from _render_gap(outcome)
    else:
        yield "answer", _render_reading(outcome, found)
        if outcome.left_out:
            yield "left out", _render_left_out(outcome.left_out, metric)
        yield from _render_samples(outcome.samples)
        for note in outcome.notes:
            if not (outcome.left_out and note.endswith("left out")):  # said above, with the fix
                yield "note", note


def _render_reading(reading: Reading, found: Explanation) -> str:
    parts = [render_number(reading.value, _PLACES)]
    if reading.denominator is not None:
        parts.append(f"= {render_number(reading.numerator or Decimal(0))} of {render_number(reading.denominator)}")
    evidence = []
    if reading.counted is not None:
        evidence.append(f"{_records(reading.counted)} counted")
    text = " ".join(parts)
    when = f"asked {render_moment(reading.as_of, found)}"
    return "; ".join([text, *evidence, when])


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


def _render_left_out(count: int, metric: Metric) -> str:
    """How many, and why: they lack what is measured."""
    lack, whom = ("it lacks", "it") if count == 1 else ("they lack", "them")
    return f"{_records(count)}: {lack} {metric.measure.subject}; missing: 0 would count {whom} as 0"


def _render_samples(samples: Iterable[Sample]) -> Iterator[Line]:
    """Three of the records, each with its address on a line of its own, so that it can be clicked."""
    label = "such as"
    for item in samples:
        title = "" if item.title == item.id else item.title
        yield label, f"{item.id}  {title}".rstrip()
        if item.link:
            yield " ", item.link
        label = " "


def render_moment(moment: datetime, found: Explanation) -> str:
    """A moment in the company's zone: "22 Nov 23:37"."""
    local = moment.astimezone(found.timezone)
    return f"{render_day(local.date(), found.day)} {local:%H:%M}"


def _render_gap(gap: Gap) -> Iterator[Line]:
    yield "no answer", gap.reason
    if gap.fix:
        yield "fix", gap.fix


def render_value(found: Explanation) -> Iterator[Line]:
    """How the answers become the value: formula, steps, scale, guard."""
    bound = found.bound
    if bound is None:
        return
    reads = bound.mapping.reads
    values = {
        part.name: outcome.value
        for part in bound.parts
        if isinstance(outcome := found.outcomes.get(part.metric), Reading)
    }
    if isinstance(reads, FormulaOver):
        yield "formula", _render_formula(reads.formula, values, found.outcome, bound.factor)
    elif isinstance(reads, StepsOf):
        yield "steps", _render_steps(bound, found.outcomes, found.outcome)
    if bound.factor != 1:
        yield "scale", _render_scale(bound, found.outcome)
    yield from _render_guard(bound.mapping.guard, found)


def _render_formula(formula: Formula, values: Mapping[str, Decimal], outcome: Outcome | None, factor: Decimal) -> str:
    """The formula, the same with its numbers, and the result."""
    text = " ".join(formula.text.split())
    if not formula.names <= values.keys():
        return text
    filled = re.sub(
        r"[^\W\d]\w*",
        lambda name: render_number(values[name[0]], _PLACES).replace(",", "") if name[0] in formula.names else name[0],
        text,
    )
    result = outcome.value / factor if isinstance(outcome, Reading) and factor else None
    return f"{text} = {filled}" + (f" = {render_number(result, _PLACES)}" if result is not None else "")


def _render_steps(bound: Bound, outcomes: Mapping[Metric, Outcome], outcome: Outcome | None) -> str:
    said = []
    for part in bound.parts:
        weight = "" if part.weight == 1 else f" (weight {render_number(part.weight)})"
        one = outcomes.get(part.metric)
        share = _share_done(part, one.value) if isinstance(one, Reading) else "unknown"
        said.append(f"{part.name}{weight}: {share}")
    total = ""
    if isinstance(outcome, Reading) and outcome.denominator:
        reached = render_number(outcome.numerator or Decimal(0))
        total = f"; weights done {reached} of {render_number(outcome.denominator)}"
    return "; ".join(said) + total


def _share_done(part: Part, value: Decimal) -> str:
    if not part.measured:
        return "done" if value > 0 else "open"
    return f"{render_number(100 * min(max(value, Decimal(0)), Decimal(1)))} %"


def _render_scale(bound: Bound, outcome: Outcome | None) -> str:
    factor = render_number(bound.factor, 9)
    why = "" if bound.mapping.scale is not None else ": the target is written in percent points"
    if isinstance(outcome, Gap) or outcome is None:
        return f"times {factor}{why}"
    raw = render_number(outcome.value / bound.factor, _PLACES) if bound.factor else "0"
    return f"{raw} × {factor} = {render_number(outcome.value, _PLACES)}{why}"


def _render_guard(guard: Guard, found: Explanation) -> Iterator[Line]:
    rules = list(render_guard(guard))
    if not rules:
        return
    outcome = found.outcome
    if isinstance(outcome, Gap) and outcome.doubted is not None:
        verdict = f"doubted: {outcome.reason}"
    else:
        verdict = "nothing to doubt" if isinstance(outcome, Reading) else "not asked"
    yield "guard", f"{', '.join(rules)}: {verdict}"
    if isinstance(outcome, Gap) and outcome.doubted is not None and outcome.fix:
        yield "fix", outcome.fix


def render_guard(guard: Guard) -> Iterator[str]:
    """What the guard wants, each in a few words."""
    if guard.min_records is not None:
        yield f"at least {guard.min_records:,} records"
    if guard.min is not None:
        yield f"not below {render_number(guard.min)}"
    if guard.max is not None:
        yield f"not above {render_number(guard.max)}"
    if guard.max_change is not None:
        yield f"no step above {render_number(guard.max_change)}"
    if guard.max_change_share is not None:
        yield f"no step above {render_number(100 * guard.max_change_share)} %"
    if guard.zero:
        yield "no sudden 0" + (f", unless it stands on day {guard.zero_confirm}" if guard.zero_confirm else "")
    if guard.confirm is not None:
        yield f"a doubt is believed on day {guard.confirm}"

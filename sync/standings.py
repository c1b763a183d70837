"""What is known of each key result before it is scored: the reading, the last good one, or a person's value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from mappings.model import Gap, GapKind, Outcome, Reading
from okr.model import CheckIn, Key, KeyResult, Kind, Origin, Standing, StatusRule
from okr.problem import Problem
from okr.words import OURS
from sync.live import is_persons, live_cell
from sync.memory import add_memory, find_before
from sync.sheet.cell import Canon, is_formula, round_number
from sync.sheet.current import read_current
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, Good, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """What this run asked the sources for.

    ``sources`` says for each mapped row where its number comes from, in a few words. ``outcomes`` holds what came
    back; a mapped row that is missing there was not asked this time and keeps its last good reading. ``paused`` are
    rows that are not asked on purpose, and why. ``links`` lead to the records in a browser, where there is one page.
    ``heartbeats`` are when the rows of another config were last read. ``every`` is how often people type the values of
    rows that aren't mapped, where it is said.
    """

    sources: Mapping[RowKey, str]
    outcomes: Mapping[RowKey, Outcome]
    paused: Mapping[RowKey, str] = field(default_factory=dict)
    links: Mapping[RowKey, str] = field(default_factory=dict)
    heartbeats: Mapping[RowKey, datetime | None] = field(default_factory=dict)
    every: Mapping[RowKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowStanding:
    """A row's standing, and what the ledger has to keep of it.

    ``good`` is the last good reading, or a manual key result's value as last seen. ``is_held`` says that a
    person's value stands in Current. ``is_paused``: on purpose nobody is asked. ``gap`` is why there is no reading.
    ``was_asked`` is false where this run left the source alone: then what the ledger knows of gaps and doubts still
    holds. ``every`` is how often people type the value of a row that isn't mapped.
    """

    standing: Standing
    good: Good | None = None
    gap: Gap | None = None
    is_held: bool = False
    is_mapped: bool = False
    is_paused: bool = False
    problems: tuple[Problem, ...] = ()
    was_asked: bool = True
    every: str = "week"


def make_standings(
    snapshot: Snapshot,
    asked: Asked,
    now: datetime,
    *,
    takeover: bool = False,
    rule: StatusRule = OURS,
    confirms: bool = False,
) -> dict[RowKey, RowStanding]:
    """The standing of every key result and KPI of the sheet. ``now`` is aware and in the sheet's zone.

    ``rule`` says by which words a held Status is understood. ``confirms``: the heartbeat moves with this run, so that
    a row which was not asked keeps the moment of its own last reading.

    A value that a person typed before the machine came is scored as theirs until somebody accepts the machine's
    (``takeover``: at once), so that the score never contradicts the value beside it.
    """
    confidences = _latest_confidence(snapshot.okrs.check_ins)
    standings: dict[RowKey, RowStanding] = {}
    definitions: dict[Key, KeyResult] = {kr.key: kr for kr in snapshot.okrs.key_results}
    for row, view in _rows(snapshot, Tab.KEY_RESULTS):
        key = RowKey(Tab.KEY_RESULTS, *row.key)
        if key in standings:
            continue
        found = _stand(
            snapshot, view, row, key, asked, now, definitions[row.key], rule, takeover=takeover, confirms=confirms
        )
        confidence = confidences.get(row.key)
        if confidence is not None:
            found = replace(found, standing=replace(found.standing, confidence=confidence))
        standings[key] = found
    for row, view in _rows(snapshot, Tab.KPIS):
        key = RowKey(Tab.KPIS, *row.key)
        standings.setdefault(
            key, _stand(snapshot, view, row, key, asked, now, None, rule, takeover=takeover, confirms=confirms)
        )
    return standings


def _rows(snapshot: Snapshot, tab: Tab) -> list[tuple[Row, TabView]]:
    view = snapshot.views.get(tab)
    return [(row, view) for row in view.rows] if view else []


def _latest_confidence(check_ins: tuple[CheckIn, ...]) -> dict[Key, int]:
    latest: dict[Key, tuple[date, int]] = {}
    for item in check_ins:
        known = latest.get(item.key)
        if item.confidence is not None and (known is None or item.day >= known[0]):
            latest[item.key] = (item.day, item.confidence)
    return {key: confidence for key, (_, confidence) in latest.items()}


def _stand(
    snapshot: Snapshot,
    view: TabView,
    row: Row,
    key: RowKey,
    asked: Asked,
    now: datetime,
    kr: KeyResult | None,
    rule: StatusRule,
    *,
    takeover: bool,
    confirms: bool,
) -> RowStanding:
    entry, kind = snapshot.ledger.entries.get(key, NO_ENTRY), kr.kind if kr else None
    if key not in asked.sources:
        found = _stand_manual(view, row, entry, now, kr)
    else:
        heartbeat = asked.heartbeats.get(key, snapshot.ledger.heartbeat)
        found = _stand_read(entry, asked.outcomes.get(key), heartbeat, now, confirms=confirms)
        read = current_value(found.good, kind)
        waits = not takeover and Field.CURRENT not in entry.bases
        waits = waits and _is_waiting(snapshot, entry, key, live_cell(view, row, Field.CURRENT), read)
        if waits or _is_persons(entry, view, row, read):
            found = _stand_held(view, row, entry, found, now, kr)
    before = find_before(entry, snapshot.ledger.heartbeat, now, kr)
    return RowStanding(
        standing=add_memory(found.standing, entry, view, row, rule, before),
        good=found.good,
        gap=None if key in asked.paused else found.gap,
        is_held=found.is_held,
        is_mapped=key in asked.sources,
        is_paused=key in asked.paused,
        problems=found.problems,
        was_asked=found.was_asked,
        every=asked.every.get(key, "week"),
    )


def current_value(good: Good | None, kind: Kind | None) -> Canon:
    """The value as it stands in the cell: yes and no as words, so that a manager reads them as such."""
    if good is None:
        return None
    if kind is Kind.BOOLEAN:
        return "Yes" if good.value > 0 else "No"
    return good.value


def _is_waiting(snapshot: Snapshot, entry: Entry, key: RowKey, live: Canon, read: Canon) -> bool:
    """Whether a Current without a base holds a value from before the machine, which nobody has given up yet.

    Without any reading it is the best that is known, on the row's first night as on every later one.
    """
    if live is None or live == read:
        return False
    was_manual = bool(entry.bases) or read is None
    adopted = f"{key.tab.value}/{Field.CURRENT.value}" in snapshot.ledger.head.adopted
    return was_manual or adopted or key in snapshot.ledger.damaged


def _is_persons(entry: Entry, view: TabView, row: Row, read: Canon) -> bool:
    """Whether a person's value stands in Current: not where they typed what the source says too."""
    if not is_persons(entry, view, row, Field.CURRENT):
        return False
    is_taken = Field.CURRENT in entry.holds or is_formula(view.cell(row, Field.CURRENT))
    return is_taken or live_cell(view, row, Field.CURRENT) != read


def objective_standing(snapshot: Snapshot, view: TabView, row: Row, rule: StatusRule = OURS) -> Standing:
    """What is known of an objective beforehand: only what a person typed over, and its past."""
    entry = snapshot.ledger.entries.get(RowKey(Tab.OBJECTIVES, *row.key), NO_ENTRY)
    return add_memory(Standing(), entry, view, row, rule, None)


def _stand_manual(view: TabView, row: Row, entry: Entry, now: datetime, kr: KeyResult | None) -> RowStanding:
    number, problem = read_current(view, row, kr)
    if number is None:
        origin = Origin.PERSON if kr is not None and kr.kind is Kind.MILESTONES else Origin.NONE
        return RowStanding(Standing(origin=origin), entry.good, problems=(problem,) if problem else ())
    good = Good(round_number(number), None)
    same = entry.good is not None and entry.good.value == good.value
    day = entry.updated if same and entry.updated else now.date()
    as_of = datetime.combine(day, time(12), now.tzinfo)
    return RowStanding(Standing(value=number, as_of=as_of, origin=Origin.PERSON), good)


def _stand_held(
    view: TabView, row: Row, entry: Entry, shadow: RowStanding, now: datetime, kr: KeyResult | None
) -> RowStanding:
    """A person's value in Current is scored; the reading is kept in the shadow."""
    number, problem = read_current(view, row, kr)
    hold = entry.holds.get(Field.CURRENT)
    as_of = datetime.combine(hold.since if hold else now.date(), time(12), now.tzinfo)
    if problem is not None:
        cell = view.cell(row, Field.CURRENT)
        gap = f"a person typed “{cell.error or cell.shown}” over the value, which {_WRONG[problem.code]}"
        standing = Standing(as_of=as_of, origin=Origin.HELD, gap=gap)
        return replace(shadow, standing=standing, is_held=True, problems=(problem,))
    return replace(shadow, standing=Standing(value=number, as_of=as_of, origin=Origin.HELD), is_held=True)


_WRONG = {
    "sheet.not-a-number": "is no number",
    "sheet.mixed-scales": "isn't in the target's scale",
}


def _stand_read(
    entry: Entry, outcome: Outcome | None, heartbeat: datetime | None, now: datetime, *, confirms: bool
) -> RowStanding:
    good = entry.good
    seen = (good.as_of or heartbeat) if good else None
    if isinstance(outcome, Reading) and not _is_overtaken(outcome, seen):
        parts = _find_parts(outcome)
        fresh = Good(round_number(outcome.value), None, outcome.detail, tuple(sorted(outcome.steps.items())), parts)
        standing = Standing(
            value=fresh.value,
            as_of=outcome.as_of.astimezone(now.tzinfo),
            origin=Origin.READING,
            detail=outcome.detail,
            steps_done=outcome.steps,
            parts=parts,
        )
        return RowStanding(standing, fresh)
    gap = outcome if isinstance(outcome, Gap) else None
    was_asked = outcome is not None
    reason = say_gap(gap) if gap else "" if was_asked else entry.gap
    if good is None:
        reason = reason or "not read yet"
        none = gap or Gap(GapKind.UNAVAILABLE, reason)
        return RowStanding(Standing(origin=Origin.NONE, gap=reason), None, none, was_asked=was_asked)
    standing = Standing(
        value=good.value,
        as_of=seen.astimezone(now.tzinfo) if seen else None,
        origin=Origin.LAST_GOOD,
        gap=reason or None,
        detail=good.detail,
        steps_done=dict(good.steps),
        parts=good.parts,
    )
    is_left_behind = gap is not None or (confirms and not was_asked)
    return RowStanding(standing, replace_as_of(good, seen) if is_left_behind else good, gap, was_asked=was_asked)


def _find_parts(reading: Reading) -> tuple[Decimal, Decimal] | None:
    """The done and the whole of a share."""
    done, whole = reading.numerator, reading.denominator
    return None if done is None or whole is None else (round_number(done), round_number(whole))


def say_gap(gap: Gap) -> str:
    """Why there is no fresh reading, for a manager: the same words on every day that the same thing is wrong."""
    source = gap.source or "the source"
    if gap.kind in _UNASKED:
        return f"{source}{_UNASKED[gap.kind]}"
    return gap.reason.rstrip(".")


_UNASKED = {GapKind.UNAVAILABLE: " could not be reached", GapKind.REFUSED: " refused to answer"}


def is_unasked(said: str) -> bool:
    """Whether a gap, as ``say_gap`` said it, was that of a source which gave no answer at all."""
    return said.endswith(tuple(_UNASKED.values()))


def _is_overtaken(reading: Reading, seen: datetime | None) -> bool:
    """Whether another run has asked later and written before us. A day is no overtaking but a wrong clock."""
    return seen is not None and reading.as_of < seen < reading.as_of + timedelta(days=1)


def replace_as_of(good: Good, seen: datetime | None) -> Good:
    """A reading that is no longer confirmed by every run keeps the moment of its last confirmation."""
    return good._replace(as_of=seen)

"""Guards on the whole plan: too many readings moved, vanished or doubtful at once, and nothing is written. Pure.

One odd reading is the business of its own mapping's guard. Many at once are mostly one thing gone wrong: a filter that
lost its project, an account that lost its rights, an import that left a table half full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from mappings.model import GapKind
from okr.problem import OkrSyncError
from sync.config import GuardRules
from sync.plan import Plan
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.standings import RowStanding, is_unasked

AT_LEAST = 3
"""So many readings have to be concerned, whatever share of a small sheet they are."""

_NAMED = 12

FIX = "Look at the source. Where the numbers are right: okr-sync run --accept KR,KR… for these, --force for all."


class UnsafePlan(OkrSyncError):
    """Too much would change at once. Nothing was written; a person has to accept it."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One guard of the plan that went off: which rows, of how many that could be compared, and how many may."""

    guard: str
    keys: tuple[RowKey, ...]
    compared: int
    limit: Decimal

    def __str__(self) -> str:
        ids = [key.id for key in self.keys]
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        said = f"{len(ids)} of {self.compared} readings {_SAID[self.guard]}, more than {self.limit:.0%}"
        return f"{said}: {', '.join(ids[:_NAMED])}{more}"


_SAID = {
    "moved": "moved at once",
    "vanished": "vanished (nothing to measure, or 0 all of a sudden)",
    "doubtful": "are newly doubted by their guards",
}


def check_plan(plan: Plan, rules: GuardRules, accepted: frozenset[str] = frozenset()) -> tuple[Alarm, ...]:
    """The guards that go off. ``accepted`` are ids that somebody has looked at: they don't count.

    First values, rows of a new cycle, and rows whose mapping became another one are never counted: there is nothing
    to compare them with. Nor is a source that is down: its values stay as they are.
    """
    judged = {key: _judge(plan, key, standing) for key, standing in plan.standings.items() if key.id not in accepted}
    compared = {key: word for key, word in judged.items() if word is not None}
    return tuple(_alarms(compared, rules))


def _alarms(compared: dict[RowKey, str], rules: GuardRules) -> Iterator[Alarm]:
    for guard, limit in (("moved", rules.moved), ("vanished", rules.vanished), ("doubtful", rules.doubtful)):
        keys = tuple(key for key, word in compared.items() if word == guard)
        if limit is not None and len(keys) >= AT_LEAST and len(keys) > limit * len(compared):
            yield Alarm(guard, keys, len(compared), limit)


def _judge(plan: Plan, key: RowKey, standing: RowStanding) -> str | None:
    """What became of a row's reading since the last run; ``None`` where there is nothing to compare."""
    entry = plan.snapshot.ledger.entries.get(key, NO_ENTRY)
    if not standing.was_asked or not _is_comparable(plan, key, entry):
        return None
    if standing.gap is None:
        assert entry.good is not None
        return "moved" if standing.good is not None and standing.good.value != entry.good.value else "same"
    if _was_known(entry):
        return "known"
    if standing.gap.kind is GapKind.EMPTY or (standing.gap.kind is GapKind.DOUBT and standing.gap.doubted == 0):
        return "vanished"
    return "doubtful" if standing.gap.kind is GapKind.DOUBT else "unread"


def _was_known(entry: Entry) -> bool:
    """Whether it was so before and that was written down: a source that only couldn't be asked has told nothing.

    A ledger made anew has forgotten which readings were missing. Its readings wait to be confirmed, and refusing them
    night after night for what may be old would keep the sheet from everything else.
    """
    if entry.gap:
        return not is_unasked(entry.gap)
    return entry.good is not None and entry.good.as_of is not None


def _is_comparable(plan: Plan, key: RowKey, entry: Entry) -> bool:
    source = plan.asked.sources.get(key)
    if source is None or key in plan.asked.paused or entry.good is None or Field.CURRENT not in entry.bases:
        return False
    before = entry.bases.get(Field.SOURCE)
    return not isinstance(before, str) or _timeless(before) == _timeless(source)


_DAY = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")


def _timeless(source: str) -> str:
    """Where a number comes from, without the days of a window that moves along."""
    return " ".join(_DAY.sub("DAY", source).split())


def render_refusal(alarms: tuple[Alarm, ...]) -> str:
    """What ``plan`` says of a plan that a run would refuse."""
    return "\n".join(["A run would refuse this plan (exit code 6)", *(f"  {alarm}" for alarm in alarms), f"  {FIX}"])


def refuse(alarms: tuple[Alarm, ...]) -> UnsafePlan:
    """The error that says which guards went off, and how the plan is let through."""
    lines = "".join(f"\n    {alarm}" for alarm in alarms)
    return UnsafePlan(
        f"the plan was refused: too many readings changed at once.{lines}\n  Nothing was written but a line in Runs.",
        fix=FIX,
    )

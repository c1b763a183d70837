"""Which of value, scope, time, definition and rule changed a status. Exact: every answer is worked out, none guessed.

A status is a function of five things. Two moments are compared, the last run and now, by asking what the status
would be had only one of them stayed as it was. What alone would have kept the status from moving so far is a cause
(the "but-for" test of law: Hart and Honoré, Causation in the Law, 1959). Where no single thing would have, each
that would have sufficed alone is one; else all that changed are one together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from okr.calendar import elapsed_share
from okr.definition import find_span
from okr.forecast import make_forecast, make_series
from okr.goalposts import DECIDING, check, parse_definition, render_part, restore
from okr.model import Before, Cycle, KeyResult, ScoringRules, Standing, Status, StatusRule
from okr.number import render_number
from okr.pace import make_pace
from okr.presets import render_rule, say_rule
from okr.score import make_progress, make_score
from okr.status import Outlook, find_aim, find_status
from okr.words import say_status


class Factor(StrEnum):
    """What a status follows from."""

    RULE = "rule"
    DEFINITION = "definition"
    SCOPE = "scope"
    VALUE = "value"
    TIME = "time"


_LADDER = {Status.MISSED: 0, Status.OFF_TRACK: 1, Status.AT_RISK: 2, Status.ON_TRACK: 3, Status.ACHIEVED: 4}
_OLD = frozenset[Factor]
_ONLY_TIME, _ONLY_VALUE = (Factor.TIME,), (Factor.VALUE,)


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that a status follows from at one moment. ``parts`` are the done and the whole of a share."""

    kr: KeyResult
    rule: StatusRule
    value: Decimal
    parts: tuple[Decimal, Decimal] | None
    day: date


@dataclass(frozen=True, slots=True)
class Turn:
    """The last run's moment and this one's, and what is the same in both."""

    old: Moment
    new: Moment
    standing: Standing
    cycle: Cycle | None
    rules: ScoringRules

    def judge(self, old: frozenset[Factor]) -> Status | None:
        """The status if these factors were as they were, and all others as they are. ``None``: no status follows."""
        kr = self._pick(Factor.DEFINITION, old).kr
        day = self._pick(Factor.TIME, old).day
        rules = replace(self.rules, status=self._pick(Factor.RULE, old).rule)
        span = find_span(kr, self.cycle)
        if span is None or any(problem.severity == "error" for problem in check(kr)):
            return None
        score = make_score(make_progress(kr, self.value(old)), rules.cap)
        aim = find_aim(kr.commitment, rules)
        forecast = make_forecast(make_series(self.standing.points, day, score), day, span[1], rules.cap)
        outlook = Outlook(score, make_pace(kr, *span, day, aim), elapsed_share(*span, day), forecast, aim)
        return find_status(kr, outlook, span, day, rules)

    def value(self, old: frozenset[Factor]) -> Decimal:
        """The value with the scope or the rest of it as it was: a share is what is done over the whole."""
        if self.old.parts is None or self.new.parts is None:
            return self._pick(Factor.VALUE, old).value
        if {Factor.VALUE, Factor.SCOPE} <= old:
            return self.old.value
        done, whole = self._pick(Factor.VALUE, old).parts, self._pick(Factor.SCOPE, old).parts
        assert done is not None
        assert whole is not None
        base = self.new if self.new.parts[0] else self.old
        assert base.parts is not None
        scale = base.value / (base.parts[0] / base.parts[1]) if base.parts[0] else Decimal(1)
        return done[0] / whole[1] * scale

    def _pick(self, factor: Factor, old: frozenset[Factor]) -> Moment:
        return self.old if factor in old else self.new


def make_turn(
    kr: KeyResult, standing: Standing, current: Decimal, cycle: Cycle | None, rules: ScoringRules, today: date
) -> Turn | None:
    """The last run and this one, where the ledger remembers enough of it."""
    before = standing.before
    if before is None or before.value is None:
        return None
    fields = parse_definition(before.definition)
    was = restore(kr, {name: fields[name] for name in DECIDING}) if fields else None
    if was is None:
        return None
    old_parts, new_parts = before.parts, standing.parts
    is_share = old_parts is not None and new_parts is not None and old_parts[1] > 0 and new_parts[1] > 0
    old = Moment(was, before.rule or rules.status, before.value, old_parts if is_share else None, before.day)
    new = Moment(kr, rules.status, current, new_parts if is_share else None, today)
    return Turn(old, new, standing, cycle, rules)


def find_causes(turn: Turn, last: Status) -> tuple[Factor, ...]:
    """The factors that changed the status from ``last``; none where it didn't change, or what is known disagrees."""
    changed = _find_changed(turn)
    now, before = turn.judge(_OLD()), turn.judge(_OLD(Factor))
    if now not in _LADDER or before is not last or before not in _LADDER or now is before:
        return ()
    better = _LADDER[now] > _LADDER[before]

    def turns(old: frozenset[Factor]) -> bool:
        """Whether the status would have moved less far."""
        status = turn.judge(old)
        return status in _LADDER and status is not now and (_LADDER[status] < _LADDER[now]) is better

    needed = tuple(factor for factor in changed if turns(_OLD({factor})))
    enough = tuple(factor for factor in changed if turn.judge(_OLD(changed) - {factor}) is now)
    return needed or enough or changed


def _find_changed(turn: Turn) -> tuple[Factor, ...]:
    old, new = turn.old, turn.new
    shares = old.parts is not None and new.parts is not None
    differs = {
        Factor.RULE: render_rule(old.rule) != render_rule(new.rule),
        Factor.DEFINITION: old.kr != new.kr,
        Factor.SCOPE: shares and turn.value(_OLD({Factor.SCOPE})) != new.value,
        Factor.VALUE: turn.value(_OLD({Factor.VALUE})) != new.value,
        Factor.TIME: old.day != new.day,
    }
    return tuple(factor for factor in Factor if differs[factor])


def render_cause(turn: Turn | None, before: Before | None, now: Status) -> str:
    """What changed the status, as the end of a sentence: "was On track, then the scope grew from 74 to 90".

    That a target was reached, or a due day is over, needs no cause: the sentence has said so.
    """
    if turn is None or before is None or before.status is None:
        return ""
    causes = find_causes(turn, before.status)
    expected = {Status.ACHIEVED: _ONLY_VALUE, Status.MISSED: _ONLY_TIME}
    if not causes or causes == expected.get(now):
        return ""
    was = say_status(before.status, before.rule or turn.rules.status)
    return f"was {was}, then {' and '.join(_SAY[factor](turn) for factor in causes)}"


def _say_rule(turn: Turn) -> str:
    return f"the rule was changed from {say_rule(turn.old.rule)} to {say_rule(turn.new.rule)}"


def _say_definition(turn: Turn) -> str:
    """One field with its values, several by name."""
    fields = [name for name in DECIDING if _part(turn.old.kr, name) != _part(turn.new.kr, name)]
    if len(fields) > 1:
        return f"its {', '.join(fields[:-1])} and {fields[-1]} were changed"
    name, day = fields[0], turn.new.day
    old, new = (render_part(kr, name, _part(kr, name), day) for kr in (turn.old.kr, turn.new.kr))
    return f"its {name} was changed from {old} to {new}"


def _part(kr: KeyResult, field: str) -> str:
    value = getattr(kr, field.lower().replace(" ", "_"))
    return "" if value is None else str(value)


def _say_scope(turn: Turn) -> str:
    assert turn.old.parts is not None
    assert turn.new.parts is not None
    old, new = turn.old.parts[1], turn.new.parts[1]
    return f"the scope {'grew' if new > old else 'shrank'} from {render_number(old)} to {render_number(new)}"


def _moved(turn: Turn) -> Decimal:
    """How far the value alone carried the progress."""
    new, old = (make_progress(turn.new.kr, turn.value(old)) for old in (_OLD(), _OLD({Factor.VALUE})))
    return new - old


def _say_value(turn: Turn) -> str:
    return "the value improved" if _moved(turn) > 0 else "the value got worse"


def _say_time(turn: Turn) -> str:
    moved = _moved(turn)
    if moved > 0:
        return "time passed faster than the value improved"
    return "time passed" if moved else "time passed and the value stood still"


_SAY: Mapping[Factor, Callable[[Turn], str]] = {
    Factor.RULE: _say_rule,
    Factor.DEFINITION: _say_definition,
    Factor.SCOPE: _say_scope,
    Factor.VALUE: _say_value,
    Factor.TIME: _say_time,
}

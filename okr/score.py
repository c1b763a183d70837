"""From a value to progress and score, by kind; and the weighted mean that rolls scores up.

Sources: design §6; linear progress as in OKR products at large (Quantive: ``(a-i)/(t-i)`` up, ``(i-a)/(i-t)``
down, which is the same number). Thresholds and bands are inclusive, unlike Quantive's "stay above", which
scores a value on the target as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from okr.model import KeyResult, Kind, Origin, Standing, Step

ZERO = Decimal(0)
ONE = Decimal(1)
FOUR_PLACES = Decimal("0.0001")

BANDS = frozenset({Kind.AT_LEAST, Kind.AT_MOST, Kind.BETWEEN})
"""The kinds that ask for a value to stay inside limits."""


def make_progress(kr: KeyResult, value: Decimal) -> Decimal:
    """Raw, signed progress: 0 at the baseline, 1 at the target, below 0 when it got worse. Never rounded.

    Needs a definition without errors (``check_key_result``) and a finite value.
    """
    return _PROGRESS[kr.kind](kr, value)


def make_score(progress: Decimal, cap: Decimal) -> Decimal:
    """Progress clamped to 0 and the cap, rounded half-even to four places."""
    if progress <= ZERO:
        return ZERO
    if progress >= cap:
        return cap
    return progress.quantize(FOUR_PLACES, ROUND_HALF_EVEN)


def find_current(kr: KeyResult, standing: Standing) -> Decimal | None:
    """The value that is scored: for milestones the share of the steps done, unless a person typed over it."""
    if kr.kind is not Kind.MILESTONES or standing.origin is Origin.HELD:
        return standing.value
    share = make_share_done(kr.steps, standing.steps_done)
    return standing.value if share is None else share


def make_share_done(steps: Iterable[Step], measured: Mapping[str, Decimal]) -> Decimal | None:
    """The weights of what is done over all weights; ``None`` while nothing is known of any step.

    What a source measured goes before what a person typed. A step of which nothing is known isn't done.
    """
    total = done = ZERO
    known = False
    for step in steps:
        total += step.weight
        share = measured.get(step.name, step.done)
        if share is not None:
            known = True
            done += step.weight * min(max(share, ZERO), ONE)
    if not known or not total:
        return None
    return (done / total).quantize(FOUR_PLACES, ROUND_HALF_EVEN)


def has_slope(kr: KeyResult) -> bool:
    """Whether a score between 0 and 1 is possible, so that a share of the way can be expected."""
    if kr.kind in BANDS:
        return kr.baseline is not None and _distance(kr, kr.baseline) > ZERO
    return True


def can_break(kr: KeyResult) -> bool:
    """Whether a reached target can still be lost until it is due: ceilings, floors, bands, and a No to be kept."""
    return kr.kind in BANDS or (kr.kind is Kind.BOOLEAN and kr.target == ZERO)


def weighted_mean(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The mean of (weight, score) pairs, rounded to four places; ``None`` when the weights add up to 0."""
    total = weight = ZERO
    for part, score in parts:
        weight += part
        total += part * score
    if not weight:
        return None
    return (total / weight).quantize(FOUR_PLACES, ROUND_HALF_EVEN)


def _linear(kr: KeyResult, value: Decimal) -> Decimal:
    assert kr.target is not None
    baseline = kr.baseline or ZERO
    return (value - baseline) / (kr.target - baseline)


def _banded(kr: KeyResult, value: Decimal) -> Decimal:
    """1 inside. Outside 1 minus the distance to the band, the baseline's distance being the whole way.

    A value on the other side of a band than the baseline is measured by the same distance. Without a
    baseline, or with one inside, there is no slope: 0.
    """
    distance = _distance(kr, value)
    if not distance:
        return ONE
    if kr.baseline is None:
        return ZERO
    whole = _distance(kr, kr.baseline)
    return ONE - distance / whole if whole else ZERO


def _distance(kr: KeyResult, value: Decimal) -> Decimal:
    assert kr.target is not None
    if kr.kind is Kind.AT_LEAST:
        return max(ZERO, kr.target - value)
    if kr.kind is Kind.AT_MOST:
        return max(ZERO, value - kr.target)
    assert kr.target_to is not None
    return max(ZERO, kr.target - value, value - kr.target_to)


def _boolean(kr: KeyResult, value: Decimal) -> Decimal:
    """1 or more is Yes, so that a count of records can answer; part of the way is still No."""
    wanted = kr.target is None or kr.target >= ONE
    return ONE if (value >= ONE) is wanted else ZERO


def _share(_kr: KeyResult, value: Decimal) -> Decimal:
    return value


_PROGRESS: dict[Kind, Callable[[KeyResult, Decimal], Decimal]] = {
    Kind.INCREASE: _linear,
    Kind.DECREASE: _linear,
    Kind.AT_LEAST: _banded,
    Kind.AT_MOST: _banded,
    Kind.BETWEEN: _banded,
    Kind.BOOLEAN: _boolean,
    Kind.MILESTONES: _share,
}

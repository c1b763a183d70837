"""How a key result moves, for reports: its trend, its change, where it is heading, and how old its value is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from okr.calendar import render_day
from okr.model import Key, Origin
from okr.number import render_score
from sync.plan import Plan
from sync.sheet.layout import Tab
from sync.sheet.ledger import RowKey
from sync.stale import find_stale
from sync.standings import say_gap


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a score alone doesn't say. ``trend`` is a tiny picture of the weeks, oldest first.

    ``change`` is by how much the score differs from the one of 14 days ago, ``forecast`` the score expected when it is
    due. ``as_of`` is the day of its value, ``gap`` why there is no fresher one; ``is_stale`` that it is old.
    """

    trend: str = ""
    change: Decimal | None = None
    forecast: Decimal | None = None
    as_of: date | None = None
    gap: str = ""
    is_stale: bool = False


NO_OUTLOOK = Outlook()


def find_outlooks(plan: Plan) -> dict[Key, Outlook]:
    """The outlook of every key result of a plan."""
    stale = find_stale(plan.standings, plan.day, plan.stale_days)
    return {key: _find(plan, key, is_stale=key in stale) for key in plan.scorecard.key_results}


def _find(plan: Plan, key: Key, *, is_stale: bool) -> Outlook:
    result, row = plan.scorecard.key_results[key], RowKey(Tab.KEY_RESULTS, *key)
    found, gap = plan.standings.get(row), plan.gaps.get(row)
    as_of = found.standing.as_of if found is not None and found.standing.origin is not Origin.NONE else None
    return Outlook(
        result.trend,
        result.change,
        result.forecast,
        as_of.date() if as_of is not None else None,
        say_gap(gap) if gap is not None else "",
        is_stale,
    )


def render_outlook(outlook: Outlook, today: date, why: str = "") -> Iterator[str]:
    """What is known of it, in a few words each: "▁▃▄▆", "+0.08 in 14 days", "heading for 0.71", "value of 20 Nov".

    Where ``why``, the sentence that it stands beside, tells of the gap, the value's age is said there already.
    """
    if len(outlook.trend) > 1:
        yield outlook.trend
    if outlook.change is not None:
        yield f"{render_change(outlook.change)} in 14 days" if outlook.change else "unchanged in 14 days"
    if outlook.forecast is not None:
        yield f"heading for {render_score(outlook.forecast)}"
    if outlook.gap and outlook.gap in why:
        return
    if outlook.as_of is not None and outlook.as_of != today:
        yield f"{'old ' if outlook.is_stale else ''}value of {render_day(outlook.as_of, today)}"
    if outlook.gap:
        yield outlook.gap


def render_change(change: Decimal) -> str:
    """By how much a score moved, with its sign: "+0.08", "−0.05"."""
    return f"{'−' if change < 0 else '+' if change else ''}{render_score(abs(change))}"


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """The same for programs. Scores are fractions, days ISO dates."""
    return {
        "trend": outlook.trend,
        "change": outlook.change,
        "forecast": outlook.forecast,
        "as_of": outlook.as_of,
        "gap": outlook.gap or None,
        "is_stale": outlook.is_stale,
    }

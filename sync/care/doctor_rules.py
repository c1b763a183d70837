"""What the doctor makes of what was tried: each finding with its fix. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.clock import SET_CLOCK, SLACK, is_off, say_off
from mappings.mapping import Mappings
from mappings.model import Gap, GapKind, Metric, Outcome
from okr.model import KeyResult
from okr.problem import OkrSyncError
from sync.sheet.layout import LAYOUT_VERSION


class Level(StrEnum):
    """How bad a finding is. The values are the words that are shown."""

    FINE = "ok"
    LOOK = "look"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried: what it is about, how it went, and what to do where it didn't go well."""

    about: str
    level: Level
    said: str
    fix: str = ""


def fail(about: str, error: OkrSyncError) -> Check:
    """A check that an error ended."""
    return Check(about, Level.FAIL, error.message, error.fix or "")


def check_clock(heartbeat: datetime | None, now: datetime, off: timedelta | None = None) -> Check:
    """Whether this machine's clock differs from Google's by ``off``, or the last run lies in its future: one of the two
    clocks is wrong then.
    """
    if off is not None and is_off(off):
        return Check("clock", Level.LOOK, say_off(off), SET_CLOCK)
    if heartbeat is None:
        return Check("clock", Level.FINE, f"it is {now:%d %b %Y %H:%M %Z} here; no run has been yet")
    if heartbeat > now + SLACK:
        said = f"the last run was at {heartbeat:%d %b %Y %H:%M}, which is still to come here ({now:%d %b %Y %H:%M})"
        return Check("clock", Level.LOOK, said, "Set this machine's clock, or that of the machine that ran last.")
    return Check("clock", Level.FINE, f"it is {now:%d %b %Y %H:%M %Z} here; the last run was {heartbeat:%d %b %H:%M}")


def check_zone(sheet: str, config: str) -> Check:
    """Whether sheet and config end their days together: TODAY() in the sheet greys rows by the sheet's own zone."""
    if sheet and sheet != config:
        fix = f"Choose {config} in the sheet's settings, or write calendar: {{timezone: {sheet}}}."
        return Check("zone", Level.LOOK, f"the sheet lives in {sheet}, the config in {config}", fix)
    return Check("zone", Level.FINE, config)


def check_layout(version: int) -> Check:
    """Whether the sheet was laid out by an older okr-sync."""
    if version < LAYOUT_VERSION:
        said = f"the sheet has layout version {version}; this okr-sync makes {LAYOUT_VERSION}"
        return Check("layout", Level.LOOK, said, "Run: okr-sync layout. It adds what is new and moves nothing.")
    return Check("layout", Level.FINE, f"version {version}")


def say_unused(source: str) -> Check:
    """A source that no mapping asks."""
    return Check(source, Level.LOOK, "no mapping uses it; it wasn't asked", "Map a key result to it, or take it out.")


_TROUBLE = frozenset({GapKind.UNAVAILABLE, GapKind.REFUSED})


def say_answer(source: str, rows: Collection[str], answer: Outcome) -> Check:
    """What one query of a source gave; ``rows`` are the key results that it is for. A gap that says nothing of the
    credential is worth a look only: an empty answer is an answer.
    """
    whom = f"for {', '.join(sorted(rows)[:3])}"
    if isinstance(answer, Gap):
        level = Level.FAIL if answer.kind in _TROUBLE else Level.LOOK
        return Check(source, level, f"asked {whom}: {answer.reason}", answer.fix or "")
    return Check(source, Level.FINE, f"answered {whom}")


GOOGLE_A_MINUTE = 60
"""Reads, and writes, that Google allows one account a minute (developers.google.com/workspace/sheets/api/limits)."""


def say_calls(metrics: Iterable[Metric], *, is_google: bool) -> Check:
    """How much a run asks for, beside what is allowed: equal queries are asked once."""
    counts = Counter(source for source, _ in {(metric.query.source, repr(metric.query)) for metric in metrics})
    asked = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    parts = [f"a run asks at most so many queries: {asked}" if asked else "a run asks no source"]
    parts += [f"of the sheet 1 to 3 reads and a write; Google allows {GOOGLE_A_MINUTE} of each a minute"] * is_google
    return Check("calls", Level.FINE, "; ".join(parts))


def say_ready(mappings: Mappings, key_results: Iterable[KeyResult]) -> Check:
    """The last line: "ready: 45 key results, 38 mapped, 7 manual"."""
    ids = {kr.key.id for kr in key_results}
    mapped, several = len(ids & mappings.mapped_ids), "" if len(ids) == 1 else "s"
    return Check("", Level.FINE, f"ready: {len(ids)} key result{several}, {mapped} mapped, {len(ids) - mapped} manual")

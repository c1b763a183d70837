"""Whether all is well, on one screen: from the sheet alone, no source is asked. Pure.

The levels are for a monitor: fine; a look is needed (a source is down, something is stale, a problem is open); down
(no good run for too long, or the last one was refused).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from okr.calendar import render_day
from sync.plan import Plan
from sync.sheet.layout import Tab
from sync.sheet.ledger import OpenProblem
from sync.sheet.store import RawTab
from sync.stale import find_stale

_NAMED = 8
_NO_WORDS = "a problem whose words are not kept; okr-sync plan shows it"
_RESULT, _REMARK = 3, 9
"""Where the columns Result and Remark stand in Runs."""


class Level(StrEnum):
    """How well it is."""

    FINE = "all is well"
    LOOK = "needs a look"
    DOWN = "is not well"


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last line of a run in Runs."""

    run: str
    started: str
    result: str
    remark: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the sheet says of the engine. ``reasons`` are why it isn't fine, the worst first; ids are in order."""

    level: Level
    title: str
    place: str
    now: datetime
    heartbeat: datetime | None
    last: LastRun | None
    reasons: tuple[str, ...]
    mapped: int
    manual: int
    held: tuple[str, ...]
    waiting: tuple[str, ...]
    gaps: tuple[str, ...]
    stale: tuple[str, ...]
    problems: tuple[OpenProblem, ...]
    untold: int = 0


def find_last_run(runs: RawTab | None) -> LastRun | None:
    """The last run that Runs tells of; lines about what was left on a drawn tab are none."""
    return next(_runs_back(runs), None)


def find_refused(runs: RawTab | None, heartbeat: datetime | None, now: datetime) -> LastRun | None:
    """The last run that was refused, unless a good one has come since: that one moves the heartbeat, and tells Runs
    only where something was to be written. Runs of a part move it not, so that they hide nothing.
    """
    found = next((each for each in _runs_back(runs) if each.result == "refused"), None)
    if found is None or heartbeat is None:
        return found
    try:
        began = datetime.strptime(found.started, "%Y-%m-%d %H:%M:%S").replace(tzinfo=now.tzinfo)
    except ValueError:  # somebody has written into Runs
        return found if found == find_last_run(runs) else None
    return found if began >= heartbeat else None


def _runs_back(runs: RawTab | None) -> Iterator[LastRun]:
    for row in reversed(runs.cells[1:] if runs is not None else ()):
        texts = [cell.shown or str(cell.value or "") for cell in row]
        if len(texts) > _RESULT and texts[0] and texts[_RESULT] != "drift":
            yield LastRun(texts[0], texts[1], texts[_RESULT], texts[_REMARK] if len(texts) > _REMARK else "")


def make_status(plan: Plan, runs: RawTab | None, now: datetime, stale_days: int) -> Status:
    """The status. ``plan`` is one that asked nobody."""
    snapshot = plan.snapshot
    results = {key: item for key, item in plan.standings.items() if key.tab is Tab.KEY_RESULTS}
    entries = snapshot.ledger.entries
    mapped = [key for key, item in plan.standings.items() if item.is_mapped]
    gaps = tuple(key.id for key in mapped if key in entries and entries[key].gap)
    stale = tuple(key.id for key in find_stale(plan.standings, plan.day, stale_days))
    problems = tuple(sorted(plan.life.open.values(), key=lambda item: (item.since or date.max, item.words)))
    heartbeat, last = snapshot.ledger.heartbeat, find_last_run(runs)
    down = tuple(_why_down(heartbeat, find_refused(runs, heartbeat, now), now, stale_days))
    look = tuple(_why_look(gaps, stale, problems))
    return Status(
        level=Level.DOWN if down else Level.LOOK if look else Level.FINE,
        title=snapshot.raw.title or "The sheet",
        place=snapshot.raw.url,
        now=now,
        heartbeat=heartbeat,
        last=last,
        reasons=(*down, *look),
        mapped=sum(item.is_mapped for item in results.values()),
        manual=sum(not item.is_mapped for item in results.values()),
        held=tuple(f"{hold.key.id} {hold.field.value}" for row in plan.rows for hold in row.holds),
        waiting=tuple(f"{item.key.id} {item.field.value}" for row in plan.rows for item in row.takeovers),
        gaps=gaps,
        stale=stale,
        problems=problems,
        untold=len(snapshot.ledger.head.outbox.news),
    )


def _why_down(heartbeat: datetime | None, refused: LastRun | None, now: datetime, stale_days: int) -> Iterator[str]:
    if heartbeat is None:
        yield "there has been no good run yet"
    elif now - heartbeat > timedelta(days=stale_days):
        yield f"the last good run was {render_age(now - heartbeat)} ago"
    if refused is not None:
        yield f"run {refused.run} was refused: {refused.remark}"


def _why_look(gaps: tuple[str, ...], stale: tuple[str, ...], problems: tuple[OpenProblem, ...]) -> Iterator[str]:
    if problems:
        yield f"{len(problems)} open problem{'' if len(problems) == 1 else 's'}"
    if gaps:
        yield f"{len(gaps)} without a fresh reading"
    if stale:
        yield f"{len(stale)} stale"


def render_age(span: timedelta) -> str:
    """A span as people say it: "40 minutes", "7 hours", "3 days"."""
    minutes = max(0, int(span.total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= 2 * size or size == 1:
            number = minutes // size
            return f"{number} {word}{'' if number == 1 else 's'}"
    raise AssertionError(span)


def render_status(status: Status) -> str:
    """One screen."""
    lines = [f"{status.title}: {status.level}" + (f": {'; '.join(status.reasons)}" if status.reasons else ""), ""]
    lines += [f"  {label:<18}{text}" for label, text in _facts(status)]
    if status.problems:
        lines += ["", "Open problems"]
        lines += [f"  {_since(item, status.now)}{item.words or _NO_WORDS}" for item in status.problems]
    return "\n".join(lines)


def _facts(status: Status) -> Iterator[tuple[str, str]]:
    when = status.heartbeat
    yield "Last good run", f"{when:%Y-%m-%d %H:%M} ({render_age(status.now - when)} ago)" if when else "never"
    if status.last is not None:
        yield "Last change", f"run {status.last.run}, {status.last.result}: {status.last.remark}".rstrip(": ")
    yield "Key results", f"{status.mapped + status.manual}: {status.mapped} mapped, {status.manual} manual"
    yield "Held by people", _names(status.held)
    yield "Waiting for you", _names(status.waiting)
    yield "No fresh reading", _names(status.gaps)
    yield "Stale", _names(status.stale)
    if status.untold:
        yield "Not told yet", f"{status.untold}: the next run outside of quiet hours tells it"


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)}: {', '.join(names[:_NAMED])}{more}" if names else "none"


def _since(item: OpenProblem, now: datetime) -> str:
    return f"since {render_day(item.since, now.date())}: " if item.since else ""


def status_json(status: Status) -> dict[str, Any]:
    """The status for programs."""
    last = status.last
    return {
        "level": status.level.name.lower(),
        "reasons": status.reasons,
        "sheet": status.place,
        "heartbeat": status.heartbeat,
        "age_seconds": int((status.now - status.heartbeat).total_seconds()) if status.heartbeat else None,
        "last_run": {"run": last.run, "started": last.started, "result": last.result, "remark": last.remark}
        if last
        else None,
        "mapped": status.mapped,
        "manual": status.manual,
        "held": status.held,
        "waiting": status.waiting,
        "gaps": status.gaps,
        "stale": status.stale,
        "untold": status.untold,
        "problems": [{"message": item.words or None, "since": item.since} for item in status.problems],
    }

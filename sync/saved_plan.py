"""A plan as a file: made now, looked at by a person, applied later exactly as it is or not at all. Pure.

The file holds what the sources answered and the world in which the plan was made. It is applied by making the plan
again from those answers on the sheet as it is then: only if it comes out the same, row by row, is it written. So no
cell address of yesterday is ever written to, and what people do to other cells meanwhile doesn't matter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from mappings.model import Gap, GapKind, Outcome, Reading
from okr.problem import OkrSyncError, Problem, Severity, TextPlace
from sync.plan import Plan
from sync.row_plan import RowPlan
from sync.share import WHOLE, Share
from sync.sheet.ledger import RowKey
from sync.sheet.ledger_text import parse_row_key
from sync.sheet.snapshot import Snapshot

PLAN_VERSION = 1
_NAMED = 6


class StalePlan(OkrSyncError):
    """A saved plan that doesn't fit the world any more. Nothing was written."""


class PlanFileError(OkrSyncError):
    """A file that is no saved plan of ours."""


@dataclass(frozen=True, slots=True)
class PlanWorld:
    """What a plan stands on: the sheet, its epoch and revision, config and mappings (a hash).

    ``part`` is a mark of what a config that shares the sheet left there last: then other configs' runs don't matter
    beyond what they change in its own rows. "" where the config has the whole sheet.
    """

    sheet: str
    epoch: str
    revision: int
    files: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan out of a file. ``now`` is the moment for which it was made, ``heard`` when the sources had answered.

    ``rows`` are the rows that it writes or remembers, each with a hash of what. The wishes are those of the command.
    """

    world: PlanWorld
    now: datetime
    heard: datetime
    outcomes: Mapping[RowKey, Outcome]
    problems: tuple[Problem, ...]
    rows: Mapping[str, str]
    fetch: bool = True
    only: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()
    force: bool = False


def make_world(snapshot: Snapshot, files: str, share: Share = WHOLE) -> PlanWorld:
    """The world of a plan that is made on this snapshot by the config with this share of it."""
    head = snapshot.ledger.head
    part = "" if share.is_whole else _mark(repr(head.parts.get(share.name)))
    return PlanWorld(snapshot.raw.sheet_id, head.epoch, head.revision, files, part)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def hash_rows(plan: Plan) -> dict[str, str]:
    """What the plan writes and remembers, by row; addresses are no part of it."""
    return {str(row.key): _hash_row(row) for row in plan.rows}


def _hash_row(row: RowPlan) -> str:
    cells = sorted((str(write.field), str(write.value), str(write.note), write.note_only) for write in row.cells)
    told = [(change.field.value, str(change.old), str(change.new)) for change in row.history]
    waits = [(item.field.value, str(item.value)) for item in row.takeovers]
    text = json.dumps([cells, row.line, told, waits], ensure_ascii=False)
    return _mark(text)


def check_world(saved: SavedPlan, world: PlanWorld, heartbeat: datetime | None, now: datetime, age: int) -> None:
    """Whether the plan may be tried. ``heartbeat`` is the config's own, ``age`` how many seconds old readings may be.

    Raises:
        StalePlan: another sheet, other files, a run since then, or readings that are too old.
    """
    made = f"made {saved.now:%Y-%m-%d %H:%M}"
    if saved.world.sheet != world.sheet:
        raise _stale(f"it is for another sheet ({saved.world.sheet}), {made}")
    if saved.world.files != world.files:
        raise _stale(f"the config or the mappings have changed since it was {made}")
    if saved.world.epoch != world.epoch or not _is_unwritten(saved.world, world):
        raise _stale(f"okr-sync has written the sheet since it was {made}")
    if heartbeat is not None and saved.fetch and saved.heard < heartbeat < saved.heard + timedelta(days=1):
        raise _stale(f"a run has asked the sources again since it was {made}")
    if now - saved.heard > timedelta(seconds=age):
        hours = (now - saved.heard) // timedelta(hours=1)
        raise _stale(f"its readings are {hours} hours old; run.plan_age allows {age / 3600:g}")


def _is_unwritten(then: PlanWorld, now: PlanWorld) -> bool:
    """Whether this config has written nothing since: nobody has, or only others that share the sheet."""
    return then.part == now.part and (then.revision == now.revision or now.part != "")


def check_same(saved: SavedPlan, plan: Plan) -> None:
    """Whether the plan came out as it was saved.

    Raises:
        StalePlan: it would write something else now.
    """
    found = hash_rows(plan)
    other = [key for key in {**saved.rows, **found} if saved.rows.get(key) != found.get(key)]
    if not other:
        return
    ids = [parsed.id if (parsed := parse_row_key(key)) else key for key in other]
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    raise _stale(f"people have edited the sheet, and it would come out otherwise for {', '.join(ids[:_NAMED])}{more}")


def _stale(reason: str) -> StalePlan:
    return StalePlan(
        f"the saved plan was refused: {reason}. Nothing was written.",
        fix="Make a new one: okr-sync plan --out FILE.",
    )


def render_saved(saved: SavedPlan, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The file's content, for JSON. ``shown`` is the plan in OKR terms, for people and programs that look at it."""
    return {
        "kind": "okr-sync plan",
        "world": {
            "sheet": saved.world.sheet,
            "epoch": saved.world.epoch,
            "revision": saved.world.revision,
            "files": saved.world.files,
            "part": saved.world.part,
        },
        "now": saved.now.isoformat(),
        "heard": saved.heard.isoformat(),
        "wishes": {
            "fetch": saved.fetch,
            "only": sorted(saved.only),
            "accept": sorted(saved.accept),
            "force": saved.force,
        },
        "readings": {str(key): _render_outcome(outcome) for key, outcome in saved.outcomes.items()},
        "problems": [_render_problem(problem) for problem in saved.problems],
        "rows": dict(saved.rows),
        "plan": shown,
    }


def _render_outcome(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Gap):
        return {
            "gap": outcome.kind.value,
            "reason": outcome.reason,
            "fix": outcome.fix,
            "source": outcome.source,
            "doubted": None if outcome.doubted is None else str(outcome.doubted),
            "place": _render_place(outcome.place),
        }
    return {
        "value": str(outcome.value),
        "as_of": outcome.as_of.isoformat(),
        "detail": outcome.detail,
        "steps": {name: str(share) for name, share in outcome.steps.items()},
        "parts": _render_parts(outcome),
    }


def _render_parts(reading: Reading) -> list[str] | None:
    """The done and the whole of a share."""
    done, whole = reading.numerator, reading.denominator
    return None if done is None or whole is None else [str(done), str(whole)]


def _render_place(place: object) -> list[Any] | None:
    if not isinstance(place, TextPlace):
        return None
    return [place.file, place.line, place.column, place.path, place.length]


def _render_problem(problem: Problem) -> list[Any]:
    place = _render_place(problem.place)
    return [problem.code, problem.message, place, problem.fix, problem.subject, problem.severity.value]


def parse_saved(text: str, name: str) -> SavedPlan:
    """The plan that ``render_saved`` wrote. ``name`` is how people name the file.

    Raises:
        PlanFileError: it is none, or of a newer okr-sync.
    """
    try:
        parts = json.loads(text)
        version = parts["version"]
        if parts["kind"] == "okr-sync plan" and version == PLAN_VERSION:
            return _parse_saved(parts)
    except (ValueError, ArithmeticError, TypeError, AttributeError, LookupError, RecursionError):
        fix = "okr-sync plan --out FILE writes one."
        raise PlanFileError(f"{name} is no plan that okr-sync has saved. Nothing was written.", fix=fix) from None
    raise PlanFileError(
        f"{name} is a plan of another okr-sync (version {version}, this one reads {PLAN_VERSION}).",
        fix="Make it anew with this one. Nothing was written.",
    )


def _parse_saved(parts: Mapping[str, Any]) -> SavedPlan:
    world, wishes = parts["world"], parts["wishes"]
    return SavedPlan(
        world=_parse_world(world),
        now=_parse_moment(parts["now"]),
        heard=_parse_moment(parts["heard"]),
        outcomes={_parse_key(key): _parse_outcome(item) for key, item in parts["readings"].items()},
        problems=tuple(_parse_problem(*item) for item in parts["problems"]),
        rows={str(key): str(mark) for key, mark in parts["rows"].items()},
        fetch=bool(wishes["fetch"]),
        only=frozenset(map(str, wishes["only"])),
        accept=frozenset(map(str, wishes["accept"])),
        force=bool(wishes["force"]),
    )


def _parse_world(world: Mapping[str, Any]) -> PlanWorld:
    texts = {name: str(world[name]) for name in ("sheet", "epoch", "files", "part")}
    return PlanWorld(revision=int(world["revision"]), **texts)


def _parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its offset")
    return moment


def _parse_key(text: str) -> RowKey:
    key = parse_row_key(text)
    if key is None:
        raise ValueError(f"no row: {text}")
    return key


def _parse_outcome(item: Mapping[str, Any]) -> Outcome:
    if "gap" in item:
        doubted = None if item["doubted"] is None else Decimal(item["doubted"])
        kind, place = GapKind(item["gap"]), _parse_place(item["place"])
        return Gap(kind, str(item["reason"]), item["fix"], item["source"], doubted, place)
    steps = {str(name): Decimal(share) for name, share in item["steps"].items()}
    done, whole = map(Decimal, item["parts"]) if item["parts"] else (None, None)
    moment = _parse_moment(item["as_of"])
    return Reading(Decimal(item["value"]), moment, done, whole, detail=str(item["detail"]), steps=steps)


def _parse_place(parts: list[Any] | None) -> TextPlace | None:
    return TextPlace(*parts) if parts is not None else None


def _parse_problem(
    code: str, message: str, place: list[Any] | None, fix: str | None, subject: str | None, severity: str
) -> Problem:
    return Problem(code, message, _parse_place(place), fix, subject, Severity(severity))

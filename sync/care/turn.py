"""``cycle close`` and ``cycle reopen``: what is frozen, under which title, and what stands in the way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from okr.calendar import render_day
from okr.model import Cycle
from okr.problem import OkrSyncError
from sync.cycles import widen
from sync.engine import Engine
from sync.plan import Plan
from sync.plan_turn import Turn
from sync.run import RunReport, RunWishes, apply_run, preview
from sync.sheet.layout import Field


class CycleRefused(OkrSyncError):
    """The cycle can't be closed or reopened so; nothing was written."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A cycle that would be closed: the plan of it; ``None`` where it is closed already, and since when."""

    cycle: Cycle
    engine: Engine
    plan: Plan | None
    since: str = ""

    @property
    def title(self) -> str:
        """The title of the frozen tab."""
        return self.plan.turn.title if self.plan and self.plan.turn else ""

    @property
    def rows_title(self) -> str:
        """The title of the tab with the rows."""
        return self.plan.turn.rows_title if self.plan and self.plan.turn else ""


def find_closing(engine: Engine, cycle: Cycle) -> Closing:
    """What closing a cycle would write. Reads the sheet; asks no source; writes nothing.

    Raises:
        CycleRefused: the sheet has no key result of that cycle.
    """
    wide = widen(engine, cycle)
    turn = Turn(cycle.name, choose_title(cycle.name, engine.store.fetch_titles()))
    plan = preview(wide, RunWishes(fetch=False, turn=turn))
    closed = plan.snapshot.ledger.head.closed.get(cycle.name)
    if closed is not None:
        return Closing(cycle, wide, None, f"{render_day(closed, plan.day)} {closed.year}")
    if all(kr.key.cycle != cycle.name for kr in plan.snapshot.okrs.key_results):
        raise CycleRefused(
            f"the sheet has no key result of {cycle.name}. Nothing was written.",
            fix="okr-sync cycle review shows the last cycle that is over.",
        )
    return Closing(cycle, wide, plan)


def choose_title(cycle: str, titles: Collection[str]) -> str:
    """A title that no tab has, nor the tab of its rows: "2026-Q3 closed"; "2026-Q3 closed (2)" for a cycle that was
    closed before.
    """
    taken, number = {title.casefold() for title in titles}, 1
    turn = Turn(cycle, f"{cycle} closed")
    while taken & {turn.title.casefold(), turn.rows_title.casefold()}:
        number += 1
        turn = Turn(cycle, f"{cycle} closed ({number})")
    return turn.title


def close_cycle(closing: Closing) -> RunReport:
    """Write it: grades, the frozen tab, History, the ledger's head, all in one."""
    assert closing.plan is not None
    return apply_run(closing.engine, RunWishes(fetch=False, turn=closing.plan.turn))


def find_marked(plan: Plan) -> int:
    """How many rows get the name of their cycle."""
    return sum(write.field is Field.CYCLE for row in plan.rows for write in row.cells)


def reopen_cycle(engine: Engine, cycle: Cycle) -> RunReport | None:
    """Let runs write a cycle's rows again, as long as it is open by its days. ``None``: it isn't closed.

    Raises:
        CycleRefused: the config closes it.
    """
    configured = next((item for item in engine.project.config.calendar.cycles if item.name == cycle.name), None)
    if configured is not None and configured.closed:
        raise CycleRefused(
            f"{cycle.name} is closed in {engine.project.config.file}. Nothing was written.",
            fix=f"Take “closed: true” out of calendar.cycles.{cycle.name}.",
        )
    turn = Turn(cycle.name)
    plan = preview(engine, RunWishes(fetch=False, turn=turn))
    if cycle.name not in plan.snapshot.ledger.head.closed:
        return None
    return apply_run(engine, RunWishes(fetch=False, turn=turn))

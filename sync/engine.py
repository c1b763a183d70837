"""A run's surroundings, and which cycles are open in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.base import Surroundings
from okr.calendar import current_cycle, make_cycles, open_cycles
from okr.model import Cycle
from sync.load import Project
from sync.sheet.store import Store


@dataclass(frozen=True, slots=True)
class Engine:
    """A run's surroundings, all injected: the project, its store, the clock, the environment.

    ``make_id`` names runs. ``also`` are cycles that are read though they aren't open: one that is reviewed or closed.
    """

    project: Project
    store: Store
    around: Surroundings
    environ: Mapping[str, str]
    make_id: Callable[[datetime], str]
    on_progress: Callable[[int, int, str], None] | None = None
    also: tuple[Cycle, ...] = ()

    def now(self) -> datetime:
        """The present moment in the company's zone."""
        return self.around.now().astimezone(ZoneInfo(self.project.config.timezone))


def find_cycles(engine: Engine, today: date) -> tuple[dict[str, Cycle], dict[str, Cycle]]:
    """All cycles by name, and those that are read, with the one first that an empty Cycle cell means."""
    config = engine.project.config
    also = {cycle.name: cycle for cycle in engine.also}
    current = current_cycle(config.calendar, today)
    cycles = {**make_cycles((), config.calendar), current.name: current, **also}
    running = open_cycles(cycles, today, config.scoring.settle_days)
    return cycles, {current.name: current, **{cycle.name: cycle for cycle in running}, **also}

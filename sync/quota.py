"""Waiting until a quota of writes is there again. What it refused was not done: it is planned anew, never resent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from connectors.wire import Patience
from sync.engine import Engine
from sync.sheet.store_error import SheetOverQuota

log = logging.getLogger(__name__)

LONGEST = 300.0
"""Seconds after which no more is waited, as for reads: a quota by the minute is back long before."""

Result = TypeVar("Result")


class QuotaWaits:
    """How long a run may still wait: a few minutes, and not beyond its time (``run.budget``).

    ``spent`` are the seconds of that time which are gone.
    """

    def __init__(self, engine: Engine, spent: float = 0.0) -> None:
        self._around = engine.around
        left = min(LONGEST, float(engine.project.config.budget) - spent)
        self._until = self._around.monotonic() + left

    def wait(self, error: SheetOverQuota) -> None:
        """Wait as long as the service asks for, and up to a second more: others wait for the same minute.

        Raises:
            SheetOverQuota: there is no time for it. Nothing was written.
        """
        seconds = error.wait + Patience().jitter(0.0, 1.0)
        if self._around.monotonic() + seconds >= self._until:
            raise error
        log.warning("%s Reading and planning again in %.0f s.", error.message, seconds)
        self._around.sleep(seconds)

    def planned_anew(self, write: Callable[[], Result]) -> Result:
        """What ``write`` gives, which reads and plans by itself; done again each time that the quota refused it."""
        while True:
            try:
                return write()
            except SheetOverQuota as error:
                self.wait(error)

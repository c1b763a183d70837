"""What Acme has in the bank: one record a week, as its finance team types it in on Fridays."""

from __future__ import annotations

import random
from decimal import Decimal

from sandbox.airtable_base import Table
from sandbox.world_time import FIRST_DAY, LAST_DAY, Points, Season, level

_CASH: Points = ((FIRST_DAY, 2_450_000), (-59, 1_980_000), (-14, 2_260_000), (0, 2_160_000), (35, 2_300_000))


def fill_balance(season: Season, table: Table) -> None:
    """Write a record for every Friday."""
    rng = random.Random(f"balance {season.today}")  # noqa: S311 - a made-up world, and repeatable
    friday = FIRST_DAY + (4 - season.date(FIRST_DAY).weekday()) % 7
    for day in range(friday, LAST_DAY, 7):
        cash = Decimal(round(100 * (level(_CASH, day) + rng.uniform(-20_000, 20_000)))) / 100
        table.add(season.moment(day + 0.9), {"Week": f"To {season.date(day)}", "Day": season.date(day), "Cash": cash})

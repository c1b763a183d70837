"""Acme's invoices: issued to customers, due after 30 days, paid early, late or not yet."""

from __future__ import annotations

import random

from sandbox.airtable_base import Table
from sandbox.world_accounts import Customers
from sandbox.world_time import CYCLE_DAY, FIRST_DAY, LAST_DAY, Points, Season, Share, Spread, level

INVOICES = 400  # until today

_TERM = 30
_ON_TIME: Points = ((FIRST_DAY, 0.36), (CYCLE_DAY, 0.38), (-45, 0.56), (0, 0.64), (35, 0.7))
_LATE: Points = ((FIRST_DAY, 46), (CYCLE_DAY - 30, 45), (-30, 30), (0, 26), (35, 20))


class Billing:
    """Fills Invoices."""

    def __init__(self, season: Season, table: Table, customers: Customers) -> None:
        self.season, self.table, self.customers = season, table, customers
        self.rng = random.Random(season.rng.random())  # noqa: S311 - a made-up world, and repeatable

    def fill(self) -> None:
        """Send about nine invoices a week."""
        rate = (1 - FIRST_DAY + 30) / INVOICES
        on_time, size, late = Share(self.rng), Spread(self.rng), Spread(self.rng)
        for number in range(INVOICES + round(LAST_DAY / rate)):
            day = FIRST_DAY - 30 + (number + self.rng.random()) * rate
            due = day + _TERM
            if on_time.draw(level(_ON_TIME, due)):
                days = -round(9 * self.rng.random())
            else:
                days = max(1, round(level(_LATE, due) * (0.3 + 1.4 * late.draw())))
            self._bill(number, day, days, size.draw())

    def _bill(self, number: int, day: float, days: int, size: float) -> None:
        due = day + _TERM
        amount = round(3_500 + 18_500 * size**1.6, 2)
        issued = self.season.date(day)
        record = self.table.add(
            self.season.moment(day),
            {"Invoice": f"AC-{issued.year}-{number + 1:04}", "Amount EUR": amount, "Status": "Open",
             "Issued": issued, "Due": self.season.date(due),
             "Account": (self.rng.choice(self.customers.records[:200]).id,)},
        )  # fmt: skip
        if days > 0 and due + 1 <= LAST_DAY:
            disputed = days > 30 and self.rng.random() < 0.15
            self.table.change(record, self.season.moment(due + 1), {"Status": "Disputed" if disputed else "Overdue"})
        paid = due + days
        if paid <= LAST_DAY:
            at = max(self.season.moment(paid + 0.99), record.changes[-1][0] if record.changes else record.created)
            self.table.change(record, at, {"Status": "Paid", "Paid": self.season.date(paid), "Days late": days})

"""Acme's customers: when they sign, go live, plan with the cost view, and leave."""

from __future__ import annotations

import random
from typing import Any

from sandbox.airtable_base import Record, Table
from sandbox.world_time import CYCLE_DAY, FIRST_DAY, LAST_DAY, Points, Season, Share, Spread, level
from sandbox.world_words import house

ACCOUNTS = 250  # until today
SEGMENTS = ("Hospital", "Hotel", "Care home", "Retail")
REGIONS = ("DACH", "Iberia", "Nordics", "Benelux")

_OLD = 150  # of them signed before the nine months that are told
_LIVE_DAYS: Points = ((FIRST_DAY, 51), (CYCLE_DAY - 45, 51), (CYCLE_DAY, 32), (0, 27), (35, 25))
_TRAINED: Points = ((CYCLE_DAY - 40, 1.4), (CYCLE_DAY + 20, 2.9), (0, 3.3))
_ERROR: Points = ((CYCLE_DAY - 30, 0.092), (CYCLE_DAY, 0.09), (0, 0.056), (35, 0.045))


class Customers:
    """Fills Accounts: customers who signed over the years, some of whom are going live or leaving."""

    def __init__(self, season: Season, table: Table) -> None:
        self.season, self.table, self.rng = season, table, random.Random(season.rng.random())  # noqa: S311
        self.records: list[Record] = []
        self.signed: list[float] = []

    def fill(self) -> None:
        """Sign about two customers a week; those from before come first."""
        live, cost, leaving = Spread(self.rng), Share(self.rng), Share(self.rng)
        for number in range(ACCOUNTS + round(ACCOUNTS * 0.06)):
            recent = number - _OLD
            rate = (1 - FIRST_DAY) / (ACCOUNTS - _OLD)
            signed = (
                self.rng.uniform(-900, FIRST_DAY) if recent < 0 else FIRST_DAY + (recent + self.rng.random()) * rate
            )
            self._sign(number, signed, live.draw(), cost)
            if recent < 0 and leaving.draw(0.2):
                self._leave(self.records[number], self.rng.uniform(FIRST_DAY, LAST_DAY))

    def _sign(self, number: int, signed: float, luck: float, cost: Share) -> None:
        segment = self.rng.choices(SEGMENTS, (5, 4, 3, 2))[0]
        region = self.rng.choices(REGIONS, (5, 3, 2, 2))[0]
        size = round(self.rng.lognormvariate(5.3, 0.5))
        record = self.table.add(
            self.season.moment(signed),
            {"Account": house(number), "Status": "Customer", "Segment": segment, "Region": region,
             "Employees": size if self.rng.random() < 0.92 else None, "MRR EUR": 10 * round(size * 0.85),
             "Signed": self.season.date(signed),
             "Success manager": self.rng.choice(("Grace Mwangi", "Benedikt Huber", "Sun-hee Park"))},
        )  # fmt: skip
        self.records.append(record)
        self.signed.append(signed)
        self._go_live(record, signed, luck)
        self._use_cost_view(record, signed, cost)

    def _go_live(self, record: Record, signed: float, luck: float) -> None:
        days = max(6, round(level(_LIVE_DAYS, signed + 30) * (0.35 + 1.15 * luck**1.15)))
        day = signed + days
        if day > LAST_DAY:
            return
        trained = max(0, round(level(_TRAINED, day) + self.rng.uniform(-1.4, 1.4)))
        values: dict[str, Any] = {"Live on": self.season.date(day), "Days to live": days}
        if trained:
            values["Planners trained"] = trained
        self.table.change(record, self.season.moment(day), values)

    def _use_cost_view(self, record: Record, signed: float, cost: Share) -> None:
        if not cost.draw(0.36):
            return
        begun = max(signed + 45, (CYCLE_DAY - 50) + 130 * self.rng.random())
        if begun > LAST_DAY:
            return
        self._set(record, begun, {"Cost view": True})
        for month in range(int(begun) + 10, LAST_DAY, 30):
            error = level(_ERROR, month)
            self._set(record, month, {"Forecast error": round(error * self.rng.uniform(0.75, 1.25), 3)})

    def _leave(self, record: Record, day: float) -> None:
        self._set(record, day, {"Status": "Left", "Left": self.season.date(day), "MRR EUR": None})

    def _set(self, record: Record, day: float, values: dict[str, Any]) -> None:
        at = self.season.moment(day)
        last = record.changes[-1][0] if record.changes else record.created
        self.table.change(record, max(at, last), values)

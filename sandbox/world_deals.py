"""Acme's deals: what comes in, how long it takes, what is won, and why the rest is lost."""

from __future__ import annotations

import random
from typing import Any

from sandbox.airtable_base import Record, Table
from sandbox.world_accounts import REGIONS, SEGMENTS, Customers
from sandbox.world_time import CYCLE_DAY, FIRST_DAY, LAST_DAY, Points, Season, Share, Spread, level
from sandbox.world_words import house

DEALS = 650  # until today

_FIRST = FIRST_DAY - 60
_WIN_RATE: Points = ((FIRST_DAY, 0.19), (CYCLE_DAY, 0.21), (0, 0.27), (35, 0.30))
_PILOT_WIN_RATE: Points = ((FIRST_DAY, 0.34), (CYCLE_DAY, 0.36), (0, 0.58), (35, 0.6))
_SIZE: Points = ((FIRST_DAY, 1.0), (CYCLE_DAY - 45, 1.0), (0, 1.25), (35, 1.3))
_DAYS: Points = ((FIRST_DAY, 76), (CYCLE_DAY - 30, 74), (0, 55), (35, 48))
_STAGES = (("Demo", 0.15, 0.25), ("Proposal", 0.4, 0.5), ("Negotiation", 0.7, 0.75))
_AMOUNT = {"Hospital": 17_500, "Hotel": 14_000, "Care home": 10_500, "Retail": 12_500}
_SELLER = {"DACH": "Lars Dekker", "Iberia": "Inés Carrasco", "Nordics": "Henrik Lindqvist", "Benelux": "Lars Dekker"}
_SOURCES = ("Web", "Referral", "Outbound", "Event", "Partner")


class Sales:
    """Fills Deals."""

    def __init__(self, season: Season, table: Table, customers: Customers) -> None:
        self.season, self.table, self.customers = season, table, customers
        self.rng = random.Random(season.rng.random())  # noqa: S311 - a made-up world, and repeatable
        self.wins, self.pilot_wins, self.pilots = Share(self.rng), Share(self.rng), Share(self.rng)
        self.size, self.speed, self.source = Spread(self.rng), Spread(self.rng), Spread(self.rng)

    def fill(self) -> None:
        """Open about fifteen deals a week and see each to its end."""
        rate = (1 - _FIRST) / DEALS
        created = [_FIRST + (number + self.rng.random()) * rate for number in range(DEALS + round(LAST_DAY / rate))]
        lasts = [level(_DAYS, day + 60) * (0.5 + self.speed.draw()) for day in created]
        closing = sorted(range(len(created)), key=lambda number: created[number] + lasts[number])
        fates = {number: self._decide(created[number] + lasts[number]) for number in closing}
        for number, day in enumerate(created):
            won, pilot = fates[number]
            self._live(self._open(number, day, pilot), day, lasts[number], won=won)

    def _decide(self, day: float) -> tuple[bool, bool]:
        pilot = self.pilots.draw(0.22)
        if pilot:
            return self.pilot_wins.draw(level(_PILOT_WIN_RATE, day)), True
        return self.wins.draw(level(_WIN_RATE, day)), False

    def _open(self, number: int, day: float, pilot: bool) -> Record:
        expansion = self.rng.random() < 0.3
        segment = self.rng.choices(SEGMENTS, (5, 4, 3, 2))[0]
        region = self.rng.choices(REGIONS, (5, 3, 2, 2))[0]
        amount = _AMOUNT[segment] * level(_SIZE, day + 60) * (0.55 if expansion else 1.15) * (0.5 + self.size.draw())
        values: dict[str, Any] = {
            "Deal": f"{house(number + 37)} {'more wards' if expansion else 'planner'}",
            "Stage": "Qualified",
            "Type": "Expansion" if expansion else "New",
            "Amount EUR": int(round(amount, -2)),
            "Probability": 0.1,
            "Created": self.season.date(day),
            "Owner": _SELLER[region],
            "Segment": segment,
            "Region": region,
            "Source": self._source(day),
            "Pilot": pilot,
        }
        if expansion:
            values["Account"] = (self.rng.choice(self.customers.records[:150]).id,)
        return self.table.add(self.season.moment(day), values)

    def _source(self, day: float) -> str | None:
        by_itself = level(((FIRST_DAY, 0.4), (CYCLE_DAY, 0.45), (0, 0.62)), day)
        luck = self.source.draw()
        if luck < by_itself:
            return self.rng.choice(_SOURCES[:2])
        return self.rng.choice(_SOURCES[2:]) if luck < 0.96 else None

    def _live(self, record: Record, day: float, lasts: float, *, won: bool) -> None:
        for stage, at, chance in _STAGES:
            if won or self.rng.random() < 0.85:
                self._set(record, day + at * lasts, {"Stage": stage, "Probability": chance})
        closed = day + lasts
        if closed > LAST_DAY:
            return
        end: dict[str, Any] = {"Closed": self.season.date(closed), "Days to close": round(lasts)}
        if won:
            end |= {"Stage": "Won", "Probability": 1, "Account": self._account(record, closed)}
        else:
            reasons = ("Price", "Competitor", "No decision", "Missing feature", None)
            end |= {"Stage": "Lost", "Probability": 0, "Lost because": self.rng.choice(reasons)}
        self._set(record, closed, end)

    def _account(self, record: Record, closed: float) -> tuple[str, ...]:
        """Return the account that an expansion has already, or the one that signed about that day."""
        already = record.first.get(self._field("Account"))
        if isinstance(already, tuple):
            return already
        signed = self.customers.signed
        nearest = min(range(len(signed)), key=lambda number: abs(signed[number] - closed))
        return (self.customers.records[nearest].id,)

    def _field(self, name: str) -> str:
        found = self.table.field(name)
        assert found is not None
        return found.id

    def _set(self, record: Record, day: float, values: dict[str, Any]) -> None:
        at = self.season.moment(day)
        last = record.changes[-1][0] if record.changes else record.created
        self.table.change(record, max(at, last), values)

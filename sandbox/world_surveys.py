"""Acme's survey base in the Airtable stand-in: what planners and staff answer, one record per answer."""

from __future__ import annotations

import random
from typing import Any

from sandbox.airtable_base import Base, Table, choices, column
from sandbox.world_time import CYCLE_DAY, FIRST_DAY, LAST_DAY, Points, Season, Share, Spread, level
from sandbox.world_words import house

ANSWERS = 300  # until today

_PROMOTERS: Points = ((FIRST_DAY, 0.41), (CYCLE_DAY - 40, 0.42), (0, 0.53), (35, 0.56))
_DETRACTORS: Points = ((FIRST_DAY, 0.24), (CYCLE_DAY - 40, 0.24), (0, 0.18), (35, 0.16))
_MINUTES: Points = ((FIRST_DAY, 178), (CYCLE_DAY - 20, 172), (CYCLE_DAY + 20, 118), (0, 88), (35, 72))
_EFFORT: Points = ((FIRST_DAY, 4.85), (CYCLE_DAY - 30, 4.9), (CYCLE_DAY + 20, 5.4), (0, 5.65), (35, 5.8))
_CALLED: Points = ((CYCLE_DAY, 0.4), (CYCLE_DAY + 5, 0.75), (0, 0.88), (35, 0.95))
_COMMENTS = (
    "Auto-fill saves me a Sunday", "Split shifts are still by hand", "The app logs me out", "Swaps work well now",
    "Support called me back, thank you", "Holidays across two years are wrong", "Too many clicks to publish",
)  # fmt: skip


def make_surveys(season: Season, id_: str) -> Base:
    """Make the base with its table, filled."""
    base = Base(id_, "Surveys")
    table = _add_table(base)
    _Answers(season, table).fill()
    return base


def _add_table(base: Base) -> Table:
    return base.add_table(
        "NPS",
        column("Response", "autoNumber"),
        column("House", "singleLineText"),
        column("Role", "singleSelect", **choices("Planner", "Staff", "Manager")),
        column("Score", "number", precision=0),
        column("Effort", "number", precision=0),
        column("Minutes to publish", "number", precision=0),
        column("Asked", "dateTime", dateFormat={"name": "iso", "format": "YYYY-MM-DD"},
               timeFormat={"name": "24hour", "format": "HH:mm"}, timeZone="Europe/Berlin"),
        column("Answered", "dateTime", dateFormat={"name": "iso", "format": "YYYY-MM-DD"},
               timeFormat={"name": "24hour", "format": "HH:mm"}, timeZone="Europe/Berlin"),
        column("Channels", "multipleSelects", **choices("Web", "App", "E-mail")),
        column("Comment", "multilineText"),
        column("Follow-up", "singleSelect", **choices("To call", "Called")),
        column("May quote", "checkbox", icon="check", color="greenBright"),
    )  # fmt: skip


class _Answers:
    """Fills NPS."""

    def __init__(self, season: Season, table: Table) -> None:
        self.season, self.table = season, table
        self.rng = random.Random(season.rng.random())  # noqa: S311 - a made-up world, and repeatable
        self.mood, self.effort, self.minutes = Spread(self.rng), Spread(self.rng), Spread(self.rng)
        self.called = Share(self.rng)

    def fill(self) -> None:
        """Ask every working day; nine in ten answer within days."""
        rate = (1 - FIRST_DAY) / ANSWERS
        for number in range(ANSWERS + round(LAST_DAY / rate)):
            asked = FIRST_DAY + (number + self.rng.random()) * rate
            record = self.table.add(
                self.season.moment(asked, any_hour=True),
                {"House": house(self.rng.randrange(200)), "Asked": self.season.moment(asked, any_hour=True),
                 "Channels": tuple(self.rng.sample(("Web", "App", "E-mail"), self.rng.choice((0, 1, 1, 2)))),
                 "Role": ("Planner", "Staff", "Planner", "Manager", "Staff")[number % 5]},
            )  # fmt: skip
            answered = asked + self.rng.uniform(0.1, 4)
            if self.rng.random() < 0.08 or answered > LAST_DAY:
                continue
            at = self.season.moment(answered, any_hour=True)
            values = self._answer(answered, planner=number % 5 in (0, 2)) | {"Answered": at}
            self.table.change(record, at, values)
            if values["Score"] is not None and values["Score"] <= 6 and self.called.draw(level(_CALLED, answered)):
                call = self.season.moment(answered + 1.5)
                self.table.change(record, max(call, at), {"Follow-up": "Called"})

    def _answer(self, day: float, *, planner: bool) -> dict[str, Any]:
        score = self._score(day)
        values: dict[str, Any] = {
            "Score": score if self.rng.random() < 0.97 else None,
            "Effort": min(7, max(1, round(level(_EFFORT, day) + 2.6 * (self.effort.draw() - 0.5)))),
            "Comment": self.rng.choice(_COMMENTS) if self.rng.random() < 0.35 else None,
            "May quote": score >= 9 and self.rng.random() < 0.5,
            "Follow-up": "To call" if score <= 6 else None,
        }
        if planner:
            values["Minutes to publish"] = 10 * round(level(_MINUTES, day) * (0.055 + 0.09 * self.minutes.draw()))
        return values

    def _score(self, day: float) -> int:
        mood = self.mood.draw()
        if mood < level(_PROMOTERS, day):
            return self.rng.choice((9, 9, 10))
        if mood > 1 - level(_DETRACTORS, day):
            return self.rng.choice((3, 4, 5, 5, 6, 6))
        return self.rng.choice((7, 8, 8))

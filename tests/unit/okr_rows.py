"""Short ways to write key results, objectives and what is known of them, for tables of cases."""

from datetime import date
from decimal import Decimal

from okr.model import Cycle, Key, KeyResult, Kind, Objective, Origin, Point, Standing, Step

CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
TODAY = date(2026, 11, 22)  # 53 of 92 days: 0.5761 of the time


def number(text):
    return None if text is None else Decimal(str(text))


def key_result(name="K", kind=Kind.INCREASE, *, baseline=None, target=10, target_to=None, weight=1, **rest):
    return KeyResult(
        Key("2026-Q4", name),
        f"Key result {name}",
        kind=kind,
        baseline=number(baseline),
        target=number(target),
        target_to=number(target_to),
        weight=number(weight),
        **rest,
    )


def objective(name="O", **rest):
    return Objective(Key("2026-Q4", name), f"Objective {name}", **rest)


def step(name, done=None, weight=1, due=None, expected=None):
    return Step(name, due, number(weight), number(expected), number(done))


def reading(value=None, *, points=(), **rest):
    points = tuple(Point(day, number(score)) for day, score in points)
    return Standing(number(value), origin=rest.pop("origin", Origin.READING), points=points, **rest)


def known(**values):
    """Standings by key from values by id."""
    return {
        Key("2026-Q4", name): value if isinstance(value, Standing) else reading(value) for name, value in values.items()
    }

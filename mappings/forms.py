"""The forms of a mapping file. Imports pydantic: import this inside functions.

A form holds what is the same for every source. A query under its source's name, ``measure``, ``within`` and
``where`` are choices with an argument, and have parsers of their own.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from mappings.number import is_plausible, parse_number


def _parse_amount(value: object) -> object:
    """A number, or percent of one: "20 %" is 0.2. Raises ValueError."""
    found = re.fullmatch(r"\s*([-+.\deE]+)\s*%\s*", value) if isinstance(value, str) else None
    if found is None:
        return value
    number = parse_number(found[1])
    if number is None:
        raise ValueError(f"expected a number or a percentage, found “{value}”")
    return number / 100


def _check_size(value: Decimal) -> Decimal:
    if not is_plausible(value):
        raise ValueError("this number is too large or too small")
    return value


def _parse_day(value: object) -> object:
    """A day as 2026-12-31 and nothing else: a number is no day. Raises ValueError."""
    if isinstance(value, str) and not re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", value):
        raise ValueError(f"expected a day as 2026-12-31, found “{value[:40]}”")
    return value.strip() if isinstance(value, str) else value


def _parse_change(value: object) -> object:
    """``max_change``: "20 %" of the last value, or a number. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("write a number, or a percentage of the last value: 20 %")
    return Change.model_validate({"amount": value, "is_share": value.rstrip().endswith("%")})


Number = Annotated[Decimal, AfterValidator(_check_size)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_parse_amount),
    AfterValidator(_check_size),
    WithJsonSchema({"type": "number", "format": "percent"}),
]
Day = Annotated[dt.date, BeforeValidator(_parse_day)]


class Form(BaseModel):
    """Unknown keys are refused, so that a mistyped one can't be lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(Form):
    """How much a value may change at once."""

    amount: Annotated[Amount, Field(ge=0)]
    is_share: bool = False


class GuardForm(Form):
    """Which readings are doubted. Doubted readings leave the last good value in place."""

    min: Amount | None = Field(None, description="Doubt values below this, in the unit of the Target cell")
    max: Amount | None = Field(None, description="Doubt values above this, in the unit of the Target cell")
    max_change: (
        Annotated[
            Change,
            BeforeValidator(_parse_change),
            WithJsonSchema({"type": "number", "format": "percent", "minimum": 0}),
        ]
        | None
    ) = Field(None, description="Doubt larger changes at once: 20 % of the last value, or a number")
    zero: Literal["doubt", "believe"] | None = Field(None, description="doubt: a 0 where the last value was none")
    min_records: int | None = Field(None, ge=1, description="Doubt values from fewer records")
    confirm: int | None = Field(None, ge=1, description="Believe what is doubted on so many days")


class PauseForm(Form):
    """A key result that isn't read for a while."""

    until: Day | None = Field(None, description="The first day on which it is read again")
    why: str = Field(min_length=1, description="The reason, for the Why column")


class Common(Form):
    """What every key result's or KPI's entry may say, whatever it reads."""

    scale: Number | None = Field(None, description="The value is multiplied by this: 0.001 for thousands")
    guard: GuardForm = Field(default_factory=GuardForm, description="Which readings are doubted")
    pause: PauseForm | None = Field(None, description="Don't read it for a while")
    note: str = Field("", description="A remark for those who look after the mapping")


class WithHoles(Form):
    """What is filled into a template's ``${holes}``."""

    holes: dict[str, str] = Field(default_factory=dict, alias="with", description="Values for the template's ${holes}")


class QueryEntry(Common):
    """An entry with a query of its own."""

    missing: Number | None = Field(None, description="What a record without the measured field counts as")


class MetricEntry(Common, WithHoles):
    """An entry that reads a named metric."""

    metric: str = Field(description="The metric's name")


class FormulaEntry(Common, WithHoles):
    """An entry that computes with named metrics."""

    formula: str = Field(description="Arithmetic over named metrics: 100 * won / created")


class StepsEntry(Common):
    """An entry whose value is the share of its steps that are done."""


class ManualEntry(Form):
    """A key result whose Current people type, and are meant to."""

    manual: str = Field(description="How people find the number: Ask the board in the first week", min_length=1)
    every: Literal["week", "month", "quarter", "year"] = Field(
        "week", description="How often they type it; a week after it was due the row turns grey"
    )
    note: str = Field("", description="A remark for those who look after the mapping")


class QueryStep(Form):
    """A step with a query of its own."""

    missing: Number | None = None
    weight: Annotated[Number, Field(gt=0)] | None = Field(None, description="How much the step counts")


class MetricStep(WithHoles):
    """A step that reads a named metric."""

    metric: str
    weight: Annotated[Number, Field(gt=0)] | None = None


class NamedMetric(Form):
    """A named metric; with ``${holes}`` it is a template."""

    missing: Number | None = None
    note: str = ""

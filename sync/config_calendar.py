"""The forms of the company's days: its zone and cycles, and how often owners check in. Imports pydantic."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from connectors.forms import Form, Zone
from mappings.forms import Day
from sync.config_values import Month, parse_span
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Tab


class CycleForm(Form):
    """A cycle that the company names itself."""

    start: Day = Field(description="The first day")
    end: Day = Field(description="The last day; it counts whole")
    closed: bool = Field(False, description="Whether its grades are final: its rows are left alone")

    @model_validator(mode="after")
    def _runs_forward(self) -> CycleForm:
        if self.end <= self.start:
            raise ValueError("end has to come after start")
        return self


class CalendarForm(Form):
    """The company's days: its zone, where its year begins, its own cycles."""

    timezone: Zone = Field("UTC", description="The zone in which a day begins and ends")
    year_starts: Month = Field("january", description="The month in which the fiscal year begins")
    cycles: dict[str, CycleForm] = Field(
        default_factory=dict, description="Cycles that aren't the year's quarters, by name"
    )
    holidays: tuple[Day, ...] = Field(
        default_factory=tuple, description="Days off between Monday and Friday, which are no workdays"
    )


def _check_cadence(cadence: str | dict[str, str]) -> str | dict[str, str]:
    spans = [cadence] if isinstance(cadence, str) else list(cadence.values())
    for span in spans:
        if parse_span(span) < 86400:
            raise ValueError("a check-in a day is the most: write 7d or 2w")
    return cadence


def _check_answers(columns: dict[str, str]) -> dict[str, str]:
    known = sorted(column.header for column in COLUMNS[Tab.CHECK_INS])
    for header in columns:
        if header not in known:
            raise ValueError(f"Check-ins has no column “{header}”; it has {', '.join(known)}")
    return columns


class AnswersForm(Form):
    """A form whose answers are check-ins: the tab that it fills, and its questions."""

    tab: str = Field(description="The title of the tab that the form fills")
    columns: Annotated[dict[str, str], AfterValidator(_check_answers)] = Field(
        default_factory=dict, description="Our column of Check-ins → the form's question"
    )


class CheckInsForm(Form):
    """How often owners check in, and where their answers stand beside the tab Check-ins."""

    cadence: Annotated[str | dict[str, str], AfterValidator(_check_cadence)] = Field(
        "7d", description="How often; or team → how often, with “default” for all others"
    )
    form: AnswersForm | None = Field(None, description="A form whose answers count as check-ins")

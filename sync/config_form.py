"""The form of the whole of ``config.yaml``, what people write; the forms of its parts stand beside it.

Imports pydantic; nothing else of the engine sees these types but ``sync.config``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.forms import Form
from sync.config_calendar import CalendarForm, CheckInsForm
from sync.config_night import AlertsForm, HoldsForm, MessagesForm, RunForm
from sync.config_rules import FreshnessForm, GuardsForm, ObjectivesForm, ScoringForm, StatusForm
from sync.config_sheet import SheetForm


class SourceForm(BaseModel):
    """A source: its kind. All its other keys are the kind's own."""

    model_config = ConfigDict(extra="allow", frozen=True)
    kind: str = Field(description="jira, airtable …")


class ConfigForm(Form):
    """The whole of config.yaml but for the sources' own keys."""

    version: Literal["1"] = Field("1", description="The version of this file's form")
    name: str = Field("", max_length=60, description="The config's name; it is known by it where several share a sheet")
    calendar: CalendarForm = Field(default_factory=CalendarForm)
    sheet: SheetForm
    sources: dict[str, SourceForm] = Field(description="Name → a configured connection")
    mappings: str = Field(description="The mapping file, or a folder of them")
    scoring: ScoringForm = Field(default_factory=ScoringForm)
    status: StatusForm = Field(default_factory=StatusForm)
    objectives: ObjectivesForm = Field(default_factory=ObjectivesForm)
    quality: bool = Field(
        True, description="Whether the column Hint, check --sheet and explain give hints for better OKRs"
    )
    freshness: FreshnessForm = Field(default_factory=FreshnessForm)
    guards: GuardsForm = Field(default_factory=GuardsForm)
    holds: HoldsForm = Field(default_factory=HoldsForm)
    run: RunForm = Field(default_factory=RunForm)
    alerts: AlertsForm = Field(default_factory=AlertsForm)
    messages: MessagesForm = Field(default_factory=MessagesForm)
    checkins: CheckInsForm = Field(default_factory=CheckInsForm)

    @model_validator(mode="after")
    def _has_name(self) -> ConfigForm:
        if self.sheet.rows and not self.name.strip():
            raise ValueError("sheet.rows needs a name for this config: write name: and a word")
        return self

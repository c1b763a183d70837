"""The forms of the rules that numbers are held to: scores, statuses, age, guards. Imports pydantic."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from connectors.forms import Form
from sync.config_values import Limit, Share, Span, Zero


class ScoringForm(Form):
    """How scores are counted."""

    cap: Decimal = Field(Decimal(1), description="The highest score", ge=1)
    aspirational_at: Share = Field(Decimal("0.7"), description="The score at which an aspirational one is achieved")
    settle_days: int = Field(0, description="For how many days after Due values still move", ge=0)


class StatusForm(Form):
    """How a status follows from score and pace: a product's rule by name, or a rule of your own."""

    preset: str | None = Field(None, description="Another product's published rule, with its words")
    rule: Literal["pace_ratio", "pace_gap", "absolute", "forecast"] = Field("pace_ratio", description="The rule's name")
    on_track: Decimal = Field(Decimal("0.9"), description="On track at or above this")
    at_risk: Decimal = Field(Decimal("0.7"), description="At risk at or above this, off track below")
    grace: Share = Field(Decimal("0.1"), description="The share of the time in which nothing is off track yet")

    @model_validator(mode="after")
    def _is_one_rule(self) -> StatusForm:
        beside = sorted(self.model_fields_set - {"preset"})
        if self.preset is not None and beside:
            raise ValueError(f"a preset is a whole rule: drop preset, or drop {', '.join(beside)}")
        return self


class ObjectivesForm(Form):
    """How objectives get their status."""

    status: Literal["weakest", "score"] = Field("weakest", description="From the weakest key result, or from the score")


class FreshnessForm(Form):
    """When a value is old."""

    stale_after: Span = Field("3d", description="After how long a row turns grey")


class GuardsForm(Form):
    """When a whole run is refused because too many readings changed at once; and which single ones are doubted."""

    moved: Limit = Field("any", description="Refuse when more readings than this moved")
    vanished: Limit = Field("20%", description="Refuse when more readings than this vanished")
    doubtful: Limit = Field("20%", description="Refuse when more readings than this are newly doubted")
    zero: Zero = Field(
        "3d", description="A sudden 0 is doubted until that day; believe it at once, or doubt it for good"
    )

"""The forms of what goes on at night: runs, what people typed over, and who is told of it. Imports pydantic."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connectors.forms import Form
from sync.config_values import Span, Told


class AlertsForm(Form):
    """What ops are told."""

    to: list[Told] = Field(default_factory=list, description="Apprise addresses by reference, for what is new or over")
    ping: Told | None = Field(None, description="A dead man's ping by reference: at start, success (URL) and /fail")


class MessagesForm(Form):
    """What owners and leads are told."""

    to: list[Told] = Field(
        default_factory=list, description="Apprise addresses by reference, for statuses that changed"
    )


class HoldsForm(Form):
    """How long what people typed over stays."""

    expire: Span | None = Field(None, description="How long a hold lasts; for ever by default")
    warn: Span = Field("7d", description="How long before that its end is said")
    remind: Span | None = Field(None, description="After how long a hold is told of; never by default")


class RunForm(Form):
    """How a run behaves."""

    budget: Span = Field("15min", description="How long a run may take in all")
    source_budget: Span = Field("5min", description="How long one source may take")
    plan_age: Span = Field("1d", description="How old a saved plan's readings may be when it is applied")
    metrics: str | None = Field(None, description="A file for Prometheus' textfile collector")
    push: Told | None = Field(None, description="A Pushgateway's address by reference: env:NAME")
    partial_exit: Literal["new", "any", "never"] = Field(
        "new", description="When a run with problems exits with 4: for new ones, for any, or never"
    )

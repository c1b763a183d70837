"""The forms of what goes on at night: runs, what people typed over, and who is told of it. Imports pydantic."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connectors.forms import Form, Zone
from sync.config_values import Clock, Span, Told, Weekday


class AlertsForm(Form):
    """What ops are told."""

    to: list[Told] = Field(default_factory=list, description="Apprise addresses by reference, for what is new or over")
    problems: Literal["new", "any"] = Field(
        "new", description="Told of new problems, or of all that are open each time"
    )
    ping: Told | None = Field(None, description="A dead man's ping by reference: at start, success (URL) and /fail")


class RouteForm(Form):
    """Where a part of the messages goes. What isn't named is all of it."""

    to: list[Told] = Field(description="Apprise addresses by reference", min_length=1)
    kinds: list[Literal["status", "won", "check-ins", "digest"]] = Field(
        default_factory=list, description="Which kinds of message; all by default"
    )
    teams: list[str] = Field(default_factory=list, description="Only about key results of these teams")
    owners: list[str] = Field(default_factory=list, description="Only about key results of these owners")


class QuietForm(Form):
    """When nobody is told anything: the message waits for the next run after that."""

    from_: Clock = Field("00:00", alias="from", description="The first quiet minute: 20:00")
    to: Clock = Field("00:00", description="The first minute that isn't quiet any more: 07:00")
    days: list[Weekday] = Field(default_factory=list, description="Days that are quiet whole: saturday")
    timezone: Zone | None = Field(None, description="On whose clock; calendar.timezone by default")


class MessagesForm(Form):
    """What owners and leads are told."""

    to: list[Told] = Field(default_factory=list, description="Apprise addresses by reference, for all messages")
    routes: list[RouteForm] = Field(default_factory=list, description="Addresses that get a part of the messages")
    weekly: Weekday | None = Field(None, description="The day of the weekly digest; none by default")
    quiet: QuietForm | None = Field(None, description="When nobody is told anything; never by default")


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

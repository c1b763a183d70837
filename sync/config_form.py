"""The forms of ``config.yaml``, what people write. Imports pydantic; nothing else of the engine sees these types."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.forms import Form, Zone
from connectors.secret import check_reference
from mappings.forms import Day
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field as SheetField
from sync.sheet.layout import Role, Tab

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip


def _parse_month(text: str) -> str:
    folded = text.strip().casefold()
    if not any(month == folded or month[:3] == folded for month in _MONTHS):
        raise ValueError("write a month's name, such as April")
    return folded


_SPAN = re.compile(r"(\d+)\s*(s|min|h|d|w)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_span(text: str) -> int:
    """A span of time in seconds: "90s", "10min", "2h", "3d", "1w". Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError("write a number and a unit, such as 10min, 2h or 3d")
    return int(match[1]) * _SECONDS[match[2]]


def _check_span(text: str) -> str:
    if parse_span(text) == 0:
        raise ValueError("write more than nothing, such as 10min, 2h or 3d")
    return text


Month = Annotated[str, AfterValidator(_parse_month)]
Span = Annotated[str, AfterValidator(_check_span)]
Share = Annotated[Decimal, Field(ge=0, le=1)]


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


def _check_tabs(tabs: dict[str, str]) -> dict[str, str]:
    known = {tab.value: tab.value for tab in Tab if tab is not Tab.LEDGER}
    for name in tabs:
        if name not in known:
            raise ValueError(f"“{name}” is no tab of ours; they are {', '.join(sorted(known))}")
    counts = Counter((known | tabs).values())
    for name, title in tabs.items():
        if counts[title] > 1:
            raise ValueError(f"{name} can't be “{title}”: another tab has that title; each needs one of its own")
    return tabs


def _check_columns(columns: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    tabs = {tab.value: tab for tab in COLUMNS}
    for tab, headers in columns.items():
        if tab not in tabs:
            raise ValueError(f"“{tab}” is no tab of ours; they are {', '.join(sorted(tabs))}")
        known = {column.header: column for column in COLUMNS[tabs[tab]]}
        for header, text in headers.items():
            if header not in known:
                raise ValueError(f"{tab} has no column “{header}”; it has {', '.join(sorted(known))}")
            if not text.strip() and (known[header].required or known[header].role is not Role.PERSON):
                raise ValueError(f"okr-sync can't do without {header}; write your column's header, or leave it out")
    return columns


def _check_credentials(text: str) -> str:
    try:
        check_reference(text)
    except ValueError:
        raise ValueError("write where the key is: file:service-account.json, or env:NAME") from None
    return text


class SheetForm(Form):
    """Where the sheet is and how it is treated. Either ``google`` or ``workbook``."""

    google: str | None = Field(None, description="The spreadsheet's address or id")
    workbook: str | None = Field(None, description="The path of an .xlsx file, from this file's folder")
    credentials: Annotated[str, AfterValidator(_check_credentials)] | None = Field(
        None, description="The service account's key by reference: file:service-account.json or env:NAME"
    )
    endpoint: str | None = Field(None, description="Another server in Google's place: the sandbox")
    tabs: Annotated[dict[str, str], AfterValidator(_check_tabs)] = Field(
        default_factory=dict, description="Our tab → your tab's title"
    )
    columns: Annotated[dict[str, dict[str, str]], AfterValidator(_check_columns)] = Field(
        default_factory=dict, description="Our tab → our column → your column's header; empty: you have none"
    )
    takeover: bool = Field(False, description="Write over values that stood in machine columns before okr-sync")
    heartbeat: bool = Field(True, description="Note the time of a run that changes nothing")
    refresh: Literal["daily", "weekly", "change"] = Field(
        "daily", description="How often what only time moves is rewritten"
    )
    rows: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default_factory=tuple, description="Patterns of the ids that this config keeps, where several share the sheet"
    )

    @model_validator(mode="after")
    def _is_somewhere(self) -> SheetForm:
        if (self.google is None) == (self.workbook is None):
            raise ValueError(
                "write either google: (the spreadsheet's address) or workbook: (the path of an .xlsx file)"
            )
        if self.google is not None and self.credentials is None:
            raise ValueError("a Google sheet needs credentials: file:service-account.json")
        return self


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


_LIMIT = re.compile(r"(\d{1,3}) ?%")


def parse_limit(text: str) -> Decimal | None:
    """A share of the readings: "20%" is 0.2, "any" is no limit. Raises ValueError."""
    if text.strip() == "any":
        return None
    match = _LIMIT.fullmatch(text.strip())
    if not match or int(match[1]) > 100:
        raise ValueError("write a percentage, such as 20%, or any")
    return Decimal(match[1]) / 100


def parse_zero(text: str) -> int | None:
    """On which day a sudden 0 is believed: "3d" is the third, "believe" at once (0), "doubt" never (None)."""
    if text in ("believe", "doubt"):
        return 0 if text == "believe" else None
    match = re.fullmatch(r"([1-9]\d?) ?d", text.strip())
    if not match:
        raise ValueError("write a number of days, such as 3d, or believe, or doubt")
    return int(match[1])


def _check_limit(text: str) -> str:
    parse_limit(text)
    return text


def _check_zero(text: str) -> str:
    parse_zero(text)
    return text


Limit = Annotated[str, AfterValidator(_check_limit)]


class GuardsForm(Form):
    """When a whole run is refused because too many readings changed at once; and which single ones are doubted."""

    moved: Limit = Field("any", description="Refuse when more readings than this moved")
    vanished: Limit = Field("20%", description="Refuse when more readings than this vanished")
    doubtful: Limit = Field("20%", description="Refuse when more readings than this are newly doubted")
    zero: Annotated[str, AfterValidator(_check_zero)] = Field(
        "3d", description="A sudden 0 is doubted until that day; believe it at once, or doubt it for good"
    )


def _check_told(text: str) -> str:
    try:
        check_reference(text)
    except ValueError:
        raise ValueError("such an address is a secret: write where it is, env:NAME or file:PATH") from None
    return text


Told = Annotated[str, AfterValidator(_check_told)]


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
    quality: bool = Field(True, description="Whether check --sheet and explain give hints for better OKRs")
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


def header_fields(columns: dict[str, dict[str, str]]) -> dict[Tab, dict[SheetField, str]]:
    """``sheet.columns`` with our own words for tabs and columns."""
    return {
        Tab(tab): {column.field: headers[column.header] for column in COLUMNS[Tab(tab)] if column.header in headers}
        for tab, headers in columns.items()
    }

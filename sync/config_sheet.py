"""The form of the sheet: where it is, what its tabs and columns are called. Imports pydantic."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.forms import Form
from connectors.google_reference import check_google_reference
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field as SheetField
from sync.sheet.layout import Role, Tab


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
        check_google_reference(text)
    except ValueError:
        raise ValueError(
            "write where the key is: file:service-account.json, env:NAME; or application-default, or login"
        ) from None
    return text


class SheetForm(Form):
    """Where the sheet is and how it is treated. Either ``google`` or ``workbook``."""

    google: str | None = Field(None, description="The spreadsheet's address or id")
    workbook: str | None = Field(None, description="The path of an .xlsx file, from this file's folder")
    credentials: Annotated[str, AfterValidator(_check_credentials)] | None = Field(
        None,
        description="The service account's key: file:service-account.json, env:NAME; or application-default, or login",
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
    team: str = Field(
        "", description="Whose tab of key results it is, where several teams keep one each in this sheet", max_length=40
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


def header_fields(columns: dict[str, dict[str, str]]) -> dict[Tab, dict[SheetField, str]]:
    """``sheet.columns`` with our own words for tabs and columns."""
    return {
        Tab(tab): {column.field: headers[column.header] for column in COLUMNS[Tab(tab)] if column.header in headers}
        for tab, headers in columns.items()
    }

"""The forms of Airtable: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

from pydantic import Field

from connectors.forms import Form, Rate, Url
from connectors.secret import Secret


class AirtableOptions(Form):
    """One base."""

    base: str = Field(description="The base's id, from its address: app…", pattern=r"^app[A-Za-z0-9]{14}$")
    token: Secret = Field(description="A personal access token with data.records:read: env:AIRTABLE_TOKEN")
    url: Url = Field("https://api.airtable.com", description="Where the API is")
    rate: Rate = Field(5.0, description="Calls per second; Airtable refuses more than 5 per base")


class AirtableQuery(Form):
    """Which records."""

    table: str = Field(description="The table's name or id", min_length=1)
    view: str | None = Field(None, description="Only the records that this view shows")
    formula: str | None = Field(None, description="Only the records for which this Airtable formula is true")
    where: str | None = Field(None, description="The same as formula; both must hold")

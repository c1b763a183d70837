"""The forms of Jira: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from connectors.forms import Form, Rate, Url, Zone
from connectors.secret import Secret


def _parse_field_id(text: str) -> str:
    if match := re.fullmatch(r"(?:customfield_(\d+)|cf\[(\d+)\])", text.strip()):
        return f"customfield_{match[1] or match[2]}"
    raise ValueError("write the field's id: customfield_10026")


class JiraOptions(Form):
    """A Jira Cloud site.

    A scoped token works only at ``https://api.atlassian.com/ex/jira/CLOUD-ID``; then ``browse_url`` is the site.
    """

    url: Url = Field(description="The site: https://acme.atlassian.net")
    email: str = Field(description="The account whose token it is", min_length=3)
    token: Secret = Field(description="Its API token, by reference: env:JIRA_TOKEN")
    browse_url: Url | None = Field(None, description="Where links to issues lead, when it isn't url")
    timezone: Zone | None = Field(None, description="The account's zone in Jira; asked for when it is needed")
    story_points: Annotated[str, AfterValidator(_parse_field_id)] | None = Field(
        None, description="Which field “Story Points” means, where there are two: customfield_10026"
    )
    rate: Rate | None = Field(None, description="Calls per second; no limit of ours by default")


class JiraQuery(Form):
    """Which issues."""

    jql: str | None = Field(None, description="The issues in JQL; ORDER BY is left out")
    where: str | None = Field(None, description="More JQL that must hold too")

    @model_validator(mode="after")
    def _says_something(self) -> JiraQuery:
        if not (self.jql or self.where):
            raise ValueError("say which issues: jql: 'project = WEB'")
        return self

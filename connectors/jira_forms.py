"""The forms of Jira: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.forms import Form, Rate, Url, Zone
from connectors.secret import Secret


def _parse_field_id(text: str) -> str:
    if match := re.fullmatch(r"(?:customfield_(\d+)|cf\[(\d+)\])", text.strip()):
        return f"customfield_{match[1] or match[2]}"
    raise ValueError("write the field's id: customfield_10026")


class JiraOptions(Form):
    """A Jira site.

    A token with scopes, and a token without an e-mail (OAuth 2.0, a service account), work at Atlassian's gateway only;
    its address for this site is asked for once. Where that can't be, ``url`` may be the gateway's own address,
    ``https://api.atlassian.com/ex/jira/CLOUD-ID``; then ``browse_url`` is the site.
    """

    url: Url = Field(description="The site: https://acme.atlassian.net")
    deployment: Literal["cloud", "datacenter"] = Field("cloud", description="Which Jira: cloud or datacenter")
    email: str | None = Field(
        None, description="The account whose API token it is; left out for a bearer token", min_length=3
    )
    token: Secret = Field(description="The API token, OAuth 2.0 or personal access token: env:JIRA_TOKEN")
    scoped: bool = Field(False, description="Whether it is an API token with scopes (Cloud)")
    gateway: Url = Field("https://api.atlassian.com", description="Where Atlassian's gateway is")
    browse_url: Url | None = Field(None, description="Where links to issues lead, when it isn't url")
    timezone: Zone | None = Field(None, description="The account's zone in Jira; asked for when it is needed")
    story_points: Annotated[str, AfterValidator(_parse_field_id)] | None = Field(
        None, description="Which field “Story Points” means, where there are two: customfield_10026"
    )
    rate: Rate | None = Field(None, description="Calls per second; no limit of ours by default")

    @model_validator(mode="after")
    def _can_be(self) -> JiraOptions:
        if self.scoped and self.deployment == "datacenter":
            raise ValueError("only Jira Cloud has tokens with scopes; leave scoped out")
        return self


class JiraQuery(Form):
    """Which issues."""

    jql: str | None = Field(None, description="The issues in JQL; ORDER BY is left out")
    where: str | None = Field(None, description="More JQL that must hold too")
    approximate: bool = Field(False, description="Whether Jira Cloud's own estimate of a count will do: one call")

    @model_validator(mode="after")
    def _says_something(self) -> JiraQuery:
        if not (self.jql or self.where):
            raise ValueError("say which issues: jql: 'project = WEB'")
        return self

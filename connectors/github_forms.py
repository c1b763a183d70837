"""The forms of GitHub: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from connectors.forms import Form, Rate, Url
from connectors.secret import Secret

_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def parse_repos(found: Any) -> Any:
    """One repository or several, each as owner/name. Raises ValueError."""
    names = [found] if isinstance(found, str) else found
    if isinstance(names, list):
        for name in names:
            if not isinstance(name, str) or not _REPO.fullmatch(name) or name.endswith("/.."):
                raise ValueError("write a repository as owner/name, such as acme/web")
    return names


Repos = Annotated[list[str], BeforeValidator(parse_repos)]


class GithubOptions(Form):
    """One account on GitHub, and the repositories that its queries are about."""

    repo: Repos | None = Field(None, description="The repository, owner/name, or a list of them")
    token: Secret = Field(description="A fine-grained personal access token that may read them: env:GITHUB_TOKEN")
    url: Url = Field("https://api.github.com", description="GitHub Enterprise Server: https://HOST/api/v3")
    searches: int = Field(30, ge=1, le=1000, description="Searches a minute; GitHub refuses more than 30")
    rate: Rate | None = Field(None, description="Other calls per second; no limit of ours by default")


class GithubQuery(Form):
    """Which records."""

    list: Literal["issues", "pulls", "releases", "runs", "milestones"] = Field(description="What is listed")
    search: str | None = Field(
        None, description="issues, pulls: only what GitHub's search finds: label:bug no:assignee"
    )
    repo: Repos | None = Field(None, description="Other repositories than the source's")
    workflow: str | None = Field(None, description="runs: of this workflow, by its file: ci.yml", pattern=r"^[\w.-]+$")
    branch: str | None = Field(None, description="runs: on this branch", min_length=1)

    @model_validator(mode="after")
    def _takes_its_keys(self) -> GithubQuery:
        if self.search is not None and self.list not in {"issues", "pulls"}:
            raise ValueError("GitHub searches issues and pulls only; use where: {…} for the others")
        if (self.workflow or self.branch) and self.list != "runs":
            raise ValueError("workflow and branch belong to list: runs")
        return self

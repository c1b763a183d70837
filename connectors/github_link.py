"""Where people look at what a query of GitHub found. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from connectors.github_grammar import GithubBody
from connectors.github_lists import SEARCHED
from connectors.github_search import compile_search
from mappings.model import Filter


def make_page(url: str, repos: Sequence[str], body: GithubBody, only: Filter) -> str | None:
    """The address of a page with the records, or with all of their kind; ``None`` where none shows several
    repositories. ``url`` is that of the API.
    """
    site = find_site(url)
    if body.list in SEARCHED:
        text = compile_search(body.list, body.search, only).text
        if len(repos) == 1:
            return f"{site}/{repos[0]}/{body.list}?{urlencode({'q': text})}"
        kind = "pullrequests" if body.list == "pulls" else "issues"
        return f"{site}/search?{urlencode({'q': ' '.join([*(f'repo:{name}' for name in repos), text]), 'type': kind})}"
    return f"{site}/{repos[0]}/{_page_of(body)}" if len(repos) == 1 else None


def find_site(url: str) -> str:
    """Where people look: github.com, a server without its /api/v3, or a company's own SUBDOMAIN.ghe.com."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}{parts.path.removesuffix('/api/v3')}"


def _page_of(body: GithubBody) -> str:
    if body.list != "runs":
        return body.list
    path = f"actions/workflows/{body.workflow}" if body.workflow else "actions"
    return f"{path}?{urlencode({'query': f'branch:{body.branch}'})}" if body.branch else path

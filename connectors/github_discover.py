"""What repositories have that a mapping can name: labels, milestones, workflows. Asks through ``github``.

"List labels for a repository", "List milestones" and "List repository workflows" of GitHub's REST reference; without a
repository, "List repositories for the authenticated user" says which there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.base import SourceMisread, SourceRefused
from connectors.findings import Findings, Item, Listing

ListAll = Callable[..., list[dict[str, Any]]]
_GREEN = "{share: {conclusion: success}}"


def discover(list_all: ListAll, source: str, repos: tuple[str, ...]) -> Findings:
    """Three calls for each repository, more where a list is longer than a page. Raises SourceError."""
    try:
        if not repos:
            found = [_repo(each) for each in list_all("user/repos")]
            return Findings((Listing("Repositories", tuple(found), f"write one as sources.{source}.repo"),))
        listings = tuple(listing for repo in repos for listing in _describe(list_all, repo))
    except (KeyError, TypeError, AttributeError):
        raise SourceMisread(f"{source} described its repositories in an unknown shape.") from None
    return Findings(tuple(each for each in listings if each.items or each.note), tuple(_mapping(source, listings)))


def _describe(list_all: ListAll, repo: str) -> Iterator[Listing]:
    yield Listing(f"Labels of {repo}", tuple(map(_label, list_all(f"repos/{repo}/labels"))))
    yield Listing(f"Milestones of {repo}", tuple(map(_milestone, list_all(f"repos/{repo}/milestones"))))
    try:
        workflows, note = list_all(f"repos/{repo}/actions/workflows", "workflows"), ""
    except SourceRefused as error:  # a token may see issues and no Actions; that stops nothing
        if error.everything:
            raise
        workflows, note = [], f"not listed: {error.message}"
    yield Listing(f"Workflows of {repo}", tuple(map(_workflow, workflows)), note)


def _repo(each: Mapping[str, Any]) -> Item:
    return Item(each["full_name"], kind="private" if each.get("private") else "public", note=each["description"] or "")


def _label(each: Mapping[str, Any]) -> Item:
    return Item(each["name"], note=each.get("description") or "")


def _milestone(each: Mapping[str, Any]) -> Item:
    due = f", due {str(each['due_on'])[:10]}" if each.get("due_on") else ""
    total = each["open_issues"] + each["closed_issues"]
    return Item(each["title"], str(each["number"]), each["state"], f"{each['closed_issues']} of {total} closed{due}")


def _workflow(each: Mapping[str, Any]) -> Item:
    return Item(each["name"], str(each["path"]).rpartition("/")[2], each["state"])


def _mapping(source: str, listings: tuple[Listing, ...]) -> Iterator[str]:
    """Key results as these repositories could have them."""
    yield f"KR-1: {{{source}: pulls, within: {{28d: merged}}, measure: {{median: hours_to_merge}}}}"
    first = {word: next((each.items[0] for each in listings if each.title.startswith(word) and each.items), None)
             for word in ("Milestones", "Workflows")}  # fmt: skip
    if milestone := first["Milestones"]:
        query = f"{{list: issues, where: {{milestone: {_text(milestone.name)}}}}}"
        yield f"KR-2: {{{source}: {query}, measure: percent_done}}"
    if workflow := first["Workflows"]:
        query = f"{{list: runs, workflow: {_text(workflow.id)}, where: {{status: completed}}}}"
        yield f"KR-3: {{{source}: {query}, within: {{28d: created}}, measure: {_GREEN}}}"


def _text(name: str) -> str:
    """A name in quotes, in which only the quote itself means anything to YAML."""
    return "'" + name.replace("'", "''") + "'"

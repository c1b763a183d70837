"""Comments, logged work, votes, watches and links as JSON, in the shapes of Atlassian's OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sandbox.jira_extras import Comment, Link, LinkType, Work
from sandbox.jira_issue import Row
from sandbox.jira_json import JiraJson
from sandbox.jql_names import time_left, work_ratio

EXTRA_FIELDS = frozenset(
    {"comment", "issuelinks", "timeestimate", "timespent", "votes", "watches", "worklog", "workratio"}
)


class ExtrasJson:
    """Renders for one asker; ``short`` names another issue."""

    def __init__(self, render: JiraJson, short: Callable[[str], dict[str, Any]]) -> None:
        self.render = render
        self.short = short

    def value(self, row: Row, name: str) -> Any:
        """Render one of the extra fields of an issue."""
        match name:
            case "comment":
                return self.page(row, "comment", "comments", [self.comment(row, each) for each in row.extras.comments])
            case "worklog":
                return self.page(row, "worklog", "worklogs", [self.work(row, each) for each in row.extras.work])
            case "votes":
                return {"self": self._link(row, "votes"), "votes": len(row.extras.votes), "hasVoted": False}
            case "watches":
                count = len(row.extras.watches)
                return {"self": self._link(row, "watchers"), "watchCount": count, "isWatching": False}
            case "issuelinks":
                return [self.link(each) for each in row.extras.links]
            case "timespent":
                return row.extras.spent()
            case "timeestimate":
                return time_left(row)
            case _:
                return -1 if (ratio := work_ratio(row)) is None else ratio

    def page(self, row: Row, road: str, name: str, items: list[Any]) -> dict[str, Any]:
        """Render all comments or all logged work as the one page that an issue shows."""
        here = {} if name == "worklogs" else {"self": self._link(row, road)}
        return here | {name: items, "maxResults": len(items), "total": len(items), "startAt": 0}

    def comment(self, row: Row, comment: Comment) -> dict[str, Any]:
        """Render a comment."""
        return {
            "self": f"{self._link(row, 'comment')}/{comment.id}",
            "id": str(comment.id),
            "author": self.render.user(comment.by),
            "body": self._body(comment.text),
            "updateAuthor": self.render.user(comment.by),
            "created": self.render.time(comment.at),
            "updated": self.render.time(comment.at),
            "jsdPublic": True,
        }

    def work(self, row: Row, work: Work) -> dict[str, Any]:
        """Render logged work."""
        hours, minutes = divmod(work.seconds // 60, 60)
        return {
            "self": f"{self._link(row, 'worklog')}/{work.id}",
            "author": self.render.user(work.by),
            "updateAuthor": self.render.user(work.by),
            "comment": self._body(work.text),
            "created": self.render.time(work.at),
            "updated": self.render.time(work.at),
            "started": self.render.time(datetime.combine(work.day, time(), work.at.tzinfo)),
            "timeSpent": " ".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m")) if count) or "0m",
            "timeSpentSeconds": work.seconds,
            "id": str(work.id),
            "issueId": str(row.issue.id),
        }

    def link(self, link: Link) -> dict[str, Any]:
        """Render one end of a link."""
        return {
            "id": str(link.id),
            "self": f"{self.render.rest}/issueLink/{link.id}",
            "type": self.link_type(link.type),
            "outwardIssue" if link.outward else "inwardIssue": self.short(link.other),
        }

    def link_type(self, kind: LinkType) -> dict[str, Any]:
        """Render a type of link."""
        link = f"{self.render.rest}/issueLinkType/{kind.id}"
        return {"id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward, "self": link}

    def _link(self, row: Row, road: str) -> str:
        return f"{self.render.rest}/issue/{row.issue.id}/{road}"

    def _body(self, text: str) -> Any:
        return document(text) if self.render.rich else text


def document(text: str) -> dict[str, Any]:
    """Make the Atlassian Document Format of a text, one paragraph a line."""
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []} for line in text.split("\n")
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}

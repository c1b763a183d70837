"""GitHub's search of issues, as far as its documentation tells: qualifiers, minus, commas, parentheses with OR.

Written from "Searching issues and pull requests"; it knows nothing of how the connector writes a search.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

Test = Callable[[dict[str, Any]], bool]
_TOKEN = re.compile(r'\(|\)|(?:[^\s()"]|"[^"]*")+')
_DATES = {"created": "created_at", "updated": "updated_at", "closed": "closed_at"}


class Invalid(Exception):
    """What GitHub answers with 422."""


def parse(text: str) -> Test:
    """A search as a test of an issue. Raises Invalid."""
    tokens = _TOKEN.findall(text)
    test, rest = _any(tokens)
    if rest:
        raise Invalid("The search contains unmatched parentheses.")
    return test


def words(text: str, name: str) -> list[str]:
    """The values of a qualifier, such as the repositories of ``repo:``."""
    return [token.partition(":")[2] for token in _TOKEN.findall(text) if token.startswith(f"{name}:")]


def _any(tokens: list[str]) -> tuple[Test, list[str]]:
    first, rest = _all(tokens)
    tests = [first]
    while rest and rest[0] == "OR":
        another, rest = _all(rest[1:])
        tests.append(another)
    return (lambda issue: any(test(issue) for test in tests)), rest


def _all(tokens: list[str]) -> tuple[Test, list[str]]:
    tests: list[Test] = []
    while tokens and tokens[0] not in {")", "OR"}:
        if tokens[0] == "(":
            inner, rest = _any(tokens[1:])
            if not rest:
                raise Invalid("The search contains unmatched parentheses.")
            tests.append(inner)
            tokens = rest[1:]
        else:
            tests.append(_term(tokens[0]))
            tokens = tokens[1:]
    return (lambda issue: all(test(issue) for test in tests)), tokens


def _term(token: str) -> Test:
    if token.startswith("-"):
        inner = _term(token[1:])
        return lambda issue: not inner(issue)
    name, colon, value = token.partition(":")
    if not colon:
        word = token.strip('"').lower()
        return lambda issue: word in issue["title"].lower()
    if name in {*_DATES, "merged"}:
        return _dated(name, value)
    if name == "is" or name == "state":
        return _is(value)
    values = [each.lower() for each in _values(value)]
    readers: dict[str, Callable[[dict[str, Any]], list[str]]] = {
        "repo": lambda issue: [issue["repository_url"].partition("/repos/")[2]],
        "label": lambda issue: [label["name"] for label in issue["labels"]],
        "author": lambda issue: [_login(issue["user"]["login"])],
        "assignee": lambda issue: [_login(each["login"]) for each in issue["assignees"]],
        "milestone": lambda issue: [issue["milestone"]["title"]] if issue["milestone"] else [],
        "reason": lambda issue: [str(issue["state_reason"] or "").replace("_", " ")],
        "draft": lambda issue: [str(issue.get("draft", False)).lower()],
        "type": lambda issue: ["pr" if "pull_request" in issue else "issue"],
        "no": lambda issue: [each for each in ("milestone", "assignee", "label") if not issue[_plural(each)]],
    }
    if name not in readers:  # a word that happens to hold a colon
        return lambda issue: token.lower() in issue["title"].lower()
    read = readers[name]
    return lambda issue: bool({each.lower() for each in read(issue)} & set(values))


def _login(name: str) -> str:
    return f"app/{name.removesuffix('[bot]')}" if name.endswith("[bot]") else name


def _plural(name: str) -> str:
    return name if name == "milestone" else f"{name}s"


def _values(text: str) -> Iterator[str]:
    for quoted, bare in re.findall(r'"([^"]*)"|([^,"]+)', text):
        yield quoted or bare


def _is(value: str) -> Test:
    def merged(issue: dict[str, Any]) -> bool:
        return bool((issue.get("pull_request") or {}).get("merged_at"))

    tests: dict[str, Test] = {
        "issue": lambda issue: "pull_request" not in issue,
        "pr": lambda issue: "pull_request" in issue,
        "open": lambda issue: issue["state"] == "open",
        "closed": lambda issue: issue["state"] == "closed",
        "merged": merged,
        "unmerged": lambda issue: "pull_request" in issue and not merged(issue),
    }
    if value not in tests:
        raise Invalid(f"is:{value} is not understood")
    return tests[value]


def _dated(name: str, value: str) -> Test:
    first, dots, last = value.partition("..")
    if value.startswith(">="):
        first, last = value[2:], "9999-12-31T00:00:00Z"
    elif value.startswith("<"):
        first, last = "0001-01-01T00:00:00Z", (datetime.fromisoformat(value[1:]) - timedelta(seconds=1)).isoformat()
    elif not dots:
        raise Invalid("only ranges, >= and < are understood")
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last) + timedelta(microseconds=999_999)

    def test(issue: dict[str, Any]) -> bool:
        text = (issue.get("pull_request") or {}).get("merged_at") if name == "merged" else issue[_DATES[name]]
        return text is not None and start <= datetime.fromisoformat(text) <= end

    return test

"""What a Jira site has that a mapping can use. Asks through the client that ``jira`` makes; knows no library.

Addresses and shapes: "The Jira Cloud platform REST API" v3 and "Jira Software Cloud REST API" 1.0
(developer.atlassian.com). Which field holds story points is said by the field's ``schema.custom`` and, surer, by
each board's ``estimation.field``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from connectors.base import SourceError, SourceMisread
from connectors.findings import Findings, Item, Listing, Part

_ESTIMATE = "com.pyxis.greenhopper.jira:jsw-story-points"
_NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_MOST = 1000  # of one sort; a larger site is better searched in Jira itself
_LOOKED_INTO = 10  # boards asked for their settings and sprints, projects asked for their versions


class Fetch(Protocol):
    """One GET of the site; ``agile`` is the other API. Raises SourceError."""

    def __call__(self, path: str, *, agile: bool = False, **params: Any) -> Any:
        """The JSON of the answer."""
        ...


def discover(fetch: Fetch, source: str, story_points: str | None) -> Findings:
    """Everything that is cheap to list: about a dozen calls, and two for each of the first boards.

    What the account may not see is said in its listing and stops nothing else. Raises SourceError where the site
    as a whole doesn't answer.
    """
    try:
        return _discover(fetch, source, story_points)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise SourceMisread(f"{source} described itself in an unknown shape.") from None


def _discover(fetch: Fetch, source: str, story_points: str | None) -> Findings:
    fields = sorted(fetch("field"), key=lambda each: str(each["name"]).lower())
    projects, more_projects = _pages(fetch, "project/search")
    boards, boards_note = _try(lambda: _pages(fetch, "board", agile=True))
    estimates = _estimates(fetch, boards[:_LOOKED_INTO])
    types = fetch("issuetype")
    listings = (
        Listing("Projects", tuple(map(_project, projects)), more_projects),
        Listing("Issue types", _distinct(Item(each["name"], kind=_level(each)) for each in types)),
        Listing("Statuses", _distinct(map(_status, fetch("status")))),
        _story_points(fields, estimates, source, story_points),
        Listing("Fields", tuple(map(_field, fields))),
        Listing("Boards", tuple(_board(each, estimates) for each in boards), boards_note),
        _sprints(fetch, boards),
        _versions(fetch, projects),
        _filters(fetch),
        _labels(fetch),
    )
    points = _best_points(fields, estimates, story_points)
    parts = tuple(
        Part(each["name"], each["key"], tuple(_mapping(source, each["key"], types, points))) for each in projects
    )
    mapping = parts[0].mapping if parts else ()
    return Findings(tuple(listing for listing in listings if listing.items or listing.note), mapping, parts)


def _pages(fetch: Fetch, path: str, *, agile: bool = False, **params: Any) -> tuple[list[dict[str, Any]], str]:
    """All pages of a list, up to ``_MOST`` things; and what to say where there are more."""
    found: list[dict[str, Any]] = []
    while True:
        page = fetch(path, agile=agile, startAt=len(found), maxResults=50, **params)
        values = page.get("values") if isinstance(page, Mapping) else None
        if not isinstance(values, list):
            raise SourceMisread(f"Jira listed {path} in an unknown shape.")
        found += values
        if page.get("isLast", True) or not values:
            return found, ""
        if len(found) >= _MOST:
            return found, f"the first {len(found):,}; there are more"


def _try(fetch: Callable[[], tuple[list[dict[str, Any]], str]]) -> tuple[list[dict[str, Any]], str]:
    """A list that an account may well not be allowed to see, or that a site without Jira Software hasn't got.

    The fields were listed before, so the login is right: Jira answers 401 also where a token lacks one scope.
    """
    try:
        return fetch()
    except SourceError as error:
        return [], f"not listed: {error.message}"


def _distinct(items: Iterable[Item]) -> tuple[Item, ...]:
    """Team-managed projects have statuses and types of their own, mostly of the same names."""
    return tuple({(item.name, item.kind): item for item in items}.values())


def _project(each: Mapping[str, Any]) -> Item:
    return Item(each["name"], each["key"], "team-managed" if each.get("style") == "next-gen" else "")


def _level(each: Mapping[str, Any]) -> str:
    level = each.get("hierarchyLevel", 0)
    return "sub-task" if each.get("subtask") else "epic" if level == 1 else ""


def _status(each: Mapping[str, Any]) -> Item:
    return Item(each["name"], kind=(each.get("statusCategory") or {}).get("name", ""))


def _field(each: Mapping[str, Any]) -> Item:
    schema = each.get("schema") or {}
    kind = schema.get("type", "")
    kind = f"{kind} of {schema['items']}" if kind == "array" and schema.get("items") else kind
    return Item(each["name"], each["id"], kind)


def _board(each: Mapping[str, Any], estimates: Mapping[int, str]) -> Item:
    place = (each.get("location") or {}).get("projectKey", "")
    estimate = f"estimates in {estimates[each['id']]}" if estimates.get(each["id"]) else ""
    return Item(each["name"], str(each["id"]), each.get("type", ""), ", ".join(filter(None, (place, estimate))))


def _estimates(fetch: Fetch, boards: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """The field in which each board estimates, by the board's number; boards that tell none are left out."""
    found: dict[int, str] = {}
    for board in boards:
        if board.get("type") == "kanban":
            continue
        try:
            settings = fetch(f"board/{board['id']}/configuration", agile=True)
            found[board["id"]] = ((settings.get("estimation") or {}).get("field") or {}).get("fieldId", "")
        except SourceError:
            continue
    return found


def _points(fields: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The fields that may hold story points, and why each may."""
    for each in fields:
        custom = (each.get("schema") or {}).get("custom", "")
        if custom == _ESTIMATE:
            yield each, "the estimate of team-managed projects"
        elif custom == _NUMBER and "story point" in str(each["name"]).lower():
            yield each, "a number field of that name, as company-managed projects have it"


def _story_points(
    fields: Iterable[Mapping[str, Any]], estimates: Mapping[int, str], source: str, chosen: str | None
) -> Listing:
    items = []
    for each, why in _points(fields):
        used = sum(1 for field in estimates.values() if field == each["id"])
        boards = f"{used} board{'' if used == 1 else 's'} estimate{'s' if used == 1 else ''} in it" if used else ""
        mine = f"chosen under sources.{source}" if each["id"] == chosen else ""
        items.append(Item(each["name"], each["id"], "number", "; ".join(filter(None, (mine, boards, why)))))
    note = ""
    if len(items) > 1 and not chosen:
        best = _best_points(fields, estimates, None)
        note = f"several may be meant: set sources.{source}.story_points: {best}, or name the field by its id"
    return Listing("Story points", tuple(items), note)


def _best_points(fields: Iterable[Mapping[str, Any]], estimates: Mapping[int, str], chosen: str | None) -> str:
    """The field that most boards estimate in, of those that may hold story points."""
    candidates = [each["id"] for each, _ in _points(fields)]
    used = list(estimates.values())
    return chosen or max(candidates, key=used.count, default="")


def _sprints(fetch: Fetch, boards: list[dict[str, Any]]) -> Listing:
    scrum = [board for board in boards if board.get("type") != "kanban"]
    items: list[Item] = []
    for board in scrum[:_LOOKED_INTO]:
        path = f"board/{board['id']}/sprint"
        sprints, _ = _try(partial(_pages, fetch, path, agile=True, state="active,future"))
        items += [Item(each["name"], str(each["id"]), each.get("state", ""), board["name"]) for each in sprints]
    rest = len(scrum) - _LOOKED_INTO
    return Listing(
        "Sprints, active and future", tuple(items), f"of the first {_LOOKED_INTO} boards" if rest > 0 else ""
    )


def _versions(fetch: Fetch, projects: list[dict[str, Any]]) -> Listing:
    items: list[Item] = []
    for project in projects[:_LOOKED_INTO]:
        versions, _ = _try(partial(_pages, fetch, f"project/{project['key']}/version", status="unreleased"))
        items += [Item(each["name"], str(each["id"]), note=project["key"]) for each in versions]
    rest = len(projects) - _LOOKED_INTO
    return Listing(
        "Versions not yet released", tuple(items), f"of the first {_LOOKED_INTO} projects" if rest > 0 else ""
    )


def _filters(fetch: Fetch) -> Listing:
    found, note = _try(lambda: _pages(fetch, "filter/search", expand="jql"))
    return Listing(
        "Filters", tuple(Item(each["name"], str(each["id"]), note=each.get("jql", "")) for each in found), note
    )


def _labels(fetch: Fetch) -> Listing:
    """One page of a thousand: sites grow labels without end."""

    def first() -> tuple[list[dict[str, Any]], str]:
        page = fetch("label", maxResults=_MOST)
        names = [{"name": str(name)} for name in page["values"]]
        return names, "" if page.get("isLast", True) else f"the first {len(names):,}; there are more"

    found, note = _try(first)
    return Listing("Labels", tuple(Item(each["name"]) for each in found), note)


def _mapping(source: str, key: str, types: Iterable[Mapping[str, Any]], points: str) -> Iterator[str]:
    """Three key results as this project could have them: done share, a count within the cycle, points."""
    names = {str(each["name"]) for each in types if not each.get("subtask")}
    kind = next((name for name in ("Bug", "Story", "Task") if name in names), min(names, default=""))
    only = f' AND issuetype = "{kind}"' if kind else ""
    yield f"KR-1: {{{source}: 'project = \"{key}\"', measure: percent_done}}"
    yield f"KR-2: {{{source}: 'project = \"{key}\"{only}', within: {{cycle: created}}, measure: count}}"
    if points:
        yield f"KR-3: {{{source}: 'project = \"{key}\"', measure: {{percent_done: {points}}}}}"

"""What a GitHub query may say: a list, a search, a workflow, a branch. Sends nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import github_search as search
from connectors.github_lists import DATES, SEARCHED, STATUSES, say_unknown, say_unlikely
from connectors.words import say_filter
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class GithubBody:
    """What is listed. ``repos`` is empty where the source's own are meant."""

    list: str
    search: str = ""
    repos: tuple[str, ...] = ()
    workflow: str | None = None
    branch: str | None = None


class GithubGrammar:
    """Five lists; the search of issues and pull requests has a language of its own."""

    kind = "github"
    main = "list"
    own_language = frozenset({"search"})

    def form(self) -> type[BaseModel]:
        """``list``, ``search``, ``repo``, ``workflow``, ``branch``."""
        from connectors.github_forms import GithubQuery

        return GithubQuery

    def quote(self, text: str) -> str:
        """A literal of a search."""
        return search.quote(text)

    def escape(self, text: str, quote: str) -> str:
        """The inside of a literal of a search."""
        return search.escape(text)

    def make_body(self, query: Any) -> Hashable:
        """The list to ask for. Raises QueryMistake for a search that can't be one."""
        text = (query.search or "").strip()
        search.check_search(text, query.list)
        return GithubBody(query.list, text, tuple(dict.fromkeys(query.repo or ())), query.workflow, query.branch)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Fields that the list doesn't have, windows over what is no date, what GitHub doesn't tell."""
        assert isinstance(body, GithubBody)
        conditions = (*filter.conditions, *measure.of)
        names = measure.fields | {condition.field for condition in conditions}
        names |= {filter.window.field} if filter.window else set()
        if said := say_unknown(body.list, names):
            return f"{said[0]}. {said[1]}"
        if filter.window and not search.is_date(body.list, filter.window.field):
            dates = ", ".join(sorted(DATES[body.list]))
            return f"“{filter.window.field}” is no date; a window of {body.list} looks at one of {dates}."
        found = [say_unlikely(body.list, each.field, value) for each in conditions for value in each.values]
        return next((said for said in found if said), None) or _say_unmeasurable(body.list, measure)

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``pulls of acme/web, label:bug, where author = ann, merged from 2026-10-01 until before 2027-01-01``."""
        assert isinstance(body, GithubBody)
        of = f" of {' and '.join(body.repos)}" if body.repos else ""
        parts = [body.search, f"workflow {body.workflow}" if body.workflow else ""]
        parts.append(f"branch {body.branch}" if body.branch else "")
        return ", ".join([f"{body.list}{of}", *(part for part in parts if part), *say_filter(filter)])

    def render_sent(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """The search that is sent, for each repository; of the other lists, the dates that GitHub leaves out itself."""
        assert isinstance(body, GithubBody)
        if body.list not in SEARCHED:
            return ""
        return " ".join([*(f"repo:{name}" for name in body.repos), search.compile_search(
            body.list, body.search, filter).text])  # fmt: skip


def _say_unmeasurable(list_: str, measure: Measure) -> str | None:
    if measure.name == "percent_done" and list_ not in (*SEARCHED, "milestones"):
        return f"Nobody closes {list_}; write share: {{conclusion: success}} or the like, with a field of theirs."
    if not measure.reads_timeline or measure.elapsed is None:
        return None
    known = STATUSES.get(list_)
    if known is None:
        return f"Of {list_} GitHub doesn't tell when their status changed; write days: [created, updated] or minutes."
    if {measure.elapsed.start.casefold(), measure.elapsed.end.casefold()} <= set(known):
        return None
    return f"Workdays of {list_} are counted between two of {', '.join(known)}."

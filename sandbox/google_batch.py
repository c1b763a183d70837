"""``spreadsheets.batchUpdate``: requests applied in order, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.google_a1 import check_inside, resolve_range
from sandbox.google_document import Document, Tab
from sandbox.google_error import ApiError, invalid, protected
from sandbox.google_mask import ALL, Mask, below, select
from sandbox.google_range import Area, read_area
from sandbox.google_render import render_spreadsheet
from sandbox.google_schema import Json, clean, messages


class Edit(NamedTuple):
    """Who changes what. ``user`` is an account's e-mail address."""

    document: Document
    user: str

    def tab(self, number: int, what: str = "grid") -> Tab:
        """Return a tab, or refuse in the words of the kind of request."""
        return self.document.tab(number, what)

    def area(self, grid_range: Json | None) -> tuple[Tab, Area]:
        """Return the area of a request's range, cut to the grid. Raises ApiError when it begins outside."""
        area = read_area(grid_range or {})
        tab = self.tab(area.tab)
        check_inside(tab, area)
        return tab, area.clipped(tab.row_count, tab.column_count)

    def check_protection(self, area: Area) -> None:
        """Refuse an edit of cells that somebody protected from this account; a mere warning stops nobody."""
        for tab in self.document.tabs:
            if tab.id == area.tab:
                for each in tab.lists["protectedRanges"]:
                    if self._is_closed(each) and _protects(each, area):
                        raise protected()

    def check_tab_protection(self, tab: Tab) -> None:
        """Refuse a change of the whole tab when any of it is protected from this account."""
        if any(self._is_closed(each) for each in tab.lists["protectedRanges"]):
            raise protected()

    def _is_closed(self, guard: Json) -> bool:
        if guard.get("warningOnly") or self.document.access.get(self.user) == "owner":
            return False
        return self.user not in guard.get("editors", {}).get("users", [])


def _protects(guard: Json, area: Area) -> bool:
    if any(read_area(each).covers(area) for each in guard.get("unprotectedRanges", [])):
        return False
    return "range" in guard and read_area(guard["range"]).meets(area)


Apply = Callable[[Edit, Json], Json | None]
REQUESTS: dict[str, Apply] = {}


def request(*kinds: str) -> Callable[[Apply], Apply]:
    """Mark a function as what applies a kind of request; it returns the reply, if there is one."""

    def mark(apply: Apply) -> Apply:
        for kind in kinds:
            REQUESTS[kind] = apply
        return apply

    return mark


def apply_batch(document: Document, user: str, body: Any, fields: Mask = ALL) -> Json:
    """Apply a BatchUpdateSpreadsheetRequest and return the answer. Raises ApiError; then nothing has changed."""
    _load()
    read = clean("BatchUpdateSpreadsheetRequest", body)
    requests = read.get("requests", [])
    if not requests:
        raise invalid("Must specify at least one request.")
    state = document.save()
    try:
        replies = [_apply(Edit(document, user), place, each) for place, each in enumerate(requests)]
        answer: Json = {"spreadsheetId": document.id, "replies": replies}
        document.touched()
        updated: Json | None = None
        if read.get("includeSpreadsheetInResponse"):
            updated = _updated(document, read, fields)
    except BaseException:
        document.restore(state)
        raise
    answer = select(answer, fields)
    return answer if updated is None else answer | {"updatedSpreadsheet": updated}


def _updated(document: Document, read: Json, fields: Mask) -> Json | None:
    ranges = read.get("responseRanges")
    areas = [resolve_range(document, each)[1] for each in ranges] if ranges else None
    under = below(fields, "updatedSpreadsheet")
    if under is False:
        return None
    return render_spreadsheet(document, under, areas, grid=bool(read.get("responseIncludeGridData")))


def _apply(edit: Edit, place: int, one: Json) -> Json:
    kinds = [kind for kind in one if kind in messages()["Request"]]
    if len(kinds) != 1:
        raise invalid(f"Invalid requests[{place}]: Must specify exactly one kind of request, not {len(kinds)}.")
    kind = kinds[0]
    if kind not in REQUESTS:
        raise ApiError(501, "UNIMPLEMENTED", f"The sandbox's Google Sheets does not serve {kind} (requests[{place}]).")
    try:
        reply = REQUESTS[kind](edit, one[kind])
    except ApiError as error:
        bare = error.code != 400 or error.message.startswith(("Invalid requests[", "You are trying to edit"))
        if bare:
            raise
        raise invalid(f"Invalid requests[{place}].{kind}: {error.message}") from error
    edit.document.forget()
    return {} if reply is None else {kind: reply}


def _load() -> None:
    """Import the modules whose functions apply the kinds of requests."""
    from sandbox import (
        google_batch_cells,
        google_batch_groups,
        google_batch_guards,
        google_batch_lines,
        google_batch_rules,
        google_batch_tabs,
    )

    assert google_batch_cells
    assert google_batch_groups
    assert google_batch_lines
    assert google_batch_guards
    assert google_batch_rules
    assert google_batch_tabs

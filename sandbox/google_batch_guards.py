"""Requests that protect ranges and tabs."""

from __future__ import annotations

import copy

from sandbox.google_batch import Edit, request
from sandbox.google_document import Tab
from sandbox.google_error import invalid
from sandbox.google_mask import merge, parse_update_mask
from sandbox.google_range import read_area
from sandbox.google_schema import Json


@request("addProtectedRange")
def add_protected_range(edit: Edit, body: Json) -> Json:
    """Protect a range or a tab. Without editors, only the account that does it may go on writing there.

    A tab can be protected as a whole once (googleapis/google-api-python-client#1064), a range any number of times.
    """
    guard = copy.deepcopy(body.get("protectedRange", {}))
    area = _guarded(edit, guard)
    tab = edit.tab(area)
    if guard.get("warningOnly") and guard.get("editors"):
        raise invalid("Cannot specify editors when warningOnly is true.")
    if _is_whole(guard) and any(map(_is_whole, tab.lists["protectedRanges"])):
        raise invalid(f'Sheet "{tab.title}" already has sheet protection.')
    number = guard.get("protectedRangeId") or edit.document.new_id()
    if any(
        each["protectedRangeId"] == number for other in edit.document.tabs for each in other.lists["protectedRanges"]
    ):
        raise invalid(f"Protected range with id {number} already exists.")
    guard = {"protectedRangeId": number, **guard, "requestingUserCanEdit": True}
    reply = copy.deepcopy(guard)
    if not guard.get("warningOnly"):
        editors = guard.setdefault("editors", {})
        editors["users"] = sorted({*editors.get("users", []), edit.user})
    tab.lists["protectedRanges"].append(guard)
    return {"protectedRange": reply}


def _guarded(edit: Edit, guard: Json) -> int:
    if "namedRangeId" in guard:
        named = edit.document.named.get(guard["namedRangeId"])
        if named is None:
            raise invalid(f"No named range with id: {guard['namedRangeId']}")
        guard["range"] = dict(named["range"])
    if "range" not in guard:
        raise invalid("Must specify a range to protect.")
    return read_area(guard["range"]).tab


def _is_whole(guard: Json) -> bool:
    return set(guard.get("range", {})) <= {"sheetId"}


def _guard(edit: Edit, number: int) -> tuple[Tab, int]:
    for tab in edit.document.tabs:
        for place, each in enumerate(tab.lists["protectedRanges"]):
            if each["protectedRangeId"] == number:
                return tab, place
    raise invalid(f"No protected range with id: {number}")


@request("updateProtectedRange")
def update_protected_range(edit: Edit, body: Json) -> None:
    """Change a protection."""
    asked = body.get("protectedRange", {})
    mask = parse_update_mask(body.get("fields"), "ProtectedRange")
    tab, place = _guard(edit, asked.get("protectedRangeId", 0))
    old = tab.lists["protectedRanges"].pop(place)
    if edit.user not in old.get("editors", {}).get("users", [edit.user]):
        raise invalid("You are trying to edit a protected cell or object.")
    new = merge(old, asked, mask) | {"protectedRangeId": old["protectedRangeId"]}
    if new.get("warningOnly"):
        new.pop("editors", None)
    edit.tab(read_area(new.get("range", {})).tab).lists["protectedRanges"].append(new)


@request("deleteProtectedRange")
def delete_protected_range(edit: Edit, body: Json) -> None:
    """Take a protection away."""
    tab, place = _guard(edit, body.get("protectedRangeId", 0))
    del tab.lists["protectedRanges"][place]

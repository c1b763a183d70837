"""Proof, on the real sheet, that two overlapping runs can't both write.

The law rests on what Google does with a request that it must refuse: nothing of the whole call may land. Deleting a
tab that isn't there is refused (seen live: "No sheet with id"), adding an id that exists is an error (documented).
Both are tried. Each trial first adds a hidden tab as its witness, which is there afterwards only if Google kept
half of a refused call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sync.sheet.google_cell import Json
from sync.sheet.google_layout import make_tab_id
from sync.sheet.layout import Tab, guard_title
from sync.sheet.store_error import SheetRefused

_WITNESS = "_okr_sync_proof"
_STRANGER = "_okr_sync_proof_2"
PROOF_TITLES = (_WITNESS, _STRANGER)


class Trial(NamedTuple):
    """One call that has to be refused as a whole: which law it tries, in words for people, and what is sent."""

    law: str
    requests: Sequence[Json]


def make_trials(titles: Mapping[str, int]) -> tuple[Trial, ...]:
    """The trials on a sheet with these tabs (title → id). The second needs a guard tab that exists."""
    taken = set(titles.values())
    witness = make_tab_id(_WITNESS, taken)
    missing = make_tab_id(_STRANGER, taken | {witness})
    begin = _add(witness, _WITNESS)
    trials = [
        Trial(
            "a run that was overtaken is refused as a whole",
            (begin, {"deleteSheet": {"sheetId": missing}}),
        )
    ]
    guard = next((tab_id for title, tab_id in titles.items() if _is_guard(title)), None)
    if guard is not None:
        trials.append(Trial("two runs can't take one guard", (begin, _add(guard, _STRANGER))))
    return tuple(trials)


def make_clearing(titles: Mapping[str, int]) -> list[Json]:
    """What takes away the tabs that a trial left behind."""
    return [{"deleteSheet": {"sheetId": titles[title]}} for title in PROOF_TITLES if title in titles]


def make_failure(laws: Sequence[str]) -> SheetRefused:
    """What to say where Google took what it must refuse."""
    return SheetRefused(
        f"This sheet can't be synced safely: Google accepted a write that it has to refuse ({'; '.join(laws)}). "
        "Two runs at once could then write over each other.",
        fix="Don't run okr-sync on this sheet. If a proxy stands between here and Google, go round it; otherwise "
        "report this. What the trial left was taken away; nothing of yours was changed.",
    )


def _is_guard(title: str) -> bool:
    """Whether it is a guard tab; of several teams each has its own."""
    return title.startswith(Tab.LEDGER.value) and title.endswith(guard_title(1, ""))


def _add(tab_id: int, title: str) -> Json:
    size = {"rowCount": 1, "columnCount": 1}
    return {"addSheet": {"properties": {"sheetId": tab_id, "title": title, "hidden": True, "gridProperties": size}}}

"""The ids that somebody names on the command line: each has to be a row that this config keeps. Pure.

An id that no row bears would plan nothing, and nothing to do looks like all is well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mappings.mapping import Mappings
from mappings.suggest import did_you_mean, one_of
from okr.problem import UnknownWord
from sync.share import Share
from sync.sheet.layout import MERGED, Tab
from sync.sheet.snapshot import Snapshot

Refusal = tuple[str, str]
"""What is wrong with an id that was named, and what to do."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Which ids may be named: ``own``. ``others`` are known ones that may not, each with the reason."""

    own: frozenset[str] = frozenset()
    others: Mapping[str, Refusal] = field(default_factory=dict)

    def __or__(self, more: Ids) -> Ids:
        """Those of two sheets."""
        return Ids(self.own | more.own, {**self.others, **more.others})


def find_ids(snapshot: Snapshot, share: Share, mappings: Mappings) -> Ids:
    """The ids of the sheet's key results and KPIs that are this config's."""
    every = {tab: _ids_of(snapshot, tab) for tab in MERGED}
    rows = every[Tab.KEY_RESULTS] | every[Tab.KPIS]
    mapped = mappings.mapped_ids | mappings.mapped_kpis | mappings.by_hand.keys()
    return Ids(
        frozenset(filter(share.owns, rows)),
        {
            **{id_: (f"“{id_}” is mapped but not in the sheet.", _ADD) for id_ in mapped - rows},
            **{id_: _refuse_objective(id_, snapshot) for id_ in every[Tab.OBJECTIVES] - rows},
            **{id_: _refuse_foreign(id_, share) for id_ in rows if not share.owns(id_)},
        },
    )


_ADD = "Add a row with this id to the sheet; until then nothing is read for it."


def _ids_of(snapshot: Snapshot, tab: Tab) -> frozenset[str]:
    view = snapshot.views.get(tab)
    return frozenset(row.key.id for row in view.rows if row.key.id) if view is not None else frozenset()


def _refuse_objective(own_id: str, snapshot: Snapshot) -> Refusal:
    below = dict.fromkeys(kr.key.id for kr in snapshot.okrs.key_results if kr.objective == own_id)
    return (
        f"“{own_id}” is an objective.",
        f"Name its key results: {','.join(below)}" if below else "It has no key results.",
    )


def _refuse_foreign(own_id: str, share: Share) -> Refusal:
    keepers = " and ".join(f"“{name}”" for name in sorted(share.rivals(own_id)))
    fix = f"It belongs to the config {keepers}." if keepers else "Add it to sheet.rows, if it is this config's."
    return f"“{own_id}” is none of the rows of the config “{share.name}”.", fix


def check_named(named: Collection[str], ids: Ids, where: str = "not in the sheet") -> None:
    """Refuse ids that name no row.

    Raises:
        UnknownWord: some don't; says what was probably meant. Nothing was written.
    """
    found = list(_find_wrong(named, ids, where))
    if found:
        said = " ".join(message for message, _ in found)
        raise UnknownWord(f"{said} Nothing was written.", fix=" ".join(dict.fromkeys(fix for _, fix in found)))


def _find_wrong(named: Collection[str], ids: Ids, where: str) -> Iterator[Refusal]:
    for own_id in sorted(set(named) - ids.own):
        yield ids.others.get(own_id) or (f"“{own_id}” is {where}.", hint_at(own_id, ids.own))


def hint_at(word: str, ids: Collection[str], also: Iterable[str] = ()) -> str:
    """What was probably meant by an id that is nowhere, or by another word; else which ids there are."""
    meant = did_you_mean(word, [*ids, *also])
    return meant[:1].upper() + meant[1:] if meant else f"In the sheet: {one_of(ids) or 'no id yet'}."

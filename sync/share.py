"""Several configs on one sheet: whose row is whose, and a config that has no business there is refused. Pure.

A config that declares its rows (``sheet.rows``) plans, writes and reports those and no others. What it must remember
for itself from run to run stands in its own part of the ledger's head. A config that declares none has the whole sheet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from okr.problem import OkrSyncError, Problem
from sync.sheet.columns import ID_FIELD
from sync.sheet.layout import MERGED, Field
from sync.sheet.ledger import NO_ENTRY, Head, Part, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.outbox import NO_OUTBOX, Outbox
from sync.sheet.rules import parse_manual
from sync.sheet.snapshot import Snapshot
from sync.standings import Asked

FORGOTTEN_AFTER = timedelta(days=30)
"""A config that has not run for so long has no rows any more."""


class ForeignConfigError(OkrSyncError):
    """Another config keeps this sheet, or this one doesn't say which rows are its own. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Share:
    """A config's part of a sheet: its name, the patterns of its ids (none: all rows), and those of the others."""

    name: str = ""
    rows: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether every row is this config's."""
        return not self.rows

    def owns(self, own_id: str) -> bool:
        """Whether a row is this config's alone. One that two configs declare is nobody's until that is settled."""
        return self.is_whole or (_matches(own_id, self.rows) and not self.rivals(own_id))

    def rivals(self, own_id: str) -> tuple[str, ...]:
        """The other configs that declare a row, too."""
        return tuple(name for name, rows in self.others.items() if _matches(own_id, rows))


WHOLE = Share()


def _matches(own_id: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(own_id, pattern) for pattern in patterns)


def make_share(name: str, rows: tuple[str, ...], head: Head, now: datetime) -> Share:
    """This config's share of a sheet with this head."""
    return Share(name, rows, {other: part.rows for other, part in _living(head, now).items() if other != name})


def _living(head: Head, now: datetime) -> dict[str, Part]:
    return {
        name: part for name, part in head.parts.items() if part.heartbeat and now - part.heartbeat < FORGOTTEN_AFTER
    }


def check_share(share: Share, snapshot: Snapshot, mapped: Collection[RowKey]) -> None:
    """Refuse a config that isn't the sheet's. ``mapped`` are the rows that it has mappings for.

    Raises:
        ForeignConfigError: another config keeps the sheet.
    """
    head = snapshot.ledger.head
    if share.others:
        if share.is_whole:
            raise _refuse(_name_all(share.others), "declares no rows", _DECLARE)
        return
    if share.name in head.parts and not share.is_whole:
        return
    if head.config and head.config != share.name:
        raise _refuse(f"the config “{head.config}”", f"is called “{share.name}”" if share.name else "has no name")
    if not head.config:
        _check_nameless(share, snapshot, mapped)


def _name_all(others: Mapping[str, tuple[str, ...]]) -> str:
    return " and ".join(f"the config “{name}” ({', '.join(rows)})" for name, rows in sorted(others.items()))


def _refuse(owner: str, what: str, fix: str = "") -> ForeignConfigError:
    return ForeignConfigError(
        f"this sheet is kept by {owner}, and this config {what}.",
        fix=f"{fix or _ONE_OR_BOTH} Nothing was written.",
    )


_ONE_OR_BOTH = (
    "If it is the same one, give it that name: name: … in the config. If both are to keep the sheet, let each say "
    "name: and sheet.rows: [WEB-*]."
)
_DECLARE = "Give it a name: of its own, or that of the one it is, and its rows: sheet.rows: [WEB-*]."


FEW = 2
"""So many rows that were mapped must all have lost their mapping before a config without a name counts as another."""


def _check_nameless(share: Share, snapshot: Snapshot, mapped: Collection[RowKey]) -> None:
    """A sheet whose config had no name knows it by what it mapped: an edited config still maps some of it.

    By ids, because a mapping serves its id in every cycle; and of the open cycles only, because a new quarter's
    mappings may all be new while the rows of the ended one still stand there.
    """
    running = {"", *snapshot.history}
    known = {(key.tab, key.id) for key in find_mapped(snapshot) if key.cycle in running}
    is_named = bool(share.name) and share.is_whole
    served = {(key.tab, key.id) for key in mapped}
    if is_named or len(known) < FEW or not mapped or not served.isdisjoint(known):
        return
    ids = ", ".join(sorted(own_id for _, own_id in known)[:5]) + (" …" if len(known) > 5 else "")
    raise ForeignConfigError(
        f"this sheet is kept by another config: the one that read {ids}. This config maps none of them.",
        fix="If it is the same one and all its rows are new, give it a name: name: … in the config. If both are to "
        "keep the sheet, let each say name: and sheet.rows: [WEB-*]. Nothing was written.",
    )


def find_mapped(snapshot: Snapshot) -> Iterator[RowKey]:
    """The rows whose Current some config has written, as far as they stand in the sheet."""
    for view, _, key in _rows(snapshot):
        entry = snapshot.ledger.entries.get(key, NO_ENTRY)
        if view.tab in MERGED and (Field.CURRENT in entry.bases or Field.CURRENT in entry.holds):
            yield key


def _rows(snapshot: Snapshot) -> Iterator[tuple[TabView, Row, RowKey]]:
    for tab in MERGED:
        view = snapshot.views.get(tab)
        for row in view.rows if view is not None else ():
            if view is not None:
                yield view, row, RowKey(tab, *row.key)


def find_foreign(share: Share, snapshot: Snapshot) -> frozenset[str]:
    """The ids of the sheet's rows that are not this config's."""
    return frozenset(key.id for _, _, key in _rows(snapshot) if not share.owns(key.id))


def share_snapshot(share: Share, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the ledger as this config has left it: its problems, its refresh, its heartbeat."""
    head = snapshot.ledger.head
    if share.is_whole or not head.parts:
        return snapshot
    part = head.parts.get(share.name, Part())
    head = replace(head, problems=part.problems, refreshed=part.refreshed, outbox=part.outbox)
    return replace(snapshot, ledger=replace(snapshot.ledger, head=head, heartbeat=part.heartbeat))


def share_asked(share: Share, snapshot: Snapshot, asked: Asked) -> Asked:
    """What was asked, with the other configs' rows: they keep their last good readings, as of their own heartbeat."""
    if share.is_whole:
        return asked
    parts = snapshot.ledger.head.parts
    beats = {name: parts[name].heartbeat for name in share.others}
    mapped = set(find_mapped(snapshot))
    sources = {key: text for key, text in asked.sources.items() if share.owns(key.id)}
    heartbeats: dict[RowKey, datetime | None] = {}
    every = dict(asked.every)
    for view, row, key in _rows(snapshot):
        if not share.owns(key.id):
            every[key] = parse_manual(view.cell(row, Field.SOURCE).shown)
        if key in mapped and not share.owns(key.id):
            sources[key] = view.cell(row, Field.SOURCE).shown
            rivals = share.rivals(key.id)
            heartbeats |= {key: beats[rivals[0]]} if rivals else {}
    outcomes = {key: outcome for key, outcome in asked.outcomes.items() if share.owns(key.id)}
    paused = {key: why for key, why in asked.paused.items() if share.owns(key.id)}
    return replace(asked, sources=sources, outcomes=outcomes, paused=paused, heartbeats=heartbeats, every=every)


def next_parts(share: Share, head: Head, part: Part) -> Head:
    """The head with what this config has to remember. A config that has the whole sheet leaves its name alone."""
    if share.is_whole:
        return replace(head, config=share.name or head.config, parts={})
    parts = {**head.parts, share.name: part}
    return replace(head, config="", problems={}, refreshed=None, outbox=NO_OUTBOX, parts=parts)


def next_outbox_head(share: Share, head: Head, outbox: Outbox) -> Head:
    """The head with another outbox of this config, and nothing else."""
    if share.is_whole:
        return replace(head, outbox=outbox)
    part = head.parts.get(share.name, Part(share.rows))._replace(outbox=outbox)
    return replace(head, outbox=NO_OUTBOX, parts={**head.parts, share.name: part})


OVERLAP, NOT_OURS = "sheet.rows-overlap", "sheet.rows-not-ours"
SHARE_CODES = frozenset({OVERLAP, NOT_OURS})


def check_rows(share: Share, snapshot: Snapshot, mapped: Collection[RowKey]) -> Iterator[Problem]:
    """Rows that two configs declare, and mappings of rows that this one doesn't."""
    for view, row, key in _rows(snapshot):
        rivals = share.rivals(key.id) if _matches(key.id, share.rows) else ()
        if rivals:
            others = " and ".join(f"“{name}”" for name in sorted(rivals))
            yield Problem(
                code=OVERLAP,
                message=f"{key.id} is declared by this config and by {others}; no one writes it",
                place=view.place(row, ID_FIELD[view.tab]),
                fix="Let sheet.rows of one config only match it.",
                subject=key.id,
            )
        elif key in mapped and not share.owns(key.id):
            yield Problem(
                code=NOT_OURS,
                message=f"{key.id} has a mapping, but sheet.rows doesn't name it; its number is not written",
                place=view.place(row, ID_FIELD[view.tab]),
                fix="Add it to sheet.rows, or leave its mapping to the config that keeps it.",
                subject=key.id,
            )

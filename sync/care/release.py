"""``release``: which cells people hold or that wait for somebody's word, and which of them are handed back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mappings.suggest import one_of
from okr.problem import UnknownWord
from sync.named_ids import hint_at
from sync.plan import Plan
from sync.row_plan import Change, Held, Takeover
from sync.sheet.columns import MACHINE_FIELDS, find_column
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import RowKey

Kept = Held | Takeover
NO_TITLES: Mapping[Tab, str] = {}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be released: cells of these rows (none: of all) under these headers (none: all of them).

    ``tab`` is the only tab that is meant (``None``: all). ``waiting`` means takeovers that wait to be accepted, instead
    of holds.
    """

    ids: tuple[str, ...] = ()
    fields: frozenset[Field] = frozenset()
    waiting: bool = False
    tab: Tab | None = None


def make_wish(
    words: Iterable[str],
    known_ids: frozenset[str],
    *,
    waiting: bool,
    tab: str = "",
    titles: Mapping[Tab, str] = NO_TITLES,
) -> Wish:
    """What the words on the command line mean: ids first, then headers. ``tab`` is a tab by our name for it or by its
    title in the sheet.

    Raises:
        UnknownWord: a word is neither; says what was probably meant.
    """
    meant = _find_tab(tab, titles) if tab else None
    headers = {find_column(tab, field).header.casefold(): field for tab in MERGED for field in MACHINE_FIELDS[tab]}
    ids, fields = [], set()
    for word in words:
        if word in known_ids:
            ids.append(word)
        elif word.casefold() in headers:
            fields.add(headers[word.casefold()])
        else:
            said = f"“{word}” is no id in the sheet and no column of okr-sync's. Nothing was written."
            raise UnknownWord(said, fix=hint_at(word, known_ids, (name.capitalize() for name in headers)))
    return Wish(tuple(ids), frozenset(fields), waiting, meant)


def _find_tab(name: str, titles: Mapping[Tab, str]) -> Tab:
    known = {text.casefold(): tab for tab in MERGED for text in (tab.value, titles.get(tab, tab.value))}
    if name.casefold() in known:
        return known[name.casefold()]
    shown = one_of(titles.get(tab, tab.value) for tab in MERGED)
    raise UnknownWord(f"“{name}” is no tab with machine cells. Nothing was written.", fix=f"Those are {shown}.")


def find_kept(plan: Plan, wish: Wish) -> tuple[Kept, ...]:
    """The cells that the wish is about, in the order of the sheet."""
    return tuple(
        item
        for row in plan.rows
        for item in (row.takeovers if wish.waiting else row.holds)
        if wish.tab in (None, item.key.tab)
        and (not wish.ids or item.key.id in wish.ids)
        and (not wish.fields or item.field in wish.fields)
    )


def cells_of(kept: Iterable[Kept]) -> frozenset[tuple[RowKey, Field]]:
    """The same as a run wants it."""
    return frozenset((item.key, item.field) for item in kept)


def find_released(plan: Plan, kept: Iterable[Kept]) -> Iterator[tuple[Kept, Change | None]]:
    """Each released cell with what was written there; ``None`` where the same value stands, or none is known."""
    changes = {(change.key, change.field): change for row in plan.rows for change in row.changes}
    for item in kept:
        yield item, changes.get((item.key, item.field))

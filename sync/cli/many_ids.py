"""Which of several sheets the ids of ``--only`` and ``--accept`` are in: each is done where it is, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync.named_ids import Ids

NAMING = ("only", "accept")
"""The options that name ids, as sets of them."""


@dataclass(frozen=True, slots=True)
class Homes:
    """The ids of each sheet, as far as it could be read. One that couldn't is asked for all: it says itself why."""

    ids: Mapping[str, Ids] = field(default_factory=dict)

    def narrow(self, sheet: str, options: dict[str, Any]) -> dict[str, Any] | None:
        """The options with the ids that the sheet has; ``None`` where it has none of those of ``--only``."""
        if sheet not in self.ids:
            return options
        here = {name: options[name] & self.ids[sheet].own for name in NAMING if options.get(name)}
        return None if "only" in here and not here["only"] else {**options, **here}


def find_homes(sheets: Mapping[str, Path], options: Mapping[str, Any]) -> Homes:
    """Read every sheet where ids are named; nothing is written. No read where none is.

    Raises:
        UnknownWord: all sheets could be read, and an id is in none of them.
    """
    from functools import reduce
    from operator import or_

    from sync.named_ids import Ids, check_named
    from sync.run_log import sheet_named

    named = frozenset().union(*(options.get(name) or () for name in NAMING))
    if not named:
        return Homes()
    found: dict[str, Ids] = {}
    for sheet, path in sheets.items():
        with sheet_named(sheet):
            ids = _read_ids(path)
        found |= {sheet: ids} if ids is not None else {}
    if len(found) == len(sheets):
        check_named(named, reduce(or_, found.values(), Ids()), f"in none of the {len(sheets)} sheets")
    return Homes(found)


def _read_ids(path: Path) -> Ids | None:
    from sync.named_ids import find_ids
    from sync.opening import open_engine
    from sync.read import read_snapshot
    from sync.share import make_share

    with suppress(Exception):  # whatever is wrong with it, its own turn says so
        engine = open_engine(path, read_only=True)
        now, config = engine.now(), engine.project.config
        snapshot = read_snapshot(engine, now)
        share = make_share(config.name, config.sheet.rows, snapshot.ledger.head, now)
        return find_ids(snapshot, share, engine.project.mappings)
    return None

"""The batch that puts back what a write hit by mistake, with what the ledger had learned of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sync.heads import guard_ids, restore_refresh
from sync.plan import Plan
from sync.row_plan import RowPlan
from sync.sheet.doubled import DOUBLED_FIELDS
from sync.sheet.layout import SIGNIFICANT, Field
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.sheet.ledger_text import parse_entry, parse_head, render_entry, render_head
from sync.sheet.merge import unlearn
from sync.sheet.readback import Grid
from sync.sheet.record import render_record
from sync.sheet.store import Batch, CellWrite, GuardSwap, LedgerLine


def make_put_back_batch(
    plan: Plan, batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]], expected: Mapping[int, Grid]
) -> Batch:
    """The batch that puts back what a write hit by mistake, and what the ledger had learned of those cells.

    A cycle that it closed is open again, and its frozen tab goes: the plan is made anew. A refresh is due again: some
    rows lack it now.

    ``expected`` are the tabs as they stand after that write.
    """
    assert batch.head is not None
    assert batch.guard is not None
    head = restore_refresh(plan, parse_head(batch.head))
    head = replace(head, revision=head.revision + 1, closed=plan.snapshot.ledger.head.closed)
    changes = tuple(
        replace(change, cells=restored[change.tab_id]) for change in batch.changes if change.tab_id in restored
    )
    return Batch(
        ledger_tab_id=batch.ledger_tab_id,
        heartbeat=batch.heartbeat,
        head=render_head(head),
        guard=GuardSwap(old=batch.guard.new, new=guard_ids(head.epoch, head.revision)),
        changes=changes,
        ledger=tuple(_restored_lines(plan, batch, restored)),
        dropped=batch.added,
        record=render_record(head.revision, changes, expected, restores=True),
    )


def _restored_lines(plan: Plan, batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]]) -> Iterator[LedgerLine]:
    """The ledger's lines of the rows that were meant, with what it knew before of the cells that are put back."""
    meant: dict[tuple[int, int], RowPlan] = {(row.view.raw.tab_id, row.row.index): row for row in plan.rows}
    lines = {line.key: line for line in batch.ledger}
    hit: dict[str, tuple[RowPlan, set[Field]]] = {}
    for tab_id, writes in restored.items():
        for write in writes:
            row = meant.get((tab_id, write.row))
            if row is not None and write.field is not None:
                hit.setdefault(str(row.key), (row, set()))[1].add(write.field)
    for key, (row, fields) in hit.items():
        if key in lines:
            before = parse_entry(row.old_line) if row.key in plan.snapshot.ledger.entries else NO_ENTRY
            learned = parse_entry(lines[key].text)
            told = {
                field: learned.bases[field]
                for field in SIGNIFICANT & fields & learned.bases.keys()
                if learned.bases[field] != before.bases.get(field)
            }
            entry = replace(unlearn(learned, before, fields), told={**learned.told, **before.told, **told})
            if not fields.isdisjoint(DOUBLED_FIELDS):
                entry = replace(entry, doubled=before.doubled or _is_reached(row.key, batch, restored, plan))
            yield replace(lines[key], text=render_entry(entry))


def _is_reached(key: RowKey, batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]], plan: Plan) -> bool:
    """Whether of the rows that share this id at least one says so now: not every write into them was put back."""
    rows = [row for row in plan.rows if row.key == key and row.key.key in row.view.duplicates]
    places = {(row.view.raw.tab_id, write.row, write.column) for row in rows for write in row.cells}
    sent = {(change.tab_id, write.row, write.column) for change in batch.changes for write in change.cells}
    back = {(tab_id, write.row, write.column) for tab_id, writes in restored.items() for write in writes}
    return not (places & sent) <= back

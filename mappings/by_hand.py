"""Key results that stay with people: said in a mapping, so that nobody asks for one, and how they find the number."""

from __future__ import annotations

from mappings.draft import Setting
from mappings.mapping import ByHand
from mappings.node import Entry, NodeKind
from mappings.options import Problems, parse_options

KEY = "manual"


def is_by_hand(entry: Entry) -> bool:
    """Whether an entry says that people type the value."""
    return entry.value.kind is NodeKind.MAP and KEY in entry.value.entries


def parse_by_hand(entry: Entry, setting: Setting) -> tuple[ByHand | None, Problems]:
    """What it says, or everything that is wrong with it."""
    from mappings.forms import ManualEntry

    if setting.is_kpi:
        message = "a KPI's Current is a machine's cell, so it can't be filled in by hand"
        key = entry.value.entries[KEY].key
        return None, (key.problem("mapping.manual", message, fix="Take the entry out, or say what to read."),)
    form, problems = parse_options(entry.value, ManualEntry, setting)
    if form is None:
        return None, problems
    return ByHand(setting.id, form.manual, entry.key.place, form.note, form.every), problems

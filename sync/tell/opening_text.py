"""What opening a cycle writes, for a terminal and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol

from mappings.suggest import name_some
from okr.model import KeyResult, Objective
from okr.number import render_number


class Item(Protocol):
    """One key result and what becomes of it."""

    @property
    def kr(self) -> KeyResult:
        """Its definition in the cycle before."""
        ...

    @property
    def fate(self) -> Any:
        """Keep, Modify, Drop, Undecided or There already."""
        ...

    @property
    def baseline(self) -> Decimal | None:
        """Where it starts."""
        ...

    @property
    def asks(self) -> bool:
        """Whether its target is asked for."""
        ...


def render_opening(cycle: str, origin: str, items: Sequence[Item], objectives: Sequence[Objective], marked: int) -> str:
    """The plan of an opening for a person."""
    by_fate: dict[str, list[Item]] = {}
    for item in items:
        by_fate.setdefault(str(item.fate), []).append(item)
    lines = [f"Open {cycle} from {origin}"]
    for word in ("Keep", "Modify"):
        found = by_fate.get(word, [])
        lines += [f"  {word}", *(f"    {_render_item(item)}" for item in found)] if found else []
    lines += [f"  Objectives: {', '.join(each.key.id for each in objectives)}"] if objectives else []
    lines += _render_rest(by_fate)
    lines += [f"  {marked} rows with an empty Cycle get {origin} written into it"] if marked else []
    return "\n".join(lines)


def _render_item(item: Item) -> str:
    kr = item.kr
    start = "" if item.baseline is None else f", from {_number(kr, item.baseline)}"
    if item.asks:
        aim = "reword it" if kr.target is None else "set a new target"
    else:
        aim = "as it is" if kr.target is None else f"to {_number(kr, kr.target)}"
    return f"{kr.key.id:<9} {kr.name}{start}: {aim}"


def _number(kr: KeyResult, number: Decimal) -> str:
    return render_number(number, kr.unit, is_share=kr.is_share)


def _render_rest(by_fate: dict[str, list[Item]]) -> Iterator[str]:
    words = {
        "Drop": "Drop: {}",
        "There already": "There already: {}",
        "Undecided": "Undecided, left out: {}. Write Keep, Modify or Drop into At close, and run this again",
    }
    for fate, text in words.items():
        if ids := [item.kr.key.id for item in by_fate.get(fate, ())]:
            yield f"  {text.format(name_some(ids))}"


def opening_json(cycle: str, origin: str, items: Sequence[Item], objectives: Sequence[Objective]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "cycle": cycle,
        "from": origin,
        "key_results": [
            {"id": item.kr.key.id, "fate": str(item.fate), "baseline": item.baseline, "asks_for_target": item.asks}
            for item in items
        ],
        "objectives": [each.key.id for each in objectives],
    }

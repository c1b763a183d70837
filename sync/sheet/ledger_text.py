"""The ledger's lines as compact JSON, and back. An entry that hasn't changed encodes to the same text.

Values are texts with a tag: ``n`` number, ``t`` text, ``d`` day. Unknown fields of other versions are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from okr.goalposts import FIELDS, OBJECTIVE_FIELDS, Move
from okr.model import Point
from sync.sheet.cell import Canon
from sync.sheet.head_room import make_room
from sync.sheet.layout import LAYOUT_VERSION, Field, Tab
from sync.sheet.ledger import Entry, Good, Head, Hold, LedgerError, OpenProblem, Part, RowKey
from sync.sheet.outbox import parse_outbox, render_outbox

LEDGER_VERSION = 1

_GOALPOSTS = frozenset({*FIELDS, *OBJECTIVE_FIELDS})


def render_value(value: Canon) -> str | None:
    """One canonical value as tagged text."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        text = str(value)
        return f"n{value:f}" if "E" in text else f"n{text}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    return f"t{value}"


def parse_value(text: str | None) -> Canon:
    """The canonical value that ``render_value`` wrote. Raises ValueError or ArithmeticError for any other text."""
    if text is None:
        return None
    tag, rest = text[:1], text[1:]
    if tag == "n" and (number := Decimal(rest)).is_finite():
        return number
    if tag == "d":
        return date.fromisoformat(rest)
    if tag != "t":
        raise ValueError(f"no value begins with {tag!r}")
    return rest


def render_entry(entry: Entry) -> str:
    """An entry as compact JSON; what is empty is left out, keys keep one order."""
    parts: dict[str, Any] = {
        "b": {name: render_value(value) for name, value in entry.bases.items()},
        "p": {name: render_value(value) for name, value in entry.previous.items()},
        "h": {name: _render_hold(hold) for name, hold in entry.holds.items()},
        "g": _render_good(entry.good),
        "x": entry.gap,
        "d": entry.definition,
        "r": entry.rule,
        "q": [entry.doubt_days, entry.doubted.isoformat()] if entry.doubted else None,
        "u": entry.updated.isoformat() if entry.updated else None,
        "a": entry.won.isoformat() if entry.won else None,
        "t": {name: render_value(value) for name, value in entry.told.items()},
        "w": [[point.day.isoformat(), f"{point.score:f}"] for point in entry.points],
        "l": entry.link,
        "2": entry.doubled,
        "m": [[move.day.isoformat(), move.field, move.old, move.new] for move in entry.moves],
    }
    return _dumps({key: value for key, value in parts.items() if value})


def _render_hold(hold: Hold) -> list[str | None]:
    found = [hold.since.isoformat(), render_value(hold.value)]
    if hold.warned is not None:
        return [*found, hold.why, hold.warned.isoformat()]
    return [*found, hold.why] if hold.why else found


def _render_good(good: Good | None) -> list[Any] | None:
    if good is None:
        return None
    as_of = good.as_of.isoformat() if good.as_of else None
    parts = [[f"{part:f}" for part in good.parts]] if good.parts else []
    return [f"{good.value:f}", as_of, good.detail, {name: f"{share:f}" for name, share in good.steps}, *parts]


def parse_entry(text: str) -> Entry:
    """The entry that ``render_entry`` wrote. Unknown fields of other versions are passed over.

    Raises:
        ValueError: the text is not what ``render_entry`` writes.
    """
    try:
        return _parse_entry(json.loads(text))
    except (ValueError, ArithmeticError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError(f"no ledger entry: {error}") from None


def _parse_entry(parts: Mapping[str, Any]) -> Entry:
    doubt = parts.get("q") or (0, None)
    return Entry(
        bases=_parse_fields(parts.get("b", {})),
        previous=_parse_fields(parts.get("p", {})),
        holds=_parse_holds(parts.get("h", {})),
        good=_parse_good(parts.get("g")),
        gap=_parse_text(parts, "x"),
        definition=_parse_text(parts, "d"),
        rule=_parse_text(parts, "r"),
        doubt_days=int(doubt[0]),
        doubted=date.fromisoformat(doubt[1]) if doubt[1] else None,
        updated=date.fromisoformat(parts["u"]) if parts.get("u") else None,
        won=date.fromisoformat(parts["a"]) if parts.get("a") else None,
        told=_parse_fields(parts.get("t", {})),
        points=tuple(Point(date.fromisoformat(day), Decimal(score)) for day, score in parts.get("w", ())),
        link=_parse_text(parts, "l"),
        moves=tuple(
            Move(date.fromisoformat(day), str(name), str(old), str(new))
            for day, name, old, new in parts.get("m", ())
            if name in _GOALPOSTS
        ),
        doubled=parts.get("2") is True,
    )


def _parse_text(parts: Mapping[str, Any], name: str) -> str:
    text = parts.get(name, "")
    if not isinstance(text, str):
        raise TypeError(f"{name} is no text")
    return text


_FIELDS = {name.value: name for name in Field}


def _parse_fields(parts: Mapping[str, str | None]) -> dict[Field, Canon]:
    return {_FIELDS[name]: parse_value(text) for name, text in parts.items() if name in _FIELDS}


def _parse_holds(parts: Mapping[str, list[Any]]) -> dict[Field, Hold]:
    return {_FIELDS[name]: _parse_hold(*found) for name, found in parts.items() if name in _FIELDS}


def _parse_hold(since: str, text: str | None, why: str = "", warned: str = "", *_: object) -> Hold:
    return Hold(date.fromisoformat(since), parse_value(text), str(why), date.fromisoformat(warned) if warned else None)


def _parse_good(parts: Sequence[Any] | None) -> Good | None:
    if not parts:
        return None
    value, as_of, detail, steps, *more = parts
    moment = datetime.fromisoformat(as_of) if as_of else None
    shares = tuple((name, Decimal(share)) for name, share in steps.items())
    whole = (Decimal(more[0][0]), Decimal(more[0][1])) if more else None
    return Good(Decimal(value), moment, detail, shares, whole)


def render_head(head: Head) -> str:
    """The head as JSON, within what a cell holds."""
    head = make_room(head)
    return _dumps(
        {
            "v": LEDGER_VERSION,
            "sheet": head.sheet_id,
            "epoch": head.epoch,
            "rev": head.revision,
            "config": head.config,
            "run": head.run,
            "refreshed": head.refreshed.isoformat() if head.refreshed else None,
            "layout": head.layout,
            "columns": head.columns,
            "tabs": head.tabs,
            "adopted": sorted(head.adopted),
            "problems": _render_problems(head.problems),
            "drawn": head.drawn,
            **({"words": head.words} if head.words else {}),
            **({"parts": {name: _render_part(part) for name, part in head.parts.items()}} if head.parts else {}),
            **({"outbox": outbox} if (outbox := render_outbox(head.outbox)) else {}),
            **({"closed": {name: day.isoformat() for name, day in head.closed.items()}} if head.closed else {}),
        }
    )


def _render_open(item: OpenProblem) -> list[Any] | int:
    """A day as a number, with the words where there are any: a thousand problems have to fit into a cell."""
    day = item.since.toordinal() if item.since else 0
    return [day, item.words] if item.words else day


def _parse_open(part: list[Any] | int) -> OpenProblem:
    day, words = part if isinstance(part, list) else (part, "")
    return OpenProblem(date.fromordinal(int(day)) if day else None, str(words))


def _parse_problems(part: Mapping[str, list[Any] | int] | list[str]) -> dict[str, OpenProblem]:
    """The problems; an early version kept bare identities."""
    if isinstance(part, list):
        return {name: OpenProblem() for name in part}
    return {name: _parse_open(item) for name, item in part.items()}


def _render_problems(problems: Mapping[str, OpenProblem]) -> dict[str, list[Any] | int]:
    return {name: _render_open(item) for name, item in sorted(problems.items())}


def _render_part(part: Part) -> list[Any]:
    refreshed, heartbeat = (moment.isoformat() if moment else None for moment in (part.refreshed, part.heartbeat))
    found = [list(part.rows), _render_problems(part.problems), refreshed, heartbeat]
    return [*found, outbox] if (outbox := render_outbox(part.outbox)) else found


def _parse_part(
    rows: list[str], problems: Any, refreshed: str | None, heartbeat: str | None, outbox: Any = None, *_: object
) -> Part:
    return Part(
        tuple(rows),
        _parse_problems(problems),
        date.fromisoformat(refreshed) if refreshed else None,
        datetime.fromisoformat(heartbeat) if heartbeat else None,
        parse_outbox(outbox),
    )


def parse_head(text: str) -> Head:
    """The head that ``render_head`` wrote.

    Raises:
        LedgerError: it is damaged, or of a newer okr-sync.
    """
    try:
        parts = json.loads(text)
        if int(parts["v"]) <= LEDGER_VERSION:
            return _check_layout(_parse_head(parts))
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        raise LedgerError(
            "the first line of the hidden tab _okr_sync can't be read; somebody may have edited it.",
            fix="Restore it from the version history, or delete the tab and run: okr-sync layout.",
        ) from None
    raise LedgerError(
        f"the sheet's ledger was written by a newer okr-sync (version {parts['v']}, this one reads {LEDGER_VERSION}).",
        fix="Upgrade okr-sync here. Nothing was written.",
    )


def _check_layout(head: Head) -> Head:
    if head.layout <= LAYOUT_VERSION:
        return head
    raise LedgerError(
        f"the sheet was prepared by a newer okr-sync (layout {head.layout}, this one knows {LAYOUT_VERSION}).",
        fix="Upgrade okr-sync here. Nothing was written.",
    )


def _parse_head(parts: Mapping[str, Any]) -> Head:
    refreshed = parts.get("refreshed")
    columns = {
        tab: {name: (int(at), str(header)) for name, (at, header) in fields.items()}
        for tab, fields in parts.get("columns", {}).items()
    }
    return Head(
        sheet_id=parts.get("sheet", ""),
        epoch=parts.get("epoch", ""),
        revision=int(parts.get("rev", 0)),
        config=parts.get("config", ""),
        run=parts.get("run", ""),
        refreshed=date.fromisoformat(refreshed) if refreshed else None,
        layout=int(parts.get("layout", 1)),
        columns=columns,
        tabs=parts.get("tabs", {}),
        adopted=frozenset(parts.get("adopted", ())),
        problems=_parse_problems(parts.get("problems", {})),
        drawn=parts.get("drawn", ""),
        words=_parse_text(parts, "words"),
        parts={name: _parse_part(*found) for name, found in parts.get("parts", {}).items()},
        outbox=parse_outbox(parts.get("outbox")),
        closed={name: date.fromisoformat(day) for name, day in parts.get("closed", {}).items()},
    )


def _dumps(parts: Mapping[str, Any]) -> str:
    return _ENCODER.encode(parts)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


_TABS = frozenset(tab.value for tab in Tab)


def parse_row_key(text: str) -> RowKey | None:
    """The key of a ledger line; ``None`` where it is not one of ours."""
    parts = text.split("|", 2)
    if len(parts) != 3 or parts[0] not in _TABS:
        return None
    return RowKey(Tab(parts[0]), parts[1], parts[2])

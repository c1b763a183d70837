"""``history``: the story of one key result, objective or KPI out of the sheet's History and the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mappings.suggest import did_you_mean
from okr.model import Key, KeyResult, Point
from okr.pace import make_pace
from okr.problem import UnknownWord
from sync.engine import Engine, find_cycles
from sync.named_ids import hint_at
from sync.read import read_snapshot
from sync.sheet.columns import COLUMNS, find_column
from sync.sheet.history import HistoryLine, parse_history
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import NO_ENTRY
from sync.sheet.snapshot import Snapshot

Guide = Callable[[date], Decimal | None]


@dataclass(frozen=True, slots=True)
class Story:
    """What History knows of one id, oldest first. ``points`` are the ledger's weekly scores.

    ``guide`` is the score expected by a day; ``None`` where there is none. ``span`` is from start to due.
    """

    id: str
    name: str
    tab: Tab
    today: date
    lines: tuple[HistoryLine, ...]
    points: tuple[Point, ...] = ()
    kr: KeyResult | None = None
    guide: Guide | None = None
    span: tuple[date, date] | None = None


def find_story(engine: Engine, own_id: str) -> Story:
    """The story of an id, out of the History of every cycle that the config or the last run knows.

    Raises:
        UnknownWord: the sheet and its History have no such id; says what was probably meant.
    """
    today = engine.now().date()
    snapshot = read_snapshot(engine, engine.now())
    cycles, running = find_cycles(engine, today)
    titles = _find_titles(snapshot, sorted({*cycles, *running}))
    found = parse_history(engine.store.fetch_sheet(titles), titles)
    story = tell_story(snapshot, own_id, found, today)
    if story.kr is None:
        return story
    cycle = cycles.get(story.kr.key.cycle)
    start = story.kr.start or (cycle.start if cycle else None)
    due = story.kr.due or (cycle.end if cycle else None)
    return replace(story, guide=_make_guide(story.kr, start, due), span=(start, due) if start and due else None)


def _find_titles(snapshot: Snapshot, cycles: Iterable[str]) -> list[str]:
    """The History tabs that may exist: of the cycles that are known, and those that the last run saw."""
    prefix = f"{snapshot.names.title(Tab.HISTORY)} "
    seen = (title for title in (*snapshot.ledger.head.tabs, *snapshot.raw.others) if title.startswith(prefix))
    return list(dict.fromkeys([*(snapshot.names.title(Tab.HISTORY, cycle) for cycle in cycles), *sorted(seen)]))


def tell_story(snapshot: Snapshot, own_id: str, lines: Iterable[HistoryLine], today: date) -> Story:
    """The story out of what was read, without dates of its own. Pure. Raises UnknownWord."""
    own = tuple(sorted((line for line in lines if line.key.id == own_id), key=lambda line: line.when))
    keys = [(tab, row.key) for tab in MERGED if (view := snapshot.views.get(tab)) for row in view.rows]
    tab, key = next(((tab, key) for tab, key in keys if key.id == own_id), (None, None))
    if tab is None or key is None:
        if not own:
            said = f"“{own_id}” is no id in the sheet, and History has nothing of it."
            raise UnknownWord(said, fix=hint_at(own_id, {key.id for _, key in keys if key.id}))
        return Story(own_id, "", own[-1].key.tab, today, own)
    entry = next((entry for at, entry in snapshot.ledger.entries.items() if at.tab is tab and at.key == key), NO_ENTRY)
    return Story(own_id, _find_name(snapshot, tab, key), tab, today, own, entry.points, _find_kr(snapshot, tab, key))


def _find_kr(snapshot: Snapshot, tab: Tab, key: Key) -> KeyResult | None:
    items = snapshot.okrs.key_results if tab is Tab.KEY_RESULTS else ()
    return next((item for item in items if item.key == key), None)


def _find_name(snapshot: Snapshot, tab: Tab, key: Key) -> str:
    okrs = snapshot.okrs
    names = {
        Tab.KEY_RESULTS: {item.key: item.name for item in okrs.key_results},
        Tab.OBJECTIVES: {item.key: item.name for item in okrs.objectives},
        Tab.KPIS: {item.key: item.name for item in okrs.kpis},
    }
    return names[tab].get(key, "")


def _make_guide(kr: KeyResult, start: date | None, due: date | None) -> Guide | None:
    if start is None or due is None or any(problem.subject == kr.key.id for problem in kr.problems):
        return None
    return lambda day: make_pace(kr, start, due, day) if start <= day <= due else None


def find_field(text: str, tab: Tab) -> Field:
    """The machine's column that a word on the command line means. Raises UnknownWord."""
    known = {column.header.casefold(): column.field for column in COLUMNS[tab]}
    found = known.get(text.casefold())
    if found is None:
        meant = did_you_mean(text, [column.header for column in COLUMNS[tab]]) or ""
        raise UnknownWord(f"“{text}” is no column of {tab.value}.", fix=meant[:1].upper() + meant[1:])
    return found


def narrow(story: Story, since: date | None, field: Field | None) -> Story:
    """The story from a day on, of one field."""
    kept = (line for line in story.lines if (since is None or line.when[:10] >= since.isoformat()))
    lines = tuple(line for line in kept if field is None or line.field is field)
    points = tuple(point for point in story.points if since is None or point.day >= since)
    return replace(story, lines=lines, points=points if field in (None, Field.SCORE) else ())


def make_series(story: Story, field: Field) -> tuple[Point, ...]:
    """The numbers of a field by day, the last of each day; the ledger's weekly points fill what History lacks."""
    days = {point.day: point.score for point in story.points} if field is Field.SCORE else {}
    for line in story.lines:
        if line.field is field and isinstance(line.new, Decimal):
            try:
                days[line.day] = line.new
            except ValueError:
                continue
    return tuple(Point(day, days[day]) for day in sorted(days))


def choose_plotted(story: Story, field: Field | None) -> Field | None:
    """Which field is drawn: the one that is asked for, else the score, else the current value; ``None``: no number."""
    wanted = (field,) if field is not None else (Field.SCORE, Field.CURRENT)
    return next((name for name in wanted if make_series(story, name)), None)


def header_of(story: Story, field: Field) -> str:
    """A field's name as the sheet's tab has it."""
    return find_column(story.tab, field).header

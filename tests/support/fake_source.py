"""A project whose only source is a table of numbers in memory: for tests that turn the whole engine."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from connectors.base import Limits, Scan, SourceUnavailable, Surroundings
from mappings.model import Filter, Gap, GapKind, Measure, Metric, Outcome, Reading, Record
from mappings.resolve import resolve
from sync.config import parse_config
from sync.engine import Engine
from sync.load import Project, Source
from sync.sheet.store import Store

CONFIG = """
sheet: {{workbook: okrs.xlsx{sheet}}}
sources: {{desk: {{kind: numbers}}}}
mappings: mappings.yaml
{more}
"""


class NoOptions(BaseModel):
    """The source needs nothing."""

    model_config = ConfigDict(extra="forbid")


class NumberQuery(BaseModel):
    """A number is asked for by its name."""

    model_config = ConfigDict(extra="forbid")
    number: str


class NumberGrammar:
    """The name is the whole language."""

    kind = "numbers"
    main = "number"
    own_language = frozenset({"number"})

    def form(self) -> type[BaseModel]:
        return NumberQuery

    def quote(self, text: str) -> str:
        return text

    def escape(self, text: str, quote: str) -> str:
        return text

    def make_body(self, query: Any) -> Hashable:
        return str(query.number)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        return None

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        return f"number {body}"


@dataclass
class World:
    """What the source knows, and the clock. A name that is not in ``numbers`` has nothing to measure.

    ``read`` says on which day, in the company's zone, each number was last given away.
    """

    now: datetime = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
    numbers: dict[str, Decimal] = field(default_factory=dict)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    read: dict[str, date] = field(default_factory=dict)
    seconds: float = 0.0
    asking_takes: float = 0.0

    @classmethod
    def with_numbers(cls) -> World:
        """A world in which every number is 1."""
        return cls(numbers={name: Decimal(1) for name in "abck"})

    def around(self) -> Surroundings:
        """The clock of this world; asking moves it."""
        return Surroundings(
            now=lambda: self.now, sleep=self.wait, monotonic=lambda: self.seconds, timezone="Europe/Berlin"
        )

    def wait(self, seconds: float) -> None:
        """Let seconds pass for whoever waits."""
        self.seconds += seconds

    @property
    def today(self) -> date:
        """The day in the company's zone."""
        return self.now.astimezone(ZoneInfo("Europe/Berlin")).date()

    def pass_days(self, days: int = 1) -> None:
        """Let days pass."""
        self.now += timedelta(days=days)


@dataclass
class NumberDesk:
    """The connector."""

    name: str
    world: World
    kind: ClassVar[str] = "numbers"
    shares_scans: ClassVar[bool] = False
    limits: Limits = field(default_factory=lambda: Limits(threads=1))

    def scan(self, scan: Scan) -> Iterator[Record]:
        yield from ()

    def answer(self, metric: Metric) -> Outcome | None:
        name = str(metric.query.body)
        self.world.asked.append(name)
        self.world.seconds += self.world.asking_takes
        if self.world.is_down:
            raise SourceUnavailable("the desk doesn't answer")
        if name not in self.world.numbers:
            return Gap(GapKind.EMPTY, "there is nothing to measure", source=self.name)
        self.world.read[name] = self.world.today
        return Reading(self.world.numbers[name], self.world.now)

    def close(self) -> None:
        pass


@dataclass
class NumberFactory:
    """Makes the connector."""

    world: World
    kind: ClassVar[str] = "numbers"
    grammar: NumberGrammar = field(default_factory=NumberGrammar)

    def options_form(self) -> type[BaseModel]:
        return NoOptions

    def make(self, name: str, options: BaseModel, around: Surroundings) -> NumberDesk:
        return NumberDesk(name, self.world)


def make_mapping_text(
    key_results: Mapping[str, str], kpis: Mapping[str, str] | None = None, paused: Collection[str] = ()
) -> str:
    """Mappings that tie ids to numbers by name. Those of ``paused`` ids rest."""
    rests = dict.fromkeys(paused, ", pause: {why: moving house}")
    lines = [
        f"  {id_}: {{desk: {{number: {name}}}, measure: count{rests.get(id_, '')}}}"
        for id_, name in key_results.items()
    ]
    kpi_lines = [f"  {id_}: {{desk: {{number: {name}}}, measure: count}}" for id_, name in (kpis or {}).items()]
    text = "key_results:\n" + "\n".join(lines) + "\n" if lines else "key_results: {}\n"
    return text + ("kpis:\n" + "\n".join(kpi_lines) + "\n" if kpi_lines else "")


def make_project(
    world: World, mappings: str, *, sheet: str = "", more: str = "", folder: Path | None = None
) -> Project:
    """A project that asks this world. ``sheet`` and ``more`` are lines of YAML."""
    config, problems = parse_config(CONFIG.format(sheet=sheet, more=more), "config.yaml")
    assert config is not None, problems
    factory = NumberFactory(world)
    found, mapping_problems = resolve({"mappings.yaml": mappings}, {"desk": factory.grammar})
    return Project(config, folder or Path(), {"desk": Source("desk", factory, NoOptions())}, found, mapping_problems)


def make_engine(world: World, store: Store, mappings: str, **more: str) -> Engine:
    """An engine on a store, in this world."""
    names = iter(range(1, 1_000_000))
    return Engine(
        project=make_project(world, mappings, **more),  # type: ignore[arg-type]
        store=store,
        around=world.around(),
        environ={},
        make_id=lambda started: f"{started:%Y%m%d-%H%M%S}-{next(names):04x}",
    )

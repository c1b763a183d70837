"""What a connector is, and the errors it raises. The class of an error says what to do next.

OkrSyncError
└─ SourceError
   ├─ SourceUnavailable  retried within the budget, then a gap
   │  └─ ScanExpired     the pass begins again from its first page; what it gave so far doesn't count
   ├─ SourceRefused      never retried: a credential or permission has to be fixed
   ├─ SourceMisread      never retried: the answer can't be understood, a field is missing
   ├─ SourceEmpty        never retried: there is nothing to measure, which is not zero
   └─ SourceDoubted      never retried: the source itself says that its number may be wrong
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from mappings.grammar import QueryGrammar
from mappings.model import Filter, Metric, Outcome, Query, Record
from okr.problem import OkrSyncError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.findings import Findings
    from connectors.limiter import Limiters


class SourceError(OkrSyncError):
    """A source gave no reading."""


class SourceUnavailable(SourceError):
    """Down, too slow, or asking us to wait: worth another try. ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.retry_after = retry_after


class ScanExpired(SourceUnavailable):
    """The place in a long list was lost. Whoever consumes the scan forgets its records and scans again."""


class SourceRefused(SourceError):
    """The source knows us and says no, or doesn't know us. The fix names the credential.

    ``everything``: not this query alone is refused but whatever we ask (a wrong token), so that asking on
    only risks a lock-out.
    """

    def __init__(self, message: str, *, fix: str | None = None, everything: bool = False) -> None:
        super().__init__(message, fix=fix)
        self.everything = everything


class SourceMisread(SourceError):
    """The answer is not what was asked for: not JSON, a login page, a field that isn't there.

    ``fields`` are the fields that the source doesn't have, where that is the trouble: queries that share
    a pass and don't read them are asked again without them.
    """

    def __init__(self, message: str, *, fix: str | None = None, fields: frozenset[str] = frozenset()) -> None:
        super().__init__(message, fix=fix)
        self.fields = fields


class SourceEmpty(SourceError):
    """There is nothing that could be measured; only where no record would be read as zero."""


class SourceDoubted(SourceError):
    """The source answered, and says itself that the answer may be incomplete. ``value`` is what it would be."""

    def __init__(self, message: str, *, value: Decimal | None = None, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.value = value


def no_note(_: str) -> None:
    """Where nobody listens to a scan's notes."""


def no_date(_: datetime) -> None:
    """Where nobody listens to when a scan's records were true."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over a source's records.

    ``filters`` are the filters of all queries that this pass serves: a record is wanted if any of them
    passes. ``fields`` are the fields that measures and filters read. ``done``, ``titles``, ``timelines`` and
    ``moments`` say whether ``Record.done``, ``title``, ``timeline`` and ``at`` are wanted, which may cost more to read.
    ``note`` takes what the source says beside its records (a warning), in words; it ends up in ``Reading.notes``.
    ``dated`` takes the moment for which the records hold, where that is earlier than now (a file's last change): it
    becomes ``Reading.as_of``.
    """

    body: Hashable
    filters: frozenset[Filter]
    fields: frozenset[str]
    done: bool = False
    titles: bool = False
    timelines: bool = False
    moments: bool = False
    note: Callable[[str], None] = field(default=no_note, compare=False, repr=False)
    dated: Callable[[datetime], None] = field(default=no_date, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How a source wants to be asked: calls side by side, and calls per second (``None``: no such limit)."""

    threads: int = 4
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connector is given besides its options: clock, sleep and the company's zone. All injected.

    ``folder`` is where the config lies; paths in options count from there. ``limiters`` are those that several sheets
    in one process share; without them each connection has its own.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    timezone: str = "UTC"
    user_agent: str = "okr-sync"
    folder: Path = Path()
    limiters: Limiters | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Connector(Protocol):
    """A configured source that can be asked.

    ``shares_scans``: one pass can serve queries that have equal bodies and different filters; then ``gather``
    applies each filter to each record itself, and ``scan`` may push down their union or nothing. Where it is
    false, every scan carries exactly one filter, and ``scan`` applies it.
    """

    kind: ClassVar[str]
    shares_scans: ClassVar[bool]
    name: str
    limits: Limits

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The records, streamed. Raises SourceError."""
        ...

    def answer(self, metric: Metric) -> Outcome | None:
        """The metric's number, where the source can give it without its records; ``None``: scan instead.

        A gap only where there is nothing to measure (a share of no records). Raises SourceError.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class CanDiscover(Protocol):
    """What a connector may offer besides: to list what its queries can name."""

    def discover(self) -> Findings:
        """What there is, in few calls; writes nothing. Raises SourceError."""
        ...


@runtime_checkable
class CanCheckQueries(Protocol):
    """What a connector may offer besides: to tell which queries are wrong without running them."""

    def refused_queries(self, queries: Iterable[Query]) -> dict[Query, str]:
        """What the source says against which of them; those that are right are absent. Raises SourceError."""
        ...


@runtime_checkable
class ListsOnlySome(Protocol):
    """What a connector may say besides: of more records than this it gives a count, and doesn't list them."""

    lists_at_most: ClassVar[int]


@runtime_checkable
class TellsSent(Protocol):
    """What a connector may offer besides: how a query went over the wire, where its grammar alone can't say."""

    def sent(self, query: Query) -> str:
        """The text that was sent for a query that was answered. Asks nothing new. Raises SourceError."""
        ...


@runtime_checkable
class KnowsTokenEnd(Protocol):
    """What a connector may say besides, once it was answered: the aware moment at which its token ends."""

    token_ends: datetime | None
    """``None`` where the source doesn't say, or the token has no end."""


class ConnectorFactory(Protocol):
    """One kind of source: its grammar, the form of its options, and how one is made.

    ``make`` gets options whose secrets were already fetched (``connectors.secret.Secret``).
    """

    grammar: QueryGrammar

    @property
    def kind(self) -> str:
        """The word in ``sources.NAME.kind``."""
        ...

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME`` without ``kind`` (imports pydantic)."""
        ...

    def make(self, name: str, options: BaseModel, around: Surroundings) -> Connector:
        """A connector, without a request yet. Vendor libraries are imported here, not before."""
        ...


@runtime_checkable
class Browsable(Protocol):
    """A factory whose source has pages for people: it knows where a query's records are looked at in a browser."""

    def make_link(self, options: BaseModel, query: Query) -> str | None:
        """The address of the records, without asking the source; ``None`` where the options don't tell it.

        ``options`` may hold secrets that weren't fetched. The address holds none and is the same all day.
        """
        ...

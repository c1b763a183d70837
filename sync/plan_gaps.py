"""Gaps that a person should do something about, as problems: a source that is down is one, not one per key result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mappings.model import Gap, GapKind, Outcome
from okr.problem import Problem, Severity
from sync.sheet.ledger import RowKey

PREFIX = "source."
"""How the codes of these problems begin: they are known only to a run that asks the sources."""

LOCKED = "config.secret"
"""The code of a source's missing secret, which only a run that asks can tell too."""

_WHOLE_SOURCE = frozenset({GapKind.REFUSED, GapKind.UNAVAILABLE})
_TOGETHER = 3  # so many rows with the same reason are the source's trouble, not theirs
_NAMED = 6


def check_gaps(outcomes: Mapping[RowKey, Outcome], said: Iterable[Problem]) -> Iterator[Problem]:
    """The problems behind the gaps. ``said`` are problems that are known already, of sources and of mappings."""
    known = {problem.subject for problem in said if problem.severity is Severity.ERROR}
    groups: dict[tuple[GapKind, str, str], list[tuple[RowKey, Gap]]] = {}
    for key, gap in outcomes.items():
        is_known = gap.source in known or key.id in known if isinstance(gap, Gap) else True
        if isinstance(gap, Gap) and not is_known and _is_worth_saying(gap):
            reason = "" if gap.kind in _WHOLE_SOURCE else gap.reason
            groups.setdefault((gap.kind, gap.source or "", reason), []).append((key, gap))
    for (kind, source, _), rows in groups.items():
        if source and (kind in _WHOLE_SOURCE or len(rows) >= _TOGETHER):
            yield _make_common(kind, source, rows)
        else:
            yield from (_make_own(key, gap) for key, gap in rows)


def _is_worth_saying(gap: Gap) -> bool:
    """Nothing to measure is no mistake, unless there is something to do about it."""
    return gap.kind is not GapKind.EMPTY or gap.fix is not None


def _make_common(kind: GapKind, source: str, rows: list[tuple[RowKey, Gap]]) -> Problem:
    gap = rows[0][1]
    ids = [key.id for key, _ in rows]
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    concerned = f"{', '.join(ids[:_NAMED])}{more}"
    message = f"{gap.reason.rstrip('.')}. Last good values stay: {concerned}"
    return Problem(f"{PREFIX}{kind.value}", message, None, gap.fix, source)


def _make_own(key: RowKey, gap: Gap) -> Problem:
    severity = Severity.WARNING if gap.kind is GapKind.EMPTY else Severity.ERROR
    message = f"{key.id}: {gap.reason.rstrip('.')}. The last good value stays"
    return Problem(f"{PREFIX}{gap.kind.value}", message, gap.place, gap.fix, key.id, severity)

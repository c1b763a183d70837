"""The weekly digest: what a span of days brought, short enough for a chat or a mail, of all or of a part. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sync.tell.document import Section, render_text
from sync.tell.notify import Message
from sync.tell.period import Course, Period
from sync.tell.period_text import make_document

_TOLD = ("Achievements", "Challenges", "What to improve", "Goalposts moved", "Check-ins owed")
_AT_MOST = 12
"""How many lines of a section a digest has: the rest is in the report."""


def narrow(period: Period, keep: Callable[[Course], bool]) -> Period:
    """The same of some key results only. What concerns the sheet as a whole is left out then."""
    kept = tuple(each for each in period.courses if keep(each))
    if len(kept) == len(period.courses):
        return period
    keys = {each.kr.key for each in kept}
    people = (replace(each, owed=tuple(i for i in each.owed if i.kr.key in keys)) for each in period.owed.people)
    return replace(
        period,
        courses=kept,
        weeks=(),
        won=tuple(each for each in period.won if each in kept),
        won_objectives=(),
        praise=tuple(item for item in period.praise if item.key in keys),
        trouble=tuple(item for item in period.trouble if item.key in keys),
        goalposts=tuple(pair for pair in period.goalposts if pair[0].key in keys),
        unhealthy=(),
        stale=tuple(pair for pair in period.stale if pair[0].kr.key in keys),
        owed=replace(period.owed, people=tuple(each for each in people if each.owed)),
        advice=(),
    )


def make_digest(period: Period, mail: str = "") -> Message:
    """The digest as a message."""
    document = make_document(period)
    sections = tuple(_cut(each) for each in document.sections if each.title in _TOLD)
    text = render_text(replace(document, sections=sections))
    title, _, body = text.partition("\n")
    return Message(title, tuple(body.split("\n")), mail)


def _cut(section: Section) -> Section:
    left = len(section.lines) - _AT_MOST
    return section if left <= 0 else replace(section, lines=(*section.lines[:_AT_MOST], f"… and {left} more"))

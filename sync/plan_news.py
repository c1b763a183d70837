"""What a run adds to the news that people are still to be told, and whether it tells them itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sync.mail_rules import Kind, MailRules
from sync.row_plan import RowPlan
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.outbox import NO_OUTBOX, Outbox

CLAIM = timedelta(hours=1)
"""After so long a run that claimed news and didn't say that it is told has died: the next one tells it."""

DIGEST = Kind.DIGEST.value
_WEEK, _LONGEST = timedelta(days=7), timedelta(days=28)


def render_news_key(kind: Kind, key: RowKey) -> str:
    """What news of a row is known by."""
    return f"{kind.value}|{key.cycle}|{key.id}"


def parse_news_key(text: str) -> tuple[Kind, RowKey] | None:
    """The kind and the key result; ``None`` where the news is of no row."""
    kind, mark, rest = text.partition("|")
    cycle, second, own_id = rest.partition("|")
    if not (mark and second) or kind not in {each.value for each in Kind}:
        return None
    return Kind(kind), RowKey(Tab.KEY_RESULTS, cycle, own_id)


def find_turns(rows: Iterable[RowPlan]) -> Iterator[tuple[RowKey, str, str]]:
    """The statuses of key results that change: the row, the old word, the new one. First statuses are no changes."""
    for row in rows:
        for change in row.changes:
            if row.key.tab is Tab.KEY_RESULTS and change.field is Field.STATUS and change.old:
                yield row.key, str(change.old), str(change.new)


def next_outbox(known: Outbox, rows: Iterable[RowPlan], rules: MailRules, now: datetime, *, is_copy: bool) -> Outbox:
    """What the ledger keeps after this run. ``known`` is what the run before left; a copy of a sheet tells it nobody.

    A status that changes again before anybody was told of it is news against what people were told last; one that is
    back there is no news.
    """
    if not rules.tells:
        return known
    known = NO_OUTBOX if is_copy else known
    news = dict(known.news)
    for key, old, new in find_turns(rows):
        name = render_news_key(Kind.STATUS, key)
        if news.setdefault(name, old) == new:
            del news[name]
    due = rules.last_due(now.date())
    if due is not None and is_due(known.digest, due, now.date()):
        news.setdefault(DIGEST, _since(known.digest, due).isoformat())
    return claim(replace(known, news=news, digest=due or known.digest), rules, now)


def is_due(last: date | None, due: date, today: date) -> bool:
    """Whether the digest of a day is due. Where there was none ever, the first one waits for its own weekday."""
    return due == today if last is None else last < due


def _since(last: date | None, due: date) -> date:
    """The first day that a digest tells of: the one after the last digest, which told of its own day."""
    return (due - _WEEK if last is None or due - last > _LONGEST else last) + timedelta(days=1)


def claim(outbox: Outbox, rules: MailRules, now: datetime) -> Outbox:
    """The outbox with its news claimed by the run of this moment, where there is some and it may be told now."""
    is_going = outbox.claimed is not None and timedelta() <= now - outbox.claimed < CLAIM
    if is_going:
        return outbox
    return replace(outbox, claimed=now if outbox.news and not rules.is_quiet(now) else None)


def settle(outbox: Outbox, told: Mapping[str, str], statuses: Mapping[str, str], moment: datetime) -> Outbox:
    """The outbox once the run of this moment has told its news. ``told`` maps it to what people know now.

    ``statuses`` are the words that stand in the sheet by now: where another run was faster and changed one again, that
    change is news against what was told. News that couldn't be told stays, free for the next run.
    """
    news = {}
    for name, old in outbox.news.items():
        if name not in told:
            news[name] = old
        elif name in statuses and statuses[name] != told[name]:
            news[name] = told[name]
    return replace(outbox, news=news, claimed=None if outbox.claimed == moment else outbox.claimed)

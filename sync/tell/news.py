"""The news of a run as messages for each route: statuses that changed, check-ins owed, the weekly digest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from okr.model import KeyResult, Status
from okr.result import KeyResultResult
from okr.teams import find_teams
from sync.mail_rules import Kind, Route
from sync.plan import Plan
from sync.plan_news import DIGEST, parse_news_key
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.tell.addresses import Addresses, make_addresses
from sync.tell.digest import make_digest, narrow
from sync.tell.notify import Message, cut
from sync.tell.period import Course, Period
from sync.tell.reminders import Reminder, Reminders, say_owed
from sync.tell.reminders_text import Where


@dataclass(frozen=True, slots=True)
class Turned:
    """A status that people are told of. ``old`` is what they were told last, ``why`` what brought the new one."""

    kr: KeyResult
    result: KeyResultResult
    team: str
    old: str
    why: str

    @property
    def kind(self) -> Kind:
        """A win is told apart."""
        return Kind.WON if self.result.status is Status.ACHIEVED else Kind.STATUS

    def __str__(self) -> str:
        won = "Won: " if self.kind is Kind.WON else ""
        owner = f" ({self.kr.owner})" if self.kr.owner.strip() else ""
        said = f"{won}{self.kr.key.id} {self.kr.name}{owner}: {self.old} → {self.result.word}. {self.why}"
        return " ".join(said.split())


@dataclass(frozen=True, slots=True)
class News:
    """Everything that one run has to tell. ``period`` is the weekly digest's, ``owed`` are the reminders to send."""

    title: str
    plan: Plan
    turned: tuple[Turned, ...] = ()
    owed: tuple[Reminder, ...] = ()
    period: Period | None = None
    where: Where = str


def make_news(
    plan: Plan, names: Mapping[str, str], period: Period | None, reminders: Reminders | None, where: Where
) -> News:
    """The news out of what the outbox names. What has turned back or gone since is no news."""
    pairs = [found for name in names if (found := parse_news_key(name)) is not None]
    asked = [key for kind, key in pairs if kind is Kind.CHECK_INS]
    owed = (_only(each, asked) for each in (reminders.people if reminders is not None else ()))
    return News(
        title=plan.snapshot.raw.title or "OKRs",
        plan=plan,
        turned=tuple(_find_turned(plan, names)),
        owed=tuple(each for each in owed if each.owed),
        period=period if DIGEST in names else None,
        where=where,
    )


def _only(each: Reminder, asked: Iterable[RowKey]) -> Reminder:
    keys = {key.key for key in asked}
    return replace(each, owed=tuple(item for item in each.owed if item.kr.key in keys))


def _find_turned(plan: Plan, names: Mapping[str, str]) -> Iterator[Turned]:
    """In the order of the sheet."""
    teams = find_teams(plan.snapshot.okrs)
    olds = {
        found[1].key: old for name, old in names.items() if (found := parse_news_key(name)) and _is_status(found[0])
    }
    reasons = {row.key.key: change.reason for row in plan.moved for change in row.changes
               if row.key.tab is Tab.KEY_RESULTS and change.field is Field.STATUS}  # fmt: skip
    for kr in plan.snapshot.okrs.key_results:
        result, old = plan.scorecard.key_results.get(kr.key), olds.pop(kr.key, None)
        if result is not None and old is not None and old != result.word:
            yield Turned(kr, result, teams[kr.key], old, reasons.get(kr.key) or result.why)


def _is_status(kind: Kind) -> bool:
    return kind is Kind.STATUS


def find_words(plan: Plan, names: Mapping[str, str]) -> dict[str, str]:
    """What people know of each news once it is told: the status's word; "" where there is none."""
    results = plan.scorecard.key_results
    keys = {name: found[1].key for name in names if (found := parse_news_key(name)) and _is_status(found[0])}
    return {name: results[keys[name]].word if name in keys and keys[name] in results else "" for name in names}


def make_posts(news: News, route: Route) -> Iterator[tuple[Kind, Message]]:
    """The messages for a route, each for everybody at the target, and for each owner and lead about theirs."""
    book = make_addresses(news.plan.snapshot.okrs, news.plan.day)
    turned = [each for each in news.turned if route.takes(each.kind) and route.concerns(each.team, each.kr.owner)]
    yield from _post_turned(news, turned, book)
    if route.takes(Kind.CHECK_INS):
        yield from _post_owed(news, route, book)
    if route.takes(Kind.DIGEST) and news.period is not None:
        yield from _post_digest(news.period, route, book)


def _post_turned(news: News, turned: Sequence[Turned], book: Addresses) -> Iterator[tuple[Kind, Message]]:
    if not turned:
        return
    yield Kind.STATUS, _say_turned(news, turned)
    for mail in _all_mails(book, (each.kr.owner for each in turned)):
        yield Kind.STATUS, _say_turned(news, [each for each in turned if mail in book.find(each.kr.owner)], mail)


def _say_turned(news: News, turned: Sequence[Turned], mail: str = "") -> Message:
    number = len(turned)
    title = f"{news.title}: {number} status{'es' if number > 1 else ''} changed"
    return Message(title, tuple(cut(list(map(str, turned)))), mail)


def _all_mails(book: Addresses, owners: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(mail for owner in owners for mail in sorted(book.find(owner))))


def _post_owed(news: News, route: Route, book: Addresses) -> Iterator[tuple[Kind, Message]]:
    owed = [
        narrowed
        for each in news.owed
        if (narrowed := replace(each, owed=tuple(i for i in each.owed if route.concerns(i.team, i.kr.owner)))).owed
    ]
    if not owed:
        return
    yield Kind.CHECK_INS, _say_owed(news, owed)
    for mail in _all_mails(book, (each.owed[0].kr.owner for each in owed)):
        own = [each for each in owed if mail in book.find(each.owed[0].kr.owner)]
        yield Kind.CHECK_INS, _say_owed(news, own, mail)


def _say_owed(news: News, owed: Sequence[Reminder], mail: str = "") -> Message:
    count = sum(len(each.owed) for each in owed)
    title = f"{news.title}: {count} check-in{'' if count == 1 else 's'} owed"
    lines = [say_owed(each, news.plan.day, news.where(each.owed[0].kr.key.cycle)) for each in owed]
    return Message(title, tuple(cut(lines)), mail)


def _post_digest(period: Period, route: Route, book: Addresses) -> Iterator[tuple[Kind, Message]]:
    seen = narrow(period, lambda each: route.concerns(each.team, each.kr.owner))
    if not seen.courses:
        return
    yield Kind.DIGEST, make_digest(seen)
    for mail in _all_mails(book, (each.kr.owner for each in seen.courses)):
        yield Kind.DIGEST, make_digest(narrow(seen, partial(_is_of, book, mail)), mail)


def _is_of(book: Addresses, mail: str, each: Course) -> bool:
    return mail in book.find(each.kr.owner)

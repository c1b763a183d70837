"""Tells people the news that a run has claimed, and then takes it out of the sheet's outbox. Never fails a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from okr.checkin import find_cadence
from okr.problem import OkrSyncError
from sync.engine import Engine
from sync.mail_rules import Kind, Route
from sync.outbox_write import change_outbox
from sync.plan import Plan
from sync.plan_news import DIGEST, claim, parse_news_key, render_news_key, settle
from sync.run import find_open, preview_unasked
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Entry, RowKey
from sync.sheet.outbox import Outbox
from sync.sheet.snapshot import Snapshot
from sync.tell.news import News, find_words, make_news, make_posts
from sync.tell.notify import Message, make_alert
from sync.tell.period_make import make_period
from sync.tell.reminders import Reminders, make_reminders

log = logging.getLogger(__name__)

Deliver = Callable[[Route, list[Message]], int]
"""Hands messages to a route's addresses; how many were taken."""


def tell_news(engine: Engine, plan: Plan, deliver: Deliver) -> None:
    """Tell what this run has claimed. News of a kind that nobody took stays in the outbox for the next run."""
    names = plan.tells
    if not names:
        return
    try:
        taken = deliver_news(gather_news(engine, plan, names), engine.project.config.telling.routes, deliver)
        words = find_words(plan, names)
        told = {name: words[name] for name in names if find_kind(name) in taken}

        def change(snapshot: Snapshot, outbox: Outbox) -> Outbox:
            return settle(outbox, told, find_statuses(snapshot), plan.tells_at or plan.now)

        change_outbox(engine, change)
    except OkrSyncError as error:
        log.warning("what people were told couldn't be noted in the sheet: %s", error)
    except Exception as error:
        # A bug of ours. The sheet is written: a run that did its work is not to be told as one that wrote nothing.
        said = f"{type(error).__name__}: {error}"
        log.error("people couldn't be told what is new (%s). That is a bug in okr-sync; please report it.", said)
        log.debug("where it was", exc_info=True)


def queue_reminders(engine: Engine, plan: Plan, reminders: Reminders) -> tuple[int, Plan]:
    """Put what is owed into the outbox, and how many key results that were; and the plan that tells it.

    A key result that its owner was reminded of within the last cadence is not put there again.
    """
    config, day = engine.project.config, plan.day
    owed = {render_news_key(Kind.CHECK_INS, RowKey(Tab.KEY_RESULTS, *item.kr.key)): item.team
            for each in reminders.people for item in each.owed}  # fmt: skip
    fresh: set[str] = set()

    def queue(_: Snapshot, outbox: Outbox) -> Outbox:
        def is_due(name: str) -> bool:
            last = outbox.reminded.get(name)
            return last is None or (day - last).days >= find_cadence(owed[name], config.cadence)

        fresh.update(filter(is_due, owed))
        kept = {name: last for name, last in outbox.reminded.items() if name in owed}
        reminded = {**kept, **dict.fromkeys(fresh, day)}
        news = {**outbox.news, **dict.fromkeys(fresh, "")}
        return claim(replace(outbox, news=news, reminded=reminded), config.telling.mail, plan.tells_at or plan.now)

    outbox = change_outbox(engine, queue)
    return len(fresh), replace(plan, outbox=outbox)


def find_kind(name: str) -> Kind:
    """What kind of message tells this news. Wins go with the other statuses."""
    found = parse_news_key(name)
    return Kind.DIGEST if found is None else found[0]


def gather_news(engine: Engine, plan: Plan, names: Mapping[str, str]) -> News:
    """The news that the outbox names. The digest and check-ins need one more read, with History."""
    period = reminders = None
    config = engine.project.config
    if any(find_kind(name) is not Kind.STATUS for name in names):
        seen, runs = preview_unasked(engine, Tab.HISTORY)
        cycles = find_open(engine, seen.snapshot, seen.now)
        reminders = make_reminders(seen, cycles, config.cadence, config.stale_days)
        if DIGEST in names:
            period = make_period(seen, runs, cycles, date.fromisoformat(names[DIGEST]), config)
    return make_news(plan, names, period, reminders, partial(plan.snapshot.names.title, Tab.CHECK_INS))


def deliver_news(news: News, routes: Iterable[Route], deliver: Deliver) -> frozenset[Kind]:
    """The kinds of news that are told now: somebody took a message of that kind, or there was none to send."""
    sent: dict[Kind, int] = {}
    for route in routes:
        by_kind: dict[Kind, list[Message]] = {}
        for kind, message in make_posts(news, route):
            by_kind.setdefault(kind, []).append(message)
        for kind, messages in by_kind.items():
            sent[kind] = sent.get(kind, 0) + deliver(route, messages)
    return frozenset(kind for kind in Kind if sent.get(kind, 1))


def find_statuses(snapshot: Snapshot) -> dict[str, str]:
    """The word of each key result's status as it stands in the sheet."""
    entries = snapshot.ledger.entries.items()
    return {render_news_key(Kind.STATUS, key): _word(item) for key, item in entries if key.tab is Tab.KEY_RESULTS}


def _word(entry: Entry) -> str:
    hold = entry.holds.get(Field.STATUS)
    return str((hold.value if hold is not None else entry.bases.get(Field.STATUS)) or "")


def render_messages(engine: Engine, plan: Plan) -> str:
    """Everything that a run with this plan would send, below where it goes; references, never addresses."""
    telling = engine.project.config.telling
    alert = make_alert(plan, "(this plan)", repeats=telling.repeats)
    found = [f"Alert: {alert}"] if alert is not None else []
    news = gather_news(engine, plan, plan.tells)
    posts = [(route, message) for route in telling.routes for _, message in make_posts(news, route)]
    found += [f"Message to {', '.join(route.to)}: {message}" for route, message in posts]
    waiting = len(plan.outbox.news) if not plan.tells else 0
    found += [f"{waiting} waiting for the end of the quiet hours."] if waiting else []
    return "\n".join(found) or "A run would send no alert and no message."

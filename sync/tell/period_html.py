"""What a span of days brought, as one self-contained page: for a mail, a phone, a printer. Pure.

It loads nothing and runs nothing; every text is escaped by ``report_html``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from okr.model import Status
from okr.number import render_score
from sync.tell.period import Period
from sync.tell.period_lists import (
    render_ahead,
    render_movers,
    render_objective,
    render_owed,
    render_said,
    render_turn,
    render_unhealthy,
)
from sync.tell.period_style import render_period_css
from sync.tell.period_text import (
    render_span,
    say_cycle,
    say_goalposts,
    say_headline,
    say_moved,
    say_runs,
    say_stale,
)
from sync.tell.report_html import items, render_page, section, tag, text
from sync.tell.report_style import slug
from sync.tell.sparkline import render_weeks

_ORDER = (Status.ACHIEVED, Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.MISSED)


def render_period(period: Period) -> str:
    """The whole page."""
    body = [
        _render_header(period),
        tag("p", text(say_headline(period)), cls="headline"),
        items(_tiles(period), "tiles"),
        tag("div", _render_weeks(period), _render_spread(period), cls="two"),
        _list("Achievements", _achievements(period)),
        _list("Challenges", _challenges(period)),
        _render_advice(period),
        section("Movers", f"{len(period.movers)} of {len(period.courses)}", render_movers(period)),
        _list("Goalposts moved", (text(line) for line in say_goalposts(period))),
        section("Heading below their aim", "the tick shows the forecast", render_ahead(period)),
        section("Check-ins owed", _owed_count(period), items(map(render_owed, period.owed.people), "points people")),
        section("Stale", str(len(period.stale)), items(map(text, say_stale(period)), "points")),
        tag(
            "footer",
            text(f"{' '.join(say_runs(period))} Scores run from 0 (baseline) to 1 (target). Made by okr-sync."),
        ),
    ]
    return render_page(f"{period.title}, {render_span(period)}", render_period_css(), body)


def _render_header(period: Period) -> str:
    line = text(f"{render_span(period)} · {say_cycle(period)}")
    if period.url.startswith("https://"):
        line += " · " + tag("a", "Open the sheet", href=period.url)
    return tag("header", tag("h1", text(period.title)), tag("p", line))


def _tiles(period: Period) -> Iterator[str]:
    score = render_score(period.score) if period.score is not None else "–"
    arrow = ""
    if period.moved is not None and say_moved(period.moved) != "unchanged":
        sign, cls = ("▲", "up") if period.moved > 0 else ("▼", "down")
        arrow = tag("span", text(f"{sign} {render_score(abs(period.moved))}"), cls=cls)
    expected = f"average score; {render_score(period.pace)} expected" if period.pace is not None else "average score"
    yield tag("b", text(score), arrow) + text(expected)
    on_track = sum(each.result.status in (Status.ON_TRACK, Status.ACHIEVED) for each in period.courses)
    yield tag("b", str(on_track)) + text(f"of {len(period.courses)} on track or achieved")
    yield tag("b", str(len(period.won))) + "won"
    yield tag("b", str(len(period.red))) + "newly red"
    owed = _owed_count(period)
    yield tag("b", owed) + ("check-in owed" if owed == "1" else "check-ins owed")


def _owed_count(period: Period) -> str:
    return str(sum(len(each.owed) for each in period.owed.people))


def _render_weeks(period: Period) -> str:
    chart = render_weeks(period.weeks, period.day)
    key = tag("p", tag("i"), "average score", tag("i", cls="then"), "expected", cls="key")
    return section("The cycle so far", "", chart + key if chart else "")


def _render_spread(period: Period) -> str:
    """All key results by status, before the span and now."""
    now = Counter(each.result.status for each in period.courses)
    then = Counter(each.was for each in period.courses if each.was is not None)
    shown = [status for status in (*_ORDER, *(s for s in Status if s not in _ORDER)) if now[status] or then[status]]
    if not now:
        return ""
    rows = [("Before", then), ("Now", now)] if then else [("Now", now)]
    bars = "".join(tag("dt", text(word)) + tag("dd", _render_bars(shown, counts)) for word, counts in rows)
    legend = (_render_legend(period, status, then, now) for status in shown)
    return section("Statuses", "", tag("dl", bars, tag("dd", items(legend, "legend")), cls="bars"))


def _render_bars(shown: Iterable[Status], counts: Counter[Status]) -> str:
    parts = [tag("span", cls=f"ink {slug(each)}", style=f"flex:{counts[each]}") for each in shown if counts[each]]
    return tag("div", *parts, cls="spread", role="presentation")


def _render_legend(period: Period, status: Status, then: Counter[Status], now: Counter[Status]) -> str:
    change = now[status] - then[status]
    more = tag("span", text(f" ({change:+d})"), cls="quiet") if change and then else ""
    return tag("i", cls=f"ink {slug(status)}") + tag("b", str(now[status])) + text(f" {period.words[status]}") + more


def _list(title: str, lines: Iterable[str]) -> str:
    found = list(lines)
    return section(title, str(len(found)), items(found, "points"))


def _achievements(period: Period) -> Iterator[str]:
    yield from (render_turn(each, period, "Won") for each in period.won)
    yield from (render_objective(each) for each in period.won_objectives)
    yield from (render_turn(each, period) for each in period.better)
    yield from (render_said(item, period.day) for item in period.praise)


def _challenges(period: Period) -> Iterator[str]:
    yield from (render_turn(each, period) for each in (*period.red, *period.worse))
    yield from (render_unhealthy(kpi, result) for kpi, result in period.unhealthy)
    yield from (render_said(item, period.day) for item in period.trouble)


def _render_advice(period: Period) -> str:
    steps = [tag("li", text(each.fact), tag("span", text(each.step))) for each in period.advice]
    return section("What to improve", "", tag("ol", *steps, cls="steps") if steps else "")

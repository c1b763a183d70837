"""The report's smallest pieces as HTML. Every text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from html import escape

from okr.model import Status
from okr.number import render_score
from sync.tell.report_style import slug


def tag(name: str, *content: str, cls: str = "", **attributes: str) -> str:
    """An element; ``content`` is HTML already. Attributes are escaped."""
    named = ({"class": cls} if cls else {}) | attributes
    written = "".join(f' {key}="{escape(value)}"' for key, value in named.items())
    return f"<{name}{written}>{''.join(content)}</{name}>"


def text(value: str) -> str:
    """Text as HTML."""
    return escape(value, quote=False)


_HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
)


def render_page(title: str, css: str, body: Iterable[str]) -> str:
    """A whole page around what is HTML already. It may load nothing and run nothing: its own policy says so."""
    head = tag("head", _HEAD, tag("title", text(title)), f"<style>{css}</style>")
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"


def section(title: str, count: str, body: str) -> str:
    """A section with its heading; nothing where there is no body."""
    if not body:
        return ""
    small = tag("small", text(count)) if count else ""
    return tag("section", tag("h2", text(title), small), body)


def items(lines: Iterable[str], cls: str) -> str:
    """A list of lines that are HTML already; nothing where there are none."""
    rows = [tag("li", line) for line in lines]
    return tag("ul", "\n".join(rows), cls=cls) if rows else ""


def render_pill(status: Status, word: str, *, is_stale: bool = False) -> str:
    """The status word on its colour; grey where the value is old."""
    return tag("span", text(word), cls=f"pill {'stale' if is_stale else slug(status)}")


def render_bar(score: Decimal | None, pace: Decimal | None, status: Status, *, is_stale: bool = False) -> str:
    """The score as a bar, and a tick where it is expected to be; grey where the value is old."""
    if score is None:
        return tag("div", cls="bar")
    spoken = f"Score {render_score(score)}" + (f", {render_score(pace)} expected" if pace is not None else "")
    fill = tag("span", cls=f"ink {'stale' if is_stale else slug(status)}", style=f"width:{_percent(score)}%")
    tick = tag("i", style=f"left:{_percent(pace)}%") if pace is not None else ""
    return tag("div", fill, tick, cls="bar", role="img", title=spoken, **{"aria-label": spoken})


def _percent(share: Decimal) -> str:
    return f"{min(max(share, Decimal(0)), Decimal(1)) * 100:.1f}"

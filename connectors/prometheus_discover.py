"""What a Prometheus server has that a mapping can name: metrics with their types, and labels.

"Querying label values", "Getting label names" and "Querying metric metadata" of its HTTP API. Metadata is what targets
say of themselves while they are scraped: of a metric that is written otherwise there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from connectors.base import SourceError, SourceMisread, SourceRefused
from connectors.findings import Findings, Item, Listing

Fetch = Callable[[str], Any]
_KNOWN = ("up", "probe_success")


def discover(fetch: Fetch, source: str) -> Findings:
    """Three calls. Raises SourceError."""
    names, labels = fetch("label/__name__/values"), fetch("labels")
    described, note = _describe(fetch)
    try:
        metrics = tuple(_metric(name, described) for name in sorted(names))
        listed = tuple(Item(str(name)) for name in sorted(labels) if name != "__name__")
    except (KeyError, TypeError, AttributeError, IndexError):
        raise SourceMisread(f"{source} listed its metrics in an unknown shape.") from None
    return Findings((Listing("Metrics", metrics, note), Listing("Labels", listed)), tuple(_mapping(source, metrics)))


def _describe(fetch: Fetch) -> tuple[dict[str, Any], str]:
    """Types and help by metric; not every server that speaks the query API has them."""
    try:
        found = fetch("metadata")
        return (found, "") if isinstance(found, dict) else ({}, "")
    except SourceRefused as error:
        if error.everything:
            raise
        return {}, f"types not listed: {error.message}"
    except SourceError as error:
        return {}, f"types not listed: {error.message}"


def _metric(name: str, described: dict[str, Any]) -> Item:
    about = (described.get(name) or [{}])[0]
    return Item(str(name), kind=str(about.get("type", "")), note=str(about.get("help", "")))


def _mapping(source: str, metrics: tuple[Item, ...]) -> Iterator[str]:
    """Key results as this server could have them."""
    names = [item.name for item in metrics]
    chosen = next((name for name in _KNOWN if name in names), names[0] if names else "")
    if chosen:
        yield f"KR-1: {{{source}: 'sum({chosen})', measure: {{max: value}}}}"
        yield f"KR-2: {{{source}: 'avg({chosen})', within: {{28d: time}}, measure: {{avg: value}}}}"

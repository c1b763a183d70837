"""Where the records behind each row are looked at in a browser: the links in the column Source. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.base import Browsable
from mappings.evaluate import Bound
from mappings.model import Query
from sync.sheet.ledger import RowKey

if TYPE_CHECKING:
    from sync.load import Source

MAX_LINK = 2000
"""Characters: about what browsers, Excel (2,079) and Jira's own front take of an address."""


def find_links(bounds: Mapping[RowKey, Bound], sources: Mapping[str, Source]) -> dict[RowKey, str]:
    """The address by row. A row that draws on several addresses has none: one of them would tell half of it."""
    found: dict[RowKey, str] = {}
    for key, bound in bounds.items():
        links = {_find_link(metric.query, sources.get(metric.query.source)) for metric in bound.metrics}
        if len(links) == 1 and (link := links.pop()):
            found[key] = link
    return found


def _find_link(query: Query, source: Source | None) -> str | None:
    if source is None or not isinstance(source.factory, Browsable):
        return None
    try:
        return check_link(source.factory.make_link(source.options, query))
    except Exception:  # noqa: BLE001 - another package's connector: a link is no reason to lose a run
        return None


def check_link(link: str | None) -> str | None:
    """The link if a sheet may carry it: a web page's, of printable ASCII, with no name or password, not too long."""
    if not link or len(link) > MAX_LINK or not link.isascii() or not link.isprintable() or " " in link:
        return None
    parts = urlsplit(link)
    is_page = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return link if is_page and parts.username is None and parts.password is None else None

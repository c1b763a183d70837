"""The reference of the kinds of sources, from what each connector declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from handbook.markdown import escape, table
from sync.care.discover import Kind, Option, list_kinds

_HEAD = """\
# Options of sources and queries

Each kind of source with its options in `config.yaml` and the keys that a query in a mapping can have. How to use them
stands in the page of each kind; `okr-sync discover` prints the same for the kinds that are installed.
"""


def render_kinds() -> str:
    """A page with a heading for each kind."""
    return "\n".join([_HEAD, *(part for kind in list_kinds() for part in _one(kind))])


def _one(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name}\n"
    if kind.missing:
        yield escape(kind.missing) + "\n"
        return
    yield table(("option of the source", "meaning", ""), _rows(kind.options))
    if kind.query:
        yield table(("key of a query", "meaning", ""), _rows(kind.query, main=kind.main))


def _rows(options: Iterable[Option], main: str = "") -> Iterator[tuple[str, str, str]]:
    for each in options:
        default = f"`{each.default}` without it" if each.default else ""
        word = "needed" if each.is_required else default
        bare = "a bare text is this" if each.name == main else ""
        yield f"`{each.name}`", escape(each.about), "; ".join(filter(None, (word, bare)))

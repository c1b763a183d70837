"""A short document as a value: a title, sections of lines and tables; as plain text for a terminal, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_BREAKS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers. The columns in ``right`` hold numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines below it, then a table. A section without either isn't shown."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A title, a few lines below it, sections."""

    title: str
    lead: tuple[str, ...] = ()
    sections: Sequence[Section] = field(default_factory=tuple)


def render_text(document: Document) -> str:
    """For a terminal."""
    blocks = ["\n".join(map(_flatten, [document.title, *document.lead]))]
    for section in _shown(document):
        lines = [_flatten(section.title), *(f"  {_flatten(line)}" for line in section.lines)]
        blocks.append("\n".join([*lines, *(_text_table(section.table) if section.table else ())]))
    return "\n\n".join(blocks)


def _flatten(line: str) -> str:
    """A line of which no part can pass for another one; its indentation stays."""
    return _BREAKS.sub(" ", line)


def _shown(document: Document) -> Iterator[Section]:
    return (each for each in document.sections if each.lines or (each.table and each.table.rows))


def _text_table(table: Table) -> Iterator[str]:
    rows = [table.headers, *(tuple(map(_flatten, row)) for row in table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.headers))]
    for row in rows:
        cells = (
            cell.rjust(width) if at in table.right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join(cells)}".rstrip()


def render_markdown(document: Document) -> str:
    """For a wiki or a chat. What people wrote can't become a mark of Markdown's or HTML."""
    blocks = [f"# {escape(document.title)}", *(escape(line) for line in document.lead)]
    for section in _shown(document):
        blocks.append(f"## {escape(section.title)}")
        if section.lines:
            blocks.append("\n".join(f"- {escape(line)}" for line in section.lines))
        if section.table and section.table.rows:
            blocks.append("\n".join(_markdown_table(section.table)))
    return "\n\n".join(blocks)


def _markdown_table(table: Table) -> Iterator[str]:
    yield _markdown_row(table.headers)
    yield _markdown_row(["---:" if at in table.right else "---" for at in range(len(table.headers))], is_raw=True)
    yield from (_markdown_row(row) for row in table.rows)


def _markdown_row(cells: Iterable[str], *, is_raw: bool = False) -> str:
    return f"| {' | '.join(cell if is_raw else escape(cell) for cell in cells)} |"


_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")


def escape(text: str) -> str:
    """Text that stays as it is in Markdown, in one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))

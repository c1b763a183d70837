"""YAML as a tree whose every key and value knows its place: what forms and grammars are checked against.

All scalars are text; they get a type from the field they land in (``no`` may be a person's name).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from okr.problem import Problem, TextPlace


class NodeKind(StrEnum):
    """What stands somewhere in a file. The values are the words of error messages."""

    TEXT = "text"
    LIST = "a list"
    MAP = "a map of keys"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, eq=False)
class SourceText:
    """A file's name and lines."""

    file: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """One line, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


class Span(NamedTuple):
    """A stretch of an expanded text and where it came from in the text as written."""

    start: int
    end: int
    written_start: int
    written_end: int


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value (or key) of a YAML file.

    ``line`` and ``column`` count from 1; ``length`` is what a caret underlines in the first line. ``doubled``
    are the keys of a map that were written more than once. ``spans`` is set where variables were filled in.
    """

    kind: NodeKind
    source: SourceText
    line: int
    column: int
    length: int = 1
    last_line: int = 0
    path: str = ""
    text: str = ""
    quoted: bool = False
    items: tuple[Node, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    doubled: frozenset[str] = frozenset()
    spans: tuple[Span, ...] | None = None

    @property
    def place(self) -> TextPlace:
        """Where the whole of it begins."""
        return TextPlace(self.source.file, self.line, self.column, self.path, self.length)

    @property
    def line_text(self) -> str:
        """Its first line, for the caret."""
        return self.source.line(self.line)

    def value(self, key: str) -> Node | None:
        """What stands under a key of a map."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def without(self, keys: Iterable[str]) -> Node:
        """The same map, but for some keys."""
        left = set(keys)
        return replace(self, entries={key: entry for key, entry in self.entries.items() if key not in left})

    def problem(
        self, code: str, message: str, *, fix: str | None = None, offset: int | None = None, length: int = 1
    ) -> Problem:
        """Something wrong here; ``offset`` and ``length`` pick out a part of its text."""
        place = self.place if offset is None else place_within(self, offset, length)
        return Problem(code, message, place, fix, line_text=self.source.line(place.line))


class Entry(NamedTuple):
    """A key of a map and what stands under it."""

    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Tree:
    """A file that could be read: its top value (nothing, for an empty file) and what is wrong in it."""

    root: Node
    problems: tuple[Problem, ...] = ()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything in it, keys too."""
    yield node
    for item in node.items:
        yield from walk(item)
    for entry in node.entries.values():
        yield entry.key
        yield from walk(entry.value)


def place_within(node: Node, offset: int, length: int = 1) -> TextPlace:
    """Where a part of a node's text stands in its file, also in block texts and behind escapes."""
    offset, length = _written(node, offset, max(length, 1))
    start = node.column - 1 + (1 if node.quoted else 0)
    written = node.source.line(node.line)[start : start + len(node.text)]
    if node.spans is None and written == node.text:
        return TextPlace(node.source.file, node.line, start + offset + 1, node.path, length)
    return _search(node, offset, length)


def _written(node: Node, offset: int, length: int) -> tuple[int, int]:
    """The offset in the text as written, of an offset in the text after variables were filled in."""
    for span in node.spans or ():
        if span.start <= offset < span.end:
            if span.end - span.start == span.written_end - span.written_start:
                return span.written_start + offset - span.start, length
            return span.written_start, span.written_end - span.written_start
    if node.spans:
        return node.spans[-1].written_end, 1
    return offset, length


def _search(node: Node, offset: int, length: int) -> TextPlace:
    """The place of the same piece of text, the same one of several equal ones, in the lines of the node."""
    text = node.text if node.spans is None else _raw(node)
    piece = text[offset : offset + length].split("\n")[0]
    if piece:
        nth = text.count(piece, 0, offset)
        for line in range(node.line, max(node.last_line, node.line) + 1):
            start = node.column - 1 if line == node.line else 0
            raw = node.source.line(line)
            while (found := raw.find(piece, start)) >= 0:
                if nth == 0:
                    return TextPlace(node.source.file, line, found + 1, node.path, len(piece))
                nth, start = nth - 1, found + len(piece)
    return node.place


def _raw(node: Node) -> str:
    """The node's text as it stands in the file, quotes and all: the written text of an expanded node."""
    lines = [node.source.line(number) for number in range(node.line, max(node.last_line, node.line) + 1)]
    first = node.column - 1 + (1 if node.quoted else 0)
    return "\n".join([lines[0][first:], *lines[1:]])

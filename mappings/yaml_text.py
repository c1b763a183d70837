"""YAML text into a tree with places. Text only: no tags, no objects, no surprises from ``yes``, ``1e3``, dates.

The tree is built from parser events, because libyaml's own composer recurses in C and a file of ten
thousand brackets makes it crash. Anchors, aliases and merge keys work, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mappings.node import Entry, Node, NodeKind, SourceText, Tree
from mappings.yaml_words import LINE_BREAK, explain_yaml_error
from okr.problem import Problem, TextPlace

DEEPEST = 40
MOST_REPEATED = 50_000
_NOTHING = frozenset(("", "~", "null"))
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Refused(Exception):
    """The file can't be read any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True, eq=False)
class _Raw:
    """A value as the parser's events tell it: places count from 0; ``children`` alternate in a map."""

    kind: str
    line: int
    column: int
    value: str = ""
    style: str | None = None
    tag: str | None = None
    last_line: int = 0
    last_column: int = 0
    children: list[_Raw] = field(default_factory=list)


def parse_yaml(text: str, file: str) -> Tree | tuple[Problem, ...]:
    """A file's tree, or, where it can't be read at all, why.

    Problems inside a tree (a key written twice, a tag) leave the rest of it usable.
    """
    text = text.removeprefix("\ufeff")
    source = SourceText(file, tuple(LINE_BREAK.split(text)))
    try:
        raw = _compose(text, source)
        if raw is None:
            return Tree(Node(NodeKind.NOTHING, source, 1, 1))
        builder = _Builder(source)
        root = builder.make_node(raw, "", 0)
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        return (explain_yaml_error(error, text, source),)
    except _Refused as refused:
        return (refused.problem,)
    return Tree(root, _once(builder.problems))


def _compose(text: str, source: SourceText) -> _Raw | None:
    """The only document's raw tree. An alias is the very object that its anchor named."""
    anchors: dict[str, _Raw] = {}
    root: _Raw | None = None
    open_nodes: list[_Raw] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _Refused(_second_document(source, event))
        if isinstance(event, yaml.CollectionEndEvent):
            done, end = open_nodes.pop(), _end_of(event)
            done.last_line, done.last_column = end.line, end.column
        if not isinstance(event, yaml.NodeEvent):
            continue
        raw = _make_raw(event, anchors, source)
        if open_nodes:
            open_nodes[-1].children.append(raw)
        else:
            root = raw
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append(raw)
            if len(open_nodes) > DEEPEST:
                raise _Refused(_at(source, raw, "yaml.too-deep", f"values are nested more than {DEEPEST} deep"))
    return root


def _end_of(event: Any) -> Any:
    """The stubs allow events without a mark; parsed ones have one."""
    return event.end_mark


def _make_raw(event: Any, anchors: dict[str, _Raw], source: SourceText) -> _Raw:
    start, end = event.start_mark, event.end_mark
    if isinstance(event, yaml.AliasEvent):
        name = str(event.anchor)
        known = anchors.get(name)
        if known is None:
            alias = _Raw("alias", start.line, start.column, last_line=end.line, last_column=end.column)
            raise _Refused(_unknown_alias(source, alias, name))
        return known
    kind, value, style = "map", "", None
    if isinstance(event, yaml.ScalarEvent):
        kind, value, style = "scalar", event.value, event.style
    elif isinstance(event, yaml.SequenceStartEvent):
        kind = "list"
    tag = None if event.tag == "!" else event.tag
    raw = _Raw(kind, start.line, start.column, value, style or None, tag, end.line, end.column)
    if event.anchor is not None:
        anchors[event.anchor] = raw
    return raw


class _Builder:
    """Raw tree into nodes: paths, keys written twice, merge keys, and bounds on what aliases repeat."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._repeated = 0

    def make_node(self, raw: _Raw, path: str, depth: int) -> Node:
        """A raw value and all in it. ``depth`` counts through aliases, which can nest what was flat."""
        self._count(raw, path, depth)
        if raw.tag is not None:
            self._refuse_tag(raw, path)
        if raw.kind == "scalar":
            return self._make_scalar(raw, path)
        self._open.add(id(raw))
        node = self._make_list(raw, path, depth) if raw.kind == "list" else self._make_map(raw, path, depth)
        self._open.discard(id(raw))
        return node

    def _count(self, raw: _Raw, path: str, depth: int) -> None:
        if id(raw) in self._open:
            raise _Refused(_at(self.source, raw, "yaml.circle", "this value contains itself by an alias", path))
        if depth > DEEPEST:
            raise _Refused(_at(self.source, raw, "yaml.too-deep", f"aliases nest values over {DEEPEST} deep", path))
        if id(raw) in self._seen:
            self._repeated += 1
            if self._repeated > MOST_REPEATED:
                message = f"aliases (*name) in this file repeat more than {MOST_REPEATED:,} values"
                raise _Refused(_at(self.source, raw, "yaml.too-many-aliases", message, path))
        self._seen.add(id(raw))

    def _refuse_tag(self, raw: _Raw, path: str) -> None:
        shown = (raw.tag or "").replace("tag:yaml.org,2002:", "!!")
        fix = "Put text that begins with ! in quotes; take any other tag out."
        self.problems.append(_at(self.source, raw, "yaml.tag", f"YAML tags are not used here ({shown})", path, fix))

    def _make_scalar(self, raw: _Raw, path: str) -> Node:
        plain = raw.style is None or raw.style == ""
        kind = NodeKind.NOTHING if plain and raw.value in _NOTHING else NodeKind.TEXT
        same_line = raw.last_line == raw.line
        end = raw.last_column if same_line else len(self.source.line(raw.line + 1))
        return Node(
            kind,
            self.source,
            raw.line + 1,
            raw.column + 1,
            max(1, end - raw.column),
            raw.last_line + 1,
            path,
            raw.value,
            raw.style in ("'", '"'),
        )

    def _make_list(self, raw: _Raw, path: str, depth: int) -> Node:
        items = tuple(
            self.make_node(child, f"{path}[{number}]", depth + 1) for number, child in enumerate(raw.children)
        )
        return Node(NodeKind.LIST, self.source, raw.line + 1, raw.column + 1, 1, raw.last_line + 1, path, items=items)

    def _make_map(self, raw: _Raw, path: str, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        merged: list[_Raw] = []
        doubled: set[str] = set()
        for key, value in _pairs(raw):
            if key.kind != "scalar":
                self._refuse_key(key, path)
            elif key.value == "<<" and not key.style:
                merged.append(value)
            elif key.value in entries:
                doubled.add(key.value)
                self._refuse_doubled(key, entries[key.value].key)
            else:
                entries[key.value] = self._make_entry(key, value, path, depth)
        for value in merged:
            self._merge(value, entries, path, depth)
        return Node(
            NodeKind.MAP,
            self.source,
            raw.line + 1,
            raw.column + 1,
            1,
            raw.last_line + 1,
            path,
            entries=entries,
            doubled=frozenset(doubled),
        )

    def _make_entry(self, key: _Raw, value: _Raw, path: str, depth: int) -> Entry:
        below = f"{path}.{key.value}" if path else key.value
        key_node = self._make_scalar(key, below)
        return Entry(key_node, self.make_node(value, below, depth + 1))

    def _merge(self, value: _Raw, entries: dict[str, Entry], path: str, depth: int) -> None:
        """``<<: *base``: the base's keys, where the map has none of its own. Of several, the first wins."""
        node = self.make_node(value, path, depth + 1)
        bases = node.items if node.kind is NodeKind.LIST else (node,)
        for base in bases:
            if base.kind is not NodeKind.MAP:
                message = f"<<: takes in another map's keys, but here stands {base.kind}"
                self.problems.append(base.problem("yaml.merge", message, fix="Write <<: *name."))
            for key, entry in base.entries.items():
                entries.setdefault(key, entry)

    def _refuse_doubled(self, key: _Raw, first: Node) -> None:
        message = f"“{key.value}” is written twice, here and in line {first.line}"
        fix = "Keep one of them, or rename one."
        self.problems.append(_at(self.source, key, "yaml.duplicate-key", message, first.path, fix))

    def _refuse_key(self, key: _Raw, path: str) -> None:
        message = f"a key has to be text, but here stands {NodeKind.MAP if key.kind == 'map' else NodeKind.LIST}"
        fix = "Put text that begins with { or [ in quotes."
        self.problems.append(_at(self.source, key, "yaml.key", message, path, fix))


def _once(problems: list[Problem]) -> tuple[Problem, ...]:
    """Each problem once, also when aliases show its place several times."""
    return tuple({(problem.code, str(problem.place).split("  ")[0]): problem for problem in problems}.values())


def _pairs(raw: _Raw) -> Iterator[tuple[_Raw, _Raw]]:
    return zip(raw.children[::2], raw.children[1::2], strict=True)


def _at(source: SourceText, raw: _Raw, code: str, message: str, path: str = "", fix: str | None = None) -> Problem:
    length = max(1, raw.last_column - raw.column) if raw.last_line == raw.line else 1
    place = TextPlace(source.file, raw.line + 1, raw.column + 1, path, length)
    return Problem(code, message, place, fix, line_text=source.line(raw.line + 1))


def _unknown_alias(source: SourceText, alias: _Raw, name: str) -> Problem:
    message = f"no value in this file is marked &{name}"
    return _at(source, alias, "yaml.alias", message, fix="Put text that begins with * in quotes.")


def _second_document(source: SourceText, event: Any) -> Problem:
    mark = event.start_mark
    raw = _Raw("map", mark.line, mark.column, last_line=mark.line, last_column=mark.column + 3)
    return _at(
        source, raw, "yaml.documents", "a file holds one YAML document, and here begins another",
        fix="Take the --- out, or make two files.",
    )  # fmt: skip

"""Configs of older versions: step by step into the form of today, with comments, order and quotes as they were. Pure.

A version goes up when a key gets another name or meaning, so that an old file would be refused or misread; never for a
key that is new. Each step edits single places of the text. Loading does so in memory, so that a night goes on after an
update; ``check --upgrade`` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mappings.node import Entry, Node, NodeKind, Tree
from mappings.yaml_text import parse_yaml
from mappings.yaml_words import LINE_BREAK
from okr.problem import Problem


@dataclass(frozen=True, slots=True)
class Edit:
    """One place of a text, and what is to stand there. Line and column count from 1; ``length`` in characters."""

    line: int
    column: int
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next. ``about`` says to a person what has changed."""

    about: str
    change: Callable[[Node], Iterable[Edit]]


STEPS: tuple[Step, ...] = ()
"""The first makes version 2 out of version 1. There has been one version so far."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A config in the form of today. ``told`` is what was changed, step by step; nothing where it was new already."""

    text: str
    tree: Tree
    version: int
    told: tuple[str, ...] = ()


def rename(entry: Entry, name: str) -> Edit:
    """The edit that gives a key another name."""
    return Edit(entry.key.line, entry.key.column, entry.key.length, name)


def rewrite(value: Node, text: str) -> Edit:
    """The edit that puts another text in the place of a one-line value."""
    return Edit(value.line, value.column, value.length, text)


def upgrade(text: str, tree: Tree, steps: Sequence[Step] = STEPS) -> Upgraded | tuple[Problem, ...]:
    """A config in the newest form, but for the number itself; or why that can't be: a newer version, or none at all.

    A file that says no version is of the first.
    """
    newest, written = 1 + len(steps), tree.root.value("version")
    version = _read_version(written)
    if written is not None and not 1 <= version <= newest:
        return (_refuse(written, version, newest),)
    todo = steps[version - 1 :]
    for step in todo:
        text = apply_edits(text, step.change(tree.root))
        changed = parse_yaml(text, tree.root.source.file)
        if isinstance(changed, tuple):
            return changed
        tree = changed
    return Upgraded(text, tree, newest, tuple(step.about for step in todo))


def read_newest(text: str, file: str, steps: Sequence[Step] = STEPS) -> Upgraded | tuple[Problem, ...]:
    """A file in the newest form; or why it can't be had. What is wrong in it later is shown as it would be written."""
    text = text.removeprefix("\ufeff")
    tree = parse_yaml(text, file)
    return tree if isinstance(tree, tuple) else upgrade(text, tree, steps)


def _read_version(written: Node | None) -> int:
    """The number; 1 where nothing is said, 0 where it is none."""
    if written is None:
        return 1
    return int(written.text) if written.text.isascii() and written.text.isdigit() and len(written.text) < 5 else 0


def _refuse(written: Node, version: int, newest: int) -> Problem:
    if version > newest:
        message = f"this config is of version {version}; this okr-sync knows versions up to {newest}"
        fix = "Install the okr-sync that it was written for, or a newer one. Nothing was read or written."
    else:
        said = f"“{written.text}”" if written.kind is NodeKind.TEXT else str(written.kind)
        message = f"{said} is no version of a config"
        fix = f"Write version: {newest}."
    return written.problem("config.version", message, fix=fix)


def stamp(upgraded: Upgraded) -> str:
    """The text that says its new version, as it is to be written: in the number's place, or in a line of its own."""
    root, written = upgraded.tree.root, upgraded.tree.root.value("version")
    if written is not None:
        return apply_edits(upgraded.text, [rewrite(written, str(upgraded.version))])
    first = min(root.entries.values(), key=lambda entry: entry.key.line).key
    end = LINE_BREAK.search(upgraded.text)
    line = f"version: {upgraded.version}{end[0] if end else chr(10)}"
    return apply_edits(upgraded.text, [Edit(first.line, 1, 0, line)])


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits, which may not overlap; every other character stays."""
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    for edit in sorted(edits, key=lambda each: (each.line, each.column), reverse=True):
        at = starts[edit.line - 1] + edit.column - 1
        text = text[:at] + edit.text + text[at + edit.length :]
    return text

"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """A text in which nothing is markup."""
    for mark in ("\\", "*", "_", "<", "[", "]"):
        text = text.replace(mark, f"\\{mark}")
    return text


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars and line ends in its cells are no part of it."""
    lines = [_line(head), _line(["---"] * len(head)), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(_barless(cell).split()) for cell in cells) + " |"


def _barless(cell: str) -> str:
    """Bars in code stay: Python-Markdown would show the backslash."""
    parts = cell.split("`")
    parts[::2] = [part.replace("|", "\\|") for part in parts[::2]]
    return "`".join(parts)

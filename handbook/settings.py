"""The reference of the settings, from ``config.example.yaml``, which has each of them once."""

from __future__ import annotations

import re

_HEAD = """\
# Settings

`config.yaml` with every setting once; those with a `#` before them show the default or an example. Each block can be
left out, but for `sheet`. `okr-sync schema` makes the same known to an editor.
"""


def render_settings(example: str) -> str:
    """A page with a heading for each block of the example, and the block as it stands there."""
    parts = [_HEAD]
    for block in _blocks(example):
        name = re.search(r"^#? ?([a-z_]+):", block, re.MULTILINE)
        parts.append(f"## {name.group(1)}\n" if name else "")
        parts.append(f"```yaml\n{block}\n```\n")
    return "\n".join(parts)


def _blocks(example: str) -> list[str]:
    """The example cut before each top-level setting, with the comment lines that stand above it."""
    blocks: list[list[str]] = [[]]
    for line in example.splitlines():
        if re.match(r"[a-z_]+:", line):
            above = _comments_above(blocks[-1])
            if any(blocks[-1]):
                blocks.append(above)
            else:
                blocks[-1] = above
        blocks[-1].append(line)
    return [text for text in ("\n".join(block).strip("\n") for block in blocks) if text]


def _comments_above(block: list[str]) -> list[str]:
    """Take the comment lines at a block's end out of it."""
    taken: list[str] = []
    while block and block[-1].startswith("#"):
        taken.insert(0, block.pop())
    return taken

"""The keys of a mapping that are ours, whatever its source; and a mistyped one, which is told once."""

from __future__ import annotations

from collections.abc import Collection

from mappings.node import Node
from mappings.suggest import nearest

READS = ("metric", "formula", "steps")
"""The keys, beside sources' names, that say what is read."""
RESERVED_KEYS = frozenset(
    (
        *READS, "manual", "every", "with", "measure", "within", "where", "missing", "scale", "guard", "pause", "note",
        "weight", "metrics", "key_results", "kpis",
    )
)  # fmt: skip
"""The keys that are ours in a mapping; no source may bear such a name."""
OPTIONS = RESERVED_KEYS - {*READS, "manual", "every", "metrics", "key_results", "kpis"}
"""Those of them that say how it is read."""


def is_mistyped(node: Node, word: str, sources: Collection[str]) -> bool:
    """Whether an unknown key of this map was probably meant to be ``word``.

    The unknown key is told with “did you mean”; that ``word`` is missing is no second problem then.
    """
    known = {*RESERVED_KEYS, *sources}
    return any(nearest(key, known) == word for key in node.entries if key not in known)

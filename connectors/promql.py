"""PromQL as text: literals in which no value can do harm. Sends nothing.

"String literals" of Prometheus' querying basics: quotes take Go's escapes, of which ``\\xNN`` and ``\\uNNNN`` mean the
same in every kind of quote that has escapes.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?\d+(\.\d+)?|\d+(ms|[smhdwy])")
_PLAIN = re.compile(r"[\w .:/@-]", re.ASCII)


def quote(text: str) -> str:
    """One literal: a number or a duration bare, anything else in double quotes."""
    return text if _NUMBER.fullmatch(text) else f'"{escape(text)}"'


def escape(text: str) -> str:
    """The inside of a literal. Whatever might end it, or a selector's braces around it, is written as its code."""
    return "".join(letter if _PLAIN.fullmatch(letter) else _code(letter) for letter in text)


def _code(letter: str) -> str:
    number = ord(letter)
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def render_labels(labels: dict[str, str]) -> str:
    """A series as Prometheus writes it: ``up{job="api"}``."""
    name = labels.get("__name__", "")
    pairs = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()) if key != "__name__")
    return f"{name}{{{pairs}}}" if pairs or not name else name

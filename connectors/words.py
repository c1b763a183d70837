"""A filter as people read it, the same for every kind of source that judges filters record by record."""

from __future__ import annotations

import re

from mappings.model import Condition, Filter, Measure


def say_filter(only: Filter, own: str = "") -> list[str]:
    """``["where Stage = Won and Amount >= 3", "Closed from 2026-10-01 until before 2027-01-01"]``; maybe empty.

    ``own`` is a test in the source's own language that comes first.
    """
    tests = [own] if own else []
    tests += [_say(condition) for condition in only.conditions]
    said = [f"where {' and '.join(tests)}"] if tests else []
    if window := only.window:
        said.append(f"{window.field} from {window.start:%Y-%m-%d} until before {window.end:%Y-%m-%d}")
    return said


def _say(condition: Condition) -> str:
    return f"{condition.field} {condition.op} {' or '.join(condition.values)}"


def say_unmeasurable(measure: Measure, who: str, what: str) -> str | None:
    """Why a measure needs what such a source doesn't say: what is done, when a status changed; ``None`` if it doesn't.

    ``who`` is the source ("A database"), ``what`` its records ("rows").
    """
    if measure.reads_timeline:
        return f"{who} doesn't tell when a status changed; write {{days: [Opened, Closed]}} with two date fields."
    if measure.name == "percent_done":
        return f"{who} doesn't say which {what} are done; write share: {{Status: Done}} with your own field."
    return None


_WORDS = re.compile(r"[^\W\d_]\w*( \w+)*")


def say_name(name: str) -> str:
    """A name as YAML: bare where it is plain words, else in quotes, in which only the quote itself means anything.

    A name that has such quotes itself stands in double ones, where nothing in it means anything there.
    """
    if _WORDS.fullmatch(name):
        return name
    if "'" in name and name.isprintable() and not set(name) & {'"', "\\"}:
        return f'"{name}"'
    return "'" + name.replace("'", "''") + "'"

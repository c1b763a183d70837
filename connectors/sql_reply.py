"""What databases' drivers give back, as values and as our errors. Knows SQLSTATE and numbers, not the libraries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.base import SourceError, SourceMisread, SourceRefused, SourceUnavailable
from connectors.reply import Asked, trimmed
from connectors.secret import redact
from connectors.value import parse_number, parse_text
from mappings.model import Value

_LATE = ("57014", "statement timeout", "max_statement_time", "maximum statement execution time", "interrupted")
_LOCKED_OUT = ("28000", "28P01", "1044", "1045", "1698", "password authentication", "no password supplied")
_NO_RIGHT = ("42501", "1142", "1143", "1370", "permission denied")
_PASSING = ("08", "53", "40", "57P", "1040", "1205", "1213", "2002", "2003", "2006", "2013", "2014")
_NEVER = ("no such", "unable to open", "syntax", "readonly", "read-only", "does not exist", "failed to resolve")


def parse_column(found: Any, zone: ZoneInfo) -> Value:
    """One column's value: exact numbers; a moment without a zone is one in the company's; bytes are nothing."""
    if found is None or isinstance(found, bool | Decimal):
        return found if not isinstance(found, Decimal) or found.is_finite() else None
    if isinstance(found, int | float):
        number = parse_number(found)
        return number if number.is_finite() else None
    if isinstance(found, datetime):
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)
    if isinstance(found, date):
        return found
    if isinstance(found, str):
        return parse_text(found)
    if isinstance(found, timedelta):
        return Decimal(str(found.total_seconds()))
    if isinstance(found, time | UUID):
        return str(found)
    if isinstance(found, list | tuple):
        return tuple(value for each in found if (value := parse_column(each, zone)) is not None) or None
    return None


def explain(error: Any, asked: Asked, timeout: float) -> SourceError:
    """What SQLAlchemy's wrapper of a driver's error means, by its SQLSTATE or number, else by its words."""
    said, code, place = say_error(error.orig), _code(error.orig), asked.place

    def is_one_of(signs: Iterable[str]) -> bool:
        low = said.lower()
        return any(code == sign or (len(sign) > 5 and sign in low) for sign in signs)

    if is_one_of(_LATE):
        fix = "Make it faster (an index, fewer rows), or raise timeout."
        return SourceMisread(f"{place} stopped the query after {timeout:g} s.", fix=fix)
    if is_one_of(_LOCKED_OUT):
        return SourceRefused(f"{place}: {said}", fix=f"Check {asked.credential} and the user.", everything=True)
    if is_one_of(_NO_RIGHT):
        return SourceRefused(f"{place}: {said}", fix="Give its account SELECT on what is read.")
    if error.connection_invalidated or _is_passing(error, code, said):
        return SourceUnavailable(f"{place} can't be reached: {said}")
    return SourceMisread(f"{place}: {said}", fix="Correct the query.")


def _code(error: Any) -> str:
    """SQLSTATE where the driver knows it, else the server's number."""
    state = getattr(error, "sqlstate", None)
    if state:
        return str(state)
    arguments = getattr(error, "args", ())
    return str(arguments[0]) if arguments and isinstance(arguments[0], int) else ""


def _is_passing(error: Any, code: str, said: str) -> bool:
    """Whether another try may help: no connection, a restart, a deadlock, too many connections."""
    if code:
        return any(code.startswith(sign) if len(code) == 5 else code == sign for sign in _PASSING)
    is_operational = type(error).__name__ in {"OperationalError", "InterfaceError"}
    return is_operational and not any(word in said.lower() for word in _NEVER)


def say_error(error: object) -> str:
    """The driver's message, without the statement's parameters."""
    arguments: tuple[Any, ...] = getattr(error, "args", ())
    text = str(arguments[1]) if len(arguments) > 1 and isinstance(arguments[0], int) else str(error)
    return trimmed(redact(text.split("\n[SQL")[0]))

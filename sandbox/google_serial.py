"""Dates as Google Sheets counts them: days since 1899-12-30, with the time of day as a fraction."""

from __future__ import annotations

from datetime import date, datetime, timedelta

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day in the sheet's own zone


def to_serial(moment: date | datetime) -> float:
    """Count days since 1899-12-30, as Sheets does."""
    if not isinstance(moment, datetime):
        return float((moment - EPOCH.date()).days)
    return (moment.replace(tzinfo=None) - EPOCH) / timedelta(days=1)


def from_serial(serial: float) -> datetime:
    """Return the moment of a serial number, to the second."""
    return EPOCH + timedelta(seconds=round(serial * 86_400))

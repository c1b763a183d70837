"""The choices of a dropdown in the words that the configured rule has for a status. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from okr.model import Status
from sync.sheet.layout import Column, Field


def reword(column: Column, words: Mapping[Status, str]) -> Column:
    """The column, offering the rule's words where it offers statuses."""
    if column.field is not Field.STATUS or not words:
        return column
    return replace(column, choices=tuple(words.get(status, status.value) for status in Status))

"""The word that is shown for a status. The level stays ours inside; a preset may call it by a product's own word."""

from __future__ import annotations

from okr.model import Status, StatusRule

OURS = StatusRule()
"""The rule that calls every status by our own word."""

_OUR_WORDS = {status.value.casefold(): status for status in Status}


def say_status(status: Status, rule: StatusRule = OURS) -> str:
    """The word for a status as it stands in the sheet."""
    return rule.labels.get(status, status.value)


def murmur_status(status: Status, rule: StatusRule = OURS) -> str:
    """The word inside a sentence: ours in lower case, a product's own as the product writes it."""
    return rule.labels.get(status) or status.value.lower()


def read_status(text: str, rule: StatusRule = OURS) -> Status | None:
    """The status that a word means: the rule's own word before ours. ``None`` where it means none."""
    folded = text.strip().casefold()
    for status, label in rule.labels.items():
        if label.casefold() == folded:
            return status
    return _OUR_WORDS.get(folded)


def list_words(rule: StatusRule = OURS) -> dict[Status, str]:
    """The word of every status, in the order of the dropdown."""
    return {status: say_status(status, rule) for status in Status}

"""The ways of signing in to Google, in the words of messages: each one's name, and what to do when it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """One way. ``refused`` says what to do when Google doesn't accept it; ``{setting}`` in it is where it is set."""

    name: str
    refused: str

    def say_refused(self, setting: str) -> str:
        """What to do when Google doesn't accept it."""
        return self.refused.format(setting=setting)


KEY = Way("a service account's key", "Check {setting}: the key may be deleted, or this machine's clock wrong.")
WORKLOAD = Way(
    "workload identity",
    "Check {setting}: the identity pool may not trust this workload, or not let it act as this account.",
)
PERSON = Way("a person's sign-in", "Check {setting}: the person may have taken it back.")

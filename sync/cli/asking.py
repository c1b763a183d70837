"""How a command asks on a terminal: a question, what is said around it, and asking again until an answer is good."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from okr.problem import OkrSyncError
from sync.cli.output import clean, width

T = TypeVar("T")
U = TypeVar("U")


def until_good(answer_once: Callable[[], T], check: Callable[[T], U]) -> tuple[T, U]:
    """Ask until the answer can be used; what is wrong with one is said with its fix."""
    while True:
        try:
            answer = answer_once()
            return answer, check(answer)
        except OkrSyncError as error:
            bad(error)


def ask(question: str, default: str | None) -> str:
    """An answer as typed, without spaces around it; Enter takes the default."""
    return str(click.prompt(f"  {question}", default=default)).strip()


def title(text: str) -> None:
    """The head of a part."""
    click.secho(f"\n{text}", bold=True)


def say(text: str) -> None:
    """A sentence, wrapped to the terminal."""
    click.echo(click.wrap_text(clean(text), width(), "  ", "  "))


def good(text: str) -> None:
    """What went well."""
    click.secho(click.wrap_text(clean(f"✓ {text}"), width(), "  ", "    "), fg="green")


def bad(error: OkrSyncError) -> None:
    """What didn't, and what to do."""
    from connectors.secret import redact

    click.secho(click.wrap_text(clean(redact(f"✗ {error.message}")), width(), "  ", "    "), fg="red")
    if error.fix:
        say(redact(f"  {error.fix}"))

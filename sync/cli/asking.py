"""How a command asks on a terminal: a question, what is said around it, and asking again until an answer is good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def ask_choice(question: str, choices: Sequence[str], default: str) -> str:
    """One of some words."""
    return str(click.prompt(f"  {question}", type=click.Choice(choices), default=default))


def ask_secret(question: str, before: str, *, enter: str = "") -> str:
    """What is typed unseen, struck out of every message from then on. Enter keeps ``before``, or means ``enter``."""
    from connectors.secret import remember_secret

    hint = "; Enter keeps the last one" if before else f"; Enter for {enter}" if enter else " while you type"
    default = before if before or enter else None
    shown = f"  {question} (nothing is shown{hint})"
    text = str(click.prompt(shown, hide_input=True, default=default, show_default=False)).strip()
    if text:
        remember_secret(text)
    return text


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

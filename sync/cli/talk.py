"""A conversation on a terminal: what is asked, said, praised and refused, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from okr.problem import OkrSyncError
from sync.cli.output import clean, width

T = TypeVar("T")
U = TypeVar("U")


def until_good(ask: Callable[[], T], check: Callable[[T], U]) -> tuple[T, U]:
    """Ask until the answer can be used; what is wrong with one is said with its fix."""
    while True:
        try:
            answer = ask()
            return answer, check(answer)
        except OkrSyncError as error:
            refuse(error)


def ask_text(question: str, default: str | None) -> str:
    """One line; Enter takes the default, where there is one."""
    return str(click.prompt(f"  {question}", default=default)).strip()


def ask_choice(question: str, choices: Sequence[str], default: str) -> str:
    """One of some words."""
    return str(click.prompt(f"  {question}", type=click.Choice(choices), default=default))


def ask_secret(question: str, before: str, *, enter: str = "") -> str:
    """What is typed unseen, struck out of every message from then on. Enter keeps ``before``, or means ``enter``."""
    from connectors.secret import remember_secret

    hint = "Enter keeps the last one" if before else f"Enter for {enter}" if enter else "while you type"
    sign = " " if hint == "while you type" else "; "
    default = before if before or enter else None
    text = str(
        click.prompt(
            f"  {question} (nothing is shown{sign}{hint})", hide_input=True, default=default, show_default=False
        )
    ).strip()
    if text:
        remember_secret(text)
    return text


def title(text: str) -> None:
    """A new subject."""
    click.secho(f"\n{text}", bold=True)


def say(text: str) -> None:
    """A sentence or two, wrapped to the terminal."""
    click.echo(click.wrap_text(clean(text), width(), "  ", "  "))


def praise(text: str) -> None:
    """What went well."""
    click.secho(click.wrap_text(clean(f"✓ {text}"), width(), "  ", "    "), fg="green")


def refuse(error: OkrSyncError) -> None:
    """What went wrong, and what to do."""
    from connectors.secret import redact

    click.secho(click.wrap_text(clean(redact(f"✗ {error.message}")), width(), "  ", "    "), fg="red")
    if error.fix:
        say(redact(f"  {error.fix}"))

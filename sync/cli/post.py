"""How the messages of a command leave: they are sent, or printed for somebody else to send, or neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sync.engine import Engine
    from sync.mail_rules import Route
    from sync.plan import Plan
    from sync.tell.notify import Message

SEND, PRINT, OFF = "send", "print", "off"
notify = click.option(
    "--notify", type=click.Choice([SEND, PRINT, OFF]), default=SEND, show_default=True,
    help="print: messages stand in the output instead, and count as told. off: nobody is told.",
)  # fmt: skip


@dataclass(slots=True)
class Post:
    """Where messages go in this command. ``printed`` are those that were printed, with their addresses by reference."""

    how: str
    folder: Path
    environ: Mapping[str, str]
    printed: list[tuple[tuple[str, ...], Message]] = field(default_factory=list)

    def deliver(self, route: Route, messages: Sequence[Message]) -> int:
        """Send or keep for printing; how many were taken."""
        from sync.tell.watch import send_to

        if self.how == SEND:
            return send_to(self.folder, self.environ, route, messages)
        self.printed += [(route.to, message) for message in messages]
        return len(messages)

    def tell(self, engine: Engine, plan: Plan) -> None:
        """Tell the news that a run has claimed, and note it, before a signal ends the process: else people would hear
        it twice.
        """
        from sync.interrupt import shielded
        from sync.tell.mail import tell_news

        if self.how != OFF:
            with shielded():
                tell_news(engine, plan, self.deliver)

    def render(self) -> str:
        """What is printed, as people read it."""
        return "\n".join(f"To {', '.join(to)}: {message}" for to, message in self.printed)

    def echo_failed(self, *, failed: bool) -> None:
        """Print what there is at once, where the command won't come to it any more. Not into a result: to stderr."""
        from connectors.secret import redact
        from sync.cli.output import clean_lines

        if failed and self.printed:
            click.echo(clean_lines(redact(self.render())), err=True)

    def as_json(self) -> list[dict[str, Any]]:
        """The same for programs."""
        return [
            {"to": list(to), "email": message.email or None, "title": message.title, "lines": list(message.lines)}
            for to, message in self.printed
        ]

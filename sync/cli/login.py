"""The commands login and logout: parse, call, render, exit code. What is told on the way goes to stderr."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.daily import as_json
from sync.cli.output import FINE, clean, echo_json, echo_text, width

if TYPE_CHECKING:
    from sync.care.login import SignedIn

SERVICES = click.Choice(["google"])


@click.command("login")
@click.argument("service", type=SERVICES)
@click.option(
    "--client", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="The JSON of your OAuth client; by default that of the last sign-in.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="The browser is on another machine: take the address it ends at.")
@click.option("--read-only", is_flag=True, help="Ask for the right to read only: enough for plan, check, status.")
@click.option("--keyring", "keyring", is_flag=True, help="Keep it in the keyring instead of a file.")
@as_json
def login_command(
    *, service: str, client: Path | None, no_browser: bool, read_only: bool, keyring: bool, json_: bool
) -> int:
    """Sign in to Google as yourself, where no service account is to be had. Nothing of a sheet is read or written.

    The browser asks whether okr-sync may open your spreadsheets. What comes of it is kept for you alone, in a file or
    the keyring; the config says: credentials: login. It needs an OAuth client of yours, made once in five minutes:
    docs/connect/google.md.

    \b
    Examples:
      okr-sync login google --client client.json     # the first time
      okr-sync login google                          # again, when Google says that it is over
      okr-sync login google --no-browser             # on a server
    """
    found = sign_in(client, no_browser=no_browser, read_only=read_only, keyring=keyring)
    if json_:
        echo_json({"service": service, "account": found.account, "kept_in": found.place, "credentials": "login"})
        return FINE
    echo_text(f"Signed in{f' as {found.account}' if found.account else ''}. Kept in {found.place}, for you alone.")
    click.echo("\nIn config.yaml, under sheet:\n\n  credentials: login\n\nThen: okr-sync doctor")
    return FINE


def sign_in(
    client: Path | None, *, no_browser: bool = False, read_only: bool = False, keyring: bool = False
) -> SignedIn:
    """Let somebody at this terminal sign in.

    Raises:
        LoginRefused, LoginNotStored: nobody did; an earlier sign-in stays.
    """
    from sync.care import login

    known = login.load_client(client)
    is_elsewhere = no_browser or not login.has_browser(os.environ)
    show = _show_elsewhere if is_elsewhere else _open_browser
    return login.sign_in(login.Wishes(known, show, _paste if is_elsewhere else None, read_only, keyring))


def _open_browser(address: str) -> None:
    """Beside the command: some browsers come back only when they are closed."""
    import threading
    import webbrowser

    _tell("A browser opens, and asks whether okr-sync may open your spreadsheets. If it doesn't, open this address:")
    click.echo(f"\n{address}\n", err=True)  # never wrapped: it is to be copied
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    _tell("Waiting for your answer there. Ctrl-C stops; nothing is kept before the end.")


def _show_elsewhere(address: str) -> None:
    _tell("Open this address in a browser, on whatever machine, and say yes:")
    click.echo(f"\n{address}\n", err=True)
    _tell("At the end the browser finds nothing at 127.0.0.1: that is as it should be. Copy the whole address that it "
          "shows then, and paste it here.")  # fmt: skip


def _paste() -> str:
    return str(click.prompt("Address", err=True)).strip()


def _tell(text: str) -> None:
    click.echo(click.wrap_text(clean(text), width()), err=True)


@click.command("logout")
@click.argument("service", type=SERVICES)
@as_json
def logout_command(*, service: str, json_: bool) -> int:
    """End the sign-in of okr-sync login: Google is told, and what was kept on this machine is deleted.

    Example: okr-sync logout google
    """
    from sync.care.login import sign_out

    done = sign_out()
    if json_:
        told = done.was_there and not done.trouble
        echo_json({"service": service, "was_there": done.was_there, "google_told": told, "account": done.account})
        return FINE
    if not done.was_there:
        click.echo("Nobody is signed in on this machine.")
        return FINE
    whose = f" of {done.account}" if done.account else ""
    echo_text(f"The sign-in{whose} is deleted on this machine" + ("." if done.trouble else ", and ended at Google."))
    if done.trouble:
        echo_text(f"Google doesn't know yet: {done.trouble}")
    return FINE

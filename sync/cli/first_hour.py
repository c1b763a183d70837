"""What ``init`` asks on a terminal: the sheet, one source, which key result it fills. Each answer is tried at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.home import expand_home
from okr.problem import OkrSyncError
from sync.cli.asking import ask, bad, good, say, title, until_good
from sync.cli.daily import echo_problems
from sync.cli.first_source import FEW, SourceTalk
from sync.cli.output import FINE, clean, echo_text

if TYPE_CHECKING:
    from connectors.base import Surroundings
    from okr.model import KeyResult
    from sync.care.first_hour import SheetAnswer
    from sync.care.first_source import SourceAnswer
    from sync.engine import Engine


def ask_first_hour(config: Path) -> int:
    """Ask, try, write, prepare, and show the plan. Nothing is written before the last answer is good.

    Raises:
        InitRefused: the config is there already.
    """
    from sync.care.first_hour import NO_SOURCE, render_first_mapping, try_source
    from sync.care.init import FIRST_MAPPING, apply_init, check_absent
    from sync.opening import make_around

    check_absent(config)
    folder, environ, around = config.parent, dict(os.environ), make_around()
    say("okr-sync keeps the sheet that holds your OKRs alive. Two questions, each answer tried at once; Ctrl-C stops, "
         "and nothing is written until the end.")  # fmt: skip
    sheet = _ask_sheet(folder, environ, around)
    title("2  One source of numbers")
    talk = SourceTalk(sheet, environ)
    source, lines = talk.ask_all(lambda given: try_source(given, sheet, folder, environ, around))
    done = apply_init(
        config,
        block=sheet.render(),
        sources=source.render() if source else NO_SOURCE,
        mapping=render_first_mapping(lines) if source else None,
    )
    title("Files")
    for path in done.written:
        good(f"Wrote {path}")
    for path in done.left:
        say(f"Left {path} as it is: it was there already.")
    is_ours = str(folder / FIRST_MAPPING) in done.written
    _prepare_and_plan(config, environ, lines if is_ours else ())
    _say_next(source, environ)
    return FINE


def _ask_sheet(folder: Path, environ: dict[str, str], around: Surroundings) -> SheetAnswer:
    from connectors.google_login_store import LOGIN
    from sync.care.first_hour import SheetAnswer, find_account, try_sheet
    from sync.care.init import DEFAULT_WORKBOOK, KEY_FILE

    title("1  The sheet")
    say("A Google sheet's address, or the path of a workbook (it need not exist yet).")
    before = SheetAnswer(DEFAULT_WORKBOOK, KEY_FILE)

    def answer_once() -> SheetAnswer:
        nonlocal before
        before = SheetAnswer(ask("Sheet", before.place), before.key)
        if not before.is_google:
            return before
        before.render()
        say("How to sign in to it: by a service account's key (a file, or env:NAME); by application-default, which is "
             "what this machine has of its own; or by login, you yourself, in a browser.")  # fmt: skip
        last, before = before.key, SheetAnswer(before.place, ask("Sign in by", before.key))
        if before.key == LOGIN:
            _sign_in(folder, asks_again=last == LOGIN)
        if account := find_account(before, folder, environ, around):
            say(f"Share the sheet with {account} as an editor, if you haven't yet.")
        return before

    answer, found = until_good(answer_once, lambda given: try_sheet(given, folder, environ, around))
    shown = [title for title in found.titles if not title.startswith("_")]
    more = ", …" if len(shown) > FEW else ""
    good(f"Opened it. Its tabs: {', '.join(shown[:FEW])}{more}" if found.exists else f"{answer.place} will be made")
    return answer


def _sign_in(folder: Path, *, asks_again: bool) -> None:
    """Let a person sign in to Google, unless somebody has; the first time that takes an OAuth client.

    ``asks_again``: whether somebody who is signed in may want to do so again, because the sheet didn't open.

    Raises:
        LoginRefused, LoginNotStored: nobody signed in.
    """
    from connectors.google_login_store import fetch_login_secret
    from connectors.secret import SecretMissing
    from sync.cli.login import sign_in

    try:
        last = fetch_login_secret().reveal()
    except SecretMissing as error:
        say(f"{error.message} It takes an OAuth client of yours, made once in five minutes: docs/connect/google.md, "
            "“As yourself”.")  # fmt: skip
        last = ""
    else:
        if not (asks_again and click.confirm("  Sign in again, perhaps as somebody else?", default=False)):
            return
    done = sign_in(_ask_client(folder, last))
    good(f"Signed in{f' as {done.account}' if done.account else ''}; kept in {done.place}")


def _ask_client(folder: Path, last: str) -> Path | None:
    """The JSON of an OAuth client; ``None`` for that of the last sign-in, if it has one. It may be gone at Google."""
    from connectors.google_login import LoginRefused, parse_client

    same = "the same"
    try:
        parse_client(last)
    except LoginRefused:
        same = ""
    text = ask("Its JSON" if not same else "Its OAuth client's JSON", same or "client.json")
    return None if text == same else folder / expand_home(text)


def _prepare_and_plan(config: Path, environ: dict[str, str], lines: tuple[str, ...]) -> None:
    from sync.opening import open_engine
    from sync.run import RunWishes, preview
    from sync.tell.render import render_plan

    title("The sheet's tabs and columns")
    say("What is missing is added; what is there stays. Were your OKRs there before, in a shape of their own? "
         "Then say no, and: okr-sync adopt.")  # fmt: skip
    if not click.confirm("  Prepare the sheet now?", default=True):
        return
    engine = open_engine(config, environ=environ)
    if not _prepare(engine):
        return
    if lines:
        _ask_key_result(config, engine, lines)
        engine = open_engine(config, environ=environ)
    title("The plan: what a run would write")
    plan = preview(engine, RunWishes())
    echo_text(render_plan(plan))
    echo_problems(plan)
    if not plan.snapshot.okrs.key_results:
        say("The sheet has no key results yet: write the first ones into its tab Key Results.")


def _prepare(engine: Engine) -> bool:
    """Whether the sheet could be prepared, perhaps after a person gave the right to write."""
    from sync.cli.setup import render_prepared
    from sync.prepare import prepare_and_prove

    while True:
        try:
            echo_text(render_prepared(prepare_and_prove(engine), engine.store.place))
        except OkrSyncError as error:
            bad(error)
            if not click.confirm("  Try again?", default=True):
                return False
        else:
            return True


def _ask_key_result(config: Path, engine: Engine, lines: tuple[str, ...]) -> None:
    """Let one key result of the sheet be read by one of the lines; the mapping file was made a moment ago."""
    from sync.care.first_hour import render_first_mapping
    from sync.care.init import FIRST_MAPPING
    from sync.run import RunWishes, preview

    known = {kr.key.id: kr for kr in preview(engine, RunWishes(fetch=False)).snapshot.okrs.key_results}
    if not known:
        return
    title("3  A first key result")
    for each in list(known.values())[:FEW]:
        click.echo(clean(f"    {each.key.id:<10} {each.name}"))
    text, kr = until_good(lambda: ask("Key result to be read from there, or none", "none"), lambda t: _find(known, t))
    if kr is None:
        return
    for number, line in enumerate(lines, 1):
        click.echo(clean(f"    {number}  {line.partition(': ')[2]}"))
    taken = click.prompt("  Its number is", type=click.IntRange(1, len(lines)), default=1)
    (config.parent / FIRST_MAPPING).write_text(render_first_mapping(lines, taken - 1, text), encoding="utf-8")
    good(f"{text} is read so; correct it in {FIRST_MAPPING}")


def _find(known: dict[str, KeyResult], text: str) -> KeyResult | None:
    from mappings.suggest import did_you_mean
    from okr.problem import UnknownWord

    if text == "none":
        return None
    if text not in known:
        raise UnknownWord(f"The sheet has no key result “{text}”.", fix=did_you_mean(text, known))
    return known[text]


def _say_next(source: SourceAnswer | None, environ: dict[str, str]) -> None:
    title("Next")
    if source and source.variable and os.environ.get(source.variable) != environ.get(source.variable):
        say(f"The {source.option} stands in no file. Put it where nightly runs find it, and into this shell:")
        click.secho(f"    export {source.variable}=…", bold=True)
    say("Write the sheet's key results and their mappings; okr-sync check --sheet says what is missing.")
    click.secho("    okr-sync plan    then    okr-sync run", bold=True)

"""A run that is watched: who is told when it begins, when it ends, and when it fails, whatever the reason."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from okr.problem import ConfigError
from sync.cli.output import BUSY, REFUSED, USAGE, exit_code_of
from sync.cli.post import PRINT, SEND, Post

if TYPE_CHECKING:
    from sync.plan import Plan
    from sync.tell.notify import Message

summary = logging.getLogger("sync.summary")


@dataclass(slots=True)
class Watched:
    """What is to be told of this run once it is over. ``is_often``: it is one of many a day."""

    run: str
    post: Post
    repeats: bool = False
    is_often: bool = False
    code: int = 0
    said: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    alerts: list[Message] = field(default_factory=list)

    def tell(self, plan: Plan, code: int) -> None:
        """The run did its work."""
        from sync.tell.notify import make_alert
        from sync.tell.render import render_counts
        from sync.tell.telemetry import make_counts

        self.code, self.said, self.counts = code, render_counts(plan), make_counts(plan)
        alert = make_alert(plan, self.run, repeats=self.repeats)
        self.alerts += [alert] if alert is not None else []

    def fail(self, sheet: str, error: BaseException, seconds: float) -> None:
        """The run wrote nothing, or couldn't tell whether it did. Its one line in the log; why stands in the next."""
        from sync.interrupt import Stopped
        from sync.tell.notify import make_failure

        self.code = error.code if isinstance(error, Stopped) else exit_code_of(error)
        self.said = str(error)
        word = f"stopped by {error}" if isinstance(error, Stopped) else _ENDS.get(self.code, "failed")
        numbers = {"exit_code": self.code, "seconds": round(seconds, 1)}
        said = "run %s: %s, exit code %d; %.1f s"
        summary.error(said, self.run, word, self.code, seconds, extra={"numbers": numbers})
        if _is_told(error, self.code, is_often=self.is_often):
            self.alerts.append(make_failure(sheet, error, self.code, self.run))


def _is_told(error: BaseException, code: int, *, is_often: bool) -> bool:
    """Whether ops hear of it: not of a signal, nor of what the next run does anyway, nor of a slip of who commands.

    A run of every few minutes that can't reach its sheet can remember nothing there, and would tell it each time: that
    is left to the run of the night. What the guards refused it has written down.
    """
    from sync.guards import UnsafePlan
    from sync.interrupt import Stopped

    is_slip = code == USAGE and not isinstance(error, ConfigError)
    is_again = is_often and not isinstance(error, UnsafePlan)
    return not (isinstance(error, Stopped) or code == BUSY or is_slip or is_again)


_ENDS = {BUSY: "busy", REFUSED: "refused"}


@contextmanager
def watched_run(path: Path, *, notify: str = SEND, is_part: bool = False, is_often: bool = False) -> Iterator[Watched]:
    """Tell whoever the config names. What is inside may do anything; telling never fails it.

    A run of a part, which asks nobody or about some only, tells machines nothing: after a night that failed it would
    call well what isn't. ``is_often``: it is one of many a day, as one that somebody asked for is.

    Raises:
        ConfigError: the config can't be used; then nobody is told.
    """
    import os

    from sync.interrupt import catching_signals, shielded
    from sync.load import load_config
    from sync.opening import make_around
    from sync.run_log import make_run_id, run_named
    from sync.tell.telemetry import RunFacts, Watch
    from sync.tell.watch import open_watch, send_alerts

    config, around = load_config(path), make_around()
    watch = Watch() if is_part else open_watch(config, path.parent, os.environ)
    started = around.now()
    watched = Watched(make_run_id(started.astimezone(config.zone)), Post(notify, path.parent, os.environ))
    watched.is_often = is_part or is_often
    watched.repeats = config.telling.repeats and not watched.is_often
    sheet = config.sheet.google or config.sheet.workbook or ""
    with catching_signals(), run_named(watched.run):
        watch.start()
        try:
            yield watched
        except BaseException as error:
            watched.fail(sheet, error, (around.now() - started).total_seconds())
            raise
        finally:
            label = config.sheet.google or str((path.parent / sheet).resolve())
            told = watched.code, watched.counts, watched.said
            facts = RunFacts(watched.run, label, started, around.now(), *told, config=config.name)
            with shielded():  # else ops would never hear what is new
                watch.finish(facts)
                if notify == SEND:
                    send_alerts(config, path.parent, os.environ, watched.alerts, around.sleep)
            if notify == PRINT:
                watched.post.printed += [(config.telling.alerts, alert) for alert in watched.alerts]
                watched.post.echo_failed(failed=not facts.is_well)

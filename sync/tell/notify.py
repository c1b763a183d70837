"""What a run says by mail or chat: messages as values, alerts for ops, and how they are sent. Pure but for ``send``.

Nothing is said twice: an alert is for what is new or over, by the ledger; the news of owners and leads is in ``news``.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import quote

from okr.problem import ConfigError, OkrSyncError, Problem, Severity
from sync.mail_rules import EMAIL
from sync.plan import Plan
from sync.tell.render import render_over

log = logging.getLogger(__name__)

_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``email`` is whom it is for; "": everybody at the target."""

    title: str
    lines: tuple[str, ...]
    email: str = ""

    def __str__(self) -> str:
        to = f" (to {self.email})" if self.email else ""
        return "\n".join([f"{self.title}{to}", *(f"  {line}" for line in self.lines)])


def make_alert(plan: Plan, run: str, *, repeats: bool = False) -> Message | None:
    """What ops should know of a run that did its work: new errors, and what is over. ``None``: nothing new.

    With ``repeats`` they hear of what is still open, too.
    """
    life = plan.life
    still = [item for item in plan.problems if item.severity is Severity.ERROR and item not in life.new and repeats]
    new = [item for item in life.new if item.severity is Severity.ERROR]
    lines = [_say_problem("New: ", item) for item in new]
    lines += [_say_problem("Still: ", item) for item in still]
    lines += [f"Over: {render_over(item, plan.day)}" for item in life.over]
    if not lines:
        return None
    counts = ", ".join(
        f"{len(found)} {word}" for found, word in ((new, "new"), (still, "still open"), (life.over, "over")) if found
    )
    return Message(f"{plan.snapshot.raw.title or 'OKRs'}: {counts}, run {run}", tuple(cut(lines)))


def _say_problem(word: str, problem: Problem) -> str:
    return f"{word}{problem.place}: {problem.message}" if problem.place else f"{word}{problem.message}"


def make_failure(sheet: str, error: BaseException, code: int, run: str) -> Message:
    """What ops should know of a run that wrote nothing."""
    said = error.message if isinstance(error, OkrSyncError) else f"{type(error).__name__}: {error}"
    if isinstance(error, ConfigError):
        said = "\n".join([*(_say_problem("", item) for item in error.problems), said])
    fix = error.fix if isinstance(error, OkrSyncError) and error.fix else ""
    title = f"{sheet}: run {run} " + ("was refused" if code == 6 else f"failed (exit code {code})")
    return Message(title, tuple(cut([*said.splitlines(), *fix.splitlines()])))


def cut(lines: Sequence[str]) -> list[str]:
    """As many lines as a message may have, and how many more there are."""
    return [*lines[:_AT_MOST], f"… and {len(lines) - _AT_MOST} more"] if len(lines) > _AT_MOST else list(lines)


def can_send() -> bool:
    """Whether apprise is installed."""
    return find_spec("apprise") is not None


def send(messages: Iterable[Message], targets: Iterable[str]) -> int:
    """Send by apprise (https://github.com/caronc/apprise); how many were taken. A failure is logged, never raised.

    Targets are secrets: they are not logged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import apprise
    except ImportError:
        log.warning("nothing was sent: that needs apprise. Install it: pip install 'okr-sync[notify]'")
        return 0
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    messages, taken = tuple(messages), 0
    for target in targets:
        for message in messages:
            if not fits(message, target):
                continue
            taken += _send_one(apprise, message, target.replace(EMAIL, quote(message.email, safe="@")))
    return taken


_CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[@!#&])", re.IGNORECASE)


def calm(line: str) -> str:
    """One line that calls nobody: in a chat, a key result named "@everyone" would wake the whole company."""
    plain = "".join(char if char.isprintable() else " " for char in line)
    return _CALLS.sub(lambda found: f"{found[0]}\u200b", plain)


def fits(message: Message, target: str) -> bool:
    """Whether a message is for this target: one for a person where the target takes an address, else for everybody."""
    return bool(message.email) is (EMAIL in target)


def _send_one(apprise: object, message: Message, target: str) -> bool:
    from connectors.secret import redact

    sender = apprise.Apprise()  # type: ignore[attr-defined]
    scheme = target.partition(":")[0]
    try:
        body, title = redact("\n".join(map(calm, message.lines))), redact(calm(message.title))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a plug-in's own deprecations are nobody's business here
            if sender.add(target) and sender.notify(body=body, title=title, body_format="text"):
                return True
    except Exception as error:  # noqa: BLE001 - whatever a plug-in raises, the sheet is written
        log.warning("a notification by %s failed: %s", scheme, type(error).__name__)
        return False
    log.warning("a notification by %s was not taken. The run itself is not touched by it.", scheme)
    return False

"""What a run says to people by mail or chat: alerts for ops, and messages for owners and leads. Pure but for ``send``.

Nothing is said twice: an alert is for what is new or over, by the ledger; a message for a status that this run changed,
which the next run finds in the sheet.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from okr.model import KeyResult, Person, Status
from okr.problem import OkrSyncError, Severity
from sync.plan import Plan
from sync.row_plan import Change
from sync.sheet.layout import Field, Tab
from sync.tell.render import render_over

log = logging.getLogger(__name__)

EMAIL = "{email}"
"""Where a target has this, each owner whose address stands in People gets the part that is about theirs."""

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


def make_alert(plan: Plan, run: str) -> Message | None:
    """What ops should know of a run that did its work: new errors, and what is over. ``None``: nothing new."""
    life = plan.life
    new = [item for item in life.new if item.severity is Severity.ERROR]
    lines = [f"New: {item.place}: {item.message}" if item.place else f"New: {item.message}" for item in new]
    lines += [f"Over: {render_over(item, plan.day)}" for item in life.over]
    if not lines:
        return None
    counts = ", ".join(f"{len(found)} {word}" for found, word in ((new, "new"), (life.over, "over")) if found)
    return Message(f"{plan.snapshot.raw.title or 'OKRs'}: {counts}, run {run}", tuple(_cut(lines)))


def make_failure(sheet: str, error: BaseException, code: int, run: str) -> Message:
    """What ops should know of a run that wrote nothing."""
    said = error.message if isinstance(error, OkrSyncError) else f"{type(error).__name__}: {error}"
    fix = error.fix if isinstance(error, OkrSyncError) and error.fix else ""
    title = f"{sheet}: run {run} " + ("was refused" if code == 6 else f"failed (exit code {code})")
    return Message(title, tuple(_cut([*said.splitlines(), *fix.splitlines()])))


def make_messages(plan: Plan) -> tuple[Message, ...]:
    """The statuses that changed, for everybody; and for each owner whose address is known, their own."""
    definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    changes = [(change, definitions[change.key.key]) for change in _status_changes(plan)]
    if not changes:
        return ()
    number = len(changes)
    title = f"{plan.snapshot.raw.title or 'OKRs'}: {number} status{'es' if number > 1 else ''} changed"
    whole = Message(title, tuple(_cut([_say(change, kr) for change, kr in changes])))
    emails = {person.name.strip().casefold(): person.email.strip() for person in _present(plan)}
    own: dict[str, list[str]] = {}
    for change, kr in changes:
        email = kr.owner.strip() if "@" in kr.owner else emails.get(kr.owner.strip().casefold(), "")
        if email:
            own.setdefault(email, []).append(_say(change, kr))
    return (whole, *(Message(title, tuple(_cut(lines)), email) for email, lines in own.items()))


def render_messages(plan: Plan) -> str:
    """Everything that a run with this plan would send."""
    alert = make_alert(plan, "(this plan)")
    found = [f"Alert: {alert}"] if alert is not None else []
    found += [f"Message: {message}" for message in make_messages(plan)]
    return "\n".join(found) or "A run would send no alert and no message."


def _present(plan: Plan) -> Iterator[Person]:
    """The people who haven't left."""
    return (person for person in plan.snapshot.okrs.people if person.left is None or person.left > plan.day)


def _status_changes(plan: Plan) -> Iterator[Change]:
    """First statuses are no changes."""
    for row in plan.moved:
        for change in row.changes:
            if row.key.tab is Tab.KEY_RESULTS and change.field is Field.STATUS and change.old:
                yield change


def _say(change: Change, kr: KeyResult) -> str:
    won = "Won: " if change.new == Status.ACHIEVED.value else ""
    owner = f" ({kr.owner})" if kr.owner else ""
    return f"{won}{change.key.id} {kr.name}{owner}: {change.old} → {change.new}. {change.reason}".rstrip()


def _cut(lines: Sequence[str]) -> list[str]:
    return [*lines[:_AT_MOST], f"… and {len(lines) - _AT_MOST} more"] if len(lines) > _AT_MOST else list(lines)


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
            if bool(message.email) is not (EMAIL in target):
                continue
            taken += _send_one(apprise, message, target.replace(EMAIL, quote(message.email, safe="@")))
    return taken


def _send_one(apprise: object, message: Message, target: str) -> bool:
    from connectors.secret import redact

    sender = apprise.Apprise()  # type: ignore[attr-defined]
    scheme = target.partition(":")[0]
    try:
        body, title = redact("\n".join(message.lines)), redact(message.title)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a plug-in's own deprecations are nobody's business here
            if sender.add(target) and sender.notify(body=body, title=title, body_format="text"):
                return True
    except Exception as error:  # noqa: BLE001 - whatever a plug-in raises, the sheet is written
        log.warning("a notification by %s failed: %s", scheme, type(error).__name__)
        return False
    log.warning("a notification by %s was not taken. The run itself is not touched by it.", scheme)
    return False

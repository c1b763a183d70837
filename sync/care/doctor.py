"""``doctor``: everything that a night needs, tried now: the sheet, its guard, each source, people, zones, versions.

Each check stands for itself: what fails is said with its fix, and the others are made all the same. Nothing of
anybody's is changed: on Google the guard's proof sends writes that have to be refused.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from connectors.base import KnowsTokenEnd
from connectors.gather import Budget, gather
from connectors.google_reference import describe_key
from mappings.model import Metric, Outcome
from okr.problem import OkrSyncError
from sync.care.doctor_people import check_accounts, check_people
from sync.care.doctor_rules import (
    Check,
    Level,
    check_clock,
    check_layout,
    check_zone,
    fail,
    say_answer,
    say_calls,
    say_ready,
    say_unused,
)
from sync.care.doctor_tokens import check_tokens
from sync.care.doctor_told import check_told
from sync.clock import ClockWrong
from sync.engine import Engine, find_cycles
from sync.load import open_connectors
from sync.questions import Questions
from sync.run import RunWishes, find_out

MOST_SECONDS = 60.0
"""How long one source may take to answer its query."""

LIBRARIES = ("gspread", "google-auth", "jira", "pyairtable", "requests")


def examine(engine: Engine) -> Iterator[Check]:
    """All checks, in the order in which a person would mend them; the last one says whether a night can come."""
    failed = 0
    sheet = tuple(_examine_sheet(engine))  # some credentials say as whom they act only when they were used
    for check in (_say_versions(), *_say_identity(engine), *_say_mappings(engine), *sheet):
        failed += check.level is Level.FAIL
        if check.about or not failed:
            yield check
    if failed:
        yield Check("", Level.FAIL, f"not ready: {failed} thing{'' if failed == 1 else 's'} to mend first")


def _say_versions() -> Check:
    return Check("versions", Level.FINE, ", ".join([f"Python {platform.python_version()}", *_versions()]))


def _versions() -> Iterator[str]:
    for name in ("okr-sync", *LIBRARIES):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _say_identity(engine: Engine) -> Iterator[Check]:
    account, key = engine.store.account, engine.project.config.sheet.credentials or ""
    by = describe_key(key, engine.environ)
    if account:
        said = f"Google knows okr-sync as {account}{f' ({by})' if by else ''}"
        yield Check("identity", Level.FINE, f"{said}: share the sheet with that address as an editor")
    elif by:
        said = f"okr-sync signs in by {by}; Google doesn't say as whom: share the sheet with whoever that is"
        yield Check("identity", Level.FINE, said)


def _say_mappings(engine: Engine) -> Iterator[Check]:
    if engine.project.problems:
        said = f"{len(engine.project.problems)} problems in config and mappings"
        yield Check("mappings", Level.LOOK, said, "Run: okr-sync check. Their key results keep their last good value.")


def _examine_sheet(engine: Engine) -> Iterator[Check]:
    now = engine.now()
    try:
        found = find_out(engine, RunWishes(fetch=False), now)
    except OkrSyncError as error:
        yield fail("clock" if isinstance(error, ClockWrong) else "sheet", error)
        yield Check("sources", Level.LOOK, "not tried: what they are asked depends on the sheet")
        return
    snapshot, running = found.snapshot, find_cycles(engine, now.date())[1]
    yield Check("sheet", Level.FINE, f"“{snapshot.raw.title}”, {engine.store.place}")
    yield _try_guard(engine)
    yield check_layout(snapshot.ledger.head.layout)
    yield check_zone(snapshot.raw.timezone, engine.project.config.timezone)
    yield check_clock(snapshot.ledger.heartbeat, now, snapshot.raw.clock_off)
    told: dict[str, datetime] = {}
    yield from _try_sources(engine, found.questions, told)
    project = engine.project
    yield from check_tokens(project.sources, engine.environ, project.folder, now, told)
    yield say_calls(found.questions.metrics, is_google=project.config.sheet.google is not None)
    yield from check_told(project.config.telling, engine.environ, project.folder, snapshot.okrs, running)
    yield from check_people(snapshot.okrs, running, now.date())
    accounts = {name: source.options for name, source in project.sources.items()}
    yield from check_accounts(accounts, found.questions, snapshot.okrs, now.date())
    yield say_ready(project.mappings, (kr for kr in snapshot.okrs.key_results if kr.key.cycle in running))


def _try_guard(engine: Engine) -> Check:
    try:
        proven = engine.store.prove_guard()
    except OkrSyncError as error:
        return fail("guard", error)
    said = "; ".join(proven) or "each write looks first whether somebody has saved the file meanwhile"
    return Check("guard", Level.FINE, said)


def _try_sources(engine: Engine, questions: Questions, told: dict[str, datetime]) -> Iterator[Check]:
    """One query of each source that mappings use: credential, permission and answer in one.

    ``told`` gets what services say of the end of their tokens.
    """
    tried: dict[str, Metric] = {}
    for metric in questions.metrics:
        tried.setdefault(metric.query.source, metric)
    answers = _ask(engine, tried, told)
    for source in engine.project.config.sources:
        answer = answers.get(source)
        if answer is None:
            yield say_unused(source)
        elif isinstance(answer, OkrSyncError):
            yield fail(source, answer)
        else:
            rows = {key.id for key, bound in questions.bounds.items() if tried[source] in bound.metrics}
            yield say_answer(source, rows, answer)


def _ask(engine: Engine, tried: Mapping[str, Metric], told: dict[str, datetime]) -> dict[str, Outcome | OkrSyncError]:
    connectors, problems = open_connectors(engine.project, engine.environ, engine.around, frozenset(tried))
    found: dict[str, Outcome | OkrSyncError] = {
        problem.subject: OkrSyncError(problem.message, fix=problem.fix) for problem in problems if problem.subject
    }
    asked = [metric for source, metric in tried.items() if source in connectors]
    budget = Budget(source=MOST_SECONDS, total=MOST_SECONDS)
    try:
        outcomes = gather(asked, connectors, budget=budget, around=engine.around)
    finally:
        for connector in connectors.values():
            connector.close()
    known = {name: each.token_ends for name, each in connectors.items() if isinstance(each, KnowsTokenEnd)}
    told |= {name: ends for name, ends in known.items() if ends is not None}
    return found | {metric.query.source: outcomes[metric] for metric in asked}

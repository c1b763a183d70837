"""A run that is stopped or killed, as a real process over real sockets, at every boundary between two requests."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.acme import AIRTABLE_TOKEN, JIRA_TOKEN
from tests.support.company import Company
from tests.support.process import RUNNER


@dataclass
class Stopper:
    """Sends a signal to a process once so many requests were handled; all three services count together."""

    number: int
    at: int
    process: "subprocess.Popen[str] | None" = None
    seen: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, request: Any) -> bool:
        with self.lock:
            self.seen.append(f"{request.method} {request.path}")
            if len(self.seen) == self.at:
                assert self.ready.wait(20)
                assert self.process is not None
                os.kill(self.process.pid, self.number)
        return False


@contextmanager
def counting(company: Company, stopper: Stopper) -> Iterator[None]:
    services = (company.services.google, company.services.jira, company.services.airtable)
    for service in services:
        service.after(stopper.count, lambda: None)
    yield
    for service in services:
        service._after.clear()


def run(company: Company, number: int, at: int) -> tuple[int, str, list[str]]:
    """A run as a process that gets a signal after so many requests: its exit code, its log, the requests."""
    stopper = Stopper(number, at)
    environ = {**os.environ, "JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    with counting(company, stopper):
        stopper.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, "run"], cwd=company.folder, env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        stopper.ready.set()
        _, said = stopper.process.communicate(timeout=60)
    return stopper.process.returncode, said, stopper.seen


def history(company: Company) -> Counter[tuple[str, ...]]:
    """What History says, without when and by which run: each change once."""
    title = next(tab.title for tab in company.document.tabs if tab.title.startswith("History"))
    return Counter(tuple(row[2:]) for row in company.person.rows(title))


@dataclass
class Course:
    """A company whose numbers will move; how its sheet is before, and after a run that nobody disturbs."""

    company: Company
    state: Any
    before: dict[tuple[str, str], str]
    after: dict[tuple[str, str], str]
    told: Counter[tuple[str, ...]]
    requests: int


@pytest.fixture
def course(company: Company) -> Course:
    state, before = company.document.save(), company.machine_cells()
    code, said, seen = run(company, signal.SIGTERM, 10**6)
    assert code == 0, said
    return Course(company, state, before, company.machine_cells(), history(company), len(seen))


def check_next_run(course: Course) -> None:
    """A clean run leaves the sheet and History as one that was never disturbed; then there is nothing to do."""
    assert course.company.say("run").code == 0
    assert course.company.machine_cells() == course.after
    assert history(course.company) == course.told
    assert "Nothing to change" in course.company.say("plan").out


def test_a_run_that_is_killed_at_any_boundary_is_made_good_by_the_next(course: Course) -> None:
    found = set()
    for at in range(1, course.requests + 1):
        course.company.document.restore(course.state)
        code, said, _ = run(course.company, signal.SIGKILL, at)
        assert code == -signal.SIGKILL, (at, said)
        cells = course.company.machine_cells()
        assert cells in (course.before, course.after), at
        found.add(cells == course.after)
        check_next_run(course)
    assert found == {False, True}


def test_sigterm_at_any_boundary_leaves_the_sheet_before_or_after(course: Course) -> None:
    found = set()
    for at in range(1, course.requests + 1):
        course.company.document.restore(course.state)
        code, said, _ = run(course.company, signal.SIGTERM, at)
        assert code == 128 + signal.SIGTERM, (at, said)
        assert "Stopped by SIGTERM" in said
        assert "Traceback" not in said
        cells = course.company.machine_cells()
        assert cells in (course.before, course.after), at
        found.add(cells == course.after)
        check_next_run(course)
    assert found == {False, True}


def test_ctrl_c_has_the_shells_code(course: Course) -> None:
    course.company.document.restore(course.state)
    code, said, _ = run(course.company, signal.SIGINT, 2)
    assert (code, "Traceback" in said) == (130, False)

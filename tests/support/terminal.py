"""A terminal with somebody at it who reads what is asked and types: okr-sync through a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; nothing is waited for but the command itself
CHILD = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from unittest.mock import patch
from connectors.base import Surroundings
from sync.cli.main import main
from tests.support.company import NOW
from tests.support.still_clock import StillClock
still = StillClock()
sys.argv[0] = "okr-sync"
with patch("sync.opening.make_around", lambda: Surroundings(lambda: NOW, still.sleep, still.monotonic)):
    main()
"""


@dataclass
class Terminal:
    """What stands on the screen so far, and the keys."""

    process: subprocess.Popen[bytes]
    keys: int
    screen: str = ""
    read: int = 0

    def expect(self, text: str) -> None:
        """Wait until a text follows what was expected before; line ends count as spaces."""
        while (at := self._shown().find(text, self.read)) < 0:
            assert self._more(), f"“{text}” never came:\n{self._shown()[self.read :]}"
        self.read = at + len(text)

    def answer(self, question: str, text: str = "") -> None:
        """Type an answer when a question stands there."""
        self.expect(question)
        self.expect(": ")
        os.write(self.keys, f"{text}\n".encode())

    def finish(self) -> int:
        """Read to the end; the exit code."""
        while self._more():
            pass
        return self.process.wait(PATIENCE)

    def _shown(self) -> str:
        return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", self.screen))

    def _more(self) -> bool:
        ready, _, _ = select.select([self.keys], [], [], PATIENCE)
        try:
            found = os.read(self.keys, 65536) if ready else b""
        except OSError:  # Linux says so when the other end is closed
            found = b""
        self.screen += found.decode("utf-8", "replace")
        return bool(found)


@contextmanager
def typing(*words: str, folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """okr-sync with these words at a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OKR_SYNC", "JIRA", "AIRTABLE"))}
    every = {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "TERM": "xterm", **(environ or {})}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, *words], cwd=folder, env=every, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.close(ours)

"""A tap as a process: started by itself, read line by line, and ended with all that it started.

Its settings lie in a file that has no name and that only its owner may read: it is gone from the disk before the tap
starts, whatever becomes of us, and no argument shows a secret. The tap opens it by its number (``/dev/fd/N``). Standard
error is the tap's log (SPEC.md of Singer 0.3.0, "Output"): it is read all the while, so that the tap never waits for
us to read it, and its last lines tell why the tap failed.
"""

from __future__ import annotations

import logging
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from connectors.base import SourceMisread, SourceUnavailable
from connectors.home import expand_home
from connectors.reply import trimmed
from connectors.secret import redact

log = logging.getLogger(__name__)

_GLANCE = 0.2  # seconds of real time between two looks at the clock while the tap is silent
_CHUNK = 1 << 16
_LONGEST_LINE = 50_000_000
_PATIENCE = 5.0  # seconds between asking a tap to end and ending it
_KEPT_LINES = 50
_PASSED_ON = frozenset(
    {"PATH", "HOME", "USER", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"}
)


@dataclass(frozen=True, slots=True)
class Tap:
    """A program and where it runs. ``environment`` are variables that it sees besides the harmless ones."""

    source: str
    command: str
    folder: Path
    environment: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The program's name, for messages."""
        return Path(self.command).name

    @property
    def place(self) -> str:
        """The source and its program."""
        return f"{self.source} ({self.name})"

    def find(self) -> str:
        """The program's path. Raises SourceMisread with the lines that install it."""
        path = expand_home(self.command)
        found = shutil.which(self.folder / path) if "/" in self.command else shutil.which(self.command)
        if found is None:
            folder = f"taps/{self.name}"
            raise SourceMisread(
                f"There is no program {self.command} that can be run.",
                fix=f"Install it: python3 -m venv {folder} && {folder}/bin/pip install {self.name}; "
                f"then write command: {folder}/bin/{self.name}",
            )
        return found


@dataclass(frozen=True, slots=True)
class Time:
    """A clock and the moment on it at which the tap is ended, with the seconds that it then had."""

    monotonic: Callable[[], float]
    end: float
    seconds: float

    def is_up(self) -> bool:
        """Whether the tap has to be ended."""
        return self.monotonic() >= self.end


def run_tap(tap: Tap, files: Mapping[str, bytes], flags: Sequence[str], time: Time) -> Iterator[bytes]:
    """The lines of a tap's standard output. ``files`` are handed over by option (``--config``).

    The tap and all that it started are ended when the lines are no longer wanted.

    Raises:
        SourceMisread: there is no such program, or a line is too long.
        SourceUnavailable: it ended with another code than 0, or took too long. Then what it gave is worth nothing.
    """
    with ExitStack() as stack:
        arguments = list(flags)
        numbers = []
        for option, data in files.items():
            file = stack.enter_context(tempfile.TemporaryFile())  # mode 0600, and no name in any folder
            file.write(data)
            file.flush()
            file.seek(0)
            numbers.append(file.fileno())
            arguments += [option, f"/dev/fd/{file.fileno()}"]
        process = _start([tap.find(), *arguments], tap, numbers)
        running = _Running(process, tap, time)
        stack.callback(running.end)
        yield from running.lines()


def _start(command: list[str], tap: Tap, numbers: Sequence[int]) -> subprocess.Popen[bytes]:
    wanted = _PASSED_ON | tap.environment
    try:
        return subprocess.Popen(  # noqa: S603 - the program is the one that the config names; no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=numbers,
            env={name: value for name, value in os.environ.items() if name in wanted},
            cwd=tap.folder,
            start_new_session=True,
        )
    except OSError as error:
        raise SourceMisread(
            f"{tap.place} can't be started: {error.strerror}.", fix="Is it a program of this machine? Install it anew."
        ) from None


@dataclass
class _Running:
    """One process: what it wrote that is no whole line yet, and the last lines of its log."""

    process: subprocess.Popen[bytes]
    tap: Tap
    time: Time
    said: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))

    def lines(self) -> Iterator[bytes]:
        """Whole lines as they come, then the verdict."""
        rest, log_rest = bytearray(), bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(_opened(self.process.stdout), selectors.EVENT_READ, rest)
            ready.register(_opened(self.process.stderr), selectors.EVENT_READ, log_rest)
            while ready.get_map():
                self._check_time()
                events = ready.select(_GLANCE)
                if not events and self.process.poll() is not None:
                    break  # it has ended, and what it started keeps the line open
                for key, _ in events:
                    piece = os.read(key.fd, _CHUNK)
                    if not piece:
                        ready.unregister(key.fileobj)
                    elif key.data is rest:
                        yield from self._whole(rest, piece)
                    else:
                        self._hear(log_rest, piece)
        if rest.strip():
            yield bytes(rest)
        self._hear(log_rest, b"\n")
        self._judge()

    def end(self) -> None:
        """End the process and everything in its group: kindly, then not."""
        for each, patience in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, _PATIENCE)):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, each)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                if not _lives(self.process.pid):
                    break
        for pipe in (self.process.stdout, self.process.stderr):
            _opened(pipe).close()

    def _whole(self, rest: bytearray, piece: bytes) -> Iterator[bytes]:
        rest += piece
        if b"\n" not in piece:
            if len(rest) > _LONGEST_LINE:
                raise SourceMisread(f"{self.tap.place} wrote a line of more than {_LONGEST_LINE / 1e6:,.0f} MB.")
            return
        *whole, last = bytes(rest).split(b"\n")
        rest[:] = last
        yield from whole

    def _hear(self, rest: bytearray, piece: bytes) -> None:
        rest += piece
        *whole, last = bytes(rest[-_CHUNK:]).split(b"\n")
        rest[:] = last
        for line in whole:
            if text := redact(line.decode("utf-8", "replace").rstrip()):
                self.said.append(text)
                log.debug("%s: %s", self.tap.name, text)

    def _check_time(self) -> None:
        if self.time.is_up():
            raise SourceUnavailable(
                f"{self.tap.place} was ended after {self.time.seconds:,.0f} s." + self._last_words(),
                fix="Raise timeout for this source (and run.source_budget), or let the tap read less.",
            )

    def _judge(self) -> None:
        while True:  # its output is closed; it may still be ending
            try:
                code = self.process.wait(_GLANCE)
                break
            except subprocess.TimeoutExpired:
                self._check_time()
        if code != 0:
            how = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
            raise SourceUnavailable(
                f"{self.tap.place} {how}, so nothing that it gave counts." + self._last_words(),
                fix=f"Check config and secrets of {self.tap.source}; okr-sync -v run shows the tap's whole log.",
            )

    def _last_words(self) -> str:
        last = next((line for line in reversed(self.said) if not line[:1].isspace()), "")
        return f" It said: {trimmed(last)}" if last else ""


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True

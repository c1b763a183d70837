"""SIGTERM and Ctrl-C: at once while nothing is being written, else when the sheet is whole.

A write that has begun is finished, looked at and, where it hit something that had moved, put back; that takes seconds.
A second signal doesn't wait. Whoever is killed outright loses nothing either: a batch is all or nothing, and the next
run mends what this one didn't look at.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """Somebody stopped this process. ``code`` is the exit code by the shell's convention: 128 and the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


class _Shield:
    depth = 0
    pending: int | None = None


def _handle(number: int, _frame: FrameType | None) -> None:
    if _Shield.depth and _Shield.pending is None:
        _Shield.pending = number
        return
    _Shield.pending = None
    raise Stopped(number)


@contextmanager
def catching_signals() -> Iterator[None]:
    """Let both signals stop what is inside in an orderly way. Only the main thread of a process can do that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def shielded() -> Iterator[None]:
    """What happens inside is finished first, when a signal comes."""
    _Shield.depth += 1
    try:
        yield
    finally:
        _Shield.depth -= 1
        if not _Shield.depth and (number := _Shield.pending) is not None:
            _Shield.pending = None
            raise Stopped(number)

"""How long ``okr-sync --help`` takes beyond the bare interpreter: what everybody waits for each time."""

from __future__ import annotations

import subprocess
import sys
import time

MILLISECONDS = 150.0
"""What is promised."""

ROUNDS = 9


def measure_start() -> float:
    """Milliseconds that ``okr-sync --help`` takes over an interpreter that does nothing; the best of some rounds."""
    helping = "import sys; sys.argv = ['okr-sync', '--help']; from sync.cli.main import main; main()"
    return _measure(helping) - _measure("pass")


def _measure(code: str) -> float:
    command = [sys.executable, "-c", code]
    return min(_time(command) for _ in range(ROUNDS)) * 1000


def _time(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def render_start(milliseconds: float) -> str:
    """The cost beside what is promised."""
    verdict = "kept" if milliseconds <= MILLISECONDS else "MISSED"
    return f"Start of okr-sync --help: {milliseconds:.0f} ms over Python (promised: {MILLISECONDS:.0f}): {verdict}"

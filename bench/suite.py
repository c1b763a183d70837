"""How long the whole test suite takes, as ``make test`` runs it."""

from __future__ import annotations

import subprocess
import sys
import time

SECONDS = 300.0
"""What is promised."""


def measure_suite() -> float:
    """The seconds of one run of all tests. Raises CalledProcessError when one fails: a red suite has no time."""
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def render_suite(seconds: float) -> str:
    """The figure beside the promise."""
    verdict = "kept" if seconds <= SECONDS else "BROKEN"
    return f"make test: {seconds:.0f} s (promised: {SECONDS:.0f}): {verdict}"

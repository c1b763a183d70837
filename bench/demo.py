"""How long the demo takes, as its user sees it: a whole process, after installation."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECONDS = 60.0
"""What is promised."""


def measure_demo() -> float:
    """The seconds of one demo."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        command = [sys.executable, "-m", "sync.cli.main", "demo", "--folder", str(Path(folder) / "demo")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - started


def render_demo(seconds: float) -> str:
    """The figure beside the promise."""
    verdict = "kept" if seconds <= SECONDS else "BROKEN"
    return f"The demo: {seconds:.0f} s (promised: {SECONDS:.0f}): {verdict}"

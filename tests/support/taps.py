"""Taps from PyPI, each in an environment of its own that is made once for all tests of a session."""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

_keep = tempfile.TemporaryDirectory(prefix="okr-taps-")


@cache
def tap_from_pypi(name: str, versions: str) -> Path:
    """The program. Where pip can't get it the test is skipped with the reason; in CI it fails."""
    venv = Path(_keep.name) / name
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, f"{name}{versions}"], check=False, capture_output=True, text=True, timeout=100)
    if done.returncode != 0:
        reason = f"pip can't install {name}: {done.stderr.strip().splitlines()[-1:]}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return venv / "bin" / name

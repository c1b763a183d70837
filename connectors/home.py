"""Paths as people write them, with ~ for their home."""

from __future__ import annotations

import os
from pathlib import Path


def expand_home(path: str | Path) -> Path:
    """The path with ~ and ~NAME filled in, and as it stands where nobody has such a home.

    A container's user may be a number without one; ``Path.expanduser`` raises then, where a file that isn't found says
    much better what is wrong.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111

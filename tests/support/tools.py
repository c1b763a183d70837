"""Programs that a test needs and a machine may lack."""

import os
import shutil

import pytest


def needs(program: str) -> pytest.MarkDecorator:
    """Skip a test, saying why, where a program is missing; in CI let it fail: there nothing may be left out."""
    missing = shutil.which(program) is None
    in_ci = bool(os.environ.get("CI"))
    return pytest.mark.skipif(missing and not in_ci, reason=f"{program} is not installed")


def needs_found(what: str, found: object) -> pytest.MarkDecorator:
    """The same for what is no program on the path."""
    return pytest.mark.skipif(not found and not os.environ.get("CI"), reason=f"{what} is not installed")

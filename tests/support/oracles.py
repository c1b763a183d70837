"""Recordings and descriptions of the real services, which are no part of this repository.

OKR_SYNC_ORACLES names the folder with gspread's recordings and the programs that replay and validate them.
"""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ORACLES = os.environ.get("OKR_SYNC_ORACLES", "")
needs_oracles = pytest.mark.skipif(not ORACLES, reason="OKR_SYNC_ORACLES is not set")


def load(name: str) -> ModuleType:
    """Import a program of the folder."""
    found = importlib.util.spec_from_file_location(name, Path(ORACLES) / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def make_validator() -> Any:
    """Google's description of its services, to hold requests and answers against."""
    program = load("discovery_validate")
    return program.Validator(program.docs())

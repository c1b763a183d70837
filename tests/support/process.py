"""The command as a process of its own."""

RUNNER = """
import sys, time
from datetime import datetime
from unittest.mock import patch
from connectors.base import Surroundings
from sync.cli.main import main
now = datetime.fromisoformat("2026-11-22T20:00:00+00:00")
with patch("sync.opening.make_around", lambda: Surroundings(lambda: now, time.sleep, time.monotonic)):
    main()
"""
"""The command, living in the company's moment."""

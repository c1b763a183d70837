"""A large Jira site fits into little memory, measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 20_000
MOST_MEGABYTES = 200  # 1 GB is the limit for 100,000


@pytest.mark.slow
def test_twenty_thousand_issues_take_a_fifth_of_a_gigabyte():
    command = [sys.executable, "-m", "bench.sandbox_jira", str(SIZE)]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=100
    )
    figures = json.loads(told.stdout)
    assert figures["counted"] == SIZE
    assert 0 < figures["done of late"] < SIZE / 2
    assert 0 < figures["found by text"] < SIZE / 2
    assert figures["MB at the peak"] < MOST_MEGABYTES

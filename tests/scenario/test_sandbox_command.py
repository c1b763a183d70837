"""``okr-sync sandbox`` as an admin uses it: started in a terminal, and what it prints typed into another one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.planted import find_leaks, read_files
from tests.support.tools import needs

OWN_TOKEN = "token-of-whoever-types-this-0815"
PROGRAM = Path(sys.executable).with_name("okr-sync")


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[list[str]]:
    """What the running command printed, line by line; it is stopped with Ctrl-C."""
    process = subprocess.Popen(
        [PROGRAM, "sandbox", "--folder", "trial"],
        cwd=tmp_path,
        env={**os.environ, "JIRA_TOKEN": OWN_TOKEN, "AIRTABLE_TOKEN": OWN_TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if "Ctrl-C stops" in line:
            break
    yield lines
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest.strip(), errors) == (0, "Stopped.", "")


def type_in(folder: Path, lines: list[str], start: str) -> subprocess.CompletedProcess[str]:
    """Type the printed line that starts so into a shell, after the printed export."""
    typed = [each.strip() for each in lines]
    export, line = (next(each for each in typed if each.startswith(words)) for words in ("export ", start))
    path = f'PATH="{PROGRAM.parent}:$PATH"'
    return subprocess.run(
        ["sh", "-c", f"{export} {path}\n{line}"], cwd=folder, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


@needs("curl")
def test_what_the_sandbox_prints_can_be_typed_as_it_stands(printed: list[str], tmp_path: Path) -> None:
    check, plan = (next(each.strip() for each in printed if each.endswith(word)) for word in (" check", " plan"))
    checked = type_in(tmp_path, printed, check)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no problems" in checked.stdout
    planned = type_in(tmp_path, printed, plan)
    assert (planned.returncode, planned.stderr) == (0, "")
    assert " moved, " in planned.stdout
    issues = json.loads(type_in(tmp_path, printed, "curl -s -u").stdout)["issues"]
    assert {each["key"].partition("-")[0] for each in issues} == {"WEB"}
    bases = json.loads(type_in(tmp_path, printed, "curl -s -H").stdout)["bases"]
    assert bases
    told = " ".join(printed)
    assert (
        find_leaks(
            {"stdout": told, **read_files(tmp_path, frozenset({"service-account.json"}))}, {"one's own": OWN_TOKEN}
        )
        == []
    )
    assert all(base["id"] in told for base in bases)
    page = next(word for word in told.split() if "/spreadsheets/d/" in word)
    shown = subprocess.run(["curl", "-s", page], capture_output=True, text=True, timeout=20, check=True).stdout
    assert "<title>Acme OKRs</title>" in shown

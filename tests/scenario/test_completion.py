"""Completion as a shell asks for it."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support.company import Company, say


def complete(company: Company, words: str) -> list[str]:
    environ = {"_OKR_SYNC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    script = (sys.executable, "-c", "from sync.cli.main import main; main()")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OKR_SYNC")}
    done = subprocess.run(script, cwd=company.folder, env=kept | environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [word for line in done.stdout.splitlines() if (word := line.partition(",")[2])]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("okr-sync explain WEB", ["WEB-1.1", "WEB-2.1"]),
        ("okr-sync history GRO-1.", ["GRO-1.1", "GRO-1.2"]),
        ("okr-sync discover ", ["crm", "jira"]),
        ("okr-sync schedule sy", ["systemd"]),
        ("okr-sync --config other.yaml explain ", []),
        ("okr-sync sche", ["schedule", "schema"]),
    ],
)
def test_words_come_from_the_config(company: Company, typed: str, found: list[str]) -> None:
    assert sorted(complete(company, typed)) == sorted(found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_reads_what_is_printed(company: Company, shell: str) -> None:
    said = say("completion", shell, folder=company.folder)
    assert (said.code, "_OKR_SYNC_COMPLETE" in said.out) == (0, True)
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=said.out, text=True, check=True)

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
        ("okr-sync release GRO", ["GRO-1.1", "GRO-1.2"]),
        ("okr-sync run --only WEB", ["WEB-1.1", "WEB-2.1"]),
        ("okr-sync plan --accept WEB-1.1,GRO-1.1,G", ["WEB-1.1,GRO-1.1,GRO-1.2"]),
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


BASH = """\
eval "$(okr-sync completion bash)"
COMP_WORDS=({words} "")
COMP_CWORD={at}
{function}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def press_tab(company: Company, *words: str) -> list[str]:
    """What a real bash offers after these words."""
    bash = shutil.which("bash")
    assert bash is not None
    folder = company.folder / "bin"
    folder.mkdir(exist_ok=True)
    command = folder / "okr-sync"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from sync.cli.main import main; main()" "$@"\n')
    command.chmod(0o755)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OKR_SYNC")}
    environ["PATH"] = f"{folder}{os.pathsep}{environ['PATH']}"
    script = BASH.format(words=" ".join(words), at=len(words), function="_okr_sync_completion okr-sync")
    done = subprocess.run(
        [bash, "--norc", "-c", script], cwd=company.folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_a_real_bash_completes_commands_ids_and_sources(company: Company) -> None:
    assert press_tab(company, "okr-sync", "explain") == ["GRO-1.1", "GRO-1.2", "WEB-1.1", "WEB-2.1"]
    assert press_tab(company, "okr-sync", "discover") == ["crm", "jira"]
    assert {"plan", "run", "init"} <= set(press_tab(company, "okr-sync"))


def test_what_is_wrong_elsewhere_stops_no_completion(company: Company) -> None:
    config = company.folder / "config.yaml"
    config.write_text(config.read_text().replace("kind: jira", "kind: jiar"))
    assert complete(company, "okr-sync discover j") == ["jira"]
    assert complete(company, "okr-sync explain WEB-1") == ["WEB-1.1"]


@pytest.mark.parametrize("text", ["sources: [", "- a\n- b\n", "", "mappings: [x]\n", "mappings: gone/\n", "\xff\xfe"])
def test_a_broken_config_is_silent(company: Company, text: str) -> None:
    (company.folder / "config.yaml").write_bytes(text.encode("latin-1"))
    assert complete(company, "okr-sync explain ") == []


def test_a_key_pressed_loads_no_form_and_no_vendor(company: Company) -> None:
    look = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
    environ = {"_OKR_SYNC_COMPLETE": "bash_complete", "COMP_WORDS": "okr-sync explain ", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", f"{look} from sync.cli.main import main; main()"], cwd=company.folder,
        env=os.environ | environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "WEB-1.1" in done.stdout
    assert set(done.stderr.split()).isdisjoint({"pydantic", "jira", "gspread", "pyairtable", "requests", "openpyxl"})

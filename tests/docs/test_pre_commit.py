"""The hook that pre-commit is given runs a command that exists, once for all files."""

import shlex

import yaml

from sync.cli.main import COMMANDS
from tests.docs.pages import blocks, read


def check_hook(hook):
    program, *words = shlex.split(hook["entry"])
    assert program == "okr-sync"
    assert words[0] in COMMANDS
    assert hook["pass_filenames"] is False
    assert hook["id"] == "okr-sync-check"
    assert hook["language"] in ("python", "system")


def test_the_repositorys_hook():
    (hook,) = yaml.safe_load(read(".pre-commit-hooks.yaml"))
    check_hook(hook)
    assert hook["language"] == "python"


def test_the_pages_hook():
    (text,) = (block for block in blocks(read("docs/mappings.md")) if block.startswith("repos:"))
    config = yaml.safe_load(text)
    (hook,) = config["repos"][0]["hooks"]
    check_hook(hook)

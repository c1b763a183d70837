"""The image of the Dockerfile, as far as it can be known without building it: linter, parts, its user's rights."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.acme import AIRTABLE_TOKEN, JIRA_TOKEN
from tests.support.company import Company, Services, make_company
from tests.support.process import RUNNER
from tests.support.tools import needs_found

ROOT = Path(__file__).parents[2]
HADOLINT = Path(sys.executable).with_name("hadolint")


def lint(path: Path) -> tuple[int, str]:
    said = subprocess.run([HADOLINT, "--no-color", path], capture_output=True, text=True, check=False)
    return said.returncode, said.stdout + said.stderr


def lines() -> list[str]:
    """The Dockerfile's lines but for its comments."""
    return [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]


def copied() -> set[str]:
    """What goes from the folder into the image."""
    return {
        word for line in lines() if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    }


@needs_found("hadolint", HADOLINT.exists())
def test_hadolint_takes_the_dockerfile_and_would_notice(tmp_path: Path) -> None:
    assert lint(ROOT / "Dockerfile") == (0, "")
    spoilt = (ROOT / "Dockerfile").read_text().replace("USER 10001:10001", "USER root").replace("COPY sync", "ADD sync")
    (tmp_path / "Dockerfile").write_text(spoilt)
    code, said = lint(tmp_path / "Dockerfile")
    assert code == 1
    assert [rule for rule in ("DL3002", "DL3020") if rule not in said] == []


def test_the_image_runs_without_rights_and_holds_no_secret() -> None:
    written = lines()
    assert sum(line.startswith("FROM python:3.12-slim") for line in written) == 2
    last = written[max(number for number, line in enumerate(written) if line.startswith("FROM")) :]
    assert "USER 10001:10001" in last
    assert "HOME=/tmp" in next(line for line in last if line.startswith("ENV"))  # a user without an entry has no other
    assert not [line for line in written if "COPY . " in line or line.startswith("ADD") or "HEALTHCHECK" in line]
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line[0] == "!"} == copied()


def test_all_that_the_package_is_built_of_is_there() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, wheel = about["project"], about["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert copied() == {"pyproject.toml", project["readme"], "LICENSE", *wheel["packages"]}
    [extras] = [line.partition("=")[2].split(",") for line in lines() if line.startswith("ARG EXTRAS=")]
    assert set(extras) <= set(project["optional-dependencies"])


@pytest.fixture
def mounted() -> Iterator[Path]:
    """A folder that anybody may read and nobody may write, as a volume that is mounted read-only."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def run_without_rights(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """okr-sync with the image's environment and no other; of root's powers none."""
    python = Path(sys.executable).absolute()
    [given] = [line.removeprefix("ENV ").split() for line in lines() if line.startswith("ENV ")]
    settings = {**dict(each.split("=", 1) for each in given), "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*powerless, python, "-c", RUNNER, *words],
        cwd=folder, env=settings | environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


@needs_found("setpriv", os.geteuid() != 0 or shutil.which("setpriv"))
def test_a_run_needs_no_home_and_writes_nothing_but_the_sheet(acme: Services, mounted: Path) -> None:
    company: Company = make_company(acme, mounted)
    company.fill()
    for path in mounted.iterdir():
        path.chmod(0o444)
    before = {path.name: path.read_bytes() for path in mounted.iterdir()}
    mounted.chmod(0o555)
    said = run_without_rights(mounted, "--config", "other.yaml", "init")
    assert (said.returncode, "Permission denied" in said.stderr) == (2, True), said.stderr  # nothing can be written
    secrets = {"JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    said = run_without_rights(mounted, "run", "--json", **secrets)
    assert said.returncode in (0, 4), said.stderr
    assert json.loads(said.stdout)["version"] == 1
    assert company.shows("WEB-1.1", "Status") != ""
    assert {path.name: path.read_bytes() for path in mounted.iterdir()} == before
